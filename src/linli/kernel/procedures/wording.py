"""What the codes of procedure files are called (程序用语): actors, kinds, limits, channels, in both languages.

The same words stand on pages, in drawings, in comparisons and on the command line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.base.legaltime import Period, parse_period
from linli.kernel.procedures.definitions import FieldDef, Limit, Procedure
from linli.kernel.procedures.registry import GUARDS, LIMIT_SOURCES
from linli.kernel.procedures.roles import role_title

LEVELS = {
    "province": Text("省", "Province"),
    "prefecture": Text("设区市", "Prefecture"),
    "county": Text("县（区）", "County"),
    "township": Text("乡镇（街道）", "Township"),
    "village": Text("村（社区）", "Village"),
    "grid": Text("网格", "Grid"),
    "micro_grid": Text("微网格", "Micro-grid"),
}
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
    "lead": Text("主办单位", "the lead organisation"),
    "helpers": Text("协办单位", "the helping organisations"),
    "assigned": Text("承办单位", "the organisation in charge"),
    "window": Text("受理窗口", "the window that took it"),
}
CHANNELS = {
    "web": Text("网上", "web"),
    "window": Text("窗口", "window"),
    "phone": Text("电话", "phone"),
    "paper": Text("纸质", "paper"),
    "agency": Text("村（社区）代办", "a village agent"),
    "field": Text("巡查", "patrol"),
    "api": Text("其他系统", "other systems"),
    "sensor": Text("感知设备", "sensors"),
    "import": Text("历史导入", "import"),
    "case": Text("由另一件引出", "another case"),
}
SECRECY = {
    "public": Text("公开", "everybody"),
    "parties": Text("当事人和经办人", "the parties and the staff on it"),
    "handlers": Text("经办人", "the staff on it"),
    "named": Text("指定的人", "those named"),
    "internal": Text("内部", "staff"),
    "sealed": Text("保密", "sealed"),
}
WARNINGS = {
    "remind": Text("提醒", "reminder"),
    "yellow": Text("黄牌", "yellow card"),
    "red": Text("红牌", "red card"),
}
PRECISION = {**LEVELS, "point": Text("具体地点", "The exact place"), "none": Text("不显示", "Not shown")}
PARTS = {
    "lead": Text("主办单位", "the lead organisation"),
    "helper": Text("协办单位", "a helping organisation"),
    "disputed": Text("裁定人", "whoever decides the dispute"),
}
RETURNS = {
    "same": Text("退回原单位", "back to the same organisation"),
    "other": Text("改交另一单位", "on to another organisation"),
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
# Only to say which of two limits is the longer one; no due date is ever computed from these.
HOURS = {
    "minutes": 1 / 60,
    "hours": 1.0,
    "working_hours": 3.0,
    "days": 24.0,
    "working_days": 24 * 1.4,
    "months": 24 * 30.4,
    "years": 24 * 365.0,
}
NONE = Text("未定", "not set")
OTHERWISE = Text("其他", "otherwise")
_CJK = re.compile(r"[\u4e00-\u9fff]")


def titles_of(procedures: Iterable[Procedure]) -> dict[str, Text]:
    """What procedures and their outcomes are called (程序及其结果的名称): `licence`, `licence:granted`."""
    found: dict[str, Text] = {}
    for procedure in procedures:
        found[procedure.code] = procedure.title
        for step in procedure.steps.values():
            if step.kind == "end" and step.outcome:
                found.setdefault(f"{procedure.code}:{step.outcome}", step.title)
    return found


@dataclass(frozen=True)
class Names:
    """What the other procedures are called (其他程序的名称)."""

    titles: Mapping[str, Text]

    def of(self, code: str) -> Text:
        """`licence:granted` is the licence when it ended so."""
        return self.together([code])

    def together(self, codes: Iterable[str]) -> Text:
        """Several of them; outcomes of one procedure stand behind its name."""
        found: dict[str, list[Text]] = {}
        for code in codes:
            procedure, _, outcome = code.partition(":")
            outcomes = found.setdefault(procedure, [])
            if outcome:
                outcomes.append(self.titles.get(code) or OUTCOMES.get(outcome, plain(outcome)))
        return joined(self._one(procedure, joined(outcomes)) for procedure, outcomes in found.items())

    def _one(self, procedure: str, outcomes: Text) -> Text:
        title = self.titles.get(procedure, plain(procedure))
        if not outcomes.zh:
            return Text(f"《{title.zh}》", f"“{title.en}”")
        return Text(f"《{title.zh}》（{outcomes.zh}）", f"“{title.en}” ({outcomes.en})")


def joined(texts: Iterable[Text]) -> Text:
    found = list(texts)
    return Text("、".join(t.zh for t in found), ", ".join(t.en for t in found))


def plain(word: object) -> Text:
    return Text(str(word), str(word))


def actor_words(spec: str) -> Text:
    """`dispatcher@township` in words (承办人的说法): 乡镇（街道）调度员."""
    if spec in SPECIAL:
        return SPECIAL[spec]
    role, _, level = spec.partition("@")
    where = LEVELS.get(level) or SPECIAL.get(level)
    title = role_title(role)
    if level in SPECIAL:
        return Text(f"{where.zh}的{title.zh}", f"{title.en} of {where.en}") if where else title
    if where is None or title.zh.startswith(where.zh):
        return title
    return Text(f"{where.zh}{title.zh}", f"{where.en.lower()} {title.en}")


def actors(specs: Iterable[str]) -> Text:
    return joined(actor_words(spec) for spec in specs)


def short(title: Text) -> Text:
    """Without the brackets that some titles carry: the limit stands beside it."""
    return Text(title.zh.split("（")[0] or title.zh, title.en.split(" (")[0] or title.en)


def field_title(procedure: Procedure, code: str) -> Text:
    field = procedure.fields.get(code)
    return field.title if field else plain(code)


def step_title(procedure: Procedure, code: str) -> Text:
    step = procedure.steps.get(code)
    return step.title if step else Text(f"{code}（没有这个环节）", f"{code} (no such step)")


def values_of(field: FieldDef | None) -> dict[str, Text]:
    return {"default": OTHERWISE, **(dict(field.choices) if field else {})}


def limit_lines(limit: Limit | None, procedure: Procedure) -> list[Text]:
    """A limit, one line a value where it goes by a fact (时限的说法), then how it is counted and on what it rests."""
    if limit is None:
        return []
    lines = _periods(limit, procedure)
    if limit.start:
        lines.append(
            Text("自首次进入“{s}”起算", "counted from the first time at “{s}”").format(
                s=step_title(procedure, limit.start)
            )
        )
    if limit.within_case:
        lines.append(Text("不得超过全程的到期时间", "never beyond the due time of the whole case"))
    if limit.basis:
        lines.append(Text("依据：{b}", "basis: {b}").format(b=limit.basis))
    if limit.sample:
        lines.append(Text("样例，请按本地规定改", "a sample: set your own"))
    return lines


def _periods(limit: Limit, procedure: Procedure) -> list[Text]:
    if limit.period is not None:
        return [limit.period.title]
    field = procedure.fields.get(limit.by)
    titles = values_of(field)
    if limit.by in LIMIT_SOURCES:
        rest = limit.table.get("default")
        own = Text("按“{x}”各自的时限", "as each “{x}” says").format(x=field_title(procedure, limit.by))
        return [own] + ([Text("没有写明的：{p}", "otherwise: {p}").format(p=rest.title)] if rest else [])
    if set(limit.table) == {"default"}:
        return [limit.table["default"].title]
    lines = []
    for value, period in limit.table.items():
        title = short(titles.get(value, plain(value)))
        lines.append(Text(f"{title.zh}：{period.title.zh}", f"{title.en}: {period.title.en}"))
    return lines or [Text("按“{x}”定", "by {x}").format(x=field.title if field else plain(limit.by))]


def limit_short(limit: Limit | None, procedure: Procedure) -> Text | None:
    """A limit in one line (时限简述): one period, or the shortest and the longest of a table."""
    if limit is None:
        return None
    if limit.period is not None:
        return limit.period.title
    by = short(field_title(procedure, limit.by))
    periods = sorted(set(limit.table.values()), key=length)
    if periods and limit.by in LIMIT_SOURCES:
        return Text("{p}，或按{x}", "{p}, or by {x}").format(
            p=periods[-1].title, x=Text(by.zh, by.en.lower())
        )
    if not periods:
        return Text("按“{x}”定", "by {x}").format(x=by)
    if len(periods) == 1:
        return periods[0].title
    return Text("{a}～{b}（按{x}）", "{a} to {b} (by {x})").format(
        a=periods[0].title, b=periods[-1].title, x=Text(by.zh, by.en.lower())
    )


def length(period: Period) -> float:
    return period.n * HOURS[period.unit]


def keep_words(keep: str) -> Text:
    """`1 year after end` in words (保存期的说法)."""
    period, after, _ = keep.partition(" after end")
    try:
        title = parse_period(period).title
    except Invalid:
        return Text(keep, keep)
    return Text(f"办结后 {title.zh}", f"{title.en} after the end") if after else title


def join_words(join: str) -> Text:
    """When a joint step is done (会办何时办结)."""
    if join == "lead":
        return Text("主办单位办结即可", "done when the lead organisation is done")
    if join == "all":
        return Text("全部单位办结才算办结", "done when all organisations are done")
    n, _, of = join.partition(" of ")
    if of:
        return Text(f"{of} 家中有 {n} 家办结即可", f"done when {n} of {of} organisations are done")
    return plain(join)


def guard_words(name: str) -> Text:
    """What is checked first (先决条件): as the guard itself says it, else its name."""
    guard = GUARDS.get(name)
    first = (guard.__doc__ or "").strip().split("\n")[0].strip() if guard else ""
    if not first:
        return plain(name)
    bracket = re.search(r"\(([^()]*[\u4e00-\u9fff][^()]*)\)", first)
    if bracket and not _CJK.search(first[: bracket.start()]):
        return Text(bracket[1], first[: bracket.start()].strip(" .") or name)
    return Text(first.rstrip("。."), name) if _CJK.search(first) else Text(name, first.rstrip("."))
