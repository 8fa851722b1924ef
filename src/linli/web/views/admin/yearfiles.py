"""A file of days off (导入放假安排文件): what it would change is shown; put in force is only what was looked at."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from linli.base.errors import LinliError, NotAllowed, Refused
from linli.base.i18n import Text
from linli.kernel.calendar.days_files import SUFFIXES
from linli.kernel.calendar.days_import import HALF
from linli.kernel.people.actors import Actor
from linli.kernel.people.services.installation import require_installation
from linli.kernel.procedures.recount import import_calendar, try_calendar
from linli.web.faces import actor_of
from linli.web.views.admin.door import admin_only
from linli.web.views.admin.rosterlines import LARGEST_FILE, read_table
from linli.web.views.admin.screens import Done, finish
from linli.web.views.admin.years import RECOUNTED_AT_ONCE, YEARS


@admin_only
@require_http_methods(["GET", "HEAD", "POST"])
def year_file(request: HttpRequest) -> HttpResponse:
    """Days off from a file (导入放假安排), of one year or several: looked at first, then by the verb of the command line."""
    actor = actor_of(request)
    require_installation(actor)
    context: dict[str, Any] = {"trail": [(YEARS, reverse("web:admin_years"))]}
    status = 200
    if request.method == "POST":
        sent, text = request.FILES.get("file"), request.POST.get("text", "")
        name = (sent.name if sent else request.POST.get("name", "")) or ""
        try:
            if request.POST.get("act") == "save" and sent is None:
                return finish(request, _put_in_force(text, name, request.POST.get("shown", ""), actor))
        except NotAllowed:
            raise
        except LinliError as error:
            context["message"], status = error.message, error.status
        try:
            text = read_table(sent.read(LARGEST_FILE + 1)) if sent else text
            with _kept(text, name) as path:
                found = try_calendar(path, by=actor)
            own = [row for row in found.report.faulty if row[3] != HALF]
            context |= {"found": found, "seen": found.seen, "text": text, "name": name, "own": own}
            context["n_with_them"] = found.report.n_rejected - len(own)
        except LinliError as error:
            context["message"], status = error.message, error.status
    return render(request, "web/admin/year_file.html", context, status=status)


def _put_in_force(text: str, name: str, shown: str, actor: Actor) -> Done:
    with _kept(text, name) as path:
        found = try_calendar(path, by=actor)
        if found.mark != shown or not found.years:
            raise Refused(
                "web.days_moved_on",
                Text(
                    "没有保存：结果与刚才看的不同。请再看一遍。",
                    "Nothing was saved: it would come out otherwise than you saw. Look again.",
                ),
            )
        report = import_calendar(path, by=actor, most=RECOUNTED_AT_ONCE)
    said = Text("".join(n.zh for n in report.notes), " ".join(n.en for n in report.notes))
    return Done(said, reverse("web:admin_years"))


@contextmanager
def _kept(text: str, name: str) -> Iterator[Path]:
    """The file under its own name, as the import reads it (临时存放)."""
    own = Path(name).name[-80:]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (own if Path(own).suffix.lower() in SUFFIXES else f"{own or 'days'}.csv")
        path.write_text(text, encoding="utf-8")
        yield path
