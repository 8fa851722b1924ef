"""Joining a case that somebody else opened (我也遇到了): told of each step, without a second report."""

from __future__ import annotations

from datetime import datetime

from linli.base.clock import now
from linli.base.errors import Refused, absent
from linli.base.i18n import Text
from linli.kernel.people.actors import ANONYMOUS, Actor
from linli.kernel.procedures import hot
from linli.kernel.procedures.models import Case, CaseLink, Participation
from linli.kernel.procedures.own_records import JOINED
from linli.kernel.procedures.state import Move
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.writing import note


def join(case_id: int, *, person_id: int, at: datetime | None = None) -> bool:
    """Somebody met the same (加入同一件事): they follow the case, read what anyone who reported the same may read, and are
    told of each step; what others wrote stays hidden from them, and they from others.

    Refuses a case that has ended. Whoever takes part already changes nothing and gives False. Records `joined`, without
    saying who.
    """
    at = at or now()
    with hot.one_transaction():
        state = hot.lock_case(case_id)
        if state is None or state.historic:
            raise absent(Text("办件", "case"))
        if state.ended_at is not None:
            raise Refused(
                "procedures.join_ended",
                Text(
                    "这件事刚刚办结，不用再加入。如果还没有解决，请另外反映一件。",
                    "That case has just ended. If the matter is not solved, please report it anew.",
                ),
            )
        if Participation.objects.filter(case_id=case_id, kind="person", ref=person_id).exists():
            return False
        hot.stand(state)
        procedure = procedure_of(state.version_id)
        step = procedure.steps[state.step]
        note(Move(state, procedure, step, JOINED, {}, ANONYMOUS, max(at, state.last_at)), {"joined": True})
        hot.take_part(case_id, [("person", person_id, "follower")])
    return True


def leave(case: Case, *, by: Actor) -> bool:
    """Follow a case no more (不再跟进): from now on it is out of sight and nothing is sent. False where nobody followed.

    Refuses whoever's own report was merged into it: theirs is handled there.
    """
    if by.person_id is None:
        raise absent(Text("办件", "case"))
    merged = CaseLink.objects.filter(other=case, kind="merged", undone_at__isnull=True)
    if merged.filter(case__applicant_id=by.person_id).exists():
        raise Refused(
            "procedures.leave_merged",
            Text(
                "您自己反映的也并在这件里一起办，办好要告诉您，所以不能退出。不想看的，可以不理会通知。",
                "Your own report is handled in this one, and you are told of its end. You may ignore the messages.",
            ),
        )
    n, _ = Participation.objects.filter(case=case, kind="person", ref=by.person_id, part="follower").delete()
    return n > 0
