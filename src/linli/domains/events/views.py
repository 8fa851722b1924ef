"""Reporting something in three short steps (反映一件事): what, where, contact. Works without JavaScript.

What was entered is kept until it is sent; going back, reloading, closing the browser or pressing twice loses and
doubles nothing. The contact is asked last and never waits anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from linli.base.codes import mask_phone
from linli.base.errors import Invalid, LinliError, NotFound, TooMany, absent
from linli.base.i18n import Text
from linli.domains.events import drafts, forms, services
from linli.domains.events.drafts import Draft, with_draft
from linli.domains.events.nearness import NearbyView, near_point, number_behind
from linli.kernel.people import limits
from linli.kernel.people.actors import Actor
from linli.kernel.places import queries as places
from linli.kernel.places.models import Area
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.own import person_of
from linli.kernel.records.files import open_file
from linli.kernel.records.models import Upload
from linli.web import flash
from linli.web.faces import area_of, remember_tracked
from linli.web.forms import FieldView, filled, read
from linli.web.receipts import keep_receipt, number_of_key, sender

REPORTS_PER_ADDRESS = 30  # an hour; a whole village may share an address
CONTACT = ("reporter_name", "contact")
STEPS = (
    ("what", Text("什么事", "What"), "events:report"),
    ("where", Text("在哪里", "Where"), "events:where"),
    ("send", Text("联系与提交", "Contact"), "events:send"),
)


@never_cache
@with_draft
def what(request: HttpRequest) -> HttpResponse:
    """Step 1 (什么事): words and photos. `?area=CODE`, as on the paper form, chooses the village beforehand."""
    by = sender(request)
    draft = drafts.draft_of(request, by)
    if request.method != "POST" and (code := request.GET.get("area", "")):
        _named_area(draft, code)
        drafts.keep(request, draft)
        return HttpResponseRedirect(reverse("events:report"))
    area = _area(request, draft)
    description, photos = forms.asked(("description", "photos"), actor=by, area=area, optional=())
    fields: Sequence[FieldView] = (description, photos, forms.CONSENT)
    if request.method != "POST":
        return _step(request, "what", _what_filled(fields, draft), draft)
    if sent := number_of_key(request, request.POST.get("key", "")):
        return HttpResponseRedirect(reverse("web:receipt", args=[sent]))
    entered = read(fields, request.POST)
    draft.description = (entered["description"] or "")[:20000]
    draft.consent = bool(entered["consent"])
    most = forms.procedure_for(area).fields["photos"].max or 6
    kept = [k.uid for k in forms.kept_photos(entered["photos"], draft.owner)]
    taken = forms.take_photos(
        kept,
        request.FILES.getlist("photos"),
        by=by,
        owner=draft.owner,
        consent=draft.consent,
        most=most,
    )
    draft.photos = taken.uids
    if taken.point and draft.point is None:
        (draft.lng, draft.lat), draft.from_photo = taken.point, True
    drafts.keep(request, draft)
    wrong: dict[str, Text] = {}
    if taken.error:
        wrong["photos"] = taken.error
    if problem := _words_wrong(draft, forms.procedure_for(area).fields["description"].max or 4000):
        wrong["description"] = problem
    if wrong:
        return _step(request, "what", _what_filled(fields, draft, wrong), draft, status=422)
    return HttpResponseRedirect(reverse("events:where"))


def _words_wrong(draft: Draft, most: int) -> Text | None:
    if not draft.description.strip():
        return Text(
            "请写一句是什么事，例如“路灯不亮”。",
            "Write in a few words what it is, such as “street lamp is out”.",
        )
    n = len(draft.description)
    if n > most:
        return Text(
            f"最多 {most} 个字，现在是 {n} 个。请删短一些。",
            f"At most {most} characters; this has {n}. Shorten it.",
        )
    return None


def _what_filled(
    fields: Sequence[FieldView], draft: Draft, wrong: Mapping[str, Text] | None = None
) -> list[FieldView]:
    values = {
        "description": draft.description,
        "photos": forms.kept_photos(draft.photos, draft.owner),
        "consent": draft.consent,
    }
    return filled(fields, values, wrong or {})


@never_cache
@with_draft
def where(request: HttpRequest) -> HttpResponse:
    """Step 2 (在哪里): a point on the map, one's own position, words, or a village."""
    draft = drafts.draft_of(request, sender(request))
    if not draft.description:
        return HttpResponseRedirect(reverse("events:report"))
    fields = forms.place_views(_area(request, draft))
    if request.method != "POST":
        name = " ".join(request.GET.get("find", "").split())[:40]
        named = forms.places_named(name, _area(request, draft)) if name else None
        return _step(request, "where", _where_filled(fields, draft), draft, find=name, named=named)
    if sent := number_of_key(request, request.POST.get("key", "")):
        return HttpResponseRedirect(reverse("web:receipt", args=[sent]))
    try:
        place = forms.read_place(request.POST)
        draft.lng, draft.lat, draft.place_text = place.lng, place.lat, place.text
        draft.from_photo = False
        if place.area_code or len(fields) > 1:
            draft.area = place.area_code
        drafts.keep(request, draft)
        services.find_place(lng=draft.lng, lat=draft.lat, area_code=draft.area, place_text=draft.place_text)
    except (Invalid, NotFound) as error:
        wrong = error.fields if isinstance(error, Invalid) else {"village": error.message}
        return _step(
            request, "where", _where_filled(fields, draft, wrong), draft, message=error.message, status=422
        )
    return HttpResponseRedirect(reverse("events:send"))


