"""Acting for another person (代办授权): given by the person with a code, or at a window on paper; accepted; ended by either.

A mandate opens the grantor's cases in its scope to the helper, while it runs and the helper says that they act under it;
never the grantor's own data, nor the right to give it on. Civil Code 161-173 (代理).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from linli.base import clock
from linli.base.errors import Invalid, NotAllowed, Refused, absent
from linli.base.i18n import Text
from linli.kernel.people import audit
from linli.kernel.people.actors import Acting, Actor, Hat
from linli.kernel.people.models import Account, Mandate, Person
from linli.kernel.people.services.residents import find_or_create_person
from linli.kernel.people.signin import prove_phone

SCOPES = {
    "all": Text("全部事情", "everything"),
    "procedure": Text("一类事情", "one kind of matter"),
    "case": Text("一件事", "one case"),
}
LONGEST = timedelta(days=366)
"""Sample: a mandate runs for a year at most and is then given anew; a county may set less."""
ON_PAPER = frozenset({"clerk"})  # roles that see the paper and enter it


@transaction.atomic
def grant(
    grantor: Person,
    *,
    name: str,
    phone: str,
    scope: str,
    procedure: str = "",
    case_number: str = "",
    rates: bool = False,
    from_on: date,
    to_on: date,
    code: str,
    by: Actor,
    at: datetime | None = None,
) -> Mandate:
    """Let somebody act for oneself (委托他人代办), proven by the code sent to one's own phone.

    Refuses a wrong code, oneself as helper, days that are over, backwards or more than a year, a scope without what it
    is about. Begins to hold once the helper accepts. Records `people.mandate_granted`.
    """
    at = at or clock.now()
    if by.person_id != grantor.pk:
        raise absent(Text("居民", "resident"))
    check(
        name=name,
        phone=phone,
        scope=scope,
        procedure=procedure,
        case_number=case_number,
        from_on=from_on,
        to_on=to_on,
        at=at,
    )
    prove_phone(grantor.phone, code, at=at)
    helper = find_or_create_person(name=name, phone=phone, by=by, at=at)
    made = _made(grantor, helper, scope, procedure, case_number, rates, from_on, to_on, "code", at)
    audit.note("people.mandate_granted", by=by, at=at, about=grantor, mandate=str(made.uid), how="code")
    return made


@transaction.atomic
def grant_on_paper(
    *,
    grantor_name: str,
    grantor_phone: str = "",
    grantor_id_number: str = "",
    helper_name: str,
    helper_phone: str,
    scope: str,
    procedure: str = "",
    rates: bool = False,
    from_on: date,
    to_on: date,
    by: Actor,
    at: datetime | None = None,
) -> Mandate:
    """Enter a mandate that both brought to a window on paper (登记书面委托): it holds at once, under the clerk's name.

    For window clerks. Refuses like `grant`, and a grantor without phone and ID number, who could not be told apart.
    Records `people.mandate_granted`.
    """
    at = at or clock.now()
    hat = at_a_window(by)
    if not grantor_name.strip() or not (grantor_phone.strip() or grantor_id_number.strip()):
        raise _mend(
            "grantor_phone",
            Text("请填写委托人的姓名，再填电话或证件号。", "Name the person, with a phone or an ID number."),
        )
    with _named_for("helper"):
        check(
            name=helper_name,
            phone=helper_phone,
            scope=scope,
            procedure=procedure,
            from_on=from_on,
            to_on=to_on,
            at=at,
        )
    with _named_for("grantor"):
        grantor = find_or_create_person(grantor_name, grantor_phone, grantor_id_number, by=by, at=at)
    with _named_for("helper"):
        helper = find_or_create_person(name=helper_name, phone=helper_phone, by=by, at=at)
    made = _made(
        grantor,
        helper,
        scope,
        procedure,
        "",
        rates,
        from_on,
        to_on,
        "paper",
        at,
        hat=hat,
        clerk=by.account_id,
    )
    audit.note(
        "people.mandate_granted", by=by, at=at, about=grantor, hat=hat, mandate=str(made.uid), how="paper"
    )
    return made


def at_a_window(by: Actor) -> Hat:
    """The window clerk's post (窗口岗位). Refuses everybody else (`people.mandate_needs_window`)."""
    hat = next((h for h in by.hats if h.roles & ON_PAPER), None)
    if hat is None:
        raise NotAllowed(
            "people.mandate_needs_window",
            Text(
                "书面委托由综合窗口人员登记。请到窗口办理。",
                "A mandate on paper is entered by a window clerk. Please ask at a window.",
            ),
        )
    return hat


@transaction.atomic
def accept(uid: str, *, by: Actor, at: datetime | None = None) -> Mandate:
    """Agree to act (接受委托): from now on the helper may. Only who was named; what has ended is refused."""
    at = at or clock.now()
    row = _own(uid, by, helper_only=True)
    if row.ended_at is not None or row.to_on < clock.local(at).date():
        raise Refused(
            "people.mandate_over",
            Text(
                "这份委托已经结束。需要时请对方重新委托。", "This mandate is over. Ask to be given a new one."
            ),
        )
    if row.accepted_at is None:
        row.accepted_at = at
        row.save(update_fields=["accepted_at"])
        audit.note("people.mandate_accepted", by=by, at=at, about=row.grantor, mandate=str(row.uid))
    return row


