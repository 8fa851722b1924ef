"""Error pages in the house voice (错误页): what happened, what to do, until when."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from linli.base.errors import Invalid, LinliError, TooMany
from linli.base.i18n import Text
from linli.web.faces import API_PREFIX, face_of

TITLES = {
    400: Text("这个请求我们没看懂", "We could not read that request"),
    403: Text("这一步不归您办", "That is not yours to do"),
    404: Text("没有找到这一页", "This page was not found"),
    409: Text("现在不能这样办", "That cannot be done now"),
    413: Text("文件太大", "That is too large"),
    422: Text("有几处要更正", "Some entries need mending"),
    429: Text("请稍等再试", "Please wait a little"),
    500: Text("我们这边出错了", "Something broke on our side"),
}
WHAT_TO_DO = {
    400: Text(
        "地址或内容不完整。请退回上一页再试一次；填过的内容还在。",
        "The address or the content is incomplete. Go back and try again; what you entered is still there.",
    ),
    403: Text(
        "您的岗位没有这项权限，所以什么也没有改动。如果该由您办，请让管理员核对您的任职。",
        "Your post does not include this, so nothing was changed. If it should, ask the administrator to "
        "check your appointment.",
    ),
    404: Text(
        "网址可能写错了，或者这一页不对您开放。请核对编号，或从首页重新找。",
        "The address may be wrong, or the page is not open to you. Check the number, or start from the home page.",
    ),
    409: Text(
        "别人可能已经先办了。请刷新，看看现在到了哪一步。",
        "Somebody else may have acted first. Reload to see where things stand now.",
    ),
    500: Text(
        "这次没有保存。请过几分钟再试；还不行，请打电话或到窗口办，并告诉我们时间。",
        "Nothing was saved this time. Try again in a few minutes; if it still fails, call or come to the "
        "window and tell us the time.",
    ),
}
FORGED = Text(
    "这一页开得太久，安全凭证已过期，所以没有提交。请刷新这一页再提交一次。",
    "This page was open too long and its security token has expired, so nothing was sent. "
    "Reload the page and send it again.",
)


def error_page(request: HttpRequest, error: LinliError) -> HttpResponse:
    """The page, or to htmx the fragment, of one refusal (拒绝的说明页), with its HTTP status."""
    fields = list(error.fields.values()) if isinstance(error, Invalid) else []
    response = _draw(request, error.status, error.message, code=error.code, fields=fields, data=error.data)
    wait = error.data.get("retry_after")
    if isinstance(error, TooMany) and wait is not None:
        response["Retry-After"] = str(wait)
    return response


def page_for(request: HttpRequest, status: int, message: Text | None = None) -> HttpResponse:
    return _draw(
        request, status, message or WHAT_TO_DO[status], code=f"web.http_{status}", fields=[], data={}
    )


def _draw(
    request: HttpRequest, status: int, message: Text, *, code: str, fields: list[Text], data: dict[str, Any]
) -> HttpResponse:
    context = {
        "status": status,
        "title": TITLES.get(status, TITLES[400]),
        "message": message,
        "code": code,
        "fields": fields,
        "data": data,
        "face": face_of(request),
        "layout": "web/resident.html" if face_of(request) == "resident" else "web/staff.html",
    }
    template = "web/errors/fragment.html" if getattr(request, "htmx", False) else "web/errors/page.html"
    return render(request, template, context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _plain(request, 400)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _plain(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _plain(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """The 500 page draws neither menu nor actor, because what draws them may be what broke."""
    if request.path.startswith(API_PREFIX):
        return _problem(500)
    context = {"title": TITLES[500], "message": WHAT_TO_DO[500]}
    return HttpResponse(render(request, "web/errors/500.html", context).content, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page_for(request, 403, FORGED)


def _plain(request: HttpRequest, status: int) -> HttpResponse:
    return _problem(status) if request.path.startswith(API_PREFIX) else page_for(request, status)


def _problem(status: int) -> HttpResponse:
    body = {
        "type": "about:blank",
        "status": status,
        "title": TITLES[status].en,
        "detail": WHAT_TO_DO[status].en,
    }
    return JsonResponse(body, status=status, content_type="application/problem+json")
