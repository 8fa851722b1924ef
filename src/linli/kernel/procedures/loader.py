"""Reads procedure files (读取程序文件): TOML into definitions, with a county's override laid over the default."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from linli.base.errors import Unreadable
from linli.base.i18n import Text, text_from
from linli.base.legaltime import Period, parse_period
from linli.kernel.procedures.definitions import (
    Action,
    Challenge,
    Emergency,
    Escalation,
    Extension,
    FieldDef,
    Limit,
    Moves,
    PartTo,
    Personal,
    Procedure,
    Showing,
    Step,
    Suspension,
)

LIMITS = {"limit", "statutory_limit", "within", "helpers_within", "statutory"}
LIMIT_WORDS = {"by", "sample", "is", "from", "within_case", "basis"}

# Fields that any form may name without declaring them; a file may declare its own instead.
COMMON_FIELDS: dict[str, dict[str, Any]] = {
    "reason": {"title": {"zh": "理由", "en": "Reason"}, "type": "text", "max": 1000, "required": True},
    "legal_basis": {
        "title": {"zh": "依据", "en": "Legal basis"},
        "type": "string",
        "max": 200,
        "required": True,
        "public": True,
    },
    "ground": {"title": {"zh": "事由", "en": "Ground"}, "type": "ground", "required": True, "public": True},
    "document": {
        "title": {"zh": "文书编号", "en": "Document number"},
        "type": "string",
        "max": 100,
        "public": True,
    },
    "note": {"title": {"zh": "说明", "en": "Note"}, "type": "text", "max": 2000},
}


def read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Unreadable(
            "procedures.unreadable",
            Text(
                f"程序文件 {path.name} 读不出来：{error}。请按提示的行更正。",
                f"{path.name} cannot be read: {error}.",
            ),
        ) from error


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay an override over a file: tables are merged key by key, everything else (lists too) is replaced whole."""
    merged = dict(base)
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            # A limit given as a plain period replaces a table, a table replaces a plain period: never a mixture.
            merged[key] = merge(merged[key], value)
        else:
            merged[key] = value
    return merged


