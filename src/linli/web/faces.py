"""Which face a page shows, who looks at it, and in which area (界面、当前用户、当前区域)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from linli.base.errors import NotAllowed
from linli.base.i18n import Text, current_language
from linli.kernel.people.actors import ANONYMOUS, Actor, actor_for
from linli.kernel.people.models import Account
from linli.kernel.people.services.mandates import acting_under
from linli.kernel.places.models import Area
from linli.kernel.procedures.own import as_resident

STAFF_PREFIX = "/staff/"
BOARD_PREFIX = "/board/"
API_PREFIX = "/api/"
AREA_COOKIE = "linli_area"
SIZE_COOKIE = "linli_size"
THEME_COOKIE = "linli_theme"
KEYS_COOKIE = "linli_keys"  # "off": single keys do nothing on the desk (WCAG 2.1.4)
ACTING = "linli_acting"  # session key: the mandate under which one acts
TRACKED = "linli_tracked"  # session key: cases that a tracking code opened in this browser

P = ParamSpec("P")

HTML_LANG = {"zh": "zh-Hans", "en": "en"}
SIZES = ("normal", "large", "large-2", "large-3")
THEMES = ("auto", "light", "dark")


def face_of(request: HttpRequest) -> str:
    """The face is told by the address (界面由地址决定): /staff/ the desk, /board/ the wall, all else the public."""
    if request.path.startswith(STAFF_PREFIX):
        return "staff"
    return "board" if request.path.startswith(BOARD_PREFIX) else "resident"


def actor_of(request: HttpRequest) -> Actor:
    """Who is acting in this request (当前办理人); asked once a request."""
    known = getattr(request, "_linli_actor", None)
    if isinstance(known, Actor):
        return known
    account = getattr(request, "user", None)
    actor = actor_for(account) if isinstance(account, Account) else ANONYMOUS
    if (uid := acting_uid(request)) and (acting := acting_under(uid, as_resident(actor))) is not None:
        actor = replace(
            as_resident(actor), acting=acting
        )  # staff, too, are neighbours: their posts rest meanwhile
    if opened := tracked_cases(request):
        actor = actor.with_cases(opened)
    request._linli_actor = actor  # type: ignore[attr-defined]  # kept for the length of the request
    return actor


def acting_uid(request: HttpRequest) -> str:
    """The mandate under which this session acts (正在代办), as long as it holds."""
    session = getattr(request, "session", None)
    return str(session.get(ACTING, "")) if session is not None else ""


def act_under(request: HttpRequest, uid: str) -> None:
    """Act for somebody from now on, or with an empty uid for oneself again (切换代办)."""
    if uid:
        request.session[ACTING] = uid
    else:
        request.session.pop(ACTING, None)
    request._linli_actor = None  # type: ignore[attr-defined]  # the actor is another one now


def tracked_cases(request: HttpRequest) -> frozenset[int]:
    session = getattr(request, "session", None)
    return frozenset(session.get(TRACKED, [])) if session is not None else frozenset()


def remember_tracked(request: HttpRequest, case_id: int) -> None:
    """Keeps that this browser opened a case with its tracking code (凭查询码打开), for this session only."""
    opened = [c for c in request.session.get(TRACKED, []) if c != case_id]
    request.session[TRACKED] = [*opened, case_id][-20:]
    request._linli_actor = None  # type: ignore[attr-defined]  # the actor may now see one case more


def area_of(request: HttpRequest) -> Area | None:
    """The area that the reader chose (当前区域); None until one was chosen."""
    if not hasattr(request, "_linli_area"):
        code = request.COOKIES.get(AREA_COOKIE, "")
        found = Area.objects.filter(code=code).first() if code.isdigit() else None
        request._linli_area = found  # type: ignore[attr-defined]  # kept for the length of the request
    return request._linli_area  # type: ignore[attr-defined, no-any-return]


def html_lang() -> str:
    return HTML_LANG[current_language()]


def size_of(request: HttpRequest | None) -> str:
    """The size of text that this browser keeps (字号): one of SIZES; elder mode has three steps."""
    kept = request.COOKIES.get(SIZE_COOKIE, "") if request is not None else ""
    return kept if kept in SIZES else SIZES[0]


def is_large(request: HttpRequest | None) -> bool:
    return size_of(request) != SIZES[0]


def theme_of(request: HttpRequest | None) -> str:
    """Light or dark as chosen in this browser (浅色、深色); auto follows the device."""
    kept = request.COOKIES.get(THEME_COOKIE, "") if request is not None else ""
    return kept if kept in THEMES else THEMES[0]


def keys_on(request: HttpRequest | None) -> bool:
    """Whether single keys work on the desk (快捷键开关); each member of staff can switch them off."""
    return request is not None and request.COOKIES.get(KEYS_COOKIE) != "off"


def sign_in_url(request: HttpRequest, *, staff: bool) -> str:
    name = "web:staff_sign_in" if staff else "web:sign_in"
    return reverse(name) + "?" + urlencode({"next": request.get_full_path()})


def staff_only(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page of the desk (工作人员页面): others are asked to sign in, residents are told that it is not theirs."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_sign_in(request, staff=True)
        if request.user.must_change_password:
            return HttpResponseRedirect(reverse("web:change_password"))
        if not (actor := actor_of(request)).is_staff:
            if actor.acting is not None:
                raise NotAllowed(
                    "web.posts_rest",
                    Text(
                        "您正在替别人办事，这段时间岗位先放下。请到“我的事”点“换回我自己”，再回工作台。",
                        "You are acting for somebody, and your posts rest meanwhile. "
                        "Choose “Back to myself” on “My cases”, then come back to the desk.",
                    ),
                )
            raise NotAllowed(
                "web.staff_only",
                Text(
                    "这一页只给在任的工作人员使用。如果您刚到岗，请让管理员登记您的任职。",
                    "This page is for staff who hold a post. If you have just started, "
                    "ask the administrator to enter your appointment.",
                ),
            )
        return view(request, *args, **kwargs)

    return guarded


def resident_only(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page about oneself (本人页面): whoever is not signed in is asked to, and comes back."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if actor_of(request).person_id is None:
            return _to_sign_in(request, staff=False)
        return view(request, *args, **kwargs)

    return guarded


def oneself_only(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page about oneself that nobody opens while acting for another (只限本人): the bar says how to be oneself again."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if actor_of(request).acting is not None:
            raise NotAllowed(
                "web.oneself_only",
                Text(
                    "您正在替别人办事，这一页只给本人用。请先点上方的“换回我自己”。",
                    "You are acting for somebody, and this page is for oneself. Choose “Back to myself” above first.",
                ),
            )
        return resident_only(view)(request, *args, **kwargs)

    return guarded


def _to_sign_in(request: HttpRequest, *, staff: bool) -> HttpResponse:
    url = sign_in_url(request, staff=staff)
    if getattr(request, "htmx", False):  # a fragment must not become the sign-in page inside a page
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return HttpResponseRedirect(url)


def request_of(context: Any) -> HttpRequest | None:
    found = context.get("request")
    return found if isinstance(found, HttpRequest) else None
