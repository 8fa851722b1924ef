"""Reporting over the API (接口上报): the same verb as the page. Reading and acting are the shared cases' rooms."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status

from linli.domains.events import queries, services
from linli.domains.events.channels import channel_for
from linli.domains.events.schemas import CategoryList, CategoryOut, NearbyList, NearbyOut, ReportIn
from linli.kernel.people import limits
from linli.web.api.areas import Lat, Lng
from linli.web.api.cases import REPLAYED
from linli.web.api.identity import CHANNEL, actor_in, address_of
from linli.web.api.reading import WRITES, client_key
from linli.web.api.schemas import READ, OpenedOut, answers, perhaps, words

router = Router(tags=["events"])

# An hour, from one address without an account; a whole neighbourhood may share an address.
REPORTS_PER_ADDRESS = 30
LOOKS_PER_ADDRESS = 120
IN_FORM = ("description", "category", "contact", "reporter_name", "photos")


@router.post(
    "/events",
    response=answers((201, OpenedOut), (200, OpenedOut)),
    operation_id="report",
    openapi_extra=WRITES,
)
def report(request: HttpRequest, response: HttpResponse, body: ReportIn) -> Status[OpenedOut]:
    """Report something (反映一件事): with a point or an area. 200 when the same write was received before."""
    key, actor = client_key(request), actor_in(request)
    if actor.account_id is None:
        limits.hit(f"api-report:{address_of(request)}", REPORTS_PER_ADDRESS, timedelta(hours=1))
    receipt = services.report(
        {name: value for name in IN_FORM if (value := getattr(body, name))},
        by=actor,
        channel=channel_for(CHANNEL, body.channel, staff=actor.is_staff),
        lng=body.lng,
        lat=body.lat,
        area_code=body.area,
        place_text=body.place_text,
        client_key=key,
    )
    response["Location"] = f"/api/v1/cases/{receipt.number}"
    if receipt.repeated:
        response[REPLAYED] = "true"
    return Status(200 if receipt.repeated else 201, OpenedOut(**receipt.as_dict()))


@router.get("/events/nearby", response=answers((200, NearbyList), refusals=READ), operation_id="nearby")
def nearby(
    request: HttpRequest, lng: Lng, lat: Lat, category: Annotated[str, Query(max_length=80)] = ""
) -> NearbyList:
    """Open cases close to a point (附近在办), to be looked at before reporting the same again."""
    actor = actor_in(request)
    if not actor.is_staff:
        who = f"account:{actor.account_id}" if actor.account_id else address_of(request)
        limits.hit(f"api-nearby:{who}", LOOKS_PER_ADDRESS, timedelta(hours=1))
    wanted = queries.category_by_key(category) if category else None
    found = queries.nearby(actor, lng=lng, lat=lat, category=wanted)
    return NearbyList(
        items=[
            NearbyOut(
                procedure=words(near.summary.procedure),
                category=perhaps(near.category),
                place=words(near.summary.place),
                step=words(near.summary.step),
                opened_at=near.summary.opened_at,
                n_reporters=near.n_reporters,
                number=near.number or None,
                title=near.title or None,
                # Distances from three points would give the place away, which the summary keeps to the village.
                metres=near.metres if near.number else None,
            )
            for near in found
        ]
    )


@router.get(
    "/events/categories", response=answers((200, CategoryList), refusals=READ), operation_id="list_categories"
)
def categories(request: HttpRequest) -> CategoryList:
    """The categories in use (在用类别), in tree order, with the conditions under which each is taken and closed."""
    return CategoryList(
        items=[
            CategoryOut(
                key=each.key,
                code=each.code,
                name=words(each.title),
                parent=each.parent.key if each.parent else None,
                depth=each.depth,
                accept_condition=each.accept_condition,
                close_condition=each.close_condition,
                limit=each.limit,
                grade=each.grade,
                needs_photos=each.needs_photos,
            )
            for each in queries.category_tree()
        ]
    )
