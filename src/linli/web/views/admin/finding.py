"""One box over the whole administration (管理搜索): areas, organisations, posts, people, procedures, messages and pages."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.base.i18n import Text
from linli.kernel.notices.templates import known_templates
from linli.kernel.people import gaps
from linli.kernel.people import queries as people
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Organisation
from linli.kernel.people.queries import administered
from linli.kernel.people.services.administration import ADMINISTRATOR
from linli.kernel.places import queries as places
from linli.kernel.procedures.versions import current_procedures
from linli.web.faces import actor_of
from linli.web.registry import menu_for
from linli.web.views.admin.accounts import account_url
from linli.web.views.admin.areas import area_url
from linli.web.views.admin.door import admin_only, prefixes
from linli.web.views.admin.mending import Row
from linli.web.views.admin.messages import in_words
from linli.web.views.admin.organisations import organisation_url
from linli.web.views.admin.overview import OVERVIEW
from linli.web.views.admin.posts import post_url

MOST_OF_A_KIND = 8


@admin_only
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Everything that a word fits (查找), by kind, at most eight of each; the lists have the rest."""
    actor, text = actor_of(request), request.GET.get("q", "").strip()[:60]
    found = [(title, rows) for title, rows in _found(actor, text) if rows] if text else []
    context = {"text": text, "found": found, "trail": [(OVERVIEW, reverse("web:admin"))]}
    return render(request, "web/admin/find.html", context)


def _found(actor: Actor, text: str) -> list[tuple[Text, list[Row]]]:
    fits = text.lower()

    def says(*words: Text) -> bool:
        return any(fits in f"{w.zh} {w.en}".lower() for w in words)

    pages = [
        Row(e.title, reverse(e.url_name))
        for e in menu_for("staff", frozenset({ADMINISTRATOR}))
        if e.roles is not None and ADMINISTRATOR in e.roles and says(e.title)
    ]
    areas = [a for p in prefixes(actor) for a in places.search_by_name(text, under=p, limit=MOST_OF_A_KIND)]
    named = Q(name__icontains=text) | Q(name_en__icontains=text) | Q(code__icontains=text)
    bodies = Organisation.objects.filter(named, administered(actor, "area__prefix"), historic=False)
    posts = gaps.posts_in_force(actor).filter(title__icontains=text).select_related("organisation")
    staff = people.account_page(actor, text=text, limit=MOST_OF_A_KIND).items
    return [
        (Text("页面", "Pages"), pages),
        (Text("区划与网格", "Areas and grids"), [Row(a.title, area_url(a), a.code) for a in areas]),
        (
            Text("组织", "Organisations"),
            [Row(o.title, organisation_url(o), o.code) for o in bodies.order_by("code")[:MOST_OF_A_KIND]],
        ),
        (
            Text("岗位", "Posts"),
            [Row(p.name, post_url(p), p.organisation.title) for p in posts.order_by("id")[:MOST_OF_A_KIND]],
        ),
        (Text("人员", "People"), [Row(a.title, account_url(a), a.username) for a in staff]),
        (
            Text("程序", "Procedures"),
            [
                Row(p.title, reverse("web:admin_procedure", args=[p.code]), p.code)
                for p in current_procedures()
                if says(p.title, Text(p.code, p.code), *(s.title for s in p.steps.values()))
            ][:MOST_OF_A_KIND],
        ),
        (
            Text("通知文字", "Messages"),
            [
                Row(in_words(t.title), reverse("web:admin_message", args=[code]), code)
                for code, t in sorted(known_templates().items())
                if says(*t.texts())
            ][:MOST_OF_A_KIND],
        ),
    ]
