"""The form of an action, from the procedure file to the page (操作表单): FieldDef → FieldView, and back with its files.

The rules about values stay in the kernel; here is only what to draw, what to choose from, and how files arrive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from linli.base.codes import truncate
from linli.base.errors import LinliError
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Organisation
from linli.kernel.people.queries import organisations
from linli.kernel.procedures import keys
from linli.kernel.procedures.definitions import Action, FieldDef, Procedure
from linli.kernel.procedures.fields import BUILT_IN, GROUNDS
from linli.kernel.procedures.models import Case, Recusal
from linli.kernel.records.models import Upload
from linli.kernel.records.uploads import take_upload, take_voice_note
from linli.web.forms import Choice, FieldView, KeptFile, read
from linli.web.registry import choices_of, suggested

MOST_ORGANISATIONS = 500
PHOTOS, DOCUMENTS = "image/jpeg,image/png,image/webp,image/heic", "application/pdf"
VOICES = "audio/webm,audio/ogg,audio/mp4"
YES_NO = (Choice("true", Text("是", "Yes")), Choice("false", Text("否", "No")))
SUGGESTED = Text("建议", "Suggested")
#: How the kernel's own types are drawn where the names differ.
DRAWN = {
    "ground": "radio",
    "boolean": "radio",
    "photos": "files",
    "voice": "files",
    "case_number": "string",
    "organisation": "choice",
    "organisations": "checkboxes",
}
#: What the case says already is filled in for these; anything else is written anew each time.
PREFILLED = frozenset({"choice", "radio"})


def field_views(
    procedure: Procedure,
    form: Sequence[str],
    optional: Sequence[str] = (),
    *,
    actor: Actor,
    case: Case | None = None,
    action: Action | None = None,
    area_prefix: str = "",
    given: Mapping[str, Any] | None = None,
    suggest: bool = True,
) -> list[FieldView]:
    """The questions of a form in the file's order (表单字段); `given` are values that a link brings along."""
    prefix = case.grid if case is not None else area_prefix
    source = _Organisations(prefix, case)
    views = []
    for code in (*form, *optional):
        definition = procedure.fields[code]
        if definition.type == "voice" and not actor.is_staff:
            continue  # recordings are taken by staff in the field alone
        required = definition.required and code not in optional
        view = _view(definition, required, case, actor, action, source)
        if suggest and view.type != "files":
            view = _with_suggestions(view, suggested(definition, case, actor))
        value = (given or {}).get(code)
        views.append(view.with_value(value) if value not in (None, "", []) else view)
    return views


def _view(
    definition: FieldDef,
    required: bool,
    case: Case | None,
    actor: Actor,
    action: Action | None,
    source: _Organisations,
) -> FieldView:
    kind = definition.type
    view = FieldView(
        definition.code,
        definition.title,
        DRAWN.get(kind, kind if kind in BUILT_IN or kind == "files" else "string"),
        required=required,
        hint=definition.hint or "",
        max=definition.max,
        min=definition.options.get("min"),
    )
    match kind:
        case "photos" | "files":
            accept = PHOTOS if kind == "photos" or not actor.is_staff else f"{PHOTOS},{DOCUMENTS}"
            return replace(view, multiple=definition.max != 1, accept=accept, max=None)
        case "voice":
            return replace(view, multiple=definition.max != 1, accept=VOICES, max=None)
        case "boolean":
            return replace(view, choices=YES_NO, extra={"side": True})
        case "choice" | "radio" | "checkboxes":
            side = {"side": len(definition.choices) > 3}
            choices = [Choice(c, label) for c, label in definition.choices]
            view = replace(view, choices=choices, extra=side, max=None)
        case "ground":
            grounds = action.suspends.grounds if action and action.suspends else ()
            return replace(view, choices=[Choice(g, GROUNDS.get(g, Text(g, g))) for g in grounds])
        case "organisation" | "organisations":
            view = replace(view, choices=source.choices(definition), max=None)
        case _ if brought := choices_of(kind):
            choices = list(brought.choices(definition, case, actor))
            view = replace(view, type=brought.drawn_as, choices=choices, max=None)
    return _with_known(view, definition, case)


def _with_known(view: FieldView, definition: FieldDef, case: Case | None) -> FieldView:
    if case is None or definition.assigns:
        return view
    known = case.facts.get(definition.code)
    may = definition.type in PREFILLED or choices_of(definition.type) is not None
    return view.with_value(known) if may and known not in (None, "", []) else view


