"""How often policy cards are read (阅读量): a bare total for each day, by topic and by matter, and nothing about who.

A page is counted after it was sent, in one statement, and a counter that fails is logged and forgotten: nobody waits for
it. Not counted: staff, HEAD, what a browser fetches ahead, and the further pages of a list. Readers are not told apart,
so one who comes twice counts twice.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from linli.base import clock
from linli.domains.matters.policy_models import PolicyRead
from linli.kernel.places.models import Area
from linli.web.faces import actor_of

BY_DAY = timedelta(days=60)  # kept day by day; before that a month at a time
YEARS = 3  # and then no more
EVERY = 3600.0  # seconds between two looks
AT_ONCE = 2000  # rows folded in one transaction
FETCHED_AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
_ADD = (
    "INSERT INTO matters_policyread (county_id, topic, matter, day, n) VALUES (%s, %s, %s, %s, %s) "
    "ON CONFLICT (county_id, topic, matter, day) DO UPDATE SET n = matters_policyread.n + excluded.n"
)
logger = logging.getLogger(__name__)


def is_read(request: HttpRequest) -> bool:
    """Whether somebody reads this page who is to be counted (是否计入)."""
    ahead = any(
        word in request.headers.get(name, "").lower()
        for name in FETCHED_AHEAD
        for word in ("prefetch", "prerender", "preview")
    )
    return request.method == "GET" and not ahead and not actor_of(request).is_staff


def counted(
    request: HttpRequest, response: HttpResponse, county: Area, *, topic: str = "", matter: str = ""
) -> HttpResponse:
    """Count that a page was opened (计一次阅读), once it has gone out; the page is the same whether that works or not."""
    if response.status_code == 200 and is_read(request):
        county_id, day = county.pk, clock.today()
        _afterwards(response, lambda: _count_one(county_id, topic, matter, day))
    return response


def _afterwards(response: HttpResponse, act: Callable[[], None]) -> None:
    """Servers close a response once it is out; before its own end, at which the database connection may be given back."""
    close = response.close

    def act_and_close() -> None:
        try:
            act()
        finally:
            close()

    response.close = act_and_close  # type: ignore[method-assign]  # the documented hook, on this one response


def _count_one(county_id: int, topic: str, matter: str, day: date) -> None:
    try:
        add(county_id, topic, matter, day, 1)
    except DatabaseError:
        logger.warning("a read of a policy page was not counted", exc_info=True)


def add(county_id: int, topic: str, matter: str, day: date, n: int) -> None:
    """Add to a day's total (累计), in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [county_id, topic, matter, connection.ops.adapt_datefield_value(day), n])


def fold(on: date | None = None) -> int:
    """Fold months that are over into one total each, and forget what is older than the three calendar years before this one (按月归并、到期删除).

    The first day of a month then stands for all of it. Gives how many rows it took up in this turn.
    """
    on = on or clock.today()
    until = (on - BY_DAY).replace(day=1)
    with transaction.atomic():
        by_day, forgotten = Q(day__lt=until) & ~Q(day__day=1), Q(day__lt=date(on.year - YEARS, 1, 1))
        old = PolicyRead.objects.filter(by_day | forgotten)
        rows = list(old.select_for_update().order_by("pk")[:AT_ONCE])
        months: Counter[tuple[int, str, str, date]] = Counter()
        for row in rows:
            if row.day.year >= on.year - YEARS:
                months[row.county_id, row.topic, row.matter, row.day.replace(day=1)] += row.n
        PolicyRead.objects.filter(pk__in=[row.pk for row in rows]).delete()
        for (county_id, topic, matter, month), n in sorted(months.items()):
            add(county_id, topic, matter, month, n)
    return len(rows)
