"""Numbers and codes as they are read out on the telephone (电话里怎么念): in groups, letters by a word."""

from __future__ import annotations

from linli.base.i18n import Text

_DIGITS = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))
#: A well-known word that begins with the letter: place names in Chinese, the common spelling alphabet in English.
_LETTERS = {
    "A": ("安徽", "Alfa"), "B": ("北京", "Bravo"), "C": ("成都", "Charlie"), "D": ("大连", "Delta"),
    "E": ("鹅毛", "Echo"), "F": ("福建", "Foxtrot"), "G": ("广东", "Golf"), "H": ("湖北", "Hotel"),
    "I": ("印度", "India"), "J": ("江苏", "Juliett"), "K": ("昆明", "Kilo"), "L": ("兰州", "Lima"),
    "M": ("马路", "Mike"), "N": ("南京", "November"), "O": ("欧洲", "Oscar"), "P": ("苹果", "Papa"),
    "Q": ("青岛", "Quebec"), "R": ("人民", "Romeo"), "S": ("上海", "Sierra"), "T": ("天津", "Tango"),
    "U": ("优秀", "Uniform"), "V": ("胜利", "Victor"), "W": ("武汉", "Whiskey"), "X": ("西安", "X-ray"),
    "Y": ("烟台", "Yankee"), "Z": ("郑州", "Zulu"),
}  # fmt: skip


def number_aloud(number: str) -> Text:
    """A case's number in its groups (编号念法): `350102-EV-2026-000017` is `3501 02，E V，2026，000 017`."""
    parts = [_grouped(part) for part in number.split("-")]
    return Text("，".join(parts), ", ".join(parts))


def _grouped(part: str) -> str:
    if not part.isdigit():
        return " ".join(part)
    if len(part) <= 4:
        return part
    return f"{part[:4]} {part[4:]}" if part[:1] != "0" else f"{part[:3]} {part[3:]}"


def code_aloud(code: str) -> list[tuple[str, Text]]:
    """A tracking code sign by sign (查询码念法), each with what one says for it."""
    return [(sign, _said(sign)) for sign in code]


def _said(sign: str) -> Text:
    if sign in _DIGITS:
        return Text(_DIGITS[sign], sign)
    zh, en = _LETTERS.get(sign, (sign, sign))
    return Text(zh, en)
