"""The field types of an application (申请的字段): a matter in force, the answers, the papers, and papers named in an act."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from linli.base.i18n import Text
from linli.base.legaltime import Period
from linli.domains.matters import form
from linli.domains.matters.models import ApplicationPaper, LifeEvent, Matter, MatterVersion
from linli.domains.matters.queries import spec_of
from linli.domains.matters.spec import MatterSpec
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import registry
from linli.kernel.procedures.clocks import UNIT_HOURS
from linli.kernel.procedures.definitions import FieldDef
from linli.kernel.procedures.fields import BUILT_IN, FormContext, SimpleType, wrong
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.readers import TITLES
from linli.web.forms import Choice
from linli.web.registry import field_choices

FOLLOWS = Period(10, "working_days")
BY_LAW = {"single": "law:single", "joint": "law:joint"}
ON_THE_FORM = "请从事项页面申请，平台会带出要填的内容。"
ON_THE_FORM_EN = "Apply on the page of the matter: it brings the form along."


def key_of(version: MatterVersion) -> str:
    """How a case names the version that holds for it (事项版本的写法): county/code/number."""
    return f"{version.matter.county.prefix}/{version.matter.code}/{version.number}"


def version_of(key: str) -> MatterVersion | None:
    """The version that a case names (按写法取事项版本)."""
    county, _, rest = key.partition("/")
    code, _, number = rest.partition("/")
    if not number.isdigit():
        return None
    return (
        MatterVersion.objects.select_related("matter__county", "matter__organisation")
        .filter(matter__county__prefix=county, matter__code=code, number=int(number))
        .first()
    )


@lru_cache(maxsize=2000)
def _spec(key: str) -> MatterSpec:
    version = version_of(key)
    if version is None:
        raise LookupError(key)
    return spec_of(version)


def spec_named(key: str) -> MatterSpec | None:
    """What a case's matter says (办件适用的事项内容). A published version never changes, so it is read once."""
    try:
        return _spec(key)
    except LookupError:
        return None


def forget() -> None:
    _spec.cache_clear()
    _titles.clear()


def _matter(raw: Any, field: FieldDef, context: FormContext) -> str:
    version = version_of(str(raw))
    if version is None or version.status != MatterVersion.PUBLISHED:
        raise wrong(
            "没有这个事项。请从“我要办”里选。", "There is no such matter. Choose one from the catalogue."
        )
    context.found[field.code] = version
    return key_of(version)


def _matter_title(value: Any, _: FieldDef) -> Text:
    spec = spec_named(str(value))
    return spec.title if spec else Text(str(value), str(value))


def _promise(value: Any, field: FieldDef) -> Text:
    if value in BY_LAW.values():
        return Text("法定时限", "the law's limit")
    return _matter_title(value, field)


def _made_by(kind: type[list[Any]]) -> Callable[[Any, FieldDef, FormContext], list[Any]]:
    def clean(raw: Any, field: FieldDef, context: FormContext) -> list[Any]:
        if not isinstance(raw, kind):
            raise wrong(ON_THE_FORM, ON_THE_FORM_EN)
        context.found[field.code] = raw
        return list(raw)

    return clean


def _said(value: Any, _: FieldDef) -> Text:
    """One line a question: what was said, and for what a register gave, from where and as of which day."""
    zh, en = [], []
    for line in value:
        source, day = line.get("source"), line.get("as_of", "")
        zh.append(f"{line['title'][0]}：{line['words'][0]}" + (f"（{source[0]}，{day}）" if source else ""))
        en.append(f"{line['title'][1]}: {line['words'][1]}" + (f" ({source[1]}, {day})" if source else ""))
    return Text("\n".join(zh), "\n".join(en)) if zh else Text("没有要填的", "nothing to fill in")


def _counted(value: Any) -> Text:
    n = len(value)
    return Text(f"填了 {n} 项", f"{n} answers" if n != 1 else "1 answer")


def title_of(case: Case) -> Text | None:
    """What a case applies for, in both languages (申请的名称)."""
    spec = spec_named(str(case.facts.get("matter") or ""))
    return spec.title if spec is not None and case.title == spec.title.zh[:60] else None


