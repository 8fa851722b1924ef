"""The last guard over free words (文内号码脱敏): numbers of persons are masked, all other numbers stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.base.codes import hide_numbers


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("身份证350102199001010016，已核对", "身份证350*************16，已核对"),
        ("350102 19900101 001X", "350*************1X"),
        ("身份证350102-1990-0101-0018", "身份证350*************18"),  # mistyped, yet somebody's
        ("證號３５０１０２１９９００１０１００１６", "證號350*************16"),
        ("打13812345678找老张", "打138****5678找老张"),
        ("138 1234 5678、138-1234-5678", "138****5678、138****5678"),
        ("+86 13812345678", "138****5678"),
        ("８６１３８１２３４５６７８", "138****5678"),
        ("0591-87654321或(010)62345678", "0591****4321或010****5678"),
        ("电话：87654321", "电话：****4321"),
        ("手机 8765 4321。", "手机 ****4321。"),
    ],
)
def test_numbers_of_persons_are_masked_however_they_are_written(words: str, shown: str) -> None:
    assert hide_numbers(words) == shown


@pytest.mark.parametrize(
    "words",
    [
        "350102-EV-2026-000123",
        "区划350102001001001，2026年11月22日17:00",
        "统一社会信用代码91350102MA2XXXXX0A",
        "榕鼓罚〔2026〕12号，罚款20000元",
        "账户余额13812345678901元",
        "350102999913450016",  # no birth date can be read in it
    ],
)
def test_other_numbers_stay(words: str) -> None:
    assert hide_numbers(words) == words


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_mobile_number_never_comes_through(before: str, after: str) -> None:
    words = f"{before}。13812345678。{after}"
    assert "13812345678" not in hide_numbers(words)
    assert hide_numbers(hide_numbers(words)) == hide_numbers(words)
