"""Acting for another person (代办): exactly the cases in scope, both names on the record, the person told of each act."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from linli.base.clock import local
from linli.base.errors import Invalid, NotAllowed, NotFound, Refused
from linli.domains.events import services as events
from linli.kernel.notices.models import Notice
from linli.kernel.people.actors import Acting, Actor, actor_for
from linli.kernel.people.models import AuditEntry, Mandate
from linli.kernel.people.queries import people_visible_to
from linli.kernel.people.services import (
    create_resident_account,
    export_person,
    find_or_create_person,
    mandates,
)
from linli.kernel.people.signin import request_phone_code
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import is_own, timeline
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.own import cases_of, waiting_for
from linli.kernel.procedures.queries import access_case, visible_to
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import MONDAY, event_at, reported

DAY = local(MONDAY).date()


def code_for(cast: Cast, name: str, at: datetime = MONDAY) -> str:
    codes: list[str] = []
    phone = cast.person(name).phone
    request_phone_code(phone, ip="192.0.2.1", send=lambda _, code: codes.append(code), at=at)
    return codes[0]


def granted(cast: Cast, *, accept: bool = True, at: datetime = MONDAY, **more: Any) -> Mandate:
    entries: dict[str, Any] = {"scope": "all", "from_on": DAY, "to_on": DAY + timedelta(days=30), **more}
    made = mandates.grant(
        cast.person("resident"),
        name="王路人",
        phone="13900000002",
        code=code_for(cast, "resident", at),
        by=cast.actor("resident"),
        at=at,
        **entries,
    )
    return mandates.accept(str(made.uid), by=cast.actor("outsider"), at=at) if accept else made


def helper(cast: Cast, made: Mandate, at: datetime = MONDAY) -> Actor:
    from dataclasses import replace

    actor = cast.actor("outsider")
    return replace(actor, acting=mandates.acting_under(str(made.uid), actor, at=at))


def test_a_helper_sees_the_cases_in_scope_and_no_others(cast: Cast) -> None:
    one, two = reported(cast), reported(cast)
    own = reported(cast, by="outsider")
    outsider = cast.actor("outsider")
    assert set(visible_to(outsider)) == {own}
    whole = helper(cast, granted(cast))
    assert set(visible_to(whole)) == {one, two, own}
    single = helper(
        cast, granted(cast, scope="case", case_number=one.number, at=MONDAY + timedelta(minutes=2)), MONDAY
    )
    assert set(visible_to(single)) == {one, own}
    assert is_own(one, single)
    assert [c.pk for c in cases_of(single).items] == [one.pk]
    other = helper(
        cast, granted(cast, scope="procedure", procedure="petition", at=MONDAY + timedelta(minutes=4)), MONDAY
    )
    assert set(visible_to(other)) == {own}
    with pytest.raises(NotFound):
        access_case(one.number, other)


def test_what_is_not_accepted_over_ended_or_anothers_opens_nothing(cast: Cast) -> None:
    case = reported(cast)
    uid = str(granted(cast, accept=False).uid)
    outsider = cast.actor("outsider")
    assert mandates.acting_under(uid, outsider, at=MONDAY) is None
    mandates.accept(uid, by=outsider, at=MONDAY)
    assert mandates.acting_under(uid, outsider, at=MONDAY) is not None
    assert mandates.acting_under(uid, outsider, at=MONDAY - timedelta(days=1)) is None
    assert mandates.acting_under(uid, outsider, at=MONDAY + timedelta(days=31)) is None
    assert mandates.acting_under(uid, cast.actor("resident"), at=MONDAY) is None
    assert mandates.acting_under(uid, cast.actor("clerk"), at=MONDAY) is None
    mandates.end(uid, by=cast.actor("resident"), at=MONDAY)
    assert mandates.acting_under(uid, outsider, at=MONDAY) is None
    assert case not in visible_to(outsider)


def test_both_names_stand_on_the_record_and_the_person_is_told(cast: Cast) -> None:
    case = reported(cast)
    acting = helper(cast, granted(cast))
    engine.act(case, "supplement", {"note": "第四盏也坏了"}, by=acting, at=MONDAY + timedelta(hours=1))
    row = Record.objects.filter(case_id=case.pk).latest("seq")
    assert row.actor == cast.account("outsider").pk
    assert row.on_behalf_of == cast.account("resident").pk
    assert acting.acting
    assert acting.acting.uid in row.facts
    assert Notice.objects.filter(person_id=cast.person("resident").pk, template="mandate.acted").count() == 1
    resident = cast.actor("resident")
    (entry,) = [e for e in timeline(access_case(case.number, resident), resident) if e.seq == row.seq]
    assert entry.helper == "王**"


def test_a_report_for_somebody_is_theirs(cast: Cast) -> None:
    acting = helper(cast, granted(cast))
    case = reported(cast)  # sets up the category
    lng, lat = cast.point("grid1")
    receipt = events.report(
        {"description": "楼道灯坏了"}, by=acting, channel="web", lng=lng, lat=lat, at=MONDAY
    )
    made = Case.objects.get(number=receipt.number)
    assert made.applicant == cast.person("resident")
    assert made.pk != case.pk
    assert made not in visible_to(cast.actor("outsider"))


def test_whoever_helps_somebody_handles_nothing_of_it_at_work(cast: Cast) -> None:
    """The dispatcher's neighbour let them act for her: her cases in scope are for others to dispatch, for a year after, too."""
    account = cast.account("dispatcher")
    theirs, other = reported(cast), reported(cast, by="outsider")
    account.person = find_or_create_person("黄派遣", "13900000077", "", by=cast.actor("clerk"))
    account.save()

    def may(case: Case, at: datetime = MONDAY) -> bool:
        return "accept" in {a.code for a in engine.open_actions(case, actor_for(account, at=at))}

    assert may(theirs)
    made = granted(cast)
    Mandate.objects.filter(pk=made.pk).update(helper=account.person)
    assert not may(theirs)
    assert may(other)
    with pytest.raises(NotAllowed):
        engine.act(theirs, "accept", {}, by=actor_for(account, at=MONDAY))
    Mandate.objects.filter(pk=made.pk).update(ended_at=MONDAY)
    assert not may(theirs)
    assert not may(theirs, at=MONDAY + timedelta(days=365))
    assert may(theirs, at=MONDAY + timedelta(days=366))


