"""`linli clock due` (到期计算): when a limit ends, by the law's counting and the official calendar."""

from __future__ import annotations

import argparse

from linli.base.businesshours import parse_hours
from linli.base.clock import SHANGHAI
from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.base.legaltime import Pause, due, due_after_suspension, parse_period, parse_start
from linli.base.workdays import DayTable
from linli.site.cli.answer import Answer
from linli.site.cli.house import has_database, open_house

TITLE = Text("按法定计时方法算到期时间", "compute when a limit ends, by the law's counting")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=["due"], help=str(Text("算到期", "compute the due time")))
    parser.add_argument(
        "--start",
        required=True,
        metavar="D[THH:MM]",
        help=str(Text("起算的日期或时刻", "day or moment it starts from")),
    )
    parser.add_argument(
        "--period",
        required=True,
        metavar="P",
        help=str(Text("期间，如 “3 working days”", 'period, such as "3 working days"')),
    )
    parser.add_argument(
        "--backwards",
        action="store_true",
        help=str(Text("倒算（某日之前多久）", "count back from the start")),
    )
    parser.add_argument(
        "--suspended",
        action="append",
        default=[],
        metavar="A/B",
        help=str(
            Text(
                "中止和恢复的时刻，可写多次", "when it was suspended and resumed; may be given several times"
            )
        ),
    )
    parser.add_argument(
        "--hours",
        metavar="H",
        help=str(
            Text("办公时间，如 “8:30-12:00 14:30-17:30”", 'business hours, such as "8:30-12:00 14:30-17:30"')
        ),
    )


def run(options: argparse.Namespace) -> Answer:
    start, period = parse_start(options.start), parse_period(options.period)
    hours = parse_hours(options.hours) if options.hours else None
    pauses = [_pause(text) for text in options.suspended]
    if options.backwards:
        if pauses:
            raise Invalid(
                "clock.backwards_suspended",
                Text(
                    "倒算的期限没有中止。请去掉 --suspended 或 --backwards。",
                    "A notice counted backwards is never suspended. Leave out --suspended or --backwards.",
                ),
            )
        found = due(period, start, calendar_at_hand(), backwards=True, hours=hours)
    else:
        found = due_after_suspension(period, start, pauses, calendar_at_hand(), hours=hours)
    facts = {
        "due_on": found.due_on.isoformat(),
        "due_at": found.due_at.isoformat(),
        "unrolled_on": found.unrolled_on.isoformat(),
        "provisional": found.provisional,
        "explanation": found.explanation.as_dict(),
    }
    return Answer(facts, f"{found.due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}\n{found.explanation}")


def _pause(text: str) -> Pause:
    """A pause as `A/B` (读取中止时段). Refuses `clock.bad_pause`: not two moments, or the second not after the first."""
    first, _, last = text.partition("/")
    pause = (parse_start(first), parse_start(last))
    if pause[0] > pause[1]:
        raise Invalid(
            "clock.bad_pause",
            Text(
                f"中止时段“{text}”的恢复早于中止。请按“中止/恢复”的先后写。",
                f"The pause {text!r} ends before it begins. Write it as suspended/resumed.",
            ),
        )
    return pause


def calendar_at_hand() -> DayTable:
    """The installation's own calendar (官方日历); where there is no database yet, the years that Linli brings."""
    if has_database():
        open_house()
        from linli.kernel.calendar.queries import official_calendar

        return official_calendar()
    from linli.kernel.calendar.shipped import shipped_years

    years = list(shipped_years())
    return DayTable(
        off=frozenset(day for year in years for day in year.off),
        work=frozenset(day for year in years for day in year.work),
        published=frozenset(year.year for year in years),
    )
