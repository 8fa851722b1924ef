"""Codes and identifiers (编码与证件号码): ID numbers, social credit codes, phones, masks, area codes.

Pure checks: the same answer for the same text, no table, no query. A refusal never repeats what was entered,
because it may end up in a log.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from operator import mul
from typing import Literal

from stdnum.cn import uscc as stdnum_uscc
from stdnum.iso7064 import mod_11_2

from linli.base.clock import today as today_in_shanghai
from linli.base.errors import Invalid
from linli.base.i18n import Text

# First two digits of GB/T 2260 (31 provinces, Taiwan, Hong Kong, Macao); 83 is used on residence permits
# of people from Taiwan (GB 11643 as extended in 2018).
PROVINCES = frozenset(
    re.findall("..", "11121314152122233132333435363741424344454650515253546162636465" + "71818283")
)
RESIDENCE_PERMITS = ("81", "82", "83")
_WEIGHTS = tuple(2 ** (17 - place) % 11 for place in range(17))

IdKind = Literal["citizen", "residence_permit", "permanent_residence"]
Sex = Literal["male", "female"]


def _plain(text: str) -> str:
    """As typed, but half-width and without blanks and dashes (全角转半角, 去空格和横线)."""
    if text.isascii() and text.isalnum():  # as nearly all of them come from a file
        return text
    return re.sub(r"[\s\-‐-―−]+", "", unicodedata.normalize("NFKC", text))


# ---------------------------------------------------------------------------------------------- persons


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A checked ID number (公民身份号码). `area_known` false is only a note: old areas stay valid for life."""

    number: str
    birth_date: date
    sex: Sex
    area_known: bool
    kind: IdKind


def check_id_number(text: str, *, today: date | None = None) -> IdNumber:
    """Check an 18-digit ID number (核对公民身份号码): shape, birth date, check character (GB 11643-1999).

    Residence permits (81, 82, 83 …) and foreigners' permanent residence cards (9 …) use the same checksum.
    Refuses `codes.bad_id_number` with `reason` = `shape`, `birth_date` or `checksum`; the area is never a
    ground for refusal.
    """
    number = _plain(text).upper()
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise _bad_id(
            "shape",
            "身份证号码应为18位：前17位是数字，最后一位是数字或X。请对照证件重新填写。",
            "An ID number has 18 characters: 17 digits, then a digit or X. Please copy it from the card.",
        )
    birth_date = _date(number[6:14])
    if birth_date is None or not date(1850, 1, 1) <= birth_date <= (today or today_in_shanghai()):
        raise _bad_id(
            "birth_date",
            "身份证号码第7至14位不是有效的出生日期。请对照证件重新填写。",
            "Characters 7 to 14 of the ID number are not a possible birth date. "
            "Please copy the number from the card.",
        )
    if _check_character(number) != number[17]:
        raise _bad_id(
            "checksum",
            "身份证号码的校验位不符，可能有一位填错或两位写颠倒。请对照证件重新填写。",
            "The check character of the ID number does not match: a digit may be wrong or two swapped. "
            "Please copy it from the card.",
        )
    kind: IdKind = "citizen"
    if number[0] == "9":
        kind = "permanent_residence"
    elif number[:2] in RESIDENCE_PERMITS:
        kind = "residence_permit"
    province = number[1:3] if kind == "permanent_residence" else number[:2]
    sex: Sex = "male" if int(number[16]) % 2 else "female"
    return IdNumber(number, birth_date, sex, province in PROVINCES, kind)


def _check_character(number: str) -> str:
    """ISO 7064 MOD 11-2 (GB 11643-1999); the tests hold it against python-stdnum."""
    return "10X98765432"[sum(map(mul, _WEIGHTS, map(int, number[:17]))) % 11]


def _bad_id(reason: str, zh: str, en: str) -> Invalid:
    return Invalid("codes.bad_id_number", Text(zh, en), reason=reason)


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def check_uscc(text: str) -> str:
    """Check a unified social credit code (核对统一社会信用代码, GB 32100-2015); gives it in capitals.

    Refuses `codes.bad_uscc`. Codes that begin with a letter (N: rural collectives, Y: others) are as good
    as those that begin with a digit; the weights are those of python-stdnum.
    """
    code = _plain(text).upper()
    shape = r"[0-9A-HJ-NP-RTUW-Y]{2}[0-9]{6}[0-9A-HJ-NP-RTUW-Y]{10}"
    if not re.fullmatch(shape, code) or stdnum_uscc.calc_check_digit(code) != code[17]:
        raise Invalid(
            "codes.bad_uscc",
            Text(
                "统一社会信用代码不正确：应为18位数字和大写字母（不含I、O、S、V、Z），最后一位是校验码。"
                "请对照登记证书重新填写。",
                "This is not a valid unified social credit code: it has 18 characters, the last one a check, "
                "and never the letters I, O, S, V, Z. Please copy it from the certificate.",
            ),
        )
    return code


