"""Cases (办件): list, read, act. The same queries, forms and verbs as on the pages."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from linli.base.clock import now
from linli.base.paging import PAGE_SIZE
from linli.kernel.places.queries import area_by_code
from linli.kernel.procedures import casebook, engine, overseeing
from linli.kernel.procedures.evidence import evidence_page
from linli.kernel.procedures.queries import CaseFilters, access_case, case_page
from linli.kernel.procedures.registry import LIST_FILTERS, LONGEST_FILTER
from linli.kernel.procedures.state import Receipt
from linli.kernel.procedures.versions import procedure_of
from linli.web.api import rendering
from linli.web.api import schemas as s
from linli.web.api.areas import Code, Cursor, Limit
from linli.web.api.identity import actor_in, known_actor
from linli.web.api.reading import WRITES, client_key

router = Router(tags=["cases"])

Word = Annotated[str, Query(max_length=60)]
REPLAYED = "Idempotent-Replay"


@router.get("/cases", response=s.answers((200, s.CasePage), refusals=s.READ), operation_id="list_cases")
def list_cases(
    request: HttpRequest,
    cursor: Cursor = "",
    limit: Limit = PAGE_SIZE,
    procedure: Word = "",
    status: Literal["", "open", "suspended", "ended", "withdrawn"] = "",
    step: Word = "",
    area: Code = "",
    q: Annotated[str, Query(max_length=100, description="words of what was written")] = "",
    late: bool = False,
    order: Literal["newest", "due"] = "newest",
) -> s.CasePage:
    """The cases that I may see (办件列表): newest first, or the open ones by due time."""
    actor = known_actor(request)
    filters = CaseFilters(
        procedure=procedure,
        status=status,
        step=step,
        area=area_by_code(area).prefix if area else "",
        words=q,
        late=late,
        more={name: value for name in LIST_FILTERS if (value := request.GET.get(name, "")[:LONGEST_FILTER])},
    )
    at = now()
    page = case_page(actor, filters, now=at, cursor=cursor, limit=limit, order=order)
    items = [
        s.CaseRow(**rendering.case_row(case, at, party=casebook.is_party(case, actor))) for case in page.items
    ]
    return s.CasePage(items=items, next=page.next_cursor)


@router.get(
    "/cases/{number}", response=s.answers((200, s.CaseDetail), refusals=s.READ), operation_id="read_case"
)
def read_case(request: HttpRequest, number: str) -> s.CaseDetail:
    """One case (一件) as I may read it: facts, tasks with their due times, what I may do, the timeline, files."""
    actor = actor_in(request)
    case = access_case(number, actor)
    party = casebook.is_party(case, actor)
    procedure = procedure_of(case.version_id)
    entries = casebook.timeline(case, actor)
    promised = casebook.case_due(case)
    return s.CaseDetail(
        **rendering.case_row(case, now(), party=party),
        place_text=case.place_text,
        lng=case.lng,
        lat=case.lat,
        due=rendering.due(promised) if promised else None,
        facts=rendering.newest(entries),
        tasks=[rendering.task(view, party=party) for view in casebook.tasks_of(case)],
        actions=[
            rendering.open_action(found, procedure)
            for found in (*engine.open_actions(case, actor), *overseeing.open_verbs(case, actor))
        ],
        timeline=[rendering.entry(view) for view in entries],
        files=[rendering.attachment(row, party=party) for row in casebook.files_of(case, actor)],
    )


@router.get(
    "/cases/{number}/records",
    response=s.answers((200, s.RecordPage), refusals=s.READ),
    operation_id="read_records",
)
def read_records(
    request: HttpRequest, number: str, cursor: Cursor = "", limit: Limit = PAGE_SIZE
) -> s.RecordPage:
    """The records with their hashes (留痕原文), in order: who keeps them can show any later change."""
    page = evidence_page(
        access_case(number, actor_in(request)), actor_in(request), cursor=cursor, limit=limit
    )
    items = [
        s.RecordOut(
            seq=row.seq,
            at=row.at,
            prev_hash=row.prev_hash.hex(),
            hash=row.hash.hex(),
            entry=list(row.entry) if row.entry is not None else None,
        )
        for row in page.items
    ]
    return s.RecordPage(items=items, next=page.next_cursor)


@router.post(
    "/cases/{number}/actions/{code}",
    response=s.answers((200, s.ReceiptOut)),
    operation_id="act",
    openapi_extra=WRITES,
)
def act(request: HttpRequest, response: HttpResponse, number: str, code: str, body: s.ActIn) -> s.ReceiptOut:
    """Do an action (办理): any that `GET /cases/{number}` lists under `actions`, with its fields in `data`."""
    actor, key = actor_in(request), client_key(request)
    if overseeing.is_supervision(code):
        receipt = overseeing.supervise(number, code, body.data, by=actor, client_key=key)
    else:
        receipt = engine.act(number, code, body.data, by=actor, seq=body.seq, client_key=key)
    return receipt_out(receipt, response)


def receipt_out(receipt: Receipt, response: HttpResponse) -> s.ReceiptOut:
    if receipt.repeated:
        response[REPLAYED] = "true"
    return s.ReceiptOut(number=receipt.number, seq=receipt.seq, step=receipt.step, status=receipt.status)
