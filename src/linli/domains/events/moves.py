"""Moves that touch two cases (并案、拆分、复核): each within the transaction of the one that begins it."""

from __future__ import annotations

from django.db.models import F

from linli.domains.events.models import Event
from linli.kernel.people.actors import SYSTEM
from linli.kernel.places.models import Area
from linli.kernel.procedures import engine
from linli.kernel.procedures.authority import recused_from
from linli.kernel.procedures.links import link, unlink
from linli.kernel.procedures.models import Case, CaseLink, Participation
from linli.kernel.procedures.state import Move
from linli.kernel.procedures.writing import Place


def follow_master(move: Move, master_id: int) -> None:
    """Join a report to the case that is being handled (并案): everyone who reported it is told of every further step."""
    people = Participation.objects.filter(case_id=move.case.id, kind="person").values_list("ref", flat=True)
    for person in set(people):
        Participation.objects.get_or_create(case_id=master_id, kind="person", ref=person, part="follower")
    Event.objects.filter(case_id=master_id).update(n_reporters=F("n_reporters") + 1)
    link(move.case.id, master_id, "merged", at=move.at, by=move.actor)


def undo_follow(move: Move) -> None:
    """Take a merged report out again (撤销并案): its reporters are told of their own case alone."""
    found = CaseLink.objects.filter(case_id=move.case.id, kind="merged", undone_at__isnull=True).first()
    if found is None:
        return
    people = Participation.objects.filter(case_id=move.case.id, kind="person").values_list("ref", flat=True)
    still = CaseLink.objects.filter(other_id=found.other_id, kind="merged", undone_at__isnull=True).exclude(
        case_id=move.case.id
    )
    elsewhere = Participation.objects.filter(case_id__in=still.values("case_id"), kind="person").values("ref")
    Participation.objects.filter(
        case_id=found.other_id, kind="person", part="follower", ref__in=list(people)
    ).exclude(ref__in=elsewhere).delete()
    Event.objects.filter(case_id=found.other_id).update(n_reporters=F("n_reporters") - 1)
    unlink(move.case.id, found.other_id, "merged", at=move.at)


def open_part(move: Move) -> None:
    """Split off one matter as a case of its own (拆分): same place, same applicant; undone by withdrawing or merging it."""
    case = Case.objects.select_related("applicant").get(pk=move.case.id)
    receipt = engine.open_case(
        move.procedure.code,
        by=move.actor,
        area=Area.objects.get(pk=case.area_id),
        data={"description": move.data["part_title"], "category": move.data["part_category"]},
        channel=case.channel,
        applicant=case.applicant,
        place=Place(case.lng, case.lat, case.precision, case.place_text),
        recused=recused_from(case.pk),
        at=move.at,
    )
    link(
        case.pk,
        Case.objects.values_list("pk", flat=True).get(number=receipt.number),
        "split",
        at=move.at,
        by=move.actor,
    )


def reopen_challenged(move: Move) -> None:
    """A review that is upheld takes the declined report up again, and says so on it (复核成立，恢复受理)."""
    original = Case.objects.get(number=move.case.facts["challenged"])
    engine.act(original, "review_upheld", {}, by=SYSTEM, at=move.at)
    link(original.pk, move.case.id, "remedy", at=move.at, by=move.actor)
