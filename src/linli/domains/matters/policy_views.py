"""Policy cards and following topics (政策明白卡、关注主题). The cards are public; what one follows is one's own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from linli.base.clock import today
from linli.base.errors import absent
from linli.base.i18n import Text
from linli.domains.matters import policies
from linli.domains.matters import policy_queries as q
from linli.domains.matters.policy_reads import counted
from linli.domains.matters.queries import county_of, spec_of
from linli.domains.matters.spec import TOPICS
from linli.web import flash
from linli.web.faces import actor_of, area_of, oneself_only

AT_ONCE = 20


@require_safe
def cards(request: HttpRequest) -> HttpResponse:
    """What the rules say, in plain words (政策明白卡): by topic, with what one follows above."""
    actor, county = actor_of(request), county_of(area_of(request))
    topic = request.GET.get("topic", "")
    topic = topic if topic in TOPICS else ""
    page = q.cards(county, on=today(), topic=topic, cursor=request.GET.get("cursor", ""), limit=AT_ONCE)
    mine, n = q.followed(actor, county), q.n_following(county)
    context = {
        "county": county,
        "topic": topic,
        "topic_title": TOPICS.get(topic),
        "topics": [(code, title) for code, title in TOPICS.items() if code != "other"],
        "following": topic in mine,
        "n_following": n.get(topic),
        "reads": q.reads(county, today(), topic=topic).get(topic) if topic else None,  # one query more
        "mine": [(code, title) for code, title in TOPICS.items() if code in mine],
        "is_person": actor.person_id is not None and actor.acting is None,
        "rows": [(v, spec_of(v)) for v in page.items],
        "all_topics": TOPICS,
        "page": page,
    }
    response = render(request, "matters/policies.html", context)
    return response if request.GET.get("cursor") else counted(request, response, county, topic=topic)


@never_cache
@oneself_only
def follow(request: HttpRequest) -> HttpResponse:
    """Follow a topic, or leave it by one press (关注、退订). Whoever had to sign in first comes back to the cards."""
    back = reverse("matters:policies")
    if request.method == "POST":
        actor, county = actor_of(request), county_of(area_of(request))
        topic, act = request.POST.get("topic", ""), request.POST.get("act", "")
        if act == "follow":
            policies.follow(topic, county=county, by=actor)
            flash.say(
                request,
                Text("已关注。有新内容时告诉您一次。", "You follow it. You are told once of what is new."),
            )
            back += f"?topic={topic}"
        elif act == "leave":
            policies.leave(topic, county=county, by=actor)
            flash.say(request, Text("已退订。", "You no longer follow it."))
        elif act == "leave-all":
            policies.leave_all(by=actor)
            flash.say(
                request,
                Text("已全部退订，不会再告诉您。", "You follow nothing any more, and are told nothing."),
            )
        else:
            raise absent(Text("操作", "action"))
    return HttpResponseRedirect(back)
