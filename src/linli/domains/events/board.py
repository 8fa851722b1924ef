"""What people talk about (大家在说什么): the week's categories on the wall, with their change."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from linli.base.clock import local
from linli.domains.events.models import Category
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area
from linli.kernel.procedures.visibility import visible_to

WEEK = timedelta(days=7)
SHOWN = 5
DOUBLED = 2
ENOUGH_TO_SAY = 4


def topics(request: HttpRequest, actor: Actor, area: Area, now: datetime) -> str:
    # Whole days, as the list behind each number counts them.
    tonight = local(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    since = tonight - WEEK
    cases = visible_to(actor).filter(
        procedure="grid-event",
        grid__gte=area.prefix,
        grid__lt=area.prefix + "\x7f",
        opened_at__gte=since - WEEK,
        event__category__isnull=False,
    )
    rows = list(
        cases.order_by()
        .values_list("event__category")
        .annotate(
            week=Count("pk", filter=Q(opened_at__gte=since)),
            before=Count("pk", filter=Q(opened_at__lt=since)),
        )
        .filter(week__gt=0)
        .order_by("-week", "event__category")[:SHOWN]
    )
    found = {c.pk: c for c in Category.objects.filter(pk__in=[r[0] for r in rows])}
    rising = [(week / max(before, 1), pk) for pk, week, before in rows if before and week >= ENOUGH_TO_SAY]
    steepest = max(rising, default=(0.0, 0))
    shown = [
        {
            "title": found[pk].title,
            "n": week,
            "rising": steepest[0] >= DOUBLED and pk == steepest[1],
            "url": f"{reverse('web:cases')}?"
            + urlencode({"category": found[pk].key, "from": since.date().isoformat(), "area": area.code}),
        }
        for pk, week, _ in rows
    ]
    most = max((row["n"] for row in shown), default=0)
    return render_to_string("events/board_topics.html", {"rows": shown, "most": most}, request=request)
