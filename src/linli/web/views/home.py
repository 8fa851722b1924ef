"""The residents' first page (居民首页), drawn from what the domains registered."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import mark_safe

from linli.web import registry
from linli.web.contacts import contacts, whom_to_call
from linli.web.faces import area_of, is_large

FEW, MANY = 4, 20  # hits of each kind beside the others, and alone
MOST_LETTERS = 60
OTHERS = 10  # sections of a lower order are the reader's own: elder mode shows these alone
NUMBER = re.compile(r"\d{6}-[A-Za-z]{2}-\d{4}-\d{6}")


def home(request: HttpRequest) -> HttpResponse:
    """What there is to do, what waits, and what is public (居民首页); in elder mode four big ways, and no more."""
    if is_large(request):
        sections = _drawn(request, [s for s in registry.sections() if s.order < OTHERS])
        return render(
            request, "web/home_elder.html", {"call": whom_to_call(area_of(request)), "sections": sections}
        )
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
    return render(
        request, "web/home.html", {"tiles": tiles, "sections": _drawn(request, registry.sections())}
    )


def _drawn(request: HttpRequest, sections: Iterable[registry.HomeSection]) -> list[str]:
    drawn = (section.render(request) for section in sections)
    return [mark_safe(html) for html in drawn if html]  # noqa: S308  templates drew it, escaped


def help_page(request: HttpRequest) -> HttpResponse:
    """Another way for everything (线下办法): window, phone, paper, a helper. Rights, guarantee 7."""
    area = area_of(request)
    return render(
        request, "web/help.html", {"area": area, "offices": contacts(area), "call": whom_to_call(area)}
    )


def public_search(request: HttpRequest) -> HttpResponse:
    """What anybody may find (全站检索): services, notices, results, places, windows, help; `kind` turns the pages of one."""
    text = " ".join(request.GET.get("q", "").split())[:MOST_LETTERS]
    kind = request.GET.get("kind", "")
    wanted = [s for s in registry.sources() if not kind or s.code == kind] if text else []
    cursor = request.GET.get("cursor", "") if kind else ""
    groups = [
        {"code": s.code, "title": s.title, "page": page}
        for s in wanted
        if (page := s.find(text, cursor, MANY if kind else FEW)).items
    ]
    context = {
        "text": text,
        "kind": kind,
        "groups": groups,
        "number": text.upper() if NUMBER.fullmatch(text) else "",
    }
    return render(request, "web/search.html", context)
