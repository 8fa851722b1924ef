"""The verbs of the field (事件动作). Pages, API, import and field app call these; none writes on its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import F

from linli.base.clock import now
from linli.base.errors import Invalid, absent
from linli.base.i18n import Text
from linli.domains.events.models import Category, Event
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Person
from linli.kernel.people.services.residents import find_or_create_person
from linli.kernel.places.models import Area
from linli.kernel.places.queries import area_by_code, locate
from linli.kernel.procedures import engine
from linli.kernel.procedures.joining import join as join_case
from linli.kernel.procedures.links import link
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.state import Receipt
from linli.kernel.procedures.writing import Place

PROCEDURE = "grid-event"
SUMMARY = 76  # half-widths: 38 Chinese characters


def report(
    data: Mapping[str, Any],
    *,
    by: Actor,
    channel: str,
    lng: float | None = None,
    lat: float | None = None,
    area_code: str = "",
    place_text: str = "",
    client_key: str | None = None,
    reporter: Callable[[], Person] | None = None,
    helper: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    done_at: datetime | None = None,
) -> Receipt:
    """Report something (反映一件事): found in its grid by the point, else in the named area.

    `reporter`: whom a clerk recognised at the window, in place of whoever has the phone that was given. `helper`: who
    brought it for them.

    Refuses a place outside the areas of this installation, and entries that do not pass. Records `open`; the receipt
    carries the tracking code. With a phone or a name the reporter becomes a party; without, the code alone opens it.
    """
    area, place = find_place(lng=lng, lat=lat, area_code=area_code, place_text=place_text)
    return engine.open_case(
        PROCEDURE,
        by=by,
        area=area,
        data=data,
        channel=channel,
        title=summary_of(str(data.get("description") or "")),
        applicant=reporter or (lambda: reporter_of(data, by, at)),
        place=place,
        client_key=client_key,
        helper=helper,
        at=at,
        done_at=done_at,
    )


def find_place(
    *, lng: float | None, lat: float | None, area_code: str, place_text: str
) -> tuple[Area, Place]:
    """The grid that a point lies in, or the area that was named (定位到网格)."""
    if lng is not None and lat is not None:
        found = locate(lng, lat)
        if found is None:
            raise Invalid(
                "events.outside",
                Text(
                    "这个位置不在本平台的服务范围内。请在地图上重新选点，或直接选择村（社区）。",
                    "This place is outside the area served here. Choose another point, or choose the village.",
                ),
                fields={"place": Text("请重新选择位置。", "Choose the place again.")},
            )
        return found, Place(lng, lat, "point", place_text)
    if area_code:
        area = area_by_code(area_code)
        return area, Place(None, None, area.level, place_text)
    raise Invalid(
        "events.no_place",
        Text(
            "还不知道在哪里。请在地图上点一下，或选择村（社区）。",
            "The place is missing. Mark it on the map, or choose the village.",
        ),
        fields={"place": Text("请选择位置。", "Choose the place.")},
    )


def summary_of(description: str) -> str:
    """The first sentence in the resident's own words (标题取头一句)."""
    text = " ".join(description.split())
    for mark in "。！？；!?;":
        head = text.split(mark)[0]
        if 0 < len(head) < len(text):
            text = head
    return _fitted(text)


def _fitted(text: str) -> str:
    """As much as fits a row: a Chinese character is as wide as two Latin ones; words are not cut in two."""
    width = 0
    for n, letter in enumerate(text):
        width += 1 if letter.isascii() else 2
        if width > SUMMARY:
            head = text[:n]
            cut = head.rsplit(" ", 1)[0] if letter.isascii() and " " in head[n // 2 :] else head
            return cut.rstrip(" ，,、；;") + "…"
    return text


def reporter_of(data: Mapping[str, Any], by: Actor, at: datetime | None) -> Person | None:
    """Who is told of every step: the signed-in resident, or the person whose phone was given."""
    if by.kind == "resident" and by.person_id is not None:
        if by.acting is not None and by.acting.may_open(PROCEDURE):
            return Person(pk=by.acting.grantor_id)
        return Person(pk=by.person_id)  # the engine needs no more than who it is
    phone, name = str(data.get("contact") or "").strip(), str(data.get("reporter_name") or "").strip()
    if not phone:
        return None
    try:
        return find_or_create_person(name=name, phone=phone, by=by, at=at)
    except Invalid as error:
        codes = {"phone": "contact", "name": "reporter_name"}  # as this form calls them
        named = {codes.get(code, code): text for code, text in error.fields.items()}
        raise Invalid(error.code, next(iter(named.values()), error.message), fields=named) from error


def suggested_category(text: str, limit: int = 3) -> list[Category]:
    """Categories whose name stands in the text (类别建议): a help for the dispatcher, decided by nobody but them."""
    words = text.strip()
    found = [
        c
        for c in Category.objects.filter(active=True, directory__active=True, children__isnull=True)
        if any(part and part in words for part in (c.name, *c.keywords.split()))
    ]
    return sorted(
        found, key=lambda c: -max((len(w) for w in (c.name, *c.keywords.split()) if w in words), default=0)
    )[:limit]


def note_same(number: str, other: str, *, by: Actor, at: datetime | None = None) -> None:
    """Say that a report is about the same as an open case (也是这件事): related, for the dispatcher to merge or not.

    A person decides: nothing is merged here, and neither reporter comes to see the other's case. Twice is once.
    """
    cases = dict(Case.objects.filter(number__in=[number, other]).values_list("number", "pk"))
    if len(cases) == 2:
        link(cases[number], cases[other], "related", at=at or now(), by=by)


def join(number: str, *, contact: str = "", by: Actor, at: datetime | None = None) -> bool:
    """Join an open event instead of reporting it a second time (我也遇到了): counted, and told of each step until its end.

    The signed-in resident, or whoever has the phone that is given. Refuses (Invalid) without either, because nobody
    could be told; a case that has ended. Twice is once.
    """
    case = Case.objects.filter(number=number, procedure=PROCEDURE, recused=False).first()
    if case is None:
        raise absent(Text("办件", "case"))
    person = reporter_of({"contact": contact}, by, at)
    if person is None:
        raise Invalid(
            "events.join_needs_phone",
            Text(
                "请留一个手机号，有进展才能告诉您。不想留的，可以另外反映一件，凭编号自己查。",
                "Leave a phone number, so that we can tell you. If you prefer not to, report it anew and track by number.",
            ),
            fields={"contact": Text("请填写手机号。", "Enter a phone number.")},
        )
    joined = join_case(case.pk, person_id=person.pk, at=at)
    if joined:
        Event.objects.filter(case=case).update(n_reporters=F("n_reporters") + 1)
    return joined
