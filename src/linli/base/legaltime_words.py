"""Why a due date is what it is (期限说明): one sentence in each language that a layman understands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from linli.base.clock import local
from linli.base.i18n import Text
from linli.base.periods import Period
from linli.base.workdays import SATURDAY, BusinessHours, Spans, WorkCalendar, spans_text

DAY = timedelta(days=1)
RECEIVED = Text("收到", "Received")
# Beyond this many holidays and make-up days a list helps nobody: their number is told instead.
LONGEST_LIST = 6

_ZH_DAYS = "一二三四五六日"
_EN_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EN_MONTHS = (
    "January February March April May June July August September October November December"
).split(" ")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counting:
    """How a period was counted (计算过程): all that its explanation needs."""

    period: Period
    start: datetime
    due_at: datetime
    unrolled_on: date
    unpublished: tuple[int, ...]
    pauses: tuple[tuple[datetime, datetime], ...]
    calendar: WorkCalendar
    hours: BusinessHours
    backwards: bool
    began: Text
    own_hours: bool = False  # set by the organisation, not the sample


@dataclass(frozen=True, slots=True)
class Extended:
    """By what a period was extended (延长), and how that was counted; `most` where it was cut to the first limit."""

    by: Period
    counting: Counting
    most: Period | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """A moment from outside that a period may not pass (上限)."""

    due_at: datetime
    why: Text


Change: TypeAlias = "Extended | Cut"


def explain(c: Counting, changes: Sequence[Change] = ()) -> Text:
    """Explain a due date (说明期限如何算出), naming only the days off and make-up days that fell into it."""
    head, *clauses = [_head(c), _run(c), *_pauses(c), *_days_off(c), *_end(c)]
    zh = f"{head.zh}；" + "，".join(clause.zh for clause in clauses)
    en = f"{head.en}; " + "; ".join(clause.en for clause in clauses)
    years = set(c.unpublished)
    for change in changes:
        said = _cut(change, local(c.start).year) if isinstance(change, Cut) else _extension(change)
        years.update(change.counting.unpublished if isinstance(change, Extended) else ())
        zh, en = f"{zh}；{said.zh}", f"{en}; {said.en}"
    zh, en = f"{zh}。", f"{en}."
    if years:
        zh_years = "、".join(f"{year}年" for year in sorted(years))
        en_years = _en_list([str(year) for year in sorted(years)])
        zh += f"{zh_years}放假安排尚未公布，此日期为暂定。"
        en += f" The days off of {en_years} are not published yet, so this date is provisional."
    return Text(zh, en)


def _extension(change: Extended) -> Text:
    c = change.counting
    clauses = [_run(c), *_pauses(c), *_days_off(c), *_end(c)]
    zh, en = f"经批准延长{change.by.zh}", f"it was extended by {change.by.en}"
    if change.most is not None:
        zh += f"，但延长不超过原时限{change.most.zh}"
        en += f", though never by more than the first limit of {change.most.en}"
    return Text(
        f"{zh}：" + "，".join(clause.zh for clause in clauses),
        f"{en}: " + "; ".join(clause.en for clause in clauses),
    )


def _cut(change: Cut, year: int) -> Text:
    at = local(change.due_at)
    return Text(
        f"{change.why.zh}，以{_zh(at, year)}{at:%H:%M}为准",
        f"{change.why.en}, so {_en(at, year)} at {at:%H:%M} is what counts",
    )


def _by_the_clock(c: Counting) -> bool:
    return c.period.unit in {"minutes", "hours", "working_hours"}


def _head(c: Counting) -> Text:
    """From when: the set moment for hours (Civil Code 201 II), the next day for days, months, years (201 I)."""
    start = local(c.start)
    zh, en = _zh(start, None), _en(start, None)
    if _by_the_clock(c):
        zh, en = f"{zh}{start:%H:%M}", f"{en} at {start:%H:%M}"
        if c.backwards:
            return Text(f"以{zh}为准往前推算", f"Counted back from {en}")
        return Text(f"{zh}{c.began.zh}，从当时起算", f"{c.began.en} on {en}, from which moment the time runs")
    if c.backwards:
        return Text(f"以{zh}为准，当日不计", f"Counted back from {en}, a day that is not counted")
    return Text(f"{zh}{c.began.zh}，当日不计", f"{c.began.en} on {en}, a day that is not counted")


def _run(c: Counting) -> Text:
    if c.period.unit in {"minutes", "hours"}:
        return Text(
            f"连续计算{c.period.zh}，节假日也计入", f"{c.period.en} on end, days off and nights included"
        )
    if c.period.unit == "working_hours":
        hours = _hours(c)
        return Text(
            f"只计办公时间（{hours.zh}），共{c.period.zh}",
            f"only business hours ({hours.en}) are counted, {c.period.en} in all",
        )
    verb = "runs" if c.period.n == 1 else "run"
    year = local(c.start).year
    if c.backwards:
        day = local(c.start).date() - DAY
        return Text(
            f"从{_zh(day, year)}往前数{c.period.zh}", f"{c.period.en} {verb} back from {_en(day, year)}"
        )
    day = local(c.start).date() + DAY
    return Text(f"从{_zh(day, year)}起算{c.period.zh}", f"{c.period.en} {verb} from {_en(day, year)}")


def _hours(c: Counting) -> Text:
    """The business hours of the days that were counted (适用的办公时间); in two seasons each with its first day."""
    found: list[tuple[date, Spans]] = []
    for day in _counted_span(c):
        spans = c.hours.spans_on(day)
        if c.calendar.is_working_day(day) and (not found or found[-1][1] != spans):
            found.append((day, spans))
    year = local(c.start).year
    if len(found) < 2:
        zh = spans_text(found[0][1]) if found else str(c.hours)
        return Text(zh, zh.replace("、", ", "))
    return Text(
        "，".join(f"{_zh(day, year)}起{spans_text(spans)}" for day, spans in found),
        "; ".join(f"{spans_text(spans).replace('、', ', ')} from {_en(day, year)}" for day, spans in found),
    )


def _pauses(c: Counting) -> list[Text]:
    """When the clock stood still (中止时段); of days, a pause within one day uses up nothing of it."""
    year = local(c.start).year
    clauses, spans = [], []
    for paused_at, resumed_at in c.pauses:
        a, b = local(paused_at), local(resumed_at)
        if _by_the_clock(c):
            spans.append(
                Text(
                    f"{_zh(a, year)}{a:%H:%M}中止、{_zh(b, year)}{b:%H:%M}恢复",
                    f"from {_en(a, year)} {a:%H:%M} to {_en(b, year)} {b:%H:%M}",
                )
            )
        elif a.date() == b.date():
            clauses.append(
                Text(
                    f"{_zh(a, year)}当天中止又恢复，这一天仍计入",
                    f"it was suspended and resumed within {_en(a, year)}, which still counts",
                )
            )
        else:
            spans.append(
                Text(
                    f"{_zh(a, year)}中止、{_zh(b, year)}恢复",
                    f"from {_en(a, year)} until it resumed on {_en(b, year)}",
                )
            )
    if spans:
        zh = "，".join(span.zh for span in spans)
        en = _en_list([span.en for span in spans])
        clauses.append(Text(f"{zh}，中止期间不计", f"the time it was suspended, {en}, does not count"))
    return clauses


def _days_off(c: Counting) -> list[Text]:
    if c.period.unit not in {"working_days", "working_hours"}:
        return []
    year = local(c.start).year
    days = _counted_span(c)
    holidays: list[list[date]] = []
    weekends = False
    for run in _runs(days, c.calendar.is_day_off):
        if any(day.weekday() < SATURDAY for day in run):
            holidays.append(run)
        else:
            weekends = True
    made_up = [day for day in days if day.weekday() >= SATURDAY and c.calendar.is_working_day(day)]
    if len(holidays) + len(made_up) > LONGEST_LIST:
        n_off = sum(len(run) for run in holidays)
        return [
            Text(
                f"其间放假{n_off}天和周末不计，调休上班{len(made_up)}天计入",
                f"weekends and {n_off} days of holidays do not count, {len(made_up)} make-up working days do",
            )
        ]
    clauses = []
    zh_off = ["、".join(_zh_range(run[0], run[-1], year) for run in holidays) + "放假"] if holidays else []
    en_off = [_en_list([_en_range(run[0], run[-1], year) for run in holidays])] if holidays else []
    if weekends:
        zh_off.append("周末")
        en_off.append("weekends" if not en_off else "weekends in between")
    if zh_off:
        off_en = " and the ".join(en_off) if len(en_off) > 1 else en_off[0]
        intro = "the days off " if holidays else ""
        clauses.append(Text("、".join(zh_off) + "不计", f"{intro}{off_en} do not count"))
    if made_up:
        zh = "、".join(f"{_zh(day, year)}（周{_ZH_DAYS[day.weekday()]}）" for day in made_up)
        en = _en_list([f"{_EN_DAYS[day.weekday()]} {_en(day, year)}" for day in made_up])
        many = len(made_up) > 1
        clauses.append(
            Text(
                f"{zh}调休上班计入",
                f"{en}, {'make-up working days, count' if many else 'a make-up working day, counts'}",
            )
        )
    return clauses


def _counted_span(c: Counting) -> list[date]:
    """Days from the first that could count to the last, without those on which the clock stood."""
    first, last = sorted((local(c.start).date(), local(c.due_at).date()))
    if not _by_the_clock(c):
        first, last = (first, last - DAY) if c.backwards else (first + DAY, last)
    spans = [(local(a).date(), local(b).date()) for a, b in c.pauses]
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    return [day for day in days if not any(a <= day < b for a, b in spans)]


def _end(c: Counting) -> list[Text]:
    start, end = local(c.start), local(c.due_at)
    year = start.year
    if _by_the_clock(c):
        zh, en = f"{_zh(end, year)}{end:%H:%M}", f"{_en(end, year)} at {end:%H:%M}"
        if c.backwards:
            return [Text(f"最迟{zh}", f"so it is {en} at the latest")]
        return [Text(f"到{zh}届满", f"the period ends on {en}")]
    zh, en = _zh(end, year), _en(end, year)
    if c.own_hours and not c.backwards and c.period.unit == "working_days":
        # Civil Code 203 II: where there are business hours, the last day ends at their close.
        zh, en = f"{zh}{end:%H:%M}下班时", f"{en} at {end:%H:%M}, close of business"
    clauses = []
    if c.period.unit in {"months", "years"} and not c.pauses and c.unrolled_on.day != start.day:
        # Civil Code 202: no corresponding day, so the last day of the month.
        clauses.append(
            Text(
                f"到期月没有{start.day}日，以月末日为最后一日",
                f"that month has no day {start.day}, so its last day is taken",
            )
        )
    if c.backwards:
        clauses.append(Text(f"最迟{zh}", f"so it is {en} at the latest"))
        if c.calendar.is_day_off(end.date()):
            clauses.append(
                Text(
                    "这一天是休息日，期限不往后顺延，请提前办理",
                    "this is a day off and is never moved later, so act before it",
                )
            )
    elif c.unrolled_on != end.date():
        # Civil Code 203 I; a day on which the clock stands again cannot be the last one either.
        off = c.calendar.is_day_off(c.unrolled_on)
        clauses.append(
            Text(
                f"最后一天{_zh(c.unrolled_on, year)}{'是休息日' if off else '在中止期间'}，顺延到{zh}届满",
                f"the last day, {_en(c.unrolled_on, year)}, is {'a day off' if off else 'within a suspension'}, "
                f"so the period ends on {en}",
            )
        )
    else:
        clauses.append(Text(f"到{zh}届满", f"the period ends on {en}"))
    return clauses


def day_text(day: date, year: int) -> Text:
    """A day said inside a sentence (日期); its year only where it is not `year`."""
    return Text(_zh(day, year), _en(day, year))


def _runs(days: Sequence[date], wanted: Callable[[date], bool]) -> list[list[date]]:
    runs: list[list[date]] = []
    for day in days:
        if not wanted(day):
            continue
        if runs and runs[-1][-1] + DAY == day:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _zh(day: date, year: int | None) -> str:
    """Day in Chinese; its year only where it is not `year`."""
    return ("" if day.year == year else f"{day.year}年") + f"{day.month}月{day.day}日"


def _en(day: date, year: int | None) -> str:
    return f"{day.day} {_EN_MONTHS[day.month - 1]}" + ("" if day.year == year else f" {day.year}")


def _zh_range(first: date, last: date, year: int) -> str:
    if first == last:
        return _zh(first, year)
    same_month = (first.year, first.month) == (last.year, last.month)
    return f"{_zh(first, year)}至" + (f"{last.day}日" if same_month else _zh(last, first.year))


def _en_range(first: date, last: date, year: int) -> str:
    if first == last:
        return _en(first, year)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{_en(last, year)}"
    return f"{_en(first, last.year)} – {_en(last, year)}"


def _en_list(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]
