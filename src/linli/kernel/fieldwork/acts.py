"""An action of a case, done in the field (外勤办理): the same verb as at the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linli.base.errors import absent
from linli.base.i18n import Text
from linli.kernel.fieldwork.registry import Outcome, Work, kind, wanted, wrong
from linli.kernel.fieldwork.rules import clean, merged
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import engine, hot
from linli.kernel.procedures.casebook import first_fact
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.namedlooks import NAMED
from linli.kernel.procedures.state import CaseState
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.records.models import Record

SITE = "site"
SITE_TITLE = Text("现场情况", "What is on the spot")
CASE = Text("办件", "case")
SHEET_TYPES = frozenset({"string", "text", "radio", "choice"})


def act(work: Work) -> Outcome:
    """Do an action of a case as the worker entered it (办理一步). Refused like at the desk; what only the same worker, or a
    site sheet, added since is no reason to say that somebody acted first."""
    number, code = wanted(work.body, "number"), wanted(work.body, "action")
    data = work.body.get("data") or {}
    if not isinstance(data, dict):
        raise wrong("data", "填写的内容读不出来。", "What was entered cannot be read.")
    case, state = locked(number, work.by)
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
        done_at=work.made_at,
    )
    return Outcome(receipt.number, receipt.seq, state.prefix)


def locked(number: str, by: Actor) -> tuple[Case, CaseState]:
    """The case with this number, if this person may see it, locked until the entry is through (锁定办件)."""
    case = visible_to(by).filter(number=number).first()
    state = hot.lock_case(case.pk) if case is not None else None
    if case is None or state is None:
        raise absent(CASE)
    return case, state


def note(work: Work) -> Outcome:
    """Fill in the site sheet of a case (现场情况): what two workers wrote without signal comes together field by field.

    Only fields of the procedure's `site` action. What both changed is not written: the lead decides.
    """
    case, state = locked(wanted(work.body, "number"), work.by)
    mine, base = texts(work.body, "fields"), texts(work.body, "base")
    codes = sheet_fields(procedure_of(state.version_id))
    if unknown := sorted(set(mine) - set(codes)):
        raise wrong(unknown[0], "现场情况没有这一项。", "The site sheet has no such field.")
    stands = {code: str(first_fact(case, code) or "") for code in mine}
    found = merged(base, stands, mine)
    files = with_files({}, work)
    if not found.taken and not files:
        return Outcome(case.number, state.seq, state.prefix, found.conflicts, nothing_new=not found.conflicts)
    receipt = engine.act(
        case,
        SITE,
        {**found.taken, **files},
        by=work.by,
        client_key=work.client_key,
        at=work.at,
        done_at=work.made_at,
    )
    return Outcome(receipt.number, receipt.seq, state.prefix, found.conflicts)


def sheet_fields(procedure: Procedure) -> list[str]:
    """The fields of the site sheet that are merged (现场情况的栏目): words and choices, no files."""
    action = procedure.anywhere.get(SITE)
    if action is None:
        return []
    return [c for c in (*action.form, *action.optional) if procedure.fields[c].type in SHEET_TYPES]


def texts(body: Mapping[str, Any], name: str) -> dict[str, str]:
    values = body.get(name) or {}
    if not isinstance(values, dict) or any(not isinstance(v, str | None) for v in values.values()):
        raise wrong(name, "填写的内容读不出来。", "What was entered cannot be read.")
    return {str(code): clean(value) for code, value in values.items()}


def with_files(data: dict[str, Any], work: Work) -> dict[str, Any]:
    return {**data, **{field: uids for field, uids in work.files.items() if field}}


def _only_own_since(case_id: int, seq: int, by: Actor) -> bool:
    since = Record.objects.filter(case_id=case_id, seq__gt=seq).exclude(actor_kind="system")
    return not since.exclude(actor=by.account_id).exclude(action=SITE).exists()


def kept(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an entry keeps beside the case (收件留存): of a file that only those named may see no word, since whoever decides
    about entries that failed is not one of them. The worker is told why it failed, and enters it at the desk."""
    number = str(body.get("number") or "")[:40]
    if not Case.objects.filter(number=number, confidential=NAMED).exists():
        return body
    return {name: body[name] for name in ("number", "action", "seq") if name in body}


def register() -> None:
    kind("act", Text("办理", "Action in a case"), act, keeps=kept)
    kind("note", SITE_TITLE, note, keeps=kept)
