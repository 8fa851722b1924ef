"""Areas and grids (区划与网格): the tree level by level, and the page of one area."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.base.clock import today
from linli.base.codes import LEVELS
from linli.base.i18n import Text
from linli.base.paging import keyset
from linli.kernel.people import queries as people
from linli.kernel.people.models import Post
from linli.kernel.places import queries as places
from linli.kernel.places.cover import check_cover
from linli.kernel.places.models import Area, AreaShape
from linli.web.faces import actor_of
from linli.web.views.admin.door import admin_only, area_in_scope, covers, prefixes
from linli.web.views.admin.screens import Trail
from linli.web.views.admin.titles import CHANGE_TITLES, LEVEL_TITLES

AREAS = Text("区划与网格", "Areas and grids")
PAGE = 50
SHOWN = 8
PATCHES = 50


@admin_only
@require_safe
def areas(request: HttpRequest) -> HttpResponse:
    """The areas I administer (所辖区划): by name or code, or from the top down."""
    actor = actor_of(request)
    text = request.GET.get("q", "").strip()[:40]
    if text:
        found = [a for p in prefixes(actor) for a in places.search_by_name(text, under=p, limit=PAGE)]
    else:
        found = list(Area.objects.filter(prefix__in=prefixes(actor)).order_by("code"))
    trails = places.paths(found)
    known = {row.pk: row for row in _with_counts(Area.objects.filter(pk__in=[a.pk for a in found]))}
    rows = [_row(known[a.pk], trails[a.pk][:-1]) for a in found]
    context = {"rows": rows, "text": text, "full": len(found) >= PAGE}
    return render(request, "web/admin/areas.html", context)


@admin_only
@require_safe
def area(request: HttpRequest, code: str) -> HttpResponse:
    """One area (区划页): what it is, who works there, its shape, what lies below, what was changed."""
    actor = actor_of(request)
    found = area_in_scope(actor, code)
    ended = bool(request.GET.get("ended"))
    below = Area.objects.filter(parent=found) if ended else places.children(found)
    page = keyset(_with_counts(below), ["code"], request.GET.get("cursor"), PAGE)
    organisations = people.organisations(under=found.prefix).filter(area=found).order_by("code")
    context: dict[str, Any] = {
        "area": found,
        "level": LEVEL_TITLES[found.level],
        "trail": trail(request, found)[:-1],
        "shape": AreaShape.objects.filter(area=found).defer("wkb").first(),
        "rows": [_row(each) for each in page.items],
        "page": page,
        "ended": ended,
        "below": LEVEL_TITLES.get(level_below(found) or ""),
        "posts": people.post_page(actor, area=found, limit=SHOWN),
        "organisations": list(organisations[: SHOWN + 1]),
        "SHOWN": SHOWN,
        "changes": [
            (CHANGE_TITLES.get(c.act, Text(c.act, c.act)), c) for c in found.changes.order_by("-id")[:SHOWN]
        ],
        "is_over": found.valid_to is not None and found.valid_to < today(),
    }
    return render(request, "web/admin/area.html", context)


@admin_only
@require_safe
def cover(request: HttpRequest, code: str) -> HttpResponse:
    """Do the areas below cover this one (覆盖检查)? Gaps, overlaps and what sticks out, largest first."""
    found = area_in_scope(actor_of(request), code)
    report = check_cover(found)  # refuses an area without a shape: the sentence says what to do
    kinds = [
        (Text("空白：没有归属的地方", "Gaps: places in no area"), report.gaps),
        (Text("重叠：同属两个区域", "Overlaps: places in two areas"), report.overlaps),
        (Text("越界：超出上级边界", "Outside: beyond the border above"), report.outside),
    ]
    codes = {c for _, patches in kinds for p in patches[:PATCHES] for c in p.codes} | set(
        report.without_shape[:PATCHES]
    )
    names = {a.code: a for a in Area.objects.filter(code__in=codes)}
    shown = [
        (title, len(patches), [(p, [names[c] for c in p.codes]) for p in patches[:PATCHES]])
        for title, patches in kinds
    ]
    context = {
        "area": found,
        "trail": trail(request, found),
        "report": report,
        "kinds": shown,
        "without": [names[c] for c in report.without_shape[:PATCHES]],
        "n_without": len(report.without_shape),
    }
    return render(request, "web/admin/cover.html", context)


def trail(request: HttpRequest, found: Area) -> Trail:
    """The way down to an area, as far as the actor administers it (所在层级)."""
    actor = actor_of(request)
    above = [a for a in places.path(found) if covers(actor, a.prefix)]
    return [(AREAS, reverse("web:admin_areas")), *((a.title, area_url(a)) for a in above)]


def area_url(found: Area) -> str:
    return reverse("web:admin_area", args=[found.code])


def level_below(found: Area) -> str | None:
    at = LEVELS.index(found.level) + 1
    return LEVELS[at] if at < len(LEVELS) else None


def _with_counts(rows: QuerySet[Area]) -> QuerySet[Area]:
    day = today()
    current = Q(children__valid_to__isnull=True) | Q(children__valid_to__gte=day)
    return rows.annotate(
        n_below=Count("children", filter=current & Q(children__historic=False)),
        has_shape=Exists(AreaShape.objects.filter(area=OuterRef("pk"))),
        has_posts=Exists(Post.objects.filter(area=OuterRef("pk"))),
    )


def _row(found: Area, above: list[Area] | None = None) -> dict[str, Any]:
    over = found.valid_to is not None and found.valid_to < today()
    return {"area": found, "level": LEVEL_TITLES[found.level], "above": above or [], "over": over}
