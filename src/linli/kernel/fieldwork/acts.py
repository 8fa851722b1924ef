"""An action of a case, done in the field (外勤办理): the same verb as at the desk."""

from __future__ import annotations

from typing import Any

from linli.base.errors import absent
from linli.base.i18n import Text
from linli.kernel.fieldwork.registry import Outcome, Work, kind, wanted, wrong
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import engine, hot
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.records.models import Record

SITE = "site"


def act(work: Work) -> Outcome:
    """Do an action of a case as the worker entered it (办理一步). Refused like at the desk; what only the same worker, or a
    site sheet, added since is no reason to say that somebody acted first."""
    number, code = wanted(work.body, "number"), wanted(work.body, "action")
    data = work.body.get("data") or {}
    if not isinstance(data, dict):
        raise wrong("data", "填写的内容读不出来。", "What was entered cannot be read.")
    case = visible_to(work.by).filter(number=number).first()
    state = hot.lock_case(case.pk) if case is not None else None
    if case is None or state is None:
        raise absent(Text("办件", "case"))
    seq = work.body.get("seq")
    if isinstance(seq, int) and _only_own_since(case.pk, seq, work.by):
        seq = None
    receipt = engine.act(
        case,
        code,
        with_files(data, work),
        by=work.by,
        seq=seq if isinstance(seq, int) else None,
        client_key=work.client_key,
        at=work.at,
    )
    return Outcome(receipt.number, receipt.seq, state.prefix)


def with_files(data: dict[str, Any], work: Work) -> dict[str, Any]:
    return {**data, **{field: uids for field, uids in work.files.items() if field}}


def _only_own_since(case_id: int, seq: int, by: Actor) -> bool:
    since = Record.objects.filter(case_id=case_id, seq__gt=seq).exclude(actor_kind="system")
    return not since.exclude(actor=by.account_id).exclude(action=SITE).exists()


def register() -> None:
    kind("act", Text("办理", "Action in a case"), act)