# Landline area codes: 010 and 02x have three digits, all others four (3xx to 9xx after the trunk 0).
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_FIXED = re.compile(r"(?:10|2[0-9]|[3-9][0-9]{2})[0-9]{7,8}")


def normalise_phone(text: str) -> str:
    """A telephone number as E.164 (电话号码规范化): `138 1234 6021`, `0086-…`, `0591-87654321` → `+86…`.

    Tolerates full-width digits, blanks, dashes, brackets. Refuses `codes.bad_phone`: a local number without
    its area code, extensions, short numbers and numbers of other countries cannot be called back safely.
    """
    if _MOBILE.fullmatch(text):
        return "+86" + text
    digits = re.sub(r"[().]", "", _plain(text))
    national, with_country = re.subn(r"^(?:\+|00)86", "", digits)
    if not with_country and re.fullmatch(r"86" + _MOBILE.pattern, digits):
        national = digits[2:]
    if _MOBILE.fullmatch(national):
        return "+86" + national
    if national.startswith("0") or with_country:
        fixed = national.removeprefix("0")
        if _FIXED.fullmatch(fixed):
            return "+86" + fixed
    raise Invalid(
        "codes.bad_phone",
        Text(
            "电话号码不完整或不正确。请填写11位手机号，或带区号的固定电话，如0591-87654321。",
            "This telephone number is incomplete or wrong. Enter a mobile number of 11 digits, or a landline "
            "with its area code such as 0591-87654321.",
        ),
    )


# ------------------------------------------------------------------------------------------------ masks

COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶"
        "太叔申屠公孙慕容仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良"
        "漆雕乐正宰父谷梁拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生梁丘左丘东门西门第五",
    )
)


def mask_name(name: str) -> str:
    """Name with only the surname readable (姓名脱敏): 张小明 → 张**, 欧阳修 → 欧阳*, John Smith → J**."""
    name = name.strip()
    if not name:
        return ""
    if len(name) == 1:
        return "*"
    keep = 2 if len(name) >= 3 and name[:2] in COMPOUND_SURNAMES else 1
    return name[:keep] + "*" * min(len(name) - keep, 2)


def mask_phone(phone: str) -> str:
    """Phone with the middle hidden (电话脱敏): 138****6021; a landline keeps its last four: 0591****4321."""
    try:
        national = normalise_phone(phone)[3:]
    except Invalid:
        return "*" * min(len(phone.strip()), 8)
    if _MOBILE.fullmatch(national):
        return f"{national[:3]}****{national[-4:]}"
    area = national[: 2 if national[0] in "12" else 3]
    return f"0{area}****{national[-4:]}"


def mask_id(number: str) -> str:
    """ID number with its first three and last two characters (证件号码脱敏): 110*************2X."""
    number = number.strip()
    if len(number) < 8:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 5) + number[-2:]


# Numbers of persons in the middle of other words. Blanks and dashes may stand between the groups, as people write them;
# \d is any digit, so full-width ones too. What is longer is another number, such as a document's or an account's.
_GAP = r"[ \u3000\-‐-―−]?"
_ID_IN_WORDS = re.compile(
    rf"(?<![\dA-Za-z])\d{{6}}{_GAP}(?:\d{{4}}{_GAP}){{2}}\d{{3}}[\dXxＸｘ](?![\dA-Za-z])"
)
_MOBILE_IN_WORDS = re.compile(
    rf"(?<![\dA-Za-z])(?:(?:\+|＋|00|００)?[8８][6６]{_GAP})?[1１][3-9３-９]\d{_GAP}\d{{4}}{_GAP}\d{{4}}(?![\dA-Za-z])"
)
_FIXED_IN_WORDS = re.compile(
    rf"(?<![\dA-Za-z])[(（]?[0０](?:[1１][0０]|[2２]\d|[3-9３-９]\d{{2}})[)）]?{_GAP}\d{{3,4}}{_GAP}\d{{4}}(?![\dA-Za-z])"
)
# A local number is one only where the words before it say so.
_LOCAL_IN_WORDS = re.compile(
    rf"((?:电话|手机|座机|热线|联系方式|[Pp]hone|[Tt]el\.?)[：:\s]{{0,3}})\d{{3,4}}{_GAP}(\d{{4}})(?![\dA-Za-z])"
)


