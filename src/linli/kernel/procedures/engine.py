"""The one door (唯一入口): `open_case`, `act` and `tick` are the only code that moves a case.

Each is one transaction: lock, check the sequence number, the actor and the guard, append the record, update case and
tasks, run the effects. Messages lie in the outbox when it commits and leave afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from linli.base.clock import local, now
from linli.base.errors import NotAllowed, Refused, absent
from linli.base.i18n import Text
from linli.kernel.people.actors import SYSTEM, Actor
from linli.kernel.people.models import Person
from linli.kernel.places.models import Area
from linli.kernel.procedures import hot, keys, publishing, writing
from linli.kernel.procedures.authority import is_recused, may, not_yours, recused_from
from linli.kernel.procedures.definitions import Action, Procedure
from linli.kernel.procedures.fields import FormContext, clean_form
from linli.kernel.procedures.linked import (
    decision_challenged,
    hand_on,
    linked_ended,
    remedy_opened,
)
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.namedlooks import NAMED
from linli.kernel.procedures.own_records import HELPER_NAME, HELPER_PHONE, OWN_FIELDS
from linli.kernel.procedures.refusals import not_here, not_yet, out_of_date
from linli.kernel.procedures.registry import EFFECTS
from linli.kernel.procedures.state import CaseState, Move, OpenAction, Receipt, TaskState
from linli.kernel.procedures.telling import founded, tell_grantor
from linli.kernel.procedures.versions import current_version, procedure_of
from linli.kernel.procedures.visibility import visible_to

OPENING = Action(code="open", title=Text("提出", "Opened"))
CASE = Text("办件", "case")
ON_THE_WAY = timedelta(minutes=5)


@keys.exactly_once
def open_case(
    code: str,
    *,
    by: Actor,
    area: Area,
    data: Mapping[str, Any],
    channel: str,
    title: str = "",
    applicant: Person | Callable[[], Person | None] | None = None,
    place: writing.Place | None = None,
    origin_id: int | None = None,
    client_key: str | None = None,
    recused: tuple[int, ...] = (),
    helper: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    by_case: bool = False,
    done_at: datetime | None = None,
    sent: Mapping[str, Any] | None = None,
) -> Receipt:
    """Open a case (立案/提出): the first task and the first record in one transaction.

    Refuses a channel or a person that the procedure does not admit, and entries that do not pass; a remedy is refused
    where there is no decision to challenge, too late, by others, or twice. Records `open`, and `remedy.opened` on the
    challenged case. Whoever is recused from the case that it comes from is recused from this one.
    `done_at`: when it was noted down, where that was some time before it came in. `by_case`: opened by an act of the
    case `origin_id`, whose procedure says so; then who may act there may open it. `sent`: what the client sent, where `data` was
    made of it and of what registers said meanwhile; the key then stands for that.
    `helper`: name and phone of whoever brings it for the applicant (帮办代办); both names stand on the record of the opening.
    The tracking code is in the receipt alone; the table keeps its hash. `applicant` may be a function: it is called once
    the entries have passed, so that a refused form leaves nobody behind.
    """
    at = at or now()
    version = current_version(code, area.prefix)
    procedure = procedure_of(version)
    if not by_case:
        _admit(procedure, by, channel)
        _within_mandate(code, by)
    context = FormContext(by, area.prefix, owner=keys.owner_of(by, client_key))
    content = sent or {
        "code": code,
        "area": area.code,
        "data": data,
        "channel": channel,
        "title": title,
        "place": [place.lng, place.lat, place.text] if place else None,
        **({"helper": dict(helper)} if helper else {}),
    }
    # Before the form is cleaned: what a first time took up, such as photos, is no longer there to be found.
    if known := keys.answer(by, client_key, content):
        return known
    if helper:
        procedure = replace(
            procedure,
            fields={**procedure.fields, **OWN_FIELDS},
            open_form=(*procedure.open_form, HELPER_NAME, HELPER_PHONE),
            open_optional=(*procedure.open_optional, HELPER_PHONE),
        )
        data = {**data, **helper}
    cleaned = clean_form(procedure.fields, procedure.open_form, procedure.open_optional, data, context)
    with hot.one_transaction():
        decision = None
        if procedure.challenge is not None:
            decision = decision_challenged(procedure, context.found, cleaned, by, at)
            origin_id = decision.case.pk
        party = applicant() if callable(applicant) else applicant
        if by.acting is not None and not by_case:
            party = Person(
                pk=by.acting.grantor_id
            )  # whoever acts for somebody opens nothing in their own name
        if decision is not None and party is None:
            party = decision.case.applicant
        if origin_id is not None:
            recused = tuple(dict.fromkeys((*recused, *recused_from(origin_id))))
        series = f"{area.prefix[:6]}-{procedure.prefix}-{local(at).year}"
        number = f"{series}-{hot.next_number(series):06d}"
        state = CaseState(
            id=0,
            number=number,
            version_id=version,
            step="",
            status="open",
            seq=0,
            head_hash=writing.START,
            area_id=area.pk,
            prefix=area.prefix,
            title=(title or str(next(iter(cleaned.values()), "")))[:60].split("\n")[0],
            opened_at=at,
            applicant_id=party.pk if party else None,
            window_id=by.hats[0].organisation_id if by.hats else None,
            recused=bool(recused),
            origin_id=origin_id,
        )
        move = Move(
            case=state,
            procedure=procedure,
            step=procedure.steps[procedure.first],
            action=OPENING,
            data=cleaned,
            actor=by,
            hat=by.hats[0] if by.hats else None,
            at=at,
            found=context.found,
            to=procedure.first,
            barred=recused,
            opening=True,
            done_at=_before(done_at, at),
        )
        tell_grantor(move)
        if procedure.open_effect:
            EFFECTS[procedure.open_effect](move)
        tracking = keys.tracking_code(by, client_key)
        writing.write_opening(
            move, channel=channel, place=place, origin_id=origin_id, tracking=tracking, recused=recused
        )
        if decision is not None:
            remedy_opened(move, decision)
        elif origin_id is not None and not by_case:
            publishing.objection_opened(origin_id, number, at)
        receipt = Receipt(number, state.seq, state.step, state.status, tracking_code=tracking)
        keys.keep(by, client_key, content, receipt, at)
    return receipt


def _before(done_at: datetime | None, at: datetime) -> datetime | None:
    """A time worth saying beside that of the record (先办后传): some minutes are the network's."""
    return done_at if done_at is not None and at - done_at >= ON_THE_WAY else None


