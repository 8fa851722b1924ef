"""The checker of matters (事项检查): each rule with a file that breaks it, and the file mended."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from linli.base.i18n import Text
from linli.domains.matters.checks import check_matter
from linli.domains.matters.reading import placed, read_matter
from linli.domains.matters.spec import CATALOGUE, holds

GOOD = (CATALOGUE / "subsistence.toml").read_text(encoding="utf-8")
OWNED = {"person.address": Text("居民登记", "the register of residents")}


def rules(**changed: Any) -> set[str]:
    raw = {**tomllib.loads(GOOD), **changed}
    spec, wrong = read_matter({k: v for k, v in raw.items() if v is not None})
    return {
        f.rule for f in (wrong if spec is None else check_matter(spec, owned=OWNED, departments={"civil"}))
    }


PAPER = {"code": "p", "title": "材料 | Paper", "basis": ["社会救助法 40"]}
ASKED = {"code": "q", "title": "住址 | Address"}


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("MC101", {"title": None}),
        ("MC101", {"materials": [{"code": "p"}]}),
        ("MC102", {"colour": "red"}),
        ("MC103", {"kind": "present"}),
        ("MC104", {"materials": [PAPER, PAPER]}),
        ("MC105", {"promised_limit": "soon"}),
        ("MC201", {"legal_limit": "20 working days", "promised_limit": "21 working days"}),
        ("MC201", {"legal_limit": "15 days", "promised_limit": "15 working days"}),
        ("MC201", {"legal_limit": "30 days", "promised_limit": "20 working days"}),  # not over the Spring Festival
        ("MC202", {"legal_limit_none": None}),
        ("MC202", {"legal_limit_none": "没有 | none"}),
        ("MC203", {"handling": "instant", "promised_limit": "2 working days"}),
        ("MC204", {"handling": "instant", "promised_limit": "1 working day", "special": ["expert"]}),
        ("MC205", {"kind": "licence", "legal_limit": "30 working days", "special": ["hearing"]}),
        ("MC302", {"refusals": [{"code": "no", "title": "不合适 | Unfit"}]}),
        ("MC103", {"procedure": "whim"}),
        ("MC304", {"short": "申请低保"}),
        ("MC401", {"materials": [{**PAPER, "basis": []}]}),
        ("MC402", {"materials": [{**PAPER, "title": "收入证明 | Certificate of income"}]}),
        ("MC402", {"materials": [{**PAPER, "certificate": "good-conduct"}]}),
        ("MC402", {"materials": [{**PAPER, "title": "村委会盖章的家庭情况说明 | Account of the family, sealed by the village"}]}),
        ("MC403", {"materials": [{**PAPER, "title": "亲属关系证明 | Certificate of kinship"}]}),
        ("MC404", {"materials": [{**PAPER, "element": "person.address"}]}),
        ("MC404", {"fields": [{**ASKED, "element": "person.address"}]}),
        ("MC405", {"materials": [{**PAPER, "need": "conditional", "if": {"field": "none", "is": 1}}]}),
        ("MC406", {"materials": [{**PAPER, "source": "register"}]}),
        ("MC407", {"materials": [{**PAPER, "need": "conditional"}]}),
        ("MC408", {"fields": [{**ASKED, "type": "choice"}]}),
        ("MC501", {"channels": ["web"]}),
        ("MC502", {"effective_from": "2026-07-01", "effective_to": "2026-06-30"}),
        ("MC503", {"fee": {"amount": "10 元 | 10 yuan"}}),
        ("MC504", {"mode": "receive_for"}),
        ("MC505", {"department": "moon"}),
    ],
)  # fmt: skip
def test_a_file_that_breaks_a_rule_is_told_so(rule: str, changed: dict[str, Any]) -> None:
    assert rule in rules(**changed)


def test_the_file_itself_is_clean() -> None:
    assert not rules()


def test_what_a_register_holds_may_be_asked_with_a_reason_or_offered_for_correction() -> None:
    why = "要寄到现在住的地方，登记的可能不是 | It is sent to where you live now"
    assert not rules(materials=[], fields=[{**ASKED, "element": "person.address", "ask_again": why}])
    assert not rules(materials=[], fields=[{**ASKED, "element": "person.address", "prefilled": True}])
    assert not rules(materials=[{**PAPER, "element": "person.address", "source": "register"}])


def test_a_finding_names_its_line() -> None:
    broken = GOOD.replace('promised_limit = "22 working days"', 'promised_limit = "soonish"').replace(
        "kind = ", "kinds = "
    )
    _, wrong = read_matter(tomllib.loads(broken))
    lines = {f.rule: f.line for f in placed(wrong, broken, "x.toml")}
    assert broken.splitlines()[lines["MC102"] - 1].startswith("kinds")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, True),
        ({"field": "a", "is": 1}, True),
        ({"field": "a", "is": 2}, False),
        ({"field": "b", "in": ["x"]}, True),
        ({"field": "b", "is": "z"}, False),
        ({"field": "none", "is": True}, False),
        ({"all": [{"field": "a", "is": 1}, {"field": "b", "is": "x"}]}, True),
        ({"any": [{"field": "a", "is": 2}, {"all": [{"field": "a", "is": 1}]}]}, True),
        ({"all": [{"field": "a", "is": 1}, {"field": "a", "is": 2}]}, False),
    ],
)
def test_conditions(condition: dict[str, Any] | None, expected: bool) -> None:
    assert holds(condition, {"a": 1, "b": ["x", "y"]}) is expected
