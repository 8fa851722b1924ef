"""A file that is not written as it must be is named, key by key, with the mend (写法检查)."""

from __future__ import annotations

from typing import Any

import pytest

from linli.kernel.procedures.checks import Finding
from linli.kernel.procedures.checks.shape import shaped
from linli.kernel.procedures.examination import Source, examine
from linli.kernel.procedures.versions import shipped_files

FILE: dict[str, Any] = {
    "code": "wish",
    "prefix": "WI",
    "title": {"zh": "建议", "en": "Wish"},
    "basis": ["意见 四(三)"],
    "limit": "5 working days",
    "steps": {
        "asked": {
            "title": {"zh": "待答复", "en": "To be answered"},
            "actor": "dispatcher@township",
            "within": "1 working day",
            "actions": {"answer": {"title": {"zh": "答复", "en": "Answer"}, "to": "answered"}},
        },
        "answered": {"title": {"zh": "已答复", "en": "Answered"}, "kind": "end", "outcome": "answered"},
    },
}


def findings_of(raw: dict[str, Any]) -> list[Finding]:
    return examine([Source("wish.toml", raw)], beside={}).findings


def test_what_is_shipped_has_no_unknown_key() -> None:
    assert [f for _, raw in shipped_files().values() for f in shaped(raw).findings] == []


@pytest.mark.parametrize(
    ("path", "key", "meant"),
    [
        ((), "escalations", "escalation"),
        (("steps", "asked"), "wihtin", "within"),
        (("steps", "asked", "actions", "answer"), "notify", "notifies"),
    ],
)
def test_a_slip_of_the_pen_is_found_with_what_was_meant(path: tuple[str, ...], key: str, meant: str) -> None:
    import copy

    raw = copy.deepcopy(FILE)
    table = raw
    for part in path:
        table = table[part]
    table[key] = "x"
    (finding,) = [f for f in findings_of(raw) if f.rule == "PC603"]
    assert finding.where.endswith(f".{key}")
    assert meant in finding.mend.zh


@pytest.mark.parametrize("value", ["soon", 3, ["1 day"], {"by": 5}])
def test_a_value_that_cannot_be_read_is_a_finding_and_no_crash(value: Any) -> None:
    findings = findings_of({**FILE, "limit": value})
    assert findings
    assert {f.rule for f in findings} <= {"PC604", "PC211"}


def test_the_file_itself_passes() -> None:
    assert findings_of(FILE) == []
