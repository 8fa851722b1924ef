"""Receipts (回执): number and tracking code of what this browser sent, shown again while the session lasts.

The session keeps the client's key, never the code: the code is derived from it anew each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import segno
from django.http import HttpRequest
from django.urls import reverse

from linli.base.i18n import Text
from linli.kernel.people.actors import ANONYMOUS, Actor
from linli.kernel.procedures import keys
from linli.web.faces import actor_of

RECEIPTS = "linli_receipts"
MOST_KEPT = 20
PAPERS = {
    "80": Text("80 毫米小票", "80 mm roll"),
    "A5": Text("A5", "A5"),
    "A4": Text("A4", "A4"),
}
PAPER_COOKIE = "linli_paper"
A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class ReceiptView:
    number: str
    code: str
    address: str

    @property
    def spaced_code(self) -> str:
        """In two groups, as it is read out (分组读)."""
        return f"{self.code[:4]} {self.code[4:]}"

    @property
    def qr(self) -> str:
        return str(
            segno.make(self.address, error="m").svg_inline(scale=4, border=2, light="#fff", omitsize=True)
        )

    def qr_png(self) -> bytes:
        out = BytesIO()
        segno.make(self.address, error="m").save(out, kind="png", scale=10, border=4)
        return out.getvalue()


def sender(request: HttpRequest) -> Actor:
    """Who sends something (提交人). Whoever has no account stays the same one, whatever codes this browser opened."""
    actor = actor_of(request)
    return actor if actor.account_id is not None else ANONYMOUS


def paper_of(request: HttpRequest, actor: Actor) -> str:
    """On which paper this browser prints receipts (打印纸张): as chosen last; the desk else on a roll, others on A4."""
    for chosen in (request.GET.get("paper"), request.COOKIES.get(PAPER_COOKIE)):
        if chosen in PAPERS:
            return str(chosen)
    return "80" if actor.is_staff else "A4"


def keep_receipt(request: HttpRequest, number: str, *, by: Actor, client_key: str) -> None:
    kept = [r for r in request.session.get(RECEIPTS, []) if r["number"] != number]
    row = {"number": number, "key": client_key, "kind": by.kind, "account": by.account_id}
    request.session[RECEIPTS] = [*kept, row][-MOST_KEPT:]


def number_of_key(request: HttpRequest, client_key: str) -> str:
    """The number that a key was answered with before (重复提交); empty if it is new."""
    return next((r["number"] for r in request.session.get(RECEIPTS, []) if r["key"] == client_key), "")


def receipt_of(request: HttpRequest, number: str) -> ReceiptView | None:
    row = next((r for r in request.session.get(RECEIPTS, []) if r["number"] == number), None)
    if row is None:
        return None
    code = keys.tracking_code(Actor(row["kind"], row["account"]), row["key"])
    # The code stands behind '#': browsers do not send that part, so no log ever holds it.
    address = request.build_absolute_uri(f"{reverse('web:track')}?number={number}#{code}")
    return ReceiptView(number, code, address)
