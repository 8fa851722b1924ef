"""Codes and identifiers: the examples of the standards, and what must be refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.base import codes
from linli.base.errors import Invalid


@pytest.mark.parametrize(
    ("text", "born", "sex", "known", "kind"),
    [
        ("11010519491231002X", date(1949, 12, 31), "female", True, "citizen"),
        ("11010519491231002x", date(1949, 12, 31), "female", True, "citizen"),
        ("１１０１０５ 19491231 002Ｘ", date(1949, 12, 31), "female", True, "citizen"),
        ("440524188001010014", date(1880, 1, 1), "male", True, "citizen"),  # area abolished: still valid
        ("350102199001010016", date(1990, 1, 1), "male", True, "citizen"),
        ("990102199001010015", date(1990, 1, 1), "male", False, "permanent_residence"),
        ("810000199408230021", date(1994, 8, 23), "female", True, "residence_permit"),
        ("830000199201300022", date(1992, 1, 30), "female", True, "residence_permit"),
    ],
)
def test_id_number_is_accepted(text: str, born: date, sex: str, known: bool, kind: str) -> None:
    found = codes.check_id_number(text)
    assert (found.birth_date, found.sex, found.area_known, found.kind) == (born, sex, known, kind)
    assert len(found.number) == 18
    assert found.number.isupper() or found.number.isdigit()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "shape"),
        ("110105491231002", "shape"),  # the 15 digits of the first generation
        ("11010519491231002XX", "shape"),
        ("1101051949123100X2", "shape"),
        ("110105194912310021", "checksum"),
        ("110105199402300022", "birth_date"),  # 30 February
        ("110105189913010021", "birth_date"),
        ("350102299001010016", "birth_date"),  # not yet born
    ],
)
def test_id_number_is_refused(text: str, reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        codes.check_id_number(text)
    assert refusal.value.code == "codes.bad_id_number"
    assert refusal.value.data["reason"] == reason
    assert not text or text not in refusal.value.message.zh + refusal.value.message.en


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(place: int, by: int) -> None:
    good = "350102199001010016"
    bad = good[:place] + str((int(good[place]) + by) % 10) + good[place + 1 :]
    with pytest.raises(Invalid):
        codes.check_id_number(bad)


@pytest.mark.parametrize(
    "code",
    [
        "91350100M000100Y43",
        "91110000600037341L",
        "54350102MF00000131",
        "54350102MF1234567E",
        "91110000600037341l",
        "N2350102MF0000013M",  # rural collective
    ],
)
def test_uscc_is_accepted(code: str) -> None:
    assert codes.check_uscc(f" {code} ") == code.upper()


@pytest.mark.parametrize(
    "code", ["", "91110000600037341M", "9111000060003734", "91110000I00037341L", "911100006000373410L"]
)
def test_uscc_is_refused(code: str) -> None:
    with pytest.raises(Invalid, match=r"codes\.bad_uscc|统一社会信用代码"):
        codes.check_uscc(code)


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("13812346021", "+8613812346021"),
        ("138 1234 6021", "+8613812346021"),
        ("+86 138-1234-6021", "+8613812346021"),
        ("008613812346021", "+8613812346021"),
        ("8613812346021", "+8613812346021"),
        ("１３８１２３４６０２１", "+8613812346021"),
        ("0591-87654321", "+8659187654321"),
        ("（0591）87654321", "+8659187654321"),
        ("+86 591 8765 4321", "+8659187654321"),
        ("010-12345678", "+861012345678"),
    ],
)
def test_phone_becomes_e164(text: str, e164: str) -> None:
    assert codes.normalise_phone(text) == e164
    assert codes.normalise_phone(e164) == e164


@pytest.mark.parametrize(
    "text",
    ["", "12812346021", "1381234602", "138123460211", "87654321", "12345", "+85212345678", "0591-1", "x"],
)
def test_phone_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        codes.normalise_phone(text)
    assert refusal.value.code == "codes.bad_phone"


def test_masks_keep_only_what_is_needed() -> None:
    assert codes.mask_name("张小明") == "张**"
    assert codes.mask_name("张三") == "张*"
    assert codes.mask_name("欧阳修") == "欧阳*"
    assert codes.mask_name("欧阳") == "欧*"
    assert codes.mask_name("阿卜杜拉·买买提") == "阿**"
    assert codes.mask_name("John Smith") == "J**"
    assert (codes.mask_name(""), codes.mask_name("张")) == ("", "*")
    assert codes.mask_phone("+8613812346021") == "138****6021"
    assert codes.mask_phone("0591-87654321") == "0591****4321"
    assert codes.mask_phone("010-12345678") == "010****5678"
    assert codes.mask_phone("call me") == "*******"
    assert codes.mask_id("11010519491231002X") == "110*************2X"
    assert codes.mask_id("E123") == "****"


@pytest.mark.parametrize(
    ("code", "level", "prefix", "parent"),
    [
        ("350000000000", "province", "35", None),
        ("350100000000", "prefecture", "3501", "35"),
        ("350102000000", "county", "350102", "3501"),
        ("350102001000", "township", "350102001", "350102"),
        ("350102001002", "village", "350102001002", "350102001"),
        ("350102001002007", "grid", "350102001002007", "350102001002"),
        ("35010200100200703", "micro_grid", "35010200100200703", "350102001002007"),
        ("441900003000", "township", "441900003", "4419"),  # no county between
        ("350102001000007", "grid", "350102001000007", "350102001"),  # a grid of the township itself
        ("US2501000000", "county", "US2501", "US25"),
    ],
)
def test_area_code(code: str, level: str, prefix: str, parent: str | None) -> None:
    assert codes.level_of(code) == level
    assert codes.prefix_of(code) == prefix
    assert codes.level_of_prefix(prefix) == level
    assert codes.parent_prefix(prefix) == parent
    assert codes.code_of(prefix) == code


def test_truncate_goes_up_and_never_down() -> None:
    assert codes.truncate("350102001002007", "county") == "350102"
    assert codes.truncate("350102", "grid") == "350102"
    assert codes.truncate("441900003", "county") == "4419"
    assert codes.prefix_of("350102001002", "township") == "350102001"


@pytest.mark.parametrize(
    "code", ["", "350102", "35010200100", "35010200100a", "000000000000", "3501020010020071"]
)
def test_area_code_is_refused(code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        codes.level_of(code)
    assert refusal.value.code == "codes.bad_area_code"