def test_a_mandate_for_one_case_opens_no_other(cast: Cast) -> None:
    case = reported(cast)
    acting = helper(cast, granted(cast, scope="case", case_number=case.number))
    lng, lat = cast.point("grid1")
    with pytest.raises(NotAllowed) as refused:
        events.report({"description": "楼道灯坏了"}, by=acting, channel="web", lng=lng, lat=lat, at=MONDAY)
    assert refused.value.code == "procedures.outside_mandate"
    assert Case.objects.count() == 1


def test_a_rating_is_the_persons_own_unless_they_said_otherwise(cast: Cast) -> None:
    case = event_at(cast, "evaluating")
    rating = {"contacted": True, "solved": True, "satisfied": 5}
    acting = helper(cast, granted(cast))
    assert waiting_for(acting) == []
    with pytest.raises(NotAllowed):
        engine.act(case, "rate", rating, by=acting, at=MONDAY + timedelta(hours=2))
    allowed = helper(cast, granted(cast, rates=True, at=MONDAY + timedelta(minutes=2)), MONDAY)
    engine.act(case, "rate", rating, by=allowed, at=MONDAY + timedelta(hours=2))
    case.refresh_from_db()
    assert case.step == "closed"


def test_nothing_of_the_persons_own_data_is_opened(cast: Cast) -> None:
    acting = helper(cast, granted(cast))
    assert cast.person("resident") not in people_visible_to(acting)
    with pytest.raises(NotFound):
        export_person(cast.person("resident"), by=acting)