def lay_over(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """A county's file over the one it extends (地方程序叠加). The mapping of running cases is each file's own: its numbers
    are those of its own versions."""
    kept = {key: value for key, value in base.items() if key != "moves"}
    return merge(_without_former_tables(kept, over), over)


def _without_former_tables(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """A limit that goes by another field is a new table (按别的字段分档): nothing of the former one stays in it."""
    kept = dict(base)
    for key, value in over.items():
        former = kept.get(key)
        if not isinstance(value, Mapping) or not isinstance(former, Mapping):
            continue
        if key in LIMITS and value.get("by", former.get("by")) != former.get("by"):
            del kept[key]
        else:
            kept[key] = _without_former_tables(former, value)
    return kept


def limit_from(value: Any) -> Limit | None:
    if value is None:
        return None
    if isinstance(value, str):
        return Limit(period=parse_period(value))
    table = {k: parse_period(v) for k, v in value.items() if k not in LIMIT_WORDS and isinstance(v, str)}
    return Limit(
        period=parse_period(value["is"]) if "is" in value else None,
        by=value.get("by", ""),
        table=table,
        sample=bool(value.get("sample")),
        start=value.get("from", ""),
        within_case=bool(value.get("within_case")),
        basis=str(value.get("basis", "")),
    )


def _period(value: Any) -> Period | None:
    """A period; a bare number is days (`days = 7`)."""
    return parse_period(f"{value} days" if isinstance(value, int) else value) if value else None


def _words(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _choices(value: Any, order: Any = ()) -> tuple[tuple[str, Text], ...]:
    """In the order that `order` names; what it does not name comes after it, as the file has it."""
    titles = value if isinstance(value, Mapping) else {str(code): str(code) for code in value or ()}
    first = [code for code in _words(order) if code in titles]
    return tuple((code, text_from(titles[code])) for code in dict.fromkeys([*first, *titles]))


def field_from(code: str, raw: Mapping[str, Any]) -> FieldDef:
    personal = raw.get("personal")
    return FieldDef(
        code=code,
        title=text_from(raw.get("title", code)),
        type=raw.get("type", "string"),
        required=bool(raw.get("required")),
        public=bool(raw.get("public")),
        hint=text_from(raw["hint"]) if raw.get("hint") else None,
        choices=_choices(raw.get("choices"), raw.get("order")),
        max=raw.get("max"),
        assigns=raw.get("assigns", ""),
        searchable=bool(raw.get("searchable")),
        internal=bool(raw.get("internal")),
        read_by=_words(raw.get("read_by")),
        masked=bool(raw.get("masked")),
        personal=Personal(
            personal.get("purpose", ""),
            personal.get("basis", ""),
            _words(personal.get("seen_by")),
            personal.get("keep", ""),
        )
        if personal
        else None,
        keep=str((personal or raw).get("keep", "")),
        element=str(raw.get("element", "")),
        ask_again=text_from(raw["ask_again"]) if raw.get("ask_again") else None,
        prefilled=bool(raw.get("prefilled")),
        options={k: v for k, v in raw.items() if k.startswith("x_") or k in {"min", "kind", "source"}},
    )


def action_from(code: str, raw: Mapping[str, Any]) -> Action:
    suspends = raw.get("suspends")
    return Action(
        code=code,
        title=text_from(raw.get("title", code)),
        to=raw.get("to", ""),
        form=_words(raw.get("form")),
        optional=_words(raw.get("optional")),
        by=_words(raw.get("by")),
        adverse=bool(raw.get("adverse")),
        remedy=raw.get("remedy", ""),
        notifies=_words(raw.get("notifies")),
        guard=raw.get("guard", ""),
        effect=raw.get("effect", ""),
        suspends=Suspension(
            _words(suspends.get("grounds")),
            _words(suspends.get("notify")),
            suspends.get("basis", ""),
            _period(suspends.get("max")),
        )
        if suspends
        else None,
        parts=_words(raw.get("parts")),
        part_to=PartTo(raw["part_to"]["actor"], limit_from(raw["part_to"].get("within")))
        if raw.get("part_to")
        else None,
        returns=raw.get("returns", ""),
        publishes=_words(raw.get("publishes")),
        withdraws=bool(raw.get("withdraws")),
        final_by=raw.get("final_by", ""),
        after=_words(raw.get("after")),
        resumes=bool(raw.get("resumes")),
        once=bool(raw.get("once")),
        opens=raw.get("opens", ""),
        extends=bool(raw.get("extends")),
        notice=raw.get("notice", ""),
        within=parse_period(raw["within"]) if raw.get("within") else None,
        public_words=text_from(raw["public_words"]) if raw.get("public_words") else None,
    )


def step_from(code: str, raw: Mapping[str, Any]) -> Step:
    return Step(
        code=code,
        title=text_from(raw.get("title", code)),
        kind=raw.get("kind", "task"),
        actor=raw.get("actor", ""),
        within=limit_from(raw.get("within")) or _days(raw),
        helpers_within=limit_from(raw.get("helpers_within")),
        helpers_actor=raw.get("helpers_actor", ""),
        join=str(raw.get("join", "lead")),
        guard=raw.get("guard", ""),
        outcome=raw.get("outcome", ""),
        timeout=raw.get("timeout", ""),
        actions={c: action_from(c, a) for c, a in raw.get("actions", {}).items()},
        public_words=text_from(raw["public_words"]) if raw.get("public_words") else None,
        statutory=limit_from(raw.get("statutory")),
        outside_limit=bool(raw.get("outside_limit")),
        publicity=_showing(raw) if raw.get("kind") == "publicity" and raw.get("days") else None,
    )


def _days(raw: Mapping[str, Any]) -> Limit | None:
    """A step of publicity lasts as long as it is shown."""
    period = _period(raw.get("days")) if raw.get("kind") == "publicity" else None
    return Limit(period=period) if period else None


def _showing(raw: Mapping[str, Any]) -> Showing:
    period = _period(raw["days"])
    assert period is not None
    return Showing(
        period=period,
        least=_period(raw.get("statutory_days")),
        fields=_words(raw.get("publishes")),
        places=text_from(raw["places"]) if raw.get("places") else None,
        objection=raw.get("objection", ""),
        basis=raw.get("basis", ""),
    )


def _share(text: str) -> float:
    return float(str(text).rstrip("%")) / 100


def _escalation(raw: Iterable[Mapping[str, Any]]) -> tuple[Escalation, ...]:
    """In the order in which they come, whatever order the file has them in."""
    levels = (Escalation(_share(e["at"]), e.get("do", "remind"), e.get("to", "")) for e in raw)
    return tuple(sorted(levels, key=lambda level: level.share))


def _extension(raw: Mapping[str, Any] | None) -> Extension | None:
    if not raw:
        return None
    limits, by_law = limit_from(raw["max"]), limit_from(_in_days(raw.get("statutory")))
    return Extension(
        period=_longest(limits) or parse_period(""),
        by=raw.get("by", ""),
        once=bool(raw.get("once", True)),
        never_beyond_original=bool(raw.get("never_beyond_original")),
        notify=_words(raw.get("notify")),
        statutory=_longest(by_law),
        basis=raw.get("basis", ""),
        limits=limits,
        statutory_limits=by_law,
    )


def _in_days(value: Any) -> Any:
    return f"{value} days" if isinstance(value, int) else value or None


def _longest(limit: Limit | None) -> Period | None:
    """The longest period of a limit; units are not mixed in one table of extensions."""
    return max(periods_of(limit), key=lambda period: period.n, default=None)


def _challenge(raw: Mapping[str, Any] | None) -> Challenge | None:
    if raw is None:
        return None
    return Challenge(_period(raw.get("within")), raw.get("basis", ""), bool(raw.get("once", True)))


def _emergency(raw: Mapping[str, Any] | None) -> Emergency | None:
    if raw is None:
        return None
    steps = {code: limit for code, value in raw.get("steps", {}).items() if (limit := limit_from(value))}
    return Emergency(limit_from(raw.get("limit")), steps, bool(raw.get("first")))


def _moves(raw: Mapping[str, Any] | None) -> Moves | None:
    """`from = [3, "default:2"]`: versions of the same area, or of the file as it is shipped."""
    if not raw:
        return None
    sources: list[tuple[str | None, int]] = []
    for source in raw.get("from", ()):
        area, _, number = str(source).rpartition(":")
        sources.append(((None if not area else "" if area == "default" else area), int(number)))
    return Moves(tuple(sources), dict(raw.get("steps", {})), raw.get("limits", "keep"), raw.get("basis", ""))


def procedure_from(raw: Mapping[str, Any]) -> Procedure:
    """The definition that a (merged) file gives. Wrong values are the checker's business; missing ones fail here."""
    try:
        steps = {code: step_from(code, s) for code, s in raw["steps"].items()}
        fields = {**COMMON_FIELDS, **raw.get("fields", {})}
        opening = raw.get("open", {})
        return Procedure(
            code=raw["code"],
            version=int(raw.get("version", 1)),
            title=text_from(raw["title"]),
            prefix=raw["prefix"],
            basis=_words(raw.get("basis")),
            channels=_words(raw.get("channels")),
            opened_by=_words(raw.get("opened_by")),
            open_form=(*_words(opening.get("form")), *_words(opening.get("optional"))),
            open_optional=_words(opening.get("optional")),
            confidential=raw.get("confidential", "parties"),
            overseers=_words(raw.get("overseers")),
            first=raw.get("first") or next(iter(steps)),
            steps=steps,
            fields={code: field_from(code, f) for code, f in fields.items()},
            limit=limit_from(raw.get("limit")),
            statutory_limit=limit_from(raw.get("statutory_limit")),
            escalation=_escalation(raw.get("escalation", ())),
            extend=_extension(raw.get("extend")),
            anywhere={c: action_from(c, a) for c, a in raw.get("anywhere", {}).items()},
            public_precision=raw.get("public", {}).get("precision", "village"),
            open_notifies=_words(opening.get("notifies", ["applicant"])),
            open_effect=opening.get("effect", ""),
            challenge=_challenge(raw.get("challenge")),
            emergency=_emergency(raw.get("emergency")),
            hint=text_from(raw["hint"]) if raw.get("hint") else None,
            moves=_moves(raw.get("moves")),
            sees_origin=bool(raw.get("sees_origin")),
        )
    except KeyError as error:
        raise Unreadable(
            "procedures.incomplete",
            Text(
                f"程序文件缺少“{error.args[0]}”。请补上后再载入。",
                f"The procedure file lacks {error.args[0]!r}.",
            ),
        ) from error


def periods_of(limit: Limit | None) -> list[Period]:
    if limit is None:
        return []
    return [limit.period] if limit.period else list(limit.table.values())
