"""Opened and ended over time (提出和办结的走势): counted by day or week, drawn as two lines, with words and a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.urls import reverse

from linli.base.clock import SHANGHAI, local
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area
from linli.kernel.procedures.visibility import visible_to
from linli.web.words import day_words

DAYS_BY_DAY = 92  # a longer period is counted by weeks
WIDTH, HEIGHT = 300.0, 100.0


@dataclass(frozen=True)
class Bucket:
    """A day or a week (一天或一周): what was opened and what ended in it, each with its list."""

    first: date
    last: date
    n_opened: int
    n_ended: int
    area: str

    @property
    def opened_url(self) -> str:
        return _list(self.area, {"from": self.first.isoformat(), "to": self.last.isoformat()})

    @property
    def ended_url(self) -> str:
        days = self.first.isoformat() + ("" if self.first == self.last else f"..{self.last.isoformat()}")
        return _list(self.area, {"ended_on": days})


@dataclass(frozen=True)
class Trend:
    """Two lines over the same days (走势)."""

    buckets: tuple[Bucket, ...]
    today: date

    @property
    def n_opened(self) -> int:
        return sum(b.n_opened for b in self.buckets)

    @property
    def n_ended(self) -> int:
        return sum(b.n_ended for b in self.buckets)

    @property
    def most(self) -> int:
        return max((max(b.n_opened, b.n_ended) for b in self.buckets), default=0)

    @property
    def opened_line(self) -> str:
        return self._line([b.n_opened for b in self.buckets])

    @property
    def ended_line(self) -> str:
        return self._line([b.n_ended for b in self.buckets])

    def _line(self, counts: Sequence[int]) -> str:
        step = WIDTH / max(len(counts) - 1, 1)
        return " ".join(
            f"{i * step:.1f},{HEIGHT - n * HEIGHT / max(self.most, 1):.1f}" for i, n in enumerate(counts)
        )

    @property
    def first_day(self) -> Text:
        return day_words(self.buckets[0].first, self.today)

    @property
    def words(self) -> Text:
        """What the lines say (走势的说法)."""
        if not self.n_opened and not self.n_ended:
            return Text(
                "这段时间没有提出，也没有办结。", "Nothing was opened and nothing ended in this time."
            )
        more = self.n_opened - self.n_ended
        fullest = max(self.buckets, key=lambda b: b.n_opened)
        day = day_words(fullest.first, self.today)
        zh = f"提出 {self.n_opened} 件，办结 {self.n_ended} 件，"
        zh += f"在办多了 {more} 件" if more > 0 else f"在办少了 {-more} 件" if more else "在办没有增减"
        en = f"{self.n_opened} opened, {self.n_ended} ended: "
        en += (
            f"{more} more are open"
            if more > 0
            else f"{-more} fewer are open"
            if more
            else "as many open as before"
        )
        if fullest.n_opened:
            is_week = fullest.first != fullest.last
            zh += f"；提出最多的是 {day.zh}{'起的一周' if is_week else ''}，{fullest.n_opened} 件"
            en += f"; most in a {'week, from' if is_week else 'day,'} {day.en}: {fullest.n_opened}"
        return Text(zh + "。", en + ".")


def trend_of(actor: Actor, area: Area, now: datetime, days: int = 30) -> Trend:
    """Opened and ended in the last days (近期走势), of what this person may see, in two queries."""
    today = local(now).date()
    first = today - timedelta(days=days - 1)
    start = datetime.combine(first, time.min, SHANGHAI)
    cases = visible_to(actor).filter(grid__gte=area.prefix, grid__lt=area.prefix + "\x7f").order_by()

    def by_day(name: str) -> dict[date, int]:
        rows: Any = cases.filter(**{f"{name}__gte": start}).annotate(day=TruncDate(name, tzinfo=SHANGHAI))
        return dict(rows.values_list("day").annotate(n=Count("pk")))

    opened, ended = by_day("opened_at"), by_day("ended_at")
    length = 1 if days <= DAYS_BY_DAY else 7
    buckets = []
    while first <= today:
        last = min(first + timedelta(days=length - 1), today)
        span = [first + timedelta(days=i) for i in range((last - first).days + 1)]
        n_opened, n_ended = (sum(found.get(day, 0) for day in span) for found in (opened, ended))
        buckets.append(Bucket(first, last, n_opened, n_ended, area.code))
        first = last + timedelta(days=1)
    return Trend(tuple(buckets), today)


def _list(area: str, query: dict[str, str]) -> str:
    return f"{reverse('web:cases')}?{urlencode({**query, 'area': area})}"
