"""What the checker proves about procedures before they load (程序检查). Pure; each finding has its rule code.

PC1xx it can be walked through (`reach`) · PC2xx somebody acts, in time (`actors`, `limits`, `ways`) · PC3xx due process
(`dueprocess`) · PC4xx publicity (`publicity`) · PC5xx least data (`leastdata`) · PC6xx written in full and rightly
(`shape`, `names`) · PC7xx running cases that change versions (`mapping`, beside this package) · PC8xx what a county
may not change (`overriding`). docs/reference/procedure-checks.md shows each
rule with a file that breaks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from linli.kernel.procedures.checks.actors import actors
from linli.kernel.procedures.checks.dueprocess import due_process
from linli.kernel.procedures.checks.finding import Finding, Subject
from linli.kernel.procedures.checks.leastdata import least_data
from linli.kernel.procedures.checks.limits import limits
from linli.kernel.procedures.checks.names import names
from linli.kernel.procedures.checks.publicity import publicity
from linli.kernel.procedures.checks.reach import reach
from linli.kernel.procedures.checks.ways import ways
from linli.kernel.procedures.definitions import Procedure

__all__ = ["PROOFS", "Finding", "check_procedure"]

PROOFS = (reach, actors, limits, ways, due_process, publicity, least_data, names)


def check_procedure(
    procedure: Procedure,
    known: Iterable[str],
    *,
    others: Mapping[str, Procedure] | None = None,
    raw: Mapping[str, Any] | None = None,
) -> list[Finding]:
    """What is wrong with a procedure (检查一个程序); `known` are the codes of those that exist, `others` what they say."""
    everyone = {**(others or {}), procedure.code: procedure}
    subject = Subject(procedure, everyone, frozenset({*known, *everyone}), raw or {})
    return [replace(finding, code=procedure.code) for proof in PROOFS for finding in proof(subject)]
