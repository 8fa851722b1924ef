"""Verbs of publicity (公示操作): show, move the end, end, withdraw, count objections. The only writes of this room.

They run in the caller's transaction, so that a case and what it shows change together; what happens to a publication
goes into the record of its case, which the engine keeps.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from linli.base.clock import local, now
from linli.base.codes import PREFIX_LENGTH
from linli.base.errors import Invalid, Refused
from linli.base.i18n import Text
from linli.base.legaltime import DayTable, Period, due
from linli.kernel.places.models import Area
from linli.kernel.publicity import search
from linli.kernel.publicity.models import ENDED, NOTICE, SHOWN, WITHDRAWN, Objection, Publication
from linli.kernel.publicity.wording import Fact, guarded, kept, subject_of

KEEP = Period(1, "years")
"""How long what has ended stays to be read (存档期). Sample: no national rule; a county sets its own."""


def publish(
    *,
    case_id: int,
    case_number: str,
    procedure: str,
    part: str,
    title: Text,
    kind: str,
    area: Area,
    facts: Iterable[Fact],
    at: datetime | None = None,
    until_at: datetime | None = None,
    provisional: bool = False,
    period: str = "",
    organisation_id: int | None = None,
    places: Text | None = None,
    basis: str = "",
    objection: str = "",
) -> Publication:
    """Put something on show (公示、公开). Facts are masked here, before they are stored; numbers of persons that stand
    in free words are masked too. A notice without an end is a mistake of the caller. 政府信息公开条例 15, 32."""
    if kind == NOTICE and until_at is None:
        raise ValueError("a notice needs its last moment")
    at = at or now()
    shown = list(facts)
    row = Publication.objects.create(
        case_id=case_id,
        case_number=case_number,
        procedure=procedure,
        part=part,
        kind=kind,
        title=title.zh[:120],
        title_en=title.en[:160],
        subject=subject_of(shown),
        area=area,
        organisation_id=organisation_id,
        facts=[kept(fact) for fact in shown],
        places=places.as_dict() if places else {},
        basis=basis[:400],
        objection=objection,
        period=period,
        from_at=at,
        until_at=until_at,
        provisional=provisional,
        updated_at=at,
        grid=area.prefix,
        **{level: area.prefix[: PREFIX_LENGTH[level]] for level in ("county", "township", "village")},
    )
    search.add(row)
    return row


def move_end(
    publication: Publication, *, until_at: datetime, provisional: bool = False, at: datetime | None = None
) -> None:
    """The last moment is another one (公示截止时间变更), because its clock stood still or the calendar was published."""
    if publication.until_at == until_at and publication.provisional == provisional:
        return
    publication.until_at, publication.provisional = until_at, provisional
    publication.updated_at = at or now()
    publication.save(update_fields=["until_at", "provisional", "updated_at"])


def may_not_end(publication: Publication, at: datetime) -> Refused | None:
    """Why it cannot come down now (暂不能结束的原因): its days are not over, or an objection has no answer yet."""
    if publication.until_at is not None and at < publication.until_at:
        until = local(publication.until_at)
        return Refused(
            "publicity.not_over",
            Text(
                f"公示还没有到期：要公示到 {until.year} 年 {until.month} 月 {until.day} 日 {until:%H:%M}。到期后再办下一步；需要提前收回的，请用撤回并写明理由。",
                f"It has to stay on show until {until:%Y-%m-%d %H:%M}. Go on after that; "
                "to take it back earlier, withdraw it and give the reason.",
            ),
            until_at=publication.until_at.isoformat(),
        )
    if publication.n_open_objections:
        waiting = list(
            publication.objections.filter(answered_at__isnull=True)
            .order_by("id")
            .values_list("case_number", flat=True)
        )
        return Refused(
            "publicity.objections_open",
            Text(
                f"还有 {len(waiting)} 件异议没有答复：{'、'.join(waiting)}。请先答复，再结束公示。",
                f"{len(waiting)} objections have no answer yet: {', '.join(waiting)}. "
                "Answer them first, then end the notice.",
            ),
            objections=waiting,
        )
    return None


@transaction.atomic
def end(publication: Publication, *, at: datetime | None = None, keep: Period = KEEP) -> Publication:
    """Take down what has been shown long enough (公示期满); it stays in the archive for `keep`.

    Refuses `publicity.not_shown`; `publicity.not_over` while its days are not over, and says until when;
    `publicity.objections_open` while an objection has no answer, and says which.
    """
    at = at or now()
    row = _locked(publication)
    if refusal := may_not_end(row, at):
        raise refusal
    row.state, row.ended_at = ENDED, at
    row.updated_at, row.keep_until = at, _keep_until(keep, at)
    row.save(update_fields=["state", "ended_at", "updated_at", "keep_until"])
    return row


@transaction.atomic
def withdraw(
    publication: Publication, *, reason: str, document: str = "", at: datetime | None = None
) -> Publication:
    """Take back what was made public (撤回公示、公开) with the reason, which everybody may read at its address; the facts
    go at once. 国办发〔2018〕118号: a decision that is overturned is taken back within three working days.

    Refuses `publicity.reason_needed`, and `publicity.not_shown` for what was withdrawn already.
    """
    at = at or now()
    if not reason.strip():
        raise Invalid(
            "publicity.reason_needed",
            Text("请写明为什么撤回，这会公开给大家看。", "Say why it is taken back; everybody can read it."),
            fields={"reason": Text("请填写撤回理由。", "The reason is needed.")},
        )
    row = _locked(publication, ended_too=True)
    row.state, row.withdrawn_at, row.updated_at = WITHDRAWN, at, at
    row.withdraw_reason, row.withdraw_document = guarded(reason.strip())[:1000], guarded(document)[:200]
    row.facts, row.subject, row.keep_until = [], "", None
    row.save()
    search.renew(row)
    return row


@transaction.atomic
def objection_opened(publication: Publication, *, case_number: str, at: datetime | None = None) -> Objection:
    """Somebody objects (提出异议); counted once for each case. Until the last answer the notice cannot end.

    Refuses `publicity.not_shown`. An objection that was handed in on paper may be entered while it is still up.
    """
    if known := Objection.objects.filter(case_number=case_number).first():
        return known
    row = _locked(publication)
    made = Objection.objects.create(publication=row, case_number=case_number, at=at or now())
    _recount(row, made.at)
    return made


@transaction.atomic
def objection_answered(
    case_number: str, *, outcome: str = "", at: datetime | None = None
) -> Objection | None:
    """An objection has its answer (异议已答复); None for a case that is no objection. The first answer counts."""
    found = Objection.objects.select_related("publication").filter(case_number=case_number).first()
    if found is None or found.answered_at is not None:
        return found
    row = Publication.objects.select_for_update().get(pk=found.publication_id)
    found.answered_at, found.outcome = at or now(), outcome
    found.save(update_fields=["answered_at", "outcome"])
    _recount(row, found.answered_at)
    return found


def forget_old(at: datetime | None = None, limit: int = 500) -> int:
    """Facts of what ended go when the archive's time is over (存档到期); title and dates stay. How many."""
    day = local(at or now()).date()
    rows = list(Publication.objects.filter(keep_until__lte=day).order_by("keep_until")[:limit])
    for row in rows:
        row.facts, row.subject, row.keep_until = [], "", None
        with transaction.atomic():
            row.save(update_fields=["facts", "subject", "keep_until"])
            search.renew(row)
    return len(rows)


def _locked(publication: Publication, *, ended_too: bool = False) -> Publication:
    row = Publication.objects.select_for_update().get(pk=publication.pk)
    if row.state == SHOWN or (ended_too and row.state == ENDED):
        return row
    raise Refused(
        "publicity.not_shown",
        Text(
            "这项公示已经结束或撤回，不能再办这一步。请刷新后查看。",
            "This publication has ended or was withdrawn already. Reload the page to see it.",
        ),
    )


def _recount(row: Publication, at: datetime) -> None:
    row.n_objections = row.objections.count()
    row.n_open_objections = row.objections.filter(answered_at__isnull=True).count()
    row.updated_at = max(row.updated_at, at)
    row.save(update_fields=["n_objections", "n_open_objections", "updated_at"])


def _keep_until(keep: Period, at: datetime) -> date:
    return due(keep, at, DayTable(), roll=False).unrolled_on
