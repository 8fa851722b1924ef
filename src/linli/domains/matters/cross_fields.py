"""The field types of a cross-region application (跨区域办理的字段). What two of them hold is made by our own pages and
messages alone, never typed in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from linli.base.i18n import Text
from linli.domains.matters import cross_rules as rules
from linli.domains.matters import handing
from linli.domains.matters.cross_models import CrossCase, Handover
from linli.domains.matters.form import STATES, Answers, Papers
from linli.domains.matters.guide import joined
from linli.kernel.exchange.models import Peer
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import registry
from linli.kernel.procedures.definitions import FieldDef
from linli.kernel.procedures.fields import FormContext, SimpleType, wrong
from linli.kernel.procedures.models import Case
from linli.web.forms import Choice
from linli.web.registry import field_choices

MOST_LETTERS = 4000


def _place(raw: Any, field: FieldDef, context: FormContext) -> str:
    found = Peer.objects.filter(county=str(raw), active=True).first()
    if found is None:
        raise wrong(
            "没有登记这个地方，不能代收。请到那里的窗口办，或者换一个地方。",
            "That place is not admitted here, so nothing can be received for it. Go to its own window, or choose another.",
        )
    context.found[field.code] = found
    return found.county


def _place_title(value: Any, _: FieldDef) -> Text:
    found = Peer.objects.filter(county=str(value)).first()
    return found.title if found else Text(str(value), str(value))


def _words(raw: Any, _f: FieldDef, _c: FormContext) -> dict[str, str]:
    if isinstance(raw, Text):
        raw = raw.as_dict()
    if not isinstance(raw, dict) or not isinstance(raw.get("zh"), str):
        raise wrong(
            "请从事项页面提出，平台会带出来。", "Begin on the page of the matter: it brings this along."
        )
    return {"zh": raw["zh"][:MOST_LETTERS], "en": str(raw.get("en") or raw["zh"])[:MOST_LETTERS]}


def _shown(value: Any, _: FieldDef) -> Text:
    return Text(value["zh"], value["en"]) if isinstance(value, dict) else Text(str(value), str(value))


def _answers(raw: Any, field: FieldDef, context: FormContext) -> list[dict[str, Any]]:
    if not isinstance(raw, Answers):
        raise wrong(
            "请从事项页面申请，平台会带出要填的内容。",
            "Apply on the page of the matter: it brings the form along.",
        )
    context.found[field.code] = raw
    return list(raw)


def _papers(raw: Any, field: FieldDef, context: FormContext) -> list[dict[str, Any]]:
    if not isinstance(raw, Papers):
        raise wrong(
            "请从事项页面申请，平台会带出材料清单。",
            "Apply on the page of the matter: it brings the list along.",
        )
    context.found[field.code] = raw
    return list(raw)


def _said(value: Any, _: FieldDef) -> Text:
    lines = [rules.answer_line(line) for line in value]
    return joined(lines, "；", "; ") if lines else Text("没有要填的", "nothing to fill in")


def _listed(value: Any, _: FieldDef) -> Text:
    states = (
        (Text(*line["title"]), STATES.get(line["state"], Text(line["state"], line["state"])))
        for line in value
    )
    lines = [rules.fact_line(title, state) for title, state in states]
    return joined(lines, "；", "; ") if lines else Text("不用交材料", "no papers")


def _came(raw: Any, _f: FieldDef, _c: FormContext) -> list[str]:
    return list(dict.fromkeys(str(code)[:60] for code in (raw if isinstance(raw, list) else [raw])))


def _slips(raw: Any, _f: FieldDef, _c: FormContext) -> list[str]:
    try:
        return [str(UUID(str(each))) for each in dict.fromkeys(raw if isinstance(raw, list) else [raw])]
    except ValueError as error:
        raise wrong("请从这一件的交接单里选。", "Choose among the slips of this application.") from error


def _slips_shown(value: Any, _: FieldDef) -> Text:
    return joined(
        [handing.slip_title(row) for row in Handover.objects.filter(uid__in=value).order_by("id")], "、", ", "
    )


def _missing(field: FieldDef, case: Case | None, actor: Actor) -> Sequence[Choice]:
    found = CrossCase.objects.filter(case_id=case.pk).first() if case is not None else None
    return [Choice(p["code"], Text(*p["title"])) for p in rules.missing(found.papers if found else ())]


def register() -> None:
    registry.field_type("cross_place", SimpleType("string", _place, _place_title))
    registry.field_type("cross_words", SimpleType("text", _words, _shown))
    registry.field_type("cross_answers", SimpleType("text", _answers, _said))
    registry.field_type("cross_papers", SimpleType("text", _papers, _listed))
    registry.field_type(
        "cross_paper", SimpleType("checkboxes", _came, lambda v, _: Text("、".join(v), ", ".join(v)))
    )
    registry.field_type("cross_slip", SimpleType("checkboxes", _slips, _slips_shown))
    field_choices("cross_paper", _missing, drawn_as="checkboxes", as_tag=False)
