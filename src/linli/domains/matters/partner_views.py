"""Mass organisations as residents read them (群团组织能为您做什么): what each offers, how to ask, what came of it. Public."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linli.base.clock import today
from linli.domains.matters import partner_queries as q
from linli.domains.matters.partner_models import KINDS, SERVICE, Partner, PartnerOffer, PartnerReport
from linli.domains.matters.queries import county_of
from linli.domains.matters.standards import quarter_code
from linli.web.contacts import Contact
from linli.web.faces import area_of

AT_ONCE = 20
OF_EACH = 6  # services, and things shared, beside a body's name; its own page has all


@require_safe
def partners(request: HttpRequest) -> HttpResponse:
    """What each body can do for me (每个群团组织能为您做什么): by body, with how to ask and its latest report."""
    county, on = county_of(area_of(request)), today()
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    page = q.bodies(county, kind=kind, cursor=request.GET.get("cursor", ""), limit=AT_ONCE)
    offers, reports = q.offers_of(page.items, on), q.latest_reports(page.items)
    there = q.kinds_of(county)
    context = {
        "county": county,
        "kind": kind,
        "kinds": [(code, title) for code, title in KINDS.items() if code in there or code == kind],
        "page": page,
        "rows": [_row(body, offers.get(body.pk, []), reports.get(body.pk)) for body in page.items],
    }
    return render(request, "matters/partners/list.html", context)


def _row(body: Partner, offers: list[PartnerOffer], report: PartnerReport | None) -> dict[str, Any]:
    services = [o for o in offers if o.kind == SERVICE]
    shared = [o for o in offers if o.kind != SERVICE]
    return {
        "body": body,
        "contact": contact_of(body),
        "services": services[:OF_EACH],
        "shared": shared[:OF_EACH],
        "n_more": len(services[OF_EACH:]) + len(shared[OF_EACH:]),
        "report": report,
        "quarter": quarter_code(report.quarter) if report else "",
    }


@require_safe
def partner(request: HttpRequest, code: str) -> HttpResponse:
    """One body (一个群团组织): its services, what it shares, and its reports, every edition of them."""
    body = q.body(code)
    gone = body.ended_on is not None or not body.organisation.active
    offers = [] if gone else q.offers_of([body], today()).get(body.pk, [])
    reports = q.reports_of(body)
    asked = request.GET.get("report", "")
    report = next((r for r in reports if report_code(r) == asked), reports[0] if reports else None)
    context = {
        "body": body,
        "contact": contact_of(body),
        "services": [o for o in offers if o.kind == SERVICE],
        "shared": [o for o in offers if o.kind != SERVICE],
        "report": report,
        "quarter": quarter_code(report.quarter) if report else "",
        "lines": q.lines_of(report) if report else [],
        "reports": [(report_code(r), r, quarter_code(r.quarter)) for r in reports]
        if len(reports) > 1
        else [],
    }
    return render(request, "matters/partners/body.html", context)


def contact_of(body: Partner) -> Contact:
    office = body.organisation
    return Contact(office.title, office.phone, office.address)


def report_code(report: PartnerReport) -> str:
    """How an address says one edition of a report (报告的写法): 2026-3-1."""
    return f"{quarter_code(report.quarter)}-{report.edition}"
