"""The public page of the ratings (评价公开): how each office was rated, and what became of what was bad."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from linli.base.clock import local, now
from linli.domains.matters.ratings_queries import LEVELS, ratings_by_organisation, ratings_of_all
from linli.kernel.procedures.fields import RATINGS

QUARTERS_SHOWN = 8


@require_GET
def ratings(request: HttpRequest) -> HttpResponse:
    """The ratings of a quarter (按季公布的评价): this one unless another is asked for."""
    today = local(now()).date()
    quarters = _quarters(today)
    code = request.GET.get("quarter", "")
    since = next((day for name, day in quarters if name == code), quarters[0][1])
    # Up to the month before: figures that move from one day to the next would tell who rated today.
    until = min(_next(since), today.replace(day=1))
    page = ratings_by_organisation("", since, until, cursor=request.GET.get("cursor", ""))
    context = {
        "quarters": quarters,
        "since": since,
        "until": until,
        "all": ratings_of_all(since, until),
        "rows": page.items,
        "page": page,
        "levels": [RATINGS[level] for level in LEVELS],
    }
    return render(request, "matters/ratings.html", context)


def _quarters(today: date) -> list[tuple[str, date]]:
    day, found = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1), []
    for _ in range(QUARTERS_SHOWN):
        found.append((f"{day.year}-{(day.month + 2) // 3}", day))
        day = date(day.year - 1, 10, 1) if day.month == 1 else date(day.year, day.month - 3, 1)
    return found


def _next(day: date) -> date:
    return date(day.year + 1, 1, 1) if day.month == 10 else date(day.year, day.month + 3, 1)