def _with_suggestions(view: FieldView, first: Sequence[Choice]) -> FieldView:
    """Suggestions stand first with their reason; a single one is already chosen, and changed with one click."""
    offered = {c.value for c in view.choices}
    first = [c for c in first if not offered or c.value in offered]
    if not first:
        return view
    values = {c.value for c in first}
    if view.type == "radio":  # few and in an order that means something: the place stays, the reason is added
        reasons_by = {c.value: c.hint for c in first}
        choices = [replace(c, hint=reasons_by.get(c.value, c.hint)) for c in view.choices]
        value = first[0].value if len(first) == 1 and view.value in (None, "") else view.value
        return replace(view, choices=choices, value=value)
    rest = [c for c in view.choices if c.value not in values]
    named = [replace(c, group=SUGGESTED) for c in first]
    reasons = [Text("{x}：{why}", "{x}: {why}").format(x=c.label, why=c.hint) for c in first if c.hint]
    hint = reasons[0] if len(reasons) == 1 and not view.hint else view.hint
    others = [replace(c, group=c.group or Text("全部", "All")) for c in rest]
    value = first[0].value if len(first) == 1 and view.value in (None, "") else view.value
    return replace(view, choices=[*named, *others], hint=hint, value=value)


class _Organisations:
    """The organisations to choose from (可选单位): asked once a form, without those that must stay out."""

    def __init__(self, prefix: str, case: Case | None) -> None:
        self.county = truncate(prefix, "county") if len(prefix) >= 6 else prefix
        self.township = prefix[:9]
        self.case = case
        self._found: list[Organisation] | None = None

    def found(self) -> list[Organisation]:
        if self._found is None:
            rows = organisations(under=self.county).order_by("kind", "code")
            if self.case is not None and self.case.recused:
                barred = Recusal.objects.filter(case=self.case).values("organisation_id")
                rows = rows.exclude(pk__in=barred)
            self._found = list(rows[:MOST_ORGANISATIONS])
        return self._found

    def choices(self, definition: FieldDef) -> list[Choice]:
        here, county, other = [], [], []
        for o in self.found():
            prefix = o.area.prefix
            if len(prefix) >= 9 and prefix[:9] == self.township:
                here.append(Choice(o.code, o.title, group=Text("本乡镇（街道）", "This town")))
            elif len(prefix) <= 6:
                county.append(Choice(o.code, o.title, group=Text("县（区）直单位", "County departments")))
            else:
                other.append(Choice(o.code, o.title, group=Text("其他乡镇（街道）", "Other towns")))
        return [*county, *here, *other]


# ------------------------------------------------------------------------------------------- what was sent


@dataclass
class Entered:
    """What came with a post (提交内容): `data` for the engine, `files` for the page that asks again."""

    data: dict[str, Any]
    files: dict[str, list[KeptFile]] = field(default_factory=dict)
    errors: dict[str, Text] = field(default_factory=dict)


def entered(
    views: Iterable[FieldView],
    post: QueryDict,
    files: MultiValueDict[str, UploadedFile[Any]],
    *,
    by: Actor,
    client_key: str,
) -> Entered:
    """Read a form with its files (读取提交内容): each file is taken in at once and need not be chosen again."""
    views = list(views)
    raw = read(views, post)
    found = Entered({code: value for code, value in raw.items() if value not in (None, "", [])})
    owner = keys.owner_of(by, client_key)
    for view in views:
        if view.type == "files":
            _take_files(found, view, files.getlist(view.code), by, owner)
    return found


def _take_files(
    found: Entered, view: FieldView, new: Sequence[UploadedFile[Any]], by: Actor, owner: str
) -> None:
    uids = list(found.data.get(view.code, []))
    for file in new:
        is_document = DOCUMENTS in view.accept and _is_pdf(file)
        try:
            if view.accept == VOICES:
                upload = take_voice_note(file, by=by, owner=owner, name=file.name or "")
            else:
                upload = take_upload(file, by=by, owner=owner, name=file.name or "", document=is_document)
        except LinliError as error:
            found.errors[view.code] = error.message
        else:
            uids.append(str(upload.uid))
    if uids:
        found.data[view.code] = uids
        found.files[view.code] = kept_files(uids, owner)


def _is_pdf(file: UploadedFile[Any]) -> bool:
    start = file.read(5)
    file.seek(0)
    return bool(start == b"%PDF-")


def kept_files(uids: Sequence[str], owner: str) -> list[KeptFile]:
    """Uploads that wait for their form (已收到的文件), for whoever sent them."""
    wanted = [uid for text in uids if (uid := _uuid(text))]
    rows = Upload.objects.filter(uid__in=wanted, owner=owner).select_related("file").order_by("id")
    unnamed = str(Text("照片", "photo"))
    return [
        KeptFile(
            str(row.uid),
            row.name or unnamed,
            reverse("web:upload", args=[row.uid]) if row.public_file_id and owner[:8] == "account:" else "",
        )
        for row in rows
    ]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def seq_seen(post: Mapping[str, str], name: str = "seq") -> int | None:
    """Up to which record the person had read the case (看到第几条); None when the form does not say it in plain digits."""
    text = post.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def again(views: Iterable[FieldView], sent: Entered, errors: Mapping[str, Text]) -> list[FieldView]:
    """The same questions with what was entered and what to mend (带回填写内容)."""
    wrong = {**errors, **sent.errors}
    return [
        view.with_value(
            sent.files.get(view.code) if view.type == "files" else sent.data.get(view.code),
            wrong.get(view.code, ""),
        )
        for view in views
    ]
