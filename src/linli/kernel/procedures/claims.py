"""Taking a report without a name into one's own account (认领匿名办件)."""

from __future__ import annotations

from datetime import datetime

from linli.base.clock import now
from linli.base.errors import NotAllowed, Refused, absent
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import hot
from linli.kernel.procedures.definitions import Action
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.state import Move
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.writing import note

CLAIMING = Action(code="claim", title=Text("认领", "Claimed"))


def claim(case: Case, *, by: Actor, at: datetime | None = None) -> bool:
    """Claim a case that was opened without a name (认领): from now on it is among one's own, and one is told of it.

    Only who opened it with its tracking code (`Actor.with_cases`) and is signed in as a resident. Refuses a case that
    has an applicant; one's own already changes nothing and gives False. Records `claim`, without saying who.
    """
    if by.person_id is None:
        raise NotAllowed(
            "procedures.claim_needs_account",
            Text("请先用手机号登录，再认领。", "Sign in with your phone first, then claim it."),
        )
    if case.pk not in by.case_ids:
        raise absent(Text("办件", "case"))
    at = at or now()
    with hot.one_transaction():
        state = hot.lock_case(case.pk)
        if state is None:
            raise absent(Text("办件", "case"))
        if state.applicant_id == by.person_id:
            return False
        if state.applicant_id is not None:
            raise Refused(
                "procedures.has_applicant",
                Text(
                    "这件事提交时留了联系方式，已经记在那个人名下，不能再认领。凭编号和查询码仍可以查看。",
                    "This case was sent with contact details and belongs to that person, so it cannot be claimed. "
                    "Its number and tracking code still open it.",
                ),
            )
        hot.stand(state)
        procedure = procedure_of(state.version_id)
        move = Move(state, procedure, procedure.steps[state.step], CLAIMING, {}, by, max(at, state.last_at))
        note(move, {"claimed": True})
        Case.objects.filter(pk=state.id).update(applicant_id=by.person_id)
        hot.take_part(state.id, [("person", by.person_id, "applicant")])
        Task.objects.filter(case_id=state.id, queue="person#0", done_at__isnull=True).update(
            queue=f"person#{by.person_id}"
        )
    return True
