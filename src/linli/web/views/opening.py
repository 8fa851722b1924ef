"""Beginning a case from its procedure file (发起办件): one page for every procedure, for residents and for the desk.

What is asked is what the file asks. Staff who enter it for somebody name that person; both stand on the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from linli.base.errors import Invalid, LinliError, absent
from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Person
from linli.kernel.people.services.mandates import ON_PAPER
from linli.kernel.people.services.residents import find_or_create_person
from linli.kernel.places.models import Area
from linli.kernel.places.queries import area_by_code, path
from linli.kernel.procedures import engine
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.offered import (
    begun_by,
    concerns_a_party,
    needs_a_party,
    posts_that_begin,
)
from linli.kernel.procedures.own import as_resident, party_of, person_of
from linli.kernel.procedures.state import Receipt
from linli.kernel.procedures.versions import current_version, procedure_of
from linli.web import actionforms, lane
from linli.web.casewords import CHANNELS
from linli.web.faces import actor_of, area_of, resident_only, staff_only
from linli.web.forms import Choice, FieldView
from linli.web.receipts import keep_receipt, number_of_key
from linli.web.views.paper import on_paper

Opens: TypeAlias = Callable[..., Receipt]  # takes what was entered, then what `engine.open_case` takes
DESK_CHANNELS = ("window", "phone", "paper", "field")
LANE = "web/desk/begin.html"
CONTACT = "contact"  # as procedures call the phone of whoever asks
FILES_WRONG = Text("有文件没有收下，其余内容都还在。", "A file was not taken; all else is still here.")


def services(request: HttpRequest) -> HttpResponse:
    """What residents may ask for (办事与诉求): every procedure that is open to them, in their own words."""
    return render(request, "web/services.html", {"procedures": begun_by(as_resident(actor_of(request)))})


@never_cache
@resident_only
def begin(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for something oneself (本人发起). Refuses what residents do not begin, with the answer for what is not there."""
    actor = as_resident(actor_of(request))
    area = area_of(request)
    procedure = _procedure(code, actor, area)
    if area is None:
        return render(request, "web/begin.html", {"procedure": procedure, "area": None})
    fields = _questions(procedure, actor, area, phone=_own_phone(actor))
    if request.method != "POST":
        return _page(request, "web/begin.html", procedure, fields, str(uuid7()), area=area)
    return _open(
        request,
        "web/begin.html",
        procedure,
        fields,
        by=actor,
        area=area,
        channel="web",
        applicant=person_of(actor),
    )


def begin_with(
    request: HttpRequest,
    procedure: Procedure,
    questions: Sequence[FieldView],
    opens: Opens,
    *,
    template: str,
    more: Mapping[str, Any],
) -> HttpResponse:
    """The same page with questions of a domain's own (本人发起，按事项提问): `opens` is the domain's verb, `template` its page,
    which is given `more`."""
    actor, area = as_resident(actor_of(request)), area_of(request)
    if area is None:
        return render(request, "web/begin.html", {"procedure": procedure, "area": None})
    if request.method != "POST":
        return _page(request, template, procedure, questions, str(uuid7()), area=area, more=more)
    return _open(
        request, template, procedure, questions,
        by=actor, area=area, channel="web", applicant=party_of(actor), opens=opens, more=more,
    )  # fmt: skip


def desk_begin_with(
    request: HttpRequest,
    procedure: Procedure,
    questions: Sequence[FieldView],
    opens: Opens,
    *,
    folded: frozenset[str],
    blank: str,
) -> HttpResponse:
    """The window's page with questions of a domain's own (窗口登记，按事项提问), `folded` those that are seldom needed, `blank`
    the address of the form on paper. Absent for posts that do not begin it."""
    actor = actor_of(request)
    if not (posts := posts_that_begin(procedure, actor)):
        raise absent(Text("事项", "procedure"))
    here = Area.objects.filter(prefix=posts[0].area_prefix).first()
    about = [
        replace(view, required=view.required or view.code.startswith("party_"))
        for view in _about(procedure, actor, here)
    ]
    fields = lane.ordered(
        [*about, *questions, *lane.helper_views()],
        ("channel", "party_phone", "party_name"),
        ("area", *lane.HELPER_CODES),
    )
    more = {"folded": folded, "blank": blank}
    if request.method != "POST":
        return _page(request, LANE, procedure, fields, str(uuid7()), more=more)
    return _open(request, LANE, procedure, fields, by=actor, area=here, channel="", opens=opens, more=more)


