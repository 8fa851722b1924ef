"""Reading one case (看一件): its timeline, its facts, its files, who has it and why its due day is what it is.

What each reader gets is decided here, for pages and API alike. Staff who may see the case read what was entered;
personal fields are masked for the roles that the field names and absent for all others. Each look of theirs at a file
that only those named may see is entered. A party reads the public
facts, what they entered themselves, and the reasons of decisions they are told of; never a field marked internal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from linli.base.codes import mask_id, mask_name, mask_phone
from linli.base.errors import absent
from linli.base.i18n import Text, text_from
from linli.base.legaltime import Due
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Account, Post
from linli.kernel.people.services.looks import record_look
from linli.kernel.procedures.deadlines import case_due as case_due
from linli.kernel.procedures.deadlines import case_limits as case_limits
from linli.kernel.procedures.deadlines import segments_shown as segments_shown
from linli.kernel.procedures.definitions import Action, FieldDef, Procedure
from linli.kernel.procedures.fields import masked_value, show_value
from linli.kernel.procedures.hands import DECIDES
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.namedlooks import looked_into
from linli.kernel.procedures.offered import OUTSIDE
from linli.kernel.procedures.onbehalf import helpers_in
from linli.kernel.procedures.own_records import (
    LINKED_ENDED,
    OFFICES_ALONE,
    OWN_ACTIONS,
    OWN_FIELDS,
    REMEDY_OPENED,
    field_named,
)
from linli.kernel.procedures.parts import DISPUTED
from linli.kernel.procedures.pauses import segments_of, task_counted, told_by
from linli.kernel.procedures.pinned import procedures_at
from linli.kernel.procedures.readers import hats_on, roles_on
from linli.kernel.procedures.readers import is_follower as is_follower
from linli.kernel.procedures.readers import is_own as is_own
from linli.kernel.procedures.readers import is_party as is_party
from linli.kernel.procedures.roles import role_title
from linli.kernel.procedures.sealing import open_fact
from linli.kernel.procedures.sweeper import WORDS
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.records.models import Attachment, ErasableFact, Record

MASKS = {"phone": mask_phone, "id_number": mask_id}
OWN_TITLES = {  # of the kernel's own records
    "claim": Text("认领", "Claimed"),
    "recounted": Text("按公布的放假安排重算时限", "Counted anew by the published days off"),
    "imported": Text("由历史记录导入", "Taken over from old records"),
}
LINKED = frozenset({REMEDY_OPENED.code, LINKED_ENDED.code})
REPORTER = Text("反映人", "The reporter")
PARTY_NAME = Text("当事人", "The party")
SYSTEM_NAME = Text("系统", "System")
RAISED = Text("您提出了这件事", "You raised this")


@dataclass(frozen=True)
class FactView:
    """One fact as this reader may see it (一项内容)."""

    code: str
    title: Text
    value: Any
    seq: int
    masked: bool = False
    can_reveal: bool = False
    erased: bool = False


@dataclass(frozen=True)
class EntryView:
    """One line of the timeline (时间线的一条)."""

    seq: int
    at: datetime
    action: str
    title: Text
    who: Text
    post: Text | None
    to_step: Text | None
    facts: tuple[FactView, ...]
    warning: str = ""  # remind | yellow | red
    helper: str = ""  # who acted for the party, masked
    done_at: datetime | None = None  # when it was done, by the clock of a phone, where it came in later


@dataclass(frozen=True)
class TaskView:
    task: Task
    step: Text
    holder: Text
    due: Due
    paused: bool


def timeline(case: Case, actor: Actor) -> list[EntryView]:
    """The case's record as this person may read it (办理过程), in four queries however long it is."""
    party, follower = is_party(case, actor), is_follower(case, actor)
    roles = frozenset() if party else roles_on(case, actor)
    if not party:
        looked_into(case, by=actor)
    rows = list(Record.objects.filter(case_id=case.pk).order_by("seq"))
    pinned = procedures_at(case, rows)
    sealed: dict[int, list[ErasableFact]] = {}
    for fact in ErasableFact.objects.filter(case_id=case.pk).order_by("id"):
        sealed.setdefault(fact.seq, []).append(fact)
    names = {a.pk: a.title for a in Account.objects.filter(pk__in={r.actor for r in rows if r.actor})}
    posts = {
        p.pk: p
        for p in Post.objects.filter(pk__in={r.post for r in rows if r.post}).select_related("organisation")
    }
    helpers = helpers_in(rows)
    found = []
    for row in rows:
        procedure = pinned[row.seq]
        action = _action(procedure, row)
        warning = row.action.removeprefix("clock.") if row.action.startswith("clock.") else ""
        if party and (warning or not _told(action, procedure)) and row.action != "open" and not _own(row):
            continue
        if party and row.action == LINKED_ENDED.code and OFFICES_ALONE in row.facts:
            continue
        if follower and row.action in LINKED:
            continue  # what the applicant sought against a decision is between them and the office
        post = posts.get(row.post) if row.post else None
        found.append(
            EntryView(
                seq=row.seq,
                at=row.at,
                action=row.action,
                title=opening_title(case, procedure, party=party, follower=follower)
                if row.action == "open"
                else _entry_title(row, action, party, warning),
                who=_who(row, names, procedure, post.organisation.title if post else None, party, follower),
                post=post.organisation.title if post else None,
                to_step=procedure.steps[row.to_step].title if row.to_step in procedure.steps else None,
                facts=tuple(
                    _facts_of(row, sealed.get(row.seq, ()), procedure, action, roles, party, follower)
                ),
                warning=warning,
                helper="" if follower else helpers.get(row.seq, ""),
                done_at=_done_at(row),
            )
        )
    return _without_hidden(found, pinned, actor)


