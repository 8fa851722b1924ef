"""A procedure as an official reads it (程序的说法): who, by when, what may be done, under which article."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.base.legaltime import parse_period
from linli.kernel.procedures.definitions import Action, FieldDef, Limit, Procedure, Step
from linli.kernel.procedures.fields import GROUNDS
from linli.kernel.procedures.roles import role_title
from linli.web.casewords import CHANNELS
from linli.web.views.admin.titles import LEVEL_TITLES

KINDS = {
    "task": Text("办理", "work"),
    "joint": Text("会办", "joint work"),
    "publicity": Text("公示", "publicity"),
    "vote": Text("表决", "vote"),
    "timer": Text("等待", "waiting"),
    "end": Text("终点", "end"),
}
SPECIAL = {
    "applicant": Text("当事人", "the applicant"),
    "reporter": Text("反映人", "the reporter"),
    "system": Text("系统", "the system"),
    "anyone": Text("任何人", "anyone"),
    "resident": Text("居民", "residents"),
    "lead": Text("主办单位", "lead organisation"),
    "helpers": Text("协办单位", "helping organisations"),
    "assigned": Text("承办单位", "the organisation in charge"),
    "window": Text("受理窗口", "the window that took it"),
}
SECRECY = {
    "public": Text("公开", "public"),
    "parties": Text("只对当事人和经办人", "parties and staff on it"),
    "internal": Text("内部", "internal"),
    "sealed": Text("保密", "sealed"),
}
WARNINGS = {
    "remind": Text("提醒", "reminder"),
    "yellow": Text("黄牌", "yellow card"),
    "red": Text("红牌", "red card"),
}
NONE = Text("未定", "not set")
DEFAULT = Text("其他", "otherwise")


@dataclass(frozen=True)
class ActionView:
    title: Text
    code: str
    to: Text | None
    by: Text
    asks: Text
    tags: tuple[Text, ...]
    notes: tuple[Text, ...]


@dataclass(frozen=True)
class StepView:
    title: Text
    code: str
    kind: Text
    is_end: bool
    actor: Text
    limit: list[Text]
    sample: bool
    actions: list[ActionView]


def actor_words(spec: str) -> Text:
    """`dispatcher@township` in words (承办人的说法): 乡镇（街道）调度员."""
    if spec in SPECIAL:
        return SPECIAL[spec]
    role, _, level = spec.partition("@")
    where = LEVEL_TITLES.get(level) or SPECIAL.get(level)
    title = role_title(role)
    return Text(f"{where.zh}的{title.zh}", f"{title.en}, {where.en.lower()}") if where else title


def limit_words(limit: Limit | None, field: FieldDef | None = None) -> list[Text]:
    """A limit, one line a value where it goes by a fact (时限的说法)."""
    if limit is None:
        return []
    if limit.period is not None:
        return [limit.period.title]
    titles = {"default": DEFAULT, **(dict(field.choices) if field else {})}
    lines = [
        Text(f"{_short(titles.get(value, Text(value, value))).zh}：{p.title.zh}",
             f"{_short(titles.get(value, Text(value, value))).en}: {p.title.en}")
        for value, p in limit.table.items()
    ]  # fmt: skip
    return lines or [Text("按“{x}”定", "by {x}").format(x=field.title if field else Text(limit.by, limit.by))]


def keep_words(keep: str) -> Text:
    """`1 year after end` in words (保存期的说法)."""
    period, after, _ = keep.partition(" after end")
    try:
        title = parse_period(period).title
    except Invalid:
        return Text(keep, keep)
    return Text(f"办结后 {title.zh}", f"{title.en} after the end") if after else title


def steps_of(procedure: Procedure) -> list[StepView]:
    return [_step(procedure, step) for step in procedure.steps.values()]


def anywhere_of(procedure: Procedure) -> list[ActionView]:
    return [_action(procedure, action) for action in procedure.anywhere.values()]


def head_of(procedure: Procedure) -> list[tuple[Text, list[Text]]]:
    """The facts above the steps (程序概要)."""
    p = procedure
    field = p.fields.get(p.limit.by) if p.limit else None
    rows = [
        (Text("依据", "Basis"), [Text(b, b) for b in p.basis]),
        (Text("编号前缀", "Number prefix"), [Text(p.prefix, p.prefix)]),
        (Text("谁可以发起", "Opened by"), [actor_words(s) for s in p.opened_by]),
        (Text("渠道", "Channels"), [CHANNELS.get(c, Text(c, c)) for c in p.channels]),
        (Text("谁看得到", "Seen by"), [SECRECY.get(p.confidential, Text(p.confidential, p.confidential))]),
        (Text("监督", "Overseen by"), [actor_words(s) for s in p.overseers]),
        (Text("全程时限", "Limit of the whole"), limit_words(p.limit, field)),
        (Text("法定时限", "Statutory limit"), limit_words(p.statutory_limit)),
    ]
    if p.extend is not None:
        title, who = p.extend.period.title, actor_words(p.extend.by)
        line = Text("最多 {t}，由{w}批准", "at most {t}, approved by {w}").format(t=title, w=who)
        rows.append((Text("延期", "Extension"), [line]))
    if p.escalation:
        lines = [
            Text("{n}% {d}", "{n}% {d}").format(
                n=round(e.share * 100), d=WARNINGS.get(e.do, Text(e.do, e.do))
            )
            for e in p.escalation
        ]
        rows.append((Text("到时提醒", "Warnings at"), lines))
    return [(title, lines) for title, lines in rows if lines]


def is_sample(procedure: Procedure) -> bool:
    """Whether the limit of the whole is a sample (全程时限为样例)."""
    return procedure.limit is not None and procedure.limit.sample


def changes(old: Procedure, new: Procedure) -> list[tuple[Text, Text, Text]]:
    """What an override changes in limits and actors (改动对照): where, before, after."""
    found: list[tuple[Text, Text, Text]] = []
    before, after = dict(_lines(old)), dict(_lines(new))
    for where in [*before, *(w for w in after if w not in before)]:
        was, now = before.get(where, Text("—", "—")), after.get(where, Text("—", "—"))
        if was != now:
            found.append((where, was, now))
    return found


def _lines(p: Procedure) -> list[tuple[Text, Text]]:
    found = [(title, _join(lines)) for title, lines in head_of(p)]
    for step in steps_of(p):
        found.append((_of(step.title, Text("承办人", "actor")), step.actor))
        found.append((_of(step.title, Text("时限", "limit")), _join(step.limit)))
        found += [(_of(step.title, a.title), _join([a.by, a.asks, a.to or NONE])) for a in step.actions]
    return found


def _step(p: Procedure, step: Step) -> StepView:
    field = p.fields.get(step.within.by) if step.within else None
    return StepView(
        step.title,
        step.code,
        KINDS.get(step.kind, Text(step.kind, step.kind)),
        step.kind == "end",
        actor_words(step.actor) if step.actor else NONE,
        limit_words(step.within, field),
        bool(step.within and step.within.sample),
        [_action(p, action) for action in step.actions.values()],
    )


def _action(p: Procedure, action: Action) -> ActionView:
    tags = []
    if action.adverse:
        tags.append(Text("不利决定：须说明理由和依据", "adverse: with reason and basis"))
    if action.suspends:
        tags.append(Text("中止计时", "stops the clock"))
    if action.resumes:
        tags.append(Text("恢复计时", "clock goes on"))
    if action.extends:
        tags.append(Text("延期", "extends"))
    if action.once:
        tags.append(Text("只能一次", "once"))
    notes = []
    if action.notifies:
        notes.append(Text("通知：{x}", "tells: {x}").format(x=_join(map(actor_words, action.notifies))))
    if action.remedy:
        notes.append(Text("救济：{x}", "remedy: {x}").format(x=Text(action.remedy, action.remedy)))
    if action.suspends and action.suspends.grounds:
        grounds = _join(GROUNDS.get(g, Text(g, g)) for g in action.suspends.grounds)
        notes.append(Text("事由：{x}", "grounds: {x}").format(x=grounds))
    if action.within:
        notes.append(Text("办结后 {x} 内", "within {x} of the end").format(x=action.within.title))
    if action.opens:
        notes.append(Text("另开：{x}", "opens: {x}").format(x=Text(action.opens, action.opens)))
    asked = [p.fields[code].title for code in (*action.form, *action.optional) if code in p.fields]
    return ActionView(
        action.title,
        action.code,
        p.steps[action.to].title if action.to in p.steps else None,
        _join(map(actor_words, action.by)) if action.by else Text("承办人", "whoever has it"),
        _join(asked),
        tuple(tags),
        tuple(notes),
    )


def _short(title: Text) -> Text:
    """Without the brackets that some titles carry: the limit stands beside it."""
    return Text(title.zh.split("（")[0], title.en.split(" (")[0])


def _join(texts: Iterable[Text]) -> Text:
    found = list(texts)
    return Text("、".join(t.zh for t in found), ", ".join(t.en for t in found))


def _of(step: Text, what: Text) -> Text:
    return Text(f"{step.zh} · {what.zh}", f"{step.en} · {what.en}")
