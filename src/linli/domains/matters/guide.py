"""A matter in the words of its guide (办事指南): who, where, until when, what to bring, what comes out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from linli.base.i18n import Text
from linli.domains.matters import spec as s

NONE = Text("不收费", "Free of charge")
NO_VISIT = Text("不用到现场", "Nobody has to come")


@dataclass(frozen=True)
class Paper:
    """One paper as the guide tells it (一份材料)."""

    title: Text
    how: Text  # whether and in which form
    only_if: Text | None
    basis: Text
    spared: bool  # looked up, not handed in


@dataclass(frozen=True)
class Guide:
    """What the page, the printed sheet and the preview show (办事指南)."""

    facts: list[tuple[Text, Text]]
    papers: list[Paper]
    n_to_bring: int
    questions: list[Text]
    refusals: list[tuple[Text, Text]]
    basis: Text


def joined(texts: Iterable[Text], zh: str = "、", en: str = ", ") -> Text:
    found = list(texts)
    return Text(zh.join(t.zh for t in found), en.join(t.en for t in found))


def cited(citations: Iterable[s.Citation]) -> Text:
    return joined((c.text for c in citations), "；", "; ")


def guide(spec: s.MatterSpec) -> Guide:
    """Put a matter into words (写成指南)."""
    papers = [_paper(spec, m) for m in spec.materials]
    return Guide(
        facts=_facts(spec),
        papers=papers,
        n_to_bring=sum(1 for m in spec.materials if m.source != "register" and m.need == "required"),
        questions=[f.title for f in spec.fields if not f.prefilled],
        refusals=[(r.title, cited(r.basis)) for r in spec.refusals],
        basis=cited(spec.basis),
    )


def _facts(spec: s.MatterSpec) -> list[tuple[Text, Text]]:
    names = [
        (Text("给谁办", "For whom"), joined(s.SERVES[w] for w in spec.serves)),
        (Text("多久办好", "How long"), _promise(spec)),
        (Text("法定时限", "By law"), spec.legal_limit.title if spec.legal_limit else spec.legal_limit_none),
        (Text("收费", "Fee"), spec.fee.amount if spec.fee else NONE),
        (Text("跑几次", "Visits"), _visits(spec.visits)),
        (Text("结果", "Result"), _result(spec)),
        (Text("怎么拿", "Delivery"), joined(s.DELIVERY[d] for d in spec.delivery)),
        (Text("怎么申请", "Ways to apply"), joined(s.CHANNELS[c] for c in spec.channels)),
        (Text("哪里都能办吗", "Where it may be applied for"), _scope(spec)),
        (Text("会停表的环节", "What stops the clock"), joined(s.SPECIAL[w] for w in spec.special)),
        (Text("还有哪些环节", "Other steps"), _steps(spec)),
        (Text("事项类型", "Kind"), Text(f"{s.KINDS[spec.kind].zh} · {s.HANDLING[spec.handling].zh}", f"{s.KINDS[spec.kind].en}, {s.HANDLING[spec.handling].en}")),
    ]  # fmt: skip
    return [(title, said) for title, said in names if said is not None and said.zh]


def _promise(spec: s.MatterSpec) -> Text:
    if spec.handling == "instant":
        return Text("当场办，最长 1 个工作日", "At once, one working day at most")
    return Text(f"受理后 {spec.promised_limit.zh} 内", f"within {spec.promised_limit.en} of acceptance")


def _visits(n: int) -> Text:
    return Text(f"{n} 次", f"{n}") if n else NO_VISIT


def _result(spec: s.MatterSpec) -> Text:
    return Text(f"{spec.result.title.zh}（{s.RESULTS[spec.result.type].zh}）", f"{spec.result.title.en} ({s.RESULTS[spec.result.type].en})")  # fmt: skip


def _scope(spec: s.MatterSpec) -> Text:
    scope = s.SCOPES[spec.scope]
    if spec.scope == "local":
        return scope
    mode = s.MODES[spec.mode]
    return Text(f"{scope.zh}，{mode.zh}", f"{scope.en}; {mode.en}")


def _steps(spec: s.MatterSpec) -> Text:
    found = []
    if spec.steps.survey:
        found.append(Text("入户或现场核实", "a visit to see for ourselves"))
    if spec.steps.inspection:
        found.append(Text("现场勘验", "an inspection on site"))
    if spec.steps.publicity_days:
        n = spec.steps.publicity_days
        found.append(Text(f"公示 {n} 天", f"{n} days on public notice"))
    if spec.steps.joint:
        found.append(
            Text("几个部门一起办，材料只交一次", "several departments together, papers handed in once")
        )
    return joined(found)


def _paper(spec: s.MatterSpec, m: s.Material) -> Paper:
    spared = m.source == "register"
    form = s.FORMS[m.form]
    how = (
        s.SOURCES["register"]
        if spared
        else joined([s.NEEDS[m.need], form, s.SOURCES[m.source], *([Text(f"{m.pages} 份", f"{m.pages} copies")] if m.pages > 1 else [])], " · ", " · ")
    )  # fmt: skip
    return Paper(m.title, how, in_words(spec, m.when), cited(m.basis), spared)


def in_words(spec: s.MatterSpec, condition: Mapping[str, Any] | None) -> Text | None:
    """A condition as a person reads it (条件的说法): “主要困难”是“患病”的."""
    if not condition:
        return None
    if "all" in condition:
        return joined([t for c in condition["all"] if (t := in_words(spec, c))], "，并且", " and ")
    if "any" in condition:
        return joined([t for c in condition["any"] if (t := in_words(spec, c))], "，或者", " or ")
    asked = spec.field(str(condition.get("field", "")))
    if asked is None:
        return None
    wanted = condition["in"] if "in" in condition else [condition.get("is")]
    said = joined((_answer(asked, w) for w in wanted), "、", " or ")
    return Text(f"“{asked.title.zh}”填“{said.zh}”的", f"if “{asked.title.en}” is “{said.en}”")


def _answer(asked: s.FormField, value: Any) -> Text:
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    return dict(asked.choices).get(str(value), Text(str(value), str(value)))