def test_a_stranger_ends_or_accepts_nothing(cast: Cast) -> None:
    made = granted(cast, accept=False)
    for verb in (mandates.accept, mandates.end):
        with pytest.raises(NotFound):
            verb(str(made.uid), by=cast.actor("clerk"), at=MONDAY)
    with pytest.raises(NotFound):
        mandates.accept(str(made.uid), by=cast.actor("resident"), at=MONDAY)
    mandates.end(str(made.uid), by=cast.actor("outsider"), at=MONDAY)
    with pytest.raises(Refused) as over:
        mandates.accept(str(made.uid), by=cast.actor("outsider"), at=MONDAY)
    assert over.value.code == "people.mandate_over"
    assert AuditEntry.objects.filter(act="people.mandate_ended").count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"scope": "case"}, "scope"),
        ({"scope": "procedure"}, "scope"),
        ({"scope": "anything"}, "scope"),
        ({"to_on": DAY - timedelta(days=1)}, "to_on"),
        ({"from_on": DAY + timedelta(days=9), "to_on": DAY + timedelta(days=8)}, "to_on"),
        ({"to_on": DAY + timedelta(days=400)}, "to_on"),
        ({"to_on": date(2026, 1, 1), "from_on": date(2025, 12, 1)}, "to_on"),
    ],
)
def test_what_cannot_be_given_is_said_at_its_place(cast: Cast, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        granted(cast, **change)
    assert set(wrong.value.fields) == {field}
    assert not Mandate.objects.exists()


def test_without_the_code_or_for_oneself_nothing_is_given(cast: Cast) -> None:
    entries: dict[str, Any] = {
        "scope": "all",
        "from_on": DAY,
        "to_on": DAY,
        "by": cast.actor("resident"),
        "at": MONDAY,
    }
    with pytest.raises(Invalid) as wrong:
        mandates.grant(cast.person("resident"), name="王", phone="13900000002", code="000000", **entries)
    assert wrong.value.code == "people.wrong_phone_code"
    with pytest.raises(Refused) as oneself:
        mandates.grant(
            cast.person("resident"),
            name="林小邻",
            phone="13900000001",
            code=code_for(cast, "resident"),
            **entries,
        )
    assert oneself.value.code == "people.mandate_to_self"
    with pytest.raises(NotFound):
        mandates.grant(cast.person("outsider"), name="王", phone="13900000003", code="1", **entries)
    assert not Mandate.objects.exists()


def test_a_window_clerk_enters_one_on_paper_for_somebody_without_a_phone(cast: Cast) -> None:
    entries: dict[str, Any] = {
        "grantor_name": "陈阿婆", "grantor_id_number": "350102194001010021", "helper_name": "王路人",
        "helper_phone": "13900000002", "scope": "all", "from_on": DAY, "to_on": DAY, "at": MONDAY,
    }  # fmt: skip
    for who in ("dispatcher", "resident"):
        with pytest.raises(NotAllowed):
            mandates.grant_on_paper(**entries, by=cast.actor(who))
    with pytest.raises(Invalid) as nameless:
        mandates.grant_on_paper(**{**entries, "grantor_id_number": ""}, by=cast.actor("clerk"))
    assert set(nameless.value.fields) == {"grantor_phone"}
    made = mandates.grant_on_paper(**entries, by=cast.actor("clerk"))
    assert (made.how, made.clerk, made.post) == ("paper", cast.account("clerk"), cast.post("clerk"))
    acting = helper(cast, made)
    lng, lat = cast.point("grid1")
    reported(cast)
    receipt = events.report(
        {"description": "楼道灯坏了"}, by=acting, channel="web", lng=lng, lat=lat, at=MONDAY
    )
    row = Record.objects.get(case_id=Case.objects.get(number=receipt.number).pk)
    assert row.on_behalf_of is None
    assert str(made.uid) in row.facts


def test_the_scope_is_worked_out_from_what_was_given() -> None:
    def acting(scope: str) -> Acting:
        return Acting("u", 1, None, "", scope, "petition", "N1", rates=False)

    assert acting("all").covers("grid-event", "N2")
    assert acting("procedure").covers("petition", "N2")
    assert not acting("procedure").covers("grid-event", "N1")
    assert acting("case").covers("petition", "N1")
    assert not acting("case").covers("petition", "N2")
    assert not acting("case").may_open("petition")


def test_a_second_account_of_nobody_is_needed(cast: Cast) -> None:
    made = mandates.grant(
        cast.person("resident"), name="新邻居", phone="13900000009", code=code_for(cast, "resident"), scope="all",
        from_on=DAY, to_on=DAY, by=cast.actor("resident"), at=MONDAY,
    )  # fmt: skip
    assert made.helper.phone == "+8613900000009"
    create_resident_account(made.helper, at=MONDAY)
    assert mandates.mandates_of(made.helper) == ([], [made])
