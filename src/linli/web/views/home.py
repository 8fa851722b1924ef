"""The residents' first page (居民首页), drawn from what the domains registered."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import mark_safe

from linli.base.clock import now
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.offered import begun_by
from linli.kernel.procedures.own import as_resident
from linli.kernel.publicity.queries import Filters, published
from linli.web import registry
from linli.web.contacts import contacts, whom_to_call
from linli.web.faces import actor_of, area_of, is_large
from linli.web.publications import shown

FOUND, MOST_LETTERS = 8, 60
NUMBER = re.compile(r"\d{6}-[A-Za-z]{2}-\d{4}-\d{6}")


def home(request: HttpRequest) -> HttpResponse:
    """What there is to do, what waits, and what is public (居民首页); in elder mode four big ways, and no more."""
    if is_large(request):
        return render(request, "web/home_elder.html", {"call": whom_to_call(area_of(request))})
    tiles: list[dict[str, Any]] = []
    for card in registry.cards():
        try:
            url = reverse(card.url_name)
        except NoReverseMatch:  # a domain that is not installed
            continue
        line = card.line(request) if card.line else ""
        if line is not None:
            url += f"?{card.query}" if card.query else ""
            tiles.append({"title": card.title, "url": url, "line": line, "icon": card.icon})
    drawn = (section.render(request) for section in registry.sections())
    sections = [mark_safe(html) for html in drawn if html]  # noqa: S308  templates drew it, escaped
    return render(request, "web/home.html", {"tiles": tiles, "sections": sections})


def help_page(request: HttpRequest) -> HttpResponse:
    """Another way for everything (线下办法): window, phone, paper, a helper. Rights, guarantee 7."""
    area = area_of(request)
    return render(
        request, "web/help.html", {"area": area, "offices": contacts(area), "call": whom_to_call(area)}
    )


def public_search(request: HttpRequest) -> HttpResponse:
    """What anybody may find (首页搜索): services that residents may ask for, and what is on show now, everywhere."""
    text = " ".join(request.GET.get("q", "").split())[:MOST_LETTERS]
    page = published(Filters(words=text), limit=FOUND) if text else None
    at = now()
    context = {
        "text": text,
        "number": text.upper() if NUMBER.fullmatch(text) else "",
        "procedures": [p for p in begun_by(as_resident(actor_of(request))) if _about(p, text)],
        "rows": [shown(row, at) for row in page.items] if page else [],
        "more": bool(page and page.has_more),
    }
    return render(request, "web/search.html", context)


def _about(procedure: Procedure, text: str) -> bool:
    """Whether every word of the search stands in what the procedure is called or is for."""
    said = " ".join(
        str(part) for t in (procedure.title, procedure.hint) if t for part in (t.zh, t.en)
    ).lower()
    return bool(text) and all(word in said for word in text.lower().split())
