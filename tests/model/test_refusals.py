"""Every decision against somebody, in every shipped procedure (逐个不利决定): none goes out without its reason, its article
and its remedy, whoever sends it.

The checker is asked about each file with one of the three taken out. The engine is asked by bringing cases on random
lawful ways to where the decision is open, as its own officer: a refusal that names the missing entry has passed everything else.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest

from linli.base.errors import Invalid, NotAllowed, NotFound, OutOfDate, Refused
from linli.kernel.procedures import engine
from linli.kernel.procedures.definitions import Action, Procedure
from linli.kernel.procedures.examination import examine, source_at
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.versions import current_version, load_all, procedure_of, shipped_files
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import lamp_category
from tests.model.test_every_procedure import CODES, RANDOM_ACTS, Way, _above_the_county
from tests.model.world import World, all_actions

WHY = ("reason", "legal_basis")
WAYS = 60


def adverse_of(raw: dict[str, Any]) -> list[tuple[str, str]]:
    """(step, or empty for `anywhere`; action) of every adverse action that a file marks."""
    steps = [(s, a) for s, step in raw["steps"].items() for a in step.get("actions", {})]
    places = [*steps, *(("", a) for a in raw.get("anywhere", {}))]
    return [(s, a) for s, a in places if action_in(raw, s, a).get("adverse")]


def action_in(raw: dict[str, Any], step: str, action: str) -> dict[str, Any]:
    found: dict[str, Any] = raw["steps"][step]["actions"][action] if step else raw["anywhere"][action]
    return found


ADVERSE = [
    (code, step, action)
    for code in sorted(shipped_files())
    for step, action in adverse_of(shipped_files()[code][1])
]
WITH_ADVERSE = sorted({code for code, _, _ in ADVERSE} & set(CODES))


def test_there_is_something_to_ask() -> None:
    assert len(ADVERSE) >= 40


@pytest.mark.parametrize(("code", "step", "action"), ADVERSE)
@pytest.mark.parametrize("taken", [*WHY, "remedy"])
def test_a_file_without_reason_article_or_remedy_does_not_load(
    code: str, step: str, action: str, taken: str
) -> None:
    """行政许可法 38、55、行政处罚法 44、政府信息公开条例 36、信访工作条例 32–36: PC301, PC303."""
    path, raw = shipped_files()[code]  # read anew: it may be changed
    changed = action_in(raw, step, action)
    if taken == "remedy":
        changed.pop("remedy", None)
        changed.pop("final_by", None)
    else:
        changed["form"] = [field for field in changed["form"] if field != taken]
    beside = {other: content for other, (_, content) in shipped_files().items() if other != code}
    found = examine([source_at(path, raw)], beside=beside)
    at = ["steps", step, "actions", action] if step else ["anywhere", action]
    rule = "PC303" if taken == "remedy" else "PC301"
    assert [f for f in found.findings if f.rule == rule and list(f.path[: len(at)]) == at]


class Asking(Way):
    """A way on which every adverse decision that comes within reach is first sent badly, and never goes out."""

    proven: dict[str, set[str]]

    def ask(self, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
        case.refresh_from_db()
        procedure = procedure_of(case.version_id)
        for action in procedure.actions_at(case.step):
            if action.adverse:
                for lacking in {*WHY, "remedy"} - self.proven[action.code]:
                    self._sent_badly(case, procedure, action, lacking, monkeypatch)

    def _sent_badly(
        self,
        case: Case,
        procedure: Procedure,
        action: Action,
        lacking: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        for who in self.world.able(case, procedure, action)[:12]:
            data = self.entries.for_form(procedure, action, self.at)
            before = (case.seq, Record.objects.filter(case_id=case.pk).count())
            with monkeypatch.context() as during:
                if lacking == "remedy":  # as if such a version had come past the checker
                    during.setattr(engine, "procedure_of", lambda _: without_remedy(procedure, action))
                else:
                    data[lacking] = self.rng.choice(["", "  ", None])
                with pytest.raises((Invalid, Refused, NotAllowed, NotFound, OutOfDate)) as refused:
                    engine.act(case, action.code, data, by=who, at=self.at)
            case.refresh_from_db()
            assert (case.seq, Record.objects.filter(case_id=case.pk).count()) == before
            error = refused.value
            if (isinstance(error, Invalid) and lacking in error.fields) or (
                error.code == "procedures.no_remedy"
            ):
                self.proven[action.code].add(lacking)
                return


def without_remedy(procedure: Procedure, action: Action) -> Procedure:
    bare = replace(action, remedy="", final_by="")
    if action.code in procedure.anywhere:
        return replace(procedure, anywhere={**procedure.anywhere, action.code: bare})
    steps = {
        code: replace(step, actions={c: bare if a is action else a for c, a in step.actions.items()})
        for code, step in procedure.steps.items()
    }
    return replace(procedure, steps=steps)


@pytest.mark.django_db
@pytest.mark.parametrize("code", WITH_ADVERSE)
def test_the_engine_sends_no_refusal_without_reason_article_or_remedy(
    cast: Cast, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_all()
    lamp_category()
    _above_the_county(cast)
    world, proven = World(cast), defaultdict[str, set[str]](set)
    wanted = {
        a.code for a in all_actions(procedure_of(current_version(code, "350102001001001"))) if a.adverse
    }
    for seed in range(WAYS):
        way = Asking(cast, world, seed)
        way.proven = proven
        case = way.begin(code)
        for _ in range(RANDOM_ACTS):
            way.ask(case, monkeypatch)
            way.go_on(case)
        if all(proven[action] == {*WHY, "remedy"} for action in wanted):
            return
    lacking = {a: {*WHY, "remedy"} - proven[a] for a in wanted}
    raise AssertionError(f"{code}: not brought to the test in {WAYS} ways: {lacking}")
