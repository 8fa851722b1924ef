"""Rehearsals (预演): written stories played through the verbs alone, in the order of time, the sweeper going along.

A demonstration that may not reach behind the one door needs somebody to walk through it: each story says who does
what, how long after the act before, and how long it has stood since. It is planned backwards from the moment of the
demonstration, so that every step is inhabited whenever it is loaded; then all stories are played forward together.

    story = Story("petition", area=village, by="applicant", applicant=troupe.resident(0), data={...}, acts=[
        Act(3, "petition_officer", "accept", {...}),             # three days later, whoever holds the role nearby
        Act(20, "handler@assigned", "answer", {...}),             # the handler of the organisation that has it
        Open(5, "applicant", "petition-review", review_data),     # a case of its own; acts name it with `on`
        Act(10, "petition_officer@county", "uphold", {...}, on="petition-review"),
    ], dwell=2)
    Rehearsal(troupe).run([story], progress)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from django.db.models import Min

from linli.base.clock import local
from linli.base.errors import LinliError
from linli.kernel.calendar.queries import official_calendar
from linli.kernel.people.actors import Actor, actor_for, reporter_of
from linli.kernel.people.models import Account, Organisation, Person
from linli.kernel.places.models import Area
from linli.kernel.places.queries import within
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.state import Receipt

OPENS, CLOSES = 8.5, 17.4  # office hours, local
BEFORE = timedelta(seconds=20)

Data: TypeAlias = "Mapping[str, Any] | Callable[[Story], Mapping[str, Any]]"


@dataclass
class Act:
    """One act: so many days after the one before it, by whom, what, with which entries.

    `who` is `applicant`, a role (whoever holds it nearest to the case), `role@level` (who holds it at that level),
    `role@assigned` (in the organisation that has the case) or `role#key` (in the organisation of that code).
    `on` is the procedure of a linked case in which it is done; empty: the story's own case.
    """

    days: float
    who: str
    action: str
    data: Data = field(default_factory=dict)
    on: str = ""
    at_any_hour: bool = False


@dataclass
class Open:
    """A case of another procedure that somebody opens, such as a remedy; later acts name it with `on`."""

    days: float
    who: str
    procedure: str
    data: Data = field(default_factory=dict)
    channel: str = "web"
    at_any_hour: bool = True


@dataclass
class Story:
    """One case from its opening to where it is to stand now (一件事的来龙去脉).

    `dwell` is how many days it has stood since the last act. `by` opens it, on behalf of `applicant` where that is
    somebody else.
    """

    procedure: str
    area: Area
    data: Mapping[str, Any]
    acts: Sequence[Act | Open] = ()
    applicant: Actor | Person | None = None
    by: str = "applicant"
    channel: str = "web"
    title: str = ""
    opens: Callable[[Story, Actor, datetime], Receipt] | None = None  # by a verb of the domain's own
    dwell: float = 1.0
    opened_at: datetime | None = None
    moments: list[datetime] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)  # by procedure

    @property
    def number(self) -> str:
        """The number of the story's own case, once it is open."""
        return self.numbers[self.procedure]

    @property
    def person(self) -> Person | None:
        if isinstance(self.applicant, Actor):
            return Person.objects.filter(pk=self.applicant.person_id or 0).first()
        return self.applicant

    def plan(self, now: datetime) -> None:
        """Give every act its moment, from the last one back to the opening (倒推时间)."""
        moment, self.moments = now - timedelta(days=self.dwell), []
        for act in reversed(self.acts):
            at = moment if act.at_any_hour else in_office_hours(moment)
            self.moments.insert(0, at)
            moment = at - timedelta(days=act.days)
        self.opened_at = moment if self.by == "applicant" else in_office_hours(moment)


def in_office_hours(moment: datetime) -> datetime:
    """The last moment of office hours up to this one (往前推到办公时间)."""
    here, calendar = local(moment), official_calendar()
    while True:
        hour = here.hour + here.minute / 60
        if calendar.is_working_day(here.date()):
            if OPENS <= hour <= CLOSES:
                return here.astimezone(moment.tzinfo)
            if hour > CLOSES:
                return here.replace(hour=16, minute=here.minute).astimezone(moment.tzinfo)
        here = (here - timedelta(days=1)).replace(hour=17, minute=here.minute % 20)


