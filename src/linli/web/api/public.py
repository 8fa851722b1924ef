"""What is public (公示、公开): the same as on the pages, for whoever shows it elsewhere. No token is needed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from linli.base.clock import now
from linli.base.i18n import text_from
from linli.base.paging import PAGE_SIZE
from linli.kernel.places.queries import area_by_code
from linli.kernel.publicity.models import Publication
from linli.kernel.publicity.queries import Filters, publication, published
from linli.web.api import rendering
from linli.web.api import schemas as s
from linli.web.api.areas import Code, Cursor, Limit

router = Router(tags=["public"])


class PublicFact(Schema):
    code: str
    title: s.Words
    value: s.Words
    masked: bool


class PublicationRow(Schema):
    uid: UUID
    number: str = Field(description="of its case")
    procedure: str
    kind: Literal["notice", "result"]
    title: s.Words
    area: s.AreaName
    organisation: s.Words | None
    state: Literal["shown", "ended", "withdrawn"]
    from_at: datetime
    until_at: datetime | None = Field(description="null: a result stays")
    provisional: bool = Field(description="the last day may move when the year's days off are published")
    ended_at: datetime | None
    withdrawn_at: datetime | None
    n_objections: int
    n_open_objections: int
    updated_at: datetime


class PublicationDetail(PublicationRow):
    facts: list[PublicFact] = Field(description="empty once withdrawn, and when the archive's time is over")
    basis: str
    places: s.Words | None = Field(description="where else it is shown")
    objection: str | None = Field(description="the procedure by which one objects")
    takes_objections: bool
    withdraw_reason: str


class PublicationPage(Schema):
    items: list[PublicationRow]
    next: str | None = Field(description="give it as `cursor` for the following page; null at the end")


def _row(row: Publication) -> dict[str, Any]:
    return {
        "uid": row.uid,
        "number": row.case_number,
        "procedure": row.procedure,
        "kind": row.kind,
        "title": s.words(row.name),
        "area": rendering.area_name(row.area),
        "organisation": s.words(row.organisation.title) if row.organisation else None,
        "state": row.state,
        "from_at": row.from_at,
        "until_at": row.until_at,
        "provisional": row.provisional,
        "ended_at": row.ended_at,
        "withdrawn_at": row.withdrawn_at,
        "n_objections": row.n_objections,
        "n_open_objections": row.n_open_objections,
        "updated_at": row.updated_at,
    }


@router.get(
    "/public",
    response=s.answers((200, PublicationPage), refusals=s.READ),
    operation_id="list_publications",
)
def list_publications(
    request: HttpRequest,
    area: Code = "",
    kind: Literal["", "notice", "result"] = "",
    procedure: Annotated[str, Query(max_length=60)] = "",
    q: Annotated[str, Query(max_length=100, description="words of what is shown")] = "",
    past: Annotated[
        bool, Query(description="what has ended or was withdrawn, in place of what is shown")
    ] = False,
    cursor: Cursor = "",
    limit: Limit = PAGE_SIZE,
) -> PublicationPage:
    """What is on show (在公示的), newest first: in an area, and what holds for all of an area above it."""
    prefix = area_by_code(area).prefix if area else ""
    page = published(Filters(prefix, kind, procedure, q, past), cursor=cursor, limit=limit)
    return PublicationPage(items=[PublicationRow(**_row(row)) for row in page.items], next=page.next_cursor)


@router.get(
    "/public/{uid}",
    response=s.answers((200, PublicationDetail), refusals=s.READ),
    operation_id="read_publication",
)
def read_publication(request: HttpRequest, uid: UUID) -> PublicationDetail:
    """One publication (一件公示) as anybody may read it; a withdrawn one says why, and no more."""
    row = publication(uid)
    return PublicationDetail(
        **_row(row),
        facts=[
            PublicFact(
                code=fact["code"],
                title=s.words(text_from(fact["title"])),
                value=s.words(text_from(fact["value"])),
                masked=fact["masked"],
            )
            for fact in row.facts
        ],
        basis=row.basis,
        places=s.perhaps(row.places_text),
        objection=row.objection or None,
        takes_objections=row.takes_objections(now()),
        withdraw_reason=row.withdraw_reason,
    )
