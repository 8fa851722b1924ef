"""Rules of the visual language (视觉规矩): a colour is written once, is read well, and every class and icon exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from linli.web import tokens
from tests.house.tree import ROOT, name_of, tracked

REFERENCE = ROOT / "docs/reference/design.md"
COLOUR = re.compile(
    r"(?<![&\w-])#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})(?![\w-])|\b(?:rgba?|hsla?)\("
)
NAMED = re.compile(
    r":[^;{}]*(?<![\w-])(?:white|black|red|green|blue|grey|gray|orange|yellow)\b(?!-)", re.IGNORECASE
)
CLASSES = re.compile(r"""\sclass=(?:"([^"]*)"|'([^']*)')""")
TAG, VALUE = re.compile(r"\{%.*?%\}"), re.compile(r"\{\{.*?\}\}")
ICON = re.compile(r"""\{%\s*icon\s+["']([^"']+)["']""")
#: Names that only tests and scripts look for; no rule draws them.
HOOKS = frozenset("back-row cover hands hashes keep my-views none since trace".split())


def templates() -> list[Path]:
    return [p for p in tracked() if p.suffix == ".html" and name_of(p).startswith("src/")]


def sheets() -> list[Path]:
    return [p for p in tracked() if p.suffix == ".css" and name_of(p).startswith("src/")]


def lines(paths: list[Path]) -> Iterator[tuple[str, str]]:
    for path in paths:
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            yield f"{name_of(path)}:{n}", line


def without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def test_no_style_and_no_colour_stands_in_a_template() -> None:
    found = [f"{at}: style" for at, line in lines(templates()) if re.search(r"\sstyle=|<style\b", line)]
    for at, line in lines(templates()):
        painted = re.sub(r"""(?:href|action|hx-target|hx-select|src|url)=["'][^"']*["']|&#\w+;""", "", line)
        found += [f"{at}: {m[0]}" for m in COLOUR.finditer(painted)]
    assert found == []


def test_a_colour_is_written_only_where_a_token_is_declared() -> None:
    found = []
    for path in sheets():
        declarations = re.split(r"[;{}]", without_comments(path.read_text(encoding="utf-8")))
        for each in declarations:
            each = re.sub(r"var\([^)]*\)", "", each)  # a sheet for paper alone may say what it falls back to
            if not each.strip().startswith("--") and (COLOUR.search(each) or NAMED.search(each)):
                found.append(f"{name_of(path)}: {each.strip()[:100]}")
    assert found == []


def test_every_token_that_is_used_is_declared() -> None:
    all_css = "\n".join(without_comments(p.read_text(encoding="utf-8")) for p in sheets())
    declared = set(re.findall(r"(--[\w-]+)\s*:", all_css))
    assert set(re.findall(r"var\((--[\w-]+)", all_css)) - declared == set()


def test_dark_by_the_device_and_by_choice_are_one_list() -> None:
    assert tokens.colours("dark")
    assert tokens.colours("dark") == tokens.colours("device")
    assert set(tokens.MEANING) == set(tokens.colours("dark"))
    assert set(tokens.MEANING) <= set(tokens.colours("light"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_pair_is_read_well(scheme: str) -> None:
    weak = [
        f"--{one} on --{ground}: {found:.2f}, at least {least}"
        for one, ground, found, least in tokens.pairs(scheme)
        if found < least
    ]
    assert weak == []


def test_the_browsers_own_bar_has_the_colour_of_ours() -> None:
    from linli.web.templatetags.head import BAR_COLOURS

    assert {scheme: tokens.colours(scheme)["card"] for scheme in ("light", "dark")} == BAR_COLOURS


def test_every_class_of_a_template_is_drawn_by_a_stylesheet() -> None:
    css = "\n".join(p.read_text(encoding="utf-8") for p in sheets())
    drawn = set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", css)) | HOOKS
    scripts = "\n".join(p.read_text(encoding="utf-8") for p in tracked() if p.suffix == ".js")
    found: dict[str, str] = {}
    for at, line in lines(templates()):
        for match in CLASSES.finditer(TAG.sub(" ", VALUE.sub("\0", line))):
            for name in (match[1] or match[2] or "").split():
                if "\0" not in name and name not in drawn and f".{name}" not in scripts:
                    found.setdefault(name, at)
    assert found == {}


def test_every_icon_is_drawn() -> None:
    known = set(tokens.icons())
    used = {name: at for at, line in lines(templates()) for name in ICON.findall(line)}
    assert {name: at for name, at in used.items() if name not in known} == {}


def test_the_reference_gives_the_tokens_and_their_contrast_as_they_are() -> None:
    """Run `python -m tests.house.test_design` to write them anew."""
    assert REFERENCE.read_text(encoding="utf-8") == written_anew(REFERENCE.read_text(encoding="utf-8"))


def written_anew(text: str) -> str:
    """The reference with its two tables worked out from the stylesheet."""
    rows = ["| token | light | dark | 含义 | meaning |", "|---|---|---|---|---|"]
    rows += [
        f"| `--{t.name}` | `{t.light}` | `{t.dark}` | {t.means.zh} | {t.means.en} |"
        for t in tokens.all_tokens()
    ]
    dark = {(one, ground): found for one, ground, found, _ in tokens.pairs("dark")}
    light = {(one, ground): found for one, ground, found, _ in tokens.pairs("light")}
    least = {(one, ground): n for scheme in ("light", "dark") for one, ground, _, n in tokens.pairs(scheme)}
    pairs = ["| colour | on | light | dark | at least |", "|---|---|---:|---:|---:|"]
    for pair, n in least.items():
        figures = [f"{side[pair]:.1f}" if pair in side else "–" for side in (light, dark)]
        pairs.append(f"| `--{pair[0]}` | `--{pair[1]}` | {figures[0]} | {figures[1]} | {n:g} |")
    for mark, table in (("tokens", rows), ("contrast", pairs)):
        begin, end = f"<!-- {mark}: written by tests/house/test_design.py -->", f"<!-- end of {mark} -->"
        head, _, rest = text.partition(begin)
        text = head + begin + "\n" + "\n".join(table) + "\n" + end + rest.partition(end)[2]
    return text


if __name__ == "__main__":
    REFERENCE.write_text(written_anew(REFERENCE.read_text(encoding="utf-8")), encoding="utf-8")
