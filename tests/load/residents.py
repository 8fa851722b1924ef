"""Residents that nobody is (虚构居民), and how fast a file of them is imported against bare SQL.

    python -m tests.load.residents [--rows 1000000] [--folder DIR]

Imports a file into the database that the environment names (`LINLI_DATABASE_URL`; else an embedded one in the folder), then copies
the very same rows, sealed already, with bare SQL (COPY, or `executemany`) into tables with the same indexes in the same database,
and prints both times and their ratio as JSON. The import is several processes, bare SQL is one: on a machine that does other work too
(`load_average`, at the start) the ratio comes out smaller than it is, so the CPU seconds of both stand beside it.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from stdnum.iso7064 import mod_11_2

FIRST_BORN, DAYS = date(1945, 1, 1), 27_000
SURNAMES, GIVEN = "甲乙丙丁戊己庚辛壬癸", "一二三四五六七八九十样例虚构演示"
ORDERS = {
    "people_person": "id",
    "registers_household": "id",
    "registers_resident": "person_id",
    "registers_namepart": "resident_id",
}
"""The tables and their order, each filled after those that it points at."""
CHUNK = 5_000


def id_number(n: int) -> str:
    """A valid number that belongs to nobody we know (校验位正确的虚构号码): the order numbers are 900 and above."""
    born = FIRST_BORN + timedelta(days=n * 7919 % DAYS)
    digits = f"350102{born:%Y%m%d}{900 + n // DAYS % 100:03}"
    return digits + str(mod_11_2.calc_check_digit(digits))


def row(n: int, areas: list[str]) -> tuple[str, ...]:
    house = n // 3
    name = SURNAMES[n % 10] + GIVEN[n // 10 % 16] + GIVEN[n // 160 % 16]
    return (
        f"S{n:08}",
        name,
        id_number(n),
        f"139{n % 100_000_000:08}",
        "",
        "",
        areas[house % len(areas)],
        f"虚构路 {house % 900 + 1} 号 {n % 30 + 101} 室",
        f"HH{house:07}",
        ("户主", "配偶", "子女")[n % 3],
        "2020-01-01",
    )


def write_file(path: Path, n_rows: int, areas: list[str]) -> None:
    from linli.domains.registers.imports.rows import COLUMNS

    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        out.writerows(row(n, areas) for n in range(n_rows))


def _cpu() -> float:
    """CPU seconds of this process and of those that it started and that ended (本进程与子进程 CPU); not the database server's."""
    return sum(os.times()[:4])


def copied_bare() -> tuple[float, float]:
    """Seconds, and CPU seconds, that the same rows take by bare SQL into the same tables, emptied, with the same indexes (裸 SQL 写入)."""
    from django.db import connection, transaction

    from linli.kernel.procedures.historic import insert_rows

    spent = spent_cpu = 0.0
    with connection.cursor() as cursor:
        for table in ORDERS:
            cursor.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")
        cursor.execute("DELETE FROM registers_namepart")
        cursor.execute("DELETE FROM registers_resident")
        cursor.execute("DELETE FROM registers_household")
        cursor.execute(
            "DELETE FROM people_person WHERE id IN (SELECT person_id FROM kept_registers_resident)"
        )
        if connection.vendor == "postgresql":
            cursor.execute(f"VACUUM FULL {', '.join(ORDERS)}")
        else:
            cursor.execute("VACUUM")
        for table, order in ORDERS.items():
            keep = (
                "WHERE id IN (SELECT person_id FROM kept_registers_resident)"
                if table == "people_person"
                else ""
            )
            cursor.execute(f"SELECT MIN({order}), MAX({order}) FROM kept_{table}")
            first, last = cursor.fetchone()
            cursor.execute(f"CREATE INDEX kept_{table}_order ON kept_{table} ({order})")
            while first <= last:
                joiner = "AND" if keep else "WHERE"
                cursor.execute(
                    f"SELECT * FROM kept_{table} {keep} {joiner} {order} BETWEEN %s AND %s",
                    [first, first + CHUNK - 1],
                )
                columns = [c[0] for c in cursor.description]
                rows = [tuple(_plain(v) for v in r) for r in cursor.fetchall()]
                began, used = time.perf_counter(), _cpu()
                with transaction.atomic():
                    insert_rows(table, columns, rows)
                spent += time.perf_counter() - began
                spent_cpu += _cpu() - used
                first += CHUNK
    return spent, spent_cpu


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument(
        "--folder", help="where the file and an embedded database lie meanwhile; a disk, not memory"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="linli-residents-", dir=options.folder) as folder:
        os.environ["LINLI_DATA_DIR"] = folder
        print(json.dumps(measured(Path(folder), options.rows)))


def measured(folder: Path, n_rows: int) -> dict[str, Any]:
    from linli.site.cli.house import choose_data_dir, open_house

    choose_data_dir(str(folder))
    open_house(create=True)

    from django.db import connection

    from linli.domains.registers.imports.residents import import_residents
    from linli.domains.registers.models import Resident
    from linli.kernel.places.models import Area
    from tests.load.county import build_county

    build_county()
    areas = list(Area.objects.filter(level="grid").order_by("code").values_list("code", flat=True))
    file = folder / "residents.csv"
    write_file(file, n_rows, areas)
    load = os.getloadavg()[0]
    began, used = time.perf_counter(), _cpu()
    report = import_residents(file)
    ours, ours_cpu = time.perf_counter() - began, _cpu() - used
    began = time.perf_counter()
    again = import_residents(file) if n_rows <= 200_000 else None
    second = time.perf_counter() - began
    assert (report.n_accepted, report.n_rejected) == (n_rows, 0), report.as_dict()
    assert again is None or again.n_unchanged == n_rows
    assert Resident.objects.count() == n_rows
    bare, bare_cpu = copied_bare()
    assert Resident.objects.count() == n_rows
    return {
        "database": connection.vendor,
        "n_rows": n_rows,
        "import_seconds": round(ours, 1),
        "bare_seconds": round(bare, 1),
        "speed_of_bare": round(bare / ours, 2),
        "import_cpu_seconds": round(ours_cpu, 1),
        "bare_cpu_seconds": round(bare_cpu, 1),
        "load_average": round(load, 1),
        "again_seconds": round(second, 1) if again else None,
    }


if __name__ == "__main__":
    main()
