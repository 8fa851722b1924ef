"""What a list is narrowed to (筛选条件): read from an address, said in words, written as a file of rows.

The address alone says everything, so that a list can be shared as a link, kept under a name, and exported as it is.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from linli.base.clock import SHANGHAI, local
from linli.base.codes import truncate
from linli.base.errors import Invalid
from linli.base.i18n import Text, use_language
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Organisation
from linli.kernel.people.queries import organisations
from linli.kernel.places import queries as places
from linli.kernel.places.models import Area
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.queries import CaseFilters, case_page
from linli.kernel.procedures.registry import LIST_FILTERS, LONGEST_FILTER
from linli.kernel.procedures.versions import current_procedures, procedure_of
from linli.web import casewords
from linli.web.forms import Choice
from linli.web.registry import ListFilter, list_filters
from linli.web.within import decode_ring

ORDERS = {"newest": Text("最新在前", "newest first"), "due": Text("按到期", "by due time")}
WORDS_AT_MOST = 80
EXPORT_PAGE = 200
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)


@dataclass
class Asked:
    """The filters of one address (一组筛选条件), with what could not be understood."""

    filters: CaseFilters
    order: str = "newest"
    area: Area | None = None
    also: list[Area] = field(default_factory=list)  # other areas of that name
    lead: Organisation | None = None
    problems: dict[str, Text] = field(default_factory=dict)
    opened_from: str = ""
    opened_to: str = ""


def read_filters(query: Mapping[str, str], actor: Actor) -> Asked:
    """The filters that an address asks for (读取筛选条件). What is not understood narrows to nothing, and is said."""
    asked = Asked(CaseFilters())
    procedures = {p.code for p in current_procedures()}
    since, until = _day(query, "from", asked), _day(query, "to", asked)
    asked.area = _area(query, actor, asked)
    asked.lead = _lead(query, asked)
    _drawn_shape(query, asked)
    asked.order = query.get("order", "") if query.get("order") in ORDERS else "newest"
    asked.filters = CaseFilters(
        procedure=_one_of(query.get("procedure", ""), procedures),
        step=_one_of(query.get("step", ""), {s for s, _ in steps()}),
        status=_one_of(query.get("status", ""), set(casewords.STATUSES)),
        area=asked.area.prefix if asked.area else "",
        words=query.get("q", "").strip()[:WORDS_AT_MOST],
        late=query.get("late") in {"1", "on"},
        opened_from=_start(since) if since else None,
        opened_to=_start(until + timedelta(days=1)) if until else None,
        lead=asked.lead.pk if asked.lead else None,
        numbers=("",) if asked.problems else (),  # a number that no case has
        more={name: query[name][:LONGEST_FILTER] for name in LIST_FILTERS if query.get(name)},
    )
    asked.opened_from = since.isoformat() if since else query.get("from", "")
    asked.opened_to = until.isoformat() if until else query.get("to", "")
    return asked


def _one_of(value: str, known: set[str]) -> str:
    return value if value in known else ""


def _day(query: Mapping[str, str], name: str, asked: Asked) -> date | None:
    text = query.get(name, "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        if not EARLIEST <= day <= LATEST:
            raise ValueError
        return day
    except ValueError:
        asked.problems[name] = Text("请按 2026-11-22 这样填写日期。", "Write the date like 2026-11-22.")
        return None


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)


def _area(query: Mapping[str, str], actor: Actor, asked: Asked) -> Area | None:
    """By code, as links have it, or by the name that was typed."""
    name, code = query.get("where", "").strip()[:40], query.get("area", "").strip()
    if code.isalnum():
        known = Area.objects.filter(code=code).first()
        if known is not None and (not name or name == str(known.title)):
            return known
    if not name:
        return None
    # A name is looked for where the reader works before it is looked for everywhere.
    under = min((hat.area_prefix for hat in actor.hats), key=len, default="")
    found = places.search_by_name(name, under=under, limit=6) or places.search_by_name(name, limit=6)
    if not found:
        asked.problems["where"] = Text(
            f"没有叫“{name}”的区划或网格。请换个写法，例如“中山社区”。",
            f"There is no area called “{name}”. Try another spelling.",
        )
        return None
    exact = [a for a in found if name in {a.name, a.name_en}]
    first, *asked.also = exact or found
    return first


def _lead(query: Mapping[str, str], asked: Asked) -> Organisation | None:
    code = query.get("lead", "").strip()
    if not code:
        return None
    found = Organisation.objects.filter(code=code).first()
    if found is None:
        asked.problems["lead"] = Text("没有这个单位。", "No such organisation.")
    return found


def _drawn_shape(query: Mapping[str, str], asked: Asked) -> None:
    if not query.get("within"):
        return
    try:
        decode_ring(query["within"])
    except Invalid as error:
        asked.problems["within"] = error.message


def steps() -> list[tuple[str, Text]]:
    """The steps of all procedures in their order (环节), each code once."""
    found: dict[str, Text] = {}
    for procedure in current_procedures():
        for code, step in procedure.steps.items():
            found.setdefault(code, step.title)
    return list(found.items())


@dataclass(frozen=True)
class DrawnFilter:
    filter: ListFilter
    choices: list[Choice]
    value: str


def drawn_filters(query: Mapping[str, str], actor: Actor) -> list[DrawnFilter]:
    """The filters that domains brought (各领域的筛选)."""
    return [
        DrawnFilter(f, list(f.choices(actor)) if f.choices else [], query.get(f.name, ""))
        for f in list_filters()
    ]


def lead_choices(actor: Actor) -> list[Choice]:
    counties = {truncate(h.area_prefix, "county") for h in actor.hats if len(h.area_prefix) >= 6}
    under = counties.pop() if len(counties) == 1 else ""
    rows = organisations(under=under).order_by("kind", "code")[:300]
    return [Choice(o.code, o.title) for o in rows]


# ------------------------------------------------------------------------------------------------ the file

COLUMNS = (
    Text("编号", "Number"),
    Text("事项", "What"),
    Text("程序", "Procedure"),
    Text("乡镇（街道）", "Town"),
    Text("村（社区）", "Village"),
    Text("网格", "Grid"),
    Text("环节", "Step"),
    Text("状态", "State"),
    Text("类别与等级", "Category and grade"),
    Text("主办单位", "Lead organisation"),
    Text("渠道", "Channel"),
    Text("提出时间", "Opened"),
    Text("应办结时间", "Due"),
    Text("办结时间", "Ended"),
    Text("结果", "Outcome"),
    Text("是否超时", "Late"),
)


class _Line:
    """A file that gives back each line at once, so that a long list is never held in memory."""

    def write(self, text: str) -> str:
        return text


def csv_lines(asked: Asked, actor: Actor, now: datetime, language: str) -> Iterator[str]:
    """Exactly what was filtered, page by page (导出): no personal fields, and no cell that a spreadsheet would run."""
    writer = csv.writer(_Line())
    with use_language(language):
        header = "\ufeff" + writer.writerow([str(title) for title in COLUMNS])
    yield header
    cursor: str | None = ""
    while cursor is not None:
        page = case_page(actor, asked.filters, now=now, cursor=cursor, limit=EXPORT_PAGE, order=asked.order)
        with use_language(language):  # a generator runs after the request's language is gone
            trails = places.paths([case.area for case in page.items])
            lines = [
                writer.writerow(safe_cells(_cells(case, trails[case.area_id], now))) for case in page.items
            ]
        yield "".join(lines)
        cursor = page.next_cursor


def _cells(case: Case, trail: Iterable[Area], now: datetime) -> list[Any]:
    procedure = procedure_of(case.version_id)
    names = {area.level: area.title for area in trail}
    ended = case.ended_at
    late = case.due_at is not None and (ended or now) > case.due_at and case.status != "suspended"
    return [
        case.number,
        casewords.without_numbers(case.title),
        procedure.title,
        names.get("township", ""),
        names.get("village", ""),
        names.get("grid", ""),
        casewords.step_title(case, procedure),
        casewords.known(casewords.STATUSES, case.status),
        " / ".join(str(tag.text) for tag in casewords.tags_of(case, procedure)),
        case.lead.title if case.lead else "",
        casewords.known(casewords.CHANNELS, case.channel),
        _moment(case.opened_at),
        _moment(case.due_at),
        _moment(ended),
        casewords.outcome_of(case) if case.outcome else "",
        Text("是", "yes") if late else Text("否", "no"),
    ]


def _moment(moment: datetime | None) -> str:
    return f"{local(moment):%Y-%m-%d %H:%M}" if moment else ""


# In a Chinese locale a spreadsheet takes the full-width signs for the plain ones.
FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"


def safe_cells(cells: Iterable[Any]) -> list[str]:
    """No cell begins like a formula (防公式注入): a spreadsheet must show what residents wrote, not run it."""
    return [f"'{text}" if text[:1] in FORMULA_STARTS and text else text for text in map(str, cells)]
