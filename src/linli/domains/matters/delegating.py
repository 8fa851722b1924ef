"""Handing a matter down (事项下放、收回), and what villages do for people (村级代办事项): each noted in the log.

A department hands down nothing that the township cannot carry: five questions are answered first, all with yes (basis
III.2-a of the systems list; 权责外的工作不下放). It begins on trial, and can be taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction

from linli.base import clock
from linli.base.errors import Invalid, NotAllowed, Refused
from linli.base.i18n import Text
from linli.domains.matters.models import AgencyItem, Matter, MatterDelegation
from linli.domains.matters.services import MEND, noted
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Organisation, Post
from linli.kernel.people.services.administration import require_administrator
from linli.kernel.places.models import Area

CAPACITY = {
    "people": Text("有专人，人数够", "Enough people for it"),
    "skill": Text("受过培训，办得了", "Trained and able"),
    "place": Text("有窗口和设备", "A window and equipment"),
    "funds": Text("经费跟着下来", "The money comes with it"),
    "system": Text("系统和数据权限已经开通", "Systems and data are open to them"),
}
TRIAL = timedelta(days=180)  # suggested; a sample
LONGEST_AGENCY = 30  # working days


@transaction.atomic
def delegate(
    matter: Matter,
    township: Area,
    *,
    organisation: Organisation,
    document: str,
    capacity: Mapping[str, bool],
    from_on: date,
    trial_until: date | None,
    by: Actor,
    at: datetime | None = None,
) -> MatterDelegation:
    """Hand a matter to a township (下放事项). Applications from then on go there.

    Refuses whoever does not administer the county, an area that is no township of it, an organisation of elsewhere, no
    decision document, a capacity that is not there (`matters.no_capacity`), a trial that ends before it begins, and
    what is handed there already (`matters.handed_already`). Records `matters.delegated`.
    """
    hat = require_administrator(by, matter.county.prefix)
    at = at or clock.now()
    wrong: dict[str, Text] = {}
    if township.level != "township" or not township.prefix.startswith(matter.county.prefix):
        wrong["township"] = Text("请选本县的乡镇（街道）。", "Choose a township of this county.")
    elif not organisation.area.prefix.startswith(township.prefix):
        wrong["organisation"] = Text(
            "承接单位要在这个乡镇里。", "The office that takes it has to be in that township."
        )
    if not document.strip():
        wrong["document"] = Text("请写下放决定的文号。", "Enter the number of the decision.")
    if from_on < clock.local(at).date():
        wrong["from_on"] = Text("开始日不能早于今天。", "It cannot begin in the past.")
    if trial_until is not None and trial_until <= from_on:
        wrong["trial_until"] = Text("试行要在开始日之后结束。", "The trial ends after it begins.")
    if wrong:
        raise Invalid("matters.bad_delegation", MEND, fields=wrong)
    lacking = [title for code, title in CAPACITY.items() if not capacity.get(code)]
    if lacking:
        raise Refused(
            "matters.no_capacity",
            Text(
                f"还不能下放，承接能力不够：{'、'.join(t.zh for t in lacking)}。补齐以后再下放。",
                f"It cannot be handed down yet; lacking: {'; '.join(t.en for t in lacking)}. Hand it down when that is there.",
            ),
        )
    if MatterDelegation.objects.filter(matter=matter, township=township, ended_on=None).exists():
        raise Refused(
            "matters.handed_already",
            Text(
                f"已经下放给{township.title.zh}，不用再下放。",
                f"It was handed to {township.title.en} already.",
            ),
        )
    made = MatterDelegation.objects.create(
        matter=matter,
        township=township,
        organisation=organisation,
        document=document.strip()[:120],
        capacity={code: bool(capacity.get(code)) for code in CAPACITY},
        from_on=from_on,
        trial_until=trial_until,
        made_at=at,
    )
    noted("matters.delegated", matter, by=by, at=at, hat=hat, township=township.code, document=made.document)
    return made


@transaction.atomic
def take_back(
    delegation: MatterDelegation, *, on: date, reason: str, by: Actor, at: datetime | None = None
) -> MatterDelegation:
    """Take a matter back from a township (收回事项), with its last day there; cases begun there end there.

    Refuses no reason, a day in the past, and what was taken back before. Records `matters.taken_back`.
    """
    hat = require_administrator(by, delegation.matter.county.prefix)
    at = at or clock.now()
    if delegation.ended_on is not None:
        raise Refused("matters.taken_back_already", Text("已经收回过了。", "It was taken back already."))
    wrong: dict[str, Text] = {}
    if not reason.strip():
        wrong["reason"] = Text("请写收回的理由。", "Say why it is taken back.")
    if on < clock.local(at).date():
        wrong["on"] = Text("最后一天不能早于今天。", "The last day cannot be in the past.")
    if wrong:
        raise Invalid("matters.bad_taking_back", MEND, fields=wrong)
    delegation.ended_on, delegation.end_reason = on, reason.strip()[:300]
    delegation.save(update_fields=["ended_on", "end_reason"])
    noted(
        "matters.taken_back",
        delegation.matter,
        by=by,
        at=at,
        hat=hat,
        township=delegation.township.code,
        reason=delegation.end_reason,
    )
    return delegation


@transaction.atomic
def set_agency(
    matter: Matter,
    village: Area,
    *,
    days: int,
    by: Actor,
    post: Post | None = None,
    told: str = "",
    extra: bool = False,
    at: datetime | None = None,
) -> AgencyItem:
    """Put a matter on a village's list, or change it there (设定村级代办事项).

    Refuses whoever does not administer the county, an area that is no village of it, a post of elsewhere, no or too
    many days, and putting back what the village refused (`matters.village_refused`). Records `matters.agency_set`.
    """
    hat = require_administrator(by, matter.county.prefix)
    at = at or clock.now()
    wrong: dict[str, Text] = {}
    if village.level != "village" or not village.prefix.startswith(matter.county.prefix):
        wrong["village"] = Text("请选本县的村（社区）。", "Choose a village of this county.")
    if post is not None and not post.area.prefix.startswith(village.prefix):
        wrong["post"] = Text("责任岗位要在这个村（社区）。", "The post has to be in that village.")
    if not 1 <= days <= LONGEST_AGENCY:
        wrong["days"] = Text(
            f"请填 1 到 {LONGEST_AGENCY} 个工作日。", f"From 1 to {LONGEST_AGENCY} working days."
        )
    if wrong:
        raise Invalid("matters.bad_agency", MEND, fields=wrong)
    item = AgencyItem.objects.filter(matter=matter, village=village).first()
    if item is not None and item.refused_at is not None:
        raise Refused(
            "matters.village_refused",
            Text(
                f"{village.title.zh}已经拒绝承接这一项：{item.refused_why}。要恢复，由村里自己接回。",
                f"{village.title.en} refused it: {item.refused_why}. Only the village can take it up again.",
            ),
        )
    item = item or AgencyItem(matter=matter, village=village)
    item.days, item.post, item.told, item.extra = days, post, told.strip()[:300], extra
    item.save()
    noted("matters.agency_set", matter, by=by, at=at, hat=hat, village=village.code, days=days)
    return item


@transaction.atomic
def refuse_agency(item: AgencyItem, *, reason: str, by: Actor, at: datetime | None = None) -> AgencyItem:
    """A village refuses what goes beyond the county's list (村里拒绝额外的代办事项).

    Refuses whoever holds no post in the village (`matters.not_of_village`), what is on the county's list
    (`matters.not_extra`), and no reason. Records `matters.agency_refused`.
    """
    _of_village(item, by)
    if not item.extra:
        raise Refused(
            "matters.not_extra",
            Text(
                "这一项在县里统一的清单里，不能拒绝；有困难请向乡镇反映。",
                "It is on the county's own list and cannot be refused; tell the township if it is too much.",
            ),
        )
    if not reason.strip():
        raise Invalid("matters.no_reason", MEND, fields={"reason": Text("请写拒绝的理由。", "Say why.")})
    item.refused_at, item.refused_why = at or clock.now(), reason.strip()[:300]
    item.save(update_fields=["refused_at", "refused_why"])
    noted(
        "matters.agency_refused",
        item.matter,
        by=by,
        at=item.refused_at,
        village=item.village.code,
        reason=item.refused_why,
    )
    return item


@transaction.atomic
def take_up_agency(item: AgencyItem, *, by: Actor, at: datetime | None = None) -> AgencyItem:
    """A village takes up what it had refused (村里接回). Records `matters.agency_taken_up`."""
    _of_village(item, by)
    item.refused_at, item.refused_why = None, ""
    item.save(update_fields=["refused_at", "refused_why"])
    noted("matters.agency_taken_up", item.matter, by=by, at=at, village=item.village.code)
    return item


def of_village(actor: Actor, village: Area) -> bool:
    """Whether somebody holds a post of this village itself (是否本村任职)."""
    return any(hat.area_level == "village" and hat.area_prefix == village.prefix for hat in actor.hats)


def _of_village(item: AgencyItem, by: Actor) -> None:
    if not of_village(by, item.village):
        raise NotAllowed(
            "matters.not_of_village",
            Text(
                "只有本村（社区）任职的人可以办。",
                "Only somebody who holds a post of this village may do this.",
            ),
        )
