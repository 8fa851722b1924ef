"""Plays the demo's stories in the order of time (按时间顺序演示): through the verbs alone, the sweeper going along.

A story is planned backwards from where it is to stand now, so that every step is inhabited whenever the demo is
loaded; then all stories are played forward together, as they would have happened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db.models import Min

from linli.base.clock import local
from linli.domains.events.demo.cast import Cast, Spot
from linli.domains.events.models import Category
from linli.domains.events.services import report
from linli.kernel.people.actors import Actor, reporter_of
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.state import Receipt

OPENS, CLOSES = 8.5, 17.4  # office hours, local
BEFORE = timedelta(seconds=20)

Data = dict[str, Any]
Make = Callable[["Story"], Data]


@dataclass
class Act:
    """One act: so many hours after the one before it, by whom, what, with which entries."""

    after: float
    who: str
    action: str
    data: Data | Make = field(default_factory=dict)
    office: bool = True  # done in office hours; otherwise at any time of day
    do: Callable[[Story, Actor, datetime], Any] | None = None  # something else than an action of the case
    at: datetime | None = None


@dataclass
class Story:
    """One case from its report to where it is to stand now."""

    kind: str
    category: Category
    spot: Spot
    place: str
    description: str
    channel: str
    reporter: Actor | None  # who is signed in; none: anybody
    contact: Data
    result: str
    answer: str
    grade: str
    acts: list[Act] = field(default_factory=list)
    dwell: float = 1.0  # hours since the last act
    photos: Callable[[Actor, str, str], list[str]] | None = None
    lead: str = ""
    helpers: tuple[str, ...] = ()
    opened_at: datetime | None = None
    number: str = ""
    case_id: int = 0

    @property
    def case(self) -> Case:
        return Case.objects.get(pk=self.case_id)


def plan(story: Story, now: datetime, random: Random) -> None:
    """Give every act its moment, from the last one back to the report (倒推时间)."""
    moment = now - timedelta(hours=story.dwell)
    for act in reversed(story.acts):
        act.at = _in_office_hours(moment, random) if act.office else moment
        moment = act.at - timedelta(hours=act.after)
    story.opened_at = moment


def _in_office_hours(moment: datetime, random: Random) -> datetime:
    here = local(moment)
    while True:
        hour = here.hour + here.minute / 60
        if here.weekday() < 5 and OPENS <= hour <= CLOSES:
            return here.astimezone(moment.tzinfo)
        if here.weekday() < 5 and hour > CLOSES:
            here = here.replace(hour=16, minute=random.randrange(60))
        else:
            here = (here - timedelta(days=1)).replace(hour=17, minute=random.randrange(20))


class Play:
    """Everything that happens, one moment after the other."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    def run(self, stories: Sequence[Story], progress: Callable[[int, int], None]) -> None:
        moments: list[tuple[datetime, int, int]] = []
        for n, story in enumerate(stories):
            assert story.opened_at is not None
            moments.append((story.opened_at, n, -1))
            moments += [(act.at, n, i) for i, act in enumerate(story.acts) if act.at is not None]
        moments.sort()
        for done, (at, n, i) in enumerate(moments):
            self._sweep(at)
            if i < 0:
                self._open(stories[n], at)
            else:
                self._act(stories[n], stories[n].acts[i], at)
            progress(done + 1, len(moments))
        self._sweep(self.cast.at)

    def _sweep(self, until: datetime) -> None:
        """Let the sweeper look at what came due before this moment (到期巡检), when it came due."""
        while True:
            waiting = Task.objects.filter(done_at__isnull=True, alert_at__lte=until - BEFORE)
            first = waiting.aggregate(first=Min("alert_at"))["first"]
            if first is None:
                return
            engine.tick(first + BEFORE)

    def _open(self, story: Story, at: datetime) -> None:
        by = story.reporter or Actor("anonymous", channel=story.channel)
        key = None if by.account_id else f"demo-{at:%Y%m%d%H%M%S}-{story.spot.grid}"
        data: Data = {"description": story.description, **story.contact}
        if by.kind == "resident" or by.is_staff:
            data["category"] = story.category.key
        if story.photos:
            data["photos"] = story.photos(by, "before", key or "")
        receipt: Receipt = report(
            data,
            by=by,
            channel=story.channel,
            lng=story.spot.lng,
            lat=story.spot.lat,
            place_text=story.place,
            client_key=key,
            at=at,
        )
        story.number = receipt.number
        story.case_id = Case.objects.values_list("pk", flat=True).get(number=receipt.number)

    def _act(self, story: Story, act: Act, at: datetime) -> None:
        by = self.who(story, act.who)
        if act.do is not None:
            act.do(story, by, at)
            return
        data = act.data(story) if callable(act.data) else dict(act.data)
        if act.action == "answer" and story.category.needs_photos:
            data["photo_after"] = story.photos(by, "after", "") if story.photos else []
        engine.act(story.number, act.action, data, by=by, at=at)

    def who(self, story: Story, role: str) -> Actor:
        """Whoever does it (由谁办): a role near the place, the organisation that has it, or the reporter."""
        if role == "reporter":
            by = story.reporter
            return by if by is not None and by.kind == "resident" else reporter_of(story.case_id)
        if role == "lead":
            lead = story.case.lead_id
            assert lead is not None
            return self.cast.handler(lead)
        if role == "helper":
            return self.cast.handler(self._organisation(story.helpers[0]))
        return self.cast.find(role, story.spot.grid)

    def _organisation(self, code: str) -> int:
        return next(pk for pk, o in self.cast.organisations.items() if o.code == code)
