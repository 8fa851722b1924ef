"""Procedures (程序): the rules as data, for whoever wants to know what may happen next, and under which article."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from linli.kernel.places.queries import area_by_code
from linli.kernel.procedures.versions import current_procedures, current_version, procedure_of
from linli.web.api import rendering
from linli.web.api import schemas as s

router = Router(tags=["procedures"])


@router.get(
    "/procedures", response=s.answers((200, s.ProcedurePage), refusals=s.READ), operation_id="list_procedures"
)
def list_procedures(request: HttpRequest) -> s.ProcedurePage:
    """The procedures in force (现行程序)."""
    found = sorted(current_procedures(), key=lambda p: p.code)
    return s.ProcedurePage(items=[s.ProcedureRow(**rendering.procedure_row(p)) for p in found])


@router.get(
    "/procedures/{code}",
    response=s.answers((200, s.ProcedureDetail), refusals=s.READ),
    operation_id="read_procedure",
)
def read_procedure(
    request: HttpRequest,
    code: str,
    area: Annotated[str, Query(max_length=20, description="code of an area: its county's own version")] = "",
) -> s.ProcedureDetail:
    """One procedure (一个程序): its steps, actions and fields, in the version that is in force today."""
    prefix = area_by_code(area).prefix if area else ""
    procedure = procedure_of(current_version(code, prefix))
    return s.ProcedureDetail(
        **rendering.procedure_row(procedure),
        open_fields=list(procedure.open_form),
        fields=[rendering.field(definition) for definition in procedure.fields.values()],
        steps=[
            s.StepDefinition(
                code=step.code,
                title=s.words(step.title),
                kind=step.kind,
                actor=step.actor,
                public_words=s.perhaps(step.public_words),
                actions=[rendering.action_definition(a) for a in step.actions.values()],
            )
            for step in procedure.steps.values()
        ],
        anywhere=[rendering.action_definition(a) for a in procedure.anywhere.values()],
    )
