"""Moves that touch two cases (并案、拆分、复核): each within the transaction of the one that begins it."""

from __future__ import annotations

from django.db.models import F

from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.domains.events.models import Event
from linli.kernel.places.models import Area
from linli.kernel.procedures import engine, hot
from linli.kernel.procedures.authority import recused_from
from linli.kernel.procedures.links import link, unlink
from linli.kernel.procedures.models import Case, CaseLink, Participation
from linli.kernel.procedures.state import Move
from linli.kernel.procedures.writing import Place


def follow_master(move: Move, master_id: int) -> None:
    """Join a report to the case that is being handled (并案): everyone who reported it is told of every further step.

    Refuses a master that ended at the same moment: it is locked until this is written.
    """
    master = hot.lock_case(master_id)
    if master is None or master.ended_at is not None:
        raise Refused(
            "events.master_ended",
            Text(
                "主件刚刚办结，不能再并入。请换一件。",
                "That case has just ended. Choose another to merge into.",
            ),
        )
    people = Participation.objects.filter(case_id=move.case.id, kind="person").values_list("ref", flat=True)
    for person in set(people):
        Participation.objects.get_or_create(case_id=master_id, kind="person", ref=person, part="follower")
    n_reporters = Event.objects.values_list("n_reporters", flat=True).get(case_id=move.case.id)
    Event.objects.filter(case_id=master_id).update(n_reporters=F("n_reporters") + n_reporters)
    link(move.case.id, master_id, "merged", at=move.at, by=move.actor)


def undo_follow(move: Move) -> None:
    """Take a merged report out again (撤销并案): its reporters are told of their own case alone.

    Where the master was itself merged into another since, they are taken out of that one too.
    """
    people = list(
        Participation.objects.filter(case_id=move.case.id, kind="person").values_list("ref", flat=True)
    )
    n_reporters = Event.objects.values_list("n_reporters", flat=True).get(case_id=move.case.id)
    masters = _masters(move.case.id)
    for master in masters[:1]:
        unlink(move.case.id, master, "merged", at=move.at)
    for master in masters:
        still = CaseLink.objects.filter(other_id=master, kind="merged", undone_at__isnull=True)
        elsewhere = Participation.objects.filter(case_id__in=still.values("case_id"), kind="person")
        Participation.objects.filter(case_id=master, kind="person", part="follower", ref__in=people).exclude(
            ref__in=elsewhere.values("ref")
        ).delete()
        Event.objects.filter(case_id=master).update(n_reporters=F("n_reporters") - n_reporters)


def _masters(case_id: int) -> list[int]:
    """The case that this one was merged into, the one which that was merged into, and so on."""
    found: list[int] = []
    while case_id not in found[:-1]:
        merged = CaseLink.objects.filter(case_id=case_id, kind="merged", undone_at__isnull=True)
        master = merged.values_list("other_id", flat=True).first()
        if master is None:
            break
        found.append(master)
        case_id = master
    return found


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
