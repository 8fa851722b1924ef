"""Every shipped procedure, driven at random (逐个程序的模型测试): whatever people lawfully do, in any order and at any
time, no case is stuck, no task is without somebody who can do it, and no case ends without telling its party.

Each way goes on at random for a while and is then brought to an end by whoever can: a case that nobody can end fails.
`MODEL_WAYS=300` tries so many ways through each procedure; unset, a few. The same seed always goes the same way.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import timedelta
from functools import lru_cache

import pytest

from linli.base.codes import prefix_of
from linli.base.errors import Invalid, NotAllowed, NotFound, OutOfDate, Refused
from linli.domains.matters.applying import apply
from linli.domains.matters.life_events import apply_for_event
from linli.kernel.notices.models import Notice
from linli.kernel.people.actors import SYSTEM, Actor
from linli.kernel.people.models import Person
from linli.kernel.places.models import Area
from linli.kernel.procedures import engine, proof
from linli.kernel.procedures.definitions import Action, Procedure
from linli.kernel.procedures.holders import able_in
from linli.kernel.procedures.models import Case, Recusal, Supervision, Task
from linli.kernel.procedures.versions import current_version, procedure_of, shipped_files
from linli.kernel.publicity.models import Publication
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import MONDAY, lamp_category
from tests.lawcast import LAW_AREAS
from tests.model.elsewhere import ARRIVED, DISPUTE, ELSEWHERE, disputed
from tests.model.world import EVENT, MATTERS, WORDS, Entries, World, all_actions

WAYS = int(os.environ.get("MODEL_WAYS", "0"))
RANDOM_ACTS, LAST_ACTS = 14, 160
JUMPS = [timedelta(minutes=5), timedelta(hours=4), timedelta(days=1), timedelta(days=9), timedelta(days=40)]
# Begun by a case of another procedure alone.
NOT_ALONE = {"supplement", "co-signature"}
CODES = sorted(set(shipped_files()) - NOT_ALONE)


@lru_cache(maxsize=100)
def to_end(version: int) -> dict[str, int]:
    """How many acts each step is away from an end, at the least; giving up does not count."""
    procedure = procedure_of(version)
    away = {step.code: 0 for step in procedure.steps.values() if step.kind == "end"}
    while True:
        found = dict(away)
        for step in procedure.steps.values():
            onward = [a for a in procedure.actions_at(step.code) if not ends_anywhere(procedure, a)]
            nearest = [found[a.to] + 1 for a in onward if a.to in found]
            if nearest and step.kind != "end":
                found[step.code] = min(nearest)
        if found == away:
            return away
        away = found


class Way:
    def __init__(self, cast: Cast, world: World, seed: int) -> None:
        self.cast, self.world, self.rng = cast, world, random.Random(seed)
        self.entries = Entries(self.rng, world)
        self.at = MONDAY + timedelta(hours=self.rng.randrange(200))
        self.story: list[str] = []
        self.done: Counter[str] = Counter()
        self.case_ids: list[int] = []
        self.checked: dict[int, int] = {}
        self.last_before = Case.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    # ---- beginning

    def begin(self, code: str) -> Case:
        procedure = procedure_of(current_version(code, "350102001001001"))
        if procedure.challenge is not None:
            return self._challenge(procedure)
        if code == DISPUTE:
            return self._dispute()
        by = self._opener(procedure)
        number = self._opened(procedure, by, self.cast.area("grid1"), self.cast.person("resident"))
        return self._noted(number, f"opened by {by.name or by.kind}")

    def _opened(self, procedure: Procedure, by: Actor, area: Area, applicant: Person, **known: str) -> str:
        """Open a case; entries that a domain's rules refuse are thought over."""
        if procedure.code in MATTERS or procedure.code == "life-event":
            return self._applied(procedure.code, by, area, applicant)
        channel = next(c for c in procedure.channels if c not in {"import", "case"})
        for n in range(20):
            data = self.entries.for_opening(procedure, self.at, **known)
            try:
                return engine.open_case(
                    procedure.code,
                    by=by,
                    area=area,
                    data=data,
                    channel=channel,
                    applicant=applicant,
                    at=self.at,
                ).number
            except Invalid:
                if n == 19:
                    raise
        raise AssertionError

    def _applied(self, code: str, by: Actor, area: Area, applicant: Person) -> str:
        """Apply at a matter's door, which makes the form and reads the registers."""
        apply_for, named = (apply, f"model-{code}") if code in MATTERS else (apply_for_event, EVENT)
        return apply_for(
            named, by=by, area=area, channel="web", answers={"wish": WORDS}, applicant=applicant, at=self.at,
            papers={"paper": self.rng.choice(["bring", "later"])}, commitment=True,
        ).number  # fmt: skip

    def _opener(self, procedure: Procedure) -> Actor:
        specs = set(procedure.opened_by)
        if specs & {"anyone", "resident", "reporter"}:
            return self.world.resident
        roles = {spec.partition("@")[0] for spec in specs}
        return next(a for a in self.world.actors if a.roles & roles)

    def _challenge(self, procedure: Procedure) -> Case:
        """Bring a case to a decision that this procedure is the remedy for, then ask for it."""
        owner, decisions = self.rng.choice(decided_by(procedure.code))
        for _ in range(40):
            case = self.begin(owner)
            if self._until_decided(case, decisions):
                break
        else:
            raise AssertionError(f"no way of {owner} came to any of {sorted(decisions)}")
        self.entries.numbers = [case.number]
        assert case.applicant is not None
        number = self._opened(
            procedure, self.world.resident, case.area, case.applicant, challenged=case.number
        )
        return self._noted(number, f"against {case.number}")

    def _dispute(self) -> Case:
        """Bring an application to the other place; then the window, or that place, questions who is responsible."""
        case = self.begin("cross-region")
        for _ in range(40):
            case.refresh_from_db()
            if case.step == "there":
                break
            if case.step == "sent":
                engine.act(case, "arrived", ARRIVED, by=SYSTEM, at=self.at)
            else:
                self._towards_the_end(case, anyhow=False)
        assert case.step == "there", f"{case.number} stays at {case.step}"
        number = disputed(case, self.rng, self.world.actors, self.at)
        return self._noted(number, f"about {case.number}")

    def _until_decided(self, case: Case, decisions: frozenset[str]) -> bool:
        for _ in range(60):
            case.refresh_from_db()
            here = [a for a in procedure_of(case.version_id).actions_at(case.step) if a.code in decisions]
            for action in here:
                if self.try_action(case, action):
                    return True
            if case.ended_at is not None:
                return False
            self.go_on(case, jumps=JUMPS[:2])
        return False

    def _noted(self, number: str, words: str) -> Case:
        case = Case.objects.get(number=number)
        self.case_ids.append(case.pk)
        self.entries.numbers = list(
            Case.objects.filter(procedure=case.procedure).values_list("number", flat=True)
        )
        self.story.append(f"{self.at:%m-%d %H:%M} {number} {words} → {case.step}")
        return case

    # ---- going on

    def go_on(self, case: Case, jumps: list[timedelta] = JUMPS) -> bool:
        """One thing that happens: time goes by, or somebody acts."""
        case.refresh_from_db()
        if self.rng.random() < 0.25:
            self.wait(self.rng.choice(jumps))
            return True
        procedure = procedure_of(case.version_id)
        actions = [a for a in procedure.actions_at(case.step) if a.by != ("system",)]
        self.rng.shuffle(actions)
        if (
            self.rng.random() < 0.9
        ):  # else withdrawing and waiving would end nearly every way at its beginning
            actions = [a for a in actions if not ends_anywhere(procedure, a)]
        return any(self.try_action(case, action) for action in actions[:5])

    def wait(self, how_long: timedelta) -> None:
        self.at += how_long
        while engine.tick(self.at):
            pass
        for case in Case.objects.filter(pk__gt=self.last_before, procedure__in=ELSEWHERE):
            if case.step in ELSEWHERE[case.procedure]:
                self._news_from_elsewhere(case)

    def _news_from_elsewhere(self, case: Case) -> None:
        """The other place goes on with its half, and tells us of it (对方平台的消息)."""
        said = self.rng.choice(ELSEWHERE[case.procedure][case.step])
        action = procedure_of(case.version_id).action(case.step, said)
        assert action is not None
        data = self.entries.for_form(procedure_of(case.version_id), action, self.at)
        engine.act(case, action.code, data, by=SYSTEM, at=self.at)
        self.story.append(f"{self.at:%m-%d %H:%M} {case.number} {action.code} by the other place")

    def try_action(self, case: Case, action: Action) -> bool:
        procedure = procedure_of(case.version_id)
        people = self.world.able(case, procedure, action)
        self.rng.shuffle(people)
        for who in people[:8]:
            for _ in range(2):
                case.refresh_from_db()
                if procedure.action(case.step, action.code) is None:
                    return False
                answer = self._try(case, procedure, action, who)
                if answer is not None:
                    return answer
        return False

    def _try(self, case: Case, procedure: Procedure, action: Action, who: Actor) -> bool | None:
        """True: done. None: not by this person, or not with these entries."""
        data = self.entries.for_form(procedure, action, self.at)
        n_told = Notice.objects.filter(case_number=case.number, person=case.applicant_id).count()
        before = case.ended_at
        try:
            engine.act(case, action.code, data, by=who, at=self.at)
        except (NotAllowed, NotFound, Refused, Invalid, OutOfDate):
            return None
        case.refresh_from_db()
        self.done[action.code] += 1
        self.story.append(
            f"{self.at:%m-%d %H:%M} {case.number} {who.name or who.kind}: {action.code} → {case.step}"
        )
        if before is None and case.ended_at is not None:
            self.told(case, n_told, who)
        return True

    def told(self, case: Case, n_told: int, who: Actor) -> None:
        """No end without its notices: the party is told, unless it was they who ended it."""
        if case.applicant_id is None or who.person_id == case.applicant_id:
            return
        if not concerns_party(procedure_of(case.version_id)):
            return
        n_now = Notice.objects.filter(case_number=case.number, person=case.applicant_id).count()
        assert n_now > n_told, f"{case.number} ended at {case.step} and its party was not told"

    # ---- coming to an end

    def finish(self, case: Case) -> None:
        """Whoever can brings the case to an end; linked cases that it waits for come first."""
        for n in range(LAST_ACTS):
            case.refresh_from_db()
            if case.ended_at is not None:
                return
            if n % 5 == 4:
                for other in Case.objects.filter(origin=case, ended_at__isnull=True):
                    self.finish(other)
            if self.rng.random() < 0.35:
                self.wait(self.rng.choice(JUMPS[:4]))
            if not self._towards_the_end(case, anyhow=n > LAST_ACTS // 2):
                self.wait(self.rng.choice(JUMPS))
        raise AssertionError(f"{case.number} is stuck at {case.step} ({case.status})")

    def _towards_the_end(self, case: Case, *, anyhow: bool) -> bool:
        procedure, away = procedure_of(case.version_id), to_end(case.version_id)
        actions = [a for a in procedure.actions_at(case.step) if a.by != ("system",)]
        self.rng.shuffle(actions)
        if case.status == "suspended":
            actions.sort(key=lambda a: not a.resumes)
        else:
            actions = [a for a in actions if (a.to and a.to in away) or a.returns]
            nearer = away.get(case.step, 0)
            actions = [
                a
                for a in actions
                if anyhow or (not ends_anywhere(procedure, a) and away.get(a.to, 0) <= nearer)
            ]
            actions.sort(key=lambda a: away.get(a.to, 0) + self.rng.random() * 3)
        return any(self.try_action(case, action) for action in actions[:5])

    # ---- what must hold

    def check(self) -> None:
        for case in Case.objects.filter(pk__gt=self.last_before).order_by("pk"):
            if self.checked.get(case.pk) != case.seq:
                self.checked[case.pk] = case.seq
                check_case(case)


def ends_anywhere(procedure: Procedure, action: Action) -> bool:
    """Withdrawing, waiving: an end that is open at every step."""
    return action.code in procedure.anywhere and bool(action.to) and procedure.steps[action.to].kind == "end"


def concerns_party(procedure: Procedure) -> bool:
    from linli.kernel.procedures.offered import concerns_a_party

    return concerns_a_party(procedure)


def decided_by(remedy: str) -> list[tuple[str, frozenset[str]]]:
    """(procedure, its adverse actions) whose remedy is this one."""
    found = []
    for code in CODES:
        procedure = procedure_of(current_version(code, "350102001001001"))
        actions = frozenset(a.code for a in all_actions(procedure) if a.adverse and a.remedy == remedy)
        if actions:
            found.append((code, actions))
    assert found, f"nothing names {remedy} as its remedy"
    return found


def check_case(case: Case) -> None:
    procedure = procedure_of(case.version_id)
    step = procedure.steps[case.step]
    assert proof.replay(case) == []
    tasks = list(Task.objects.filter(case=case, done_at__isnull=True))
    assert (step.kind == "end") == (case.status == "ended") == (case.ended_at is not None) == (not tasks)
    barred = list(Recusal.objects.filter(case=case).values_list("organisation_id", flat=True))
    for task in tasks:
        assert task.step == case.step
        assert task.due_at >= task.opened_at
        if task.queue == "system":
            assert step.timeout, f"{case.number}: nobody and no clock ends {case.step}"
        elif task.queue.startswith("person#"):
            assert step.timeout or any(a.by for a in step.actions.values()) or task.queue != "person#0"
        else:
            assert able_in(task.queue, barred), f"{case.number}: nobody can do {task.step} in {task.queue}"
    rows = list(Record.objects.filter(case_id=case.pk).order_by("seq").values_list("seq", "at"))
    assert [seq for seq, _ in rows] == list(range(1, case.seq + 1))
    assert [at for _, at in rows] == sorted(at for _, at in rows)
    stale = Supervision.objects.filter(case=case, done_at__isnull=True).exclude(
        task__in=[t.pk for t in tasks]
    )
    assert not stale.exists(), "a supervisor is asked to look at a task that is done"
    if step.kind != "publicity":
        on_show = Publication.objects.filter(case_id=case.pk, kind="notice", state="shown")
        assert not on_show.exists(), f"{case.number} left its publicity and is still on show"


def _above_the_county(cast: Cast) -> None:
    for name, (code, zh, en, level) in LAW_AREAS.items():
        cast.areas[name] = Area.objects.create(
            code=code, prefix=prefix_of(code), name=zh, name_en=en, level=level
        )


@pytest.mark.django_db
@pytest.mark.parametrize("code", CODES)
def test_no_case_is_stuck_whatever_lawful_way_it_goes(cast: Cast, code: str) -> None:
    from linli.kernel.procedures.versions import load_all

    load_all()
    lamp_category()
    _above_the_county(cast)
    world = World(cast)
    outcomes: Counter[str] = Counter()
    for seed in range(WAYS or 6):
        way = Way(cast, world, seed)
        try:
            case = way.begin(code)
            for _ in range(RANDOM_ACTS):
                way.go_on(case)
                way.check()
            way.finish(case)
            for other in Case.objects.filter(ended_at__isnull=True):
                way.finish(other)
            way.check()
        except Exception as error:
            error.add_note(f"{code}, seed {seed}\n" + "\n".join(way.story))
            raise
        case.refresh_from_db()
        outcomes[case.outcome] += 1
    assert proof.verify_all().first_fault is None
    if WAYS >= 30:
        ends = {s.outcome for s in procedure_of(case.version_id).steps.values() if s.kind == "end"}
        assert len(outcomes) > 1 or len(ends) == 1, "the model goes one way only"
