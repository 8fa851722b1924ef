"""The proof that nothing was changed (留痕证明): the daily roots for everybody, a case's proof for its people.

Guarantee 5 of docs/explanation/rights.md. Addresses and formats stay as they are: people keep them for years.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.base.clock import today
from linli.base.errors import absent
from linli.base.i18n import Text
from linli.kernel.people import limits
from linli.kernel.procedures.casebundle import case_proof
from linli.kernel.procedures.evidence import printed_record
from linli.kernel.procedures.queries import access_case
from linli.kernel.records import heads
from linli.kernel.records.signing import public_keys
from linli.kernel.records.standalone import NAME, one_file
from linli.web.faces import actor_of, staff_only

KEY = Text("公钥", "key")
CHECKS_AN_HOUR = 60  # from one address
AN_HOUR, A_MINUTE = "public, max-age=3600", "public, max-age=60"


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What is proven and how to check it (证明说明), with the latest root and those of all days."""
    found = heads.head_page(request.GET.get("cursor", ""), 30)
    latest = heads.latest_head()
    shown = heads.published([latest])[0] if latest else None
    nightly = heads.first_of_days(h.day for h in found.items)
    context = {
        "page": found,
        "rows": [
            {
                "day": h.day.isoformat(),
                "size": h.size,
                "root": bytes(h.root).hex(),
                "name": h.day.isoformat() if h.pk in nightly else h.size,
            }
            for h in found.items
        ],
        "latest": latest,
        "head": shown,
        "keys": public_keys(),
        "fresh": latest is not None and latest.day == today(),
        "first_page": "cursor" not in request.GET,
    }
    return render(request, "web/proof.html", context)


@require_GET
def heads_json(request: HttpRequest) -> JsonResponse:
    """All roots, newest first (历日根), a page at a time."""
    found = heads.head_page(request.GET.get("cursor", ""), 200)
    body: dict[str, Any] = {"format": "linli-proof/heads/1", "heads": heads.published(found.items)}
    if found.next_cursor:
        body["next"] = f"{reverse('web:proof_heads')}?cursor={found.next_cursor}"
    return _json(body, A_MINUTE)


@require_GET
def head_json(request: HttpRequest, day: str) -> JsonResponse:
    """The root of one day (某日的根); `latest` is the newest one."""
    head = heads.head_named(day)
    return _json(heads.published([head])[0], A_MINUTE if day == "latest" else AN_HOUR)


@require_GET
def consistency_json(request: HttpRequest) -> JsonResponse:
    """The proof that one day's root continues another's (一致性证明): `from` and `to` are days or numbers of records."""
    old = heads.head_named(request.GET.get("from", ""))
    new = heads.head_named(request.GET.get("to") or "latest")
    return _json(heads.consistency(old, new), A_MINUTE)


@require_GET
def key_json(request: HttpRequest) -> JsonResponse:
    """The public keys by which roots are checked (公钥), the present one first."""
    return _json(heads.keys_published(), AN_HOUR)


@require_GET
def key_pem(request: HttpRequest) -> HttpResponse:
    """The present public key for other programs (公钥 PEM)."""
    keys = public_keys()
    if not keys:
        raise absent(KEY)
    return HttpResponse(keys[0].as_pem(), content_type="application/x-pem-file")


@require_GET
def checker(request: HttpRequest) -> HttpResponse:
    """The checker that needs no Linli (独立核验工具), one file."""
    answer = HttpResponse(one_file(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{NAME}"'
    return answer


@never_cache
@require_GET
def of_file(request: HttpRequest, number: str, seq: int, digest: str) -> HttpResponse:
    """Whether the record that a printed case file ends with stands here unchanged (扫码核对整卷).

    The QR code of every printed file leads here. It tells nothing to whoever does not hold the hash already: a wrong one
    and a case that was never there are answered alike.
    """
    limits.hit(f"proof-of-file:{request.META.get('REMOTE_ADDR', '')}", CHECKS_AN_HOUR, timedelta(hours=1))
    found = printed_record(number, seq, digest)
    context = {"number": number, "seq": seq, "digest": digest, "found": found}
    return render(request, "web/file/proof.html", context)


@never_cache
@require_GET
def case_json(request: HttpRequest, number: str) -> HttpResponse:
    """The proof of a case for its parties (案卷证明). Answers for a case one may not see like for one that is absent."""
    return _case(request, number)


@never_cache
@staff_only
@require_GET
def staff_case_json(request: HttpRequest, number: str) -> HttpResponse:
    """The proof of a case for the desk (工作台的案卷证明): in full for the roles that oversee it."""
    return _case(request, number)


def _case(request: HttpRequest, number: str) -> HttpResponse:
    actor = actor_of(request)
    body = case_proof(access_case(number, actor), actor)
    answer = _json(body)
    answer["Content-Disposition"] = f'attachment; filename="{number}-proof.json"'
    return answer


def _json(body: dict[str, Any], cached: str = "") -> JsonResponse:
    answer = JsonResponse(body, json_dumps_params={"ensure_ascii": False, "indent": 1})
    if cached:
        answer["Cache-Control"] = cached
    return answer
