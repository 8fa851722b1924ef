"""What the faces say of a publication (公示的说法), and where they show it: first page, menu, case page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import segno
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from linli.base.clock import local, now
from linli.base.errors import NotFound
from linli.base.i18n import Text, text_from
from linli.base.legaltime import parse_period
from linli.base.legaltime_words import day_text
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.versions import current_procedures, current_version, procedure_of
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.publicity.models import NOTICE, RESULT, SHOWN, WITHDRAWN, Publication
from linli.kernel.publicity.queries import Filters, objections_to, of_case, on_show, published
from linli.web import casewords, registry
from linli.web.faces import area_of

ON_HOME = 3
KINDS = {NOTICE: Text("公示", "Public notice"), RESULT: Text("结果公开", "Result")}
MATTERS = Text("公示", "On public notice")
OVER = Text("公示期已满", "its days are over")


@dataclass(frozen=True)
class FactLine:
    title: Text
    value: Text
    masked: bool


@dataclass(frozen=True)
class Shown:
    """A publication as anybody reads it (公示内容)."""

    row: Publication
    url: str
    kind: Text
    where: Text
    who: Text | None
    facts: tuple[FactLine, ...]
    state: Text
    tone: str  # of its tag
    left: Text | None
    length: Text | None
    takes_objections: bool

    @property
    def basis(self) -> str:
        """Said once: not again where a fact says the same."""
        return "" if any(self.row.basis == fact.value.zh for fact in self.facts) else self.row.basis

    @property
    def n_answered(self) -> int:
        return self.row.n_objections - self.row.n_open_objections


def shown(row: Publication, at: datetime) -> Shown:
    state, tone = _state(row, at)
    return Shown(
        row=row,
        url=reverse("web:publication", args=[row.uid]),
        kind=KINDS[row.kind],
        where=casewords.near(row.area),
        who=row.organisation.title if row.organisation else None,
        facts=tuple(
            FactLine(text_from(f["title"]), text_from(f["value"]), bool(f["masked"])) for f in row.facts
        ),
        state=state,
        tone=tone,
        left=left_words(row.until_at, at) if row.is_shown and row.until_at else None,
        length=parse_period(row.period).title if row.period else None,
        takes_objections=row.takes_objections(at),
    )


def _state(row: Publication, at: datetime) -> tuple[Text, str]:
    if row.state == WITHDRAWN:
        return Text("已撤回", "Withdrawn"), "red"
    if row.state != SHOWN:
        return Text("已结束", "Ended"), ""
    if row.kind == RESULT:
        return KINDS[RESULT], "blue"
    return (Text("公示中", "On show"), "jade") if row.until_at is None or at <= row.until_at else (OVER, "")


def left_words(until_at: datetime, at: datetime) -> Text:
    """How long it is still shown (还剩几天), in days as people count them."""
    if at > until_at:
        return OVER
    clock = f"{local(until_at):%H:%M}"
    days = (local(until_at).date() - local(at).date()).days
    if days == 0:
        return Text(f"今天 {clock} 截止", f"until today {clock}")
    if days == 1:
        return Text(f"明天 {clock} 截止", f"until tomorrow {clock}")
    return Text(f"还有 {days} 天", f"{days} days left")


def objection_procedure(row: Publication) -> Procedure | None:
    """How one objects to it (异议程序), in the version of its area."""
    if not row.objection:
        return None
    try:
        return procedure_of(current_version(row.objection, row.grid))
    except NotFound:
        return None


def publishing_procedures() -> list[Procedure]:
    """The procedures that make something public (会公示的程序), for the filter of the list."""
    return sorted((p for p in current_procedures() if publishes(p)), key=lambda p: p.code)


def publishes(procedure: Procedure) -> bool:
    actions = [
        *procedure.anywhere.values(),
        *(a for s in procedure.steps.values() for a in s.actions.values()),
    ]
    return any(s.kind == "publicity" for s in procedure.steps.values()) or any(a.publishes for a in actions)


def qr_svg(address: str, *, border: int = 1) -> str:
    made = segno.make(address, error="m")
    return str(made.svg_inline(scale=4, border=border, light="#fff", omitsize=True))


# --------------------------------------------------------------------------------------------- where it is shown


def home_section(request: HttpRequest) -> str | None:
    """正在公示: the newest of the reader's area; nothing where nothing is on show."""
    page = published(Filters(area=_chosen(request), kind=NOTICE), limit=ON_HOME)
    rows = _all_shown(page.items)
    context = {"rows": rows, "area": area_of(request)}
    return render_to_string("web/publicity/home.html", context) if rows else None


def on_show_line(request: HttpRequest) -> Text:
    """How many are open to objections in the reader's area, and which day the next one ends (公示动态)."""
    found = on_show(_chosen(request), now())
    if found.next_end is None:
        return Text("现在没有正在公示的", "Nothing is on notice now")
    until = day_text(local(found.next_end).date(), local(now()).year)
    if found.n == 1:
        return Text(f"1 件在公示，到{until.zh}", f"1 notice, until {until.en}")
    return Text(f"{found.n} 件在公示，最近到{until.zh}", f"{found.n} notices, the next until {until.en}")


def newest_result(request: HttpRequest) -> Text | None:
    """The newest decision that was made public in the reader's area (最新公开的结果); none, and there is no tile."""
    page = published(Filters(area=_chosen(request), kind=RESULT), limit=1)
    return page.items[0].name if page.items else None


def _chosen(request: HttpRequest) -> str:
    area = area_of(request)
    return area.prefix if area else ""


def case_panel(request: HttpRequest, case: Case, actor: Actor) -> str | None:
    """What this case shows in public (本件的公示): until when, objections, and the poster to print."""
    if not publishes(procedure_of(case.version_id)):
        return None
    rows = of_case(case.pk)
    if not rows:
        return None
    objections = objections_to(rows) if actor.is_staff else []
    numbers = [o.case_number for o in objections]
    seen = (
        set(visible_to(actor).filter(number__in=numbers).values_list("number", flat=True)) if numbers else ()
    )
    context = {
        "rows": [
            (view, [(o, o.case_number in seen) for o in objections if o.publication_id == view.row.pk])
            for view in _all_shown(rows)
        ],
        "staff": request.path.startswith("/staff/"),
    }
    return render_to_string("web/publicity/panel.html", context, request=request)


def _all_shown(rows: Iterable[Publication]) -> list[Shown]:
    at = now()
    return [shown(row, at) for row in rows]


def register() -> None:
    registry.home_card(
        "public", MATTERS, "web:public", order=20, line=on_show_line, icon="notice", query=f"kind={NOTICE}"
    )
    registry.home_card(
        "decided",
        Text("已经决定的", "What was decided"),
        "web:public",
        order=30,
        line=newest_result,
        icon="decided",
        query=f"kind={RESULT}",
    )
    registry.home_section("public", order=20, render=home_section)
    registry.menu_entry("resident", "public", MATTERS, "web:public", order=30)
    registry.case_panel("publicity", order=5, render=case_panel, faces=("staff", "resident"))
