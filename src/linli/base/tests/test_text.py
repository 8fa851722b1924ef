"""Text for searching: what becomes a term."""

from __future__ import annotations

import pytest

from linli.base.text import MOST_TERMS, bigrams, normalise, search_terms


def test_normalise() -> None:
    assert normalise("  Ｌｉｎｌｉ\u3000邻里\n１２３４５ ") == "linli 邻里 12345"


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("路灯坏了", ["路灯", "灯坏", "坏了"]),
        ("灯", ["灯"]),
        ("5号楼B座", ["5", "号楼", "b", "座"]),
        ("二〇二六", ["二〇", "〇二", "二六"]),
        ("Broken street-light, Main St.", ["broken", "street", "light", "main", "st"]),
        ("井盖，缺失!", ["井盖", "缺失"]),
        ("𠮷野家", ["𠮷野", "野家"]),
        ("_ 。 ", []),
    ],
)
def test_bigrams(text: str, terms: list[str]) -> None:
    assert bigrams(text) == terms


def test_search_terms_are_few_and_different() -> None:
    assert search_terms("路灯 路灯坏") == ["路灯", "灯坏"]
    assert len(search_terms(" ".join(str(i) for i in range(100)))) == MOST_TERMS
