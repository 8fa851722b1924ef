"""Whatever a file says, it is examined and never breaks the checker (任意文件都不出错)."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.kernel.procedures.examination import Source, examine, read_source
from linli.kernel.procedures.lines import Path
from linli.kernel.procedures.versions import shipped_files

FILES = {code: (path.read_bytes(), raw) for code, (path, raw) in shipped_files().items()}
SHIPPED = {code: raw for code, (_, raw) in FILES.items()}
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 40_000),
    st.floats(),
    st.dates(),
    st.sampled_from(
        [
            "",
            "x",
            "3 working days",
            "0 days",
            "applicant",
            "system",
            "a.b",
            "default",
            "50%",
            "end",
            "timer",
            "民族",
            "\x00",
        ]
    ),
    st.text(max_size=6),
    st.lists(
        st.one_of(
            st.text(max_size=3), st.integers(), st.dictionaries(st.text(max_size=3), st.text(max_size=3))
        )
    ),
    st.dictionaries(
        st.sampled_from(["by", "is", "from", "default", "zh", "en", "to", "kind", "timeout", "x"]),
        st.one_of(st.text(max_size=3), st.booleans(), st.integers(), st.just("2 days")),
        max_size=3,
    ),
)
LENIENT = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))


def is_answered(sources: list[Source], beside: dict[str, Any]) -> None:
    for finding in examine(sources, beside=beside).findings:
        assert finding.line >= 1
        assert finding.file
        assert finding.message.zh and finding.message.en and finding.mend.zh and finding.mend.en  # noqa: PT018
        assert finding.where


@LENIENT
@given(data=st.data())
def test_shipped_files_with_anything_changed(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(sorted(SHIPPED)))
    raw = copy.deepcopy(SHIPPED[code])
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(sorted(places(raw), key=str)))
        table: Any = raw
        for key in path[:-1]:
            table = table[key]
        act = data.draw(st.sampled_from(["replace", "remove", "add"]))
        if act == "replace":
            table[path[-1]] = data.draw(JUNK)
        elif act == "remove":
            del table[path[-1]]
        elif isinstance(table, dict):
            table[
                data.draw(st.one_of(st.text(max_size=5), st.sampled_from(["to", "timeout", "extends"])))
            ] = data.draw(JUNK)
    is_answered([Source("a.toml", raw)], SHIPPED)


@LENIENT
@given(data=st.data())
def test_overrides_that_say_anything(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(sorted(SHIPPED)))
    over: dict[str, Any] = {"extends": code, "jurisdiction": "350102", "basis": ["x"]}
    for path in data.draw(st.lists(st.sampled_from(sorted(places(SHIPPED[code]), key=str)), max_size=4)):
        table: Any = over
        for key in path[:-1]:
            table = table.setdefault(key, {}) if isinstance(table, dict) else {}
        if isinstance(table, dict):
            table[path[-1]] = data.draw(JUNK)
    is_answered([Source("over.toml", over)], SHIPPED)


@LENIENT
@given(data=st.data())
def test_text_with_lines_lost_doubled_or_moved(data: st.DataObject) -> None:
    rows = FILES[data.draw(st.sampled_from(sorted(FILES)))][0].splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        n = data.draw(st.integers(0, len(rows) - 1))
        act = data.draw(st.sampled_from(["lose", "double", "move", "cut"]))
        row = rows[n] if act == "double" else rows.pop(n)
        if act == "cut":
            row = row[: data.draw(st.integers(0, max(0, len(row))))]
        if act != "lose":
            rows.insert(data.draw(st.integers(0, len(rows))), row)
    read = read_source("a.toml", b"\n".join(rows))
    if isinstance(read, Source):
        is_answered([read], SHIPPED)
    else:
        assert read.rule == "PC600"
        assert 1 <= read.line <= len(rows) + 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"# only words\n",
        b"code = ",
        b"a = " + b"[" * 3000,
        b"n = " + b"9" * 5000,
        b"\xef\xbb\xbfcode = 'bom'\n",
        b"x = 1979-13-45\n",
        b'"" = 1\n[""]\n',
        b"steps = 3\nfields = []\nanywhere = ''\n",
        b"[steps]\n[fields]\n[open]\n[extend]\n[public]\n[challenge]\n[emergency]\n[moves]\n",
        b"escalation = [1, 'a', {}]\n[steps.a]\n[steps.a.actions.b]\nsuspends = {}\npart_to = {}\n",
    ],
)
def test_contents_that_are_no_procedure(content: bytes) -> None:
    read = read_source("odd.toml", content)
    findings = [read] if not isinstance(read, Source) else examine([read], beside=SHIPPED).findings
    assert findings
    assert all(f.line >= 1 for f in findings)


def test_a_line_beyond_the_end_is_the_last() -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads('code = "x"\nlimit = """open')
    read = read_source("open.toml", b'code = "x"\nlimit = """open')
    assert not isinstance(read, Source)
    assert read.line == 2