@dataclass
class Troupe:
    """Who acts (参演人员): the accounts of a demonstration by role and place, and its villages."""

    county: Area
    at: datetime
    staff: list[Actor] = field(default_factory=list)
    residents: list[Actor] = field(default_factory=list)
    villages: list[Area] = field(default_factory=list)
    organisations: dict[str, Organisation] = field(default_factory=dict)

    @classmethod
    def of(cls, county: Area, *, at: datetime) -> Troupe:
        troupe = cls(county, at)
        for account in Account.objects.filter(demo=True, is_active=True).order_by("id"):
            actor = actor_for(account, at=at)
            (troupe.staff if actor.is_staff else troupe.residents).append(actor)
        staffed = {h.area_prefix for a in troupe.staff for h in a.hats if "clerk" in h.roles}
        villages = within(county.prefix).filter(level="village").order_by("code")
        troupe.villages = sorted(villages, key=lambda v: (v.prefix[:9] not in staffed, v.code))
        troupe.organisations = {o.code: o for o in Organisation.objects.all()}
        return troupe

    def village(self, n: int) -> Area:
        """The n-th village, those of fully staffed townships first."""
        return self.villages[n % len(self.villages)]

    def resident(self, n: int) -> Actor:
        return self.residents[n % len(self.residents)]

    def organisation(self, key: str) -> str:
        """The code of a county organisation by its short name (县级单位)."""
        return f"{self.county.prefix}-{key}"

    def find(self, who: str, case: Case) -> Actor:
        """Whoever does it (由谁办): by role and place, or by role and organisation."""
        role, _, key = who.partition("#")
        role, _, level = role.partition("@")
        if key or level == "assigned":
            organisation = self.organisations[self.organisation(key)].pk if key else case.lead_id
            fitting = [
                actor
                for actor in self.staff
                if any(role in hat.roles and hat.organisation_id == organisation for hat in actor.hats)
            ]
        else:
            fitting = self._nearest(role, level, case.grid)
        if not fitting:
            raise LookupError(f"the demonstration has no {who} for {case.number}")
        return fitting[case.pk % len(fitting)]

    def nearest(self, role: str, area: Area) -> Actor:
        """Whoever holds a role nearest to a place (就近的岗位)."""
        role, _, level = role.partition("@")
        found = self._nearest(role, level, area.prefix)
        if not found:
            raise LookupError(f"the demonstration has no {role} over {area.prefix}")
        return found[0]

    def _nearest(self, role: str, level: str, prefix: str) -> list[Actor]:
        reach: dict[int, list[Actor]] = {}
        for actor in self.staff:
            hat = actor.hat_for(role, prefix)
            if hat is not None and level in {"", "window", hat.area_level}:
                reach.setdefault(len(hat.area_prefix), []).append(actor)
        return reach[max(reach)] if reach else []


class Rehearsal:
    """Everything that happens, one moment after the other (按时间顺序演)."""

    def __init__(self, troupe: Troupe) -> None:
        self.troupe = troupe

    def run(self, stories: Sequence[Story], progress: Callable[[int, int], None] | None = None) -> None:
        """Plan what is not planned yet, then play all of it; what is refused says in which story and act."""
        moments: list[tuple[datetime, int, int]] = []
        for n, story in enumerate(stories):
            if story.opened_at is None:
                story.plan(self.troupe.at)
            assert story.opened_at is not None
            moments.append((story.opened_at, n, -1))
            moments += [(at, n, i) for i, at in enumerate(story.moments)]
        moments.sort()
        for done, (at, n, i) in enumerate(moments):
            self._sweep(at)
            self._play(stories[n], i, at)
            if progress:
                progress(done + 1, len(moments))
        self._sweep(self.troupe.at)

    def _sweep(self, until: datetime) -> None:
        """Let the sweeper look at what came due before this moment (到期巡检), when it came due."""
        while True:
            waiting = Task.objects.filter(done_at__isnull=True, alert_at__lte=until - BEFORE)
            first = waiting.aggregate(first=Min("alert_at"))["first"]
            if first is None:
                return
            engine.tick(first + BEFORE)

    def _play(self, story: Story, i: int, at: datetime) -> None:
        act = story.acts[i] if i >= 0 else None
        try:
            if act is None:
                self._open(story, Open(0, story.by, story.procedure, story.data, story.channel), at)
            elif isinstance(act, Open):
                self._open(story, act, at)
            else:
                case = self._case(story, act.on)
                engine.act(
                    case, act.action, self._data(act.data, story), by=self._who(story, act.who, case), at=at
                )
        except LinliError as error:
            what = "open" if act is None else act.procedure if isinstance(act, Open) else act.action
            fields = getattr(error, "fields", None)
            raise RuntimeError(
                f"{story.procedure} “{story.title}”, act {i + 1} ({what}): {error.message.en} {fields or ''}"
            ) from error

    def _open(self, story: Story, opening: Open, at: datetime) -> None:
        by = self._opener(story, opening.who)
        if story.opens is not None and opening.procedure == story.procedure:
            story.numbers[story.procedure] = story.opens(story, by, at).number
            return
        receipt = engine.open_case(
            opening.procedure,
            by=by,
            area=story.area,
            data=self._data(opening.data, story),
            channel=opening.channel,
            title=story.title,
            applicant=story.person,
            client_key=None if by.account_id else f"rehearsal-{opening.procedure}-{at:%Y%m%d%H%M%S%f}",
            at=at,
        )
        story.numbers[opening.procedure] = receipt.number

    def _opener(self, story: Story, who: str) -> Actor:
        if who != "applicant":
            return self.troupe.nearest(who, story.area)
        if isinstance(story.applicant, Actor):
            return story.applicant
        known = story.numbers.get(story.procedure)
        if known is None:
            return Actor("anonymous", channel=story.channel)
        return reporter_of(Case.objects.values_list("pk", flat=True).get(number=known))

    def _who(self, story: Story, who: str, case: Case) -> Actor:
        if who != "applicant":
            return self.troupe.find(who, case)
        return story.applicant if isinstance(story.applicant, Actor) else reporter_of(case.pk)

    def _case(self, story: Story, procedure: str) -> Case:
        """The story's own case, or the newest of that procedure which came out of any of the story's cases."""
        procedure = procedure or story.procedure
        if procedure not in story.numbers:
            known = Case.objects.filter(number__in=story.numbers.values())
            case = Case.objects.filter(procedure=procedure, origin__in=known).order_by("-pk").first()
            if case is None:
                raise LookupError(f"no {procedure} came out of {', '.join(story.numbers.values())}")
            return case
        return Case.objects.get(number=story.numbers[procedure])

    @staticmethod
    def _data(data: Data, story: Story) -> Mapping[str, Any]:
        return data(story) if callable(data) else data


__all__ = ["Act", "Open", "Rehearsal", "Story", "Troupe", "in_office_hours"]
