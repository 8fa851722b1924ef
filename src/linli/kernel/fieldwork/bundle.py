"""What a phone takes along (离线包): today's tasks, what is open nearby, one's grids and the forms.

Only what this worker may see in their posts, and never a personal fact. A fixed number of queries, whatever it holds; what
depends on the moment, such as whether a guard allows an act yet, is asked when the entry arrives.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import Q

from linli.base.clock import now
from linli.base.i18n import Text
from linli.kernel.fieldwork.models import FieldDevice
from linli.kernel.fieldwork.registry import KINDS
from linli.kernel.people.actors import Actor, actor_for
from linli.kernel.places.models import Area
from linli.kernel.places.queries import shapes_geojson
from linli.kernel.procedures.authority import may
from linli.kernel.procedures.definitions import Action, FieldDef, Procedure
from linli.kernel.procedures.engine import hot_state
from linli.kernel.procedures.fields import BUILT_IN, GROUNDS, show_value
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.namedlooks import NAMED
from linli.kernel.procedures.own_records import OWN_FIELDS
from linli.kernel.procedures.queries import inbox
from linli.kernel.procedures.sealing import open_fact
from linli.kernel.procedures.state import TaskState
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.records.models import Attachment, ErasableFact

ROLE = "grid_worker"
TASKS_AT_MOST, NEARBY_AT_MOST, PHOTOS_AT_MOST = 200, 200, 3
SIMPLIFIED_METRES = 5
LONGEST = 600  # characters of one fact: the whole stands at the desk
NEEDS_LOOKING_UP = frozenset(
    {"organisation", "organisations", "officer", "case_number", "photos", "files", "voice"}
)


def bundle(device: FieldDevice, *, at: datetime | None = None) -> dict[str, Any]:
    """The bundle of a phone (生成离线包); its `etag` is made of the content alone."""
    at = at or now()
    content = content_for(actor_for(device.account, at=at))
    content["worker"]["name_en"] = device.account.title.en
    tag = sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:32]
    return {
        "etag": tag,
        "made_at": at.isoformat(),
        "expires_at": device.expires_at.isoformat(),
        **content,
    }


def content_for(by: Actor) -> dict[str, Any]:
    worker = replace(by, person_id=None, case_ids=frozenset())  # as a resident they read elsewhere
    rows = [
        row
        for row in inbox(worker, limit=TASKS_AT_MOST).items
        if by.person_id is None or row.case.applicant_id != by.person_id  # nobody handles their own case
    ]
    cases = [row.case for row in rows]
    tasks = _open_tasks(cases)
    told = [case for case in cases if case.confidential != NAMED]  # a phone can be lost: of a file that only
    facts, photos = (
        _facts(told),
        _photos(told),
    )  # those named may see it carries the number and the forms alone
    prefixes = sorted({hat.area_prefix for hat in by.hats if ROLE in hat.roles})
    return {
        "worker": {
            "name": by.name,
            "posts": [hat.post_title.as_dict() for hat in by.hats if ROLE in hat.roles],
        },
        "areas": _areas(prefixes),
        "tasks": [
            _task(row.task, row.case, tasks.get(row.case.pk, []), worker, facts.get(row.case.pk, {}), photos)
            for row in rows
        ],
        "nearby": _nearby(worker, prefixes, {case.pk for case in cases}),
        **{code: kind.form(by) for code, kind in KINDS.items() if kind.form is not None},
    }


def _task(
    task: Task,
    case: Case,
    tasks: list[TaskState],
    by: Actor,
    facts: Mapping[str, Any],
    photos: Mapping[int, list[dict[str, str]]],
) -> dict[str, Any]:
    procedure = procedure_of(case.version_id)
    step, state = procedure.steps[case.step], hot_state(case)
    allowed = [
        action
        for action in procedure.actions_at(case.step)
        if action.by != ("system",) and may(state, procedure, step, action, tasks, by) is not None
    ]
    return {
        "number": case.number,
        "procedure": procedure.title.as_dict(),
        "step": case.step,
        "step_title": step.title.as_dict(),
        "due_at": task.due_at.isoformat(),
        "title": case.title,
        "place_text": case.place_text,
        "lng": case.lng,
        "lat": case.lat,
        "area": case.area.code,
        "area_name": case.area.title.as_dict(),
        "grade": case.facts.get("grade"),
        "seq": case.seq,
        "actions": [action_for_phone(action, procedure) for action in allowed],
        "facts": [
            {
                "code": code,
                "title": procedure.fields[code].title.as_dict(),
                "value": _words(procedure, code, value),
            }
            for code, value in facts.items()
            if procedure.fields[code].type
            in BUILT_IN  # a domain's own type may look its words up, one by one
        ],
        "raw": {code: value for code, value in facts.items() if isinstance(value, str)},
        "photos": photos.get(case.pk, []),
    }


def action_for_phone(action: Action, procedure: Procedure) -> dict[str, Any]:
    fields = {**OWN_FIELDS, **procedure.fields}
    return {
        "code": action.code,
        "title": action.title.as_dict(),
        "adverse": action.adverse,
        "fields": [field_for_phone(fields[code], action=action) for code in action.form]
        + [field_for_phone(fields[code], required=False, action=action) for code in action.optional],
    }


def field_for_phone(
    field: FieldDef, *, required: bool | None = None, action: Action | None = None
) -> dict[str, Any]:
    """A field as the phone draws it (表单项)."""
    choices: Iterable[tuple[str, Text]] = field.choices
    if field.type == "ground" and action is not None and action.suspends is not None:
        choices = [(ground, GROUNDS.get(ground, Text(ground, ground))) for ground in action.suspends.grounds]
    shown = [{"value": value, "label": label.as_dict(), "group": None} for value, label in choices]
    return {
        "code": field.code,
        "title": field.title.as_dict(),
        "type": field.type,
        "required": field.required if required is None else required,
        "max": field.max,
        "hint": field.hint.as_dict() if field.hint else None,
        "choices": shown or None,
    }


def _words(procedure: Procedure, code: str, value: Any) -> dict[str, str]:
    shown = show_value(procedure.fields[code], value)
    text = shown if isinstance(shown, Text) else Text(str(shown), str(shown))
    return {"zh": text.zh[:LONGEST], "en": text.en[:LONGEST]}


def _open_tasks(cases: list[Case]) -> dict[int, list[TaskState]]:
    found: dict[int, list[TaskState]] = {}
    rows = Task.objects.filter(case__in=[case.pk for case in cases], done_at__isnull=True).order_by("id")
    for row in rows:
        found.setdefault(row.case_id, []).append(
            TaskState(
                uid=row.uid.hex,
                step=row.step,
                part=row.part,
                queue=row.queue,
                role=row.role,
                organisation_id=row.organisation_id,
                opened_at=row.opened_at,
                due_at=row.due_at,
                provisional=row.provisional,
                period=row.period,
                alert_at=row.alert_at,
                alert_stage=row.alert_stage,
                taken_by_id=row.taken_by_id,
                id=row.pk,
            )
        )
    return found


def _facts(cases: list[Case]) -> dict[int, dict[str, Any]]:
    """The newest value of each fact that is neither personal nor for some staff alone, in one query; what needs looking up is left to the desk."""
    versions = {case.pk: procedure_of(case.version_id) for case in cases}

    def carried(procedure: Procedure, code: str) -> bool:
        field = procedure.fields.get(code)
        if field is None or field.personal or field.read_by:
            return False
        return field.type not in NEEDS_LOOKING_UP

    found = {
        case.pk: {
            c: v for c, v in case.facts.items() if carried(versions[case.pk], c) and v not in (None, "", [])
        }
        for case in cases
    }
    for row in ErasableFact.objects.filter(case_id__in=list(versions)).order_by("id"):
        if carried(versions[row.case_id], row.name):
            found[row.case_id][row.name] = row.value
    return {
        pk: {
            code: open_fact(bytes(v)) if isinstance(v, bytes | memoryview) else v for code, v in facts.items()
        }
        for pk, facts in found.items()
    }


def _photos(cases: list[Case]) -> dict[int, list[dict[str, str]]]:
    found: dict[int, list[dict[str, str]]] = {}
    rows = Attachment.objects.filter(
        case_id__in=[case.pk for case in cases], hidden_at__isnull=True, public_file__isnull=False
    ).order_by("-id")
    for row in rows:
        shown = found.setdefault(row.case_id, [])
        if len(shown) < PHOTOS_AT_MOST:
            shown.append({"uid": str(row.uid), "kind": row.kind, "url": f"/api/v1/field/photos/{row.uid}"})
    return found


def _nearby(by: Actor, prefixes: list[str], mine: set[int]) -> list[dict[str, Any]]:
    """What is open in one's grids, so that nothing is reported twice (附近在办)."""
    inside = Q(pk__in=[])
    for prefix in prefixes:
        inside |= Q(grid__gte=prefix, grid__lt=prefix + "\x7f")
    rows = (
        visible_to(by)
        .filter(inside, ended_at__isnull=True)
        .exclude(confidential=NAMED)
        .select_related("area")
        .order_by("-id")
    )
    found: list[dict[str, Any]] = []
    for case in rows[: NEARBY_AT_MOST + len(mine)]:
        if case.pk in mine or len(found) == NEARBY_AT_MOST:
            continue
        step = procedure_of(case.version_id).steps[case.step]
        found.append(
            {
                "number": case.number,
                "title": case.title,
                "step_title": step.title.as_dict(),
                "lng": case.lng,
                "lat": case.lat,
                "area": case.area.code,
            }
        )
    return found


def _areas(prefixes: list[str]) -> list[dict[str, Any]]:
    areas = list(Area.objects.filter(prefix__in=prefixes).order_by("code"))
    shapes = {
        shape["properties"]["code"]: shape["geometry"]
        for shape in shapes_geojson(areas, simplify=SIMPLIFIED_METRES)["features"]
    }
    return [
        {
            "code": area.code,
            "name": area.title.zh,
            "name_en": area.title.en,
            "level": area.level,
            "geometry": shapes.get(area.code),
        }
        for area in areas
    ]
