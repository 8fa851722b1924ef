"""Looking for a resident (查询居民): by a whole number only, with a purpose; the search itself is entered as a look."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from linli.base.codes import mask_id, mask_name, mask_phone
from linli.base.i18n import Text
from linli.kernel.people import services
from linli.web.faces import actor_of
from linli.web.forms import FieldView
from linli.web.views.admin.door import admin_only
from linli.web.views.admin.screens import Entered, Screen, ask

FIELDS = (
    FieldView(
        "phone", Text("完整电话", "Whole phone number"), "phone", max=20, extra={"autocomplete": "off"}
    ),
    FieldView("id_number", Text("或完整证件号码", "or whole ID number"), "id_number", max=20),
    FieldView(
        "purpose",
        Text("查询目的", "Purpose"),
        required=True,
        max=200,
        hint=Text("本人会看到是谁、为什么查的。", "The person reads who looked, and why."),
    ),
)


@admin_only
def residents(request: HttpRequest) -> HttpResponse:
    """Search for a resident (查询居民), within what one may see anyway; masked, and with a trace even of nothing found."""
    actor = actor_of(request)
    screen = Screen(
        Text("查询居民", "Find a resident"),
        FIELDS,
        Text("查询并留痕", "Search, leaving a trace"),
        intro=Text(
            "只能按完整号码查，只查得到您经办范围内的人。每次查询都留痕，本人看得到。",
            "By a whole number only, and only people whose cases you may see. Each search is recorded and shown to them.",
        ),
        template="web/admin/residents.html",
    )

    def act(entered: Entered) -> HttpResponse:
        found = services.search_people(
            by=actor,
            purpose=entered["purpose"] or "",
            phone=entered["phone"] or "",
            id_number=entered["id_number"] or "",
        )
        rows = [(mask_name(p.name), mask_phone(p.phone), mask_id(p.id_number), p.needed_at) for p in found]
        context = {"screen": screen, "fields": FIELDS, "rows": rows, "searched": True}
        return render(request, screen.template, context)

    return ask(request, screen, act)
