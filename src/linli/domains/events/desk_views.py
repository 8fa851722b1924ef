"""Entering a report for somebody (登记来电来访), and a grid worker's own (巡查上报): one page, no second system."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from linli.base.errors import Invalid, LinliError, NotAllowed
from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.domains.events import forms, services
from linli.domains.events.desk import word_in
from linli.domains.events.nearness import near_point, number_behind
from linli.kernel.people.actors import Actor
from linli.kernel.people.services.mandates import ON_PAPER
from linli.kernel.places.models import Area
from linli.web import actionforms, lane
from linli.web.faces import actor_of, staff_only
from linli.web.forms import FieldView
from linli.web.receipts import keep_receipt, number_of_key
from linli.web.registry import choices_of

ROLES = frozenset({"clerk", "dispatcher", "call_back", "grid_worker"})
PATROL_ROLES = frozenset({"grid_worker"})


@never_cache
@staff_only
def register(request: HttpRequest) -> HttpResponse:
    """Enter what somebody reported at the window, by phone or on paper (登记来电来访).

    Both names are on the record: the reporter's as the party, the clerk's as who entered it.
    """
    return _entry(request, "register", ROLES, _register_fields)


@never_cache
@require_POST
@staff_only
def suggest(request: HttpRequest) -> HttpResponse:
    """Categories that the words speak of (类别建议), at most three with the reason; the clerk chooses or leaves it."""
    _may_enter(actor_of(request), ROLES)
    words = request.POST.get("description", "")[:4000]
    found = [(c, word_in(c, words)) for c in services.suggested_category(words)]
    return render(request, "events/suggested.html", {"found": found})


@never_cache
@staff_only
def patrol(request: HttpRequest) -> HttpResponse:
    """A grid worker's own find (巡查上报): photo, place, a few words."""
    return _entry(request, "patrol", PATROL_ROLES, _patrol_fields)


def _register_fields(actor: Actor, area: Area | None) -> list[FieldView]:
    optional = ["reporter_name", "contact", "photos"]
    if choices_of("event_category") is not None:
        optional.insert(0, "category")
    views = forms.asked(("description",), actor=actor, area=area, optional=optional)
    by_code = {v.code: v for v in views}
    by_code["reporter_name"] = replace(
        by_code["reporter_name"], title=Text("反映人怎么称呼", "Reporter's name")
    )
    by_code["contact"] = replace(
        by_code["contact"],
        title=Text("反映人电话", "Reporter's phone"),
        hint=Text(
            "输满就查是不是登记过（留痕）。填了就发进度给他，没有就给他回执。",
            "A whole number is looked up, which leaves a trace. With it they are told of every step; without, give them the receipt.",
        ),
    )
    by_code |= {v.code: v for v in forms.place_views(area)}
    choices = lane.areas(area, actor)
    if choices:
        by_code["village"] = replace(
            by_code["place"],
            code="village",
            type="choice",
            title=Text("哪个村（社区）、哪个网格", "Village or grid"),
            choices=choices,
            extra={},
        )
    order = ["contact", "reporter_name", "description", "village", "place", "category", "photos"]
    return [forms.CHANNEL, *(by_code[c] for c in order if c in by_code), *lane.helper_views()]


def _patrol_fields(actor: Actor, area: Area | None) -> list[FieldView]:
    photos, description = forms.asked(("photos", "description"), actor=actor, area=area)
    return [replace(photos, capture=True), description, *forms.place_views(area)]


