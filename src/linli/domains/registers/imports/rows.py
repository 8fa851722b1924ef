"""One row of a residents' file, checked and sealed (居民文件的一行). Pure: no Django, no query, no clock but the day given.

Worker processes read this room alone, so that sealing a million rows does not wait for one core.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from linli.base.codes import check_id_number, normalise_phone
from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.base.ids import uuid7_hex
from linli.base.text import same_name
from linli.base.vault import Vault, vault_from_json
from linli.domains.registers import nameparts

COLUMNS = tuple(
    "external_id name id_number phone birth_date sex area_code address household_id relation valid_from".split()
)
REQUIRED = ("name", "area_code")
MAX_NAME, MAX_ADDRESS, MAX_ID, MAX_HOUSEHOLD = 60, 200, 60, 40
DERIVED = "="  # begins the key of a row that brought neither its own id nor an ID number
EARLIEST = date(1850, 1, 1)
SEXES = {"男": "male", "女": "female", "male": "male", "female": "female", "1": "male", "2": "female", "m": "male", "f": "female"}  # fmt: skip
RELATIONS = {
    **dict.fromkeys(("户主", "本人", "head", "self"), "head"),
    **dict.fromkeys(("配偶", "夫", "妻", "丈夫", "妻子", "spouse"), "spouse"),
    **dict.fromkeys(("子", "女", "子女", "儿子", "女儿", "长子", "次子", "长女", "次女", "child"), "child"),
    **dict.fromkeys(("父", "母", "父母", "父亲", "母亲", "parent"), "parent"),
    **dict.fromkeys(("孙子", "孙女", "外孙", "外孙女", "孙辈", "grandchild"), "grandchild"),
    **dict.fromkeys(("祖父", "祖母", "外祖父", "外祖母", "祖辈", "grandparent"), "grandparent"),
    **dict.fromkeys(("兄弟", "姐妹", "兄弟姐妹", "兄", "弟", "姐", "妹", "sibling"), "sibling"),
    **dict.fromkeys(("其他", "other"), "other"),
}

Fault = tuple[str, str, Text]  # column, what stood there, why
PersonRow = tuple[str, bytes, "bytes | None", "bytes | None", "bytes | None", "bytes | None", bytes]
ResidentRow = tuple[str, "bytes | None", "bytes | None", "bytes | None", "str | None"]


class Ready(NamedTuple):
    """A row as it is written: what says who somebody is, sealed already. `key` is how it is known again."""

    number: int
    key: str
    mark: bytes
    area_code: str
    household: str
    person: PersonRow  # uid, name, phone, id_number, phone_hash, id_hash, name_hash
    resident: ResidentRow  # relation, sex, birth_date, address, valid_from
    parts: tuple[int, ...]  # of the name: keyed hashes
    id_hash: bytes | None
    alike: tuple[int | None, int | None]  # name with birth date, name with phone


class Rejected(NamedTuple):
    number: int
    content: str
    reason: Text


class Preparer:
    """Checks and seals rows (核对并加密) with one set of keys."""

    def __init__(self, vault: Vault, columns: Sequence[str], today: date) -> None:
        self.today = today
        self.at = [columns.index(name) if name in columns else -1 for name in COLUMNS]
        seal = vault.sealer
        self.seal_name, self.seal_phone = seal("people.person.name"), seal("people.person.phone")
        self.seal_id = seal("people.person.id_number")
        self.seal_sex, self.seal_birth = seal("registers.resident.sex"), seal("registers.resident.birth_date")
        self.seal_address = seal("registers.resident.address")
        find = vault.finder
        self.find_row, self.find_key, self.find_name = (
            find("registers.row"),
            find("registers.key"),
            find("name"),
        )
        self.find_alike = find(nameparts.ALIKE)
        self.find_phone, self.find_id = find("phone"), find("id_number")
        self.find_part = lru_cache(1 << 16)(find(nameparts.KIND))  # the same pairs come again and again

    def __call__(self, number: int, cells: Sequence[str]) -> Ready | Rejected:
        values = [cells[i].strip() if i >= 0 else "" for i in self.at]
        external_id, name, id_number, phone, birth, sex, area_code, address, household, relation, since = (
            values
        )
        faults: list[Fault] = []
        _plain_faults(external_id, name, area_code, address, household, faults)
        sex_code = SEXES.get(sex.lower(), "") if sex else ""
        if sex and not sex_code:
            faults.append(("sex", sex, Text("性别写“男”或“女”。", "Write male or female.")))
        related = RELATIONS.get(relation.lower(), "") if relation else ""
        if relation and not related:
            faults.append(("relation", relation, Text("与户主关系不认识：写户主、配偶、子女、父母、孙辈、祖辈、兄弟姐妹或其他。",
                "The relation is not known: head, spouse, child, parent, grandchild, grandparent, sibling or other.")))  # fmt: skip
        born = self._day("birth_date", birth, faults, EARLIEST)
        valid_from = self._day("valid_from", since, faults, None)
        if phone:
            try:
                phone = normalise_phone(phone)
            except Invalid as error:
                faults.append(("phone", phone, error.message))
        if id_number:
            id_number, born, sex_code = self._identity(id_number, born, sex_code, birth, sex, faults)
        if faults:
            return _rejected(number, faults)
        return self._ready(number, external_id, name, id_number, phone, born, sex_code, area_code, address, household, related, valid_from)  # fmt: skip

    def _identity(
        self, id_number: str, born: date | None, sex_code: str, birth: str, sex: str, faults: list[Fault]
    ) -> tuple[str, date | None, str]:
        """The ID number says the birth date and sex too (证件号码里的生日和性别): what the file says must agree."""
        try:
            found = check_id_number(id_number, today=self.today)
        except Invalid as error:
            faults.append(("id_number", id_number, error.message))
            return id_number, born, sex_code
        if born and born != found.birth_date:
            faults.append(("birth_date", birth, Text("出生日期与证件号码里的不一致。", "The date of birth is not the one in the ID number.")))  # fmt: skip
        if sex_code and sex_code != found.sex:
            faults.append(("sex", sex, Text("性别与证件号码里的不一致。", "The sex is not the one in the ID number.")))  # fmt: skip
        return found.number, born or found.birth_date, sex_code or found.sex

    def _ready(
        self,
        number: int,
        external_id: str,
        name: str,
        id_number: str,
        phone: str,
        born: date | None,
        sex: str,
        area_code: str,
        address: str,
        household: str,
        relation: str,
        valid_from: date | None,
    ) -> Ready:
        birth = born.isoformat() if born else ""
        since = valid_from.isoformat() if valid_from else None
        said = "\0".join((name, id_number, phone, birth, sex, area_code, address, household, relation, since or ""))  # fmt: skip
        mark = self.find_row(said)[:16]
        id_hash = self.find_id(id_number) if id_number else None
        if external_id:
            key = external_id
        elif id_number:
            key = DERIVED + self.find_key(id_number)[:20].hex()
        else:
            who = "\0".join((same_name(name), birth, phone, area_code[:12], household, address if not birth and not phone else ""))  # fmt: skip
            key = DERIVED + self.find_key(who)[:20].hex()
        person: PersonRow = (
            uuid7_hex(),
            self.seal_name(name),
            self.seal_phone(phone) if phone else None,
            self.seal_id(id_number) if id_number else None,
            self.find_phone(phone) if phone else None,
            id_hash,
            self.find_name(same_name(name)),
        )
        resident: ResidentRow = (
            relation,
            self.seal_sex(sex) if sex else None,
            self.seal_birth(birth) if birth else None,
            self.seal_address(address) if address else None,
            since,
        )
        parts = nameparts.parts(name, self.find_part)
        same = (nameparts.alike(name, birth, self.find_alike), nameparts.alike(name, phone, self.find_alike))
        return Ready(number, key, mark, area_code, household, person, resident, parts, id_hash, same)

    def _day(self, column: str, text: str, faults: list[Fault], earliest: date | None) -> date | None:
        if not text:
            return None
        plain = text.replace("/", "-")
        if len(plain) == 8 and plain.isdigit():
            plain = f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
        try:
            day = date.fromisoformat(plain)
        except ValueError:
            faults.append((column, text, Text("日期读不懂，写成 1980-05-06 这样。", "The date cannot be read; write it like 1980-05-06.")))  # fmt: skip
            return None
        if day > self.today:
            faults.append((column, text, Text("日期在将来。", "The date lies in the future.")))
        elif earliest and day < earliest:
            faults.append((column, text, Text("日期太早。", "The date is too early.")))
        return day


def _plain_faults(
    external_id: str, name: str, area_code: str, address: str, household: str, faults: list[Fault]
) -> None:
    if not name:
        faults.append(("name", "", Text("没有姓名。", "The name is missing.")))
    elif len(name) > MAX_NAME:
        faults.append(("name", name, _too_long("姓名", "A name", MAX_NAME)))
    if not area_code:
        faults.append(("area_code", "", Text("没有区划代码。", "The area code is missing.")))
    for column, value, most in (("external_id", external_id, MAX_ID), ("address", address, MAX_ADDRESS), ("household_id", household, MAX_HOUSEHOLD)):  # fmt: skip
        if len(value) > most:
            faults.append((column, value, _too_long(column, column, most)))
    if external_id.startswith(DERIVED):
        faults.append(("external_id", external_id, Text("编号不能以 = 开头。", "An id does not begin with =.")))  # fmt: skip


def _too_long(zh: str, en: str, most: int) -> Text:
    return Text(f"{zh} 不超过 {most} 个字。", f"{en} has {most} characters at most.")


def _rejected(number: int, faults: Sequence[Fault]) -> Rejected:
    """One line of the list of rejects: each column that is wrong, and why."""
    content = "; ".join(f"{column}={value}" for column, value, _ in faults)
    zh = " ".join(f"{column}：{why.zh}" for column, _, why in faults)
    en = " ".join(f"{column}: {why.en}" for column, _, why in faults)
    return Rejected(number, content, Text(zh, en))


Chunk = Sequence[tuple[int, Sequence[str]]]
Prepare = Callable[[Chunk], "list[Ready | Rejected]"]
_preparer: list[Preparer] = []


@contextmanager
def seldom_collected() -> Iterator[None]:
    """While rows pass by the hundred thousand, looking for cycles among them, of which there are none, takes a fifth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(1_000_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def start_worker(keys: str, columns: Sequence[str], today: date) -> None:
    """What a worker process does first."""
    gc.disable()  # it ends with the file
    _preparer[:] = [Preparer(vault_from_json(keys), columns, today)]


def prepare(chunk: Chunk) -> list[tuple[bool, tuple[Any, ...]]]:
    """Plain tuples, which cross to another process in a third of the time; `taken_over` names their parts again."""
    return [(isinstance(row, Ready), tuple(row)) for row in prepared(_preparer[0], chunk)]


def taken_over(rows: Iterable[tuple[bool, tuple[Any, ...]]]) -> list[Ready | Rejected]:
    return [Ready._make(row) if is_ready else Rejected._make(row) for is_ready, row in rows]


def prepared(preparer: Preparer, chunk: Iterable[tuple[int, Sequence[str]]]) -> list[Ready | Rejected]:
    return [preparer(number, cells) for number, cells in chunk]
