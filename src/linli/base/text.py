"""Text for searching (检索用文本): Chinese by overlapping pairs of characters, other words whole.

No dictionary: a pair of characters is found in any sentence that holds it, in names of places and people too.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

# Han characters: the basic block, extension A, compatibility, extensions B and later, and 〇.
_HAN = "〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"[{_HAN}]+|[^\\W_{_HAN}]+")
_IS_HAN = re.compile(f"[{_HAN}]")

# A query of more terms than this finds nothing that fewer would not, and costs more each.
MOST_TERMS = 24


def normalise(text: str) -> str:
    """One way to write each text (规范化): full-width as half-width, lower case, single blanks (Unicode NFKC)."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def same_name(name: str) -> str:
    """What two writings of one name have in common (同一姓名): width, blanks and case say nothing."""
    if min(name, default="") >= "\u4e00" and max(name) <= "\u9fff":
        return name
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def bigrams(text: str) -> list[str]:
    """Terms of a text in order (切分检索词): 路灯坏了 → 路灯 灯坏 坏了; words and numbers whole; 灯 alone stays."""
    terms: list[str] = []
    for run in _RUN.findall(normalise(text)):
        if len(run) > 1 and _IS_HAN.match(run):
            terms.extend(a + b for a, b in pairwise(run))
        else:
            terms.append(run)
    return terms


def search_terms(query: str) -> list[str]:
    """Terms of a query (查询词): each once, in order, at most `MOST_TERMS`; all of them must be found.

    A single Chinese character is no term of a longer text: look for it at the start or end of a term.
    """
    return list(dict.fromkeys(bigrams(query)))[:MOST_TERMS]
