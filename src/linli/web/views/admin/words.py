"""A procedure's words (程序文字): titles, hints, the order of choices and what staff must fill in, worded by the county itself;
checked, looked at, then saved as its next version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from linli.base.errors import Invalid, LinliError, NotAllowed, absent
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.amending import file_of, scheduled_from
from linli.kernel.procedures.checks import Finding
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.loader import procedure_from
from linli.kernel.procedures.rewording import (
    ANYWHERE,
    WHOLE,
    NeedRow,
    WordRow,
    need_rows,
    own_fields,
    word_changes,
    word_rows,
)
from linli.kernel.procedures.versions import current_procedures, shipped_files
from linli.web.actionforms import field_views
from linli.web.faces import actor_of
from linli.web.forms import FieldView, filled, read
from linli.web.views.admin.door import admin_only
from linli.web.views.admin.limits import BASIS, FROM
from linli.web.views.admin.proposals import (
    Proposal,
    area_chosen,
    history_url,
    in_hand,
    own_areas,
    proposal,
    save,
    was_shown,
)
from linli.web.views.admin.screens import MEND, day, finish

NOTHING = Text(
    "还没有改动。请先改一处文字、次序或必填。",
    "Nothing is changed yet. Change a wording, an order or what is needed first.",
)
MOST_SHOWN = 4  # forms that are drawn as they will look


@dataclass(frozen=True)
class Entry:
    """One wording in the form (文字填写行), in both languages."""

    row: WordRow
    id: str
    zh: str
    en: str
    error: Text | str

    @property
    def title(self) -> Text:
        return Text(f"{self.row.place.zh} · {self.row.kind.zh}", f"{self.row.place.en} · {self.row.kind.en}")

    @property
    def is_changed(self) -> bool:
        old = (self.row.text.zh, self.row.text.en) if self.row.text else ("", "")
        return (self.zh, self.en) != old


@dataclass
class Group:
    """A step or a field with all its words (一组文字); open where something in it is changed or wrong."""

    code: str
    title: Text
    is_field: bool = False
    entries: list[Entry] = field(default_factory=list)
    needs: list[tuple[NeedRow, bool]] = field(default_factory=list)
    order: list[tuple[str, Text, int]] = field(default_factory=list)
    moved: bool = False

    @property
    def is_open(self) -> bool:
        changed = any(e.is_changed or e.error for e in self.entries)
        return changed or self.moved or any(r.needed != now for r, now in self.needs)


@admin_only
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Word a procedure for a county (修改程序文字): entered, checked and looked at, then saved as its next version."""
    actor = actor_of(request)
    areas = own_areas(actor)
    if not areas or code not in {p.code for p in current_procedures()}:
        raise absent(Text("程序", "procedure"))
    area = area_chosen(request, areas)
    procedure = in_hand(code, area.prefix)
    default = procedure_from(shipped_files()[code][1])
    coming = scheduled_from(code, area.prefix)
    fields = (BASIS, FROM)
    entered: Mapping[str, Any] = {"valid_from": coming.isoformat() if coming else ""}
    post = request.POST if request.method == "POST" else None
    found: Proposal | None = None
    error: LinliError | None = None
    wrong: dict[str, Text] = {}
    if post is not None:
        entered = read(fields, post)
        try:
            changes = word_changes(
                procedure,
                default,
                _words(procedure, post),
                _orders(procedure, post),
                _needed(procedure, default, post),
            )
            if not changes:
                raise Invalid("web.nothing_changed", NOTHING)
            basis, since = entered["basis"] or "", day(dict(entered), "valid_from")
            found = proposal(file_of(code, area.prefix, changes, basis=basis, valid_from=since), by=actor)
            if was_shown(request, found) and found.may_load:
                return finish(request, save(found, by=actor, because=basis))
            wrong = _placed(found.override.findings)
        except NotAllowed:
            raise
        except LinliError as refused:
            error = refused
            wrong = refused.fields if isinstance(refused, Invalid) else {}
    groups = _groups(procedure, default, post, wrong)
    fields_shown = filled(fields, entered, wrong)
    to_mend = [FieldView(e.id, e.title, error=e.error) for g in groups for e in g.entries if e.error]
    context = {
        "procedure": procedure,
        "area": area,
        "groups": groups,
        "fields": fields_shown,
        "to_mend": [*to_mend, *fields_shown],
        "found": found,
        "looks": _looks(procedure, found.override.procedure, actor, area.prefix)
        if found and found.may_load
        else [],
        "message": (MEND if wrong else error.message) if error else "",
        "trail": [
            (Text("程序", "Procedures"), reverse("web:admin_procedures")),
            (procedure.title, reverse("web:admin_procedure", args=[code])),
        ],
        "history": history_url(code, area.prefix),
        "coming": coming,
    }
    status = error.status if error else 422 if found and found.override.findings else 200
    return render(request, "web/admin/words_edit.html", context, status=status)


