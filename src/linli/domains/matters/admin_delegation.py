"""Handing matters down and the lists of villages, on screen (下放与村级代办清单管理)."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from linli.base.clock import today
from linli.base.codes import PREFIX_LENGTH
from linli.base.errors import Invalid, absent
from linli.base.i18n import Text
from linli.base.paging import keyset
from linli.domains.matters import delegating
from linli.domains.matters.admin_catalogue import AT_ONCE, county_for, matter_for, matter_url, trail
from linli.domains.matters.editing import number
from linli.domains.matters.models import AgencyItem, MatterDelegation
from linli.domains.matters.queries import responsible_posts
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area
from linli.kernel.places.queries import area_by_code, children
from linli.web.faces import actor_of, staff_only
from linli.web.forms import Choice, FieldView
from linli.web.views.admin.door import admin_only, area_named, organisation_named
from linli.web.views.admin.screens import Done, Entered, Screen, ask, day, needed_days, press

VILLAGE = PREFIX_LENGTH["village"]


@admin_only
def delegate(request: HttpRequest, code: str) -> HttpResponse:
    """Hand a matter to a township (下放): decision, capacity check, trial."""
    actor = actor_of(request)
    found = matter_for(actor, code)
    towns = [Choice(a.code, a.title) for a in children(found.county) if a.level == "township"]
    capacity = [FieldView(f"capacity_{c}", title, "boolean") for c, title in delegating.CAPACITY.items()]
    fields = [
        FieldView("township", Text("下放给", "To which township"), "choice", required=True, choices=towns),
        FieldView("organisation", Text("承接单位（名称或编码）", "Office that takes it (name or code)"), required=True, max=120),
        FieldView("document", Text("下放决定文号", "Number of the decision"), required=True, max=120),
        *capacity,
        FieldView("from_on", Text("从哪天起", "From"), "date", required=True),
        FieldView("trial_until", Text("试行到哪天", "On trial until"), "date", hint=Text("到期评估，决定继续或收回。", "Then it is looked at, and goes on or is taken back.")),
    ]  # fmt: skip

    def act(entered: Entered) -> Done:
        (from_on,) = needed_days(entered, "from_on")
        township = area_by_code(entered["township"]) if entered["township"] else found.county
        delegating.delegate(
            found, township,
            organisation=organisation_named(entered["organisation"], "organisation"),
            document=entered["document"] or "",
            capacity={c: entered[f"capacity_{c}"] for c in delegating.CAPACITY},
            from_on=from_on, trial_until=day(entered, "trial_until"), by=actor,
        )  # fmt: skip
        return Done(
            Text("已下放，新的申请到那里办。", "It is handed down; new applications go there."),
            matter_url(code),
        )

    screen = Screen(
        Text("下放：{x}", "Hand down: {x}").format(x=found.name), fields, Text("下放", "Hand it down"), trail(found),
        Text("承接能力逐项核对，都具备才能下放。", "Each capacity is checked; all have to be there."),
    )  # fmt: skip
    start = today()
    return ask(request, screen, act, {"from_on": start, "trial_until": start + delegating.TRIAL})


@admin_only
def take_back(request: HttpRequest, code: str, township: str) -> HttpResponse:
    """Take a matter back from a township (收回)."""
    actor = actor_of(request)
    found = matter_for(actor, code)
    held = MatterDelegation.objects.select_related("matter__county", "township").filter(matter=found, township__code=township, ended_on=None).first()  # fmt: skip
    if held is None:
        raise absent(Text("下放", "delegation"))

    def act(entered: Entered) -> Done:
        (on,) = needed_days(entered, "on")
        delegating.take_back(held, on=on, reason=entered["reason"] or "", by=actor)
        return Done(Text("已收回。", "It is taken back."), matter_url(code))

    fields = [
        FieldView("on", Text("那里的最后一天", "Last day there"), "date", required=True),
        FieldView("reason", Text("收回的理由", "Why"), "text", required=True, max=300),
    ]
    screen = Screen(
        Text("从{x}收回", "Take back from {x}").format(x=held.township.title),
        fields,
        Text("收回", "Take back"),
        trail(found),
    )
    return ask(request, screen, act, {"on": today()})


@admin_only
def agency(request: HttpRequest, code: str) -> HttpResponse:
    """Put a matter on villages' lists (列入村级代办): one village, or all of a township or the county."""
    actor = actor_of(request)
    found = matter_for(actor, code)
    fields = [
        FieldView("area", Text("哪个村，或哪个乡镇、全县的所有村", "Which village, or all of a township or the county"), required=True, max=60),
        FieldView("days", Text("几个工作日内交出去", "Handed on within how many working days"), "integer", required=True, max=2),
        FieldView("told", Text("告诉居民的话", "What people are told"), max=300),
        FieldView("extra", Text("县里统一清单之外，村里可以拒绝", "Beyond the county's list: the village may refuse it"), "boolean"),
    ]  # fmt: skip

    def act(entered: Entered) -> Done:
        villages = _villages(area_named(actor, entered["area"]))
        if not villages:
            raise Invalid("matters.no_village", Text("那里没有村（社区）。", "There is no village there."), fields={"area": Text("请写村、乡镇或县的名称。", "Name a village, township or the county.")})  # fmt: skip
        posts = responsible_posts(villages)
        refused = set(AgencyItem.objects.filter(matter=found, village__in=villages).exclude(refused_at=None).values_list("village_id", flat=True))  # fmt: skip
        kept = [v for v in villages if v.pk not in refused] or villages
        for village in kept:
            delegating.set_agency(found, village, days=number(entered["days"]), post=posts.get(village.pk), told=entered["told"] or "", extra=bool(entered["extra"]), by=actor)  # fmt: skip
        return Done(
            Text("{n} 个村（社区）已列入。", "On the lists of {n} villages.").format(n=len(kept)),
            matter_url(code),
        )

    screen = Screen(
        Text("列入村级代办：{x}", "By village agents: {x}").format(x=found.name),
        fields,
        Text("列入", "Put on the list"),
        trail(found),
    )
    return ask(request, screen, act, {"area": found.county.name, "days": 3})


