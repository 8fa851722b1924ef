"""What changed between two versions, in words (程序对照): every key shows up, what says the same does not."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from linli.base.i18n import Text
from linli.kernel.procedures.checks import shape
from linli.kernel.procedures.difference import Change, differences, grouped
from linli.kernel.procedures.differencewords import INSIDE, LABELS
from linli.kernel.procedures.versions import shipped_files

Path = tuple[str, ...]
CHINESE = re.compile(r"[\u4e00-\u9fff]")

WHOLE: dict[str, Any] = {
    "code": "wish",
    "title": {"zh": "建议", "en": "Wish"},
    "prefix": "WI",
    "limit": {"by": "grade", "simple": "3 working days", "hard": "10 working days"},
    "fields": {
        "grade": {
            "title": {"zh": "难度", "en": "Difficulty"},
            "type": "choice",
            "choices": {"simple": {"zh": "简单", "en": "Simple"}, "hard": {"zh": "难", "en": "Hard"}},
        },
        "phone": {
            "title": {"zh": "电话", "en": "Phone"},
            "type": "phone",
            "personal": {
                "purpose": "case-contact",
                "basis": "个人信息保护法 13",
                "seen_by": ["clerk"],
                "keep": "1 year after end",
            },
        },
    },
    "open": {"form": ["grade"]},
    "extend": {"max": "5 working days", "by": "leader@township"},
    "challenge": {"within": "30 days"},
    "moves": {"from": [1], "steps": {"old": "asked"}},
    "emergency": {"limit": "2 days", "steps": {"asked": "2 hours"}},
    "escalation": [{"at": "80%", "do": "yellow"}],
    "steps": {
        "asked": {
            "title": {"zh": "待答复", "en": "To be answered"},
            "actor": "clerk@township",
            "within": "3 working days",
            "actions": {
                "answer": {"title": {"zh": "答复", "en": "Answer"}, "form": ["note"], "to": "answered"},
                "refuse": {
                    "title": {"zh": "不予答复", "en": "Refuse"},
                    "to": "answered",
                    "adverse": True,
                    "remedy": "wish-review",
                },
                "wait": {
                    "title": {"zh": "中止", "en": "Wait"},
                    "suspends": {"grounds": ["weather"], "notify": ["applicant"]},
                    "part_to": {"actor": "leader@township", "within": "1 working day"},
                },
            },
        },
        "answered": {"title": {"zh": "已答复", "en": "Answered"}, "kind": "end", "outcome": "answered"},
    },
    "anywhere": {"drop": {"title": {"zh": "撤回", "en": "Withdraw"}, "by": ["applicant"], "to": "answered"}},
}
# Names that stand for whatever a file itself names: its steps, actions, fields, choices.
NAMED = {
    ("steps",): "asked",
    ("steps", "asked", "actions"): "wait",
    ("anywhere",): "drop",
    ("fields",): "phone",
    ("emergency", "steps"): "asked",
    ("moves", "steps"): "old",
}
OF_KIND: list[tuple[shape.Value, Any]] = [
    (shape.STRING, "something"),
    (shape.YES_OR_NO, True),
    (shape.WHOLE, 9),
    (shape.WORDS, ["something"]),
    (shape.PERIOD, "9 hours"),
    (shape.DAYS, 9),
    (shape.SHARE, "60%"),
    (shape.A_DAY, "2031-01-01"),
    (shape.SOURCES, [9]),
    (shape.ANYTHING, "something"),
]
OTHER: dict[Path, Any] = {("first",): "answered", ("extend", "once"): False, ("challenge", "once"): False}


def places(node: shape.Node, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every place of the schema, with another value of the kind that it takes."""
    if isinstance(node, shape.Either):
        if isinstance(node.large, shape.Table) and "zh" in node.large.keys:
            yield path, {"zh": "别的", "en": "Other"}
            return
        if node.plain is shape.PERIOD:
            yield path, "9 hours"
        node = node.large
    if isinstance(node, shape.Rows):
        path, node = (*path, "0"), node.row
    if isinstance(node, shape.Value):
        yield path, OTHER.get(path) if path in OTHER else next(v for kind, v in OF_KIND if kind is node)
        return
    assert isinstance(node, shape.Table)
    for key, inner in node.keys.items():
        yield from places(inner, (*path, key))
    if node.rest is not None:
        yield from places(node.rest, (*path, NAMED.get(path, "hard")))


def changed(path: Path, value: Any) -> dict[str, Any]:
    raw = copy.deepcopy(WHOLE)
    table: Any = raw
    for key in path[:-1]:
        if isinstance(table, list):
            table = table[int(key)]
        else:
            if not isinstance(table.get(key), dict | list):
                table[key] = {}
            table = table[key]
    table[path[-1]] = value
    return raw


def in_words(change: Change) -> None:
    assert CHINESE.search(change.words.zh), change
    assert re.search(r"\b(added|removed|changed)\b", change.words.en), change
    assert change.words.zh.endswith("。")
    assert change.words.en.endswith(".")


