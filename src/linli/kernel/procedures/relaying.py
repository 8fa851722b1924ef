"""Laying a county's own version over a newer default (地方程序随默认更新): what the county did not change follows the default.

A county's version is kept merged with the default of its day, and what the county wrote beside it. When a default
changes, the county's writing is laid over the new one and becomes its next version, if the checker finds nothing against it; else the
county keeps the version it has, and its administrator is told what to mend.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from linli.base.clock import today
from linli.kernel.procedures.checks.finding import Finding
from linli.kernel.procedures.examination import Source, examine
from linli.kernel.procedures.loader import lay_over
from linli.kernel.procedures.models import ProcedureVersion
from linli.kernel.procedures.versions import Loading, digest_of, shipped_files

log = logging.getLogger(__name__)
Shipped = Mapping[str, dict[str, Any]]


@dataclass(frozen=True)
class Stale:
    """A county's version that could not follow its default (未能随默认更新的地方程序), with what is in the way."""

    version: ProcedureVersion
    findings: tuple[Finding, ...]


def laid_anew(shipped: Shipped) -> list[Loading]:
    """The counties' versions whose default changed, laid over it (重新叠加), in the order in which they come into force."""
    made: list[Loading] = []
    for rows in _chains():
        loadings = [_laid(row, shipped) for row in rows]
        if any(loading is None for loading in loadings):
            continue  # its default is no longer shipped: nothing to follow
        changed = [
            digest_of(laid.raw) != row.digest for row, laid in zip(rows, loadings, strict=True) if laid
        ]
        if not any(changed):
            continue
        # All or none: a newer number of the version in force would outrank one that is to follow it.
        if findings := _findings([laid for laid in loadings if laid], shipped):
            log.warning("%s of %s stays as it is: %s", rows[0].code, rows[0].jurisdiction, findings[0].where)
            continue
        made += [laid for laid in loadings[changed.index(True) :] if laid]
    return made


def stale() -> list[Stale]:
    """The counties' versions that do not follow their default any more (过时的地方程序), and why."""
    shipped = {code: raw for code, (_, raw) in shipped_files().items()}
    found = []
    for rows in _chains():
        for row in rows:
            laid = _laid(row, shipped)
            if laid is not None and digest_of(laid.raw) == row.digest:
                continue
            findings = _findings([laid], shipped) if laid is not None else []
            found.append(Stale(row, tuple(findings)))
    return found


def _chains() -> Iterator[list[ProcedureVersion]]:
    """For each county's procedure: the version in force, then those that are to come into force after it."""
    rows: dict[tuple[str, str], list[ProcedureVersion]] = {}
    for row in ProcedureVersion.objects.exclude(jurisdiction="").order_by("code", "jurisdiction", "version"):
        rows.setdefault((row.code, row.jurisdiction), []).append(row)
    for versions in rows.values():
        now_in_force = [
            n for n, row in enumerate(versions) if not row.valid_from or row.valid_from <= today()
        ]
        yield versions[now_in_force[-1] if now_in_force else 0 :]


def _laid(row: ProcedureVersion, shipped: Shipped) -> Loading | None:
    base = shipped.get(row.code)
    if base is None:
        return None
    over = written_in(row)
    return Loading(row.jurisdiction, lay_over(base, over), over)


def written_in(row: ProcedureVersion) -> dict[str, Any]:
    """What a county itself wrote of a version of its own (地方自己写的部分)."""
    found: dict[str, Any] = json.loads(row.override) if row.override else _written(row)
    return found


def _written(row: ProcedureVersion) -> dict[str, Any]:
    """What a county wrote, of versions from before that was kept: where it differs from the default of its day."""
    defaults = ProcedureVersion.objects.filter(code=row.code, jurisdiction="", loaded_at__lte=row.loaded_at)
    base = defaults.order_by("-version").values_list("definition", flat=True).first()
    merged: dict[str, Any] = json.loads(row.definition)
    return difference(json.loads(base), merged) if base else merged


def difference(base: Mapping[str, Any], merged: Mapping[str, Any]) -> dict[str, Any]:
    """What has to be laid over `base` to give `merged` (差异)."""
    found: dict[str, Any] = {}
    for key, value in merged.items():
        if key not in base:
            found[key] = value
        elif isinstance(value, Mapping) and isinstance(base[key], Mapping):
            if inner := difference(base[key], value):
                found[key] = inner
        elif value != base[key]:
            found[key] = value
    return found


def _findings(loadings: list[Loading], shipped: Shipped) -> list[Finding]:
    found = [examine([Source(laid.jurisdiction, laid.over or {})], beside=shipped) for laid in loadings]
    return [finding for examination in found for finding in examination.findings]