def _done_at(row: Record) -> datetime | None:
    found = json.loads(row.facts).get("done_at")
    return datetime.fromisoformat(found) if found else None


def _without_hidden(found: list[EntryView], pinned: Mapping[int, Procedure], actor: Actor) -> list[EntryView]:
    """A case that the reader may not see is not named in another either (不露看不到的办件)."""

    def names_a_case(fact: FactView) -> bool:
        definition = field_named(pinned[fact.seq], fact.code)
        return definition is not None and definition.type == "case_number"

    named = {str(f.value) for entry in found for f in entry.facts if names_a_case(f)}
    if not named:
        return found
    seen = set(visible_to(actor).filter(number__in=named).values_list("number", flat=True))
    return [
        replace(e, facts=tuple(f for f in e.facts if not names_a_case(f) or str(f.value) in seen))
        for e in found
    ]


def _action(procedure: Procedure, row: Record) -> Action | None:
    if row.action in OWN_ACTIONS:
        return OWN_ACTIONS[row.action]
    return procedure.action(row.from_step, row.action) if row.from_step in procedure.steps else None


def _told(action: Action | None, procedure: Procedure) -> bool:
    return _tells_party(action, procedure) or (action is not None and action.public_words is not None)


def _tells_party(action: Action | None, procedure: Procedure) -> bool:
    return action is not None and "applicant" in told_by(action, procedure)


def _own(row: Record) -> bool:
    return row.actor_kind in {"resident", "reporter", "anonymous"}


def _entry_title(row: Record, action: Action | None, party: bool, warning: str) -> Text:
    if warning:
        return WORDS.get(warning, WORDS["remind"])
    if action is None:
        return OWN_TITLES.get(row.action) or Text(row.action, row.action)
    title = action.public_words if party and action.public_words else action.title
    if row.action in LINKED:
        note = json.loads(row.facts)["note"]
        return title.format(x=text_from(note["procedure"]), how=text_from(note["how"]))
    return title


