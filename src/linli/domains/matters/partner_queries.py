"""Reads of mass organisations (群团组织查询): all that is entered and signed is public; a draft is the body's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from linli.base.errors import absent
from linli.base.i18n import Text
from linli.base.paging import PAGE_SIZE, Page, keyset
from linli.domains.matters.partner_models import OFFERS, Partner, PartnerOffer, PartnerReport
from linli.domains.matters.policy_queries import shown
from linli.domains.matters.queries import in_force
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area

BODY = Text("群团组织", "body")
REPORTS_SHOWN = 12


def bodies(
    county: Area, *, kind: str = "", cursor: str | None = "", limit: int = PAGE_SIZE, closed: bool = False
) -> Page[Partner]:
    """The bodies on a county's register (在册群团组织), by code, in one query; `closed`: those whose office was closed, too."""
    found = _known().filter(county=county, ended_on=None)
    if not closed:
        found = found.filter(organisation__active=True)
    if kind:
        found = found.filter(kind=kind)
    return keyset(found, ["organisation__code"], cursor, limit)


def kinds_of(county: Area) -> set[str]:
    """The kinds of bodies on a county's register (在册的类别)."""
    rows = Partner.objects.filter(county=county, ended_on=None, organisation__active=True)
    return set(rows.values_list("kind", flat=True).distinct())


def body(code: str) -> Partner:
    """A body by its organisation's code (群团组织), also one that has left the register: its reports stay."""
    found = _known().filter(organisation__code=code).first()
    if found is None:
        raise absent(BODY)
    return found


def own_bodies(actor: Actor) -> list[Partner]:
    """The bodies in which this person holds a post (本人任职的群团组织)."""
    found = _known().filter(organisation__in=actor.organisation_ids, ended_on=None)
    return list(found.order_by("organisation__code"))


def offers_of(partners: Sequence[Partner], on: date) -> dict[int, list[PartnerOffer]]:
    """What each body offers now (在办的服务和资源), services first, by body, in one query; each knows whether its matter
    is in force."""
    rows = (
        PartnerOffer.objects.filter(partner__in=[p.pk for p in partners], ended_on=None)
        .annotate(is_in_force=Exists(in_force(on).filter(matter=OuterRef("matter"))))
        .select_related("matter")
        .order_by("number")
    )
    found: dict[int, list[PartnerOffer]] = {}
    for row in sorted(rows, key=lambda r: list(OFFERS).index(r.kind)):
        found.setdefault(row.partner_id, []).append(row)
    return found


def offer(partner: Partner, number: int) -> PartnerOffer:
    found = PartnerOffer.objects.filter(partner=partner, number=number).select_related("matter").first()
    if found is None:
        raise absent(Text("服务或资源", "offer"))
    return found


def offered_since(partner: Partner, since: date) -> list[PartnerOffer]:
    """What a body has offered since a day (此日以来的服务和资源): a report on that time is asked about each."""
    return list(partner.offers.filter(Q(ended_on=None) | Q(ended_on__gte=since)).order_by("number"))


def latest_reports(partners: Sequence[Partner]) -> dict[int, PartnerReport]:
    """The newest signed report of each body (最新成效报告), by body, in one query."""
    newer = _signed().filter(partner=OuterRef("partner")).filter(
        Q(quarter__gt=OuterRef("quarter")) | Q(quarter=OuterRef("quarter"), edition__gt=OuterRef("edition"))
    )  # fmt: skip
    rows = _signed().filter(~Exists(newer), partner__in=[p.pk for p in partners])
    return {row.partner_id: row for row in rows}


def reports_of(partner: Partner) -> list[PartnerReport]:
    """The signed reports of a body (已公布的成效报告), every edition, the newest first."""
    return list(_signed().filter(partner=partner).order_by("-quarter", "-edition")[:REPORTS_SHOWN])


def draft_of(partner: Partner, quarter: date) -> PartnerReport | None:
    return partner.reports.filter(quarter=quarter, signed_at=None).first()


def signed_of(partner: Partner, quarter: date) -> PartnerReport | None:
    return _signed().filter(partner=partner, quarter=quarter).order_by("-edition").first()


def standing(
    partner: Partner, quarters: Sequence[date]
) -> list[tuple[date, PartnerReport | None, PartnerReport | None]]:
    """For each quarter the draft and the newest signed edition (各季度报告进度), in one query."""
    rows = list(partner.reports.filter(quarter__in=quarters).order_by("edition"))
    drafts = {r.quarter: r for r in rows if r.signed_at is None}
    signed = {r.quarter: r for r in rows if r.signed_at}
    return [(quarter, drafts.get(quarter), signed.get(quarter)) for quarter in quarters]


@dataclass(frozen=True)
class Line:
    """One line of a report as it is read (一行成效)."""

    title: Text
    kind: Text
    n_times: int
    n_people: Text | int


def lines_of(report: PartnerReport) -> list[Line]:
    """The totals of a report (合计数): people under five are not shown, and no sum by which they could be worked out."""
    return [_line(line) for line in report.lines if line["n_times"] or line["n_people"]]


def _line(line: dict[str, Any]) -> Line:
    return Line(Text(**line["title"]), OFFERS[line["kind"]], line["n_times"], shown(line["n_people"]))


def _known() -> QuerySet[Partner]:
    return Partner.objects.select_related("organisation", "county")


def _signed() -> QuerySet[PartnerReport]:
    return PartnerReport.objects.filter(signed_at__isnull=False)