def _following(case: Case) -> Text | None:
    spec = spec_named(str(case.facts.get("follows") or ""))
    if spec is None:
        return None
    return Text(f"容缺材料补交：{spec.title.zh}", f"Papers to follow: {spec.title.en}")


_titles: dict[str, Text] = {}


def _subject(value: Any, _: FieldDef) -> Text | str:
    """What is applied for is the title of a matter or life event, which has both languages (申请办理)."""
    if value not in _titles:
        event = LifeEvent.objects.filter(spec__title__startswith=f"{value} |").first()
        matter = Matter.objects.filter(title=value).first() if event is None else None
        english = str(event.spec["title"]).partition("|")[2].strip() if event else matter and matter.title_en
        if not english:
            return str(value)
        _titles[value] = Text(value, english)
    return _titles[value]


def _listed(value: Any, _: FieldDef) -> Text:
    states = [
        (line["title"], form.STATES.get(line["state"], Text(line["state"], line["state"]))) for line in value
    ]
    return Text(
        "；".join(f"{t[0]}：{s.zh}" for t, s in states), "; ".join(f"{t[1]}: {s.en}" for t, s in states)
    )


def _named_papers(raw: Any, field: FieldDef, _: FormContext) -> list[str]:
    codes = [str(code).strip() for code in (raw if isinstance(raw, list) else [raw])]
    return list(dict.fromkeys(code[:60] for code in codes if code))


def _paper_titles(value: Any, _: FieldDef) -> Text:
    titles = [line["title"] if isinstance(line, dict) else [str(line), str(line)] for line in value]
    return Text("、".join(t[0] for t in titles), ", ".join(t[1] for t in titles))


def _paper_choices(field: FieldDef, case: Case | None, actor: Actor) -> Sequence[Choice]:
    """The papers of the case, with how they stand (本件的材料)."""
    if case is None:
        return []
    rows = ApplicationPaper.objects.filter(application=case.pk).exclude(state="lookup").order_by("pk")
    return [Choice(r.code, r.name, hint=form.STATES.get(r.state, "")) for r in rows]


@registry.limit_source("matter")
def promised(key: str) -> Period | None:
    """承诺时限，按申请时生效的那一版。"""
    spec = spec_named(key)
    return spec.promised_limit if spec else None


@registry.limit_source("promise")
def promised_or_law(key: str) -> Period | None:
    """事项的承诺时限；没有按事项申请的，就是法定时限：单独 20、联合 45 个工作日（行政许可法 42）."""
    if key == BY_LAW["joint"]:
        return Period(45, "working_days")
    return promised(key)  # nothing for the law's own twenty days, which the file says


@registry.limit_source("follows")
def follows(key: str) -> Period | None:
    """容缺材料的补交期限：不长于承诺时限；承诺较长的，按程序里写的十个工作日（样例）."""
    period = promised(key)
    if period is None or (period.n * UNIT_HOURS[period.unit]) >= FOLLOWS.n * UNIT_HOURS[FOLLOWS.unit]:
        return None
    return period


@registry.limit_source("matter_by_law")
def by_law(key: str) -> Period | None:
    """法定时限；法律没有规定天数的，没有。"""
    spec = spec_named(key)
    return spec.legal_limit if spec else None


def register() -> None:
    for procedure in ("service", "licence", "assistance", "loan", "agency"):
        TITLES[procedure] = title_of
    TITLES["supplement"] = _following
    registry.field_type("matter", SimpleType("string", _matter, _matter_title))
    registry.field_type("matter_subject", SimpleType("string", BUILT_IN["string"].clean, _subject))
    registry.field_type("promise", SimpleType("string", _matter, _promise))
    registry.field_type("matter_answers", SimpleType("text", _made_by(form.Answers), _said, _counted))
    registry.field_type("matter_papers", SimpleType("text", _made_by(form.Papers), _listed))
    registry.field_type("matter_paper", SimpleType("checkboxes", _named_papers, _paper_titles))
    field_choices("matter_paper", _paper_choices, drawn_as="checkboxes", as_tag=False)