def opening_title(case: Case, procedure: Procedure, *, party: bool = True, follower: bool = False) -> Text:
    """How the case began (怎么开始的): raised by the person, opened by the office of its own accord, or by another case.
    Nobody reads that they raised what an office opened against them."""
    if case.channel == "case":
        return Text("由另一件产生", "Came out of another case")
    if by_office(procedure):
        return Text("机关登记立案", "Opened by the authority") if party else Text("登记立案", "Opened")
    if not party:
        return Text("提出", "Opened")
    return Text("有人提出了这件事", "Somebody raised this") if follower else RAISED


def by_office(procedure: Procedure) -> bool:
    """Whether only an office can open it (依职权立案): then the person concerned did not ask for it."""
    return not OUTSIDE & set(procedure.opened_by)


def _who(
    row: Record,
    names: dict[int, Text],
    procedure: Procedure,
    organisation: Text | None,
    party: bool,
    follower: bool,
) -> Text:
    """A resident reads which organisation acted; colleagues read who. A reporter is never named here."""
    if _own(row):
        if party and not follower:
            return Text("您", "You")
        return REPORTER if "anyone" in procedure.opened_by else PARTY_NAME
    if row.actor is None:
        return SYSTEM_NAME
    if party:
        return organisation or Text("工作人员", "Staff")
    return names.get(row.actor, SYSTEM_NAME)


def _facts_of(
    row: Record,
    sealed: Iterable[ErasableFact],
    procedure: Procedure,
    action: Action | None,
    roles: frozenset[str],
    party: bool,
    follower: bool,
) -> Iterable[FactView]:
    content = json.loads(row.facts)
    for code, value in (*content["data"].items(), *content.get("part", {}).items()):
        definition = procedure.fields.get(code)
        if definition is not None and value not in (None, "", []) and not (party and definition.internal):
            yield FactView(code, definition.title, show_value(definition, value), row.seq)
    for code, value in content.get("note", {}).items():
        if code in OWN_FIELDS and not (party and OWN_FIELDS[code].internal):
            yield FactView(code, OWN_FIELDS[code].title, show_value(OWN_FIELDS[code], value), row.seq)
    here = {fact.name: fact for fact in sealed}
    for code in json.loads(row.digests):
        definition = field_named(procedure, code)
        if definition is None or not _readable(
            definition, row, action, roles, party, follower, told=_tells_party(action, procedure)
        ):
            continue
        sealed_fact = here.get(code)
        if sealed_fact is None:
            yield FactView(
                code,
                definition.title,
                Text("已按规定删除", "Erased as the rules require"),
                row.seq,
                erased=True,
            )
            continue
        value = open_fact(bytes(sealed_fact.value))
        if definition.personal:
            yield FactView(
                code, definition.title, _masked(definition, value), row.seq, masked=True, can_reveal=not party
            )
        else:
            yield FactView(code, definition.title, show_value(definition, value), row.seq)


def _readable(
    definition: FieldDef,
    row: Record,
    action: Action | None,
    roles: frozenset[str],
    party: bool,
    follower: bool,
    *,
    told: bool,
) -> bool:
    if follower:
        question = action is not None and action.suspends is not None
        return told and not (definition.internal or definition.personal or question or _own(row))
    if party:
        if definition.internal:
            return False
        return _own(row) or row.action == "open" or told
    if definition.personal:
        return bool(roles & set(definition.personal.seen_by))
    return not definition.read_by or bool(roles & set(definition.read_by))


def _masked(definition: FieldDef, value: Any) -> Text | str:
    if (said := masked_value(definition, value)) is not None:
        return said
    return MASKS.get(definition.type, mask_name)(str(value))


def reveal_fact(case: Case, code: str, *, by: Actor, purpose: str, at: datetime | None = None) -> str:
    """Show a personal fact unmasked (查看原文): leaves a trace that the person concerned can read.

    Refuses whoever has no post about this case that the field names, with the answer for what does not exist; refuses
    an empty purpose.
    """
    definition = field_named(procedure_of(case.version_id), code)
    personal = definition.personal if definition else None
    fact = ErasableFact.objects.filter(case_id=case.pk, name=code).order_by("-seq").first()
    hat = next((h for h in hats_on(case, by) if personal and h.roles & set(personal.seen_by)), None)
    if definition is None or personal is None or fact is None or hat is None:
        raise absent(Text("内容", "entry"))
    record_look(
        by=by,
        person=case.applicant,
        what=[code],
        purpose=purpose,
        case_number=case.number,
        hat=hat,
        at=at,
    )
    value = open_fact(bytes(fact.value))
    return value if isinstance(value, str) else str(show_value(definition, value))