def _within_mandate(code: str, by: Actor) -> None:
    if by.acting is not None and not by.acting.may_open(code):
        raise NotAllowed(
            "procedures.outside_mandate",
            Text(
                "对方的委托不包括这件事，没有提交。请先退出代办，以您自己的名义提，或请对方另行委托。",
                "Your mandate does not cover this, so nothing was sent. Stop acting for them and send it in your own "
                "name, or ask for a wider mandate.",
            ),
        )


def _admit(procedure: Procedure, by: Actor, channel: str) -> None:
    if channel not in procedure.channels:
        raise Refused(
            "procedures.channel_closed",
            Text(
                f"“{procedure.title.zh}”不通过这个渠道受理。可用渠道：{'、'.join(procedure.channels)}。",
                f"“{procedure.title.en}” is not taken through this channel. Open: {', '.join(procedure.channels)}.",
            ),
        )
    if by.kind == "system":
        return
    for spec in procedure.opened_by:
        if spec in {"anyone", "reporter"}:
            return
        if spec in {"resident", "applicant"} and by.kind in {"resident", "reporter", "anonymous"}:
            return
        if spec.split("@")[0] in by.roles:
            return
    raise NotAllowed(
        "procedures.may_not_open",
        Text(
            f"您目前的岗位不能发起“{procedure.title.zh}”。需要时请联系平台管理员。",
            f"Your posts do not allow you to open “{procedure.title.en}”. Ask the administrator if you need it.",
        ),
    )


@keys.exactly_once
def act(
    case: Case | str,
    action: str,
    data: Mapping[str, Any] | None = None,
    *,
    by: Actor,
    seq: int | None = None,
    client_key: str | None = None,
    at: datetime | None = None,
    done_at: datetime | None = None,
) -> Receipt:
    """Do an action in a case (办理). `seq` is what the person saw: if somebody acted since, one wins and one is told.
    `done_at`: when it was done, where that was some time before it came in; both times stand in the record.

    Given by number, a case that this person may not see is absent. Refuses: an action that is not open here, a
    person whose task it is not, a recused organisation, a guard's "not yet", entries that do not pass. Records the
    action with its public facts and the digests of all others.
    """
    at = at or now()
    raw = dict(data or {})
    with hot.one_transaction():
        # A number comes from outside: it names only a case that this person may see, asked in the locking read.
        seen = case.pk if isinstance(case, Case) else visible_to(by).filter(number=case).values("pk")
        state = hot.lock_case(seen)
        if state is None:
            raise absent(CASE)
        content = {"case": state.id, "action": action, "data": raw}
        if known := keys.answer(by, client_key, content):
            return known
        tasks = hot.stand(state)
        at = max(at, state.last_at)  # a clock that jumped back does not turn the order of what happened
        move = _prepared(state, tasks, action, by, at, seq)
        move.done_at = _before(done_at, at)
        context = FormContext(
            by,
            state.prefix,
            owner=keys.owner_of(by, client_key),
            grounds=move.action.suspends.grounds if move.action.suspends else (),
        )
        move.data = clean_form(move.procedure.fields, move.action.form, move.action.optional, raw, context)
        move.found = context.found
        founded(move)
        if reason := not_yet(move, tasks):
            raise Refused("procedures.not_yet", reason)
        tell_grantor(move)
        if move.action.effect:
            EFFECTS[move.action.effect](move)
        writing.write_move(move, tasks)
        if move.action.opens:
            _open_linked(move)
        if state.origin_id is not None and state.ended_at == at and state.status == "ended":
            publishing.objection_ended(state.number, state.outcome, at)
            linked_ended(move, act)
        receipt = Receipt(state.number, state.seq, state.step, state.status)
        keys.keep(by, client_key, content, receipt, at)
    return receipt


