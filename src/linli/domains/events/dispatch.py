"""The verbs of the dispatch directory (派单目录的维护), each noted in the log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import Q

from linli.base import clock
from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.domains.events.directory import refuse_faults
from linli.domains.events.models import Category, DispatchRule
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.people.models import Organisation
from linli.kernel.people.services.administration import require_administrator
from linli.kernel.people.services.installation import require_installation
from linli.kernel.places.models import Area

RULES = "dispatch:rules"  # what the log calls them all together


class RuleSays(TypedDict, total=False):
    """What a rule says besides whom it names (规则内容): who helps, by what document, from and to which day."""

    helpers: Iterable[Organisation]
    basis: str
    valid_from: date | None
    valid_to: date | None


@transaction.atomic
def add_rule(
    category: Category | None,
    area: Area | None,
    lead: Organisation,
    *,
    by: Actor,
    at: datetime | None = None,
    **says: Unpack[RuleSays],
) -> DispatchRule:
    """Add a dispatch rule (新增派单规则): this category in this area goes to this organisation; either may be any.

    Refuses whoever does not administer the area (all areas, where the rule names none), a closed organisation, a helper
    that is the lead, days in the wrong order, and a rule that holds for the same already. Records `events.rule_added`.
    """
    hat = _require(by, area)
    helpers, kept = _checked(category, area, lead, says)
    rule = DispatchRule.objects.create(category=category, area=area, **kept)
    rule.helpers.set(helpers)
    _note("events.rule_added", by, at, hat, **_facts(rule, helpers))
    return rule


@transaction.atomic
def revise_rule(
    rule: DispatchRule,
    *,
    by: Actor,
    lead: Organisation,
    at: datetime | None = None,
    **says: Unpack[RuleSays],
) -> DispatchRule:
    """Change whom a rule names and how long it holds (修改派单规则). Cases already assigned stay where they are.

    Refuses like `add_rule`. Records `events.rule_revised` with what was before.
    """
    hat = _require(by, rule.area)
    helpers, kept = _checked(rule.category, rule.area, lead, says, besides=rule.pk)
    before = _facts(rule, rule.helpers.all())
    for name, value in kept.items():
        setattr(rule, name, value)
    rule.save(update_fields=list(kept))
    rule.helpers.set(helpers)
    after = _facts(rule, helpers)
    if after != before:
        _note("events.rule_revised", by, at, hat, **after, before=before)
    return rule


@transaction.atomic
def end_rule(rule: DispatchRule, *, to_on: date, by: Actor, at: datetime | None = None) -> DispatchRule:
    """End a rule (停用派单规则); `to_on` is its last day. Refuses a day before its first. Records `events.rule_ended`."""
    hat = _require(by, rule.area)
    if rule.valid_from is not None and to_on < rule.valid_from:
        refuse_faults({"to_on": Text("最后一天早于第一天。", "The last day is before the first.")})
    rule.valid_to = to_on
    rule.save(update_fields=["valid_to"])
    _note("events.rule_ended", by, at, hat, **_facts(rule, rule.helpers.all()))
    return rule


def _checked(
    category: Category | None,
    area: Area | None,
    lead: Organisation,
    says: RuleSays,
    besides: int | None = None,
) -> tuple[list[Organisation], dict[str, Any]]:
    """The helpers, and what the rule keeps, once nothing speaks against it."""
    helpers, days = list(says.get("helpers", ())), (says.get("valid_from"), says.get("valid_to"))
    _check_rule(lead, helpers, *days)
    _refuse_twin(category, area, *days, besides=besides)
    basis = says.get("basis", "").strip()[:200]
    return helpers, {"lead": lead, "basis": basis, "valid_from": days[0], "valid_to": days[1]}


def _require(by: Actor, area: Area | None) -> Hat | None:
    return require_installation(by) if area is None else require_administrator(by, area.prefix)


def _check_rule(
    lead: Organisation, helpers: list[Organisation], valid_from: date | None, valid_to: date | None
) -> None:
    wrong: dict[str, Text] = {}
    closed = Text("这个组织已撤销，请选现行的。", "This organisation is closed; name one that is in being.")
    if not lead.active or lead.historic:
        wrong["lead"] = closed
    if any(not helper.active or helper.historic for helper in helpers):
        wrong["helpers"] = closed
    if lead.pk in {helper.pk for helper in helpers}:
        wrong["helpers"] = Text("主办不能同时是协办。", "The lead cannot be its own helper.")
    if valid_from and valid_to and valid_to < valid_from:
        wrong["valid_to"] = Text("最后一天早于第一天。", "The last day is before the first.")
    refuse_faults(wrong)


def _refuse_twin(
    category: Category | None,
    area: Area | None,
    valid_from: date | None,
    valid_to: date | None,
    besides: int | None = None,
) -> None:
    same = DispatchRule.objects.filter(category=category, area=area).exclude(pk=besides or 0)
    if valid_from:
        same = same.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=valid_from))
    if valid_to:
        same = same.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=valid_to))
    if other := same.select_related("lead").first():
        raise Refused(
            "events.rule_twice",
            Text(
                f"同一类别、同一区域在这段时间已派给{other.lead.name}。请改那条规则，或先停用它。",
                f"In these days the same category and area go to {other.lead.title.en} already. "
                "Change that rule, or end it first.",
            ),
        )


def _facts(rule: DispatchRule, helpers: Iterable[Organisation]) -> dict[str, Any]:
    return {
        "category": rule.category.key if rule.category else "",
        "area": rule.area.code if rule.area else "",
        "lead": rule.lead.code,
        "helpers": sorted(helper.code for helper in helpers),
        "basis": rule.basis,
        "valid_from": rule.valid_from.isoformat() if rule.valid_from else "",
        "valid_to": rule.valid_to.isoformat() if rule.valid_to else "",
    }


def _note(act: str, by: Actor, at: datetime | None, hat: Hat | None, **facts: Any) -> None:
    audit.note(act, by=by, at=at or clock.now(), hat=hat, about=RULES, **facts)
