"""Pages about oneself (本人页面)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from linli.base.clock import now
from linli.kernel.procedures.queries import access_case, case_page
from linli.web.faces import actor_of, resident_only


@resident_only
def mine(request: HttpRequest) -> HttpResponse:
    """My cases, newest first (我的事)."""
    page = case_page(actor_of(request), now=now(), cursor=request.GET.get("cursor", ""), limit=20)
    return render(request, "web/mine.html", {"page": page})


def case(request: HttpRequest, number: str) -> HttpResponse:
    """Where a case stands, as its parties see it (办理进度)."""
    found = access_case(number, actor_of(request))
    return render(request, "web/case.html", {"case": found})
