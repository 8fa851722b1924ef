"""The residents' first page (居民首页), drawn from what the domains registered."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import mark_safe

from linli.web import registry


def home(request: HttpRequest) -> HttpResponse:
    tiles: list[dict[str, Any]] = []
    for card in registry.cards():
        try:
            url = reverse(card.url_name)
        except NoReverseMatch:  # a domain that is not installed
            continue
        tiles.append({"title": card.title, "url": url, "line": card.line(request) if card.line else None})
    drawn = (section.render(request) for section in registry.sections())
    sections = [mark_safe(html) for html in drawn if html]  # noqa: S308  templates drew it, escaped
    return render(request, "web/home.html", {"tiles": tiles, "sections": sections})


def help_page(request: HttpRequest) -> HttpResponse:
    """Another way for everything (线下办法): window, phone, paper, a helper. Rights, guarantee 7."""
    return render(request, "web/help.html")


def public_search(request: HttpRequest) -> HttpResponse:
    return render(request, "web/help.html")
