"""The field app's shell (网格员手机应用的外壳): a page without any case, its service worker and manifest.

Everybody may fetch it, like a style sheet: it holds no data. What it shows comes over the API to an enrolled phone.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from linli.base.i18n import Text
from linli.kernel.people.models import Account
from linli.web.faces import actor_of

FOLDER = "web/field"
STYLES = ("web/linli.css",)
FIRST = (f"{FOLDER}/app.js", f"{FOLDER}/sw.js")
PERMISSIONS = "camera=(self), microphone=(self), geolocation=(self)"
ROLE = "grid_worker"
NAME = Text("邻里网格", "Linli Field")
CHOICES = ("192", "512", "maskable-512")


@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """The app's one page (应用外壳): camera, microphone and position may be asked for here and nowhere else."""
    response = render(
        request,
        "web/field/shell.html",
        {
            "version": version(),
            "start": plain(f"{FOLDER}/app.js"),
            "modules": [plain(name) for name in files() if name.endswith(".js") and name not in FIRST],
            "styles": styles(),
            "icon": plain(f"{FOLDER}/icon-192.png"),
        },
    )
    response["Cache-Control"] = "no-cache"
    response["Permissions-Policy"] = PERMISSIONS
    return response


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps the shell for the way without signal (离线脚本): a new version is another text."""
    home = reverse("web:field")
    own = (plain(name) for name in files() if name != FIRST[1])
    kept = list(dict.fromkeys([home, reverse("web:field_manifest"), *styles(), *own]))
    head = f"const VERSION = {json.dumps(version())};\nconst HOME = {json.dumps(home)};\nconst SHELL = {json.dumps(kept)};\n"
    body = head + found(f"{FOLDER}/sw.js").read_text(encoding="utf-8")
    return HttpResponse(
        body, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """What a phone needs to put the app on its home screen (安装清单)."""
    home = reverse("web:field")
    return JsonResponse(
        {
            "id": home,
            "name": str(NAME),
            "short_name": str(NAME),
            "start_url": home,
            "scope": home,
            "display": "standalone",
            "orientation": "portrait",
            "background_color": "#f6f6f2",
            "theme_color": "#0b6b58",
            "icons": [
                {
                    "src": plain(f"{FOLDER}/icon-{size}.png"),
                    "sizes": "{0}x{0}".format(size.rpartition("-")[2]),
                    "type": "image/png",
                    "purpose": "maskable" if size.startswith("maskable") else "any",
                }
                for size in CHOICES
            ],
        },
        content_type="application/manifest+json",
        headers={"Cache-Control": "no-cache"},
    )


@require_safe
@never_cache
def session(request: HttpRequest) -> JsonResponse:
    """Who is signed in in this browser (当前登录人), for the one moment when a phone is enrolled."""
    actor = actor_of(request)
    signed_in = isinstance(request.user, Account)
    return JsonResponse(
        {
            "csrf": get_token(request),
            "signed_in": signed_in,
            "may": ROLE in actor.roles,
            "name": request.user.title.as_dict() if isinstance(request.user, Account) else None,
            "sign_in": reverse("web:staff_sign_in") + "?next=" + reverse("web:field"),
            "demo": settings.LINLI_DEMO,
        }
    )


def plain(name: str) -> str:
    """The address without a hash in it: modules name each other so, and the version is the whole shell's."""
    return settings.STATIC_URL + name


def styles() -> list[str]:
    return [*(static(name) for name in STYLES), plain(f"{FOLDER}/field.css")]


@cache
def files() -> tuple[str, ...]:
    folder = found(f"{FOLDER}/app.js").parent
    return tuple(
        f"{FOLDER}/{path.name}" for path in sorted(folder.iterdir()) if path.suffix in {".js", ".css", ".png"}
    )


@cache
def version() -> str:
    """One mark for the whole shell (外壳版本): of every file it is made of."""
    whole = hashlib.sha256()
    for name in (*files(), *STYLES):
        whole.update(name.encode() + b"\0" + found(name).read_bytes())
    return whole.hexdigest()[:12]


def found(name: str) -> Path:
    path = finders.find(name)
    if not isinstance(path, str):
        raise FileNotFoundError(name)
    return Path(path)
