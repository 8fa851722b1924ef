"""Immutable versions of procedures (程序版本): loaded from files into rows; cases keep theirs."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from linli.base.clock import now, today
from linli.base.codes import truncate
from linli.base.errors import NotFound, Refused, Unreadable
from linli.base.i18n import Text
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.examination import examine, source_at
from linli.kernel.procedures.loader import lay_over, procedure_from, read_file
from linli.kernel.procedures.models import Case, ProcedureVersion
from linli.kernel.procedures.registry import FOLDERS
from linli.kernel.procedures.state import CaseState
from linli.kernel.records.chain import canonical

KEPT_SECONDS = 10.0  # until a version that another process loads is in force here


def shipped_files() -> dict[str, tuple[Path, dict[str, Any]]]:
    """Every procedure file that the kernel and the domains bring: code → (path, content)."""
    found: dict[str, tuple[Path, dict[str, Any]]] = {}
    for folder in FOLDERS:
        for path in sorted(folder.glob("*.toml")):
            raw = read_file(path)
            found[str(raw.get("code", path.stem))] = (path, raw)
    return found


def load_all(overrides: Iterable[Path] = ()) -> list[ProcedureVersion]:
    """Load what changed (载入程序): each changed file becomes the next version; running cases keep theirs.

    A county's own version is laid anew over a default that changed. Refuses everything when one file fails the checker,
    so that no half of a set is in force.
    """
    shipped = shipped_files()
    raws: list[Loading] = [Loading("", raw) for _, raw in shipped.values()]
    sources = [source_at(path, raw) for path, raw in shipped.values()]
    for path in overrides:
        over = read_file(path)
        base = shipped.get(str(over.get("extends", "")))
        if base is None:
            raise Refused(
                "procedures.unknown_base",
                Text(
                    f"{path.name} 要改的程序不存在。请核对 extends。",
                    f"{path.name} extends no known procedure.",
                ),
            )
        raws.append(Loading(str(over.get("jurisdiction", "")), lay_over(base[1], over), over))
        sources.append(source_at(path, over))
    findings = examine(sources, beside={}).findings
    if findings:
        first = findings[0]
        raise Refused(
            "procedures.check_failed",
            Text(
                f"程序没有通过检查，未载入。{first.file} 第 {first.line} 行，{first.rule}，{first.where}："
                f"{first.message.zh}{first.mend.zh}",
                f"The procedures did not pass the checker and were not loaded. {first.file}, line {first.line}, "
                f"{first.rule}, {first.where}: {first.message.en} {first.mend.en}",
            ),
            findings=[f.as_dict() for f in findings],
        )
    try:
        made = _store_all(raws, shipped)
    except IntegrityError:
        # Another process loaded the same files at the same moment; what it stored is found now.
        made = _store_all(raws, shipped)
    forget()
    transaction.on_commit(forget)  # what another thread read in between was the old set
    return made


@dataclass(frozen=True)
class Loading:
    """What is to become a version (待载入版本): for which area, merged, and what the county itself wrote of it."""

    jurisdiction: str
    raw: dict[str, Any]
    over: dict[str, Any] | None = None


@transaction.atomic
def _store_all(
    raws: Iterable[Loading], shipped: Mapping[str, tuple[Path, dict[str, Any]]]
) -> list[ProcedureVersion]:
    from linli.kernel.procedures.relaying import laid_anew

    anew = laid_anew({code: raw for code, (_, raw) in shipped.items()})
    given = {(loading.jurisdiction, str(loading.raw["code"])) for loading in raws if loading.over is not None}
    kept = [a for a in anew if (a.jurisdiction, str(a.raw["code"])) not in given]
    defaults = [_store(loading) for loading in raws if loading.over is None]
    return [
        *defaults,
        *(_store(loading) for loading in kept),
        *(_store(r) for r in raws if r.over is not None),
    ]


def digest_of(raw: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(_jsonable(raw)).encode()).hexdigest()


def _store(loading: Loading) -> ProcedureVersion:
    jurisdiction, raw = loading.jurisdiction, loading.raw
    digest = digest_of(raw)
    code = str(raw["code"])
    last = ProcedureVersion.objects.filter(code=code, jurisdiction=jurisdiction).order_by("-version").first()
    if last is not None and last.digest == digest:
        return last
    return ProcedureVersion.objects.create(
        code=code,
        version=(last.version if last else 0) + 1,
        jurisdiction=jurisdiction,
        digest=digest,
        definition=json.dumps(_jsonable(raw), ensure_ascii=False),
        override=json.dumps(_jsonable(loading.over), ensure_ascii=False) if loading.over else "",
        valid_from=_day(raw.get("valid_from")),
        loaded_at=now(),
    )


def _day(value: Any) -> date | None:
    """From when a version is in force; TOML knows dates, people write them in quotes too."""
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise Unreadable(
            "procedures.bad_valid_from",
            Text(
                f"valid_from“{value}”读不懂。请写成 2027-01-01。",
                f"valid_from {value!r} cannot be read. Write it like 2027-01-01.",
            ),
        ) from None


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _jsonable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_jsonable(v) for v in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


@lru_cache(maxsize=500)
def procedure_of(version_id: int) -> Procedure:
    """The definition behind a version (按版本取程序). A version never changes, so it may be kept for ever."""
    row = ProcedureVersion.objects.get(pk=version_id)
    return procedure_from({**json.loads(row.definition), "version": row.version})


def limits_of(case: Case | CaseState) -> Procedure:
    """The version whose limits the whole case runs by (全程时限所依版本): its own, or an older one that it kept."""
    return procedure_of(case.limits_version_id or case.version_id)


def _moment() -> tuple[date, int]:
    """Part of the cache keys."""
    return today(), int(time.monotonic() // KEPT_SECONDS)


@lru_cache(maxsize=500)
def _current_id(code: str, county: str, moment: tuple[date, int]) -> int:
    rows = ProcedureVersion.objects.filter(code=code).order_by("-version")
    best: tuple[int, int, int] | None = None
    for row in rows:
        if row.valid_from and row.valid_from > moment[0]:
            continue
        if row.jurisdiction and not county.startswith(truncate(row.jurisdiction, "county")):
            continue
        rank = (len(row.jurisdiction), row.version, row.pk)
        best = max(best, rank) if best else rank
    if best is None:
        raise NotFound(
            "procedures.unknown",
            Text(
                f"没有“{code}”这个程序。请核对程序代码。", f"There is no procedure {code!r}. Check its code."
            ),
        )
    return best[2]


def current_version(code: str, prefix: str) -> int:
    """The version in force for an area today (现行版本): the county's own before the default."""
    return _current_id(code, truncate(prefix, "county"), _moment())


