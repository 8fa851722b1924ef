"""The archive of ended applications (归档): by the kind of result, for as long as each is kept; and what people were spared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from linli.base.clock import today
from linli.base.i18n import Text
from linli.base.paging import keyset
from linli.domains.matters import form, queries
from linli.domains.matters.form import ABOUT_APPLICANT, form_of
from linli.domains.matters.models import Application
from linli.domains.matters.spec import MatterSpec
from linli.kernel.people.actors import Actor
from linli.kernel.people.elements import owners
from linli.kernel.procedures.readers import in_words
from linli.kernel.procedures.visibility import visible_to
from linli.web.faces import actor_of, area_of, staff_only

AT_ONCE = 40
FEWEST = 5  # applications from which on an average is shown
ARCHIVES = {
    "matters": Text("政务服务", "Services"),
    "assistance": Text("社会救助", "Assistance"),
}


def archived(actor: Actor, kind: str = "") -> QuerySet[Application]:
    """Ended applications that this person may see, newest first (已归档的申请)."""
    rows = Application.objects.filter(archived_on__isnull=False, case__in=visible_to(actor).values("pk"))
    return (rows.filter(archive=kind) if kind else rows).select_related("case__version")


@never_cache
@require_safe
@staff_only
def archive(request: HttpRequest) -> HttpResponse:
    """What was archived (档案目录), of the cases that one's posts may see."""
    actor = actor_of(request)
    kind = request.GET.get("kind", "")
    kind = kind if kind in ARCHIVES else ""
    page = keyset(archived(actor, kind), ["-archived_on", "-case_id"], request.GET.get("cursor", ""), AT_ONCE)
    for row in page.items:
        in_words(row.case)
    context = {"page": page, "kind": kind, "kinds": ARCHIVES.items(), "titles": ARCHIVES}
    return render(request, "matters/archive.html", context)


@dataclass(frozen=True)
class SparedLine:
    """How much one matter asks, and how much of it is known (一个事项的免填免交)."""

    spec: MatterSpec
    asked: int
    known: int  # fields and papers that registers can answer
    n_applied: int
    average: float | None  # spared in real applications, from FEWEST on


@require_safe
def spared(request: HttpRequest) -> HttpResponse:
    """Fields asked against fields known, matter by matter (少填少交), and what people were really spared. Public."""
    county = queries.county_of(area_of(request))
    page = queries.matters_for(county, on=today(), cursor=request.GET.get("cursor", ""), limit=AT_ONCE)
    real = {
        row["version__matter__code"]: row
        for row in Application.objects.filter(version__matter__in=[v.matter_id for v in page.items])
        .values("version__matter__code")
        .annotate(n=Count("pk"), mean_fields=Avg("n_spared_fields"), mean_papers=Avg("n_spared_papers"))
    }
    lines = [_line(queries.spec_of(v), real.get(v.matter.code)) for v in page.items]
    return render(request, "matters/spared.html", {"page": page, "lines": lines})


def _line(spec: MatterSpec, real: Mapping[str, Any] | None) -> SparedLine:
    asked = form_of(spec)
    most = form.spared(asked, {}, {*ABOUT_APPLICANT, *owners()})
    n = int(real["n"]) if real else 0
    average = round(real["mean_fields"] + real["mean_papers"], 1) if real and n >= FEWEST else None
    return SparedLine(spec, most.n_whole, most.n, n, average)
