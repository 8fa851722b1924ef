"""What a county changes by a form becomes its own file (以表单改程序): the same file that an upload brings, so that nothing
comes in past the checker. What the county wrote before stays; only what the form changed is written anew."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from linli.base.clock import today
from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.base.legaltime import Period, parse_period
from linli.kernel.procedures.checks.limits import all_limits
from linli.kernel.procedures.checks.ways import period_of
from linli.kernel.procedures.definitions import Limit, Procedure
from linli.kernel.procedures.lines import Path
from linli.kernel.procedures.models import ProcedureVersion
from linli.kernel.procedures.relaying import written_in
from linli.kernel.procedures.tomltext import toml_text
from linli.kernel.procedures.versions import current_procedures, current_version, procedure_of, shipped_files
from linli.kernel.procedures.wording import field_title, limit_short, plain, short, step_title, values_of

MOST_BASES = 5  # documents of earlier changes that stay named
WHOLE = Text("全程", "Whole case")
LAWS = frozenset({"statutory_limit", "statutory"})
KINDS = {
    "limit": Text("办结时限", "limit to the end"),
    "within": Text("时限", "limit"),
    "helpers_within": Text("协办时限", "limit of helpers"),
    "emergency": Text("应急响应期间", "during an emergency response"),
    "max": Text("可以延长", "may be extended by"),
}


@dataclass(frozen=True)
class LimitRow:
    """One promise in a procedure (一项承诺时限): where, for which value, how long, and the longest that the law allows."""

    path: Path
    key: str  # the value of the field by which it goes; empty for one period
    place: Text
    kind: Text
    value: Text | None
    period: Period | None  # none where each category or the like says its own
    law: Text | None
    sample: bool
    basis: str
    by: str = ""  # the field by which it goes

    @property
    def code(self) -> str:
        return ".".join(map(str, self.path)) + (f":{self.key}" if self.key else "")

    @property
    def limit_code(self) -> str:
        return ".".join(map(str, self.path))


def limit_rows(procedure: Procedure) -> list[LimitRow]:
    """Every limit that a procedure promises (承诺时限一览), in the order of its steps, one row for each grade or the like."""
    found: list[LimitRow] = []
    for path, limit in all_limits(procedure):
        if path[-1] not in LAWS:
            found += _rows(procedure, path, limit, _law(procedure, path))
    rule = procedure.extend
    if rule is not None:
        found += _rows(
            procedure,
            ("extend", "max"),
            rule.limits or Limit(rule.period),
            rule.statutory_limits or (Limit(rule.statutory) if rule.statutory else None),
        )
    return found


def _rows(procedure: Procedure, path: Path, limit: Limit, law: Limit | None) -> list[LimitRow]:
    place = step_title(procedure, str(path[1])) if path[0] == "steps" else WHOLE
    if path[:2] == ("emergency", "steps"):
        place = step_title(procedure, str(path[2]))
    kind = KINDS["emergency"] if path[0] == "emergency" else KINDS.get(str(path[-1]), KINDS["within"])
    if "part_to" in path:
        act = procedure.steps[str(path[1])].actions[str(path[3])]
        kind = Text("“{a}”的裁定时限", "limit of deciding on “{a}”").format(a=act.title)

    def row(key: str, value: Text | None, period: Period | None, most: Text | None) -> LimitRow:
        return LimitRow(path, key, place, kind, value, period, most, limit.sample, limit.basis, limit.by)

    if limit.period is not None:
        return [row("", None, limit.period, limit_short(law, procedure))]
    titles = values_of(procedure.fields.get(limit.by))
    rows = []
    for key, period in limit.table.items():
        most = period_of(law, {limit.by: key})
        only = set(limit.table) == {"default"}
        value = None if only else short(titles.get(key, plain(key)))
        rows.append(row(key, value, period, most.title if most else None))
    by_each = Text("按“{x}”各自的时限", "as each “{x}” says").format(x=field_title(procedure, limit.by))
    return rows or [row("", by_each, None, limit_short(law, procedure))]


def _law(procedure: Procedure, path: Path) -> Limit | None:
    if path[0] == "steps" and path[-1] in {"within", "helpers_within"} and len(path) == 3:
        return procedure.steps[str(path[1])].statutory
    if path[:2] == ("emergency", "steps"):
        step = procedure.steps.get(str(path[2]))
        return step.statutory if step else None
    return procedure.statutory_limit if path in {("limit",), ("emergency", "limit")} else None


# ------------------------------------------------------------------------------------------ a county's file


def newest(code: str, jurisdiction: str) -> ProcedureVersion:
    """What the next version of an area is built on (改动的底本): its own newest, else what is in force there."""
    own = ProcedureVersion.objects.filter(code=code, jurisdiction=jurisdiction).order_by("-version").first()
    return own or ProcedureVersion.objects.get(pk=current_version(code, jurisdiction))


def all_in_hand(jurisdiction: str) -> list[tuple[Procedure, date | None]]:
    """Every procedure as the next change in an area would find it (各程序的底本), and from when where that is to come."""
    own: dict[str, tuple[str, int, date | None]] = {}
    rows = ProcedureVersion.objects.exclude(jurisdiction="").order_by("version")
    for code, area, pk, day in rows.values_list("code", "jurisdiction", "pk", "valid_from"):
        mine = area == jurisdiction
        if not jurisdiction.startswith(area) or (not mine and day and day > today()):
            continue
        if code not in own or len(own[code][0]) <= len(area):
            own[code] = (area, pk, day if mine and day and day > today() else None)
    found = []
    for procedure in current_procedures():
        _, pk, day = own.get(procedure.code, ("", 0, None))
        found.append((procedure_of(pk) if pk else procedure, day))
    return sorted(found, key=lambda row: row[0].code)


def scheduled_from(code: str, jurisdiction: str) -> date | None:
    """From when an area's newest version is in force, where that is still to come (已定施行日)."""
    day = newest(code, jurisdiction).valid_from
    return day if day and day > today() else None


