"""The national interface's names for what a matter says (国家接口要素): read and written at this edge alone. Pure.

Element names as in public code of the national service platform (facts 56). What it has no name for (questions of the
form, refusals, English) goes along under `linli`, so that a file that was taken out says the same when it comes back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from linli.domains.matters import spec as s

Raw = dict[str, Any]

UNITS = {"工作日": "working days", "自然日": "days", "日": "days", "天": "days", "月": "months"}
HANDLING = {"即办件": "instant", "承诺件": "promised", "1": "instant", "2": "promised"}
SERVES = {
    "自然人": "person",
    "个人": "person",
    "法人": "organisation",
    "其他组织": "organisation",
    "单位": "organisation",
}
WAYS = {
    "窗口办理": "window",
    "窗口": "window",
    "网上办理": "web",
    "网上": "web",
    "快递申请": "express",
    "快递": "express",
}
KINDS = {title.zh: code for code, title in s.KINDS.items()}
LEVELS = {
    "县级": "county",
    "镇级": "township",
    "乡级": "township",
    "乡镇（街道）": "township",
    "村级": "village",
    "村（社区）": "village",
}
SPECIAL = {title.zh: code for code, title in s.SPECIAL.items()}
SCOPES = {"": "local", **{title.zh: code for code, title in s.SCOPES.items()}}
RESULTS = {title.zh: code for code, title in s.RESULTS.items()}
NEEDS = {"必要": "required", "容缺": "tolerable", "非必要": "conditional"}
FORMATS = {"纸质": "paper", "电子": "electronic", "纸质或电子": "either"}
SOURCE_TYPES = {"申请人自备": "applicant", "政府部门核发": "department", "系统核对": "register"}


def _swap(table: Mapping[str, str]) -> dict[str, str]:
    return {code: word for word, code in reversed(list(table.items()))}


def _zh(value: Any) -> str:
    return s.two_languages(value).zh if value else ""


def _lines(values: Any) -> str:
    return "\n".join(_zh(v) for v in ([values] if isinstance(values, str) else values or ()))


def _cited(values: Any) -> str:
    return "；".join(s.citation(v).text.zh for v in ([values] if isinstance(values, str) else values or ()))


def _limit(raw: Raw, key: str) -> tuple[str, str]:
    period = s.period(raw[key]) if raw.get(key) else None
    words = {"working_days": "工作日", "days": "自然日", "months": "月"}
    return (str(period.n), words.get(period.unit, period.unit)) if period else ("", "")


def _words(raw: Raw, key: str, table: Mapping[str, str]) -> str:
    names = _swap(table)
    return "、".join(names.get(w, w) for w in s.words_of(raw.get(key)))


def _materials(raw: Raw) -> str:
    rows = [
        {
            "name": _zh(m.get("title")),
            "format": _swap(FORMATS).get(m.get("form", "either"), ""),
            "is_need": _swap(NEEDS).get(m.get("need", "required"), ""),
            "page_num": m.get("pages", 1),
            "source_type": _swap(SOURCE_TYPES).get(m.get("source", "applicant"), ""),
            "by_law": _cited(m.get("basis")),
        }
        for m in s.rows(raw.get("materials"))
    ]
    return json.dumps(rows, ensure_ascii=False) if rows else ""


COLUMNS: dict[str, Callable[[Raw], str]] = {
    "task_code": lambda r: str(r.get("code", "")),
    "catalog_code": lambda r: str(r.get("basic_code", "")),
    "task_name": lambda r: _zh(r.get("title")),
    "task_type": lambda r: _swap(KINDS).get(r.get("kind", ""), ""),
    "dept_code": lambda r: str(r.get("department", "")),
    "use_level": lambda r: _swap(LEVELS).get(r.get("level", ""), ""),
    "by_law": lambda r: _cited(r.get("basis")),
    "server_type": lambda r: _words(r, "serves", SERVES),
    "project_type": lambda r: {"instant": "即办件", "promised": "承诺件"}.get(r.get("handling", ""), ""),
    "accept_condition": lambda r: _lines(r.get("conditions")),
    "handle_type": lambda r: "、".join(
        [w for w, c in (("窗口办理", "window"), ("网上办理", "web")) if c in s.words_of(r.get("channels"))]
        + (["快递申请"] if "express" in s.words_of(r.get("delivery")) else [])
    ),
    "anticipate_day": lambda r: _limit(r, "legal_limit")[0],
    "anticipate_type": lambda r: _limit(r, "legal_limit")[1],
    "anticipate_explain": lambda r: _zh(r.get("legal_limit_none")),
    "promise_day": lambda r: _limit(r, "promised_limit")[0],
    "promise_type": lambda r: _limit(r, "promised_limit")[1],
    "special_procedure": lambda r: _words(r, "special", SPECIAL),
    "is_fee": lambda r: "是" if r.get("fee") else "否",
    "fee_basis": lambda r: _cited((r.get("fee") or {}).get("basis")),
    "limit_scene_num": lambda r: str(r.get("visits", "")),
    "handle_area": lambda r: _swap(SCOPES).get(r.get("scope", ""), ""),
    "other_dept": lambda r: "、".join(s.words_of((r.get("steps") or {}).get("joint"))),
    "result_type": lambda r: _swap(RESULTS).get((r.get("result") or {}).get("type", ""), ""),
    "result_name": lambda r: _zh((r.get("result") or {}).get("title")),
    "plan_effective_date": lambda r: str(r.get("effective_from") or ""),
    "plan_cancel_date": lambda r: str(r.get("effective_to") or ""),
    "materials": _materials,
}
MORE = "linli"
NEEDED = ("task_code", "task_name")


def to_interface(raw: Mapping[str, Any]) -> dict[str, str]:
    """A matter under the interface's names (写成国家接口要素)."""
    row = {name: say(dict(raw)) for name, say in COLUMNS.items()}
    return {**row, MORE: json.dumps(raw, ensure_ascii=False, sort_keys=True)}


