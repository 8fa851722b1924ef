"""Two people, one sheet, no signal (逐项合并): no value is lost, whatever the order, and a clash goes to a person."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.fieldwork.rules import digest_of, joined, merged

CODES = ("extent", "hazard", "measures", "note")
VALUES = st.sampled_from(["", "三盏", "四盏", "有危险", "已围挡"])
SHEETS = st.fixed_dictionaries(dict.fromkeys(CODES, VALUES))


def written(base: dict[str, str], now: dict[str, str], mine: dict[str, str]) -> dict[str, str]:
    return {**now, **merged(base, now, mine).taken}


@given(base=SHEETS, mine=SHEETS)
def test_alone_everything_that_was_written_is_taken(base: dict[str, str], mine: dict[str, str]) -> None:
    found = merged(base, base, mine)
    assert found.conflicts == ()
    assert all(written(base, base, mine)[code] == (mine[code] or base[code]) for code in CODES)


@given(base=SHEETS, theirs=SHEETS, mine=SHEETS)
def test_the_same_again_changes_nothing(
    base: dict[str, str], theirs: dict[str, str], mine: dict[str, str]
) -> None:
    once = written(base, theirs, mine)
    assert written(base, once, mine) == once


@given(base=SHEETS, a=SHEETS, b=SHEETS)
def test_whoever_comes_first_no_value_is_lost(
    base: dict[str, str], a: dict[str, str], b: dict[str, str]
) -> None:
    """Every value that somebody changed stands there in the end, or waits for the lead."""
    for first, second in ((a, b), (b, a)):
        after = written(base, base, first)
        found = merged(base, after, second)
        end = {**after, **found.taken}
        for sheet in (first, second):
            for code in CODES:
                if sheet[code] not in {"", base[code]}:
                    assert end[code] == sheet[code] or code in found.conflicts
    one_way, other_way = (set(merged(base, written(base, base, x), y).conflicts) for x, y in ((a, b), (b, a)))
    assert one_way == other_way


@given(base=SHEETS, value=st.sampled_from(["甲", "乙"]), other=st.sampled_from(["丙", "丁"]))
def test_different_fields_never_clash(base: dict[str, str], value: str, other: str) -> None:
    first, second = {**base, "extent": value}, {**base, "note": other}
    after = written(base, base, first)
    found = merged(base, after, second)
    assert found.conflicts == ()
    assert {**after, **found.taken} == {**base, "extent": value, "note": other}


def test_the_same_field_goes_to_a_person() -> None:
    found = merged({"extent": "三盏"}, {"extent": "四盏"}, {"extent": "五盏"})
    assert (found.taken, found.conflicts) == ({}, ("extent",))


def test_both_said_the_same() -> None:
    assert merged({"extent": ""}, {"extent": "四盏"}, {"extent": " 四盏\r\n"}).taken == {}


def test_both_can_be_joined_without_saying_anything_twice() -> None:
    assert joined("已围挡", "通知了电力") == "已围挡\n通知了电力"
    assert (
        joined("已围挡，通知了电力", "已围挡")
        == joined("已围挡", "已围挡，通知了电力")
        == "已围挡，通知了电力"
    )


def test_the_digest_is_what_a_browser_computes() -> None:
    body = {"b": "电线", "a": {"y": True, "x": None, "n": 3}}
    assert digest_of("report", "2026-11-16T09:30:00+08:00", body, []) == (
        "dbdb8ba284fe804731d80f99b565cc4fd68adfbdc538d677bf22f2ca80ddb78d"
    )
