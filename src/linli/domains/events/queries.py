"""Reads of the field (事件查询), each from what the person may see, or from the public summary alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from linli.base.errors import absent
from linli.base.i18n import Text
from linli.domains.events.models import Category, DispatchRule, Event
from linli.domains.events.rules import RuleView, Weighed, weigh
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area
from linli.kernel.procedures.casebook import PublicSummary, public_summary
from linli.kernel.procedures.models import Case, Recusal
from linli.kernel.procedures.visibility import visible_to

ANY_CATEGORY, ANY_AREA = Text("不限类别", "any category"), Text("不限区域", "any area")
METRES_PER_DEGREE = 111_320.0
NEARBY_METRES = 80
NEARBY_AT_MOST = 5


@dataclass(frozen=True)
class Nearby:
    """An open case close by: what anyone may know of it, and for those who may see it, its number and title."""

    summary: PublicSummary
    category: Text | None
    metres: int
    number: str
    title: str
    n_reporters: int


def nearby(
    actor: Actor,
    *,
    lng: float,
    lat: float,
    metres: int = NEARBY_METRES,
    category: Category | None = None,
    exclude: int | None = None,
) -> list[Nearby]:
    """Open cases close to a point (附近在办), nearest first: their public summary, and no more for the public."""
    span = metres / METRES_PER_DEGREE
    wide = span / max(0.2, math.cos(math.radians(lat)))
    found = Case.objects.filter(
        ended_at__isnull=True,
        historic=False,
        lng__range=(lng - wide, lng + wide),
        lat__range=(lat - span, lat + span),
        procedure="grid-event",
        recused=False,
    ).exclude(pk=exclude or 0)
    rows = list(found.select_related("area__parent", "event__category", "version")[:50])
    seen = (
        set(visible_to(actor).filter(pk__in=[r.pk for r in rows]).values_list("pk", flat=True))
        if rows
        else set()
    )
    near = []
    for row in rows:
        if row.lng is None or row.lat is None:
            continue
        distance = math.hypot((row.lng - lng) * span / wide, row.lat - lat) * METRES_PER_DEGREE
        if distance > metres:
            continue
        event = row.event
        same = category is None or event.category_id in (None, category.pk)
        if not same:
            continue
        may_see = row.pk in seen
        near.append(
            Nearby(
                public_summary(row),
                event.category.title if event.category else None,
                int(round(distance, -1)),
                row.number if may_see else "",
                row.title if may_see else "",
                event.n_reporters,
            )
        )
    return sorted(near, key=lambda n: n.metres)[:NEARBY_AT_MOST]


def category_by_key(key: str) -> Category:
    """The category in use that has this key (按代码取类别). NotFound else."""
    found = Category.objects.filter(key=key, active=True, directory__active=True).first()
    if found is None:
        raise absent(Text("类别", "category"))
    return found


def category_path(category: Category | None) -> tuple[str, ...]:
    found: list[str] = []
    while category is not None:
        found.insert(0, category.key)
        category = category.parent
    return tuple(found)


@dataclass(frozen=True)
class Suggestion:
    """What the dispatch directory says of a case (派单建议), with the rule that won and why."""

    lead: str
    lead_title: Text
    helpers: tuple[tuple[str, Text], ...]
    weighed: tuple[Weighed, ...]
    n_similar: int


def dry_run(
    category: Category | None, area: Area, *, on: datetime, barred: frozenset[int] = frozenset()
) -> list[Weighed]:
    """Which rule wins and why (派单试算): the rules of this category's line, weighed. Recused organisations are out."""
    path = category_path(category)
    day = on.date()
    rows = (
        DispatchRule.objects.filter(Q(category__isnull=True) | Q(category__key__in=path))
        .filter(Q(valid_from__isnull=True) | Q(valid_from__lte=day))
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))
        .exclude(lead_id__in=barred)
        .select_related("category", "area", "lead")
    )
    views = [
        RuleView(
            row.pk,
            path[: path.index(row.category.key) + 1] if row.category else (),
            row.area.prefix if row.area else "",
            row.lead.code,
            row.lead.title,
            row.basis,
            row.category.title if row.category else ANY_CATEGORY,
            row.area.title if row.area else ANY_AREA,
        )
        for row in rows
    ]
    return weigh(views, path, area.prefix)


def suggest_dispatch(case: Case, *, at: datetime) -> Suggestion | None:
    """Whom to assign (建议派给谁). A person decides; the suggestion shows why."""
    event = Event.objects.select_related("category__parent__parent").filter(case=case).first()
    if event is None:
        return None
    barred = frozenset(Recusal.objects.filter(case=case).values_list("organisation_id", flat=True))
    weighed = dry_run(event.category, case.area, on=at, barred=barred)
    if not weighed or not weighed[0].fits:
        return None
    best = weighed[0].rule
    rule = DispatchRule.objects.prefetch_related("helpers").get(pk=best.id)
    similar = Case.objects.filter(
        lead_id=rule.lead_id, event__category=event.category, ended_at__isnull=False, historic=False
    )[:200].count()
    helpers = tuple((o.code, o.title) for o in rule.helpers.all() if o.pk not in barred)
    return Suggestion(best.lead, best.lead_title, helpers, tuple(weighed), similar)


def categories_named(words: str, *, limit: int) -> list[Category]:
    """The categories in use that a resident means (按居民的说法找类别): by name or by the words residents use; the finest only."""
    named = Q()
    for word in words.split() or [""]:
        named &= Q(name__contains=word) | Q(name_en__icontains=word) | Q(keywords__contains=word)
    rows = Category.objects.filter(named, active=True, directory__active=True, children__isnull=True)
    return list(rows.select_related("parent").order_by("directory_id", "code")[:limit])


def category_tree() -> list[Category]:
    """The active categories in tree order (在用类别), for choosing from."""
    rows = list(
        Category.objects.filter(active=True, directory__active=True)
        .select_related("parent")
        .order_by("directory_id", "depth", "order", "code")
    )
    children: dict[int | None, list[Category]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)
    found: list[Category] = []

    def walk(parent: int | None) -> None:
        for row in children.get(parent, []):
            found.append(row)
            walk(row.pk)

    walk(None)
    return found
