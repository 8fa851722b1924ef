"""The register over the API (居民登记接口): for tokens of clerks; masked, and never a name or number in an address."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status
from pydantic import Field

from linli.base.errors import absent
from linli.base.i18n import Text
from linli.base.paging import PAGE_SIZE
from linli.domains.registers import queries, services
from linli.domains.registers.models import RELATIONS, Resident
from linli.kernel.people.masks import masked
from linli.kernel.places.queries import area_by_code
from linli.web.api import rendering
from linli.web.api import schemas as s
from linli.web.api.areas import Code, Cursor, Limit
from linli.web.api.cases import REPLAYED
from linli.web.api.identity import known_actor
from linli.web.api.reading import WRITES, client_key

router = Router(tags=["residents"])


class ResidentOut(Schema):
    """An entry, masked: enough to recognise somebody, not enough to use."""

    uid: str
    name: str
    phone: str
    id_number: str
    area: s.AreaName
    household: str
    relation: s.Words | None
    source: str
    as_of: date
    moved_out_on: date | None


class ResidentPage(Schema):
    items: list[ResidentOut]
    next: str | None


class ResidentIn(s.Strict):
    name: str = Field(max_length=60)
    area: str = Field(max_length=20, description="code of a village or grid")
    id_number: str = Field(default="", max_length=20, description="says date of birth and sex too")
    phone: str = Field(default="", max_length=40)
    birth_date: str = Field(default="", max_length=10, description="needed without an ID number")
    sex: str = Field(default="", max_length=6, description="`male` or `female`")
    address: str = Field(default="", max_length=200)
    household: str = Field(
        default="", max_length=40, description="its number; a new one makes a new household"
    )
    relation: str = Field(default="", max_length=12, description="to the head: " + ", ".join(RELATIONS))


class SearchIn(s.Strict):
    q: str = Field(
        max_length=60, description="two characters of the name or more, or a whole phone or ID number"
    )
    purpose: str = Field(max_length=200, description="whoever is found reads it")
    cursor: str = Field(default="", max_length=500)


@router.get(
    "/residents", response=s.answers((200, ResidentPage), refusals=s.READ), operation_id="list_residents"
)
def list_residents(
    request: HttpRequest, area: Code = "", cursor: Cursor = "", limit: Limit = PAGE_SIZE
) -> ResidentPage:
    """Who lives in the areas of my posts (辖区居民), masked; for others, their own entry."""
    place = area_by_code(area) if area else None
    page = queries.residents(known_actor(request), area=place, cursor=cursor, limit=limit)
    return ResidentPage(items=[_row(r) for r in page.items], next=page.next_cursor)


@router.post(
    "/residents", response=s.answers((201, ResidentOut), (200, ResidentOut)), operation_id="register_resident",
    openapi_extra=WRITES,
)  # fmt: skip
def register_resident(request: HttpRequest, response: HttpResponse, body: ResidentIn) -> Status[ResidentOut]:
    """Register somebody who lives here (登记居民). 200 when the same write was received before."""
    key, actor = client_key(request), known_actor(request)
    if not actor.roles & queries.CLERKS:
        raise absent(Text("居民", "resident"))
    said = body.dict()
    resident, repeated = services.enter_once(
        client_key=key, area=area_by_code(said.pop("area")), by=actor, **said
    )
    response["Location"] = f"/api/v1/residents/{resident.person.uid}"
    if repeated:
        response[REPLAYED] = "true"
    return Status(200 if repeated else 201, _row(resident))


@router.post(
    "/residents/search",
    response=s.answers((200, ResidentPage)),
    operation_id="search_residents",
    openapi_extra=WRITES,
)
def search_residents(request: HttpRequest, body: SearchIn) -> ResidentPage:
    """Look residents up (查居民) by a part of the name or a whole number, for a purpose; each on the page can read who searched."""
    client_key(request)
    page = queries.search(body.q, by=known_actor(request), purpose=body.purpose, cursor=body.cursor or None)
    return ResidentPage(items=[_row(r) for r in page.items], next=page.next_cursor)


@router.get(
    "/residents/{uid}", response=s.answers((200, ResidentOut), refusals=s.READ), operation_id="read_resident"
)
def read_resident(request: HttpRequest, uid: str) -> ResidentOut:
    """One entry (一个居民), masked."""
    return _row(queries.access_resident(uid, known_actor(request)))


def _row(resident: Resident) -> ResidentOut:
    shown = masked(resident.person)
    relation = RELATIONS.get(resident.relation)
    return ResidentOut(
        uid=shown.uid,
        name=shown.name,
        phone=shown.phone,
        id_number=shown.id_number,
        area=rendering.area_name(resident.area),
        household=resident.household.number if resident.household else "",
        relation=s.words(relation) if relation else None,
        source=resident.source,
        as_of=resident.as_of,
        moved_out_on=resident.valid_to,
    )