@admin_only
@require_safe
def agency_list(request: HttpRequest) -> HttpResponse:
    """Which village does what (村级代办清单): by village and matter, refusals with why."""
    county = county_for(actor_of(request))
    text = request.GET.get("q", "").strip()[:60]
    found = AgencyItem.objects.filter(matter__county=county).select_related("matter", "village", "post")
    if text:
        found = found.filter(village__name__contains=text)
    if request.GET.get("refused"):
        found = found.exclude(refused_at=None)
    page = keyset(found, ["village__code", "matter__code"], request.GET.get("cursor"), AT_ONCE)
    context = {
        "page": page,
        "rows": page.items,
        "text": text,
        "refused": bool(request.GET.get("refused")),
        "trail": trail(),
    }
    return render(request, "matters/admin/agency.html", context)


@staff_only
@require_safe
def own_agency(request: HttpRequest) -> HttpResponse:
    """What villages do for people (村级代办清单), in one's own area; a village refuses its extras here."""
    actor = actor_of(request)
    found = _seen(actor).select_related("matter", "village", "post")
    page = keyset(found, ["village__code", "matter__code"], request.GET.get("cursor"), AT_ONCE)
    context = {
        "page": page,
        "rows": [(item, delegating.of_village(actor, item.village)) for item in page.items],
    }
    return render(request, "matters/own_agency.html", context)


@staff_only
@require_POST
def answer(request: HttpRequest, village: str, code: str) -> HttpResponse:
    """Refuse an extra, or take it up again (拒绝、接回): somebody of that village alone."""
    actor = actor_of(request)
    item = (
        _seen(actor)
        .select_related("matter", "village")
        .filter(village__code=village, matter__code=code)
        .first()
    )
    if item is None:
        raise absent(Text("代办事项", "item"))
    back = reverse("matters:own_agency")

    def act() -> Done:
        if request.POST.get("act") == "take-up":
            delegating.take_up_agency(item, by=actor)
            return Done(Text("已接回。", "It is taken up again."), back)
        delegating.refuse_agency(item, reason=request.POST.get("reason", ""), by=actor)
        return Done(Text("已拒绝，县里看得到理由。", "It is refused; the county sees why."), back)

    return press(request, act, back)


def _seen(actor: Actor) -> QuerySet[AgencyItem]:
    """The items of the villages in one's area; whoever works in a grid sees those of its village (看得到的代办事项)."""
    wanted = Q(pk=None)
    for hat in actor.hats:
        wanted |= Q(village__prefix__startswith=hat.area_prefix[:VILLAGE])
    return AgencyItem.objects.filter(wanted)


def _villages(area: Area) -> list[Area]:
    return list(
        Area.objects.filter(prefix__startswith=area.prefix, level="village", historic=False).order_by("code")
    )
