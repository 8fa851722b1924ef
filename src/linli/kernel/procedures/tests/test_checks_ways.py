"""Whether limits fit: the longest ordinary way, and mixed units over the published calendars (时限够用)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.base.clock import SHANGHAI
from linli.base.legaltime import DayTable, due, parse_period
from linli.kernel.calendar.shipped import shipped_years
from linli.kernel.procedures.checks.worstcase import too_long, total_words
from linli.kernel.procedures.examination import Source, examine

YEARS = list(shipped_years())
CALENDAR = DayTable(
    frozenset(d for y in YEARS for d in y.off),
    frozenset(d for y in YEARS for d in y.work),
    frozenset(y.year for y in YEARS),
)


def fits(chain: str, limit: str) -> bool:
    return too_long(tuple(map(parse_period, chain.split(" + "))), parse_period(limit)) is None


@pytest.mark.parametrize(
    ("chain", "limit", "expected"),
    [
        # one unit: sums
        ("2 working days + 3 working days", "5 working days", True),
        ("2 working days + 4 working days", "5 working days", False),
        ("30 minutes + 90 minutes", "2 hours", True),
        ("31 minutes + 90 minutes", "2 hours", False),
        ("6 months + 6 months", "1 year", True),
        ("10 days + 21 days", "30 days", False),
        # mixed: the worst start decides
        ("5 working days", "7 days", False),
        ("5 working days", "10 days", False),  # Spring Festival
        ("5 working days", "15 days", True),
        ("20 working days", "1 month", False),
        ("20 working days", "60 days", True),
        ("1 working day", "24 hours", False),
        ("24 hours", "3 days", True),
        ("3 days", "3 working days", True),
        ("5 days", "5 working days", True),
        ("90 days", "3 months", False),  # February
        ("30 minutes + 2 hours + 2 working days", "3 working days", True),
        ("30 minutes + 2 hours + 2 working days", "2 working days", False),  # from late in the evening
        ("2 working days + 2 hours", "2 working days", False),
        ("4 working hours + 1 working day", "2 working days", True),
        ("9 working hours", "1 working day", False),
    ],
)
def test_what_fits(chain: str, limit: str, expected: bool) -> None:
    assert fits(chain, limit) is expected


def test_the_sum_in_words() -> None:
    chain = tuple(map(parse_period, ["30 minutes", "2 hours", "1 working day", "1 year", "6 months"]))
    assert total_words(chain).en == "2 hours 30 minutes + 1 working day + 18 months"
    assert total_words(chain).zh == "2 小时 30 分钟加 1 个工作日加 18 个月"


PERIODS = st.builds(
    lambda n, unit: parse_period(f"{n} {unit}"),
    st.integers(1, 40),
    st.sampled_from(["minutes", "hours", "days", "working days", "months"]),
)


@settings(max_examples=60, deadline=None)
@given(
    chain=st.lists(PERIODS, min_size=1, max_size=3),
    limit=PERIODS,
    day=st.dates(date(2018, 1, 1), date(2024, 12, 31)),
    minute=st.integers(0, 24 * 60 - 1),
)
def test_no_start_contradicts_what_is_said_to_fit(
    chain: list[Any], limit: Any, day: date, minute: int
) -> None:
    """What is said to fit ends in time from any moment; in one unit, where sums decide, days off may be met twice."""
    start = datetime.combine(day, time(), SHANGHAI) + timedelta(minutes=minute)
    end = start
    units = {p.unit for p in (*chain, limit)}
    for period in chain:
        end = due(period, end, CALENDAR).due_at
    repeated = len({p.unit for p in chain}) < len(chain)
    if too_long(tuple(chain), limit) is None and len(units) > 1 and not repeated:
        last = due(limit, start, CALENDAR).due_at
        by_day = "minutes" not in {chain[-1].unit, limit.unit} and "hours" not in {chain[-1].unit, limit.unit}
        assert end.date() <= last.date() if by_day else end <= last


def procedure(limit: str, *steps: str, **more: str) -> str:
    """A procedure whose steps stand one after the other, each as TOML."""
    head = (
        'code = "way"\nprefix = "WY"\ntitle = { zh = "路", en = "Way" }\nbasis = ["样例"]\n'
        f"limit = {limit}\n" + "".join(f"{k} = {v}\n" for k, v in more.items())
    )
    end = '\n[steps.done]\ntitle = { zh = "完", en = "Done" }\nkind = "end"\noutcome = "resolved"\n'
    return head + "\n".join(steps) + end


def step(code: str, within: str, *actions: str, **more: str) -> str:
    lines = [
        f"[steps.{code}]",
        'title = { zh = "环节", en = "Step" }',
        'actor = "dispatcher@township"',
        f"within = {within}",
        *(f"{k} = {v}" for k, v in more.items()),
    ]
    for action in actions:
        name, _, rest = action.partition(" ")
        lines += [f"[steps.{code}.actions.{name}]", 'title = { zh = "办", en = "Do" }', *rest.split("; ")]
    return "\n".join(lines)


def rules(text: str) -> list[str]:
    import tomllib

    found = examine([Source("way.toml", tomllib.loads(text))], beside={})
    return [f.rule for f in found.findings]


WD2, WD3 = '"2 working days"', '"3 working days"'


def test_steps_one_after_the_other_are_added_up() -> None:
    way = (step("a", WD2, 'go to = "b"'), step("b", WD3, 'go to = "done"'))
    assert rules(procedure('"5 working days"', *way)) == []
    assert rules(procedure('"4 working days"', *way)) == ["PC205"]


def test_the_longer_of_two_branches_counts() -> None:
    way = (
        step("a", WD2, 'short to = "done"', 'long to = "b"'),
        step("b", WD3, 'go to = "done"'),
    )
    assert rules(procedure('"4 working days"', *way)) == ["PC205"]


def test_a_detour_that_comes_back_does_not_count() -> None:
    way = (
        step("a", WD2, 'go to = "b"'),
        step("b", WD3, 'go to = "done"', 'dispute to = "disputed"'),
        step("disputed", '"9 working days"', 'back to = "a"', 'same to = "b"'),
    )
    assert rules(procedure('"5 working days"', *way)) == []


@pytest.mark.parametrize(
    "exception",
    [
        "once = true",
        'by = ["system"]',
        'adverse = true; form = ["reason", "legal_basis"]; notifies = ["applicant"]; final_by = "某法 1"',
    ],
)
def test_what_is_not_ordinary_does_not_count(exception: str) -> None:
    way = (
        step("a", WD2, 'go to = "done"', f'rare to = "b"; {exception}'),
        step("b", '"9 working days"', 'go to = "done"'),
    )
    assert rules(procedure('"2 working days"', *way)) == []


def test_where_there_is_no_ordinary_way_every_way_counts() -> None:
    way = (
        step("a", WD2, 'rare to = "b"; once = true'),
        step("b", '"9 working days"', 'go to = "done"'),
    )
    assert rules(procedure('"10 working days"', *way)) == ["PC205"]


def test_what_the_clock_does_is_ordinary() -> None:
    way = (
        step("a", WD2, 'go to = "b"; by = ["system"]', timeout='"go"'),
        step("b", WD3, 'go to = "done"'),
    )
    assert rules(procedure('"4 working days"', *way)) == ["PC205"]


@pytest.mark.parametrize(
    "apart",
    [
        step("b", WD3, 'go to = "done"', outside_limit="true"),
        step("b", '{ is = "3 working days", within_case = true }', 'go to = "done"'),
    ],
)
def test_what_comes_after_the_limit_or_never_reaches_beyond_it_does_not_count(apart: str) -> None:
    assert rules(procedure(WD2, step("a", WD2, 'go to = "b"'), apart)) == []


def test_a_limit_from_a_step_counts_from_there() -> None:
    way = (step("a", WD2, 'go to = "b"'), step("b", WD3, 'go to = "done"'))
    assert rules(procedure('{ is = "3 working days", from = "b" }', *way)) == []
    assert rules(procedure('{ is = "2 working days", from = "b" }', *way)) == ["PC205"]
    assert rules(procedure('{ is = "9 working days", from = "z" }', *way)) == ["PC213"]


def test_a_limit_that_begins_later_than_the_law_s_ends_later_too() -> None:
    way = (step("a", WD2, 'go to = "b"'), step("b", WD3, 'go to = "done"'))
    late = '{ is = "4 working days", from = "b" }'
    assert rules(procedure(late, *way, statutory_limit='"6 working days"')) == []
    assert rules(procedure(late, *way, statutory_limit='"5 working days"')) == ["PC206"]
    assert rules(procedure(late, *way, statutory_limit='{ is = "4 working days", from = "b" }')) == []


def test_without_a_promise_the_law_s_limit_is_the_measure() -> None:
    way = (step("a", WD2, 'go to = "done"'),)
    text = procedure('"9 working days"', *way, statutory_limit='"1 working day"').replace(
        'limit = "9 working days"\n', "", 1
    )
    assert rules(text) == ["PC205"]


def test_a_joint_step_that_waits_for_its_helpers_takes_the_longer_limit() -> None:
    joint = {"kind": '"joint"', "helpers_within": '"9 working days"'}
    assert rules(procedure(WD2, step("a", WD2, 'go to = "done"', **joint, join='"lead"'))) == []
    assert rules(procedure(WD2, step("a", WD2, 'go to = "done"', **joint, join='"all"'))) == ["PC205"]
    assert rules(procedure(WD2, step("a", WD2, 'go to = "done"', **joint, join='"2 of 3"'))) == ["PC205"]


def test_a_limit_that_only_a_domain_knows_is_not_guessed() -> None:
    field = '[fields.category]\ntitle = { zh = "类别", en = "Category" }\ntype = "event_category"\npublic = true\n'
    field = '[open]\nform = ["category"]\n' + field
    assert rules(procedure(WD2, field, step("a", '{ by = "category" }', 'go to = "done"'))) == []
    known = step("a", '{ by = "category", default = "9 working days" }', 'go to = "done"')
    assert rules(procedure(WD2, field, known)) == ["PC205"]


GRADES = (
    '[open]\nform = ["grade", "kind"]\n[fields.grade]\ntitle = { zh = "等级", en = "Grade" }\ntype = "radio"\npublic = true\nchoices = { low = { zh = "低", en = "Low" }, '
    'high = { zh = "高", en = "High" } }\n[fields.kind]\ntitle = { zh = "类", en = "Kind" }\ntype = "radio"\npublic = true\n'
    'choices = { one = { zh = "一", en = "One" }, two = { zh = "二", en = "Two" } }\n'
)


def test_each_value_is_proved_for_itself_and_all_that_fail_are_named() -> None:
    limit = '{ by = "grade", low = "4 working days", high = "1 working day" }'
    way = step("a", '{ by = "grade", low = "5 working days", high = "2 working days" }', 'go to = "done"')
    assert rules(procedure(limit, GRADES, way)) == ["PC205", "PC205"]
    way = step("a", '{ by = "grade", low = "4 working days", high = "2 working days" }', 'go to = "done"')
    assert rules(procedure(limit, GRADES, way)) == ["PC205"]


def test_values_of_two_fields_are_combined() -> None:
    limit = '{ by = "grade", low = "4 working days", high = "1 working day" }'
    way = step("a", '{ by = "kind", one = "1 working day", two = "2 working days" }', 'go to = "done"')
    assert rules(procedure(limit, GRADES, way)) == ["PC205"]  # high and two
    way = step("a", '{ by = "kind", one = "1 working day", two = "1 working day" }', 'go to = "done"')
    assert rules(procedure(limit, GRADES, way)) == []


def test_emergency_limits_keep_to_the_law_too() -> None:
    way = step("a", WD2, 'go to = "done"', statutory='"2 working days"')
    law = {"statutory_limit": '"5 working days"'}
    assert rules(procedure(WD2, '[emergency]\nlimit = "6 working days"', way, **law)) == ["PC206"]
    assert rules(procedure(WD2, '[emergency]\nsteps = { a = "3 working days" }', way, **law)) == ["PC207"]
    assert rules(procedure(WD2, '[emergency]\nlimit = "1 day"\nsteps = { a = "2 hours" }', way, **law)) == []


def test_many_branches_are_examined_in_time() -> None:
    """Thirty steps, each leading to all that follow, have more ways than anybody could count."""
    n = 30
    way = [
        step(f"s{i}", '"1 working day"', *[f'to{j} to = "s{j}"' for j in range(i + 1, n)], 'end to = "done"')
        for i in range(n)
    ]
    assert rules(procedure('"30 working days"', *way)) == []
    assert rules(procedure('"29 working days"', *way)) == ["PC205"]
