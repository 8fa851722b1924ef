"""Writes batches of residents (批量写入居民): a fixed number of statements a batch, however many rows it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from linli.base.i18n import Text
from linli.base.ids import uuid7_hex
from linli.domains.registers import likely
from linli.domains.registers.imports.rows import Ready, Rejected
from linli.kernel.places.models import Area
from linli.kernel.procedures.historic import insert_rows
from linli.kernel.procedures.hot import one_transaction

BATCH = 5_000
SOURCE = "居民登记导入 | residents' file"
PERSON = ("id", "uid", "name", "phone", "id_number", "phone_hash", "id_hash", "name_hash", "language", "created_at", "needed_at")  # fmt: skip
RESIDENT = ("person_id", "external_id", "area_id", "prefix", "household_id", "relation", "sex", "birth_date", "address", "valid_from", "source", "as_of", "mark", "alike_birth", "alike_phone")  # fmt: skip
HOUSEHOLD = ("id", "uid", "number", "area_id", "prefix")
NAME_PART = ("resident_id", "part", "prefix")


@dataclass(slots=True)
class Outcome:
    n_accepted: int = 0
    n_unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    n_likely: int = 0  # pairs that may be one person


@dataclass(slots=True)
class _Known:
    person_id: int
    external_id: str | None
    mark: bytes | None


class Writer:
    """Writes what is ready, each batch in one transaction. `dry_run` finds out the same and writes nothing."""

    def __init__(self, *, at: datetime, today: date, dry_run: bool = False) -> None:
        self.at, self.today, self.dry_run = at, today, dry_run
        self.areas = {code: (pk, prefix) for code, pk, prefix in Area.objects.filter(historic=False).values_list("code", "pk", "prefix")}  # fmt: skip
        self.seen: set[str] = set()  # keys of a dry run, which leaves nothing to find again

    def write(self, rows: Sequence[Ready]) -> Outcome:
        outcome = Outcome()
        rows = self._placed(rows, outcome)
        while rows:  # a key that comes twice in a batch is taken the second time as if it came later
            now: list[Ready] = []
            later: list[Ready] = []
            keys: set[str] = set()
            ids: set[bytes] = set()
            for row in rows:
                again = row.key in keys or (row.id_hash is not None and row.id_hash in ids)
                (later if again else now).append(row)
                keys.add(row.key)
                if row.id_hash:
                    ids.add(row.id_hash)
            if self.dry_run:
                self._write(now, outcome)
            else:
                with one_transaction():
                    self._write(now, outcome)
            rows = later
        return outcome

    def _placed(self, rows: Sequence[Ready], outcome: Outcome) -> list[Ready]:
        placed = []
        for row in rows:
            if row.area_code in self.areas:
                placed.append(row)
            else:
                outcome.rejected.append(
                    Rejected(
                        row.number,
                        f"area_code={row.area_code}",
                        Text(
                            "area_code：没有这个区划。请先导入区划，或更正代码。",
                            "area_code: no such area. Import the areas first, or correct the code.",
                        ),
                    )
                )
        return placed

    def _write(self, rows: Sequence[Ready], outcome: Outcome) -> None:
        by_key, by_id, names = self._known(rows)
        new, joining, changed = [], [], []
        for row in rows:
            known = by_key.get(row.key)
            holder = by_id.get(row.id_hash) if row.id_hash else None
            if (
                known is None and holder is not None and holder in names
            ):  # a person without an entry, or with another key
                entry, name_hash = names[holder]
                if (
                    entry is not None
                    and not (entry.external_id or "=").startswith("=")
                    and not row.key.startswith("=")
                ):
                    outcome.rejected.append(_taken(row))
                    continue
                if name_hash is not None and name_hash != row.person[6] and entry is None:
                    outcome.rejected.append(_other_name(row))
                    continue
                known = entry
                if entry is None:
                    joining.append((row, holder))
                    continue
            if known is None:
                new.append(row)
            elif holder is not None and holder != known.person_id:
                outcome.rejected.append(_taken(row))
            elif known.mark == row.mark and (known.external_id == row.key or row.key.startswith("=")):
                outcome.n_unchanged += 1
            else:
                changed.append((row, known))
        outcome.n_accepted += len(new) + len(joining) + len(changed)
        if self.dry_run:
            again = sum(1 for row in new if row.key in self.seen)
            outcome.n_accepted -= again
            outcome.n_unchanged += again
            self.seen.update(row.key for row in new)
            return
        if new or joining or changed:
            outcome.n_likely += self._store(new, joining, changed)

    # ------------------------------------------------------------------------------------------ reading

    def _known(
        self, rows: Sequence[Ready]
    ) -> tuple[dict[str, _Known], dict[bytes, int], dict[int, tuple[_Known | None, bytes | None]]]:
        """By key, and by ID number: two statements."""
        by_key: dict[str, _Known] = {}
        by_id: dict[bytes, int] = {}
        names: dict[int, tuple[_Known | None, bytes | None]] = {}
        with connection.cursor() as cursor:
            _where_in(
                cursor,
                "SELECT person_id, external_id, mark FROM registers_resident WHERE external_id",
                [row.key for row in rows],
            )
            for person_id, external_id, mark in cursor.fetchall():
                by_key[external_id] = _Known(person_id, external_id, _bytes(mark))
            hashes = [row.id_hash for row in rows if row.id_hash]
            if hashes:
                _where_in(
                    cursor,
                    "SELECT p.id, p.id_hash, p.name_hash, r.person_id, r.external_id, r.mark FROM people_person p "
                    "LEFT JOIN registers_resident r ON r.person_id = p.id WHERE p.id_hash",
                    hashes,
                )
                for pk, id_hash, name_hash, resident, external_id, mark in cursor.fetchall():
                    by_id[bytes(id_hash)] = pk
                    entry = _Known(resident, external_id, _bytes(mark)) if resident is not None else None
                    names[pk] = (entry, _bytes(name_hash))
        return by_key, by_id, names

    # ------------------------------------------------------------------------------------------ writing

    def _store(
        self, new: list[Ready], joining: list[tuple[Ready, int]], changed: list[tuple[Ready, _Known]]
    ) -> int:
        everybody = [*new, *(row for row, _ in joining), *(row for row, _ in changed)]
        households = self._households(everybody)
        moment = connection.ops.adapt_datetimefield_value(self.at)
        ids = _next_ids("people_person", len(new))
        insert_rows(
            "people_person",
            PERSON,
            [(pk, *row.person, "zh", moment, moment) for pk, row in zip(ids, new, strict=True)],
        )
        entries = [(pk, row) for pk, row in zip(ids, new, strict=True)] + [(pk, row) for row, pk in joining]
        insert_rows(
            "registers_resident", RESIDENT, [self._resident(pk, row, households) for pk, row in entries]
        )
        if changed:
            self._correct(changed, households)
            entries += [(known.person_id, row) for row, known in changed]
        insert_rows(
            "registers_namepart",
            NAME_PART,
            [(pk, part, self.areas[row.area_code][1]) for pk, row in entries for part in row.parts],
        )
        if joining:
            self._complete(joining)
        if changed:
            likely.forget([known.person_id for _, known in changed])
        return likely.find([pk for pk, _ in entries])

    def _resident(self, pk: int, row: Ready, households: dict[str, int]) -> tuple[Any, ...]:
        area_id, prefix = self.areas[row.area_code]
        household = households.get(row.household)
        return (
            pk,
            row.key,
            area_id,
            prefix,
            household,
            *row.resident,
            SOURCE,
            self.today.isoformat(),
            row.mark,
            *row.alike,
        )

    def _correct(self, changed: Sequence[tuple[Ready, _Known]], households: dict[str, int]) -> None:
        """What the file says now (更正); an ID number or phone that it does not say stays."""
        persons, residents = [], []
        for row, known in changed:
            _, name, phone, id_number, phone_hash, id_hash, name_hash = row.person
            persons.append((name, name_hash, phone, phone_hash, id_number, id_hash, known.person_id))
            key = row.key if not row.key.startswith("=") else known.external_id
            residents.append((*self._resident(known.person_id, row, households)[2:], key, known.person_id))
        with connection.cursor() as cursor:
            _where_in(
                cursor,
                "DELETE FROM registers_namepart WHERE resident_id",
                [known.person_id for _, known in changed],
            )
            cursor.executemany(
                "UPDATE people_person SET name = %s, name_hash = %s, phone = COALESCE(%s, phone), phone_hash = "
                "COALESCE(%s, phone_hash), id_number = COALESCE(%s, id_number), id_hash = COALESCE(%s, id_hash) WHERE id = %s",
                persons,
            )
            names = ", ".join(f"{name} = %s" for name in RESIDENT[2:])
            cursor.executemany(
                f"UPDATE registers_resident SET {names}, external_id = %s, valid_to = NULL WHERE person_id = %s",
                residents,
            )

    def _complete(self, joining: Sequence[tuple[Ready, int]]) -> None:
        """Somebody who was known before (已有办事记录的人) keeps what they said; the file fills what is empty."""
        rows = [(*row.person[1:2], row.person[6], row.person[2], row.person[4], pk) for row, pk in joining]
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE people_person SET name = COALESCE(name, %s), name_hash = COALESCE(name_hash, %s), "
                "phone = COALESCE(phone, %s), phone_hash = COALESCE(phone_hash, %s) WHERE id = %s",
                rows,
            )

    def _households(self, rows: Sequence[Ready]) -> dict[str, int]:
        """Ids by number; those that are missing are made, in the area of the first who names them."""
        wanted: dict[str, Ready] = {}
        for row in rows:
            if row.household:
                wanted.setdefault(row.household, row)
        if not wanted:
            return {}
        with connection.cursor() as cursor:
            _where_in(cursor, "SELECT number, id FROM registers_household WHERE number", list(wanted))
            found = dict(cursor.fetchall())
        missing = [number for number in wanted if number not in found]
        ids = _next_ids("registers_household", len(missing))
        insert_rows(
            "registers_household",
            HOUSEHOLD,
            [
                (pk, uuid7_hex(), number, *self.areas[wanted[number].area_code])
                for pk, number in zip(ids, missing, strict=True)
            ],
        )
        return {**found, **dict(zip(missing, ids, strict=True))}


def _next_ids(table: str, n: int) -> list[int]:
    """Ids for rows to be written (取号). The embedded database has one writer, which holds the lock already."""
    if not n:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, n]
            )
            return [pk for (pk,) in cursor.fetchall()]
        cursor.execute(
            f"SELECT MAX(COALESCE((SELECT seq FROM sqlite_sequence WHERE name = %s), 0), COALESCE((SELECT MAX(id) FROM {table}), 0))",
            [table],
        )
        first = cursor.fetchone()[0] + 1
        return list(range(first, first + n))


def _where_in(cursor: Any, select: str, values: Sequence[Any]) -> None:
    if connection.vendor == "postgresql":
        cursor.execute(f"{select} = ANY(%s)", [list(values)])
    else:
        cursor.execute(f"{select} IN ({','.join(['%s'] * len(values))})", list(values))


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


def _taken(row: Ready) -> Rejected:
    return Rejected(
        row.number,
        "id_number",
        Text(
            "id_number：这个证件号码已登记在另一个编号下。请核对号码；确是同一人的，把这一行的 external_id 改成原来的编号再导入。",
            "id_number: it is registered under another id. Check the number; if it is the same person, give the row the "
            "external_id that is registered and import it again.",
        ),
    )


def _other_name(row: Ready) -> Rejected:
    return Rejected(
        row.number,
        "name; id_number",
        Text(
            "id_number：这个证件号码已登记在另一个姓名下。请对照证件核对姓名和号码。",
            "id_number: it is known under another name. Check name and number against the card.",
        ),
    )
