"""What may be read in public (公开内容的把关): masks, and a last guard over words that people wrote."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from linli.base.codes import hide_numbers, mask_id, mask_name, mask_phone
from linli.base.i18n import Text, text_from

SUBJECT_LENGTH = 60
MASKS = {"phone": mask_phone, "id": mask_id, "name": mask_name}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to be shown (一项公示内容). `mask` hides most of it."""

    code: str
    title: Text
    value: Text | str
    mask: str = ""  # "" | name | phone | id

    @property
    def shown(self) -> Text:
        value = text_from(self.value)
        if self.mask:
            hide = MASKS[self.mask]
            return Text(hide(value.zh), hide(value.en))
        return Text(guarded(value.zh), guarded(value.en))


def guarded(words: str) -> str:
    """The last guard (最后一道把关): ID and telephone numbers in free words are masked, whoever wrote them."""
    return hide_numbers(words)


def kept(fact: Fact) -> dict[str, Any]:
    return {
        "code": fact.code,
        "title": fact.title.as_dict(),
        "value": fact.shown.as_dict(),
        "masked": bool(fact.mask),
    }


def subject_of(facts: Iterable[Fact]) -> str:
    """What it is about, for the title (标题里的事由): the first fact, if it is short and nothing in it is hidden."""
    first = next(iter(facts), None)
    if first is None or first.mask:
        return ""
    words = first.shown.zh.strip()
    return words if 0 < len(words) <= SUBJECT_LENGTH and "\n" not in words else ""