def _where_filled(
    fields: Sequence[FieldView], draft: Draft, wrong: Mapping[str, Text] | None = None
) -> list[FieldView]:
    place = {"lng": draft.lng, "lat": draft.lat, "text": draft.place_text}
    return filled(fields, {"place": place, "village": draft.area}, wrong or {})


@never_cache
@with_draft
def send(request: HttpRequest) -> HttpResponse:
    """Step 3 (联系与提交): what others reported close by, the contact if wanted, and sending.

    A key belongs to the draft, so that pressing twice gives the first receipt again. Refuses more than 30 an hour
    from one address without an account (TooMany); everything stays for the next try.
    """
    by = sender(request)
    key = request.POST.get("key", "") if request.method == "POST" else ""
    if key and (sent := number_of_key(request, key)):
        return HttpResponseRedirect(reverse("web:receipt", args=[sent]))
    draft = drafts.draft_of(request, by)
    if not draft.description or not draft.has_place:
        return HttpResponseRedirect(reverse("events:where" if draft.description else "events:report"))
    area = _area(request, draft)
    fields = [] if by.kind == "resident" else forms.asked(CONTACT, actor=by, area=area)
    guess = services.suggested_category(draft.description, limit=1)
    near = near_point(request, by, draft.point, key=draft.key)
    if guess:  # what sounds the same stands first
        near.sort(key=lambda n: n.near.category != guess[0].title)
    if request.method != "POST":
        same = request.GET.get("same", "")
        return _step(request, "send", fields, draft, near=near, same=same, guess=guess, **_summary(draft, by))
    entered = read(fields, request.POST)
    same = request.POST.get("same", "")
    try:
        if by.account_id is None:
            address = request.META.get("REMOTE_ADDR", "")
            limits.hit(f"report:{address}", REPORTS_PER_ADDRESS, timedelta(hours=1))
        receipt = services.report(
            {k: v for k, v in _data(draft, entered).items() if v},
            by=by,
            channel="web",
            lng=draft.lng,
            lat=draft.lat,
            area_code=draft.area,
            place_text=draft.place_text,
            client_key=draft.key,
        )
    except LinliError as error:
        wrong = error.fields if isinstance(error, Invalid) else {}
        return _step(
            request, "send", filled(fields, entered, wrong), draft, message=error.message, status=error.status,
            error=error, same=same, near=near, elsewhere=_elsewhere(wrong), guess=guess, **_summary(draft, by),
        )  # fmt: skip
    if same and (other := number_behind(same, near)):
        services.note_same(receipt.number, other, by=by)
    keep_receipt(request, receipt.number, by=by, client_key=draft.key)
    if by.account_id is None:
        remember_tracked(request, Case.objects.values_list("pk", flat=True).get(number=receipt.number))
    drafts.forget(request)
    return HttpResponseRedirect(reverse("web:receipt", args=[receipt.number]))