def file_of(
    code: str,
    jurisdiction: str,
    changes: Mapping[Path, Any],
    *,
    basis: str,
    valid_from: date | None = None,
) -> str:
    """A county's file with these changes in it (生成地方程序): what it wrote before, laid over with `path: value`.

    Refuses a first day before that of a version that is still to come, which the new one would take the place of, and
    no basis. Nothing is kept: `overrides.load_override` does that.
    """
    base = newest(code, jurisdiction)
    coming = scheduled_from(code, jurisdiction)
    wrong: dict[str, Text] = {}
    if not basis.strip():
        wrong["basis"] = Text(
            "请写明依据的文件，例如“×政办〔2026〕5号”。", "Name the document that it rests on."
        )
    if coming and (valid_from is None or valid_from < coming):
        wrong["valid_from"] = Text(
            f"第 {base.version} 版定于 {coming} 施行，这次改动在它之上，不能更早。请填那天或以后。",
            f"Version {base.version} is in force from {coming} and this builds on it. Choose that day or a later one.",
        )
    if wrong:
        raise Invalid("procedures.bad_amendment", next(iter(wrong.values())), fields=wrong)
    over = written_in(base) if base.jurisdiction == jurisdiction else {}
    return toml_text(_file(code, jurisdiction, over, changes, basis.strip(), valid_from))


def back_to(
    version: ProcedureVersion, jurisdiction: str, *, basis: str, valid_from: date | None = None
) -> str:
    """An area's file as an older version had it (恢复旧版), as a new change; of the default: nothing of its own."""
    over = written_in(version) if version.jurisdiction == jurisdiction else {}
    return toml_text(_file(version.code, jurisdiction, over, {}, basis.strip(), valid_from))


