"""Looking somebody up in the register (按部分姓名查居民): posted, so that nobody's name or number stands in an address."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from linli.base.errors import Invalid, LinliError
from linli.domains.registers import queries
from linli.domains.registers.models import RELATIONS
from linli.domains.registers.views import clerks_only
from linli.kernel.people.masks import masked
from linli.web.faces import actor_of, staff_only
from linli.web.views.findperson import PURPOSES


def _asking(request: HttpRequest) -> dict[str, Any]:
    said = request.POST
    return {
        "text": " ".join(said.get("q", "").split())[:60],
        "purposes": PURPOSES,
        "chosen": said.get("purpose", ""),
        "why": said.get("why", "").strip(),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def search(request: HttpRequest) -> HttpResponse:
    """Whom the search found (查到的居民), masked, a page by key; whoever is shown can read who searched and what for.

    Refuses everybody but clerks, and what `queries.search` refuses, at its field.
    """
    actor = actor_of(request)
    clerks_only(actor)
    if request.method != "POST":
        return redirect("registers:households")
    context = _asking(request)
    chosen = context["chosen"]
    purpose = context["why"] or (PURPOSES[chosen].zh if chosen in PURPOSES else "")
    try:
        page = queries.search(
            context["text"], by=actor, purpose=purpose, cursor=request.POST.get("cursor") or None
        )
    except LinliError as error:
        wrong = error.fields if isinstance(error, Invalid) else {}
        context |= {"message": error.message, "errors": wrong}
        return render(request, "registers/found.html", context, status=error.status)
    rows = [(r, masked(r.person), RELATIONS.get(r.relation, "")) for r in page.items]
    return render(request, "registers/found.html", {**context, "rows": rows, "page": page})