@pytest.mark.parametrize(("path", "value"), [pytest.param(*p, id=".".join(p[0])) for p in places(shape.CASE)])
def test_every_key_of_the_schema_shows_up(path: Path, value: Any) -> None:
    raw = changed(path, value)
    where = ".".join(path)
    found = differences(WHOLE, raw)
    assert found
    for change in found:
        assert where.startswith(change.path) or change.path.startswith(where), change
    back = differences(raw, WHOLE)
    swap = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {c.path: c.kind for c in back} == {c.path: swap[c.kind] for c in found}
    for change in [*found, *back]:
        in_words(change)


def test_every_key_of_the_schema_has_a_name() -> None:
    known = {key for path, _ in places(shape.CASE) for key in path} - {"0", "hard", *NAMED.values()}
    assert known - set(LABELS) - {key for _, key in INSIDE} == set()


def test_what_says_the_same_is_no_change() -> None:
    raw = copy.deepcopy(WHOLE)
    raw["confidential"] = "parties"
    raw["first"] = "asked"
    raw["open"]["notifies"] = ["applicant"]
    raw["steps"]["asked"]["kind"] = "task"
    raw["steps"]["asked"]["within"] = {"is": "3 wd"}
    raw["steps"]["asked"]["actions"]["answer"]["adverse"] = False
    raw["steps"]["asked"]["actions"]["answer"]["form"] = "note"
    raw["extend"]["once"] = True
    raw["fields"]["note"] = {"title": {"zh": "说明", "en": "Note"}, "type": "text", "max": 2000}
    assert differences(WHOLE, raw) == []


def test_limits_say_whether_they_became_longer() -> None:
    raw = copy.deepcopy(WHOLE)
    raw["limit"]["simple"] = "5 working days"
    raw["steps"]["asked"]["within"] = "1 working day"
    raw["emergency"]["steps"]["asked"] = "30 minutes"
    raw["fields"]["phone"]["personal"]["keep"] = "2 years after end"
    found = {c.path: c for c in differences(WHOLE, raw)}
    assert found["limit.simple"].direction == "longer"
    assert found["limit.simple"].words == Text(
        "全程时限（简单）由“3 个工作日”改为“5 个工作日”（变长）。",
        "Limit of the whole (Simple) changed from “3 working days” to “5 working days” (longer).",
    )
    assert found["steps.asked.within.is"].direction == "shorter"
    assert found["emergency.steps.asked.is"].direction == "shorter"
    assert found["fields.phone.personal.keep"].direction == "longer"
    assert len(found) == 4


def test_a_limit_by_a_fact_instead_of_one_for_all_is_one_change() -> None:
    raw = copy.deepcopy(WHOLE)
    raw["steps"]["asked"]["within"] = {"by": "grade", "simple": "1 working day", "default": "3 working days"}
    (change,) = differences(WHOLE, raw)
    assert change.path == "steps.asked.within"
    assert "简单" in change.words.zh
    assert change.step == "asked"


def test_a_step_or_an_action_that_came_is_one_change() -> None:
    raw = copy.deepcopy(WHOLE)
    del raw["steps"]["asked"]["actions"]["refuse"]
    raw["steps"]["asked"]["actions"]["pass_on"] = {
        "title": {"zh": "转办", "en": "Pass on"},
        "to": "passed",
        "notifies": ["applicant"],
    }
    raw["steps"]["passed"] = {"title": {"zh": "已转办", "en": "Passed on"}, "kind": "end"}
    found = differences(WHOLE, raw)
    assert [(c.path, c.kind) for c in found] == [
        ("steps.asked.actions.pass_on", "added"),
        ("steps.asked.actions.refuse", "removed"),
        ("steps.passed", "added"),
    ]
    assert "“已转办”" not in found[1].words.zh
    assert "当事人" in found[0].words.zh
    assert "不予答复" in found[1].words.zh


def test_lists_say_what_came_and_what_went() -> None:
    raw = copy.deepcopy(WHOLE)
    raw["steps"]["asked"]["actions"]["answer"]["form"] = ["document"]
    (change,) = differences(WHOLE, raw)
    assert change.words == Text(
        "操作“答复”：要填的内容有变化：增加 文书编号，去掉 说明。",
        "Action “Answer”: what must be filled in changed: with Document number and without Note.",
    )


def test_changes_stand_step_by_step() -> None:
    raw = copy.deepcopy(WHOLE)
    raw["steps"]["answered"]["title"] = {"zh": "答复完毕", "en": "All answered"}
    raw["steps"]["asked"]["actor"] = "handler@assigned"
    raw["anywhere"]["drop"]["by"] = ["applicant", "clerk@township"]
    raw["prefix"] = "WX"
    groups = grouped(differences(WHOLE, raw), WHOLE, raw)
    assert [g.title.en for g in groups] == [
        "The whole procedure",
        "To be answered",
        "All answered",
        "Actions open at every step",
    ]
    assert groups[1].changes[0].words.zh == "承办人由“乡镇（街道）窗口人员”改为“承办单位的承办人”。"


def test_no_shipped_procedure_differs_from_itself() -> None:
    for _, raw in shipped_files().values():
        assert differences(raw, copy.deepcopy(raw)) == []


def test_two_quite_different_procedures_can_be_compared() -> None:
    raws = [raw for _, raw in shipped_files().values()]
    for old, new in pairwise(raws):
        for change in differences(old, new):
            in_words(change)
