"""The card that shows who has which part of a joint case (联合办理一览), the same for the desk and for the party."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from linli.base.clock import now
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.hands import hands
from linli.kernel.procedures.models import Case
from linli.web import registry


def card(request: HttpRequest, case: Case, actor: Actor) -> str | None:
    del actor  # which organisations work on a case is told to everybody who sees it
    found = hands(case, now()) if case.ended_at is None and not case.historic else []
    if not found:
        return None
    return render_to_string("web/hands.html", {"hands": found, "paused": case.status == "suspended"}, request)


def register() -> None:
    registry.case_panel("hands", order=5, render=card, faces=("staff", "resident"))
