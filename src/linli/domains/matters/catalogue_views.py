"""Finding a matter by what one wants to do, and its guide (找事项、办事指南). Public: no sign-in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.base.clock import today
from linli.base.i18n import Text
from linli.base.paging import Page
from linli.domains.matters import queries as q
from linli.domains.matters.bundles import OneForm, one_form
from linli.domains.matters.guide import guide, joined
from linli.domains.matters.models import MatterVersion
from linli.domains.matters.policy_reads import counted
from linli.domains.matters.spec import SERVES, TOPICS, MatterSpec
from linli.kernel.places.models import Area
from linli.web.contacts import Contact
from linli.web.faces import area_of
from linli.web.registry import Hit

AT_ONCE = 20
MATTER = Text("事项", "Matter")


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """What I want to do (我要办): by topic, by life event, by words, for me or for my organisation."""
    area, county = _here(request)
    words = request.GET.get("q", "").strip()[:60]
    topic, serves = request.GET.get("topic", ""), request.GET.get("serves", "")
    village = request.GET.get("village") == "1"
    topic = topic if topic in TOPICS else ""
    serves = serves if serves in SERVES else ""
    page = q.matters_for(
        county,
        on=today(),
        words=words,
        topic=topic,
        serves=serves,
        agency=True if village else None,
        cursor=request.GET.get("cursor", ""),
        limit=AT_ONCE,
    )
    chosen = bool(words or topic or serves or village)
    context = {
        "area": area,
        "county": county,
        "words": words,
        "topic": topic,
        "topic_title": TOPICS.get(topic),
        "serves": serves,
        "village": village,
        "chosen": chosen,
        "topics": [(code, title) for code, title in TOPICS.items() if code != "other"],
        "for_whom": SERVES.items(),
        "events": [] if chosen else [bundle for _, bundle in q.life_events(county)],
        "page": page,
        "rows": [(v.matter, q.spec_of(v)) for v in page.items],
    }
    return render(request, "matters/find.html", context)


@require_safe
def matter(request: HttpRequest, code: str) -> HttpResponse:
    """One matter (办事指南): who, where, papers, limits, fee, result, refusals and their basis; it prints."""
    area, county = _here(request)
    version = q.matter_in_force(code, today(), county)
    spec = q.spec_of(version)
    where = q.handled_at(version.matter, area, today())
    context = {
        "matter": version.matter,
        "version": version,
        "spec": spec,
        "guide": guide(spec),
        "where": where,
        "contact": _contact(where),
        "area": area,
        "helped": _helped(version, area),
        "apply": reverse("matters:apply", args=[code]) if "web" in spec.channels else "",
        "paper": reverse("matters:paper", args=[code]),
        "events": [b for _, b in q.life_events(county) if code in {p.code for p in b.parts}],
    }
    response = render(request, "matters/matter.html", context)
    return counted(request, response, county, matter=code) if spec.policy else response


@require_safe
def life_event(request: HttpRequest, code: str) -> HttpResponse:
    """Several matters done as one (一件事): which ones, in which order, and all that is asked, once."""
    area, county = _here(request)
    _, bundle = q.life_event(code, county)
    found = {
        v.matter.code: (v.matter, q.spec_of(v))
        for v in q.in_force(today(), county).filter(matter__code__in=[p.code for p in bundle.parts])
    }
    parts = [(p, *found[p.code]) for p in bundle.parts if p.code in found]
    specs = [spec for _, _, spec in parts]
    form = one_form(bundle, specs)
    titles = {spec.code: spec.title for spec in specs}
    rows = [
        {
            "matter": m,
            "spec": spec,
            "after": joined(titles[a] for a in part.after if a in titles),
            "always": part.when is None,
        }
        for part, m, spec in parts
    ]
    context = {
        "bundle": bundle,
        "rows": rows,
        "form": form,
        "papers": _papers(form),
        "area": area,
        "apply": reverse("matters:apply_life", args=[code]),
        "paper": reverse("matters:paper_life", args=[code]),
    }
    return render(request, "matters/life_event.html", context)


def matters(words: str, cursor: str, limit: int) -> Page[Hit]:
    """Matters by words, for the search of the portal (检索事项)."""
    page = q.matters_for(None, on=today(), words=words, cursor=cursor, limit=limit)
    hits = [_hit(v, q.spec_of(v)) for v in page.items]
    return Page(hits, page.next_cursor, page.has_more)


def _hit(version: MatterVersion, spec: MatterSpec) -> Hit:
    office = version.matter.organisation
    return Hit(
        MATTER,
        spec.title,
        reverse("matters:matter", args=[spec.code]),
        spec.short,
        office.title if office else "",
    )


def n_in_force(request: HttpRequest) -> Text | None:
    """How many can be found here (首页上的数)."""
    n = q.in_force(today()).count()
    return Text(f"{n} 项，写清材料和时限", f"{n}, with papers and limits") if n else None


def _here(request: HttpRequest) -> tuple[Area | None, Area]:
    area = area_of(request)
    return area, q.county_of(area)


def _contact(where: q.Where) -> Contact | None:
    office = where.organisation
    return Contact(office.title, office.phone, office.address) if office else None


def _helped(version: MatterVersion, area: Area | None) -> Any:
    if area is None or area.level not in {"village", "grid", "micro_grid"}:
        return None
    village = q.village_of(area)
    return q.agency_items(village).filter(matter=version.matter).first() if village else None


def _papers(form: OneForm) -> list[tuple[Text, bool]]:
    items: Iterable[Any] = (once.item for once in form.materials)
    return [(m.title, m.source == "register") for m in items]