def _data(draft: Draft, entered: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": draft.description, "photos": draft.photos, **{c: entered.get(c) for c in CONTACT}}


def _elsewhere(wrong: Mapping[str, Text]) -> list[tuple[Text, str, Text]]:
    """What is to be mended on an earlier step, with the way there (前面步骤的更正)."""
    home = {"description": 0, "photos": 0, "place": 1, "village": 1}
    return [
        (STEPS[home[code]][1], reverse(STEPS[home[code]][2]), text)
        for code, text in wrong.items()
        if code in home
    ]


def _summary(draft: Draft, by: Actor) -> dict[str, Any]:
    found = places.locate(*draft.point) if draft.point else None
    area = found or (places.area_by_code(draft.area) if draft.area else None)
    trail = [a for a in places.path(area) if len(a.prefix) > 6] or [area] if area else []
    phone = ""
    if by.kind == "resident" and by.acting is None:
        phone = mask_phone(person_of(by).phone)
    return {
        "photos": forms.kept_photos(draft.photos, draft.owner),
        "place": Text(" › ".join(a.title.zh for a in trail), " › ".join(a.title.en for a in trail)),
        "phone": phone,
        "acting": by.acting,
        "kept": forms.procedure_for(area).fields["contact"].hint,
    }


@require_POST
@with_draft
def drop(request: HttpRequest) -> HttpResponse:
    """Remove what was begun (不写了): at once, not when its time is over."""
    drafts.forget(request)
    flash.say(request, Text("草稿已删掉。", "The draft is removed."))
    return HttpResponseRedirect(reverse("web:home"))


@require_safe
def photo(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """A photo of one's own draft (草稿照片): for this browser alone, the small copy without hidden data."""
    draft = drafts.draft_of(request, sender(request))
    row = Upload.objects.filter(uid=uid, owner=draft.owner).select_related("public_file").first()
    if row is None or row.public_file is None or str(uid) not in draft.photos:
        raise absent(Text("照片", "photo"))
    headers = {"Cache-Control": "private, max-age=300", "X-Content-Type-Options": "nosniff"}
    return FileResponse(
        open_file(row.public_file.sha256), content_type=row.public_file.media_type, headers=headers
    )


def _named_area(draft: Draft, code: str) -> None:
    """The village on a printed form; a code that is none changes nothing (二维码带来的村)."""
    try:
        area = places.area_by_code(code) if code.isalnum() else None
    except NotFound:
        return
    if area is not None:
        draft.area = area.code


def _area(request: HttpRequest, draft: Draft) -> Area | None:
    """Where to begin looking: the area that was named, else the one the reader chose, else the only root."""
    if draft.area:
        return places.area_by_code(draft.area)
    if (chosen := area_of(request)) is not None:
        return chosen
    roots = list(places.roots()[:2])
    return roots[0] if len(roots) == 1 else None


def _step(
    request: HttpRequest,
    step: str,
    fields: Sequence[FieldView],
    draft: Draft,
    *,
    message: Text | str = "",
    status: int = 200,
    error: LinliError | None = None,
    near: Sequence[NearbyView] = (),
    **more: Any,
) -> HttpResponse:
    n = next(i for i, (code, _, _) in enumerate(STEPS) if code == step)
    ready = (True, bool(draft.description), bool(draft.description) and draft.has_place)
    steps = [
        {"title": title, "url": reverse(name) if ready[i] and i != n else "", "now": i == n}
        for i, (_, title, name) in enumerate(STEPS)
    ]
    context = {
        "fields": fields,
        "draft": draft,
        "message": message,
        "steps": steps,
        "n": n + 1,
        "near": near,
        "area": _area(request, draft),
        **more,
    }
    response = render(request, f"events/report_{step}.html", context, status=status)
    if isinstance(error, TooMany) and (wait := error.data.get("retry_after")):
        response["Retry-After"] = str(wait)
    return response
