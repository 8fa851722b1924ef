"""The official calendar (官方日历): years with their days off and make-up days, and the form that enters one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.base.clock import today
from linli.base.errors import Invalid, absent
from linli.base.i18n import Text
from linli.base.workdays import DayTable
from linli.kernel.calendar import queries as calendar
from linli.kernel.calendar.models import DayOff
from linli.kernel.calendar.services import YearImport
from linli.kernel.people.actors import Actor
from linli.kernel.people.queries import audit_page
from linli.kernel.people.services.installation import administers_all, enter_year, require_installation
from linli.kernel.procedures.recount import Foreseen, foreseen, recount_by_calendar
from linli.web.faces import actor_of
from linli.web.forms import FieldView
from linli.web.views.admin.door import admin_only
from linli.web.views.admin.logbook import Line, entries
from linli.web.views.admin.screens import MEND, Done, Entered, Screen, ask, show
from linli.web.views.admin.yearwords import year_in_months

YEARS = Text("放假安排", "Days off")
LONGEST_SPAN = 31
RECOUNTED_AT_ONCE = 500  # what somebody can wait for on a page
_LINE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:\s*(?:~|～|至|到|—|–|\.\.)\s*(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?)?[\s,，　]+(\S.*)"
)
WEEKDAYS = [Text(zh, en) for zh, en in zip("一二三四五六日", "Mo Tu We Th Fr Sa Su".split(), strict=True)]
FIELDS = (
    FieldView("year", Text("年份", "Year"), "integer", required=True, max=4),
    FieldView(
        "notice",
        Text("通知文号或网址", "Number or address of the notice"),
        required=True,
        max=300,
        hint=Text("例如：国办发明电〔2026〕7号", "Such as: State Council notice 7 of 2026"),
    ),
    FieldView(
        "off",
        Text("放假的日子", "Days off"),
        "text",
        required=True,
        hint=Text(
            "一行一段：2027-02-05 至 2027-02-11 春节。平常的周末不用写。",
            "A line for each: 2027-02-05 ~ 2027-02-11 Spring Festival. Ordinary weekends are left out.",
        ),
    ),
    FieldView(
        "work",
        Text("调休上班的周末", "Weekend days worked"),
        "text",
        hint=Text("一行一天：2027-02-20 春节调休。", "A line for each: 2027-02-20 Spring Festival."),
    ),
)


@admin_only
@require_safe
def years(request: HttpRequest) -> HttpResponse:
    """The years whose table is entered (已录入年份), and the first that is missing."""
    context = {
        "years": list(calendar.published_years()[:40]),
        "missing": calendar.first_unpublished(today()),
        "this_year": today().year,
        "may": administers_all(actor_of(request)),
    }
    return render(request, "web/admin/years.html", context)


@admin_only
@require_safe
def year(request: HttpRequest, year: int) -> HttpResponse:
    """One year's table (某年放假安排), as the notice says it: spans of days with their festival."""
    published = calendar.published_years().filter(year=year).first()
    if published is None:
        raise absent(Text("年表", "year table"))
    days = list(calendar.days_of(year))
    context = {
        "published": published,
        "trail": [(YEARS, reverse("web:admin_years"))],
        "off": spans(d for d in days if d.kind == DayOff.Kind.OFF),
        "work": spans(d for d in days if d.kind == DayOff.Kind.WORK),
        "months": year_in_months(year, days),
        "weekdays": WEEKDAYS,
        "log": _log(actor_of(request), year),
        "may": administers_all(actor_of(request)),
    }
    return render(request, "web/admin/year.html", context)


