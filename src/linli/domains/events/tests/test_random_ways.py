"""Random legal ways of a few events (随机走法): whatever people do, in any order, the house stays whole.

`RANDOM_WAYS=200` tries that many ways; unset, a few. The same seed always goes the same way.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from linli.base.errors import LinliError
from linli.domains.events import services
from linli.domains.events.models import Event
from linli.kernel.notices.models import Notice
from linli.kernel.people.actors import Actor, reporter_of
from linli.kernel.people.models import Account, Appointment, Post
from linli.kernel.procedures import engine, proof
from linli.kernel.procedures.definitions import Action, FieldDef
from linli.kernel.procedures.fields import GROUNDS
from linli.kernel.procedures.holders import accounts_in
from linli.kernel.procedures.models import Case, ClockSegment, Participation, Recusal, Task
from linli.kernel.procedures.retention import erase_due
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.records.models import Record
from tests.cast import STAFF, Cast
from tests.events import MONDAY, lamp_category

TRIES = int(os.environ.get("RANDOM_WAYS", "0"))
ACTS = 40
PEOPLE = [*(name for name in STAFF if name != "admin"), "resident", "outsider", "reporter"]
SECRET = "13900000001"
STEPS_OF_TIME = [
    *[timedelta(minutes=1), timedelta(minutes=20), timedelta(hours=3), timedelta(days=1)] * 3,
    *(timedelta(days=6), timedelta(days=45), timedelta(hours=-2)),  # a clock may jump
]
ENDING = {"withdraw", "decline", "merge"}  # with these at will, few would get far
ORGANISATIONS = ["350102-municipal", "350102-garden"]
ACCUSED = [*ORGANISATIONS, "350102-committee"]


@dataclass
class Way:
    """One try (一种走法): its moment, and what was done so far, for whoever has to read a failure."""

    cast: Cast
    luck: random.Random
    at: datetime = MONDAY
    numbers: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    n_done: int = 0

    def pick(self, options: list[Any]) -> Any:
        return self.luck.choice(options)

    def open(self) -> None:
        who, grid = self.pick([("resident", "grid1"), ("outsider", "grid1"), ("anonymous", "grid2")])
        lng, lat = self.cast.point(grid)
        receipt = services.report(
            {"description": "路灯不亮。晚上看不见路。", **({"contact": SECRET} if who == "resident" else {})},
            by=self.cast.actor(who),
            channel="web",
            lng=lng,
            lat=lat,
            at=self.at,
        )
        self.story.append(f"{self.at} {receipt.number[-2:]} {who} reports")
        self.numbers.append(receipt.number)

    def actor(self, name: str, case: Case) -> Actor:
        return reporter_of(case.pk) if name == "reporter" else self.cast.actor(name)

    def go_on(self) -> None:
        """Somebody does something that is open to them, or time passes, or the sweeper comes by."""
        self.at += self.pick(STEPS_OF_TIME)
        if self.pick([False, False, False, True]):
            self.story.append(f"{self.at} tick")
            for _ in range(4):
                engine.tick(self.at)
            erase_due(self.at)
            return
        running = Case.objects.filter(ended_at__isnull=True, procedure="grid-event")
        if running.count() < 3:
            self.open()
        case = Case.objects.get(number=self.pick(self.numbers[-5:]))
        for name in self.luck.sample(PEOPLE, len(PEOPLE)):
            who = self.actor(name, case)
            if name == "reporter" and case.applicant_id is not None:
                continue
            found = {a.code: a.action for a in engine.open_actions(case, who) if a.blocked is None}
            if (soon := ENDING & set(found)) and self.pick([True, True, True, False]):
                found = {code: action for code, action in found.items() if code not in soon}
            moving = [code for code, action in found.items() if action.to]
            if moving and self.pick([True, True, True, False]):
                self.act(case, found[self.pick(moving)], name, who)
                return
            if found:
                self.act(case, found[self.pick(list(found))], name, who)
                return

    def act(self, case: Case, action: Action, name: str, who: Actor) -> None:
        fields = procedure_of(case.version_id).fields
        wanted = [*action.form, *(code for code in action.optional if self.pick([True, False]))]
        entries = {code: self.value(fields[code], action) for code in wanted}
        entries = {code: value for code, value in entries.items() if value is not None}
        told = Notice.objects.filter(case_number=case.number, person_id=case.applicant_id or 0)
        n_told = told.count()
        self.story.append(f"{self.at} {case.number[-2:]} {case.step} {name}: {action.code} {entries}")
        try:
            engine.act(case, action.code, entries, by=who, seq=case.seq, at=self.at)
        except LinliError as refused:
            self.story.append(f"    {refused.code}")
            return
        self.n_done += 1
        before, case = case, Case.objects.get(pk=case.pk)
        if case.ended_at and not before.ended_at and case.applicant_id not in {None, who.person_id}:
            assert told.count() > n_told, "the end was kept from the applicant"

    def value(self, definition: FieldDef, action: Action) -> Any:
        kind = definition.type
        if kind == "event_category":
            return lamp_category().key
        if kind in {"radio", "choice"}:
            return self.pick([code for code, _ in definition.choices])
        if kind == "ground":
            assert action.suspends is not None
            assert set(action.suspends.grounds) <= set(GROUNDS)
            return self.pick(list(action.suspends.grounds))
        if kind in {"organisation", "organisations"}:
            one = self.pick(ACCUSED if definition.assigns == "recused" else ORGANISATIONS)
            return one if kind == "organisation" else [one]
        if kind == "case_number":
            return self.pick(self.numbers)
        if kind == "boolean":
            return self.pick([True, False])
        if kind == "rating":
            return self.pick([1, 5])
        return None if kind == "photos" else "写了一句话"

    # ---- what must hold whatever was done ----

    def check(self) -> None:
        """Every case that has changed since the last time."""
        for case in Case.objects.order_by("pk"):
            if self.checked.get(case.number) == case.seq:
                continue
            self.checked[case.number] = case.seq
            assert proof.replay(case) == []
            self.check_records(case)
            self.check_tasks(case)
            self.check_clock(case)
            self.check_recused(case)
        self.numbers = list(self.checked)

    def check_reporters(self) -> None:
        for event in Event.objects.select_related("case"):
            people = Participation.objects.filter(case_id=event.case_id, kind="person", part="follower")
            assert event.n_reporters > people.exclude(ref=event.case.applicant_id or 0).count()

    def check_records(self, case: Case) -> None:
        rows = list(Record.objects.filter(case_id=case.pk).order_by("id"))
        assert [r.seq for r in rows] == list(range(1, case.seq + 1))
        assert [r.at for r in rows] == sorted(r.at for r in rows), "a record before the one before it"
        for row in rows:
            assert SECRET not in row.facts + row.digests
        assert SECRET not in str(case.facts) + case.title

    def check_tasks(self, case: Case) -> None:
        tasks = list(Task.objects.filter(case=case, done_at__isnull=True))
        assert (case.status == "ended") == (case.ended_at is not None) == (not tasks)
        assert [t.step for t in tasks] == [case.step] * len(tasks)
        assert len({t.queue for t in tasks}) == len(tasks), "one organisation has the same work twice"
        barred = set(Recusal.objects.filter(case=case).values_list("organisation_id", flat=True))
        for task in tasks:
            assert task.due_at >= task.opened_at
            able = Account.objects.filter(pk__in=accounts_in(task.queue))
            able = able.exclude(appointments__post__organisation__in=barred)
            assert able.exists(), f"nobody can do {task.step} in {task.queue}"
            assert task.alert_at is None or task.alert_at >= task.opened_at
        for task in Task.objects.filter(case=case, done_at__isnull=False):
            assert task.done_at is not None
            assert task.done_at >= task.opened_at

    def check_clock(self, case: Case) -> None:
        pauses = ClockSegment.objects.filter(case=case, kind="suspended")
        assert pauses.filter(to_at__isnull=True).count() == (case.status == "suspended")
        for pause in pauses.filter(to_at__isnull=False):
            assert pause.to_at is not None
            assert pause.to_at >= pause.from_at

    def check_recused(self, case: Case) -> None:
        for recusal in Recusal.objects.filter(case=case):
            for name in ("handler", "other_handler", "grid_worker"):
                actor = self.cast.actor(name)
                if recusal.organisation_id in actor.organisation_ids:
                    assert engine.open_actions(case, actor) == []
                    assert not visible_to(actor).filter(pk=case.pk).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(TRIES or 6))
def test_whatever_people_do_the_house_stays_whole(cast: Cast, seed: int) -> None:
    lamp_category()
    # Where the village's own committee is complained about, somebody above it verifies.
    post = Post.objects.create(
        organisation=cast.organisation("street"),
        title="网格长",
        roles=["grid_worker"],
        area=cast.area("township"),
    )
    Appointment.objects.create(post=post, account=cast.account("leader"), from_on=date(2026, 1, 1))
    way = Way(cast, random.Random(seed))
    try:
        for _ in range(ACTS):
            way.go_on()
            way.check()
        way.check_reporters()
        assert proof.verify_all().first_fault is None
    except Exception as error:
        error.add_note("\n".join(way.story))
        raise
    assert way.n_done > ACTS // 4
