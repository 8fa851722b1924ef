"""Time in words (时间的说法): what a person says about a due time and about a moment. Pure: no clock, no query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from linli.base.clock import local
from linli.base.i18n import Text

LATE, SOON, OK, PAUSED, DONE = "late", "soon", "ok", "paused", "done"

_WEEKDAYS = (
    Text("周一", "Mon"),
    Text("周二", "Tue"),
    Text("周三", "Wed"),
    Text("周四", "Thu"),
    Text("周五", "Fri"),
    Text("周六", "Sat"),
    Text("周日", "Sun"),
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class DueWords:
    """What to say about a due time: short for a list, whole for a hover or a screen reader, and how pressing."""

    short: Text
    whole: Text
    state: str  # late | soon | ok | paused | done


def due_words(
    due_at: datetime, now: datetime, *, paused: bool = False, done_at: datetime | None = None
) -> DueWords:
    """How near a due time is (离到期还有多久).

    Late from the due moment on; within the hour minutes are counted; today and tomorrow are said with their
    hour; any later day by its date. A paused clock says so, because then no hour is promised. Done work is
    never late on screen unless it was late when it was done.
    """
    whole = Text("应在 {when} 前完成", "Due by {when}").format(when=full_moment(due_at))
    if done_at is not None:
        late = done_at > due_at
        words = (
            Text("超时 {x} 办完", "done {x} late").format(x=length_words(done_at - due_at))
            if late
            else Text("按时办完", "done on time")
        )
        return DueWords(words, whole, DONE)
    if paused:
        return DueWords(Text("暂停计时", "clock stopped"), Text("计时已暂停", "The clock is stopped"), PAUSED)
    left = due_at - now
    if left <= timedelta(0):
        return DueWords(Text("超时 {x}", "{x} late").format(x=length_words(-left)), whole, LATE)
    if left < timedelta(hours=1):
        return DueWords(Text("还有 {x}", "{x} left").format(x=length_words(left)), whole, SOON)
    days = (local(due_at).date() - local(now).date()).days
    clock = f"{local(due_at):%H:%M}"
    if days == 0:
        return DueWords(Text(f"今天 {clock}", f"today {clock}"), whole, SOON)
    if days == 1:
        return DueWords(Text(f"明天 {clock}", f"tomorrow {clock}"), whole, OK)
    return DueWords(day_words(local(due_at).date(), local(now).date()), whole, OK)


def length_words(length: timedelta) -> Text:
    """A length in its largest fitting unit (时长): minutes under an hour, hours under two days, then days."""
    minutes = max(1, int(length.total_seconds() // 60))
    if minutes < 60:
        return Text(f"{minutes} 分钟", f"{minutes} min")
    hours = minutes // 60
    if hours < 48:
        return Text(f"{hours} 小时", f"{hours} h")
    return Text(f"{hours // 24} 天", f"{hours // 24} days")


def day_words(day: date, today: date) -> Text:
    """A date; the year is said only when it is another one (日期)."""
    if day.year == today.year:
        return Text(f"{day.month} 月 {day.day} 日", f"{day.day} {_MONTHS[day.month - 1]}")
    return Text(
        f"{day.year} 年 {day.month} 月 {day.day} 日", f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    )


def moment_words(moment: datetime, now: datetime) -> Text:
    """A moment as short as it can be said (时刻): the hour today, the weekday within the week, then the date."""
    at, here = local(moment), local(now)
    clock = f"{at:%H:%M}"
    days = (here.date() - at.date()).days
    if days == 0:
        return Text(clock, clock)
    if days == 1:
        return Text(f"昨天 {clock}", f"yesterday {clock}")
    if 1 < days < 7 or -7 < days < 0:
        name = _WEEKDAYS[at.weekday()]
        return Text(f"{name.zh} {clock}", f"{name.en} {clock}")
    day = day_words(at.date(), here.date())
    return Text(f"{day.zh} {clock}", f"{day.en} {clock}")


def full_moment(moment: datetime) -> Text:
    """A moment said whole (完整时刻): `2026 年 11 月 26 日（周四）17:00`."""
    at = local(moment)
    name = _WEEKDAYS[at.weekday()]
    return Text(
        f"{at.year} 年 {at.month} 月 {at.day} 日（{name.zh}）{at:%H:%M}",
        f"{name.en} {at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M}",
    )


def full_day(day: date) -> Text:
    """A day said whole (完整日期)."""
    name = _WEEKDAYS[day.weekday()]
    return Text(
        f"{day.year} 年 {day.month} 月 {day.day} 日（{name.zh}）",
        f"{name.en} {day.day} {_MONTHS[day.month - 1]} {day.year}",
    )


def size_words(n_bytes: int) -> str:
    """The size of a file (文件大小)."""
    if n_bytes < 1024 * 1024:
        return f"{max(1, round(n_bytes / 1024))} KB"
    return f"{n_bytes / 1024 / 1024:.1f} MB"
