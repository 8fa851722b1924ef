"""Sixth proof (写全写对): both languages, codes that are codes, words that the engine knows, functions that exist.

PC601 a title lacks a language · PC602 an unknown field, field type, guard, effect or notice · PC606 an unknown word · PC607 a code
that is none · PC608 a prefix that is none · PC609 a code or prefix used twice · PC610 no basis · PC611 Chinese in the
English · PC612 parts of a joint step that do not hold together · PC613 nothing to choose from
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from linli.base.i18n import Text
from linli.kernel.notices.templates import known_templates
from linli.kernel.procedures.checks.finding import Finding, Subject, near
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.fields import BUILT_IN
from linli.kernel.procedures.lines import Path
from linli.kernel.procedures.registry import EFFECTS, FIELD_TYPES, GUARDS
from linli.kernel.procedures.wording import CHANNELS, KINDS, LEVELS, PARTS, WARNINGS

CHINESE = re.compile(r"[\u3400-\u9fff]")
# A sign, a number or an abbreviation reads the same in both languages.
SAME_IN_BOTH = re.compile(r"[^a-z\u3400-\u9fff]*")
CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
VALUE = re.compile(r"[A-Za-z0-9][\w.:+/-]*", re.ASCII)
PREFIX = re.compile(r"[A-Z][A-Z0-9]{0,5}")
CONFIDENTIAL = ("public", "parties", "handlers", "named")
PRECISION = frozenset({*LEVELS, "point", "none"})
RETURNS = frozenset({"same", "other", "none"})
ASSIGNS = frozenset({"lead", "helpers", "recused", "instead"})
JOIN = re.compile(r"lead|all|[1-9]\d* of [1-9]\d*")
ORGANISATIONS = {"lead": "organisation", "instead": "organisation", "helpers": "organisations"}


def names(subject: Subject) -> Iterator[Finding]:
    yield from _titles(subject)
    yield from _codes(subject.procedure)
    yield from _used(subject)
    yield from _words(subject)
    yield from _parts(subject)
    if not any(b.strip() for b in subject.procedure.basis):
        yield Finding(
            "PC610",
            ("basis",),
            Text("没有写依据。", "The procedure names no basis."),
            Text(
                '写上 basis = ["法律、标准或政策的名称和条款"]，页面上会显示给当事人。',
                'Add basis = ["law, standard or policy, with the article"]; people read it on the page.',
            ),
        )


def _titles(subject: Subject) -> Iterator[Finding]:
    procedure = subject.procedure
    found: list[tuple[Path, Text | None]] = [(("title",), procedure.title), (("hint",), procedure.hint)]
    for step in procedure.steps.values():
        here: Path = ("steps", step.code)
        found += [((*here, "title"), step.title), ((*here, "public_words"), step.public_words)]
        if step.publicity is not None:
            found.append(((*here, "places"), step.publicity.places))
    for path, _, action in subject.acts:
        found += [((*path, "title"), action.title), ((*path, "public_words"), action.public_words)]
    for field in procedure.fields.values():
        here = ("fields", field.code)
        found += [((*here, "title"), field.title), ((*here, "hint"), field.hint)]
        found += [((*here, "choices", code), title) for code, title in field.choices]
    for path, title in found:
        if title is not None:
            yield from _both(subject.raw, path, title)


def _both(raw: Mapping[str, Any], path: Path, title: Text) -> Iterator[Finding]:
    zh, en = title.zh.strip(), title.en.strip()
    if zh and en and zh == en and SAME_IN_BOTH.fullmatch(zh):
        return
    if not zh or not en or zh == en or not (CHINESE.search(zh) or SAME_IN_BOTH.fullmatch(zh)):
        yield Finding(
            "PC601",
            path,
            _lacking(raw, path),
            Text('写成 { zh = "…", en = "…" }。', 'Write { zh = "…", en = "…" }.'),
        )
    elif CHINESE.search(en):
        yield Finding(
            "PC611",
            path,
            Text(f"英文里有中文：“{en}”。", f"There is Chinese in the English: {en!r}."),
            Text("把英文写全，不夹中文。", "Write the English in English alone."),
        )


def _lacking(raw: Mapping[str, Any], path: Path) -> Text:
    """Which language it is; where one is missing, the loader has put the other in its place."""
    what, said = path[-1], _written(raw, path)
    if isinstance(said, Mapping) and said.get("zh") and not said.get("en"):
        return Text(f"“{what}”没有英文。", f"{what!r} has no English (en).")
    if isinstance(said, Mapping) and said.get("en") and not said.get("zh"):
        return Text(f"“{what}”没有中文。", f"{what!r} has no Chinese (zh).")
    if said:
        return Text(f"“{what}”只有一种语言。", f"{what!r} is in one language alone.")
    return Text(f"这里缺少“{what}”。", f"{what!r} is missing here.")


def _written(raw: Any, path: Path) -> Any:
    for key in path:
        raw = raw.get(key) if isinstance(raw, Mapping) else None
    return raw


def _codes(procedure: Procedure) -> Iterator[Finding]:
    if not CODE.fullmatch(procedure.code):
        yield _no_code(("code",), procedure.code)
    if not PREFIX.fullmatch(procedure.prefix):
        yield Finding(
            "PC608",
            ("prefix",),
            Text(
                f"编号前缀“{procedure.prefix}”写法不对。",
                f"The prefix {procedure.prefix!r} is not well formed.",
            ),
            Text(
                "写 1 到 6 个大写字母或数字，字母开头，例如 EV。",
                "One to six capitals or digits, a letter first, such as EV.",
            ),
        )
    paths: list[tuple[Path, str]] = [(("fields", c), c) for c in procedure.fields]
    paths += [(("anywhere", c), c) for c in procedure.anywhere]
    for step in procedure.steps.values():
        paths.append((("steps", step.code), step.code))
        paths += [(("steps", step.code, "actions", c), c) for c in step.actions]
    for path, code in paths:
        if not CODE.fullmatch(code):
            yield _no_code(path, code)
    for field in procedure.fields.values():
        for value, _ in field.choices:
            if not VALUE.fullmatch(value):
                yield _no_code(("fields", field.code, "choices", value), value)


def _no_code(path: Path, code: str) -> Finding:
    return Finding(
        "PC607",
        path,
        Text(f"“{code}”不能作代码。", f"{code!r} cannot be a code."),
        Text(
            "代码以英文字母开头，只含字母、数字、- 和 _；要显示的文字写进 title。",
            "A code begins with a letter and holds letters, digits, - and _; what people read goes into the title.",
        ),
    )


def used_twice(procedures: Mapping[str, Procedure], own: Procedure) -> Iterator[Finding]:
    """Two procedures must not share a prefix: their case numbers could not be told apart (前缀重复)."""
    for other in procedures.values():
        if other.code != own.code and other.prefix == own.prefix:
            yield Finding(
                "PC609",
                ("prefix",),
                Text(
                    f"编号前缀“{own.prefix}”已由“{other.code}”使用，两类办件的编号会分不清。",
                    f"The prefix {own.prefix!r} is used by {other.code} already; their numbers could not be told apart.",
                ),
                Text("换一个前缀。", "Choose another prefix."),
            )
            return


def _used(subject: Subject) -> Iterator[Finding]:
    """What is named must exist: fields, field types, guards, effects and notices."""
    procedure = subject.procedure
    forms: list[tuple[Path, Collection[str]]] = [
        (("open", "form"), [c for c in procedure.open_form if c not in procedure.open_optional]),
        (("open", "optional"), procedure.open_optional),
    ]
    functions: list[tuple[Path, str, Collection[str]]] = [
        (("open", "effect"), procedure.open_effect, EFFECTS)
    ]
    for path, _, action in subject.acts:
        forms += [(((*path, k)), getattr(action, k)) for k in ("form", "optional", "publishes")]
        functions += [((*path, "guard"), action.guard, GUARDS), ((*path, "effect"), action.effect, EFFECTS)]
        functions.append(((*path, "notice"), action.notice, known_templates()))
    for step in procedure.steps.values():
        functions.append((("steps", step.code, "guard"), step.guard, GUARDS))
        if step.publicity is not None:
            forms.append((("steps", step.code, "publishes"), step.publicity.fields))
    for path, codes in forms:
        for code in dict.fromkeys(codes):
            if code not in procedure.fields:
                yield Finding(
                    "PC602",
                    path,
                    Text(f"用到的字段“{code}”没有定义。", f"The field {code} is named here and not defined."),
                    Text(
                        f"加上 [fields.{code}]，或更正：{near(code, procedure.fields).zh}",
                        f"Add [fields.{code}], or mend it: {near(code, procedure.fields).en}",
                    ),
                    also=(("fields", code),),
                )
    for field in procedure.fields.values():
        known = {*BUILT_IN, *FIELD_TYPES}
        if field.type not in known:
            yield Finding(
                "PC602",
                ("fields", field.code, "type"),
                Text(f"没有“{field.type}”这种字段。", f"There is no field type {field.type!r}."),
                near(field.type, known),
            )
        if field.type in {"choice", "radio"} and not field.choices:
            yield Finding(
                "PC613",
                ("fields", field.code, "choices"),
                Text(
                    f"字段“{field.code}”要从选项里选，却没有选项。",
                    f"{field.code} is to be chosen, and there is nothing to choose from.",
                ),
                Text(
                    '写上 choices = { 代码 = { zh = "…", en = "…" } }。',
                    'Add choices = { code = { zh = "…", en = "…" } }.',
                ),
            )
    for path, name, registered in functions:
        if name and name not in registered:
            yield Finding(
                "PC602",
                path,
                Text(f"没有登记过“{name}”。", f"Nothing is registered as {name!r}."),
                Text(
                    f"核对拼写，或由领域登记它。{near(name, registered).zh}",
                    f"Check the spelling, or register it in the domain. {near(name, registered).en}",
                ),
            )


def _words(subject: Subject) -> Iterator[Finding]:
    """Words of which the engine knows a fixed set (固定用语)."""
    procedure = subject.procedure
    channels = frozenset({*CHANNELS, "sensor"})
    said: list[tuple[Path, str, Collection[str]]] = [
        (("confidential",), procedure.confidential, CONFIDENTIAL),
        (("public", "precision"), procedure.public_precision, PRECISION),
        *((("channels",), c, channels) for c in procedure.channels),
        *((("escalation", n, "do"), e.do, WARNINGS) for n, e in enumerate(procedure.escalation)),
        *((("steps", s.code, "kind"), s.kind, KINDS) for s in procedure.steps.values()),
    ]
    for field in procedure.fields.values():
        if field.assigns:
            said.append((("fields", field.code, "assigns"), field.assigns, ASSIGNS))
    for path, _, action in subject.acts:
        said += [((*path, "parts"), part, PARTS) for part in action.parts]
        if action.returns:
            said.append(((*path, "returns"), action.returns, RETURNS))
    for path, word, known in said:
        if word not in known:
            yield Finding(
                "PC606",
                path,
                Text(f"这里不能写“{word}”。", f"{word!r} means nothing here."),
                near(word, known),
            )
    for step in procedure.steps.values():
        several = re.fullmatch(r"(\d+) of (\d+)", step.join)
        if step.kind == "joint" and several and int(several[1]) > int(several[2]):
            yield Finding(
                "PC606",
                ("steps", step.code, "join"),
                Text(
                    f"“{step.join}”：{several[2]} 家里办不齐 {several[1]} 家。",
                    f"{step.join!r}: there are not so many that could be done.",
                ),
                Text(
                    "写 2 of 3 这样，前一个数不大于后一个。",
                    "Write it like 2 of 3, the first number no larger.",
                ),
            )
        if step.kind == "joint" and not JOIN.fullmatch(step.join):
            yield Finding(
                "PC606",
                ("steps", step.code, "join"),
                Text(f"这里不能写“{step.join}”。", f"{step.join!r} means nothing here."),
                Text("写 lead、all，或 2 of 3 这样。", "Write lead, all, or something like 2 of 3."),
            )


def _parts(subject: Subject) -> Iterator[Finding]:
    """The parts of a joint step: handed over only there, and given to an organisation that is named."""
    procedure = subject.procedure
    for path, step, action in subject.acts:
        joint = [c for c in subject.opens_at(step) if procedure.steps[c].kind == "joint"]
        about_parts = action.part_to is not None or action.returns or set(action.parts) - {"lead"}
        if about_parts and not joint:
            yield _does_not_hold(
                path,
                Text(
                    f"“{action.code}”只办联合环节的一部分，但这里不是联合环节。",
                    f"{action.code} is about one part of a joint step, but this step is not joint.",
                ),
                Text(
                    '环节写 kind = "joint"，或删去 parts、part_to、returns。',
                    'Make the step kind = "joint", or remove parts, part_to and returns.',
                ),
            )
        named = {procedure.fields[c].assigns for c in action.form if c in procedure.fields}
        if action.returns == "other" and "instead" not in named:
            yield _does_not_hold(
                (*path, "returns"),
                Text(
                    f"“{action.code}”把这一部分改交别的单位，但没有让人填改交给谁。",
                    f"{action.code} hands the part to another organisation without asking to which.",
                ),
                Text(
                    'form 里加一个 type = "organisation"、assigns = "instead" 的字段。',
                    'Add a field of type = "organisation" with assigns = "instead" to `form`.',
                ),
            )
    for field in procedure.fields.values():
        wanted = ORGANISATIONS.get(field.assigns)
        plain = field.type in BUILT_IN or field.type in ORGANISATIONS.values()
        if wanted is not None and field.type != wanted and plain:
            yield _does_not_hold(
                ("fields", field.code, "type"),
                Text(
                    f"字段“{field.code}”指定单位，类型应是 {wanted}。",
                    f"{field.code} names who takes the part; its type has to be {wanted}.",
                ),
                Text(f'写成 type = "{wanted}"。', f'Write type = "{wanted}".'),
            )


def _does_not_hold(path: Path, message: Text, mend: Text) -> Finding:
    return Finding("PC612", path, message, mend)
