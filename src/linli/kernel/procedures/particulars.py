"""What is said of a case, a step, an action and a field (程序要点), each with its name and in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from linli.base.i18n import Text
from linli.base.legaltime import Period
from linli.kernel.people.purposes import purpose_title
from linli.kernel.procedures.definitions import Action, FieldDef, Limit, Procedure, Step
from linli.kernel.procedures.fields import GROUNDS
from linli.kernel.procedures.wording import (
    CHANNELS,
    NONE,
    OUTCOMES,
    PARTS,
    PRECISION,
    RETURNS,
    SECRECY,
    WARNINGS,
    Names,
    actor_words,
    actors,
    field_title,
    guard_words,
    join_words,
    joined,
    keep_words,
    limit_lines,
    plain,
    step_title,
)

ADVERSE = Text("不利决定：须说明理由和依据", "adverse: with reason and basis")


@dataclass(frozen=True)
class Fact:
    """One thing that a file says, with its name (要点)."""

    code: str
    title: Text
    lines: tuple[Text, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "title": self.title.as_dict(),
            "lines": [line.as_dict() for line in self.lines],
        }


def _kept(rows: Iterable[tuple[str, Text, Iterable[Text]]]) -> list[Fact]:
    """Those that say something."""
    return [Fact(code, title, found) for code, title, lines in rows if (found := tuple(lines))]


def _some(text: Text | None) -> list[Text]:
    return [text] if text is not None and text.zh else []


def _if(condition: object, zh: str, en: str, **values: Any) -> list[Text]:
    return [Text(zh, en).format(**values)] if condition else []


def _for(period: Period | None, zh: str, en: str) -> list[Text]:
    return [Text(zh, en).format(t=period.title)] if period else []


def _titles(p: Procedure, codes: Iterable[str]) -> list[Text]:
    return _some(joined(field_title(p, code) for code in codes))


def case_facts(p: Procedure) -> list[Fact]:
    """The facts above the steps (程序概要)."""
    asked = [code for code in p.open_form if code not in p.open_optional]
    return _kept(
        (
            ("hint", Text("用途", "What it is for"), _some(p.hint)),
            ("basis", Text("依据", "Basis"), [plain(b) for b in p.basis]),
            ("prefix", Text("编号前缀", "Number prefix"), _some(plain(p.prefix))),
            ("opened_by", Text("谁可以发起", "Opened by"), _some(actors(p.opened_by))),
            (
                "channels",
                Text("渠道", "Channels"),
                _some(joined(CHANNELS.get(c, plain(c)) for c in p.channels)),
            ),
            ("open.form", Text("发起时要填", "Asked at the opening"), _titles(p, asked)),
            ("open.optional", Text("发起时可填", "May be given at the opening"), _titles(p, p.open_optional)),
            ("open.notifies", Text("发起后告知", "Told of the opening"), _some(actors(p.open_notifies))),
            (
                "confidential",
                Text("谁看得到", "Seen by"),
                [SECRECY.get(p.confidential, plain(p.confidential))],
            ),
            ("overseers", Text("监督", "Overseen by"), _some(actors(p.overseers))),
            (
                "public",
                Text("公开摘要的地点精度", "Place in the public summary"),
                [PRECISION.get(p.public_precision, plain(p.public_precision))],
            ),
            ("challenge", Text("救济程序", "A remedy"), _challenge(p)),
            (
                "sees_origin",
                Text("原件", "The case it came from"),
                _if(p.sees_origin, "承办人可以看原件", "whoever has it reads that case"),
            ),
            ("limit", Text("全程时限", "Limit of the whole"), limit_lines(p.limit, p)),
            (
                "statutory_limit",
                Text("法定最长时限", "Most that the law allows"),
                limit_lines(p.statutory_limit, p),
            ),
            ("extend", Text("延期", "Extension"), _extension(p)),
            ("escalation", Text("到时提醒", "Warnings"), _escalation(p)),
            ("emergency", Text("应急响应期间", "Under an emergency response"), _emergency(p)),
            ("moves", Text("在办件", "Running cases"), _moves(p)),
        )
    )


def _challenge(p: Procedure) -> list[Text]:
    c = p.challenge
    if c is None:
        return []
    return [
        *_if(
            c.within is None,
            "对不利决定可以提出，没有期限",
            "may be asked for against an adverse decision, without a limit",
        ),
        *_for(c.within, "自不利决定作出起 {t} 内提出", "to be asked for within {t} of the adverse decision"),
        *_if(c.once, "同一决定同时只能有一件", "one at a time against the same decision"),
        *_if(c.basis, "依据：{b}", "basis: {b}", b=c.basis),
    ]


def _extension(p: Procedure) -> list[Text]:
    e = p.extend
    if e is None:
        return []
    most = Text("最多 {t}，由{w}批准", "at most {t}, approved by {w}")
    return [
        most.format(t=_lengths(p, e.limits) or e.period.title, w=actor_words(e.by)),
        *_if(e.once, "只能一次", "once only"),
        *_if(e.never_beyond_original, "不超过原时限的长度", "never longer than the original limit"),
        *_if(
            e.statutory,
            "法律最多允许延长 {t}",
            "the law allows {t} at most",
            t=_lengths(p, e.statutory_limits) or (e.statutory.title if e.statutory else ""),
        ),
        *_if(e.notify, "告知：{x}", "told: {x}", x=actors(e.notify)),
        *_if(e.basis, "依据：{b}", "basis: {b}", b=e.basis),
    ]


def _lengths(p: Procedure, limit: Limit | None) -> Text | None:
    """How long, case by case, where it goes by a fact."""
    return joined(limit_lines(limit, p)) if limit is not None and limit.by else None


def _escalation(p: Procedure) -> list[Text]:
    lines = []
    for e in p.escalation:
        what = WARNINGS.get(e.do, plain(e.do))
        line = Text("到时限的 {n}%：{d}", "at {n}% of the limit: {d}").format(n=round(e.share * 100), d=what)
        if e.to:
            who = actor_words(e.to)
            line = Text(f"{line.zh}，报{who.zh}", f"{line.en}, reported to {who.en}")
        lines.append(line)
    return lines


def _emergency(p: Procedure) -> list[Text]:
    e = p.emergency
    if e is None:
        return []
    lines = [Text("全程：{x}", "whole: {x}").format(x=line) for line in limit_lines(e.limit, p)]
    for code, limit in e.steps.items():
        lines += [
            Text("{s}：{x}", "{s}: {x}").format(s=step_title(p, code), x=line)
            for line in limit_lines(limit, p)
        ]
    return [*lines, *_if(e.first, "在各列表里排在最前", "these cases come first in every list")]


def _moves(p: Procedure) -> list[Text]:
    m = p.moves
    if m is None:
        return []
    versions = joined(_version(area, n) for area, n in m.sources)
    lines = [
        Text("第 {v} 版的在办件可以转入", "cases under version {v} may go on under this one").format(
            v=versions
        )
    ]
    for old, new in m.steps.items():
        lines.append(
            Text(f"“{old}”对应“{step_title(p, new).zh}”", f"“{old}” becomes “{step_title(p, new).en}”")
        )
    lines += _if(
        m.limits == "new",
        "时限按新版重新计算，但不得更不利",
        "limits are counted anew, never to their disadvantage",
    )
    lines += _if(m.limits == "keep", "时限仍按原版", "limits stay those of the version they had")
    return [*lines, *_if(m.basis, "依据：{b}", "basis: {b}", b=m.basis)]


def _version(area: str | None, number: int) -> Text:
    if area is None:
        return plain(number)
    return Text(f"{area or '默认'} {number}", f"{area or 'default'} {number}")


def step_facts(p: Procedure, step: Step, names: Names) -> list[Fact]:
    """What is said of one step (环节要点): who, by when, what the law allows, how it ends."""
    is_end = step.kind == "end"
    shown = step.publicity
    timeout = step.actions.get(step.timeout) or p.anywhere.get(step.timeout)
    return _kept(
        (
            (
                "outcome",
                Text("结果", "Outcome"),
                [OUTCOMES.get(step.outcome, plain(step.outcome))] if step.outcome else [],
            ),
            (
                "actor",
                Text("承办", "Actor"),
                [] if is_end else [actor_words(step.actor) if step.actor else NONE],
            ),
            ("within", Text("时限", "Limit"), limit_lines(step.within, p)),
            ("statutory", Text("法定最长", "Most by law"), limit_lines(step.statutory, p)),
            ("join", Text("会办", "Together"), [join_words(step.join)] if step.kind == "joint" else []),
            (
                "helpers_actor",
                Text("协办承办", "Actor of helpers"),
                [actor_words(step.helpers_actor)] if step.helpers_actor else [],
            ),
            ("helpers_within", Text("协办时限", "Limit of helpers"), limit_lines(step.helpers_within, p)),
            (
                "outside_limit",
                Text("全程时限", "The whole limit"),
                _if(
                    step.outside_limit,
                    "到这里已经遵守，本环节不计入",
                    "is kept by then; this step is not part of it",
                ),
            ),
            (
                "publishes",
                Text("公示内容", "Shown"),
                _titles(p, shown.fields) if shown else [],
            ),
            (
                "statutory_days",
                Text("法定最短公示", "Least by law"),
                [shown.least.title] if shown and shown.least else [],
            ),
            ("places", Text("公示地点", "Where"), _some(shown.places) if shown else []),
            (
                "objection",
                Text("异议", "Objection"),
                _if(
                    shown and shown.objection,
                    "可提出{x}",
                    "by {x}",
                    x=names.of(shown.objection if shown else ""),
                ),
            ),
            ("basis", Text("依据", "Basis"), _some(plain(shown.basis)) if shown else []),
            ("guard", Text("先核对", "Checked first"), [guard_words(step.guard)] if step.guard else []),
            (
                "timeout",
                Text("到期", "When time is up"),
                _if(
                    step.timeout,
                    "由系统做“{x}”",
                    "the system does “{x}”",
                    x=timeout.title if timeout else step.timeout,
                ),
            ),
            ("public_words", Text("居民看到", "Residents read"), _some(step.public_words)),
        )
    )


def action_tags(a: Action) -> list[Text]:
    """What stands out about an action (操作标记)."""
    return [
        *([ADVERSE] if a.adverse else []),
        *_if(a.suspends, "中止计时", "stops the clock"),
        *_if(a.resumes, "恢复计时", "clock goes on"),
        *_if(a.extends, "延期", "extends"),
        *_if(a.withdraws, "撤回公开", "takes back what was made public"),
        *_if(a.once, "只能一次", "once"),
    ]


def action_facts(p: Procedure, a: Action, step: Step | None, names: Names) -> list[Fact]:
    """What is said of one action (操作要点): what it asks, whom it tells, what it stops, opens and makes public."""
    at_end = step is not None and step.kind == "end"
    return _kept(
        (
            ("form", Text("要填", "Asks for"), _titles(p, a.form)),
            ("optional", Text("可填", "May be given"), _titles(p, a.optional)),
            (
                "remedy",
                Text("救济", "Remedy"),
                _if(a.remedy, "当事人可提出{x}", "the applicant may ask for {x}", x=names.of(a.remedy)),
            ),
            (
                "final_by",
                Text("终局，不再受理的依据", "Final, nothing more can be sought by"),
                _some(plain(a.final_by)),
            ),
            ("notifies", Text("告知", "Tells"), _some(actors(a.notifies))),
            ("suspends", Text("中止计时", "Stops the clock"), _suspension(a)),
            (
                "opens",
                Text("另开", "Opens"),
                _if(a.opens, "引出一件{x}", "a case of {x}", x=names.of(a.opens)),
            ),
            (
                "after",
                Text("何时", "When"),
                _if(
                    a.after,
                    "{x}办结时，由系统自动做",
                    "the system does it when {x} ends",
                    x=names.together(a.after),
                ),
            ),
            ("publishes", Text("公开", "Makes public"), _titles(p, a.publishes)),
            ("parts", Text("只限", "Only for"), _some(joined(PARTS.get(x, plain(x)) for x in a.parts))),
            ("part_to", Text("交由裁定", "Hands its part to"), _part_to(p, a)),
            (
                "returns",
                Text("裁定后", "Afterwards"),
                [RETURNS.get(a.returns, plain(a.returns))] if a.returns else [],
            ),
            (
                "within",
                Text("期限", "Until"),
                [
                    Text("办结后 {x} 内", "within {x} of the end").format(x=a.within.title)
                    if at_end
                    else Text("开始后 {x} 内", "within {x} of the start").format(x=a.within.title)
                ]
                if a.within
                else [],
            ),
            ("guard", Text("先核对", "Checked first"), [guard_words(a.guard)] if a.guard else []),
            ("public_words", Text("居民看到", "Residents read"), _some(a.public_words)),
        )
    )


def _suspension(a: Action) -> list[Text]:
    s = a.suspends
    if s is None:
        return []
    return [
        *_if(s.grounds, "事由：{x}", "grounds: {x}", x=joined(GROUNDS.get(g, plain(g)) for g in s.grounds)),
        *_for(s.most, "最长 {t}，之后自动恢复", "{t} at most, then it runs on"),
        *_if(s.notify, "告知：{x}", "told: {x}", x=actors(s.notify)),
        *_if(s.basis, "依据：{b}", "basis: {b}", b=s.basis),
    ]


def _part_to(p: Procedure, a: Action) -> list[Text]:
    if a.part_to is None:
        return []
    limits = limit_lines(a.part_to.within, p)
    return [actor_words(a.part_to.actor), *(Text("时限：{x}", "limit: {x}").format(x=x) for x in limits)]


def field_facts(f: FieldDef) -> list[Fact]:
    """What is said of one field (字段要点): what for, who sees it, how long it is kept."""
    personal = f.personal
    return _kept(
        (
            ("type", Text("类型", "Type"), [plain(f.type)]),
            ("required", Text("必填", "Required"), _if(f.required, "是", "yes")),
            (
                "public",
                Text("公开", "Public"),
                _if(f.public, "是", "yes")
                if not f.masked
                else _if(f.public, "隐去部分后公开", "yes, masked"),
            ),
            ("internal", Text("内部", "Internal"), _if(f.internal, "当事人看不到", "no party reads it")),
            (
                "read_by",
                Text("只给这些岗位看", "Read by these staff alone"),
                _some(actors(f.read_by)) if f.read_by else [],
            ),
            ("choices", Text("选项", "Choices"), _some(joined(t for _, t in f.choices))),
            (
                "purpose",
                Text("个人信息用途", "Personal: what for"),
                _some(purpose_title(personal.purpose)) if personal else [],
            ),
            (
                "personal.basis",
                Text("个人信息依据", "Personal: basis"),
                _some(plain(personal.basis)) if personal else [],
            ),
            (
                "seen_by",
                Text("谁看得到", "Seen by"),
                _some(actors(personal.seen_by)) if personal else [],
            ),
            (
                "ask_again",
                Text("为什么再问一次", "Why it is asked again"),
                [f.ask_again] if f.ask_again else [],
            ),
            ("keep", Text("保存", "Kept"), [keep_words(f.keep)] if f.keep else []),
        )
    )