def _file(
    code: str,
    jurisdiction: str,
    over: Mapping[str, Any],
    changes: Mapping[Path, Any],
    basis: str,
    valid_from: date | None,
) -> dict[str, Any]:
    # A mapping of running cases names versions of its day: it is that version's alone.
    head = {"extends", "jurisdiction", "valid_from", "basis", "moves"}
    shipped = _words(shipped_files()[code][1].get("basis")) if code in shipped_files() else []
    former = [b for b in _words(over.get("basis")) if b not in {basis, *shipped}]
    made: dict[str, Any] = {"extends": code, "jurisdiction": jurisdiction}
    if valid_from is not None:
        made["valid_from"] = valid_from.isoformat()
    made["basis"] = [*shipped, *former[-MOST_BASES:], basis]
    made |= {key: value for key, value in _copied(over).items() if key not in head}
    for path, value in changes.items():
        _put(made, path, value)
    return made


def _words(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(v) for v in value or ()]


def _copied(raw: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(raw))
    return found


def _put(raw: dict[str, Any], path: Path, value: Any) -> None:
    *above, last = map(str, path)
    for key in above:
        inner = raw.get(key)
        if not isinstance(inner, dict):
            inner = raw[key] = {}
        raw = inner
    old = raw.get(last)
    if isinstance(old, dict) and isinstance(value, Mapping):
        raw[last] = {**old, **value}
    else:
        raw[last] = value


# ----------------------------------------------------------------------------------------------- its limits


def limit_changes(
    procedure: Procedure, wanted: Mapping[str, Period], settled: Collection[str], *, basis: str
) -> dict[Path, Any]:
    """What to write for limits changed in a form (时限改动): `wanted` by a row's code, `settled` limits are samples no more.

    The titles of choices that say a limit of the whole ("简单（3 个工作日）") follow it.
    """
    rows = {row.code: row for row in limit_rows(procedure)}
    changed = {c: p for c, p in wanted.items() if c in rows and rows[c].period not in (None, p)}
    found: dict[Path, Any] = {}
    for limit_code in dict.fromkeys([*(rows[c].limit_code for c in changed), *settled]):
        row = next((r for r in rows.values() if r.limit_code == limit_code), None)
        if row is None:
            continue
        if row.path == ("extend", "max"):
            found |= _extension(rows, changed)
            continue
        said: dict[str, Any] = {
            (r.key or "is"): changed[r.code].en
            for r in rows.values()
            if r.limit_code == limit_code and r.code in changed
        }
        if not row.key and "is" not in said and row.period is not None:
            said["is"] = row.period.en
        if limit_code in settled or not row.sample:
            said |= {"sample": False, "basis": basis.strip()}
        found[row.path] = said
    return found | _titles(procedure, rows, changed)


def _extension(rows: Mapping[str, LimitRow], changed: Mapping[str, Period]) -> dict[Path, Any]:
    mine = {c: p for c, p in changed.items() if rows[c].path == ("extend", "max")}
    if not mine:
        return {}
    (first, *_), by_fact = mine.values(), any(rows[c].key for c in mine)
    return {("extend", "max"): {rows[c].key: p.en for c, p in mine.items()} if by_fact else first.en}


def _titles(
    procedure: Procedure, rows: Mapping[str, LimitRow], changed: Mapping[str, Period]
) -> dict[Path, Any]:
    found: dict[Path, Any] = {}
    by = procedure.limit.by if procedure.limit else ""
    choices = dict(procedure.fields[by].choices) if by in procedure.fields else {}
    for code, period in changed.items():
        row = rows[code]
        title, old = choices.get(row.key), row.period
        if row.path != ("limit",) or title is None or old is None:
            continue
        new = Text(
            title.zh.replace(old.title.zh, period.title.zh), title.en.replace(old.title.en, period.title.en)
        )
        if new != title:
            found["fields", by, "choices", row.key] = new.as_dict()
    return found


def period_entered(n: str, unit: str) -> Period:
    """A number and a unit as a form has them (读取期限). Refuses `clock.bad_period`."""
    return parse_period(f"{n} {unit}")


def chain(code: str, jurisdiction: str) -> Sequence[ProcedureVersion]:
    """All versions of an area's procedure (历次版本), the newest first; those of the default where it has none."""
    rows = ProcedureVersion.objects.filter(code=code, jurisdiction=jurisdiction)
    return list(rows.order_by("-version")[:100])
