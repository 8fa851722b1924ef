"""The verbs of the catalogue (事项目录的维护): draft, publish, end; each noted in the log.

What was published stays as it was, because cases remember it. Limits longer than the law's are refused already when a
draft is saved; all else that the checker finds, when it is published.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from linli.base import clock
from linli.base.errors import Invalid, Refused
from linli.base.i18n import Text
from linli.base.text import bigrams
from linli.domains.matters.bundles import faults, read_bundle
from linli.domains.matters.checks import check_matter
from linli.domains.matters.models import LifeEvent, Matter, MatterVersion
from linli.domains.matters.queries import in_force, spec_of
from linli.domains.matters.reading import plain, read_matter
from linli.domains.matters.spec import MatterSpec
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.people.elements import owners
from linli.kernel.people.models import Organisation
from linli.kernel.people.services.administration import require_administrator
from linli.kernel.places.models import Area
from linli.kernel.procedures.checks.finding import Finding

NEVER_KEPT = frozenset({"MC201", "MC203"})  # a limit longer than the law's cannot even be saved
OUTSIDE = ("effective_from", "effective_to", "version")  # said by the version, not by what it says


def digest_of(raw: Mapping[str, Any]) -> str:
    """Marks what a matter says (内容摘要), so that the same file changes nothing."""
    said = {k: v for k, v in plain(raw).items() if k not in OUTSIDE}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def findings_of(raw: Mapping[str, Any], county: Area) -> list[Finding]:
    """Everything to be mended in a matter (检查结果)."""
    spec, wrong = read_matter(raw)
    return wrong if spec is None else check_matter(spec, owned=owners(), departments=departments(county))


def departments(county: Area) -> set[str]:
    """Words of the departments of a county (本县部门): their code without the area's prefix."""
    start = f"{county.prefix}-"
    codes = Organisation.objects.filter(code__startswith=start, active=True).values_list("code", flat=True)
    return {code.removeprefix(start) for code in codes}


@transaction.atomic
def save_draft(
    county: Area, raw: Mapping[str, Any], *, by: Actor, at: datetime | None = None
) -> MatterVersion:
    """Keep what a matter is to say next (保存草稿): the draft is replaced, what is in force stays.

    Refuses whoever does not administer the county, what cannot be read, and a promised limit longer than the law's
    (`matters.not_kept`, with the findings). Records `matters.drafted`.
    """
    hat = require_administrator(by, county.prefix)
    at = at or clock.now()
    raw = plain(raw)
    spec, wrong = read_matter(raw)
    wrong = wrong if spec is None else [f for f in check_matter(spec) if f.rule in NEVER_KEPT]
    if spec is None or wrong:
        raise not_kept(wrong)
    matter = _matter(county, spec)
    newest = matter.versions.aggregate(newest=Max("number"))["newest"] or 0
    draft = matter.versions.filter(status=MatterVersion.DRAFT).first()
    version = draft or MatterVersion(matter=matter, number=newest + 1)
    version.spec, version.digest = raw, digest_of(raw)
    version.terms = terms_of(spec)
    version.topics, version.serves = f" {' '.join(spec.topics)} ", f" {' '.join(spec.serves)} "
    version.made_by_id, version.made_at = by.account_id, at
    version.save()
    noted("matters.drafted", matter, by=by, at=at, hat=hat, version=version.number)
    return version


@transaction.atomic
def publish(version: MatterVersion, *, from_on: date, by: Actor, at: datetime | None = None) -> MatterVersion:
    """Put a draft in force from a day on (发布事项); the version before ends the day before.

    Refuses what is no draft (`matters.not_a_draft`), a day in the past (`matters.past_day`), a day not after the
    version before began (`matters.before_the_last`), and whatever the checker finds (`matters.not_kept`).
    Records `matters.published`.
    """
    matter = version.matter
    hat = require_administrator(by, matter.county.prefix)
    at = at or clock.now()
    today = clock.local(at).date()
    if version.status != MatterVersion.DRAFT:
        raise Refused(
            "matters.not_a_draft",
            Text(
                "这一版已经发布过，不能再发布。要改就另存草稿。",
                "This version was published already. Save a new draft to change it.",
            ),
        )
    if from_on < today and by.kind != "system":
        raise _at_field(
            "matters.past_day",
            Text(
                "生效日不能早于今天。请选今天或以后的一天。",
                "It cannot begin in the past. Choose today or a later day.",
            ),
        )
    found = findings_of(version.spec, matter.county)
    if found:
        raise not_kept(found)
    before = matter.versions.filter(status=MatterVersion.PUBLISHED).order_by("-number").first()
    if before is not None and before.effective_from and before.effective_from >= from_on:
        raise _at_field(
            "matters.before_the_last",
            Text(
                f"上一版从 {before.effective_from} 起有效，新的一版要在那之后生效。",
                f"The version before begins on {before.effective_from}; this one has to begin later.",
            ),
        )
    spec = spec_of(version)
    if before is not None and (before.effective_to is None or before.effective_to >= from_on):
        before.effective_to = from_on - timedelta(days=1)
        before.save(update_fields=["effective_to"])
    version.status, version.effective_from, version.effective_to = (
        MatterVersion.PUBLISHED,
        from_on,
        spec.effective_to,
    )
    version.published_by_id, version.published_at = by.account_id, at
    version.save()
    _say(matter, spec)
    noted(
        "matters.published", matter, by=by, at=at, hat=hat, version=version.number, since=from_on.isoformat()
    )
    return version


