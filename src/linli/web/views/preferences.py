"""Language, text size, light or dark, and area (语言、字号、深浅、地区): kept in this browser, no account needed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from linli.base.i18n import LANGUAGES
from linli.kernel.people.models import Account
from linli.kernel.places import queries as places
from linli.web.faces import (
    AREA_COOKIE,
    KEYS_COOKIE,
    SIZE_COOKIE,
    SIZES,
    THEME_COOKIE,
    THEMES,
    area_of,
)
from linli.web.middleware import LANGUAGE_COOKIE, set_preference


def next_url(request: HttpRequest, fallback: str = "/") -> str:
    """Where to go on to (返回地址); only within this site."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if safe else fallback


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keeps what was chosen (切换语言、长辈版、深浅色、快捷键); whoever is signed in keeps the language on the account."""
    response = HttpResponseRedirect(without_language(next_url(request)))
    secure = request.is_secure()
    if (language := request.POST.get("lang", "")) in LANGUAGES:
        set_preference(response, LANGUAGE_COOKIE, language, secure=secure)
        if isinstance(request.user, Account):
            Account.objects.filter(pk=request.user.pk).update(language=language)
    if (size := request.POST.get("size", "")) in SIZES:
        set_preference(response, SIZE_COOKIE, size, secure=secure)
    if (theme := request.POST.get("theme", "")) in THEMES:
        set_preference(response, THEME_COOKIE, theme, secure=secure)
    if (keys := request.POST.get("keys", "")) in {"on", "off"}:
        set_preference(response, KEYS_COOKIE, keys, secure=secure)
    return response


def without_language(url: str) -> str:
    """The address without `lang=`, which would win over the choice just made."""
    path, mark, rest = url.partition("?")
    kept = "&".join(part for part in rest.split("&") if part and not part.startswith("lang="))
    return f"{path}{mark}{kept}" if kept else path


def choose_area(request: HttpRequest) -> HttpResponse:
    """Chooses one's area by name or by going down the tree (选择地区)."""
    if request.method == "POST":
        response = HttpResponseRedirect(next_url(request))
        area = places.area_by_code(request.POST.get("code", ""))
        set_preference(response, AREA_COOKIE, area.code, secure=request.is_secure())
        return response
    text = request.GET.get("q", "").strip()[:40]
    under = places.area_by_code(request.GET["under"]) if request.GET.get("under", "").isalnum() else None
    if text:
        found = places.search_by_name(text, limit=20)
    elif under is not None:
        found = list(places.children(under)[:200])
    else:
        found = list(places.roots()[:200])
    trails = places.paths(found) if found else {}
    rows = [{"area": area, "above": trails[area.pk][:-1]} for area in found]
    context = {
        "text": text,
        "under": under,
        "rows": rows,
        "chosen": area_of(request),
        "next": next_url(request),
    }
    return render(request, "web/area.html", context)
