"""Everybody who may have to act in any shipped procedure, and what they might enter (模型测试的世界)."""

from __future__ import annotations

import random
import tomllib
from datetime import date, datetime, timedelta
from typing import Any

from linli.base.clock import local
from linli.domains.matters import services as catalogue
from linli.domains.matters.application_fields import forget as forget_matters
from linli.domains.matters.form import Answers, Papers
from linli.domains.matters.spec import CATALOGUE
from linli.domains.registers.services import register_resident
from linli.kernel.people.actors import SYSTEM, Actor, actor_for, reporter_of
from linli.kernel.people.models import Account, Appointment, Organisation, Post
from linli.kernel.procedures.definitions import Action, FieldDef, Procedure
from linli.kernel.procedures.fields import GROUNDS
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.roles import ROLES
from linli.kernel.procedures.versions import current_procedures
from tests.cast import SINCE, Cast
from tests.exchanging import NEIGHBOUR, Neighbour

WORDS = "写了一句话，说明情况。"
# The organisations that may be given work; the garden also has several people.
WORKING = ("municipal", "garden", "property")
# What is applied for at a matter's door has a matter of its own here, with one paper and one question.
MATTERS = {"service": "county", "assistance": "county", "loan": "county", "agency": "village"}
EVENT = "model-event"
LEVEL_OF = {"village": "village1", "grid": "grid1", "township": "township", "county": "county"}