@transaction.atomic
def end(matter: Matter, *, on: date, reason: str, by: Actor, at: datetime | None = None) -> MatterVersion:
    """End a matter with a last day (取消事项). Running cases go on under what they were asked.

    Refuses a day in the past, no reason, and what is not in force (`matters.not_in_force`). Records `matters.ended`.
    """
    hat = require_administrator(by, matter.county.prefix)
    at = at or clock.now()
    if not reason.strip():
        raise Invalid(
            "matters.no_reason", MEND, fields={"reason": Text("请写为什么取消。", "Say why it ends.")}
        )
    if on < clock.local(at).date():
        raise Invalid(
            "matters.past_day",
            MEND,
            fields={"on": Text("最后一天不能早于今天。", "The last day cannot be in the past.")},
        )
    version = matter.versions.filter(status=MatterVersion.PUBLISHED).order_by("-number").first()
    if version is None or (version.effective_to and version.effective_to < on):
        raise Refused(
            "matters.not_in_force",
            Text("这个事项现在没有生效的版本。", "No version of this matter is in force."),
        )
    version.effective_to = on
    version.save(update_fields=["effective_to"])
    noted("matters.ended", matter, by=by, at=at, hat=hat, until=on.isoformat(), reason=reason.strip()[:300])
    return version


@transaction.atomic
def adopt(
    county: Area, raw: Mapping[str, Any], *, from_on: date, by: Actor, at: datetime | None = None
) -> MatterVersion | None:
    """Take in a matter and put it in force (采用事项文件); None when it says what is in force already."""
    same = in_force(from_on, county).filter(matter__code=raw.get("code"), digest=digest_of(raw))
    if same.exists():
        return None
    return publish(save_draft(county, raw, by=by, at=at), from_on=from_on, by=by, at=at)


@transaction.atomic
def adopt_life_event(
    county: Area, raw: Mapping[str, Any], *, by: Actor, at: datetime | None = None
) -> LifeEvent | None:
    """Take in a life event (采用一件事); None when it is there already. Refuses what its matters do not allow."""
    hat = require_administrator(by, county.prefix)
    raw = plain(raw)
    bundle = read_bundle(raw)
    wrong = faults(bundle, Matter.objects.filter(county=county).values_list("code", flat=True))
    if wrong:
        raise Invalid("matters.bad_life_event", wrong[0])
    event = LifeEvent.objects.filter(county=county, code=bundle.code).first()
    if event is not None and event.spec == raw and event.active:
        return None
    event = event or LifeEvent(county=county, code=bundle.code)
    event.spec, event.active = raw, True
    event.save()
    audit.note(
        "matters.life_event_adopted", by=by, at=at or clock.now(), hat=hat, about=f"life-event:{bundle.code}"
    )
    return event


MEND = Text("有几处要更正，还没有保存。", "Some entries need mending; nothing has been saved yet.")


def not_kept(found: Collection[Finding]) -> Invalid:
    """The refusal that names everything to be mended (逐条更正)."""
    fields = {str(f.keys[0]) if f.keys else "": f.message for f in reversed(list(found))}
    listed = [f.as_dict() for f in found]
    first = next(iter(found))
    return Invalid(
        "matters.not_kept",
        Text(
            f"没有保存：{first.message.zh}{first.mend.zh}", f"Not saved: {first.message.en} {first.mend.en}"
        ),
        fields=fields,
        findings=listed,
    )


def terms_of(spec: MatterSpec) -> str:
    """What a matter is found by (检索词): names, what people call it, conditions and result."""
    said = [spec.title, spec.short, spec.result.title, *spec.conditions]
    text = " ".join(f"{t.zh} {t.en}" for t in said)
    return f" {' '.join(dict.fromkeys(bigrams(f'{text} {spec.code} ' + ' '.join(spec.words))))} "


def log_name(matter: Matter) -> str:
    return f"matter:{matter.code}"


def noted(
    act: str, matter: Matter, *, by: Actor, at: datetime | None, hat: Hat | None = None, **facts: Any
) -> None:
    """Note in the log what was done to a matter (记入日志)."""
    audit.note(act, by=by, at=at or clock.now(), hat=hat, about=log_name(matter), **facts)


def _at_field(code: str, problem: Text) -> Invalid:
    return Invalid(code, MEND, fields={"from_on": problem})


def _matter(county: Area, spec: MatterSpec) -> Matter:
    matter = Matter.objects.filter(county=county, code=spec.code).first()
    if matter is None:
        matter = Matter(county=county, code=spec.code)
        _say(matter, spec)
    elif not matter.versions.filter(status=MatterVersion.PUBLISHED).exists():
        _say(matter, spec)
    return matter


def _say(matter: Matter, spec: MatterSpec) -> None:
    matter.title, matter.title_en = spec.title.zh[:120], spec.title.en[:200]
    matter.kind, matter.agency, matter.terms = spec.kind, spec.agency, terms_of(spec)
    code = f"{matter.county.prefix}-{spec.department}"
    matter.organisation = Organisation.objects.filter(code=code).first()
    matter.save()
