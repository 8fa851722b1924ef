"""How broad writing is (文字宽度): a Chinese character is one em; Latin letters by their kind, rather too broad than too narrow."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_NARROW = frozenset("iIljtfr.,:;'|!()[]{} -\"")
_BROAD = frozenset("mwMW@%&")
_CJK = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f"
# Kept together: a short aside in brackets, a number with its unit, a word; a Chinese character stands alone.
_PIECES = re.compile(
    rf"（[^（）]{{1,8}}）|\d+ (?:个工作日|个工作小时|个月|日|小时|分钟|年)|[{_CJK}]|[^\s{_CJK}]+|\s+"
)
_NO_BEGINNING = frozenset("，。、；：！？）》”’】…,.;:!?)")
_NO_END = frozenset("（《“‘【(")


@dataclass(frozen=True)
class Style:
    """Size, line height and weight of a kind of line (字样)."""

    size: float
    height: float
    bold: bool = False


def broad(text: str, style: Style) -> float:
    """How broad a line is in pixels (行宽)."""
    ems = sum(map(_em, text))
    return ems * style.size * (1.06 if style.bold else 1.0)


def _em(char: str) -> float:
    if unicodedata.combining(char):
        return 0.0
    if unicodedata.east_asian_width(char) in "WFA" or ord(char) > 0x2000 or char == "·":
        return 1.0
    if char in _NARROW:
        return 0.36
    if char in _BROAD:
        return 0.95
    return 0.7 if char.isupper() else 0.6


def clean(text: str) -> str:
    """Without characters that XML cannot hold (去除控制字符)."""
    return "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cs"} and c not in "\ufffe\uffff")


def wrapped(text: str, style: Style, most: float) -> list[str]:
    """Break a text into lines no broader than `most`, all about as long (断行): between Chinese characters, at blanks."""
    lines = filled(text, style, most)
    if len(lines) == 1:
        return lines
    low, high = most / len(lines), most
    while high - low > 3:
        middle = (low + high) / 2
        if len(filled(text, style, middle)) > len(lines):
            low = middle
        else:
            high = middle
    return filled(text, style, high)


def filled(text: str, style: Style, most: float) -> list[str]:
    """Break a text into lines, each as full as it gets (逐行排满)."""
    lines, line = list[str](), ""
    for piece in _pieces(text):
        if line and broad((line + piece).rstrip(), style) > most:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
        while broad(line.rstrip(), style) > most and len(line) > 1:
            n = _fits(line, style, most)
            lines.append(line[:n])
            line = line[n:]
    if line.strip():
        lines.append(line.rstrip())
    return lines or [""]


def _pieces(text: str) -> list[str]:
    """What must not be torn apart: a word, a character with the punctuation that belongs to it."""
    pieces: list[str] = []
    for piece in _PIECES.findall(clean(" ".join(text.split()))):
        joins = pieces and (piece[0] in _NO_BEGINNING or pieces[-1][-1] in _NO_END)
        if joins:
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces


def _fits(line: str, style: Style, most: float) -> int:
    """How much of a piece without a place to break still fits; one character at least."""
    n = 1
    while n < len(line) and broad(line[: n + 1], style) <= most:
        n += 1
    return n