def _words(procedure: Procedure, post: QueryDict) -> dict[str, tuple[str, str]]:
    """What was sent of the words; a row that was not sent stays as it is."""
    return {
        row.code: (
            " ".join(str(post[f"zh.{row.code}"]).split()),
            " ".join(str(post.get(f"en.{row.code}", "")).split()),
        )
        for row in word_rows(procedure)
        if f"zh.{row.code}" in post
    }


def _orders(procedure: Procedure, post: QueryDict) -> dict[str, list[str]]:
    """The choices by the numbers beside them; equal numbers stay in the order they had."""
    found = {}
    for f in own_fields(procedure):
        if not f.choices or f"at.{f.code}.{f.choices[0][0]}" not in post:
            continue
        numbered = []
        for n, (value, _) in enumerate(f.choices, 1):
            said = post.get(f"at.{f.code}.{value}", "").strip()
            numbered.append((int(said) if said.isdecimal() and len(said) < 4 else n, n, value))
        found[f.code] = [value for _, _, value in sorted(numbered)]
    return found


def _needed(procedure: Procedure, default: Procedure, post: QueryDict) -> dict[str, bool]:
    if "needs" not in post:
        return {}
    ticked = set(post.getlist("need"))
    return {row.code: row.code in ticked for row in need_rows(procedure, default)}


def _placed(findings: tuple[Finding, ...]) -> dict[str, Text]:
    return {
        ".".join(map(str, f.keys)): Text(f.message.zh + f.mend.zh, f"{f.message.en} {f.mend.en}")
        for f in findings
    }


def _groups(
    procedure: Procedure, default: Procedure, post: QueryDict | None, wrong: Mapping[str, Text]
) -> list[Group]:
    titles = {"whole": WHOLE, "anywhere": ANYWHERE}
    found: dict[str, Group] = {}
    for n, row in enumerate(word_rows(procedure), 1):
        is_field = row.group.startswith("fields.")
        group = found.setdefault(row.group, Group(row.group, titles.get(row.group, row.place), is_field))
        old = (row.text.zh, row.text.en) if row.text else ("", "")
        zh, en = (
            post.get(f"{k}.{row.code}", was) if post else was
            for k, was in zip(("zh", "en"), old, strict=True)
        )
        group.entries.append(Entry(row, f"w-{n}", zh, en, wrong.get(row.code, "")))
    sent = _needed(procedure, default, post) if post is not None else {}
    for need in need_rows(procedure, default):
        group = found.setdefault(need.group, Group(need.group, titles.get(need.group, need.place)))
        group.needs.append((need, sent.get(need.code, need.needed)))
    orders = _orders(procedure, post) if post is not None else {}
    for f in own_fields(procedure):
        order = orders.get(f.code, [value for value, _ in f.choices])
        group = found[f"fields.{f.code}"]
        group.order = [(value, title, order.index(value) + 1) for value, title in f.choices]
        group.moved = order != [value for value, _ in f.choices]
    return list(found.values())


def _looks(old: Procedure, new: Procedure, actor: Actor, prefix: str) -> list[tuple[Text, list[FieldView]]]:
    """The forms that a change touches, as they will look (改后的表单)."""
    changed = {code for code, f in new.fields.items() if f != old.fields.get(code)}
    forms = [(Text("登记", "Opening"), new.open_form, new.open_optional, old.open_optional)]
    for step in new.steps.values():
        for act in step.actions.values():
            was = old.steps[step.code].actions[act.code]
            title = Text(f"{step.title.zh} · {act.title.zh}", f"{step.title.en} · {act.title.en}")
            forms.append((title, act.form, act.optional, was.optional))
    found: list[tuple[Text, list[FieldView]]] = []
    for title, form, optional, before in forms:
        asked = tuple(dict.fromkeys((*form, *optional)))
        if changed & set(asked) or set(optional) != set(before):
            must = tuple(c for c in asked if c not in optional)
            rest = tuple(c for c in asked if c in optional)
            views = field_views(new, must, rest, actor=actor, area_prefix=prefix, suggest=False)
            n = len(found) + 1
            found.append((title, [replace(v, code=f"look-{n}-{v.code}") for v in views if v.type != "place"]))
    return found[:MOST_SHOWN]
