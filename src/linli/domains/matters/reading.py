"""Reading a matter (读事项): from the keys of a file to a `MatterSpec`, or what is wrong with its writing (MC1xx)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.base.periods import Period
from linli.domains.matters import spec as s
from linli.kernel.procedures.checks.finding import Finding
from linli.kernel.procedures.lines import lines_of

NEEDED = (
    "code", "basic_code", "title", "short", "kind", "department", "level", "basis", "handling", "procedure",
    "promised_limit", "conditions", "refusals", "result", "topics",
)  # fmt: skip
KNOWN = frozenset(
    {
        *NEEDED, "serves", "legal_limit", "legal_limit_none", "special", "steps", "fields", "materials", "fee",
        "delivery", "channels", "scope", "mode", "visits", "words", "agency", "effective_from", "effective_to",
        "version", "policy", "standard", "sample", "cosigners",
    }
)  # fmt: skip
FIELD_KEYS = frozenset("code title type hint required choices element ask_again prefilled if".split())
MATERIAL_KEYS = frozenset(
    "code title need form source basis element ask_again certificate pages sample if".split()
)
ONE_OF = {
    "kind": s.KINDS,
    "level": s.LEVELS,
    "handling": s.HANDLING,
    "scope": s.SCOPES,
    "mode": s.MODES,
    "procedure": s.PROCEDURES,
}
SOME_OF = {
    "serves": s.SERVES,
    "special": s.SPECIAL,
    "delivery": s.DELIVERY,
    "channels": s.CHANNELS,
    "topics": s.TOPICS,
}
DEFAULTS: Mapping[str, Any] = {
    "serves": ["person"],
    "channels": ["window", "web", "phone", "paper", "agency"],
    "delivery": ["window", "express"],
    "scope": "local",
    "mode": "online",
    "visits": 0,
    "version": 1,
}


def plain(raw: Any) -> Any:
    """The same keys as JSON can hold them (可存的写法): a date is text."""
    if isinstance(raw, Mapping):
        return {str(k): plain(v) for k, v in raw.items()}
    if isinstance(raw, list | tuple):
        return [plain(v) for v in raw]
    return raw.isoformat() if isinstance(raw, date) else raw


def read_matter(raw: Mapping[str, Any]) -> tuple[s.MatterSpec | None, list[Finding]]:
    """Read one matter (读一个事项). Without a spec the findings say why it cannot be read at all."""
    found = list(_writing(raw))
    if found:
        return None, found
    try:
        return _spec({**DEFAULTS, **raw}), []
    except Invalid as error:
        return None, [
            _finding("MC105", (), error.message, Text("按说明改写这个期限。", "Write the period as shown."))
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        said = Text(
            f"有一项写法不对：{error}。", f"Something is written in a way that cannot be read: {error}."
        )
        return None, [
            _finding("MC101", (), said, Text("照 matter-files 的样子写。", "Write it as matter-files shows."))
        ]


def read_file(path: Path) -> tuple[Mapping[str, Any], s.MatterSpec | None, list[Finding]]:
    """Read a TOML file (读事项文件); findings name file and line."""
    text = path.read_text(encoding="utf-8")
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = Text(f"文件不是 TOML：{error}。", f"The file is no TOML: {error}.")
        return {}, None, [replace(_finding("MC100", (), said, said), file=path.name)]
    spec, found = read_matter(raw)
    return raw, spec, placed(found, text, path.name)


def placed(found: Iterable[Finding], text: str, file: str) -> list[Finding]:
    """Findings with file and line (标出文件和行)."""
    lines = lines_of(text)
    return [replace(f, file=file, line=lines.of(f.keys)) for f in found]


def _writing(raw: Mapping[str, Any]) -> Iterable[Finding]:
    for key in NEEDED:
        if raw.get(key) in (None, "", [], {}):
            yield _finding(
                "MC101",
                (key,),
                Text(f"没有写 {key}。", f"{key} is missing."),
                Text("补上这一项。", "Add it."),
            )
    for key in raw:
        if key not in KNOWN:
            yield _finding(
                "MC102",
                (key,),
                Text(f"不认识 {key}。", f"{key} is unknown."),
                Text("删去它，或改正名称。", "Remove it or mend its name."),
            )
    for key, words in ONE_OF.items():
        if raw.get(key) and raw[key] not in words:
            yield _not_one(key, raw[key], words)
    for key, words in SOME_OF.items():
        for word in s.words_of(raw.get(key)):
            if word not in words:
                yield _not_one(key, word, words)
    yield from _inside(raw, "fields", FIELD_KEYS, {"type": s.FIELD_TYPES})
    yield from _inside(
        raw, "materials", MATERIAL_KEYS, {"need": s.NEEDS, "form": s.FORMS, "source": s.SOURCES}
    )
    yield from _inside(raw, "refusals", frozenset({"code", "title", "basis"}), {})
    yield from _inside(raw, "cosigners", frozenset({"code", "title", "if"}), {})


def _inside(
    raw: Mapping[str, Any], key: str, known: frozenset[str], words: Mapping[str, Iterable[str]]
) -> Iterable[Finding]:
    seen: set[str] = set()
    for n, row in enumerate(s.rows(raw.get(key))):
        code = str(row.get("code", ""))
        if not code or not row.get("title"):
            yield _finding(
                "MC101",
                (key, n),
                Text("要有 code 和 title。", "It needs code and title."),
                Text("补上。", "Add them."),
            )
        if code in seen:
            yield _finding(
                "MC104",
                (key, n),
                Text(f"{code} 写了两次。", f"{code} stands twice."),
                Text("换一个编码。", "Use another code."),
            )
        seen.add(code)
        for name in row.keys() - known:
            yield _finding(
                "MC102",
                (key, n, name),
                Text(f"不认识 {name}。", f"{name} is unknown."),
                Text("删去它，或改正名称。", "Remove it or mend its name."),
            )
        for name, allowed in words.items():
            if row.get(name) and row[name] not in allowed:
                yield _not_one(f"{key}.{n}.{name}", row[name], allowed)


def _not_one(key: str, word: Any, words: Iterable[str]) -> Finding:
    listed = list(words)
    return _finding(
        "MC103",
        tuple(key.split(".")),
        Text(f"{key} 不能写“{word}”。", f"{key} cannot be {word!r}."),
        Text(f"可以写：{'、'.join(listed)}。", f"Write one of: {', '.join(listed)}."),
    )


def _finding(rule: str, path: tuple[Any, ...], message: Text, mend: Text) -> Finding:
    path = tuple(int(p) if isinstance(p, str) and p.isdigit() else p for p in path)
    return Finding(rule, path, message, mend)


def _spec(raw: Mapping[str, Any]) -> s.MatterSpec:
    steps, result = raw.get("steps") or {}, raw["result"]
    promised = s.period(raw["promised_limit"])
    assert isinstance(promised, Period)
    fee = raw.get("fee")
    return s.MatterSpec(
        code=str(raw["code"])[:36],
        basic_code=str(raw["basic_code"]),
        title=s.two_languages(raw["title"]),
        short=s.two_languages(raw["short"]),
        kind=raw["kind"],
        department=raw["department"],
        level=raw["level"],
        basis=s.citations(raw["basis"]),
        serves=s.words_of(raw["serves"]),
        handling=raw["handling"],
        procedure=raw["procedure"],
        legal_limit=s.period(raw.get("legal_limit")),
        legal_limit_none=s.perhaps_text(raw.get("legal_limit_none")),
        promised_limit=promised,
        special=s.words_of(raw.get("special")),
        conditions=s.texts(raw["conditions"]),
        refusals=tuple(
            s.Ground(str(r["code"]), s.two_languages(r["title"]), s.citations(r.get("basis")))
            for r in s.rows(raw["refusals"])
        ),
        steps=s.Steps(
            bool(steps.get("survey")),
            int(steps.get("publicity_days", 0)),
            bool(steps.get("inspection")),
            s.words_of(steps.get("joint")),
        ),
        fields=read_fields(raw),
        materials=tuple(_material(m) for m in s.rows(raw.get("materials"))),
        fee=s.Fee(s.two_languages(fee["amount"]), s.citations(fee.get("basis"))) if fee else None,
        result=s.Result(
            str(result["type"]),
            s.two_languages(result["title"]),
            str(result.get("archive", "matters")),
            str(result.get("keep", "10 years")),
        ),
        delivery=s.words_of(raw["delivery"]),
        channels=s.words_of(raw["channels"]),
        scope=raw["scope"],
        mode=raw["mode"],
        visits=int(raw["visits"]),
        topics=s.words_of(raw["topics"]),
        words=s.words_of(raw.get("words")),
        agency=bool(raw.get("agency")),
        effective_from=s.day(raw.get("effective_from")),
        effective_to=s.day(raw.get("effective_to")),
        version=int(raw["version"]),
        policy=s.perhaps_text(raw.get("policy")),
        standard=s.texts(raw.get("standard")),
        sample=bool(raw.get("sample")),
        cosigners=tuple(
            s.CoSigner(str(c["code"]), s.two_languages(c["title"]), c.get("if"))
            for c in s.rows(raw.get("cosigners"))
        ),
    )


def read_fields(raw: Mapping[str, Any]) -> tuple[s.FormField, ...]:
    """The questions under `fields` (表单项)."""
    return tuple(_field(f) for f in s.rows(raw.get("fields")))


def _field(f: Mapping[str, Any]) -> s.FormField:
    return s.FormField(
        code=str(f["code"]),
        title=s.two_languages(f["title"]),
        type=f.get("type", "line"),
        hint=s.perhaps_text(f.get("hint")),
        required=bool(f.get("required")),
        choices=s.choices(f.get("choices")),
        element=str(f.get("element", "")),
        ask_again=s.perhaps_text(f.get("ask_again")),
        prefilled=bool(f.get("prefilled")),
        when=f.get("if"),
    )


def _material(m: Mapping[str, Any]) -> s.Material:
    return s.Material(
        code=str(m["code"]),
        title=s.two_languages(m["title"]),
        need=m.get("need", "required"),
        form=m.get("form", "either"),
        source=m.get("source", "applicant"),
        basis=s.citations(m.get("basis")),
        element=str(m.get("element", "")),
        ask_again=s.perhaps_text(m.get("ask_again")),
        certificate=str(m.get("certificate", "")),
        pages=int(m.get("pages", 1)),
        sample=str(m.get("sample", "")),
        when=m.get("if"),
    )