def _entry(
    request: HttpRequest,
    page: str,
    roles: frozenset[str],
    fields_for: Callable[[Actor, Area | None], list[FieldView]],
) -> HttpResponse:
    actor = actor_of(request)
    _may_enter(actor, roles)
    area = _own_area(actor, roles)
    fields = fields_for(actor, area)
    if request.method != "POST":
        return _page(request, page, fields, str(uuid7()))
    key = request.POST.get("key", "")[:80] or str(uuid7())
    if sent := number_of_key(request, key):
        return HttpResponseRedirect(reverse("web:receipt", args=[sent]))
    sent_in = actionforms.entered(fields, request.POST, request.FILES, by=actor, client_key=key)
    kept: dict[str, Any] = {
        "place": {part: request.POST.get(f"place.{part}", "") for part in ("lng", "lat", "text")},
        "village": request.POST.get("village", ""),
    }
    uid = request.POST.get(lane.PERSON, "")
    try:
        if sent_in.errors:
            raise Invalid("events.files", _FILES_WRONG, fields=sent_in.errors)
        person = lane.chosen(uid, actor, field="contact")
        place = forms.read_place(request.POST)
        point = None if place.lng is None or place.lat is None else (place.lng, place.lat)
        services.find_place(lng=place.lng, lat=place.lat, area_code=place.area_code, place_text=place.text)
        near = near_point(request, actor, point, key=key)
        if near and "looked" not in request.POST:
            again = actionforms.again(fields, _with(sent_in, kept), {})
            return _page(request, page, again, key, near=near, person=uid)
        beside = {"channel", "place", "village", *lane.HELPER_CODES}
        said = {k: v for k, v in sent_in.data.items() if k not in beside}
        receipt = services.report(
            lane.filled(said, person, phone="contact", name="reporter_name"),
            by=actor,
            channel="field" if page == "patrol" else _channel(sent_in.data.get("channel")),
            lng=place.lng,
            lat=place.lat,
            area_code=place.area_code,
            place_text=place.text,
            client_key=key,
            helper=lane.helper(sent_in.data),
            reporter=(lambda: lane.known_again(person, actor)) if person else None,
        )
    except LinliError as error:
        wrong = dict(error.fields) if isinstance(error, Invalid) else {}
        if "place" in wrong and page == "register":
            wrong["village"] = wrong.pop("place")  # there one names the village; the map is folded away
        again = actionforms.again(fields, _with(sent_in, kept), wrong)
        return _page(
            request, page, again, key, message=error.message, status=error.status, person=uid
        )  # fmt: skip
    if other := number_behind(request.POST.get("same", ""), near):
        services.note_same(receipt.number, other, by=actor)
    keep_receipt(request, receipt.number, by=actor, client_key=key)
    return HttpResponseRedirect(reverse("web:receipt", args=[receipt.number]))


def _may_enter(actor: Actor, roles: frozenset[str]) -> None:
    if not actor.roles & roles:
        raise NotAllowed(
            "events.may_not_register",
            Text(
                "您目前的岗位不登记来件。请交给窗口、调度或网格员。",
                "Your posts do not enter reports. Hand it to the window, the dispatcher or a grid worker.",
            ),
        )


_FILES_WRONG = Text("有文件没有收下，其余内容都还在。", "A file was not taken; all else is still here.")


def _channel(named: Any) -> str:
    if named in {c.value for c in forms.CHANNELS}:
        return str(named)
    problem = Text("请选是怎么来的。", "Choose how it came.")
    raise Invalid("events.no_channel", problem, fields={"channel": problem})


def _with(sent: actionforms.Entered, kept: dict[str, Any]) -> actionforms.Entered:
    return replace(sent, data={**sent.data, **kept})


def _own_area(actor: Actor, roles: frozenset[str]) -> Area | None:
    hat = next(h for h in actor.hats if h.roles & roles)
    return Area.objects.filter(prefix=hat.area_prefix).select_related("parent").first()


def _page(
    request: HttpRequest,
    page: str,
    fields: Sequence[FieldView],
    key: str,
    *,
    message: Text | str = "",
    status: int = 200,
    person: str = "",
    **more: Any,
) -> HttpResponse:
    context = {"fields": fields, "key": key, "message": message, **more}
    if page == "register":
        actor = actor_of(request)
        context["lane"] = lane.Lane(
            Text("登记来电来访", "Enter a report"),
            lane.entries(actor, request.path),
            phone="contact",
            name="reporter_name",
            category="category",
            suggest_url=reverse("events:suggest"),
            folded=frozenset({"photos"}),
            person=lane.shown(person or request.GET.get(lane.PERSON, ""), actor),
            may_enter_mandates=bool(actor.roles & ON_PAPER),
        )
    return render(request, f"events/{page}.html", context, status=status)