@transaction.atomic
def end(uid: str, *, by: Actor, at: datetime | None = None) -> Mandate:
    """End a mandate at once (结束委托), by either of the two; no reason is asked. Records `people.mandate_ended`."""
    at = at or clock.now()
    row = _own(uid, by)
    if row.ended_at is None:
        row.ended_at = at
        row.save(update_fields=["ended_at"])
        audit.note("people.mandate_ended", by=by, at=at, about=row.grantor, mandate=str(row.uid))
    return row


def acting_under(uid: str, by: Actor, *, at: datetime | None = None) -> Acting | None:
    """For whom this person acts now under a mandate (正在替谁办); nothing when it does not hold, or is not theirs."""
    day = clock.local(at or clock.now()).date()
    if by.person_id is None or by.kind != "resident":
        return None
    row = (
        Mandate.objects.filter(
            uid=uid,
            helper_id=by.person_id,
            accepted_at__isnull=False,
            ended_at__isnull=True,
            from_on__lte=day,
            to_on__gte=day,
            grantor__erased_at__isnull=True,
        )
        .select_related("grantor")
        .first()
    )
    if row is None:
        return None
    account = Account.objects.filter(person_id=row.grantor_id).values_list("pk", flat=True).first()
    return Acting(
        str(row.uid),
        row.grantor_id,
        account,
        row.grantor.name,
        row.scope,
        row.procedure,
        row.case_number,
        row.rates,
    )


def mandates_of(person: Person, *, at: datetime | None = None) -> tuple[list[Mandate], list[Mandate]]:
    """What this person gave, and what they hold (我委托的、我帮办的), the newest first, in one query."""
    rows = list(
        Mandate.objects.filter(Q(grantor=person) | Q(helper=person))
        .select_related("grantor", "helper")
        .order_by("-id")[:100]
    )
    return [r for r in rows if r.grantor_id == person.pk], [r for r in rows if r.helper_id == person.pk]


def holds_on(row: Mandate, day: date) -> bool:
    return row.ended_at is None and row.accepted_at is not None and row.from_on <= day <= row.to_on


def _own(uid: str, by: Actor, *, helper_only: bool = False) -> Mandate:
    mine = (
        Q(helper_id=by.person_id) if helper_only else Q(helper_id=by.person_id) | Q(grantor_id=by.person_id)
    )
    row = None
    if by.person_id is not None:
        row = (
            Mandate.objects.select_for_update(of=("self",))
            .select_related("grantor")
            .filter(mine, uid=uid)
            .first()
        )
    if row is None:
        raise absent(Text("委托", "mandate"))
    return row


def _made(
    grantor: Person, helper: Person, scope: str, procedure: str, case_number: str, rates: bool, from_on: date,
    to_on: date, how: str, at: datetime, *, hat: Hat | None = None, clerk: int | None = None,
) -> Mandate:  # fmt: skip
    if helper.pk == grantor.pk:
        raise Refused(
            "people.mandate_to_self",
            Text(
                "不用委托自己。请填写帮您办的人。",
                "You need no mandate for yourself. Name whoever is to help you.",
            ),
        )
    return Mandate.objects.create(
        grantor=grantor,
        helper=helper,
        scope=scope,
        procedure=procedure if scope == "procedure" else "",
        case_number=case_number if scope == "case" else "",
        rates=rates,
        from_on=from_on,
        to_on=to_on,
        how=how,
        clerk_id=clerk,
        post_id=hat.post_id if hat else None,
        made_at=at,
        accepted_at=at if how == "paper" else None,
    )


def check(
    *,
    name: str,
    phone: str,
    scope: str,
    from_on: date,
    to_on: date,
    procedure: str = "",
    case_number: str = "",
    rates: bool = False,
    at: datetime | None = None,
) -> None:
    """Whether a mandate could be given so (能否这样委托), before a code is sent. Refuses as `grant` does."""
    today = clock.local(at or clock.now()).date()
    if not name.strip():
        raise _mend("name", Text("请填写帮办人的姓名。", "Name whoever is to help."))
    if not phone.strip():
        raise _mend(
            "phone", Text("请填写帮办人的手机号，对方凭它登录。", "Give their phone: they sign in with it.")
        )
    if (
        scope not in SCOPES
        or (scope == "procedure" and not procedure)
        or (scope == "case" and not case_number)
    ):
        raise _mend("scope", Text("请选委托办什么。", "Choose what the mandate is for."))
    if to_on < from_on or to_on < today:
        raise _mend(
            "to_on",
            Text(
                "结束日期不能早于今天，也不能早于开始日期。",
                "The last day cannot be before today or the first day.",
            ),
        )
    if to_on - from_on > LONGEST:
        raise _mend(
            "to_on", Text("一次最多委托一年，到期可以再委托。", "A year at most; then it can be given anew.")
        )


@contextmanager
def _named_for(side: str) -> Iterator[None]:
    """What is to be mended, at the field of the side it is about (错在哪一方的哪一栏)."""
    try:
        yield
    except Invalid as error:
        named = {
            f"{side}_{c}" if c in {"name", "phone", "id_number"} else c: t for c, t in error.fields.items()
        }
        raise Invalid(error.code, error.message, fields=named) from error


def _mend(field: str, problem: Text) -> Invalid:
    return Invalid("people.mandate_invalid", problem, fields={field: problem})
