"""Our own catalogue holds what it promises (随附事项目录)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from linli.domains.matters.bundles import faults, one_form, read_bundle
from linli.domains.matters.checks import check_matter
from linli.domains.matters.reading import read_file
from linli.domains.matters.shipped import VILLAGE, bundle_files, matter_files, shipped
from linli.domains.matters.spec import MatterSpec
from linli.kernel.people.elements import element, owners

FILES = matter_files()


# What is fixed by a statute that was read (事实表): the limit and its article, with the item of the fact sheet.
# A matter whose limit does not stand here is a sample, however sure it looks.
FACTS = {("20 working days", "《行政许可法》第42条"): 58}


def read(path: Path) -> MatterSpec:
    _, spec, found = read_file(path)
    assert spec is not None, found
    return spec


@pytest.fixture(scope="module")
def specs() -> list[MatterSpec]:
    return [read(path) for path in FILES]


def test_every_file_passes_the_checker(specs: list[MatterSpec]) -> None:
    found = [(s.code, f.rule, f.where, f.message.zh) for s in specs for f in check_matter(s, owned=owners())]
    assert not found


def test_no_matter_is_a_renamed_copy(specs: list[MatterSpec]) -> None:
    seen: dict[object, str] = {}
    for spec in specs:
        assert spec.signature not in seen, f"{spec.code} says the same as {seen[spec.signature]}"
        seen[spec.signature] = spec.code
    assert len({s.code for s in specs}) == len({s.basic_code for s in specs}) == len(specs)


def test_every_element_is_in_the_dictionary(specs: list[MatterSpec]) -> None:
    named = {f.element for s in specs for f in s.fields} | {m.element for s in specs for m in s.materials}
    assert not {code for code in named if code and element(code) is None}


def test_every_law_cited_is_known_in_both_languages(specs: list[MatterSpec]) -> None:
    cited = [
        c
        for s in specs
        for c in (
            *s.basis,
            *(b for m in s.materials for b in m.basis),
            *(b for r in s.refusals for b in r.basis),
            *(s.fee.basis if s.fee else ()),
        )
    ]
    assert not [c.text.zh for c in cited if not re.search("[A-Za-z]", c.text.en)]


def test_a_limit_that_is_no_sample_stands_in_the_facts(specs: list[MatterSpec]) -> None:
    fixed = [s for s in specs if not s.sample]
    for spec in fixed:
        limit = spec.legal_limit.en if spec.legal_limit else ""
        cited = {c.text.zh for c in spec.basis}
        assert [item for (period, article), item in FACTS.items() if period == limit and article in cited], (
            f"{spec.code}: {limit or 'no limit'} is not in the facts; mark it sample = true"
        )
    assert len(fixed) >= 8


def test_a_licence_names_the_limit_of_the_law(specs: list[MatterSpec]) -> None:
    """行政许可法 42 sets twenty working days where no other law does: no licence is without a legal limit."""
    assert not [s.code for s in specs if s.kind == "licence" and s.legal_limit is None]


def test_life_events_take_matters_that_exist_and_ask_less(specs: list[MatterSpec]) -> None:
    known = {s.code: s for s in specs}
    for raw in shipped(bundle_files()):
        bundle = read_bundle(raw)
        assert not faults(bundle, known), bundle.code
        form = one_form(bundle, [known[p.code] for p in bundle.parts])
        assert form.n_spared > 0, bundle.code
        assert len(form.fields) == len({f.code for f in form.fields})
        assert len(form.materials) == len({m.code for m in form.materials})
        for part in bundle.parts:  # every question of every matter gets an answer from the one form
            answers = form.answers_for(part.code, {f.code: f.code for f in form.fields})
            assert set(answers) == {f.code for f in known[part.code].fields}


def test_there_are_enough_of_each() -> None:
    county = [f for f in FILES if f.parent != VILLAGE]
    assert len(county) >= 40
    assert len(FILES) - len(county) >= 20
    assert len(bundle_files()) >= 3
