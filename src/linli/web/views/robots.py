"""What search engines may keep (搜索引擎): public pages, and nothing of anybody's."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

#: One's own pages, the desk, and what only repeats a public page with other filters.
NOT_KEPT = (
    "/staff/",
    "/board/",
    "/api/",
    "/mine/",
    "/case/",
    "/files/",
    "/sign-in/",
    "/preferences/",
    "/area/",
    "/field/",
)


@require_safe
@cache_control(public=True, max_age=86_400)
def robots(request: HttpRequest) -> HttpResponse:
    """Tells machines where they may look (robots.txt). It hides nothing: what must not be seen is refused at its door."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_KEPT), f"Allow: {reverse('web:home')}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
