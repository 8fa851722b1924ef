"""The window's lane for matters (综合窗口收件): any matter, one column of questions, what is known left out.

One lane for the clerk at a window and for the village agent: each enters for somebody who came, called or wrote.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from linli.base.clock import today
from linli.base.errors import Invalid, LinliError, NotAllowed
from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.domains.matters import asking as pages
from linli.domains.matters import form, queries
from linli.domains.matters.applying import apply, known_for
from linli.domains.matters.asking import Asking
from linli.domains.matters.guide import in_words
from linli.domains.matters.life_events import apply_for_event
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Person
from linli.kernel.people.queries import access_person
from linli.kernel.people.services.mandates import ON_PAPER
from linli.kernel.people.services.residents import find_or_create_person
from linli.kernel.places.models import Area
from linli.kernel.places.queries import area_by_code
from linli.web import actionforms, lane
from linli.web.faces import actor_of, staff_only
from linli.web.forms import Choice, FieldView
from linli.web.receipts import keep_receipt, number_of_key

ROLES = frozenset({"clerk", "agent"})
WAYS = (
    Choice("window", Text("到窗口来的", "At the window")),
    Choice("phone", Text("打电话来的", "By phone")),
    Choice("paper", Text("交纸质表的", "On paper")),
)
AT_ONCE = 20
COMMITMENT = FieldView(
    "commitment",
    Text("本人作了容缺承诺（签字留档）", "They signed the promise that papers follow"),
    "boolean",
)
STATES = (
    Choice("brought", Text("带来了", "Brought")),
    Choice("bring", Text("下次带来", "Next time")),
    Choice("later", Text("容缺后补", "To follow")),
)


def _may(actor: Actor) -> None:
    if not actor.roles & ROLES:
        raise NotAllowed(
            "matters.may_not_enter",
            Text(
                "您目前的岗位不收件。请交给综合窗口或村里的代办员。",
                "Your posts do not take applications. Hand it to the window or to the village agent.",
            ),
        )


@never_cache
@require_safe
@staff_only
def find(request: HttpRequest) -> HttpResponse:
    """Which matter it is (查事项收件): by the words that people use, life events first."""
    actor = actor_of(request)
    _may(actor)
    here = _own_area(actor)
    county = queries.county_of(here)
    words = request.GET.get("q", "").strip()[:60]
    page = queries.matters_for(
        county, on=today(), words=words, cursor=request.GET.get("cursor", ""), limit=AT_ONCE
    )
    events = [
        b for _, b in queries.life_events(county) if not words or words in f"{b.title.zh}{' '.join(b.words)}"
    ]
    context = {
        "words": words,
        "page": page,
        "rows": [(v.matter, queries.spec_of(v)) for v in page.items],
        "events": events,
        "person": request.GET.get(lane.PERSON, ""),
    }
    return render(request, "matters/desk_find.html", context)


@never_cache
@staff_only
def enter(request: HttpRequest, code: str, kind: str = "matter") -> HttpResponse:
    """Take an application in (收件) for whoever came, called or wrote. What the registers know need not be typed."""
    actor = actor_of(request)
    _may(actor)
    here = _own_area(actor)
    answers = _answers_sent(request) if request.method == "POST" else {}
    asked = pages.asking(kind, code, here, answers)
    fields = _fields(asked, actor, here)
    if request.method != "POST":
        return _page(request, asked, fields, str(uuid7()))
    key = request.POST.get("key", "")[:80] or str(uuid7())
    if known := number_of_key(request, key):
        return HttpResponseRedirect(reverse("web:receipt", args=[known]))
    sent = actionforms.entered(fields, request.POST, request.FILES, by=actor, client_key=key)
    uid = request.POST.get(lane.PERSON, "")
    try:
        if sent.errors:
            raise Invalid(
                "matters.files",
                Text("有文件没有收下，其余内容都还在。", "A file was not taken; all else is still here."),
                fields=sent.errors,
            )
        recognised = lane.chosen(uid, actor, field="party_phone")
        said: dict[str, Any] = {c: sent.data.get(c) for c in ("channel", "area", "party_name", "party_phone")}
        said |= lane.filled(said, recognised, phone="party_phone", name="party_name")
        verb = apply if kind == "matter" else apply_for_event
        area = _area(said["area"], actor, here)
        receipt = verb(
            code,
            by=_in_post(actor, area),
            area=area,
            channel=_channel(said["channel"], actor),
            answers=pages.answers_in([f for f in fields if f.code.startswith("a.")], request.POST),
            papers=_papers_said(asked, sent.data),
            files=sent.data.get("files") or (),
            commitment=bool(sent.data.get("commitment")),
            applicant=lambda: _party(said, actor, recognised),
            helper=lane.helper(sent.data),
            client_key=key,
        )
    except LinliError as error:
        wrong = _at_fields(asked, error)
        again = actionforms.again(fields, sent, wrong)
        return _page(request, asked, again, key, message=error.message, status=error.status)
    keep_receipt(request, receipt.number, by=actor, client_key=key)
    return HttpResponseRedirect(reverse("web:receipt", args=[receipt.number]))


def _answers_sent(request: HttpRequest) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in request.POST:
        if name.startswith("a."):
            values = [v for v in request.POST.getlist(name) if v]
            if values:
                found[name[2:]] = values if len(values) > 1 else values[0]
    return found


def _papers_said(asked: Asking, data: Mapping[str, Any]) -> dict[str, str]:
    codes = {m.code for m in asked.form.materials}
    return {c: str(data[f"p.{c}"]) for c in codes if data.get(f"p.{c}")}


def _at_fields(asked: Asking, error: LinliError) -> dict[str, Text]:
    """Where on this page each mistake is to be mended."""
    if not isinstance(error, Invalid):
        return {}
    questions, papers = {f.code for f in asked.form.fields}, {m.code for m in asked.form.materials}
    names = {"phone": "party_phone", "name": "party_name"}
    return {
        f"a.{c}" if c in questions else f"p.{c}" if c in papers else names.get(c, c): text
        for c, text in error.fields.items()
    }


def _fields(asked: Asking, actor: Actor, here: Area | None) -> list[FieldView]:
    who = [
        FieldView("party_phone", Text("申请人电话", "Applicant's phone"), "phone", required=True,
                  hint=Text("输满就查是不是登记过（留痕）。登记过的，知道的都不用再填。", "A whole number is looked up, which leaves a trace. What is known then need not be typed.")),
        FieldView("party_name", Text("申请人姓名或名称", "Applicant's name"), required=True, max=80),
    ]  # fmt: skip
    how = [] if "clerk" not in actor.roles else [
        FieldView("channel", Text("怎么来的", "How it came"), "radio", required=True, choices=WAYS, value="window", extra={"side": True})
    ]  # fmt: skip
    ask = pages.questions_at_window(asked.form)
    places = lane.areas(here, actor, grids=False)
    where = []
    if here is not None and places:
        where = [FieldView("area", Text("住在哪里", "Where they live"), "choice", required=True,
                           choices=[Choice(here.code, here.title), *(c for c in places if c.value != here.code)], value=here.code)]  # fmt: skip
    papers = [_paper(asked, m) for m in asked.form.materials if m.source != "register"]
    promise = [COMMITMENT] if any(m.need == "tolerable" for m in asked.form.materials) else []
    files = FieldView(
        "files",
        Text("材料扫描件", "Scans"),
        "files",
        multiple=True,
        accept=f"{actionforms.PHOTOS},{actionforms.DOCUMENTS}",
    )
    return [*how, *who, *ask, *papers, *promise, *where, files, *lane.helper_views()]


def _paper(asked: Asking, m: Any) -> FieldView:
    only = in_words(pages.as_spec(asked.form), m.when)
    choices = STATES if m.need == "tolerable" else STATES[:2]
    hint = Text(f"{only.zh}才要", f"Only {only.en}") if only else ""
    return FieldView(
        f"p.{m.code}",
        m.title,
        "radio",
        required=True,
        choices=choices,
        value="brought",
        hint=hint,
        extra={"side": True, "when": json.dumps(m.when) if m.when else ""},
    )


def _own_area(actor: Actor) -> Area | None:
    hat = next((h for h in actor.hats if h.roles & ROLES), None)
    return Area.objects.filter(prefix=hat.area_prefix).select_related("parent").first() if hat else None


def _in_post(actor: Actor, area: Area) -> Actor:
    """Whoever enters it does so in a post that takes applications and covers the area, first of theirs."""
    first = [h for h in actor.hats if h.roles & ROLES and h.covers(area.prefix)]
    return replace(actor, hats=(*first[:1], *(h for h in actor.hats if h not in first[:1])))


def _area(code: Any, actor: Actor, here: Area | None) -> Area:
    found = area_by_code(str(code)) if code else here
    if found is None or not any(h.roles & ROLES and h.covers(found.prefix) for h in actor.hats):
        problem = Text("请选您负责范围内的地方。", "Choose a place within the area of your posts.")
        raise Invalid("web.bad_area", problem, fields={"area": problem})
    return found


def _channel(named: Any, actor: Actor) -> str:
    if "clerk" not in actor.roles:
        return "agency"
    if named in {c.value for c in WAYS}:
        return str(named)
    problem = Text("请选是怎么来的。", "Choose how it came.")
    raise Invalid("web.no_channel", problem, fields={"channel": problem})


def _party(said: Mapping[str, Any], by: Actor, recognised: Person | None) -> Person:
    if recognised is not None:
        return lane.known_again(recognised, by)
    return find_or_create_person(
        name=str(said["party_name"] or ""), phone=str(said["party_phone"] or ""), by=by
    )


def _page(
    request: HttpRequest,
    asked: Asking,
    fields: Sequence[FieldView],
    key: str,
    *,
    message: Text | str = "",
    status: int = 200,
) -> HttpResponse:
    actor = actor_of(request)
    uid = request.POST.get(lane.PERSON) or request.GET.get(lane.PERSON, "")
    context = {
        "asked": asked,
        "fields": fields,
        "key": key,
        "message": message,
        "spared": _spared(asked, uid, actor),
        "lane": lane.Lane(
            asked.title,
            lane.entries(actor, reverse("matters:desk_find")),
            phone="party_phone",
            name="party_name",
            folded=frozenset({"files", *(f"a.{f.code}" for f in asked.form.fields if f.prefilled)}),
            person=lane.shown(uid, actor),
            may_enter_mandates=bool(actor.roles & ON_PAPER),
        ),
    }
    return render(request, "matters/desk_enter.html", context, status=status)


def _spared(asked: Asking, uid: str, actor: Actor) -> form.Spared | None:
    """How much need not be asked of somebody who was recognised: a number, no value."""
    if not uid:
        return None
    try:
        known = known_for(access_person(uid, actor), asked.form, asked.spec)
    except LinliError:
        return None
    return form.spared(asked.form, {}, known)
