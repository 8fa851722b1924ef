"""What can be entered, and how it is checked (表单字段): one set of rules for page, API, import and job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from linli.base import codes
from linli.base.errors import Invalid, LinliError
from linli.base.i18n import Text
from linli.kernel.procedures.registry import FIELD_TYPES

if TYPE_CHECKING:
    from linli.kernel.people.actors import Actor
    from linli.kernel.procedures.definitions import FieldDef


@dataclass
class FormContext:
    """For whom and where a form is cleaned; `owner` says whose uploads may be attached."""

    actor: Actor
    area_prefix: str
    owner: str = ""
    grounds: tuple[str, ...] = ()
    found: dict[str, Any] = field(default_factory=dict)  # what cleaning looked up, so that nobody asks twice


class FieldType(Protocol):
    """`clean` gives a value that JSON can carry, or raises Invalid; `show` turns it back into words."""

    @property
    def widget(self) -> str: ...

    def clean(self, raw: Any, field: FieldDef, context: FormContext) -> Any: ...

    def show(self, value: Any, field: FieldDef) -> Any: ...


def wrong(zh: str, en: str) -> Invalid:
    return Invalid("procedures.bad_value", Text(zh, en))


@dataclass(frozen=True)
class SimpleType:
    """A field type made of one cleaning function."""

    widget: str
    cleaner: Callable[[Any, FieldDef, FormContext], Any]
    shower: Callable[[Any, FieldDef], Any] = lambda value, _: value
    masker: Callable[[Any], Text] | None = None  # how a personal value of it reads while it is masked

    def clean(self, raw: Any, field: FieldDef, context: FormContext) -> Any:
        return self.cleaner(raw, field, context)

    def show(self, value: Any, field: FieldDef) -> Any:
        return self.shower(value, field)


def _text(raw: Any, field: FieldDef, _: FormContext) -> str:
    if not isinstance(raw, str):
        raise wrong("请填写文字。", "Write text here.")
    text = raw.replace("\r\n", "\n").replace("\x00", "").strip()
    limit = field.max or 4000
    if len(text) > limit:
        raise wrong(
            f"最多 {limit} 个字，现在是 {len(text)} 个。请删短一些。",
            f"At most {limit} characters; this has {len(text)}. Please shorten it.",
        )
    return text


def _phone(raw: Any, field: FieldDef, context: FormContext) -> str:
    return codes.normalise_phone(_text(raw, field, context))


def _id_number(raw: Any, field: FieldDef, context: FormContext) -> str:
    return codes.check_id_number(_text(raw, field, context)).number


def _choice(raw: Any, field: FieldDef, _: FormContext) -> str:
    if not isinstance(raw, str) or raw not in dict(field.choices):
        known = "、".join(str(t.zh) for _, t in field.choices[:8])
        raise wrong(
            f"请从选项里选一个：{known}。",
            "Choose one of: " + ", ".join(t.en for _, t in field.choices[:8]) + ".",
        )
    return str(raw)


def _show_choice(value: Any, field: FieldDef) -> Any:
    return dict(field.choices).get(value, value)


def _several(raw: Any, field: FieldDef, context: FormContext) -> list[str]:
    wanted = raw if isinstance(raw, list) else [raw]
    return list(dict.fromkeys(_choice(each, field, context) for each in wanted))


def _show_several(value: Any, field: FieldDef) -> Text:
    titles = [dict(field.choices).get(each, Text(str(each), str(each))) for each in value]
    return Text("、".join(t.zh for t in titles), ", ".join(t.en for t in titles))


def _ground(raw: Any, field: FieldDef, context: FormContext) -> str:
    if raw not in context.grounds:
        raise wrong(
            "这个事由不在允许中止计时的范围内，请从列出的事由里选。",
            f"Choose one of the grounds that allow it: {', '.join(context.grounds)}.",
        )
    return str(raw)


GROUNDS = {
    "awaiting-applicant": Text("等当事人补充", "Waiting for the applicant"),
    "expert-review": Text("专家评审或鉴定", "Expert review"),
    "parts": Text("等配件或材料", "Waiting for parts"),
    "hearing": Text("听证", "Hearing"),
    "inspection": Text("检验、检测、检疫", "Testing or inspection"),
    "third-party": Text("征求第三方意见", "Asking a third party"),
    "other-body": Text("征求其他机关意见", "Consulting another body"),
    "not-begun": Text("期限还没有起算", "Before the limit began to run"),
    "closed": Text("已办结期间", "While it was closed"),
    "weather": Text("天气或不可抗力", "Weather or force majeure"),
}


def _integer(raw: Any, field: FieldDef, _: FormContext) -> int:
    try:
        number = int(str(raw).strip())
    except ValueError:
        raise wrong("请填写整数，例如 3。", "Write a whole number, such as 3.") from None
    low, high = int(field.options.get("min", 0)), field.max
    if number < low or (high is not None and number > high):
        raise wrong(f"请填写 {low} 到 {high} 之间的数。", f"Write a number from {low} to {high}.")
    return number


def _rating(raw: Any, field: FieldDef, _: FormContext) -> int:
    if str(raw) not in {"1", "2", "3", "4", "5"}:
        raise wrong("请选择一个评价等级。", "Choose one of the five levels.")
    return int(raw)


RATINGS = {
    5: Text("非常满意", "Very satisfied"),
    4: Text("满意", "Satisfied"),
    3: Text("基本满意", "Fairly satisfied"),
    2: Text("不满意", "Dissatisfied"),
    1: Text("非常不满意", "Very dissatisfied"),
}


def _boolean(raw: Any, _f: FieldDef, _c: FormContext) -> bool:
    if raw in (True, "true", "on", "1", "yes", 1):
        return True
    if raw in (False, "false", "off", "0", "no", 0):
        return False
    raise wrong("请选择“是”或“否”。", "Choose yes or no.")


def _show_boolean(value: Any, _: FieldDef) -> Text:
    return Text("是", "Yes") if value else Text("否", "No")


def _date(raw: Any, _f: FieldDef, _c: FormContext) -> str:
    try:
        return date.fromisoformat(str(raw).strip()).isoformat()
    except ValueError:
        raise wrong("请按 2026-11-22 这样填写日期。", "Write the date like 2026-11-22.") from None


BUILT_IN: dict[str, FieldType] = {
    "string": SimpleType("string", _text),
    "text": SimpleType("text", _text),
    "phone": SimpleType("phone", _phone),
    "id_number": SimpleType("id_number", _id_number),
    "choice": SimpleType("choice", _choice, _show_choice),
    "radio": SimpleType("radio", _choice, _show_choice),
    "checkboxes": SimpleType("checkboxes", _several, _show_several),
    "ground": SimpleType("ground", _ground, lambda v, _: GROUNDS.get(v, v)),
    "integer": SimpleType("integer", _integer),
    "rating": SimpleType("rating", _rating, lambda v, _: RATINGS.get(v, v)),
    "boolean": SimpleType("boolean", _boolean, _show_boolean),
    "date": SimpleType("date", _date),
}


def type_of(definition: FieldDef) -> FieldType:
    return BUILT_IN.get(definition.type) or FIELD_TYPES[definition.type]


def is_known_type(code: str) -> bool:
    return code in BUILT_IN or code in FIELD_TYPES


def show_value(definition: FieldDef, value: Any) -> Any:
    return None if value is None else type_of(definition).show(value, definition)


def masked_value(definition: FieldDef, value: Any) -> Text | None:
    """How a personal value reads while it is masked (打码显示), where its type says so."""
    masker = getattr(type_of(definition), "masker", None)
    return masker(value) if masker is not None else None


def clean_form(
    fields: Mapping[str, FieldDef],
    form: tuple[str, ...],
    optional: tuple[str, ...],
    raw: Mapping[str, Any],
    context: FormContext,
) -> dict[str, Any]:
    """Check what was entered (核对填写内容): every mistake at once, each with its own sentence.

    Refuses fields that the form does not have, so that a client's slip is not silently dropped.
    """
    wanted = tuple(dict.fromkeys((*form, *optional)))
    cleaned: dict[str, Any] = {}
    errors: dict[str, Text] = {}
    for code in wanted:
        definition = fields[code]
        value = raw.get(code)
        if value is None or value == [] or (isinstance(value, str) and not value.strip()):
            if definition.required and code not in optional:
                errors[code] = Text(
                    f"请填写“{definition.title.zh}”。",
                    f"“{definition.title.en}” is needed. Please fill it in.",
                )
            continue
        try:
            cleaned[code] = type_of(definition).clean(value, definition, context)
        except LinliError as error:
            errors[code] = error.message
    for code in raw:
        if code not in wanted:
            errors[code] = Text(
                f"这一步没有“{code}”这一项，请去掉。", f"This step has no field “{code}”. Leave it out."
            )
    if errors:
        raise Invalid(
            "procedures.invalid_form",
            Text(
                f"有 {len(errors)} 处需要更正，您填的内容都还在。",
                f"{len(errors)} entries to mend; nothing you wrote is lost.",
            ),
            fields=errors,
        )
    return cleaned