def _open_linked(move: Move) -> None:
    """Open the case that this act calls for (依程序另立一件): same place and applicant, told what it needs to know."""
    case = Case.objects.select_related("applicant").get(pk=move.case.id)
    target = procedure_of(current_version(move.action.opens, case.grid))
    open_case(
        move.action.opens,
        by=move.actor,
        area=Area.objects.get(pk=case.area_id),
        data=hand_on(target, move),
        channel="case",
        # What only those named may see is not named in a case that others handle.
        title=str(target.title.zh if case.confidential == NAMED else f"{target.title.zh}：{case.title}")[:60],
        applicant=case.applicant,
        place=writing.Place(case.lng, case.lat, case.precision, case.place_text),
        origin_id=case.pk,
        at=move.at,
        by_case=True,
    )


def _prepared(
    state: CaseState, tasks: list[TaskState], code: str, by: Actor, at: datetime, seq: int | None
) -> Move:
    if state.historic:
        raise Refused(
            "procedures.historic",
            Text(
                "这是历史导入的旧件，只供查阅统计，不能再办。需要处理时请重新登记一件。",
                "This case was taken over from old records and is only for reading. Register a new one if needed.",
            ),
        )
    procedure = procedure_of(state.version_id)
    step = procedure.steps[state.step]
    action = procedure.action(state.step, code)
    if seq is not None and not state.acted_seq <= seq <= state.seq:
        raise out_of_date(state, procedure, by)
    if action is None:
        raise not_here(state, procedure, code, by)
    if is_recused(state, by):
        raise absent(CASE)
    authority = may(state, procedure, step, action, tasks, by)
    if authority is None:
        raise not_yours(step, tasks)
    hat, task = authority
    return Move(
        case=state,
        procedure=procedure,
        step=step,
        action=action,
        data={},
        actor=by,
        hat=hat,
        task=task,
        at=at,
        to=action.to,
    )


def open_actions(case: Case, actor: Actor) -> list[OpenAction]:
    """What this person may do in this case now (我现在可以做的操作), in the order of the file; blocked ones say why."""
    if case.historic:
        return []
    state = hot_state(case)
    tasks = hot.open_tasks(case.pk)
    procedure = procedure_of(case.version_id)
    step = procedure.steps[case.step]
    if is_recused(state, actor):
        return []
    found = []
    for action in procedure.actions_at(case.step):
        authority = may(state, procedure, step, action, tasks, actor)
        if authority is None or (action.by == ("system",)):
            continue
        hat, task = authority
        move = Move(state, procedure, step, action, {}, actor, now(), hat, task, to=action.to)
        found.append(
            OpenAction(
                action.code,
                action.title,
                action,
                task.uid if task else "",
                not_yet(move, tasks),
                action.adverse,
            )
        )
    return found


def hot_state(case: Case) -> CaseState:
    return CaseState(
        id=case.pk,
        number=case.number,
        version_id=case.version_id,
        step=case.step,
        status=case.status,
        seq=case.seq,
        head_hash=bytes(case.head_hash),
        area_id=case.area_id,
        prefix=case.grid,
        title=case.title,
        opened_at=case.opened_at,
        due_at=case.due_at,
        ended_at=case.ended_at,
        outcome=case.outcome,
        lead_id=case.lead_id,
        applicant_id=case.applicant_id,
        window_id=case.window_id,
        acted_seq=case.acted_seq,
        recused=case.recused,
        facts=case.facts,
        historic=case.historic,
        origin_id=case.origin_id,
    )


def tick(at: datetime | None = None, limit: int = 100) -> int:
    """The sweeper's turn (到期巡检): what is due, in order of need. See `sweeper`."""
    from linli.kernel.procedures.sweeper import sweep

    return sweep(at or now(), limit, act=act, by=SYSTEM)