def from_interface(row: Mapping[str, Any]) -> Raw:
    """A matter from the interface's names (读国家接口要素). What `linli` says holds where the row does not say otherwise."""
    more = row.get(MORE) or {}
    raw: Raw = json.loads(more) if isinstance(more, str) else dict(more)
    said = {name: _text(row[name]) for name in COLUMNS if row.get(name) not in (None, "")}
    changed = {name: word for name, word in said.items() if COLUMNS[name](raw) != word}
    for name in changed:
        if name in _SET:
            _SET[name](raw, changed[name])
    if {"anticipate_day", "anticipate_type"} & changed.keys():
        raw["legal_limit"] = _period(said, "anticipate")
    if {"promise_day", "promise_type"} & changed.keys():
        raw["promised_limit"] = _period(said, "promise")
    return _filled(raw)


def _text(value: Any) -> str:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value).strip()


def _period(said: Mapping[str, str], which: str) -> str:
    unit = said.get(f"{which}_type", "工作日")
    return f"{said.get(f'{which}_day', '')} {UNITS.get(unit, unit)}"


def _parts(text: str) -> list[str]:
    return [p.strip() for p in re.split(r"[、；;,，\n]+", text) if p.strip()]


def _rows(text: str) -> list[str]:
    return [p.strip() for p in re.split(r"[\n；;]+", text) if p.strip()]


def _coded(table: Mapping[str, str]) -> Callable[[str], str]:
    return lambda word: table.get(word, word)


def _put(key: str, read: Callable[[str], Any]) -> Callable[[Raw, str], None]:
    def setter(raw: Raw, word: str) -> None:
        raw[key] = read(word)

    return setter


def _inside(key: str, name: str, read: Callable[[str], Any]) -> Callable[[Raw, str], None]:
    def setter(raw: Raw, word: str) -> None:
        raw[key] = {**(raw.get(key) or {}), name: read(word)}

    return setter


def _fee(raw: Raw, word: str) -> None:
    if word in {"否", "0", "不收费"}:
        raw.pop("fee", None)
    else:
        raw["fee"] = raw.get("fee") or {"amount": "按公布的标准 | By the published scale"}


def _handle(raw: Raw, word: str) -> None:
    ways = {WAYS.get(w, w) for w in _parts(word)}
    raw["channels"] = [c for c in s.CHANNELS if c in ways or c in {"window", "paper"}]
    raw["delivery"] = ["window", *(["express"] if "express" in ways else [])]


def _papers(raw: Raw, word: str) -> None:
    raw["materials"] = [
        {
            "code": str(m.get("code") or f"m{n}"),
            "title": str(m.get("name") or m.get("title") or ""),
            "need": NEEDS.get(str(m.get("is_need", "")), "required"),
            "form": FORMATS.get(str(m.get("format", "")), "either"),
            "source": SOURCE_TYPES.get(str(m.get("source_type", "")), "applicant"),
            "pages": int(m.get("page_num") or 1),
            "basis": _rows(str(m.get("by_law", ""))),
        }
        for n, m in enumerate(json.loads(word), 1)
    ]


_SET: dict[str, Callable[[Raw, str], None]] = {
    "task_code": _put("code", str),
    "catalog_code": _put("basic_code", str),
    "task_name": _put("title", str),
    "task_type": _put("kind", _coded(KINDS)),
    "dept_code": _put("department", str),
    "use_level": _put("level", _coded(LEVELS)),
    "by_law": _put("basis", _rows),
    "server_type": _put("serves", lambda w: list(dict.fromkeys(SERVES.get(p, p) for p in _parts(w)))),
    "project_type": _put("handling", _coded(HANDLING)),
    "accept_condition": _put("conditions", _rows),
    "handle_type": _handle,
    "anticipate_explain": _put("legal_limit_none", str),
    "special_procedure": _put("special", lambda w: [SPECIAL.get(p, p) for p in _parts(w)]),
    "is_fee": _fee,
    "fee_basis": _inside("fee", "basis", _rows),
    "limit_scene_num": _put("visits", int),
    "handle_area": _put("scope", _coded(SCOPES)),
    "other_dept": _inside("steps", "joint", _parts),
    "result_type": _inside("result", "type", _coded(RESULTS)),
    "result_name": _inside("result", "title", str),
    "plan_effective_date": _put("effective_from", lambda w: w[:10]),
    "plan_cancel_date": _put("effective_to", lambda w: w[:10]),
    "materials": _papers,
}


def _filled(raw: Raw) -> Raw:
    """What other systems have no name for, so that the draft can be read and finished in the editor."""
    licence = raw.get("kind") == "licence"
    raw.setdefault("short", raw.get("title", ""))
    raw.setdefault("procedure", "licence" if licence else "service")
    raw.setdefault("topics", ["other"])
    raw.setdefault("level", "county")
    raw.setdefault("handling", "promised")
    raw.setdefault("result", {"type": "record", "title": raw.get("title", "")})
    raw.setdefault(
        "refusals",
        [
            {
                "code": "conditions",
                "title": "不符合受理条件 | The conditions are not met",
                "basis": raw.get("basis", []),
            }
        ],
    )
    return raw
