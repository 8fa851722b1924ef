"""The tokens of the stylesheet (设计令牌), read from it: what each colour is for, and how well it is read.

The design page shows them, docs/reference/design.md lists them, and a test holds every pair to its contrast.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from linli.base.i18n import Text

SHEET = Path(__file__).parent / "static/web/linli.css"
ICONS = Path(__file__).parent / "static/web/icons.svg"
TEXT, LARGE = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11

_BLOCKS = {
    "light": re.compile(r"^:root,\[data-theme=light\]\{(.*?)^\}", re.DOTALL | re.MULTILINE),
    "dark": re.compile(r"^@media screen\{ \[data-theme=dark\]\{(.*?)^\} \}", re.DOTALL | re.MULTILINE),
    "device": re.compile(
        r"^@media screen and \(prefers-color-scheme:dark\)\{[^{]*\{(.*?)^\} \}", re.DOTALL | re.MULTILINE
    ),
}
_DECLARED = re.compile(r"--([\w-]+):\s*(#[0-9a-fA-F]{3,8})\b")

#: What each colour means; the order is that of the page and of the reference.
MEANING: dict[str, Text] = {
    "paper": Text("页面的底", "ground of a page"),
    "card": Text("卡片、顶栏、表单的底", "ground of cards, bars and controls"),
    "sunk": Text("比页面更低的一层", "a layer below the page"),
    "ink": Text("正文", "text"),
    "ink-2": Text("次要正文", "text of second rank"),
    "ink-3": Text("说明、时间、标签", "hints, times, labels"),
    "line": Text("卡片的边", "edge of a card"),
    "line-2": Text("行与行之间；灰色标签的底", "between rows; ground of a grey tag"),
    "edge": Text("可以填、可以点的边", "edge of what can be filled in or pressed"),
    "jade": Text("可以点的、选中的、正在办的", "what can be pressed, is chosen, is being done"),
    "jade-dark": Text("指着的时候", "the same under the pointer"),
    "jade-tint": Text("“现在”这一块的底", "ground of what is now"),
    "jade-line": Text("它的边", "its edge"),
    "on-jade": Text("翠色上的字", "text on jade"),
    "blue": Text("告知", "information"),
    "blue-tint": Text("告知的底", "its ground"),
    "blue-line": Text("告知的边", "its edge"),
    "amber": Text("快到时间", "time is short"),
    "amber-tint": Text("它的底", "its ground"),
    "amber-line": Text("它的边", "its edge"),
    "amber-mark": Text("它的记号、柱子", "its mark and bar"),
    "red": Text("过了时间；要更正", "time is over; to be mended"),
    "red-tint": Text("它的底", "its ground"),
    "red-line": Text("它的边", "its edge"),
    "focus": Text("焦点的外圈", "ring of the focus"),
    "on-focus": Text("焦点色上的字", "text on the focus colour"),
    "shade": Text("浮在上面的东西的影子", "shadow of what lies above the page"),
    "veil": Text("对话框后面的页面", "the page behind a dialog"),
    "map": Text("地图的底", "ground of a map"),
    "map-line": Text("区域的界线", "border of an area"),
    "map-area": Text("区域", "an area"),
    "map-on": Text("指着的区域", "the area under the pointer"),
    "map-name": Text("区域的名字", "name of an area"),
    "map-halo": Text("名字的衬边", "halo of a name"),
    "pin-edge": Text("图钉的边", "edge of a pin"),
    "heat-1": Text("很少", "very few"),
    "heat-2": Text("少", "few"),
    "heat-3": Text("中", "some"),
    "heat-4": Text("多", "many"),
    "heat-5": Text("很多", "very many"),
    "late-area": Text("有超时的区域", "an area with something late"),
    "soon-area": Text("有快到期的区域", "an area with something soon due"),
    "chart-1": Text("图表第一条线", "first line of a chart"),
    "chart-2": Text("第二条", "second"),
    "chart-3": Text("第三条", "third"),
    "chart-4": Text("第四条", "fourth"),
}

#: Which colour stands on which ground, and how strong the contrast must be.
PAIRS: tuple[tuple[str, str, float], ...] = (
    *((ink, ground, TEXT) for ink in ("ink", "ink-2", "ink-3") for ground in ("paper", "card", "line-2")),
    *(
        (ink, tint, TEXT)
        for ink in ("ink", "ink-2")
        for tint in ("jade-tint", "blue-tint", "amber-tint", "red-tint", "sunk")
    ),
    ("ink-3", "jade-tint", TEXT),
    *((link, ground, TEXT) for link in ("jade", "jade-dark") for ground in ("paper", "card", "jade-tint")),
    ("on-jade", "jade", TEXT),
    ("on-jade", "jade-dark", TEXT),
    *(
        (said, ground, TEXT)
        for said in ("blue", "amber", "red")
        for ground in ("paper", "card", f"{said}-tint")
    ),
    ("amber", "jade-tint", TEXT),
    ("red", "jade-tint", TEXT),
    ("jade", "amber-tint", TEXT),
    ("jade", "blue-tint", TEXT),
    ("jade", "red-tint", TEXT),
    ("on-focus", "focus", TEXT),
    ("card", "ink", TEXT),
    *(("map-name", ground, TEXT) for ground in ("map", "map-area", "map-on")),
    *(("ink", area, TEXT) for area in ("late-area", "soon-area")),
    *(("edge", ground, LARGE) for ground in ("paper", "card")),
    *((mark, "card", LARGE) for mark in ("amber-mark", "chart-1", "chart-2", "chart-3", "chart-4")),
    ("ink", "focus", LARGE),
)
DARK_PAIRS: tuple[
    tuple[str, str, float], ...
] = (  # the wall writes over its areas; the focus there is the yellow ring
    *(("ink", f"heat-{n}", LARGE) for n in (1, 2, 3, 4)),
    ("focus", "paper", LARGE),
)
LIGHT_ONLY = frozenset({("ink", "focus")})


@dataclass(frozen=True, slots=True)
class Token:
    name: str
    light: str
    dark: str
    means: Text


@cache
def colours(scheme: str) -> dict[str, str]:
    """The colours of light or dark as the stylesheet gives them (颜色表)."""
    found = _BLOCKS[scheme].search(SHEET.read_text(encoding="utf-8"))
    return dict(_DECLARED.findall(found[1])) if found else {}


@cache
def all_tokens() -> tuple[Token, ...]:
    light, dark = colours("light"), colours("dark")
    return tuple(Token(name, light[name], dark[name], means) for name, means in MEANING.items())


@cache
def icons() -> tuple[str, ...]:
    """The names of our drawings (图标)."""
    return tuple(re.findall(r'<symbol id="([\w-]+)"', ICONS.read_text(encoding="utf-8")))


def pairs(scheme: str) -> list[tuple[str, str, float, float]]:
    """Colour, ground, contrast and the least it must be (对比度), for light or dark."""
    all_pairs = (*PAIRS, *DARK_PAIRS) if scheme == "dark" else PAIRS
    known = colours(scheme)
    return [
        (one, ground, contrast(known[one], known[ground]), least)
        for one, ground, least in all_pairs
        if not (scheme == "dark" and (one, ground) in LIGHT_ONLY)
    ]


def contrast(one: str, other: str) -> float:
    """How much lighter the one is than the other (对比度), by WCAG 2.2: from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[n : n + 2], 16) / 255) for n in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