def _own_phone(actor: Actor) -> str:
    """The number that one signed in with; never that of the person one acts for."""
    return "" if actor.acting else person_of(actor).phone.removeprefix("+86")


@never_cache
@staff_only
def desk_list(request: HttpRequest) -> HttpResponse:
    """What one's posts may begin (可发起的事项)."""
    return render(request, "web/desk/begin_list.html", {"procedures": begun_by(actor_of(request))})


@never_cache
@staff_only
def desk_begin(request: HttpRequest, code: str) -> HttpResponse:
    """Begin a case at the desk (登记、立案): for somebody who came, called or wrote, or by duty."""
    actor = actor_of(request)
    hat = next(iter(posts_that_begin(_offered(code, actor), actor)))
    here = Area.objects.filter(prefix=hat.area_prefix).first()
    procedure = _procedure(code, actor, here)
    about = _about(procedure, actor, here)
    asked = {f.code for f in about}
    # The party's phone is asked once.
    questions = [
        f for f in _questions(procedure, actor, here) if not (f.code == CONTACT and "party_phone" in asked)
    ]
    helpers = lane.helper_views() if concerns_a_party(procedure) else []
    fields = lane.ordered(
        [*about, *questions, *helpers], ("channel", "party_phone", "party_name"), ("area", *lane.HELPER_CODES)
    )
    if request.method != "POST":
        return _page(request, LANE, procedure, fields, str(uuid7()))
    return _open(request, LANE, procedure, fields, by=actor, area=here, channel="")


def _offered(code: str, actor: Actor) -> Procedure:
    found = next((p for p in begun_by(actor) if p.code == code), None)
    if found is None:
        raise absent(Text("事项", "procedure"))
    return found


def _procedure(code: str, actor: Actor, area: Area | None) -> Procedure:
    _offered(code, actor)
    return procedure_of(current_version(code, area.prefix if area else ""))


def _questions(procedure: Procedure, actor: Actor, area: Area | None, *, phone: str = "") -> list[FieldView]:
    """What the procedure asks at its opening (发起时的问题); the number that one signed in with is filled in already."""
    asked = [c for c in procedure.open_form if c not in procedure.open_optional]
    return actionforms.field_views(
        procedure,
        asked,
        procedure.open_optional,
        actor=actor,
        area_prefix=area.prefix if area else "",
        given={CONTACT: phone},
    )


def _about(procedure: Procedure, actor: Actor, here: Area | None) -> list[FieldView]:
    """What the desk says besides: how it came, where it belongs, whom it concerns."""
    channels = [c for c in procedure.channels if c in DESK_CHANNELS]
    found = []
    if len(channels) > 1:
        choices = [Choice(c, CHANNELS[c]) for c in channels]
        found.append(
            FieldView("channel", Text("怎么来的", "How it came"), "radio", required=True, choices=choices,
                      value=channels[0], extra={"side": True})
        )  # fmt: skip
    below = [a for a in lane.areas(here, actor, grids=False) if here is None or a.value != here.code]
    if here and below:
        found.append(
            FieldView("area", Text("属于哪里", "Where it belongs"), "choice", required=True,
                      choices=[Choice(here.code, here.title), *below], value=here.code)
        )  # fmt: skip
    if concerns_a_party(procedure):
        needed = needs_a_party(procedure)
        found += [
            FieldView("party_name", Text("当事人姓名或名称", "Name of the person or body concerned"),
                      required=needed, max=80),
            FieldView("party_phone", Text("当事人电话", "Their phone"), "phone", required=needed,
                      hint=Text("每一步都通知到这个号码。", "They are told of every step at this number.")),
        ]  # fmt: skip
    return found


