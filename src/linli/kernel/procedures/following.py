"""The cases of a person follow when two entries of that person become one (当事人登记合并), and go back when they do not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from linli.kernel.people.actors import Actor, Hat
from linli.kernel.procedures import hot
from linli.kernel.procedures.definitions import Action
from linli.kernel.procedures.models import Case, Participation, Task
from linli.kernel.procedures.own_records import PARTY_MERGED, PARTY_PARTED
from linli.kernel.procedures.state import Move
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.writing import note

Followed = Mapping[str, list[int]]  # keys of what followed: applicant, parts, tasks


def follow(before: int, after: int, *, by: Actor, hat: Hat | None, at: datetime) -> dict[str, list[int]]:
    """Let every case in which one entry of a person takes part follow to the other (办件随当事人登记合并).

    `before` and `after` are persons; what they may do with them is the register's to decide. Where `after` takes part
    already in the same way nothing is moved twice. Records `party.merged` in each case, without saying who. Gives what
    followed, for `go_back`. To be called in a transaction.
    """
    takes_part = Participation.objects.filter(kind="person", ref=before)
    there = set(Participation.objects.filter(kind="person", ref=after).values_list("case_id", "part"))
    parts = [
        pk
        for pk, case_id, part in takes_part.values_list("pk", "case_id", "part")
        if (case_id, part) not in there
    ]
    followed = {
        "applicant": list(Case.objects.filter(applicant_id=before).values_list("pk", flat=True)),
        "parts": parts,
        "tasks": list(Task.objects.filter(queue=f"person#{before}").values_list("pk", flat=True)),
    }
    _hand(followed, before, after, PARTY_MERGED, by=by, hat=hat, at=at)
    return followed


def go_back(followed: Followed, before: int, after: int, *, by: Actor, hat: Hat | None, at: datetime) -> None:
    """Take it back (撤销): what followed from `before` to `after`, and nothing that came since. Records `party.parted`."""
    _hand(followed, after, before, PARTY_PARTED, by=by, hat=hat, at=at)


def _hand(
    followed: Followed, giving: int, taking: int, action: Action, *, by: Actor, hat: Hat | None, at: datetime
) -> None:
    cases = set(followed["applicant"])
    cases |= set(Participation.objects.filter(pk__in=followed["parts"]).values_list("case_id", flat=True))
    for pk in sorted(cases):  # each locked, in one order
        _note(pk, action, by=by, hat=hat, at=at)
    Case.objects.filter(pk__in=followed["applicant"], applicant_id=giving).update(applicant_id=taking)
    Participation.objects.filter(pk__in=followed["parts"], ref=giving).update(ref=taking)
    Task.objects.filter(pk__in=followed["tasks"], queue=f"person#{giving}").update(queue=f"person#{taking}")


def _note(case_id: int, action: Action, *, by: Actor, hat: Hat | None, at: datetime) -> None:
    state = hot.lock_case(case_id)
    if state is None:
        return
    hot.stand(state)
    procedure = procedure_of(state.version_id)
    move = Move(state, procedure, procedure.steps[state.step], action, {}, by, max(at, state.last_at), hat)
    note(move, {"entries": 2})
