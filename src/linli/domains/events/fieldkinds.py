"""What the field app does with events (外勤上报): the same verb as on the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linli.base.errors import Refused
from linli.base.i18n import Text, text_from
from linli.domains.events import forms, queries, services
from linli.kernel.fieldwork.bundle import field_for_phone
from linli.kernel.fieldwork.registry import Outcome, Work, degrees, kind, wanted
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area
from linli.kernel.places.queries import area_by_code
from linli.kernel.procedures import engine
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.versions import current_version, procedure_of

IN_FORM = ("description", "category", "contact", "reporter_name")
VISIT = "visit"
ROLE = "grid_worker"
VISIT_FORM = ("topic", "request", "contact", "reporter_name")


def report(work: Work) -> Outcome:
    """Report what was seen on the way (外勤上报). Refused like on the page."""
    data = {code: text for code in IN_FORM if (text := wanted(work.body, code))}
    receipt = services.report(
        {**data, **{field: uids for field, uids in work.files.items() if field}},
        by=work.by,
        channel="field",
        lng=degrees(work.body, "lng"),
        lat=degrees(work.body, "lat"),
        area_code=wanted(work.body, "area", most=20),
        place_text=wanted(work.body, "place_text", most=200),
        client_key=work.client_key,
        at=work.at,
        done_at=work.made_at,
    )
    area = Case.objects.filter(number=receipt.number).values_list("grid", flat=True).first() or ""
    return Outcome(receipt.number, receipt.seq, area)


def visit(work: Work) -> Outcome:
    """Note what a resident asked for at the door (入户走访). Refuses a visit without consent, and one outside one's grid;
    no position of anybody is taken."""
    if work.body.get("consent") is not True:
        raise Refused(
            "events.no_consent",
            Text(
                "居民没有同意，走访内容没有保存。",
                "The resident did not agree, so nothing of the visit was kept.",
            ),
        )
    area = area_by_code(wanted(work.body, "area", most=20))
    if work.by.hat_for(ROLE, area.prefix) is None:
        raise Refused(
            "events.not_your_grid", Text("这次走访不在您的网格里。", "This visit was not in your grid.")
        )
    data = {code: text for code in VISIT_FORM if (text := wanted(work.body, code))}
    if work.body.get("wants_answer"):
        data |= {"wants_answer": "true"}
    receipt = engine.open_case(
        VISIT,
        by=work.by,
        area=area,
        data={**data, "consent": "yes"},
        channel="field",
        title=services.summary_of(str(data.get("request") or "")),
        applicant=lambda: services.reporter_of(data, work.by, work.at),
        client_key=work.client_key,
        at=work.at,
        done_at=work.made_at,
    )
    return Outcome(receipt.number, receipt.seq, area.prefix)


def visit_keeps(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without consent nothing that was said is kept, not even for the lead (不同意就不留内容)."""
    if body.get("consent") is True:
        return {name: value for name, value in body.items() if name not in {"lng", "lat", "accuracy_m"}}
    return {name: body[name] for name in ("area", "topic", "consent") if name in body}


def report_form(by: Actor) -> dict[str, Any]:
    """The form of a report with its categories, and villages for where no position is found (上报表单)."""
    procedure = _in_force(services.PROCEDURE, by)
    home = _home(by)
    tree = queries.category_tree()
    parents = {each.parent_id for each in tree if each.parent_id}
    return {
        "fields": _fields(procedure, left_out=("category",)),
        "categories": [
            {
                "key": each.key,
                "name": each.name,
                "name_en": each.name_en or each.name,
                "group": each.parent.title.as_dict() if each.parent else None,
                "needs_photos": each.needs_photos,
            }
            for each in tree
            if each.pk not in parents
        ],
        "villages": [
            {"code": choice.value, "label": text_from(choice.label).as_dict()}
            for choice in forms.villages(home)
        ],
    }


def visit_form(by: Actor) -> dict[str, Any]:
    return {"fields": _fields(_in_force(VISIT, by), left_out=("consent",))}


def _fields(procedure: Procedure, *, left_out: tuple[str, ...]) -> list[dict[str, Any]]:
    optional = procedure.open_optional
    return [
        field_for_phone(procedure.fields[code], required=None if code not in optional else False)
        for code in dict.fromkeys((*procedure.open_form, *optional))
        if code not in left_out
    ]


def _home(by: Actor) -> Area | None:
    prefix = next((hat.area_prefix for hat in by.hats if ROLE in hat.roles), "")
    return Area.objects.filter(prefix=prefix).first()


def _in_force(code: str, by: Actor) -> Procedure:
    prefix = next((hat.area_prefix for hat in by.hats if ROLE in hat.roles), "")
    return procedure_of(current_version(code, prefix))


def register() -> None:
    kind("report", Text("上报", "Report"), report, form=report_form)
    kind("visit", Text("入户走访", "Home visit"), visit, form=visit_form, keeps=visit_keeps)
