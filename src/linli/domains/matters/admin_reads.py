"""How often policies are read, for those who keep the catalogue (政策阅读量): totals alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linli.base.clock import today
from linli.domains.matters import policy_queries
from linli.domains.matters.admin_catalogue import AT_ONCE, county_for, trail
from linli.domains.matters.queries import spec_of
from linli.domains.matters.spec import TOPICS
from linli.web.faces import actor_of
from linli.web.views.admin.door import admin_only

NOT_READ = policy_queries.Reads(0, 0)


@admin_only
@require_safe
def reads(request: HttpRequest) -> HttpResponse:
    """How often policy cards were read (政策阅读量): by topic and by matter, in the last 30 days and this year."""
    county, on = county_for(actor_of(request)), today()
    page = policy_queries.with_cards(county, on=on, cursor=request.GET.get("cursor"), limit=AT_ONCE)
    topics = policy_queries.reads(county, on)
    codes = [v.matter.code for v in page.items]
    matters = policy_queries.reads_of_matters(county, codes, on)
    context = {
        "county": county,
        "all": topics.get("", NOT_READ),
        "topics": [(t, topics.get(c, NOT_READ)) for c, t in TOPICS.items() if c != "other"],
        "rows": [(spec_of(v), matters.get(v.matter.code, NOT_READ)) for v in page.items],
        "page": page,
        "year": on.year,
        "trail": trail(),
    }
    return render(request, "matters/admin/reads.html", context)
