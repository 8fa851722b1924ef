"""The verbs of mass organisations (群团组织): put on the register by the county, kept by their own staff.

What came of it: `partner_reports.py`.

The register holds bodies. It has no place for a member, an applicant or anybody else, and texts in which a number of
an identity card or of somebody's phone is found are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from linli.base import clock
from linli.base.errors import Invalid, NotAllowed, Refused
from linli.base.i18n import Text
from linli.domains.matters import partner_queries as q
from linli.domains.matters.models import Matter
from linli.domains.matters.partner_models import KINDS, OFFERS, SERVICE, Partner, PartnerOffer
from linli.domains.matters.queries import county_of, in_force
from linli.domains.matters.services import MEND
from linli.domains.matters.standards import SIGNS
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.people.models import Organisation
from linli.kernel.people.services.administration import require_administrator

NO_BODIES = frozenset({"village", "company"})  # kinds of organisations that are no mass organisation
LEAST = 6  # characters of a sentence
NUMBERS = re.compile(r"\d{11,}|\d{17}[\dXx]")  # as in the self-check: what is published names nobody
_ID_NUMBER = re.compile(r"\d{15,}|\d{17}[\dXx]")  # where a body's own phone may stand
PERSONAL = Text(
    "这里要公布，请去掉个人电话、证件号等个人信息。",
    "It is published: take out phone and ID numbers of people.",
)
LENGTHS = {
    "title": 80,
    "title_en": 160,
    "for_whom": 200,
    "place": 200,
    "times": 200,
    "how": 300,
    "basis": 160,
}


@transaction.atomic
def enter(
    organisation: Organisation, *, kind: str, about: str, by: Actor, at: datetime | None = None
) -> Partner:
    """Put a body on the register (登记群团组织), or back on it.

    Refuses whoever does not administer its county, one that is there already (`matters.body_known`), and what is no such
    body or says nothing of itself (`matters.bad_body`). Records `matters.body_entered`.
    """
    at = at or clock.now()
    county = county_of(organisation.area)
    hat = require_administrator(by, county.prefix)
    about = about.strip()
    wrong: dict[str, Text] = {}
    if organisation.kind in NO_BODIES or not organisation.active:
        wrong["organisation"] = Text(
            "村（居）委会、企业和停用的单位不是群团组织，请另选。",
            "A village committee, a company or a closed office is no mass organisation. Choose another.",
        )
    if kind not in KINDS:
        wrong["kind"] = Text("请从列出的里面选。", "Choose one of those listed.")
    if not LEAST <= len(about) <= 300:
        wrong["about"] = Text(
            "请用一句话写居民可以找它做什么，6 到 300 个字。",
            "Say in a sentence what residents may turn to it for, 6 to 300 characters.",
        )
    elif NUMBERS.search(about):
        wrong["about"] = PERSONAL
    if wrong:
        raise Invalid("matters.bad_body", MEND, fields=wrong)
    found = Partner.objects.select_for_update().filter(organisation=organisation).first()
    if found is not None and found.ended_on is None:
        raise Refused(
            "matters.body_known",
            Text("这个组织已经登记，请直接打开。", "This body is on the register already. Open it there."),
        )
    made = found or Partner(organisation=organisation, county=county)
    made.county, made.kind, made.about, made.entered_at = county, kind, about, at
    made.ended_on, made.end_reason = None, ""
    made.save()
    audit.note("matters.body_entered", by=by, at=at, hat=hat, about=organisation, kind=kind)
    return made


@transaction.atomic
def end(partner: Partner, *, reason: str, by: Actor, at: datetime | None = None) -> None:
    """Take a body off the register (移出登记), from today on; its signed reports stay to be read.

    Refuses whoever does not administer the county, one that has left (`matters.body_ended`), and no reason
    (`matters.no_reason`). Records `matters.body_ended`.
    """
    at = at or clock.now()
    hat = require_administrator(by, partner.county.prefix)
    partner = held(partner)
    partner.ended_on, partner.end_reason = clock.local(at).date(), _reason(reason)
    partner.save(update_fields=["ended_on", "end_reason"])
    audit.note("matters.body_ended", by=by, at=at, hat=hat, about=partner.organisation)


def works_in(by: Actor, partner: Partner) -> Hat:
    """The post in this body from which somebody keeps its page (本组织岗位). Refuses everybody else (`matters.not_your_body`)."""
    for hat in by.hats:
        if hat.organisation_id == partner.organisation_id:
            return hat
    raise NotAllowed(
        "matters.not_your_body",
        Text(
            "服务、资源和成效由这个组织自己的工作人员填写。您目前的岗位不在这个组织。",
            "What a body offers and reports is kept by its own staff. You hold no post in this one.",
        ),
    )


def heads(by: Actor, partner: Partner) -> Hat:
    """The post from which somebody signs for this body (签发岗位). Refuses whoever does not lead it."""
    for hat in by.hats:
        if SIGNS in hat.roles and hat.organisation_id == partner.organisation_id:
            return hat
    works_in(by, partner)
    raise NotAllowed(
        "matters.head_signs",
        Text(
            "成效报告由本组织负责人签发。请把写好的稿交给负责人。",
            "The head of the body signs its report. Leave the draft to them.",
        ),
    )


# ---- what it does and shares --------------------------------------------------------------------------------


@transaction.atomic
def keep_offer(
    partner: Partner,
    said: Mapping[str, str | None],
    *,
    number: int | None = None,
    by: Actor,
    at: datetime | None = None,
) -> PartnerOffer:
    """Enter what the body undertakes or shares (登记承担的服务、共享的资源), or change it by its number.

    `said` holds `kind`, `matter` (a code of the catalogue, for a service), `title`, `title_en`, `for_whom`, `place`,
    `times`, `how`, `basis`. Refuses whoever has no post there (`matters.not_your_body`), one that has ended
    (`matters.offer_ended`), a gap, a number of a person, a matter that is not in force, or one of another office without
    the document by which it was handed over (`matters.bad_offer`), and a matter that the body has already
    (`matters.undertaken`). Records `matters.offer_added`, or `matters.offer_changed` with what changed.
    """
    at = at or clock.now()
    hat = works_in(by, partner)
    partner = held(partner)
    found = q.offer(partner, number) if number else None
    if found is not None and found.ended_on is not None:
        raise _over()
    kept, wrong = _offer(partner, said, clock.local(at).date())
    if wrong:
        raise Invalid("matters.bad_offer", MEND, fields=wrong)
    others = partner.offers.filter(matter=kept["matter"], ended_on=None).exclude(pk=found.pk if found else 0)
    if kept["matter"] is not None and others.exists():
        problem = Text(
            "这个事项已经登记过，请改原来那条。", "This matter is entered already. Change that entry."
        )
        raise Invalid("matters.undertaken", problem, fields={"matter": problem})
    if found is None:
        last = partner.offers.aggregate(last=Max("number"))["last"] or 0
        made = PartnerOffer.objects.create(partner=partner, number=last + 1, made_at=at, **kept)
        audit.note(
            "matters.offer_added", by=by, at=at, hat=hat, about=partner.organisation,
            offer=made.number, kind=made.kind, matter=made.matter.code if made.matter else "",
        )  # fmt: skip
        return made
    changed = sorted(name for name, value in kept.items() if getattr(found, name) != value)
    if changed:
        for name in changed:
            setattr(found, name, kept[name])
        found.save(update_fields=changed)
        audit.note(
            "matters.offer_changed", by=by, at=at, hat=hat, about=partner.organisation,
            offer=found.number, fields=changed,
        )  # fmt: skip
    return found


@transaction.atomic
def end_offer(
    partner: Partner, number: int, *, reason: str, by: Actor, at: datetime | None = None
) -> PartnerOffer:
    """End what the body offers (停办、停止共享), with the reason. Refuses whoever has no post there, one that has ended
    (`matters.offer_ended`), and no reason (`matters.no_reason`). Records `matters.offer_stopped`."""
    at = at or clock.now()
    hat = works_in(by, partner)
    partner = held(partner)
    found = q.offer(partner, number)
    if found.ended_on is not None:
        raise _over()
    found.ended_on, found.end_reason = clock.local(at).date(), _reason(reason)
    found.save(update_fields=["ended_on", "end_reason"])
    audit.note("matters.offer_stopped", by=by, at=at, hat=hat, about=partner.organisation, offer=number)
    return found


def _offer(
    partner: Partner, said: Mapping[str, str | None], today: date
) -> tuple[dict[str, Any], dict[str, Text]]:
    wrong: dict[str, Text] = {}
    kept: dict[str, Any] = {name: str(said.get(name) or "").strip() for name in LENGTHS}
    kind, code = said.get("kind") or "", (said.get("matter") or "").strip()
    kept |= {"kind": kind, "matter": None}
    if kind not in OFFERS:
        wrong["kind"] = Text("请从列出的里面选。", "Choose one of those listed.")
    if code and (problem := _matter(partner, kept, code, today)):
        wrong |= problem
    needed = ["title", "for_whom", "times", "how", *(["place"] if kind != "hotline" else [])]
    for name in needed:
        if len(kept[name]) < 2:
            wrong.setdefault(name, Text("请填写，至少两个字。", "Fill this in."))
    for name, most in LENGTHS.items():
        numbers = _ID_NUMBER if name in {"title", "title_en", "how", "basis"} else NUMBERS
        if len(kept[name]) > most:
            wrong[name] = Text(f"最多 {most} 个字，请写短些。", f"At most {most} characters; shorten it.")
        elif numbers.search(kept[name]):
            wrong[name] = PERSONAL
    return kept, wrong


def _matter(partner: Partner, kept: dict[str, Any], code: str, today: date) -> dict[str, Text]:
    """Puts the matter into what is kept, with its title where none was given; gives what is wrong with it."""
    if kept["kind"] != SERVICE:
        return {
            "matter": Text("只有公共服务才对应事项，请去掉。", "Only a service is a matter. Take it out.")
        }
    version = in_force(today, partner.county).filter(matter__code=code).first()
    if version is None:
        return {
            "matter": Text(
                "目录里没有这个有效的事项。请核对编码，或者不填编码、用大白话写。",
                "No such matter is in force. Check its code, or leave it out and say the service in plain words.",
            )
        }
    matter: Matter = version.matter
    kept["matter"] = matter
    kept["title"] = kept["title"] or matter.title[: LENGTHS["title"]]
    kept["title_en"] = kept["title_en"] or matter.title_en[: LENGTHS["title_en"]]
    if matter.organisation_id != partner.organisation_id and not kept["basis"]:
        return {
            "basis": Text(
                "这是别的单位的事项，请写交给本组织承担的文件或协议。",
                "It is another office's matter: name the document by which it was handed to this body.",
            )
        }
    return {}


def held(partner: Partner) -> Partner:
    """The body, locked, so that its entries are numbered one after the other. Refuses one that has left the register."""
    found = Partner.objects.select_for_update(of=("self",)).select_related("organisation", "county").get(pk=partner.pk)  # fmt: skip
    if found.ended_on is not None:
        raise Refused(
            "matters.body_ended",
            Text(
                "这个组织已移出登记。要恢复，请联系县里的事项目录管理员。",
                "This body has left the register. Ask the administrator of the catalogue to enter it again.",
            ),
        )
    return found


def _over() -> Refused:
    return Refused(
        "matters.offer_ended",
        Text("这一条已经停办。要再办，请新登记一条。", "This has ended. Enter it anew to offer it again."),
    )


def _reason(text: str) -> str:
    text = text.strip()[:300]
    problem = Text("请写清理由，居民看得到。", "Give the reason; residents read it.")
    if len(text) < 2:
        raise Invalid("matters.no_reason", problem, fields={"reason": problem})
    if NUMBERS.search(text):
        raise Invalid("matters.no_reason", PERSONAL, fields={"reason": PERSONAL})
    return text
