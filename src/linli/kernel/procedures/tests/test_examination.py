"""A file that is not written as it must be is named, key by key, with the mend (写法检查)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from linli.kernel.procedures.checks import Finding
from linli.kernel.procedures.checks.shape import shaped
from linli.kernel.procedures.examination import Source, examine, examine_paths, read_source
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


# ---------------------------------------------------------------------------------------- several files together

REVIEW = """
code = "wish-review"
prefix = "WR"
title = { zh = "建议复核", en = "Review of a wish" }
basis = ["样例"]
opened_by = ["resident"]
[steps.asked]
title = { zh = "复核", en = "Review" }
actor = "supervisor@county"
within = "5 days"
[steps.asked.actions.uphold]
title = { zh = "成立", en = "Uphold" }
to = "upheld"
[steps.upheld]
title = { zh = "成立", en = "Upheld" }
kind = "end"
outcome = "upheld"
"""
WISH = (
    REVIEW.replace("wish-review", "wish").replace('"WR"', '"WS"')
    + """
[steps.asked.actions.refuse]
title = { zh = "不同意", en = "Refuse" }
form = ["reason", "legal_basis"]
adverse = true
remedy = "wish-review"
notifies = ["applicant"]
to = "refused"
[steps.refused]
title = { zh = "不同意", en = "Refused" }
kind = "end"
outcome = "refused"
"""
)
OVER = 'extends = "wish"\njurisdiction = "350102"\nbasis = ["本地规定"]\n'


def sources(**files: str) -> list[Source]:
    read = [read_source(f"{name}.toml", text.encode()) for name, text in files.items()]
    return [source for source in read if isinstance(source, Source)]


def together(*, beside: dict[str, dict[str, Any]] | None = None, **files: str) -> list[tuple[str, str, int]]:
    found = examine(sources(**files), beside=beside or {}).findings
    return [(f.rule, f.file, f.line) for f in found]


def test_files_given_together_refer_to_one_another() -> None:
    assert together(wish=WISH, review=REVIEW) == []
    line = WISH.splitlines().index('remedy = "wish-review"') + 1
    assert together(wish=WISH) == [("PC303", "wish.toml", line)]
    assert together(wish=WISH, beside={"wish-review": tomllib.loads(REVIEW)}) == []


def test_a_file_takes_the_place_of_the_one_with_its_code() -> None:
    shipped = {"wish": tomllib.loads(WISH), "wish-review": tomllib.loads(REVIEW)}
    assert together(copy=WISH, beside=shipped) == []


def test_two_files_of_one_code_are_one_too_many() -> None:
    assert together(one=REVIEW, two=REVIEW) == [("PC609", "two.toml", 2)]


def test_two_files_of_one_prefix_cannot_be_told_apart() -> None:
    other = REVIEW.replace('"wish-review"', '"other"')
    assert together(one=REVIEW, two=other) == [("PC609", "one.toml", 3), ("PC609", "two.toml", 3)]


def test_an_override_is_laid_over_a_file_given_with_it_in_either_order() -> None:
    over = OVER + '[steps.asked]\nwithin = "soon"\n'
    assert together(over=over, wish=WISH, review=REVIEW) == [("PC604", "over.toml", 5)]
    assert together(wish=WISH, review=REVIEW, over=OVER) == []


def test_what_is_wrong_below_an_override_is_said_of_the_file_below() -> None:
    broken = WISH.replace('within = "5 days"\n', "")
    assert together(wish=broken, review=REVIEW, over=OVER) == [("PC202", "wish.toml", 7)]


@pytest.mark.parametrize(
    ("change", "rule", "line"),
    [
        ("[steps.asked.actions.refuse]\nnotifies = []\n", "PC302", 5),
        ('steps.asked.actions.refuse.remedy = ""\n', "PC303", 4),
        ('[steps.asked.actions.refuse]\nform = ["reason"]\n', "PC301", 5),
        ('[fields.reason]\ntitle = { zh = "理由", en = "Reason" }\ntype = "text"\n', "PC301", 4),
        ('[steps.asked.actions.refuse]\nto = "refuse"\n', "PC103", 5),
        ('[steps.asked]\nactor = "nobody@county"\n', "PC203", 5),
        ('limit = "4 days"\n', "PC205", 4),
        ('[steps.asked]\nlimit = "4 days"\n', "PC603", 5),
        ('[steps.upheld]\noutcome = "rejected"\n', "PC305", 5),
    ],
)
def test_the_finding_is_on_the_override_s_own_line(change: str, rule: str, line: int) -> None:
    assert together(wish=WISH, review=REVIEW, over=OVER + change) == [(rule, "over.toml", line)]


def test_an_override_whose_step_is_too_long_is_named_at_the_step() -> None:
    limited = WISH.replace('basis = ["样例"]', 'basis = ["样例"]\nlimit = "5 days"')
    over = OVER + '\n[steps.asked]\nwithin = "6 days"\n'
    assert together(wish=limited, review=REVIEW, over=over) == [("PC205", "over.toml", 6)]


def test_a_county_s_limit_by_another_field_is_a_new_table() -> None:
    field = '[fields.{0}]\ntitle = {{ zh = "项", en = "Item" }}\ntype = "radio"\npublic = true\nchoices = {{ {1} = {{ zh = "一", en = "One" }} }}\n'
    wish = WISH.replace('within = "5 days"', 'within = { by = "size", small = "5 days" }')
    wish += (
        field.format("size", "small") + field.format("kind", "plain") + '[open]\nform = ["size", "kind"]\n'
    )
    over = OVER + '[steps.asked]\nwithin = { by = "kind", plain = "3 days" }\n'
    assert together(wish=wish, review=REVIEW, over=over) == []


def test_a_file_is_read_with_its_lines_or_named_with_the_line_where_reading_stopped(tmp_path: Path) -> None:
    good, broken = tmp_path / "good.toml", tmp_path / "broken.toml"
    good.write_text(REVIEW, encoding="utf-8")
    broken.write_text('code = "x"\n\nprefix = \n', encoding="utf-8")
    (finding,) = examine_paths([good, broken]).findings
    assert (finding.rule, finding.file, finding.line) == ("PC600", str(broken), 3)
    assert set(finding.as_dict()) == {"rule", "file", "line", "where", "message", "mend"}
