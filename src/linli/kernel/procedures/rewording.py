"""What a county may word itself (地方可以自己定的说法): titles, hints, what is seen from outside, the order of choices, and what
its own staff must fill in beyond what the procedure asks. Nothing here moves a case another way or asks a resident for more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.kernel.procedures.definitions import Action, FieldDef, Procedure
from linli.kernel.procedures.lines import Path
from linli.kernel.procedures.loader import COMMON_FIELDS, field_from

TITLE, SENTENCE = 60, 300  # characters in either language; English titles may be twice as long
WHOLE = Text("整个程序", "The whole procedure")
ANYWHERE = Text("任何环节都能做", "Open at every step")
KINDS = {
    "title": Text("名称", "Title"),
    "hint": Text("提示", "Hint"),
    "public_words": Text("当事人看到的说法", "What the person reads"),
}
OUTSIDERS = frozenset({"applicant", "reporter", "resident", "anyone", "system"})
FILES = frozenset({"photos", "files", "voice", "boolean", "ground"})


@dataclass(frozen=True)
class WordRow:
    """One wording in a procedure (一处文字): where, of what, and how it reads now."""

    path: Path
    group: str
    place: Text
    kind: Text
    text: Text | None

    @property
    def code(self) -> str:
        return ".".join(map(str, self.path))

    @property
    def is_title(self) -> bool:
        return self.path[-1] not in {"hint", "public_words"}

    @property
    def most(self) -> int:
        return TITLE if self.is_title else SENTENCE


@dataclass(frozen=True)
class NeedRow:
    """One question of a form for staff (一个填写项): whether it must be filled in, and whether the county may say so."""

    form: Path
    group: str
    place: Text
    field: FieldDef
    needed: bool

    @property
    def code(self) -> str:
        return ".".join((*map(str, self.form), self.field.code))


def word_rows(procedure: Procedure) -> list[WordRow]:
    """Every wording that a county may change (可改文字一览), the whole first, then step by step, then the fields."""
    found = list(_texts((), "whole", WHOLE, title=procedure.title, hint=procedure.hint))
    for step in procedure.steps.values():
        here, group = ("steps", step.code), f"steps.{step.code}"
        found += _texts(here, group, step.title, title=step.title, public_words=step.public_words)
        for act in step.actions.values():
            found += _acts((*here, "actions", act.code), group, act)
    for act in procedure.anywhere.values():
        found += _acts(("anywhere", act.code), "anywhere", act)
    for field in own_fields(procedure):
        here, group = ("fields", field.code), f"fields.{field.code}"
        found += _texts(here, group, field.title, title=field.title, hint=field.hint)
        bare = all(title.zh == value for value, title in field.choices)  # a list of values, without titles
        for value, title in () if bare else field.choices:
            kind = Text("选项", "Choice")
            found.append(WordRow((*here, "choices", value), group, field.title, kind, title))
    return found


def _texts(path: Path, group: str, place: Text, **texts: Text | None) -> Iterator[WordRow]:
    for key, text in texts.items():
        yield WordRow((*path, key), group, place, KINDS[key], text)


def _acts(path: Path, group: str, act: Action) -> Iterator[WordRow]:
    for row in _texts(path, group, act.title, title=act.title, public_words=act.public_words):
        kind = Text("“{a}”：{k}", "“{a}”: {k}").format(a=act.title, k=row.kind)
        yield WordRow(row.path, group, row.place, kind, row.text)


def own_fields(procedure: Procedure) -> list[FieldDef]:
    """The fields of the procedure itself (本程序的字段), without those that all procedures share."""
    return [f for f in procedure.fields.values() if not _is_shared(f)]


def _is_shared(field: FieldDef) -> bool:
    return field.code in COMMON_FIELDS and field == field_from(field.code, COMMON_FIELDS[field.code])


def need_rows(procedure: Procedure, default: Procedure) -> list[NeedRow]:
    """What a county may have its own staff fill in (可以要求工作人员填的): never what a resident fills in, no personal data, and
    what the default asks stays asked."""
    law = {(form, code) for form, _, fields, optional in _forms(default) for code in fields
           if code not in optional and default.fields[code].required}  # fmt: skip
    found = []
    for form, act, fields, optional in _forms(procedure):
        if act is None or not _is_for_staff(procedure, form, act):
            continue
        group = f"steps.{form[1]}" if form[0] == "steps" else "anywhere"
        for code in fields:
            field = procedure.fields[code]
            fixed = _is_shared(field) or field.personal or field.assigns or field.type in FILES
            if not fixed and (form, code) not in law:
                needed = field.required and code not in optional
                found.append(NeedRow(form, group, act.title, field, needed))
    return found


def _forms(procedure: Procedure) -> Iterator[tuple[Path, Action | None, tuple[str, ...], tuple[str, ...]]]:
    yield ("open",), None, procedure.open_form, procedure.open_optional
    for step in procedure.steps.values():
        for act in step.actions.values():
            fields = tuple(dict.fromkeys((*act.form, *act.optional)))
            yield ("steps", step.code, "actions", act.code), act, fields, act.optional
    for act in procedure.anywhere.values():
        fields = tuple(dict.fromkeys((*act.form, *act.optional)))
        yield ("anywhere", act.code), act, fields, act.optional


def _is_for_staff(procedure: Procedure, form: Path, act: Action) -> bool:
    step = procedure.steps[str(form[1])] if form[0] == "steps" else None
    who = act.by or ((step.actor,) if step else ())
    by_clock = bool(act.after) or (step is not None and step.timeout == act.code)
    return not by_clock and not OUTSIDERS & set(who)


# ------------------------------------------------------------------------------------------ what to write


def word_changes(
    procedure: Procedure,
    default: Procedure,
    words: Mapping[str, tuple[str, str]],
    orders: Mapping[str, Sequence[str]],
    needed: Mapping[str, bool],
) -> dict[Path, Any]:
    """What to write for words changed in a form (文字改动): `words` by a row's code, Chinese and English; `orders` by field;
    `needed` by the code of a question. Refuses a title without one of the languages, and what is too long."""
    rows = {row.code: row for row in word_rows(procedure)}
    _refuse(rows, words)
    found: dict[Path, Any] = {}
    for code, (zh, en) in words.items():
        row = rows.get(code)
        if row is None or (zh, en) == ((row.text.zh, row.text.en) if row.text else ("", "")):
            continue
        found[row.path] = {"zh": zh, "en": en} if zh else ""
    for field in own_fields(procedure):
        _choices(found, field, orders.get(field.code, ()))
    return found | _needs(procedure, default, needed)


def _refuse(rows: Mapping[str, WordRow], words: Mapping[str, tuple[str, str]]) -> None:
    wrong: dict[str, Text] = {}
    for code, (zh, en) in words.items():
        row = rows.get(code)
        if row is None:
            continue
        if bool(zh) != bool(en):
            wrong[code] = Text("中文和英文都要写。", "Write it in both languages.")
        elif row.is_title and not zh:
            wrong[code] = Text("名称不能空着。", "A title cannot be left empty.")
        elif len(zh) > row.most or len(en) > row.most * 2:
            wrong[code] = Text(
                f"太长：中文最多 {row.most} 字，英文最多 {row.most * 2} 个字符。",
                f"Too long: at most {row.most} characters in Chinese and {row.most * 2} in English.",
            )
    if wrong:
        raise Invalid("procedures.bad_words", next(iter(wrong.values())), fields=wrong)


def _choices(found: dict[Path, Any], field: FieldDef, order: Sequence[str]) -> None:
    titles = dict(field.choices)
    wanted = [*dict.fromkeys(v for v in order if v in titles), *(v for v in titles if v not in order)]
    if wanted != list(titles):
        found["fields", field.code, "order"] = wanted


def _needs(procedure: Procedure, default: Procedure, needed: Mapping[str, bool]) -> dict[Path, Any]:
    rows = [r for r in need_rows(procedure, default) if needed.get(r.code, r.needed) != r.needed]
    found: dict[Path, Any] = {}
    for code in dict.fromkeys(r.field.code for r in rows):
        field = procedure.fields[code]
        wanted = {r.form: not r.needed for r in rows if r.field.code == code}
        if True in wanted.values() and not field.required:
            found["fields", code, "required"] = True
        for form, _, fields, optional in _forms(procedure):
            if code not in fields:
                continue
            asks = wanted.get(form, field.required and code not in optional)
            # Another question of this form may have been moved already.
            left_open = list(found.get((*form, "optional"), optional))
            if asks == (code not in left_open):
                continue
            left_open = [c for c in left_open if c != code] if asks else [*left_open, code]
            found[(*form, "optional")] = left_open
            found[(*form, "form")] = [c for c in fields if c not in left_open]
    return found
