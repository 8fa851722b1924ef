"""Finding a person (找人): by a whole phone or ID number or the full name, for a purpose, masked, and entered like a look at them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from linli.base.codes import normalise_phone
from linli.base.errors import Invalid, LinliError
from linli.base.i18n import Text
from linli.kernel.people import limits
from linli.kernel.people import services as people
from linli.kernel.people.actors import Actor
from linli.kernel.people.masks import masked
from linli.kernel.procedures.queries import visible_to
from linli.web.faces import actor_of, staff_only
from linli.web.views.cases import is_part
from linli.web.views.lists import case_rows

PEOPLE_CASES = 20
SHOWN_CASES = 3
SEARCHES_AN_HOUR = 120
#: Chosen by one key; the person reads these words.
PURPOSES = {
    "register": Text("登记来电来访，核对是不是同一个人", "to enter a visit or call, and check who it is"),
    "progress": Text("来人来电问办到哪里了", "they ask how far their matter is"),
    "call_back": Text("回访、约时间", "to call back or agree a time"),
    "supplement": Text("补材料、更正登记", "to add papers or correct an entry"),
}
_NAME = re.compile(r"[^\W\d_]{2,30}(?:[·.\- ][^\W\d_]{1,30}){0,3}")
_ID = re.compile(r"\d{17}[\dXx]")


def person_kind(text: str) -> str:
    """Whether what was typed names a person by a number (是否按人查): `phone`, `id_number`, or empty."""
    plain = re.sub(r"[\s-]", "", text)
    if _ID.fullmatch(plain):
        return "id_number"
    if not re.fullmatch(r"\+?\d{10,14}", plain):
        return ""
    try:
        normalise_phone(plain)
    except Invalid:
        return ""
    return "phone"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def find_person(request: HttpRequest) -> HttpResponse:
    """Look for a person (找人): whoever is found can read who searched, in which post and what for.

    Refuses part of a number or name, a search without a purpose, and more than 120 an hour from one account. Whom one's posts may
    not see is answered like whom nobody knows.
    """
    actor = actor_of(request)
    text = " ".join(request.POST.get("q", "").split())[:60]
    named, why = request.POST.get("purpose", ""), request.POST.get("why", "").strip()
    context = {**asked(text), "chosen": named, "why": why, "lane": "lane" in request.POST}
    status = 200
    if request.method == "POST":
        purpose = why or (PURPOSES[named].zh if named in PURPOSES else named)
        try:
            context |= {"found": _found(text, purpose, actor), "searched": True}
        except LinliError as error:
            wrong = error.fields if isinstance(error, Invalid) else {}
            context |= {"message": error.message, "errors": wrong}
            status = error.status
    template = "web/desk/person_found.html" if is_part(request) else "web/desk/person.html"
    return render(request, template, context, status=status)


def asked(text: str) -> dict[str, Any]:
    """The questions of the page (找人页): which number, and what for."""
    return {"text": text, "purposes": PURPOSES}


def _found(text: str, purpose: str, actor: Actor) -> list[dict[str, Any]]:
    kind = person_kind(text) or ("name" if _NAME.fullmatch(text) else "")
    if not kind:
        problem = Text(
            "请输入完整的手机号、固定电话（带区号）、18 位证件号码，或者完整的姓名。",
            "Enter a whole phone number (with its area code), an 18-digit ID number, or the full name.",
        )
        raise Invalid("web.whole_number", problem, fields={"q": problem})
    limits.hit(f"find-person:{actor.account_id}", SEARCHES_AN_HOUR, timedelta(hours=1))
    by = {code: text if code == kind else "" for code in ("phone", "id_number", "name")}
    found = people.search_people(
        by=actor, purpose=purpose, phone=by["phone"], id_number=by["id_number"], name=by["name"]
    )
    theirs = visible_to(actor).filter(applicant__in=found).select_related("area", "area__parent", "lead")
    rows = case_rows(list(theirs.order_by("-id")[:PEOPLE_CASES]), actor)
    return [{"person": masked(p), "rows": [r for r in rows if r.case.applicant_id == p.pk]} for p in found]