@admin_only
def enter(request: HttpRequest) -> HttpResponse:
    """Enter or correct a year (录入放假安排) from the State Council's yearly notice."""
    actor = actor_of(request)
    require_installation(actor)

    def act(entered: Entered) -> Done | HttpResponse:
        wrong: dict[str, Text] = {}
        off, work = (_days(entered[name] or "", name, wrong) for name in ("off", "work"))
        text = entered["year"] or ""
        if not (text.isascii() and text.isdigit()):
            wrong["year"] = Text("请填四位年份。", "Enter a year of four digits.")
        if wrong:
            raise Invalid("web.bad_days", MEND, fields=wrong)
        saving, before = request.POST.get("act") == "save", calendar.official_calendar()
        with transaction.atomic():
            done = enter_year(int(text), off=off, work=work, notice=entered["notice"] or "", by=actor)
            # Looked at first: what the verb refuses is refused here already, and nothing stays.
            seen = None if saving else _foreseen(done, before)
            transaction.set_rollback(not saving)
        if not saving:
            context = {
                "done": done,
                "seen": seen,
                "entered": [(f.code, entered[f.code] or "") for f in FIELDS],
            }
            return show(request, replace(screen, context=context), entered)
        anew = recount_by_calendar(by=actor, most=RECOUNTED_AT_ONCE)
        rest = Text("", "")
        if not anew.done:
            rest = Text("其余的由后台接着算。", " The rest is counted in the background.")
        said = Text(
            f"{done.year} 年已保存，有 {len(done.changed)} 天与原来不同。{anew.n_changed} 件办件的时限已按新表重算并留痕。{rest.zh}",
            f"{done.year} is saved; {len(done.changed)} days differ from before. "
            f"{anew.n_changed} cases were counted anew, with a record in each.{rest.en}",
        )
        return Done(said, reverse("web:admin_year", args=[done.year]))

    asked = request.GET.get("year", "")
    missing = calendar.first_unpublished(today())
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else missing
    published = calendar.published_years().filter(year=wanted).first()
    values = {"year": wanted, "notice": published.notice if published else ""}
    days = list(calendar.days_of(wanted)) if published else []
    for name, kind in (("off", DayOff.Kind.OFF), ("work", DayOff.Kind.WORK)):
        values[name] = "\n".join(_line(*span) for span in spans(d for d in days if d.kind == kind))
    warning = Text(
        "保存后整年以这张表为准，原来的会被替换。在办的事里，暂定的和受影响的到期日马上按新表重算，并在办件里留痕；办结的不变。",
        "The table takes the place of the old one for the whole year. Due dates of running cases that are provisional or concerned "
        "are counted anew at once, with a record; what has ended stays.",
    )
    trail = [(YEARS, reverse("web:admin_years"))]
    screen = Screen(
        Text("录入放假安排", "Enter days off"),
        FIELDS,
        Text("看影响", "See what it does"),
        trail,
        warning=warning,
        template="web/admin/year_enter.html",
    )
    return ask(request, screen, act, values)


def _foreseen(done: YearImport, before: DayTable) -> Foreseen | None:
    """Which due dates would move (到期日变化), asked while the new table is there."""
    days = [*done.changed]
    if done.first_time:
        days += [date(done.year, 1, 1), date(done.year, 12, 31)]
    return foreseen(before, calendar.official_calendar(), min(days), max(days)) if days else None


def _log(actor: Actor, year: int) -> list[Line]:
    """Who entered or corrected a year, and which days that changed (录入历史)."""
    found = audit_page(actor, act="people.year_entered", limit=100).items
    return entries(e for e in found if e.facts.get("year") == year)


def spans(days: Iterable[DayOff]) -> list[tuple[date, date, str]]:
    """Days in a row with one name, as from–to (连续日期合并)."""
    found: list[tuple[date, date, str]] = []
    for day in sorted(days, key=lambda d: d.date):
        if found and found[-1][2] == day.name and day.date - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day.date, day.name)
        else:
            found.append((day.date, day.date, day.name))
    return found


def _line(first: date, last: date, name: str) -> str:
    return f"{first} {name}" if first == last else f"{first} ~ {last} {name}"


def _days(text: str, field: str, wrong: dict[str, Text]) -> dict[date, str]:
    """Lines as days with their festival (读取日期行); what cannot be read is named by its line."""
    found: dict[date, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        span = _span(line.strip())
        if span is None:
            wrong[field] = Text(
                f"第 {number} 行没看懂：“{line.strip()[:40]}”。请写成 2027-02-05 ~ 2027-02-11 春节。",
                f"Line {number} was not understood: “{line.strip()[:40]}”. Write 2027-02-05 ~ 2027-02-11 name.",
            )
            return {}
        first, last, name = span
        found |= {first + timedelta(days=i): name for i in range((last - first).days + 1)}
    return found


def _span(line: str) -> tuple[date, date, str] | None:
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    try:
        first = date(int(match[1]), int(match[2]), int(match[3]))
        last = date(int(match[4]), int(match[5]), int(match[6])) if match[4] else first
    except ValueError:
        return None
    return (first, last, match[7]) if 0 <= (last - first).days < LONGEST_SPAN else None