def current_procedures() -> list[Procedure]:
    """The newest default version of every procedure, for rules that go by procedure (现行程序)."""
    return list(_current_all(_moment()))


@lru_cache(maxsize=2)
def _current_all(_: tuple[date, int]) -> tuple[Procedure, ...]:
    rows = ProcedureVersion.objects.filter(jurisdiction="").order_by("version")
    newest = dict(rows.values_list("code", "pk"))  # the last of each code wins
    return tuple(procedure_of(pk) for pk in newest.values())


def acting_roles() -> dict[str, frozenset[str]]:
    """Which roles act in a procedure, in any version that a case may still keep (各程序的承办角色)."""
    return {
        code: frozenset(spec.partition("@")[0] for spec in specs)
        for code, specs in _acting(_moment()).items()
    }


def acting_specs() -> frozenset[str]:
    return frozenset(spec for specs in _acting(_moment()).values() for spec in specs)


@lru_cache(maxsize=2)
def _acting(_: tuple[date, int]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for code, pk in ProcedureVersion.objects.values_list("code", "pk"):
        found.setdefault(code, set()).update(
            step.actor for step in procedure_of(pk).steps.values() if step.actor
        )
    return {code: frozenset(specs) for code, specs in found.items()}


def forget() -> None:
    _acting.cache_clear()
    _current_id.cache_clear()
    _current_all.cache_clear()
    procedure_of.cache_clear()
