"""What an application asks, what it need not ask, and what was said (申请表): pure, no query, no clock.

A form is made of a matter, or of a life event with all of its matters. A question that a register answers is not asked:
its value goes in with its source and its day. What was said keeps the words of its question, because a catalogue changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from linli.base.codes import normalise_phone
from linli.base.errors import LinliError
from linli.base.i18n import Text
from linli.domains.matters.bundles import BundleSpec, OneForm, one_form
from linli.domains.matters.spec import FormField, Material, MatterSpec, holds
from linli.kernel.people.known import Known

#: What every paper form asks about who applies; the account or the window's register says it already.
ABOUT_APPLICANT = ("person.name", "person.id_number", "person.phone", "person.address")
#: Of somebody else in the family: the register offers one of them, and the applicant may mean another.
OF_ANOTHER = "child."
LONGEST = {"line": 200, "place": 200, "text": 2000}
MOST_MONEY = Decimal(10) ** 12

STATES: dict[str, Text] = {
    "uploaded": Text("已上传", "uploaded"),
    "brought": Text("已交到窗口", "handed in"),
    "bring": Text("到窗口时带来", "to be brought to the window"),
    "later": Text("承诺容缺后补", "promised to follow"),
    "lookup": Text("系统核对，不用交", "looked up"),
    "missing": Text("还没有交", "not handed in yet"),
    "given_back": Text("已退还本人", "given back"),
}
SAID_BY_APPLICANT = frozenset({"uploaded", "brought", "bring", "later"})


class Answers(list[dict[str, Any]]):
    """What was said, line by line (填写内容): made by `answers_of` alone, so that no other way in can forge a source."""

    spared: tuple[int, int, int] = (0, 0, 0)  # asked in all; fields and papers that were known


class Papers(list[dict[str, Any]]):
    """Which papers came, and how (材料清单): made by `papers_of` alone."""

    spared: tuple[int, int, int] = (0, 0, 0)


@dataclass(frozen=True)
class Form:
    """One form (一张表): of a matter, or of several with one set of questions and papers."""

    code: str
    title: Text
    fields: tuple[FormField, ...]
    materials: tuple[Material, ...]
    whole: OneForm | None = None  # of a life event: what each matter calls a question

    @property
    def elements(self) -> set[str]:
        """What registers may be asked for it (可核对的要素)."""
        asked = {f.element for f in self.fields if f.prefilled and f.element}
        looked_up = {m.element for m in self.materials if m.source == "register" and m.element}
        return {*ABOUT_APPLICANT, *asked, *looked_up}


def form_of(spec: MatterSpec) -> Form:
    return Form(spec.code, spec.title, spec.questions, spec.materials)


def form_of_event(bundle: BundleSpec, specs: Collection[MatterSpec]) -> Form:
    """One form, one set of papers for all the matters that somebody needs (一张表、一套材料)."""
    whole = one_form(bundle, specs)
    fields = tuple(
        replace(once.item, code=once.code, when=_renamed(once.item.when, whole, once.own))
        for once in whole.fields
        if isinstance(once.item, FormField)
    )
    papers = tuple(
        replace(once.item, code=once.code, when=_renamed(once.item.when, whole, once.own))
        for once in whole.materials
        if isinstance(once.item, Material)
    )
    return Form(bundle.code, bundle.title, fields, papers, whole)


def _renamed(
    when: Mapping[str, Any] | None, whole: OneForm, own: Sequence[tuple[str, str]]
) -> Mapping[str, Any] | None:
    """A condition of one matter in the codes of the one form (条件换成合并后的代码)."""
    if not when:
        return None
    for word in ("all", "any"):
        if word in when:
            return {word: [_renamed(w, whole, own) for w in when[word]]}
    matters = {matter for matter, _ in own}
    asked = {code: once.code for once in whole.fields for matter, code in once.own if matter in matters}
    return {**when, "field": asked.get(str(when.get("field")), when.get("field"))}


# ------------------------------------------------------------------------------------------ answers


def answers_of(
    form: Form, raw: Mapping[str, Any], known: Mapping[str, Known]
) -> tuple[Answers, dict[str, Text]]:
    """Read the questions of a form (核对填写内容): what was said, and every mistake at once.

    A question that does not arise from the answers before it is left out. What a register knows is taken from it; another
    value is refused, because the register has to be put right first, by a case at its owner.
    """
    found, wrong, values = Answers(), dict[str, Text](), dict[str, Any]()
    for field in form.fields:
        if not holds(field.when, values):
            continue
        value = raw.get(field.code)
        there = known.get(field.element) if field.prefilled and field.element else None
        if there is not None and field.element.startswith(OF_ANOTHER) and not _empty(value):
            there = (
                None if str(value) != str(_plain(there.value)) else there
            )  # another child than the youngest
        if there is not None:
            values[field.code] = _plain(there.value)
            if not _empty(value) and str(value) != str(_plain(there.value)):
                wrong[field.code] = _owned(field, there)
                continue
            found.append(_line(field, values[field.code], there))
            continue
        if _empty(value):
            if field.required:
                wrong[field.code] = Text(
                    f"请填写“{field.title.zh}”。", f"“{field.title.en}” is needed. Please fill it in."
                )
            continue
        try:
            values[field.code] = _CLEAN[field.type](value, field)
        except _Wrong as problem:
            wrong[field.code] = problem.text
            continue
        found.append(_line(field, values[field.code], None))
    codes = {f.code for f in form.fields}
    for code in raw.keys() - codes:
        wrong[code] = Text(
            f"这张表没有“{code}”这一项，请去掉。", f"This form has no field “{code}”. Leave it out."
        )
    return found, wrong


def values_of(answers: list[dict[str, Any]]) -> dict[str, Any]:
    """The bare answers by code (各项答案)."""
    return {line["code"]: line["value"] for line in answers}


def _owned(field: FormField, there: Known) -> Text:
    """Without the value: whoever may see it sees it beside the form, and a wrong guess opens nothing."""
    return Text(
        f"“{field.title.zh}”{there.source.zh}已登记，与填的不一样。登记不对的，先在“更正”里请登记机关改，再来申请；本申请不另存一份。",
        f"“{field.title.en}” is registered otherwise ({there.source.en}). If the register is wrong, ask it to correct it "
        "first; no second copy is kept here.",
    )


def is_clean(field: FormField, value: Any) -> bool:
    """Whether a value is one that this question takes (值是否合格), already in the form in which it is kept."""
    try:
        return bool(_CLEAN[field.type](value, field) == value)
    except (_Wrong, TypeError):
        return False


def _line(field: FormField, value: Any, there: Known | None) -> dict[str, Any]:
    line: dict[str, Any] = {
        "code": field.code,
        "title": [field.title.zh, field.title.en],
        "value": value,
        "words": list(_words(field, value)),
    }
    if there is not None:
        line |= {"source": [there.source.zh, there.source.en], "as_of": there.as_of.isoformat()}
    return line


def _words(field: FormField, value: Any) -> tuple[str, str]:
    if isinstance(value, bool):
        return ("是", "yes") if value else ("否", "no")
    titles = dict(field.choices)
    said = [titles.get(str(v), Text(str(v), str(v))) for v in (value if isinstance(value, list) else [value])]
    return "、".join(t.zh for t in said), ", ".join(t.en for t in said)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _empty(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


class _Wrong(Exception):
    def __init__(self, zh: str, en: str) -> None:
        self.text = Text(zh, en)


def _text(raw: Any, field: FormField) -> str:
    if not isinstance(raw, str):
        raise _Wrong("请填写文字。", "Write text here.")
    text = raw.replace("\r\n", "\n").replace("\x00", "").strip()
    limit = LONGEST.get(field.type, 200)
    if len(text) > limit:
        raise _Wrong(
            f"最多 {limit} 个字，现在是 {len(text)} 个。请删短一些。",
            f"At most {limit} characters; this has {len(text)}. Please shorten it.",
        )
    return text


def _number(raw: Any, _: FormField) -> str:
    try:
        number = Decimal(re.sub(r"[,，\s]", "", str(raw)))
    except InvalidOperation:
        raise _Wrong("请填写数字，例如 1200。", "Write a number, such as 1200.") from None
    if not number.is_finite() or number < 0 or number >= MOST_MONEY:
        raise _Wrong("这个数不对，请核对。", "This number cannot be right. Please check it.")
    return f"{number:f}"


def _date(raw: Any, _: FormField) -> str:
    try:
        return date.fromisoformat(str(raw).strip()).isoformat()
    except ValueError:
        raise _Wrong("请按 2026-11-22 这样填写日期。", "Write the date like 2026-11-22.") from None


def _boolean(raw: Any, _: FormField) -> bool:
    if raw in (True, "true", "on", "1", "yes", 1):
        return True
    if raw in (False, "false", "off", "0", "no", 0):
        return False
    raise _Wrong("请选择“是”或“否”。", "Choose yes or no.")


def _choice(raw: Any, field: FormField) -> str:
    if not isinstance(raw, str) or raw not in dict(field.choices):
        raise _Wrong(
            f"请从选项里选一个：{'、'.join(t.zh for _, t in field.choices)}。",
            f"Choose one of: {', '.join(t.en for _, t in field.choices)}.",
        )
    return raw


def _choices(raw: Any, field: FormField) -> list[str]:
    return list(dict.fromkeys(_choice(each, field) for each in (raw if isinstance(raw, list) else [raw])))


def _phone(raw: Any, field: FormField) -> str:
    try:
        return normalise_phone(_text(raw, field))
    except LinliError as error:
        raise _Wrong(error.message.zh, error.message.en) from error


_CLEAN: dict[str, Callable[[Any, FormField], Any]] = {
    "line": _text, "text": _text, "place": _text, "number": _number, "money": _number, "date": _date,
    "boolean": _boolean, "choice": _choice, "choices": _choices, "phone": _phone,
}  # fmt: skip


# ------------------------------------------------------------------------------------------ papers


def papers_of(
    form: Form,
    said: Mapping[str, Any],
    answers: Mapping[str, Any],
    *,
    at_window: bool,
    made: Collection[str] = (),
) -> tuple[Papers, dict[str, Text]]:
    """Read which papers come, and how (核对材料). At a window what was not brought is missing, and is said in the notice;
    online each paper is uploaded or said to be brought, and only what the matter lists may follow later (容缺). `made`: what
    an earlier service of the same life event issues."""
    found, wrong = Papers(), dict[str, Text]()
    asked = [m for m in form.materials if holds(m.when, answers)]
    for m in asked:
        if m.source == "register" or m.code in made:
            found.append(_paper_line(m, "lookup"))
            continue
        state = str(said.get(m.code) or "")
        if not state:
            if not at_window and m.need != "tolerable":
                wrong[m.code] = Text(
                    f"“{m.title.zh}”请上传，或者选“到窗口时带来”。",
                    f"Upload “{m.title.en}”, or choose to bring it to the window.",
                )
            found.append(_paper_line(m, "missing"))
        elif state not in SAID_BY_APPLICANT or (state == "brought" and not at_window):
            wrong[m.code] = Text("请从列出的方式里选一个。", "Choose one of the ways that are listed.")
        elif state == "later" and m.need != "tolerable":
            wrong[m.code] = Text(
                f"“{m.title.zh}”不在可以容缺后补的材料里，请上传或带到窗口。",
                f"“{m.title.en}” is not among the papers that may follow. Upload it or bring it.",
            )
        else:
            found.append(_paper_line(m, state))
    for code in said.keys() - {m.code for m in form.materials}:
        wrong[code] = Text(f"没有“{code}”这份材料，请去掉。", f"There is no paper “{code}”. Leave it out.")
    return found, wrong


def _paper_line(material: Material, state: str) -> dict[str, Any]:
    return {
        "code": material.code,
        "title": [material.title.zh, material.title.en],
        "state": state,
        "n": material.pages,
        "tolerable": material.need == "tolerable",
    }


# ------------------------------------------------------------------------------------------ what was spared


@dataclass(frozen=True)
class Spared:
    """How much was asked and how much known (应填与已知): of the applicant, the questions and the papers."""

    n_whole: int
    n_fields: int  # fields that need not be filled in
    n_papers: int  # papers that need not be brought

    @property
    def n(self) -> int:
        return self.n_fields + self.n_papers

    @property
    def words(self) -> Text:
        """`为您少填 6 项、少交 2 份材料`; of what was none, not a word."""
        said = (
            (self.n_fields, f"少填 {self.n_fields} 项", _so_many(self.n_fields, "field")),
            (self.n_papers, f"少交 {self.n_papers} 份材料", _so_many(self.n_papers, "paper")),
        )
        zh, en = [z for n, z, _ in said if n], [e for n, _, e in said if n]
        return Text(f"为您{'、'.join(zh)}", f"You were spared {' and '.join(en)}") if zh else Text("", "")


def _so_many(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def spared(form: Form, answers: Mapping[str, Any], known: Collection[str]) -> Spared:
    """What somebody who answers like this need not fill in or bring (免填免交). `known`: elements that a register gave."""
    fields = [f for f in form.fields if holds(f.when, answers)]
    papers = [m for m in form.materials if holds(m.when, answers)]
    spared_fields = sum(1 for code in ABOUT_APPLICANT if code in known)
    spared_fields += sum(1 for f in fields if f.prefilled and f.element in known)
    n_papers = sum(1 for m in papers if m.source == "register")
    return Spared(len(ABOUT_APPLICANT) + len(fields) + len(papers), spared_fields, n_papers)