def hide_numbers(words: str) -> str:
    """Masks ID and telephone numbers inside free words (文内号码脱敏), before anybody else may read them.

    A mistyped ID number is masked too, as long as a birth date can be read in it. Codes of organisations, document
    numbers, amounts and area codes stay.
    """
    words = _ID_IN_WORDS.sub(_hide_id, words)
    words = _MOBILE_IN_WORDS.sub(lambda found: mask_phone(found[0]), words)
    words = _FIXED_IN_WORDS.sub(lambda found: mask_phone(found[0]), words)
    return _LOCAL_IN_WORDS.sub(r"\1****\2", words)


def _hide_id(found: re.Match[str]) -> str:
    number = _plain(found[0]).upper()
    born = _date(number[6:14])
    if born is None or born.year < 1850 or _is_uscc(number):
        return found[0]
    return mask_id(number)


def _is_uscc(number: str) -> bool:
    """An organisation's code of digits alone, that is no person's number at the same time."""
    return stdnum_uscc.calc_check_digit(number) == number[17] and not mod_11_2.is_valid(number)


# ------------------------------------------------------------------------------------------- area codes

LEVELS = ("province", "prefecture", "county", "township", "village", "grid", "micro_grid")
"""Levels from the root down (层级), as in the statistics' division codes, then grid 3 and micro-grid 2."""

PREFIX_LENGTH = dict(zip(LEVELS, (2, 4, 6, 9, 12, 15, 17), strict=True))
_LEVEL_BY_LENGTH = {length: level for level, length in PREFIX_LENGTH.items()}
_CODE = re.compile(r"[0-9A-Z]{12}(?:[0-9A-Z]{3}(?:[0-9A-Z]{2})?)?")


def level_of(code: str) -> str:
    """Level of a full area code of 12, 15 or 17 characters (区划代码的层级).

    The last segment that is not all zeros decides, so a township directly below its prefecture
    (441900003000, no county between) is a township. Letters are allowed: places abroad load under a root
    of their own (`US2501000000`). Refuses `codes.bad_area_code`.
    """
    return _LEVEL_BY_LENGTH[len(prefix_of(code))]


def prefix_of(code: str, level: str | None = None) -> str:
    """Significant part of an area code (代码的有效前缀), at its own level or, given `level`, at that level."""
    if not _CODE.fullmatch(code) or code[:2] == "00":
        raise _bad_area_code()
    prefix = code if len(code) > 12 else _without_empty_tail(code)
    return prefix if level is None else truncate(prefix, level)


def level_of_prefix(prefix: str) -> str:
    """Level that a prefix stands for, by its length (前缀的层级). Refuses `codes.bad_area_code`."""
    try:
        return _LEVEL_BY_LENGTH[len(prefix)]
    except KeyError:
        raise _bad_area_code() from None


def code_of(prefix: str) -> str:
    """Full code of a prefix (由前缀还原代码): padded with zeros to 12 characters."""
    level_of_prefix(prefix)
    return prefix.ljust(12, "0")


def truncate(prefix: str, level: str) -> str:
    """The ancestor's prefix at `level` (上溯到某一层级); the prefix itself when it is not below that level.

    Where the tree has no such level (Dongguan has no counties) the next one above it is given.
    """
    length = PREFIX_LENGTH[level]
    return prefix if len(prefix) <= length else _without_empty_tail(prefix[:length])


def parent_prefix(prefix: str) -> str | None:
    """Prefix of the area above (上级前缀), skipping levels the tree does not have; None for a root."""
    shorter = [length for length in PREFIX_LENGTH.values() if length < len(prefix)]
    level_of_prefix(prefix)
    return _without_empty_tail(prefix[: shorter[-1]]) if shorter else None


def _without_empty_tail(prefix: str) -> str:
    lengths = [length for length in PREFIX_LENGTH.values() if length <= len(prefix)]
    while len(lengths) > 1 and set(prefix[lengths[-2] : lengths[-1]]) <= {"0"}:
        lengths.pop()
    return prefix[: lengths[-1]]


def _bad_area_code() -> Invalid:
    return Invalid(
        "codes.bad_area_code",
        Text(
            "区划代码应为12位（网格15位、微网格17位），由数字或大写字母组成。请核对后重新填写。",
            "An area code has 12 characters (a grid 15, a micro-grid 17), digits or capital letters. "
            "Please check it.",
        ),
    )
