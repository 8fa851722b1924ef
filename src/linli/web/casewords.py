"""What is said of any case (办件的说法): channel, state, links, the facts worth a tag. No procedure is known by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from linli.base.i18n import Text, text_from
from linli.kernel.places.models import Area
from linli.kernel.procedures.definitions import FieldDef, Procedure
from linli.kernel.procedures.fields import BUILT_IN, show_value
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.versions import procedure_of
from linli.web import words
from linli.web.registry import choices_of

CHANNELS = {
    "web": Text("网上反映", "web"),
    "window": Text("窗口登记", "window"),
    "phone": Text("来电登记", "phone call"),
    "paper": Text("纸质登记", "on paper"),
    "agency": Text("村（社区）代办", "through a village agent"),
    "field": Text("巡查发现", "found on patrol"),
    "api": Text("系统转来", "from another system"),
    "import": Text("历史导入", "imported"),
    "case": Text("由另一件产生", "opened by another case"),
}
STATUSES = {
    "open": Text("办理中", "open"),
    "suspended": Text("已中止计时", "clock stopped"),
    "ended": Text("已办结", "ended"),
    "withdrawn": Text("已撤回", "withdrawn"),
}
OUTCOMES = {
    "resolved": Text("已解决", "resolved"),
    "declined": Text("不予受理", "declined"),
    "merged": Text("已并案", "merged"),
    "withdrawn": Text("已撤回", "withdrawn"),
    "upheld": Text("成立", "upheld"),
    "rejected": Text("不成立", "rejected"),
    "answered": Text("已答复", "answered"),
}
LINKS = {
    ("related", True): Text("关联", "Related"),
    ("related", False): Text("关联", "Related"),
    ("merged", True): Text("并入", "Merged into"),
    ("merged", False): Text("并进来的", "Merged in"),
    ("split", True): Text("拆出", "Split off"),
    ("split", False): Text("拆自", "Split from"),
    ("opened", True): Text("引出", "Led to"),
    ("opened", False): Text("起因", "Came from"),
    ("remedy", True): Text("提出的救济", "Remedy sought"),
    ("remedy", False): Text("针对的办件", "Against"),
    ("reopened", True): Text("重新办理为", "Reopened as"),
    ("reopened", False): Text("原件", "Reopened from"),
}
_LONG_DIGITS = re.compile(r"\d{7,}")
_ASIDE = re.compile(r"\s*[（(][^（）()]*[）)]\s*$")


@dataclass(frozen=True, slots=True)
class Tag:
    code: str
    text: Text


def as_text(value: Any) -> Text:
    return text_from(value) if isinstance(value, Text | dict) else Text(str(value), str(value))


def known(table: dict[str, Text], code: str) -> Text:
    return table.get(code) or Text(code, code)


def is_chosen(field: FieldDef) -> bool:
    """Chosen from a list and short, so that it can stand as a tag: a choice, or a domain's own type."""
    if field.assigns or field.personal:
        return False
    brought = choices_of(field.type)
    if brought is not None and not brought.as_tag:
        return False
    return field.type in {"choice", "radio"} or (field.type not in BUILT_IN and field.type not in NOT_TAGS)


NOT_TAGS = frozenset({"organisation", "organisations", "case_number", "photos", "files", "voice"})


def tags_of(case: Case, procedure: Procedure | None = None) -> list[Tag]:
    """The newest public facts that were chosen from a list (类别、等级…), a domain's own kinds before plain choices."""
    procedure = procedure or procedure_of(case.version_id)
    found = [
        Tag(field.code, as_text(show_value(field, value)))
        for field, value in _chosen_facts(case, procedure)
        if field.code not in _decided_once(procedure)
    ]
    return sorted(found, key=lambda tag: procedure.fields[tag.code].type in BUILT_IN)


def _chosen_facts(case: Case, procedure: Procedure) -> Iterator[tuple[FieldDef, Any]]:
    for code, value in case.facts.items():
        field = procedure.fields.get(code)
        if field is not None and is_chosen(field) and value not in (None, "", []):
            yield field, value


def _decided_once(procedure: Procedure) -> frozenset[str]:
    """Choices that no limit goes by and that the first step does not ask: they belong to a moment, not to the case."""
    first = procedure.steps[procedure.first]
    asked = {*procedure.open_form, *(f for a in first.actions.values() for f in (*a.form, *a.optional))}
    return frozenset(procedure.fields) - asked


def short(text: Text) -> Text:
    """Without the aside in brackets at its end: `简单（3 个工作日）` is `简单` in a row."""
    return Text(_ASIDE.sub("", text.zh) or text.zh, _ASIDE.sub("", text.en) or text.en)


def row_facts(case: Case) -> list[Text]:
    """Where, how pressing, at which step: what a row says under its title (列表三要素)."""
    procedure = procedure_of(case.version_id)
    plain = [short(t.text) for t in tags_of(case, procedure) if procedure.fields[t.code].type in BUILT_IN]
    return [near(case.area), *plain[:1], step_title(case, procedure)]


def near(area: Area) -> Text:
    """An area with the one above it where that helps, for a grid: `庆城社区 第一网格`."""
    above = area.parent if area.level in {"grid", "micro_grid"} else None
    if above is None or area.name.startswith(above.name[:2]):
        return area.title
    return Text(f"{above.title.zh} {area.title.zh}", f"{above.title.en}, {area.title.en}")


def step_title(case: Case, procedure: Procedure | None = None) -> Text:
    procedure = procedure or procedure_of(case.version_id)
    step = procedure.steps.get(case.step)
    return step.title if step else Text(case.step, case.step)


def outcome_of(case: Case, procedure: Procedure | None = None) -> Text:
    """How a case ended (结果), in the office's common words, else as its procedure names that end."""
    procedure = procedure or procedure_of(case.version_id)
    step = procedure.steps.get(case.step)
    said = (step.public_words or step.title) if step else None
    return OUTCOMES.get(case.outcome) or said or Text(case.outcome, case.outcome)


def said_to_party(case: Case) -> Text:
    """Where a case stands, in the words for its party (对当事人的说法)."""
    procedure = procedure_of(case.version_id)
    if case.ended_at is not None and case.outcome:
        return outcome_of(case, procedure)
    step = procedure.steps[case.step]
    return step.public_words or step.title


def without_numbers(text: str) -> str:
    """Long numbers cut short (号码打码): what residents wrote may hold a phone or an ID number."""
    return _LONG_DIGITS.sub(lambda found: found[0][:3] + "****", text)


def due_of(case: Case, now: datetime) -> words.DueWords | None:
    """The whole case's due light; ended cases say whether they were in time (全程到期)."""
    if case.due_at is None:
        return None
    return words.due_words(case.due_at, now, paused=case.status == "suspended", done_at=case.ended_at)
