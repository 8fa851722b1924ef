"""The form of an application as a page draws and reads it (申请表的页面): the same questions online, at the window, on paper."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from linli.base import clock
from linli.base.errors import LinliError
from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.domains.matters import form, queries
from linli.domains.matters.guide import cited, in_words
from linli.domains.matters.life_events import form_so_far
from linli.domains.matters.spec import NEEDS, FormField, Material, MatterSpec, holds
from linli.kernel.people.actors import Actor
from linli.kernel.people.known import Known
from linli.kernel.people.services.drafts import forget_draft, holder_of, keep_draft, kept_draft
from linli.kernel.places.models import Area
from linli.kernel.procedures import keys
from linli.kernel.records.models import Upload
from linli.kernel.records.uploads import take_upload
from linli.web.actionforms import DOCUMENTS, YES_NO, kept_files
from linli.web.forms import Choice, FieldView, KeptFile, read

FEW = 5
MOST_FILES = 30
TYPES = {"line": "string", "place": "string", "number": "string", "money": "string", "boolean": "radio"}


@dataclass(frozen=True)
class Asking:
    """What is applied for, and its form (申请什么): a matter, or a life event with those services that are needed."""

    code: str
    kind: str  # matter | life
    title: Text
    short: Text
    form: form.Form
    spec: MatterSpec | None = None

    @property
    def draft_kind(self) -> str:
        return f"matters.apply.{self.kind}.{self.code}"[:60]


def asking(
    kind: str, code: str, area: Area | None, answers: Mapping[str, Any], at: datetime | None = None
) -> Asking:
    """The form that is in force in a place today (现行申请表). Absent: what cannot be applied for there."""
    at = at or clock.now()
    county = queries.county_of(area)
    if kind == "life":
        _, bundle = queries.life_event(code, county)
        return Asking(code, kind, bundle.title, bundle.short, form_so_far(bundle, county, answers, at))
    spec = queries.spec_of(queries.matter_in_force(code, clock.local(at).date(), county))
    return Asking(code, kind, spec.title, spec.short, form.form_of(spec), spec)


# ------------------------------------------------------------------------------------------ a draft


@dataclass
class Draft:
    """An application that is being written (申请草稿): kept sealed with the account for a week."""

    key: str
    answers: dict[str, Any] = field(default_factory=dict)
    papers: dict[str, str] = field(default_factory=dict)
    files: dict[str, list[str]] = field(default_factory=dict)
    commitment: bool = False


def draft_of(account_id: int | None, kind: str) -> Draft:
    kept = kept_draft(holder_of(account_id, ""), kind)
    try:
        return Draft(**json.loads(kept)) if kept else Draft(str(uuid7()))
    except (ValueError, TypeError):  # from before an update
        return Draft(str(uuid7()))


def keep(account_id: int | None, kind: str, draft: Draft) -> None:
    if holder := holder_of(account_id, ""):
        keep_draft(holder, kind, json.dumps(asdict(draft)))


def forget(account_id: int | None, kind: str) -> None:
    forget_draft(holder_of(account_id, ""), kind)


# ------------------------------------------------------------------------------------------ questions


def questions(
    asked: form.Form, values: Mapping[str, Any], known: Mapping[str, Known], wrong: Mapping[str, Text | str]
) -> list[FieldView]:
    """The questions that have to be answered (要填的问题); those that a register answers are shown, not asked.

    A question that only arises from an answer says so, and is hidden by script until it does.
    """
    return [
        _view(asked, f, values.get(f.code), wrong.get(f.code, ""))
        for f in asked.fields
        if not _given(f, known) or f.element.startswith(form.OF_ANOTHER)
    ]


def questions_at_window(asked: form.Form) -> list[FieldView]:
    """The same questions at the window (窗口的问题): what a register may answer is not demanded, since it is known once the
    person is."""
    hint = Text(
        "登记里有的不用填，提交时带出。", "Leave it empty where the register has it; it is brought along."
    )
    prefilled = {f"a.{f.code}" for f in asked.fields if f.prefilled}
    return [
        replace(view, required=False, hint=hint) if view.code in prefilled else view
        for view in questions(asked, {}, {}, {})
    ]


def _given(f: FormField, known: Mapping[str, Known]) -> bool:
    return bool(f.prefilled and f.element in known)


def _view(asked: form.Form, f: FormField, value: Any, error: Text | str) -> FieldView:
    only = in_words(as_spec(asked), f.when)
    hint: Text | str = f.hint or ""
    if only is not None:
        more = f.hint or Text("", "")
        hint = Text(f"{only.zh}才填。{more.zh}", f"Only {only.en}. {more.en}".strip())
    extra: dict[str, Any] = {"when": json.dumps(f.when) if f.when else ""}
    choices: Sequence[Choice] = [Choice(code, title) for code, title in f.choices]
    kind = TYPES.get(f.type, f.type)
    if f.type == "boolean":
        choices, extra = YES_NO, {**extra, "side": True}
    elif f.type == "choice":
        kind = "radio" if len(choices) <= FEW else "choice"
        extra["side"] = len(choices) > 3
    elif f.type == "choices":
        kind = "checkboxes"
    if f.type == "boolean" and isinstance(value, bool):
        value = "true" if value else "false"
    return FieldView(
        f"a.{f.code}",
        f.title,
        kind,
        required=f.required and f.when is None,
        hint=hint,
        choices=choices,
        value=value,
        error=error,
        max=form.LONGEST.get(f.type),
        extra=extra,
    )


def as_spec(asked: form.Form) -> Any:
    """`in_words` asks only for fields by code."""
    return _Fields(asked.fields)


@dataclass(frozen=True)
class _Fields:
    fields: tuple[FormField, ...]

    def field(self, code: str) -> FormField | None:
        return next((f for f in self.fields if f.code == code), None)


def answers_in(views: Iterable[FieldView], post: QueryDict) -> dict[str, Any]:
    """What was sent (读取填写内容); what was left open is left out."""
    found = read(views, post)
    return {code.removeprefix("a."): v for code, v in found.items() if v not in (None, "", [])}


@dataclass(frozen=True)
class Given:
    """A value that a register gives (已知的一项): what, from where, as of which day."""

    title: Text
    value: Text | str
    source: Text
    as_of: Any


ABOUT = {
    "person.name": Text("姓名", "Name"),
    "person.id_number": Text("证件号码", "Number of the card"),
    "person.phone": Text("电话", "Phone"),
    "person.address": Text("住址", "Address"),
}


def given(asked: form.Form, known: Mapping[str, Known], *, hidden: bool = False) -> list[Given]:
    """What need not be filled in, with source and day (免填的内容). `hidden`: to somebody who acts for the person, that it is
    known and not what, since a mandate opens no data of theirs."""
    rows = [(title, known[code]) for code, title in ABOUT.items() if code in known]
    rows += [
        (f.title, known[f.element])
        for f in asked.fields
        if _given(f, known) and not f.element.startswith(form.OF_ANOTHER)
    ]
    there = Text("登记里有，提交时带出", "on the register, brought along")
    return [
        Given(title, there if hidden else str(k.value).removeprefix("+86"), k.source, k.as_of)
        for title, k in rows
    ]


# ------------------------------------------------------------------------------------------ papers


@dataclass(frozen=True)
class PaperView:
    """One paper on the page (一份材料): how it may come, what was chosen, what came already."""

    code: str
    title: Text
    about: Text
    basis: Text
    only: Text | None
    ways: list[tuple[str, Text]]
    state: str
    files: list[KeptFile]
    error: Text | str
    looked_up: bool


WAYS = {
    "uploaded": Text("拍照上传", "Upload a photo"),
    "brought": Text("已带来", "Brought"),
    "bring": Text("到窗口时带来", "I bring it to the window"),
    "later": Text("容缺后补", "It follows later"),
}


def papers(
    asked: form.Form,
    values: Mapping[str, Any],
    draft: Draft,
    wrong: Mapping[str, Text | str],
    *,
    owner: str,
    at_window: bool,
) -> list[PaperView]:
    """The papers that somebody who answers like this hands in (要交的材料)."""
    return [
        _paper(asked, m, draft, wrong, owner, at_window) for m in asked.materials if holds(m.when, values)
    ]


def _paper(
    asked: form.Form, m: Material, draft: Draft, wrong: Mapping[str, Text | str], owner: str, at_window: bool
) -> PaperView:
    ways = ["brought", "uploaded"] if at_window else ["uploaded", "bring"]
    if m.need == "tolerable":
        ways.append("later")
    about = [NEEDS[m.need]] if m.need == "tolerable" else []
    if m.pages > 1:
        about.append(Text(f"{m.pages} 份", f"{m.pages} copies"))
    files = kept_files(draft.files.get(m.code, []), owner)
    return PaperView(
        m.code,
        m.title,
        Text(" · ".join(t.zh for t in about), " · ".join(t.en for t in about)),
        cited(m.basis),
        in_words(as_spec(asked), m.when),
        [(w, WAYS[w]) for w in ways],
        draft.papers.get(m.code) or ("uploaded" if files else ""),
        files,
        wrong.get(m.code, ""),
        m.source == "register",
    )


def take_papers(
    asked: form.Form,
    draft: Draft,
    post: QueryDict,
    files: MultiValueDict[str, UploadedFile[Any]],
    *,
    by: Actor,
) -> dict[str, Text]:
    """Read what was said of each paper and take its photos in (收下材料照片); gives what could not be taken."""
    owner, wrong = keys.owner_of(by, draft.key), dict[str, Text]()
    for m in asked.materials:
        kept = [uid for uid in post.getlist(f"f.{m.code}.kept") if _ours(uid, draft.files.get(m.code, []))]
        for file in files.getlist(f"f.{m.code}"):
            if sum(map(len, draft.files.values())) >= MOST_FILES:
                wrong[m.code] = Text(f"最多 {MOST_FILES} 张，多的没有收。", f"At most {MOST_FILES} photos.")
                break
            document = by.is_staff and file.content_type == DOCUMENTS
            try:
                upload = take_upload(
                    file, by=by, owner=owner, name=f"{m.title.zh}-{file.name or ''}", document=document
                )
            except LinliError as refused:
                wrong[m.code] = refused.message
                continue
            kept.append(str(upload.uid))
        draft.files[m.code] = kept
        said = post.get(f"p.{m.code}", "")
        if kept:
            said = "uploaded"
        elif said == "uploaded":
            said = ""
        draft.papers[m.code] = said
    draft.files = {code: uids for code, uids in draft.files.items() if uids}
    draft.papers = {code: said for code, said in draft.papers.items() if said}
    return wrong


def _ours(uid: str, known: Sequence[str]) -> bool:
    try:
        return str(UUID(uid)) in {str(UUID(k)) for k in known}
    except ValueError:
        return False


def all_files(draft: Draft) -> list[str]:
    """Every upload that is still there (全部上传)."""
    wanted = [uid for uids in draft.files.values() for uid in uids]
    there = {str(u) for u in Upload.objects.filter(uid__in=wanted).values_list("uid", flat=True)}
    return [uid for uid in wanted if uid in there]