def sealed_fact(case: Case, code: str) -> Any:
    """The newest value of a sealed fact for the platform's own work (系统取用内容), such as handing it on; shown to nobody."""
    fact = ErasableFact.objects.filter(case_id=case.pk, name=code).order_by("-seq").first()
    return open_fact(bytes(fact.value)) if fact else None


def first_fact(case: Case, code: str) -> Any:
    """The newest value of a sealed fact that is not personal (取一项内容), for a reader already let in; None if erased."""
    definition = procedure_of(case.version_id).fields.get(code)
    if definition is None or definition.personal:
        return None
    return sealed_fact(case, code)


def tasks_of(case: Case) -> list[TaskView]:
    """Who has it now and until when (现在谁在办)."""
    procedure = procedure_of(case.version_id)
    segments = segments_of(case.pk)
    found = []
    rows = (
        Task.objects.filter(case=case, done_at__isnull=True)
        .select_related("organisation", "taken_by")
        .order_by("id")
    )
    for task in rows:
        due = task_counted(procedure, task, segments, case.due_at, case.grid)
        found.append(
            TaskView(
                task,
                DECIDES if task.part == DISPUTED else procedure.steps[task.step].title,
                holder_title(task, procedure),
                due,
                case.status == "suspended",
            )
        )
    return found


def holder_title(task: Task, procedure: Procedure) -> Text:
    if task.taken_by is not None:
        return task.taken_by.title
    # A disputed part keeps the name of the organisation that disputes it, but somebody else decides.
    if task.organisation is not None and task.part != DISPUTED:
        return task.organisation.title
    return role_title(task.role)


def files_of(case: Case, actor: Actor) -> list[Attachment]:
    """The files this person may open (附件): staff the internal copy, parties what has a public copy."""
    rows = Attachment.objects.filter(case_id=case.pk, hidden_at__isnull=True).select_related(
        "file", "public_file"
    )
    return [row for row in rows.order_by("id") if may_open(row, case, actor)]


def may_open(file: Attachment, case: Case, actor: Actor) -> bool:
    """Whether a reader who sees the case may open this file of it (能否打开附件); who only reported the same sees the
    result, not what somebody else sent."""
    if not is_party(case, actor):
        return True
    return file.public_file_id is not None and (file.kind == "after" or not is_follower(case, actor))


def next_steps(case: Case) -> list[Text]:
    """What comes after this step in the ordinary way (接下来的环节), by the first onward action of each."""
    procedure = procedure_of(case.version_id)
    found: list[Text] = []
    code, seen = case.step, {case.step}
    while True:
        onward = [a.to for a in procedure.steps[code].actions.values() if a.to and a.by != ("system",)]
        step = next((s for s in onward if s not in seen), None)
        if step is None:
            return found
        seen.add(step)
        code = step
        if procedure.steps[code].kind == "end":
            return found
        found.append(procedure.steps[code].public_words or procedure.steps[code].title)


@dataclass(frozen=True)
class PublicSummary:
    """What anyone may know of any case (公开摘要): kind, place as fine as the kind allows, state, dates; nothing else."""

    number: str
    procedure: Text
    place: Text
    step: Text
    opened_at: datetime
    ended_at: datetime | None


def public_summary(case: Case) -> PublicSummary:
    procedure = procedure_of(case.version_id)
    step = procedure.steps[case.step]
    area = case.area
    while area.level in {"grid", "micro_grid"} and area.parent is not None:
        area = area.parent
    return PublicSummary(
        case.number,
        procedure.title,
        area.title,
        step.public_words or step.title,
        case.opened_at,
        case.ended_at,
    )
