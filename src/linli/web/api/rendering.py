"""From the kernel's objects to the API's (呈现). What a reader may see was decided before; here it is only written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from linli.base.i18n import Text
from linli.base.legaltime import Due
from linli.kernel.places.models import Area
from linli.kernel.procedures import casebook
from linli.kernel.procedures.definitions import Action, FieldDef, Procedure
from linli.kernel.procedures.fields import GROUNDS
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.own_records import OWN_FIELDS
from linli.kernel.procedures.state import OpenAction
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.records.models import Attachment
from linli.web.api import schemas as s


def area_name(area: Area) -> s.AreaName:
    return s.AreaName(code=area.code, level=area.level, name=s.words(area.title))


def area_row(area: Area) -> dict[str, Any]:
    return {
        "code": area.code,
        "level": area.level,
        "name": s.words(area.title),
        "parent": area.parent.code if area.parent else None,
        "valid_from": area.valid_from,
        "valid_to": area.valid_to,
        "historic": area.historic,
    }


def case_row(case: Case, now: datetime, *, party: bool) -> dict[str, Any]:
    step = procedure_of(case.version_id).steps[case.step]
    return {
        "number": case.number,
        "procedure": case.procedure,
        "title": case.title,
        "status": case.status,
        "step": s.StepOut(code=step.code, title=s.words((party and step.public_words) or step.title)),
        "seq": case.seq,
        "area": area_name(case.area),
        "lead": s.words(case.lead.title) if case.lead else None,
        "channel": case.channel,
        "opened_at": case.opened_at,
        "due_at": case.due_at,
        "provisional": case.provisional,
        "late": case.status == "open" and case.due_at is not None and case.due_at < now,
        "ended_at": case.ended_at,
        "outcome": case.outcome,
    }


def fact(view: casebook.FactView) -> s.FactOut:
    return s.FactOut(
        code=view.code,
        title=s.words(view.title),
        value=s.words(view.value),
        seq=view.seq,
        masked=view.masked,
        erased=view.erased,
    )


def newest(entries: Iterable[casebook.EntryView]) -> list[s.FactOut]:
    found = {view.code: view for entry in entries for view in entry.facts}
    return [fact(view) for view in found.values()]


def entry(view: casebook.EntryView) -> s.EntryOut:
    return s.EntryOut(
        seq=view.seq,
        at=view.at,
        done_at=view.done_at,
        action=view.action,
        title=s.words(view.title),
        who=s.words(view.who),
        organisation=s.perhaps(view.post),
        to_step=s.perhaps(view.to_step),
        facts=[fact(f) for f in view.facts],
    )


def due(found: Due) -> s.DueOut:
    return s.DueOut(
        due_on=found.due_on,
        due_at=found.due_at,
        provisional=found.provisional,
        explanation=s.words(found.explanation),
    )


def task(view: casebook.TaskView, *, party: bool) -> s.TaskOut:
    organisation = view.task.organisation
    # Parties read which organisation has it; who of its people is between colleagues.
    holder = organisation.title if party and organisation is not None else view.holder
    return s.TaskOut(
        uid=str(view.task.uid),
        step=s.StepOut(code=view.task.step, title=s.words(view.step)),
        part=view.task.part,
        holder=s.words(holder),
        opened_at=view.task.opened_at,
        due=due(view.due),
        paused=view.paused,
    )


def field(definition: FieldDef, *, required: bool | None = None, action: Action | None = None) -> s.FieldOut:
    choices = definition.choices
    if definition.type == "ground" and action is not None and action.suspends is not None:
        choices = tuple((g, GROUNDS.get(g, Text(g, g))) for g in action.suspends.grounds)
    personal = definition.personal
    return s.FieldOut(
        code=definition.code,
        title=s.words(definition.title),
        type=definition.type,
        required=definition.required if required is None else required,
        hint=s.perhaps(definition.hint),
        max=definition.max,
        choices=[s.ChoiceOut(value=value, title=s.words(title)) for value, title in choices],
        public=definition.public,
        purpose=personal.purpose if personal else None,
        keep=(personal.keep if personal else definition.keep) or None,
    )


def open_action(found: OpenAction, procedure: Procedure) -> s.ActionOut:
    action, fields = found.action, {**OWN_FIELDS, **procedure.fields}
    return s.ActionOut(
        code=found.code,
        title=s.words(found.title),
        fields=[field(fields[code], action=action) for code in action.form]
        + [field(fields[code], required=False, action=action) for code in action.optional],
        adverse=found.adverse,
        blocked=s.perhaps(found.blocked),
    )


def attachment(row: Attachment, *, party: bool) -> s.FileOut:
    file = row.public_file if party and row.public_file is not None else row.file
    return s.FileOut(
        uid=str(row.uid),
        href=f"/api/v1/files/{row.uid}",
        kind=row.kind,
        name=row.name,
        media_type=file.media_type,
        size=file.size,
        field=row.field,
        taken_at=row.taken_at,
    )


def action_definition(action: Action) -> s.ActionDefinition:
    return s.ActionDefinition(
        code=action.code,
        title=s.words(action.title),
        by=list(action.by),
        fields=list(action.form),
        optional=list(action.optional),
        to=action.to or None,
        adverse=action.adverse,
        remedy=action.remedy or None,
    )


def procedure_row(procedure: Procedure) -> dict[str, Any]:
    return {
        "code": procedure.code,
        "version": procedure.version,
        "title": s.words(procedure.title),
        "basis": list(procedure.basis),
        "channels": list(procedure.channels),
        "opened_by": list(procedure.opened_by),
    }
