"""Examining files before they load (程序文件检查): how they are written, then what they say, each finding with its line.

An override (`extends`) is laid over the file it names and examined as a whole, and against what the law and that file
leave to a county. Files given together may refer to one another.
PC600 a file that is no TOML; the other rules are in `checks`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any

from linli.base.errors import LinliError
from linli.base.i18n import Text
from linli.kernel.procedures.checks import Finding, check_procedure, shape
from linli.kernel.procedures.checks.names import used_twice
from linli.kernel.procedures.checks.overriding import head, overriding, strays
from linli.kernel.procedures.checks.shape import Shaped, missing, shaped
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.lines import Lines, Path, lines_of
from linli.kernel.procedures.loader import lay_over, procedure_from
from linli.kernel.procedures.mapping import check_moves

# The keys of each table (各表的键), for whoever has to name them all.
(
    CASE,
    STEP,
    ACTION,
    FIELD,
    PERSONAL,
    OPEN,
    EXTEND,
    CHALLENGE,
    EMERGENCY,
    SUSPENDS,
    PART_TO,
    MOVES,
    ESCALATION,
) = (
    frozenset(table.keys)
    for table in (
        shape.CASE,
        shape.STEP,
        shape.ACTION,
        shape.FIELD,
        shape.PERSONAL,
        shape.OPEN,
        shape.EXTEND,
        shape.CHALLENGE,
        shape.EMERGENCY,
        shape.SUSPENDS,
        shape.PART_TO,
        shape.MOVES,
        shape.ESCALATION,
    )
)
LARGEST, MOST_LEVELS = 1_000_000, 30
AT_LINE = re.compile(r"at line (\d+)")
# Where one of these cannot be read, nothing can be said about what leads where.
WAYS = frozenset({"to", "kind", "steps", "actions", "anywhere", "first", "timeout"})
ABOUT_WAYS = frozenset({"PC101", "PC102", "PC107"})
ABOUT_ITS_KIND = frozenset({"PC201", "PC202"})
NOT_OF_THE_WHOLE = ("extends", "jurisdiction", "valid_from")


@dataclass(frozen=True)
class Source:
    """One file as it was given (一个程序文件): its name, what it says, and on which line."""

    name: str
    raw: Mapping[str, Any]
    lines: Lines = field(default_factory=Lines)

    @property
    def is_override(self) -> bool:
        return "extends" in self.raw


@dataclass
class Examination:
    """What files give, and everything that is wrong with them (检查结果)."""

    procedures: dict[str, Procedure] = field(default_factory=dict)  # by the name of the file
    findings: list[Finding] = field(default_factory=list)


def read_source(name: str, content: bytes) -> Source | Finding:
    """Read one file (读取一个文件); one that is no TOML is a finding with the line at which reading stopped."""
    if len(content) > LARGEST:
        return _no_toml(
            name,
            1,
            Text("文件超过 1 MB，不是程序文件。", "The file is larger than 1 MB: this is no procedure."),
            Text(
                "核对是不是选错了文件。", "Check whether it is the right file; the longest have some 50 kB."
            ),
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _no_toml(
            name,
            line,
            Text("文件不是 UTF-8 文字。", "The file is not UTF-8."),
            Text("另存为 UTF-8。", "Save it as UTF-8."),
        )
    try:
        raw = tomllib.loads(text)
    except RecursionError:
        return _too_deep(name, text)
    except ValueError as error:
        found = AT_LINE.search(str(error))
        line = int(found[1]) if found else max(1, len(text.rstrip().splitlines()))
        return _no_toml(
            name,
            line,
            Text(f"文件读不出来：{error}。", f"The file cannot be read: {error}."),
            Text("按 TOML 的写法更正这一行。", "Mend this line: it is not TOML."),
        )
    if _deeper_than(MOST_LEVELS, raw):
        return _too_deep(name, text)
    if not raw:
        return _no_toml(
            name,
            1,
            Text("文件里什么也没有写。", "There is nothing in this file."),
            Text(
                "写法见 docs/tutorial/first-procedure.md。",
                "docs/tutorial/first-procedure.md begins one from here.",
            ),
        )
    return Source(name, raw, lines_of(text))


def _deeper_than(levels: int, raw: Mapping[str, Any]) -> bool:
    here: list[Any] = [raw]
    while here and levels >= 0:
        inner = [value.values() if isinstance(value, Mapping) else value for value in here]
        here = [v for values in inner for v in values if isinstance(v, Mapping | list)]
        levels -= 1
    return bool(here)


def _too_deep(name: str, text: str) -> Finding:
    rows = text.splitlines()
    line = max(range(len(rows)), key=lambda n: sum(rows[n].count(mark) for mark in "[{.")) + 1
    return _no_toml(
        name,
        line,
        Text(
            "文件里的表或括号套得太深，读不了。", "Tables or brackets are nested too deeply here to be read."
        ),
        Text(
            "改正这一行：程序文件没有这么深的内容。",
            "Mend this line: nothing in a procedure file is so deep.",
        ),
    )


def source_at(path: FilePath, raw: Mapping[str, Any]) -> Source:
    """What was read from a place, with its lines (已读文件)."""
    return Source(str(path), raw, lines_of(path.read_text(encoding="utf-8-sig")))


def _no_toml(name: str, line: int, message: Text, mend: Text) -> Finding:
    return Finding("PC600", (), message, mend, code=name, file=name, line=line)


def examine_paths(
    paths: Iterable[FilePath], *, beside: Mapping[str, Mapping[str, Any]] | None = None
) -> Examination:
    """Examine the files at these places (检查一批文件), named as they are given."""
    read = [read_source(str(path), path.read_bytes()) for path in paths]
    found = examine([r for r in read if isinstance(r, Source)], beside=beside or {})
    found.findings = [r for r in read if isinstance(r, Finding)] + found.findings
    return found


def examine(sources: Sequence[Source], *, beside: Mapping[str, Mapping[str, Any]]) -> Examination:
    """Examine files together (一并检查); `beside` are the procedures that exist besides them, by code.

    A file with the code of one of these takes its place, as when a copy of a shipped one is being changed.
    """
    found = Examination()
    written = {s.name: shaped(s.raw) for s in sources}
    plain = {s.name: written[s.name].raw for s in sources if not s.is_override}
    raws: dict[str, Mapping[str, Any]] = {**beside, **_by_code(plain.values())}
    others = {code: p for code, raw in raws.items() if (p := _procedure(raw, []))}
    given = {code: others[code] for code in _by_code(plain.values()) if code in others}
    known = frozenset(raws)
    by_base: dict[str, list[Finding]] = {}
    for source in sorted(sources, key=lambda s: s.is_override):
        form = written[source.name]
        if source.is_override:
            findings = list(_override(source, form, raws, others, known, found))
            same = {(f.rule, f.path) for f in by_base.get(str(form.raw.get("extends")), ())}
            findings = [f for f in findings if (f.rule, f.path) not in same]
        else:
            findings = list(_whole(source, form, others, known, found))
            if procedure := found.procedures.get(source.name):
                findings += used_twice({**others, **given}, procedure)
            by_base[str(form.raw.get("code"))] = findings
        found.findings += _placed(source, findings)
    found.findings += _given_twice(sources)
    order = {s.name: n for n, s in enumerate(sources)}
    found.findings.sort(key=lambda f: (order[f.file], f.line, f.rule))
    return found


def _by_code(raws: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {raw["code"]: raw for raw in raws if raw.get("code")}


def _whole(
    source: Source, form: Shaped, others: Mapping[str, Procedure], known: Iterable[str], found: Examination
) -> Iterator[Finding]:
    yield from form.findings
    findings = list(missing(form.raw))
    procedure = _procedure(form.raw, findings)
    if procedure is not None:
        found.procedures[source.name] = procedure
        findings += check_procedure(procedure, known, others=others, raw=form.raw)
        findings += check_moves(procedure)
    yield from _not_lost(findings, (form,))


def _override(
    source: Source,
    form: Shaped,
    raws: Mapping[str, Mapping[str, Any]],
    others: Mapping[str, Procedure],
    known: Iterable[str],
    found: Examination,
) -> Iterator[Finding]:
    yield from form.findings
    over = form.raw
    findings = list(head(over, raws))
    raw_base = raws.get(str(over.get("extends", "")))
    if raw_base is None:
        yield from _not_lost(findings, (form,))
        return
    base = shaped(raw_base)
    before = _procedure(base.raw, [])
    fields: dict[str, Any] = (
        {code: {} for code in before.fields} if before else {}
    )  # those that every procedure has, too
    astray = list(strays(over, {**base.raw, "fields": {**fields, **base.raw.get("fields", {})}}))
    yield from astray
    form.unread.update(f.keys for f in astray)  # nothing more is concluded from it
    whole_raw = {k: v for k, v in lay_over(base.raw, over).items() if k not in NOT_OF_THE_WHOLE}
    findings += missing(whole_raw)
    whole = _procedure(whole_raw, findings)
    if whole is not None and before is not None:
        found.procedures[source.name] = whole
        findings += check_procedure(whole, known, others={**others, whole.code: whole}, raw=whole_raw)
        findings += check_moves(whole)
        against = list(overriding(over, before, whole, base.raw))
        unmarked = {f.path[:-1] for f in against if f.rule == "PC806"}
        findings = [f for f in findings if not (f.rule == "PC305" and f.path in unmarked)] + against
    yield from _not_lost(findings, (form, base))


def _procedure(raw: Mapping[str, Any], findings: list[Finding]) -> Procedure | None:
    """The definition, with the gaps filled that have been named as missing; none where nothing can be made of it."""
    if not raw.get("steps"):
        return None
    whole = {"title": "", **raw, "code": raw.get("code") or "unnamed", "prefix": raw.get("prefix") or "X"}
    whole["escalation"] = [{"at": "100%", **level} for level in raw.get("escalation", ())]
    if "max" not in raw.get("extend", {"max": ""}):
        del whole["extend"]
    whole["steps"] = {code: _without_open_parts(step) for code, step in raw["steps"].items()}
    try:
        return procedure_from(whole)
    except (LinliError, AttributeError, KeyError, TypeError, ValueError) as error:
        message = error.message if isinstance(error, LinliError) else Text(str(error), str(error))
        mend = Text(
            "对照 docs/reference/procedure-checks.md 改正。",
            "Compare it with docs/reference/procedure-checks.md.",
        )
        findings.append(Finding("PC604", (), message, mend))
        return None


def _without_open_parts(step: Mapping[str, Any]) -> dict[str, Any]:
    actions = {
        code: {k: v for k, v in action.items() if k != "part_to" or v.get("actor")}
        for code, action in step.get("actions", {}).items()
    }
    return {**step, "actions": actions}


def _not_lost(findings: Iterable[Finding], shapes: Sequence[Shaped]) -> Iterator[Finding]:
    """What could not be read is not missing as well, and nothing is concluded from it."""
    findings = list(findings)
    no_kind = {f.keys[:2] for f in findings if f.rule == "PC606" and f.keys[-1] == "kind"}
    no_ways = bool(no_kind) or any(_leads_on(path) for s in shapes for path in s.unread)
    for finding in findings:
        lost = any(s.lost(p) for s in shapes for p in (finding.keys, *finding.also))
        lost = lost or (finding.rule in ABOUT_ITS_KIND and finding.keys[:2] in no_kind)
        if not lost and not (no_ways and finding.rule in ABOUT_WAYS):
            yield finding


def _leads_on(path: Path) -> bool:
    """Whether a key says where a case goes: a whole step or action does."""
    return bool(path) and (
        path[-1] in WAYS or (len(path) > 1 and path[-2] in {"steps", "actions", "anywhere"})
    )


def _placed(source: Source, findings: Iterable[Finding]) -> Iterator[Finding]:
    code = str(source.raw.get("extends" if source.is_override else "code", "?"))
    for finding in findings:
        yield replace(finding, code=code, file=source.name, line=_line(source, finding))


def _line(source: Source, finding: Finding) -> int:
    """The key itself; in an override the one of those concerned that stands there, or what names the file below."""
    if not source.is_override:
        return source.lines.of(finding.keys)
    for path in (finding.keys, *finding.also):
        if source.lines.has(path):
            return source.lines.of(path)
    near_by = max((finding.keys, *finding.also), key=lambda path: _depth(source.lines, path))
    return source.lines.of(near_by if _depth(source.lines, near_by) else ("extends",))


def _depth(lines: Lines, path: Path) -> int:
    return max((n for n in range(1, len(path) + 1) if lines.has(path[:n])), default=0)


def _given_twice(sources: Sequence[Source]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for source in sources:
        code = source.raw.get("code")
        if source.is_override or not isinstance(code, str):
            continue
        if code in first:
            yield Finding(
                "PC609",
                ("code",),
                Text(
                    f"“{code}”已由 {first[code]} 使用。",
                    f"The code {code!r} is used by {first[code]} already.",
                ),
                Text("换一个代码，或只留一个文件。", "Choose another code, or keep one of the files."),
                code=code,
                file=source.name,
                line=source.lines.of(("code",)),
            )
        first.setdefault(code, source.name)
