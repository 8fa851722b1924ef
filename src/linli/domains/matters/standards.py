"""Checking one's service against the standards (服务标准自查): by the office, each quarter, published as it is signed.

The general list stands in `standards.toml`; a matter's own lines stand in its file. Each is answered yes or no with what
shows it; a no says what will be done and until when.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet

from linli.base import clock
from linli.base.errors import Invalid, NotAllowed
from linli.base.i18n import Text
from linli.base.paging import PAGE_SIZE, Page, keyset
from linli.domains.matters.models import Matter
from linli.domains.matters.policy_models import StandardsCheck
from linli.domains.matters.queries import in_force, spec_of
from linli.domains.matters.services import MEND
from linli.domains.matters.spec import Citation, citations, two_languages
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.people.models import Organisation

SIGNS = "leader"
LEAST = 6  # characters of what shows it
MOST = 300
# A number of a phone or an identity card: what is published names nobody.
_PERSONAL = re.compile(r"\d{11,}|\d{17}[\dXx]")


@dataclass(frozen=True)
class Standard:
    """One line of the list (一条标准): general, or of one matter of the office."""

    code: str
    title: Text
    basis: tuple[Citation, ...] = ()
    matter: Text | None = None


@cache
def general() -> tuple[str, tuple[Standard, ...]]:
    """The version of the general list, and its lines (通用标准)."""
    raw = tomllib.loads((Path(__file__).parent / "standards.toml").read_text(encoding="utf-8"))
    lines = (Standard(s["code"], two_languages(s["title"]), citations(s["basis"])) for s in raw["standard"])
    return str(raw["version"]), tuple(lines)


def standards_of(organisation: Organisation, on: date) -> list[Standard]:
    """What this office answers for on a day (本单位的标准): the general list, then the lines of its own matters."""
    own = [
        Standard(f"{spec.code}.{n}", line, spec.basis[:1], spec.title)
        for version in in_force(on).filter(matter__organisation=organisation).order_by("matter__code")
        for spec in (spec_of(version),)
        for n, line in enumerate(spec.standard)
    ]
    return [*general()[1], *own]


def quarter_of(on: date) -> date:
    return date(on.year, 3 * ((on.month - 1) // 3) + 1, 1)


def quarter_code(quarter: date) -> str:
    """How an address says a quarter (季度的写法): 2026-3."""
    return f"{quarter.year}-{(quarter.month + 2) // 3}"


def open_quarters(on: date) -> list[date]:
    """Quarters that may be checked on a day (可以自查的季度): this one, and the one before."""
    this = quarter_of(on)
    return [this, quarter_of(this - timedelta(days=1))]


@transaction.atomic
def sign(
    organisation: Organisation,
    quarter: date,
    answers: Mapping[str, Mapping[str, Any]],
    *,
    by: Actor,
    at: datetime | None = None,
) -> StandardsCheck:
    """Sign and publish the self-check of a quarter (签发自查); once more, it is the next edition.

    Refuses whoever does not lead this office (`matters.not_your_office`), an office without matters
    (`matters.no_matters`), a quarter that is not open (`matters.no_such_quarter`), and answers with a gap, or with
    somebody's number in them (`matters.bad_check`). Records `matters.standards_checked`.
    """
    at = at or clock.now()
    today = clock.local(at).date()
    hat = leads(by, organisation)
    if not Matter.objects.filter(organisation=organisation).exists():
        raise Invalid(
            "matters.no_matters", Text("本单位没有事项，不用自查。", "This office has no matters to check.")
        )
    if quarter not in open_quarters(today):
        raise Invalid(
            "matters.no_such_quarter",
            Text("只能自查本季度和上一季度。", "This quarter and the one before can be checked."),
        )
    asked = standards_of(organisation, today)
    kept = _checked(asked, answers, today)
    before = StandardsCheck.objects.filter(organisation=organisation, quarter=quarter)
    edition = (before.aggregate(last=Max("edition"))["last"] or 0) + 1
    made = StandardsCheck.objects.create(
        organisation=organisation, quarter=quarter, edition=edition, standards=general()[0],
        answers=kept, signed_by_id=by.account_id, signed_at=at,
    )  # fmt: skip
    audit.note(
        "matters.standards_checked", by=by, at=at, hat=hat, about=organisation,
        quarter=quarter.isoformat(), edition=edition, n_met=n_met(made), n_all=len(kept),
    )  # fmt: skip
    return made


def leads(by: Actor, organisation: Organisation) -> Hat:
    """The post from which this person signs for the office (签发岗位)."""
    for hat in by.hats:
        if SIGNS in hat.roles and hat.organisation_id == organisation.pk:
            return hat
    raise NotAllowed(
        "matters.not_your_office",
        Text(
            "自查由本单位负责人签发。请交给负责人，或换成您负责的单位。",
            "The head of the office signs its self-check. Hand it to them, or choose an office that you head.",
        ),
    )


def _checked(
    asked: Sequence[Standard], answers: Mapping[str, Mapping[str, Any]], today: date
) -> list[dict[str, Any]]:
    wrong: dict[str, Text] = {}
    kept = []
    for standard in asked:
        said = answers.get(standard.code, {})
        met, evidence = said.get("met"), str(said.get("evidence") or "").strip()[:MOST]
        mend, by_on = str(said.get("mend") or "").strip()[:MOST], said.get("by_on")
        if not isinstance(met, bool):
            wrong[f"{standard.code}:met"] = Text("请选做到了或没做到。", "Choose yes or no.")
        if len(evidence) < LEAST:
            wrong[f"{standard.code}:evidence"] = Text(
                "请写凭什么这么说，例如抽查了几件、看了哪些记录。",
                "Say what shows it, such as how many cases were looked at.",
            )
        if met is False and len(mend) < LEAST:
            wrong[f"{standard.code}:mend"] = Text(
                "没做到的，请写怎么改。", "Where it is not met, say what will be done."
            )
        if met is False and (not isinstance(by_on, date) or by_on < today):
            wrong[f"{standard.code}:by_on"] = Text("请写今天以后的日期。", "Give a day from today on.")
        for name, text in (("evidence", evidence), ("mend", mend)):
            if _PERSONAL.search(text):
                wrong[f"{standard.code}:{name}"] = Text(
                    "自查要公布，请去掉电话、证件号等个人信息。",
                    "It is published: take out phone and ID numbers.",
                )
        kept.append({
            "code": standard.code, "title": standard.title.as_dict(), "met": met, "evidence": evidence,
            **({"matter": standard.matter.as_dict()} if standard.matter else {}),
            **({"mend": mend, "by_on": by_on.isoformat()} if met is False and isinstance(by_on, date) else {}),
        })  # fmt: skip
    if wrong:
        raise Invalid("matters.bad_check", MEND, fields=wrong)
    return kept


def n_met(check: StandardsCheck) -> int:
    return sum(1 for answer in check.answers if answer["met"])


# ---- what was published -------------------------------------------------------------------------------------


def offices(cursor: str = "", limit: int = PAGE_SIZE) -> Page[Organisation]:
    """Offices that have matters in force (有事项的单位), by code: each is to publish its check."""
    has = Matter.objects.filter(versions__status="published").values("organisation_id")
    return keyset(Organisation.objects.filter(pk__in=has, active=True), ["code"], cursor, limit)


def checks_of(quarter: date, organisations: Sequence[Organisation]) -> dict[int, StandardsCheck]:
    """The newest edition of each office's check in a quarter (各单位最新自查), by organisation, in one query."""
    rows = _shown().filter(quarter=quarter, organisation__in=[o.pk for o in organisations])
    return {row.organisation_id: row for row in rows.order_by("edition")}


def check_of(organisation: Organisation, quarter: date) -> StandardsCheck | None:
    return _shown().filter(organisation=organisation, quarter=quarter).order_by("-edition").first()


def _shown() -> QuerySet[StandardsCheck]:
    """All of them are public (自查一律公布)."""
    return StandardsCheck.objects.all()