def _open(
    request: HttpRequest,
    template: str,
    procedure: Procedure,
    fields: Sequence[FieldView],
    *,
    by: Actor,
    area: Area | None,
    channel: str,
    applicant: Person | None = None,
    opens: Opens | None = None,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    key = request.POST.get("key", "")[:80] or str(uuid7())
    if known := number_of_key(request, key):
        return HttpResponseRedirect(reverse("web:receipt", args=[known]))
    uid = request.POST.get(lane.PERSON, "") if by.is_staff else ""
    sent = actionforms.entered(fields, request.POST, request.FILES, by=by, client_key=key)
    said: dict[str, Any] = {c: sent.data.get(c) for c in ("channel", "area", "party_name", "party_phone")}
    data = {c: v for c, v in sent.data.items() if c in procedure.open_form}
    try:
        if sent.errors:
            raise Invalid("web.files", FILES_WRONG, fields=sent.errors)
        recognised = lane.chosen(uid, by, field="party_phone")
        said |= lane.filled(said, recognised, phone="party_phone", name="party_name")
        if said["party_phone"] and CONTACT in procedure.open_form:
            data.setdefault(CONTACT, said["party_phone"])
        where, by = _area(procedure, said["area"], by, area)
        how: dict[str, Any] = {
            "by": by,
            "area": where,
            "channel": channel or _channel(procedure, said["channel"]),
            "applicant": applicant or (lambda: _party(procedure, said, by, recognised)),
            "helper": lane.helper(sent.data) if by.is_staff else None,
            "client_key": key,
        }
        receipt = opens(sent.data, **how) if opens else engine.open_case(procedure.code, data=data, **how)
    except LinliError as error:
        wrong = dict(error.fields) if isinstance(error, Invalid) else {}
        if CONTACT in wrong and CONTACT not in sent.data:
            wrong["party_phone"] = wrong.pop(CONTACT)
        again = actionforms.again(fields, sent, wrong)
        return _page(
            request, template, procedure, again, key,
            area=area, message=error.message, status=error.status, more=more,
        )  # fmt: skip
    keep_receipt(request, receipt.number, by=by, client_key=key)
    return HttpResponseRedirect(reverse("web:receipt", args=[receipt.number]))


def _area(procedure: Procedure, code: Any, by: Actor, here: Area | None) -> tuple[Area, Actor]:
    """The area that was chosen, and who enters it: staff in a post that begins this and covers the area, first of theirs."""
    found = area_by_code(str(code)) if code else here
    posts = [h for h in posts_that_begin(procedure, by) if found is not None and h.covers(found.prefix)]
    if found is None or (by.is_staff and not posts):
        problem = Text("请选您负责范围内的地方。", "Choose a place within the area of your posts.")
        raise Invalid("web.bad_area", problem, fields={"area": problem})
    return found, replace(by, hats=(*posts[:1], *(h for h in by.hats if h not in posts[:1])))


def _channel(procedure: Procedure, named: Any) -> str:
    open_here = [c for c in procedure.channels if c in DESK_CHANNELS]
    if named in open_here:
        return str(named)
    if len(open_here) == 1:
        return open_here[0]
    problem = Text("请选是怎么来的。", "Choose how it came.")
    raise Invalid("web.no_channel", problem, fields={"channel": problem})


def _party(procedure: Procedure, said: dict[str, Any], by: Actor, recognised: Person | None) -> Person | None:
    if recognised is not None:
        return lane.known_again(recognised, by)
    name, phone = str(said["party_name"] or "").strip(), str(said["party_phone"] or "").strip()
    if not concerns_a_party(procedure) or not (name or phone):
        if needs_a_party(procedure):
            problem = Text(
                "请写当事人姓名和电话，决定要送达本人。",
                "Name the person and a phone: decisions must reach them.",
            )
            raise Invalid("web.no_party", problem, fields={"party_name": problem})
        return None
    try:
        return find_or_create_person(name=name, phone=phone, by=by)
    except Invalid as error:
        named = {f"party_{code}": text for code, text in error.fields.items()}
        raise Invalid(error.code, next(iter(named.values()), error.message), fields=named) from error


def _page(
    request: HttpRequest,
    template: str,
    procedure: Procedure,
    fields: Sequence[FieldView],
    key: str,
    *,
    area: Area | None = None,
    message: Text | str = "",
    status: int = 200,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    context = {
        **(more or {}),
        "procedure": procedure,
        "fields": fields,
        "key": key,
        "area": area,
        "trail": path(area)[:-1] if area else (),
        "message": message,
    }
    if (actor := actor_of(request)).is_staff and template == LANE:
        uid = request.POST.get(lane.PERSON) or request.GET.get(lane.PERSON, "")
        if on_paper(procedure):
            context.setdefault("blank", reverse("web:paper", args=[procedure.code]))
        context["lane"] = lane.Lane(
            procedure.title,
            lane.entries(actor, request.path),
            phone="party_phone",
            name="party_name",
            folded=context.get("folded", frozenset()),
            person=lane.shown(uid, actor),
            may_enter_mandates=bool(actor.roles & ON_PAPER),
        )
    return render(request, template, context, status=status)
