"""Posts and appointments as a table (岗位任职表): taken out, sent in, looked at, saved as a whole."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from linli.base.clock import today
from linli.base.errors import LinliError
from linli.base.i18n import Text
from linli.web import flash
from linli.web.faces import actor_of
from linli.web.views.admin.door import admin_only
from linli.web.views.admin.posts import POSTS
from linli.web.views.admin.rosterlines import LARGEST_FILE, MOST_LINES, lines_of, read_table
from linli.web.views.admin.rostertrial import CHANGED, NEW, Trial, take_in, try_roster

MOST_SHOWN = 200


@admin_only
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The posts of my areas and who holds them, as CSV (导出岗位任职表)."""
    content = "".join(lines_of(actor_of(request)))
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="posts-{today():%Y%m%d}.csv"'
    return response


@admin_only
@require_http_methods(["GET", "HEAD", "POST"])
def table(request: HttpRequest) -> HttpResponse:
    """Send a table in (导入岗位任职表): what each line would do is shown; saved is only what was looked at, whole or not."""
    actor = actor_of(request)
    context: dict[str, Any] = {"trail": [(POSTS, reverse("web:admin_posts"))], "most": MOST_LINES}
    status = 200
    if request.method == "POST":
        text, sent = request.POST.get("table", ""), request.FILES.get("file")
        try:
            if request.POST.get("act") == "save":
                return _saved(request, take_in(text, shown=request.POST.get("shown", ""), by=actor))
        except LinliError as error:
            context["message"], status = error.message, error.status
        try:
            text = read_table(sent.read(LARGEST_FILE + 1)) if sent else text
            context |= {"trial": try_roster(text, by=actor), "table": text}
        except LinliError as error:
            context["message"], status = error.message, error.status
    if trial := context.get("trial"):
        context |= {"rows": trial.shown[:MOST_SHOWN], "n_more": max(0, len(trial.shown) - MOST_SHOWN)}
    return render(request, "web/admin/roster.html", context, status=status)


def _saved(request: HttpRequest, done: Trial) -> HttpResponse:
    n = sum(o.state in {NEW, CHANGED} for o in done.outcomes)
    flash.say(request, Text("已保存，共办理 {n} 行。", "Saved; {n} lines were done.").format(n=n))
    return HttpResponseRedirect(reverse("web:admin_posts"))
