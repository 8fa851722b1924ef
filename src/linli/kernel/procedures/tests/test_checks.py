"""Each rule is shown to fail on a file that breaks only it (逐条规则): the examples are those of the reference page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from linli.kernel.procedures import checks, examination
from linli.kernel.procedures.checks import Finding
from linli.kernel.procedures.examination import Source, examine, read_source

PAGE = Path(__file__).parents[5] / "docs/reference/procedure-checks.md"
FENCE = re.compile(r"^```(toml|diff) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^### (PC\d+) ", re.MULTILINE)
MARK = " #!"


@dataclass(frozen=True)
class Example:
    rule: str
    file: str
    change: str
    n: int

    def __str__(self) -> str:
        return f"{self.rule}-{self.n}"


def files_of_the_page() -> dict[str, str]:
    return {
        name: text for kind, name, text in FENCE.findall(PAGE.read_text(encoding="utf-8")) if kind == "toml"
    }


def examples_of_the_page() -> list[Example]:
    sections = re.split(HEADING, PAGE.read_text(encoding="utf-8"))[1:]
    return [
        Example(rule, name, change, n)
        for rule, section in zip(sections[::2], sections[1::2], strict=True)
        for n, (kind, name, change) in enumerate(FENCE.findall(section.split("\n## ")[0]))
        if kind == "diff"
    ]


FILES = files_of_the_page()
EXAMPLES = examples_of_the_page()


def changed(text: str, change: str) -> tuple[str, int]:
    """The file with the example's lines taken out and put in, and the line that is marked."""
    rows = text.splitlines()
    marked: list[str] = []
    at = 0
    for line in change.splitlines():
        sign, row = line[0], line[1:].removesuffix(MARK)
        if sign != "+":
            at = rows.index(row, at)
        if sign == "-":
            rows.pop(at)
            continue
        if sign == "+":
            rows.insert(at, row)
        if line.endswith(MARK):
            rows[at] += "\0"  # found again below, wherever other lines have moved it
            marked.append(row)
        at += 1
    (line_no,) = [n for n, row in enumerate(rows, 1) if row.endswith("\0")]
    assert len(marked) == 1
    return "\n".join(rows).replace("\0", ""), line_no


def found_in(files: dict[str, str]) -> list[Finding]:
    read = [read_source(name, text.encode()) for name, text in files.items()]
    found = examine([r for r in read if isinstance(r, Source)], beside={})
    return [*(r for r in read if isinstance(r, Finding)), *found.findings]


def test_the_files_of_the_examples_pass() -> None:
    assert found_in(FILES) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_breaks_its_rule_and_no_other(example: Example) -> None:
    text, line = changed(FILES[example.file], example.change)
    needed = {name: content for name, content in FILES.items() if 'extends = "' not in content}
    findings = found_in({**needed, example.file: text})
    assert {f.rule for f in findings} == {example.rule}, [str(f.message) for f in findings]
    assert [f.line for f in findings if f.file == example.file] == [line]
    for finding in findings:
        for words in (finding.message, finding.mend):
            assert words.zh
            assert words.en
            assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"[“'\"{].*", "", words.en))


def test_every_rule_of_the_code_is_on_the_page_with_an_example_and_no_other() -> None:
    modules = [*Path(checks.__file__).parent.glob("*.py"), Path(examination.__file__)]
    raised = {
        rule for module in modules for rule in re.findall(r'"(PC\d+)"', module.read_text(encoding="utf-8"))
    }
    assert raised == {example.rule for example in EXAMPLES}


def test_every_rule_is_named_where_it_is_raised() -> None:
    for module in Path(checks.__file__).parent.glob("*.py"):
        text = module.read_text(encoding="utf-8")
        docstring = text.split('"""')[1]
        raised = set(re.findall(r'"(PC\d+)"', text))
        assert {rule for rule in raised if rule not in docstring} == set(), module.name
