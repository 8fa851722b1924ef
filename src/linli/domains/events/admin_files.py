"""The category directory as files, and what became of it (类别目录的导出、导入与沿革)."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from linli.base.errors import LinliError, NotAllowed, absent
from linli.base.i18n import Text
from linli.base.paging import keyset
from linli.domains.events.admin_views import CATEGORIES, directory_url
from linli.domains.events.directory import log_name
from linli.domains.events.directory_file import as_json, as_table, take_in_file, try_file
from linli.domains.events.directory_queries import directories, directory_named, tree_of
from linli.domains.events.directory_trial import SHOWN_AT_MOST, Difference, differences, said_of
from linli.domains.events.models import Directory
from linli.kernel.people.models import AuditEntry
from linli.kernel.people.queries import audit_page
from linli.kernel.people.services.installation import require_installation
from linli.web.faces import actor_of
from linli.web.listing import safe_cells
from linli.web.views.admin.door import admin_only
from linli.web.views.admin.logbook import Line, entries
from linli.web.views.admin.rosterlines import LARGEST_FILE, read_table
from linli.web.views.admin.screens import Done, finish

VERSIONS_AT_ONCE = 5
ACTS_AT_ONCE = 20


@admin_only
@require_safe
def export(request: HttpRequest, directory: str, version: int, form: str) -> HttpResponse:
    """One version as a file (导出类别目录): CSV for a spreadsheet, JSON for another installation."""
    found = directory_named(directory, version)
    if form == "json":
        content, kind = as_json(found), "application/json"
    elif form == "csv":
        paper = io.StringIO()
        csv.writer(paper).writerows(safe_cells(row) for row in as_table(found))
        content, kind = "\ufeff" + paper.getvalue(), "text/csv; charset=utf-8"
    else:
        raise absent(Text("页面", "page"))
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{found.code}-{found.version}.{form}"'
    return response


@admin_only
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Send a file in (导入类别目录): what it would do is shown; kept is only what was looked at, whole or not."""
    actor = actor_of(request)
    require_installation(actor)
    known = list(dict.fromkeys(d.code for d in directories()))
    titles = {d.code: d for d in directories().order_by("version")}
    chosen = request.POST.get("directory", request.GET.get("directory", ""))
    into = titles.get(chosen)
    context: dict[str, Any] = {
        "trail": [(CATEGORIES, reverse("events:admin_categories"))],
        "choices": [titles[code] for code in known],
        "chosen": into.code if into else "",
    }
    status = 200
    if request.method == "POST":
        sent, act = request.FILES.get("file"), request.POST.get("act", "")
        text = request.POST.get("text", "")
        name = (sent.name if sent else request.POST.get("name", "")) or "directory"
        try:
            if act in {"draft", "use"} and sent is None:
                shown = request.POST.get("shown", "")
                made = take_in_file(text, name=name, into=into, shown=shown, use=act == "use", by=actor)
                return finish(request, _kept(made))
        except NotAllowed:
            raise
        except LinliError as error:
            context["message"], status = error.message, error.status
        try:
            text = read_table(sent.read(LARGEST_FILE + 1)) if sent else text
            seen = try_file(text, name=name, into=into, by=actor)
            rows, rejected = seen.differences, seen.rejected
            context |= {
                "seen": seen,
                "text": text,
                "name": name,
                "rows": rows[:SHOWN_AT_MOST],
                "n_more": max(0, len(rows) - SHOWN_AT_MOST),
                "rejected": rejected[:SHOWN_AT_MOST],
                "n_more_rejected": max(0, len(rejected) - SHOWN_AT_MOST),
            }
        except LinliError as error:
            context["message"], status = error.message, error.status
    return render(request, "events/admin/file.html", context, status=status)


def _kept(made: Directory) -> Done:
    if made.active:
        said = Text(
            "第 {n} 版已启用，新的事件从它选类别。", "Version {n} is in use; new cases choose from it."
        )
    else:
        said = Text(
            "第 {n} 版已存为草稿。改好后再检查并启用。",
            "Version {n} is kept as a draft. Check it and put it in use when it is ready.",
        )
    return Done(said.format(n=made.version), directory_url(made))


@dataclass(frozen=True)
class Past:
    """One version in the history (沿革一版): what differs from the one before, and who did what to it when."""

    directory: Directory
    n_categories: int
    first: bool  # no version before it
    changes: list[Difference]
    n_more: int
    acts: list[Line]
    more_acts: bool


@admin_only
@require_safe
def history(request: HttpRequest, directory: str) -> HttpResponse:
    """Every version of a directory, the newest first (类别目录沿革): who, when, and what changed by field."""
    actor = actor_of(request)
    page = keyset(
        Directory.objects.filter(code=directory), ["-version"], request.GET.get("cursor"), VERSIONS_AT_ONCE
    )
    if not page.items:
        raise absent(Text("目录", "directory"))
    oldest = page.items[-1]
    below = Directory.objects.filter(code=directory, version__lt=oldest.version).order_by("-version").first()
    row = [*page.items, below] if below else list(page.items)
    trees = [tree_of(each) for each in row]
    past = []
    for n, each in enumerate(page.items):
        first = n + 1 == len(row)
        changes = [] if first else list(differences(trees[n + 1], trees[n]))
        log = audit_page(actor, subject=log_name(each), limit=ACTS_AT_ONCE)
        past.append(
            Past(
                each,
                len(trees[n]),
                first,
                changes[:SHOWN_AT_MOST],
                max(0, len(changes) - SHOWN_AT_MOST),
                [_in_words(line) for line in entries(log.items)],
                log.has_more,
            )
        )
    context = {
        "directory": page.items[0],
        "past": past,
        "page": page,
        "trail": [(CATEGORIES, reverse("events:admin_categories"))],
    }
    return render(request, "events/admin/past.html", context)


def _in_words(line: Line) -> Line:
    """A revision of a category says each field before and after (逐项前后对照)."""
    entry: AuditEntry = line.entry
    before, after = entry.facts.get("before"), entry.facts.get("after")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return line
    code = str(entry.facts.get("category", "")).rpartition(":")[2]
    told = [said_of(name, before.get(name), after.get(name)) for name in before]
    said = Text("；".join(t.zh for t in told), "; ".join(t.en for t in told))
    return Line(entry, line.act, line.about, Text("{c}：{s}", "{c}: {s}").format(c=code, s=said))
