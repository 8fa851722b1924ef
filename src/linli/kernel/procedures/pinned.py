"""Under which version of its procedure each record of a case was made (留痕时的程序版本).

A case keeps the version that it began with, unless it was moved to a later one; then its older records are read with the
version of their day, in which their actions, steps and fields have their names.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.models import Case, ProcedureVersion
from linli.kernel.procedures.own_records import MOVED
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.records.models import Record


def procedures_at(case: Case, rows: Sequence[Record]) -> dict[int, Procedure]:
    """The procedure by which to read each of a case's records, by their number; no query for a case never moved."""
    found: dict[int, Procedure] = {}
    current = procedure_of(case.version_id)
    for row in sorted(rows, key=lambda r: -r.seq):
        found[row.seq] = current
        if row.action == MOVED.code:
            jurisdiction, number = json.loads(row.facts)["note"]["version"][0]
            pinned = ProcedureVersion.objects.filter(
                code=case.procedure, jurisdiction=jurisdiction, version=number
            )
            current = procedure_of(pinned.values_list("pk", flat=True).get())
    return found