class World:
    """Two people in every role at every level that a procedure names, and two in every working organisation."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.actors: list[Actor] = []
        for role, level in sorted(self._wanted()):
            self._seat(role, level)
        self.resident = cast.actor("resident")
        Neighbour().admitted()
        self.outsider = cast.actor("outsider")
        register_resident(cast.person("resident"), area=cast.area("village1"), by=SYSTEM, at=SINCE)
        self._matters()

    def _matters(self) -> None:
        forget_matters()  # a version that another test published went with it
        county, shipped = (
            self.cast.area("county"),
            tomllib.loads((CATALOGUE / "subsistence.toml").read_text("utf-8")),
        )
        paper = {"code": "paper", "title": "材料 | Paper", "need": "tolerable", "basis": ["社会救助法 40"]}
        for n, (procedure, level) in enumerate(MATTERS.items()):
            said = {
                "code": f"model-{procedure}", "basic_code": f"99999999999{n}", "procedure": procedure, "level": level,
                "department": WORKING[0], "fields": [{"code": "wish", "title": "想办什么 | What you wish"}], "materials": [paper], "steps": {}, "kind": "public_service",
            }  # fmt: skip
            catalogue.adopt(county, {**shipped, **said}, from_on=date(2026, 1, 1), by=SYSTEM, at=SINCE)
        event = {
            "code": EVENT, "title": "一件事 | An event", "short": "一件事 | An event",
            "matters": [{"code": "model-service"}, {"code": "model-assistance", "after": ["model-service"]}],
        }  # fmt: skip
        catalogue.adopt_life_event(county, event, by=SYSTEM, at=SINCE)

    def _wanted(self) -> set[tuple[str, str]]:
        wanted = set()
        for procedure in current_procedures():
            specs = {*procedure.opened_by, *procedure.overseers, *(e.to for e in procedure.escalation)}
            specs |= {procedure.extend.by} if procedure.extend else set()
            for step in procedure.steps.values():
                specs |= {step.actor, step.helpers_actor}
            for action in all_actions(procedure):
                specs |= {*action.by, action.part_to.actor if action.part_to else ""}
            wanted |= {tuple(spec.split("@")) for spec in specs if "@" in spec}
        return wanted

    def _seat(self, role: str, level: str) -> None:
        if level == "assigned":
            for name in WORKING:
                for n in (1, 2):
                    self._post(role, self.cast.organisation(name), "county", f"{role}-{name}-{n}")
            if role == "agent":  # works in the village itself
                self._post(role, self.cast.organisation("committee"), "village1", f"{role}-committee")
        else:
            area = LEVEL_OF.get(level, "township" if level == "window" else level)
            if area not in self.cast.areas:
                return
            below = area in {"township", "village1", "grid1"}
            organisation = self.cast.organisation("street" if below else "government")
            for n in (1, 2):
                self._post(role, organisation, area, f"{role}-{level}-{n}")

    def _post(self, role: str, organisation: Organisation, area: str, name: str) -> None:
        account = Account.objects.create(username=f"model-{name}", name=name, name_en=name, created_at=SINCE)
        post = Post.objects.create(
            organisation=organisation,
            title=str(ROLES[role].title.zh),
            roles=[role],
            area=self.cast.area(area),
        )
        Appointment.objects.create(post=post, account=account, from_on=date(2026, 1, 1))
        self.actors.append(actor_for(account))

    # ---- who might do it

    def able(self, case: Case, procedure: Procedure, action: Action) -> list[Actor]:
        """Whoever could be meant by this action: the engine says who really may."""
        found = list(self.actors)
        if case.applicant_id == self.resident.person_id:
            found.append(self.resident)
        else:
            found.append(reporter_of(case.pk))
        roles = {spec.partition("@")[0] for spec in action.by}
        if action.by:
            staff = [a for a in found if a.roles & roles]
            party = [a for a in found if not a.is_staff and roles & {"applicant", "reporter"}]
            return staff + party
        step = procedure.steps[case.step]
        roles = {s.partition("@")[0] for s in (step.actor, step.helpers_actor) if s}
        if action.extends and procedure.extend:
            roles = {procedure.extend.by.partition("@")[0]}
        roles |= {a.part_to.actor.partition("@")[0] for a in step.actions.values() if a.part_to}
        if step.actor == "applicant":
            return [a for a in found if not a.is_staff]
        return [a for a in found if a.roles & roles]


def all_actions(procedure: Procedure) -> list[Action]:
    return [a for s in procedure.steps.values() for a in s.actions.values()] + list(
        procedure.anywhere.values()
    )


class Entries:
    """Entries that pass (能通过的填写): by the field's type, and by its name where a domain's guard looks at it."""

    def __init__(self, rng: random.Random, world: World) -> None:
        self.rng, self.world = rng, world
        self.numbers: list[str] = []

    def for_form(self, procedure: Procedure, action: Action, at: datetime) -> dict[str, Any]:
        form = dict.fromkeys(action.form, True) | {
            code: False for code in action.optional if self.rng.random() < 0.3
        }
        return self._filled(procedure, form, at, action)

    def for_opening(self, procedure: Procedure, at: datetime, **known: Any) -> dict[str, Any]:
        optional = set(procedure.open_optional)
        form = {
            code: code not in optional
            for code in procedure.open_form
            if code not in optional or self.rng.random() < 0.4
        }
        return {**self._filled(procedure, form, at, None), **known}

    def _filled(
        self, procedure: Procedure, form: dict[str, bool], at: datetime, action: Action | None
    ) -> dict[str, Any]:
        data = {}
        for code in form:
            value = self.value(procedure.fields[code], at, action)
            if value not in (None, "", []):
                data[code] = value
        return data

    def value(self, definition: FieldDef, at: datetime, action: Action | None) -> Any:
        if definition.type not in MADE:
            raise AssertionError(f"the model does not know how to fill a {definition.type!r}")
        return MADE[definition.type](self, definition, at, action)

    def _integer(self, definition: FieldDef) -> int:
        low = int(definition.options.get("min", 0))
        most = definition.max if definition.max is not None else low + 3
        return low + self.rng.randrange(min(3, most - low + 1))

    def _organisations(self, definition: FieldDef) -> list[str]:
        if definition.assigns == "recused":
            return ["350102-committee"]
        return [f"350102-{name}" for name in self.rng.sample(WORKING, self.rng.choice([1, 2]))]

    def _officer(self) -> str:
        """Somebody of the authority whose officer begins the cases of the model."""
        officers = [a for a in self.world.actors if "officer" in a.roles]
        own = [a for a in officers if a.organisation_ids == officers[0].organisation_ids]
        return self.rng.choice(own).hats[0].post_uid.hex


MADE: dict[str, Any] = {
    "text": lambda e, f, at, a: WORDS[: f.max or 100],
    "string": lambda e, f, at, a: WORDS[: f.max or 100],
    "phone": lambda e, f, at, a: "13900000009",
    "id_number": lambda e, f, at, a: "350102199001010016",
    "choice": lambda e, f, at, a: e.rng.choice([code for code, _ in f.choices]),
    "radio": lambda e, f, at, a: e.rng.choice([code for code, _ in f.choices]),
    "ground": lambda e, f, at, a: e.rng.choice(a.suspends.grounds if a and a.suspends else tuple(GROUNDS)),
    "integer": lambda e, f, at, a: e._integer(f),
    "checkboxes": lambda e, f, at, a: [code for code, _ in f.choices if e.rng.random() < 0.3],
    "rating": lambda e, f, at, a: e.rng.choice([1, 5]),
    "boolean": lambda e, f, at, a: e.rng.choice([True, False]),
    "date": lambda e, f, at, a: (local(at).date() + timedelta(days=e.rng.choice([0, 3, 12, 20]))).isoformat(),
    "organisation": lambda e, f, at, a: f"350102-{e.rng.choice(WORKING)}",
    "organisations": lambda e, f, at, a: e._organisations(f),
    "case_number": lambda e, f, at, a: e.rng.choice(e.numbers) if e.numbers else None,
    "event_category": lambda e, f, at, a: "test:1:lamp",
    "officer": lambda e, f, at, a: e._officer(),
    "uscc": lambda e, f, at, a: "91350100M000100Y43",
    "matter": lambda e, f, at, a: None,  # by the door of the matter alone
    "matter_answers": lambda e, f, at, a: None,
    "matter_papers": lambda e, f, at, a: None,
    "promise": lambda e, f, at, a: None,
    "matter_paper": lambda e, f, at, a: ["paper"],
    "photos": lambda e, f, at, a: None,
    "files": lambda e, f, at, a: None,
    "voice": lambda e, f, at, a: None,
    "cross_place": lambda e, f, at, a: NEIGHBOUR,
    "cross_words": lambda e, f, at, a: {"zh": WORDS, "en": "A sentence."},
    "cross_answers": lambda e, f, at, a: Answers(),
    "cross_papers": lambda e, f, at, a: Papers(),
    "cross_paper": lambda e, f, at, a: [],
    "cross_slip": lambda e, f, at, a: [],
}
