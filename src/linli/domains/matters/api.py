"""The catalogue over the API (事项接口): what is in force; reading needs no account."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from linli.base.clock import today
from linli.base.paging import PAGE_SIZE
from linli.domains.matters import apply_api, queries
from linli.domains.matters.guide import guide
from linli.domains.matters.models import MatterVersion
from linli.domains.matters.spec import MatterSpec
from linli.kernel.places.queries import area_by_code
from linli.web.api import schemas as s
from linli.web.api.areas import Code, Cursor, Limit

router = Router(tags=["matters"])
router.add_router("", apply_api.router)
Words = Annotated[str, Query(max_length=60)]


class MatterRow(Schema):
    code: str
    basic_code: str
    title: s.Words
    short: s.Words
    kind: str
    handling: str
    promised_limit: str
    serves: list[str]
    topics: list[str]
    agency: bool
    scope: str
    mode: str
    department: s.Words | None
    version: int
    effective_from: date


class MatterPage(Schema):
    items: list[MatterRow]
    next: str | None


class MaterialOut(Schema):
    code: str
    title: s.Words
    need: str
    form: str
    source: str
    basis: list[s.Words]


class RefusalOut(Schema):
    code: str
    title: s.Words
    basis: list[s.Words]


class MatterDetail(MatterRow):
    level: str
    legal_limit: str | None
    conditions: list[s.Words]
    materials: list[MaterialOut]
    refusals: list[RefusalOut]
    basis: list[s.Words]
    fee: s.Words | None
    result: s.Words
    channels: list[str]
    delivery: list[str]
    n_to_bring: int
    file: dict[str, Any] = Field(
        description="the matter whole, as its file says it: docs/reference/matter-files.md"
    )


@router.get("/matters", response=s.answers((200, MatterPage), refusals=s.READ), operation_id="list_matters")
def list_matters(
    request: HttpRequest,
    area: Code = "",
    q: Words = "",
    topic: Words = "",
    serves: Words = "",
    cursor: Cursor = "",
    limit: Limit = PAGE_SIZE,
) -> MatterPage:
    """What can be applied for (事项列表) in an area, by code; `q` by words, `topic` and `serves` as in the rows."""
    place = area_by_code(area) if area else None
    page = queries.matters_for(
        place, on=today(), words=q, topic=topic, serves=serves, cursor=cursor, limit=limit
    )
    rows = [MatterRow(**_row(v, queries.spec_of(v))) for v in page.items]
    return MatterPage(items=rows, next=page.next_cursor)


@router.get(
    "/matters/{code}", response=s.answers((200, MatterDetail), refusals=s.READ), operation_id="read_matter"
)
def read_matter(request: HttpRequest, code: str, area: Code = "") -> MatterDetail:
    """One matter (一个事项): the version in force today."""
    place = area_by_code(area) if area else None
    version = queries.matter_in_force(code, today(), queries.county_of(place))
    spec = queries.spec_of(version)
    return MatterDetail(
        **_row(version, spec),
        level=spec.level,
        legal_limit=spec.legal_limit.en if spec.legal_limit else None,
        conditions=[s.words(c) for c in spec.conditions],
        materials=[
            MaterialOut(
                code=m.code,
                title=s.words(m.title),
                need=m.need,
                form=m.form,
                source=m.source,
                basis=[s.words(b.text) for b in m.basis],
            )
            for m in spec.materials
        ],
        refusals=[
            RefusalOut(code=r.code, title=s.words(r.title), basis=[s.words(b.text) for b in r.basis])
            for r in spec.refusals
        ],
        basis=[s.words(b.text) for b in spec.basis],
        fee=s.words(spec.fee.amount) if spec.fee else None,
        result=s.words(spec.result.title),
        channels=list(spec.channels),
        delivery=list(spec.delivery),
        n_to_bring=guide(spec).n_to_bring,
        file=version.spec,
    )


def _row(version: MatterVersion, spec: MatterSpec) -> dict[str, Any]:
    office = version.matter.organisation
    return {
        "code": spec.code,
        "basic_code": spec.basic_code,
        "title": s.words(spec.title),
        "short": s.words(spec.short),
        "kind": spec.kind,
        "handling": spec.handling,
        "promised_limit": spec.promised_limit.en,
        "serves": list(spec.serves),
        "topics": list(spec.topics),
        "agency": spec.agency,
        "scope": spec.scope,
        "mode": spec.mode,
        "department": s.words(office.title) if office else None,
        "version": version.number,
        "effective_from": version.effective_from,
    }
