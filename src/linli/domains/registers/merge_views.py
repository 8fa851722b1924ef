"""Pages of merging (合并页面): two entries side by side, and a merge that can be taken back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from linli.base.errors import LinliError
from linli.base.i18n import Text
from linli.domains.registers import merging, queries
from linli.domains.registers.views import clerks_only
from linli.kernel.people.masks import masked
from linli.web import flash
from linli.web.faces import actor_of, staff_only


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def merge(request: HttpRequest, kept: str, gone: str) -> HttpResponse:
    """Two entries side by side, masked (并排核对), and the merge of both by a clerk who says why."""
    actor = actor_of(request)
    clerks_only(actor)
    pair = [queries.access_resident(uid, actor) for uid in (kept, gone)]
    context: dict[str, object] = {"sides": [(r, masked(r.person)) for r in pair]}
    status = 200
    if request.POST.get("act") == "apart":
        merging.set_apart(pair[0], pair[1], by=actor)
        flash.say(
            request, Text("已记下：是两个人，不再列出。", "Noted: two people. They are not listed again.")
        )
        return redirect("registers:duplicates")
    if request.method == "POST":
        try:
            done = merging.merge(pair[0], pair[1], by=actor, reason=request.POST.get("reason", ""))
        except LinliError as error:
            context |= {"error": error.message}
            status = error.status
        else:
            flash.say(request, Text("已合并。合并错了可以撤销。", "Merged. A wrong merge can be taken back."))
            return redirect("registers:merged", done.uid)
    return render(request, "registers/merge.html", context, status=status)


@never_cache
@require_GET
@staff_only
def duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs that may be one person each (查重), masked, a page by key; each leads to both side by side."""
    actor = actor_of(request)
    clerks_only(actor)
    page = merging.likely_pairs(actor, cursor=request.GET.get("cursor") or None)
    rows = []
    for pair in page.items:
        # The one with an ID number stays, else the older entry.
        kept, gone = (pair.two, pair.one) if pair.two.person.id_number else (pair.one, pair.two)
        rows.append((kept, gone, masked(kept.person), masked(gone.person), merging.WHY[pair.why]))
    return render(request, "registers/duplicates.html", {"page": page, "rows": rows})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def merged(request: HttpRequest, uid: str) -> HttpResponse:
    """One merge (一次合并): who, when, why; taken back here, once."""
    actor = actor_of(request)
    clerks_only(actor)
    done = merging.access_merge(uid, actor)
    if request.method == "POST":
        merging.undo(done, by=actor)
        flash.say(request, Text("已撤销，两条登记恢复原样。", "Taken back: both entries are as before."))
        return redirect("registers:resident", done.kept.uid)
    return render(request, "registers/merged.html", {"merge": done, "person": masked(done.kept)})
