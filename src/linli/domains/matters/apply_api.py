"""Applying over the API (申请接口): the form as JSON Schema, and the same verb as page and window."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status
from pydantic import Field

from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.domains.matters import asking, form
from linli.domains.matters.applying import apply, known_for
from linli.domains.matters.form_schema import schema_of
from linli.domains.matters.life_events import apply_for_event
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Person
from linli.kernel.people.services.residents import find_or_create_person
from linli.kernel.places.queries import area_by_code
from linli.web.api.areas import Code
from linli.web.api.cases import REPLAYED
from linli.web.api.identity import CHANNEL, actor_in
from linli.web.api.reading import WRITES, client_key
from linli.web.api.schemas import READ, OpenedOut, Words, answers, words

router = Router(tags=["matters"])
DESK_CHANNELS = frozenset({"window", "phone", "paper", "agency"})
Value = str | int | float | bool | list[str]


class PartyIn(Schema):
    name: str = Field(max_length=80)
    phone: str = Field(max_length=30)


class ApplicationIn(Schema):
    area: str = Field(max_length=20, description="where the applicant lives")
    answers: dict[Annotated[str, Field(max_length=60)], Value] = Field(default_factory=dict, max_length=80)
    papers: dict[Annotated[str, Field(max_length=60)], str] = Field(default_factory=dict, max_length=60)
    files: list[str] = Field(default_factory=list, max_length=30, description="uploads: POST /api/v1/files")
    commitment: bool = Field(default=False, description="papers that are `later` follow in time (容缺承诺)")
    channel: str = Field("", max_length=12, description="staff only: window, phone, paper or agency")
    applicant: PartyIn | None = Field(None, description="staff only: for whom it is entered")


class FormOut(Schema):
    code: str
    title: Words
    form_schema: dict[str, Any] = Field(description="JSON Schema 2020-12 of `answers` and `papers`")
    known: list[str] = Field(description="questions that a register answers for whoever asks: leave them out")
    n_asked: int
    n_spared: int


@router.get("/matters/{code}/form", response=answers((200, FormOut), refusals=READ), operation_id="read_form")
def read_form(request: HttpRequest, code: str, area: Code = "") -> FormOut:
    """The form of a matter (申请表), with what is known of the resident who asks."""
    return _form(request, "matter", code, area)


@router.get(
    "/life-events/{code}/form",
    response=answers((200, FormOut), refusals=READ),
    operation_id="read_event_form",
)
def read_event_form(request: HttpRequest, code: str, area: Code = "") -> FormOut:
    """The one form of a life event (一件事的表): its first questions, and those of services that everybody needs."""
    return _form(request, "life", code, area)


def _form(request: HttpRequest, kind: str, code: str, area: str) -> FormOut:
    asked = asking.asking(kind, code, area_by_code(area) if area else None, {})
    person = _resident(actor_in(request))
    known = known_for(person, asked.form, asked.spec) if person is not None else {}
    counted = form.spared(asked.form, {}, known)
    return FormOut(
        code=code,
        title=words(asked.title),
        form_schema=schema_of(asked.form),
        known=[f.code for f in asked.form.fields if f.prefilled and f.element in known],
        n_asked=counted.n_whole,
        n_spared=counted.n,
    )


@router.post(
    "/matters/{code}/applications",
    response=answers((201, OpenedOut), (200, OpenedOut)),
    operation_id="apply",
    openapi_extra=WRITES,
)
def apply_for_matter(
    request: HttpRequest, response: HttpResponse, code: str, body: ApplicationIn
) -> Status[OpenedOut]:
    """Apply for a matter (申请事项). 200 when the same write was received before."""
    return _apply(apply, request, response, code, body)


@router.post(
    "/life-events/{code}/applications",
    response=answers((201, OpenedOut), (200, OpenedOut)),
    operation_id="apply_for_event",
    openapi_extra=WRITES,
)
def apply_for_life_event(
    request: HttpRequest, response: HttpResponse, code: str, body: ApplicationIn
) -> Status[OpenedOut]:
    """Apply for a life event (申请一件事): opens a case for each of its services in turn."""
    return _apply(apply_for_event, request, response, code, body)


def _apply(
    verb: Any, request: HttpRequest, response: HttpResponse, code: str, body: ApplicationIn
) -> Status[OpenedOut]:
    key, actor = client_key(request), actor_in(request)
    receipt = verb(
        code,
        by=actor,
        area=area_by_code(body.area),
        channel=_channel(body, actor),
        answers=body.answers,
        papers=body.papers,
        files=body.files,
        commitment=body.commitment,
        applicant=lambda: _applicant(body, actor),
        client_key=key,
    )
    response["Location"] = f"/api/v1/cases/{receipt.number}"
    if receipt.repeated:
        response[REPLAYED] = "true"
    return Status(200 if receipt.repeated else 201, OpenedOut(**receipt.as_dict()))


def _channel(body: ApplicationIn, actor: Actor) -> str:
    if not body.channel or not actor.is_staff:
        return CHANNEL
    if body.channel in DESK_CHANNELS:
        return body.channel
    problem = Text(
        "渠道请写 window、phone、paper 或 agency。", "The channel is window, phone, paper or agency."
    )
    raise Invalid("matters.no_channel", problem, fields={"channel": problem})


def _resident(actor: Actor) -> Person | None:
    if actor.is_staff or actor.person_id is None:
        return None
    return Person.objects.filter(pk=actor.acting.grantor_id if actor.acting else actor.person_id).first()


def _applicant(body: ApplicationIn, actor: Actor) -> Person | None:
    if not actor.is_staff:
        return _resident(actor)
    if body.applicant is None:
        return None
    return find_or_create_person(name=body.applicant.name, phone=body.applicant.phone, by=actor)
