"""Accounts, posts, appointments, delegation and tokens: state, audit and each refusal."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from linli.base import clock
from linli.base.errors import Invalid, LinliError, NotAllowed, Refused
from linli.kernel.people import services
from linli.kernel.people.actors import SYSTEM, actor_for
from linli.kernel.people.models import Account, ApiToken, AuditEntry, Delegation
from tests.cast import PASSWORD, Cast

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
DAY = date(2026, 3, 2)


def acts(subject: str = "") -> list[str]:
    rows = AuditEntry.objects.order_by("id")
    return [row.act for row in (rows.filter(subject=subject) if subject else rows)]


# ------------------------------------------------------------------------------------------------ accounts


def test_an_account_is_opened_and_noted(cast: Cast) -> None:
    account = services.create_account(
        "li.na", "李娜", by=cast.actor("admin"), password="yueguang-42-shan", at=AT
    )
    assert account.check_password("yueguang-42-shan")
    assert account.password.startswith("argon2")
    assert account.must_change_password
    entry = AuditEntry.objects.get(act="people.account_opened")
    assert (entry.account, entry.subject) == (cast.account("admin"), f"account:{account.uid}")
    assert not actor_for(account).is_staff  # no post, no role


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"username": "Li Na"}, "username"),
        ({"username": "dispatcher"}, "username"),
        ({"name": " "}, "name"),
        ({"password": "short1"}, "password"),
        ({"password": "password123"}, "password"),
        ({"password": "8273645519283"}, "password"),
        ({"username": "wangxiaoming", "password": "WangXiaoMing"}, "password"),
        ({"password": "x" * 129}, "password"),
    ],
)
def test_bad_entries_name_their_field(cast: Cast, entry: dict[str, Any], field: str) -> None:
    given = {"username": "new.one", "name": "新人", "password": "yueguang-42-shan"} | entry
    with pytest.raises(Invalid) as refusal:
        services.create_account(given.pop("username"), given.pop("name"), by=SYSTEM, **given)
    assert set(refusal.value.fields) == {field}
    sentence = refusal.value.fields[field]
    assert sentence.zh != sentence.en
    assert Account.objects.filter(name="新人").count() == 0


@pytest.mark.parametrize("name", ["dispatcher", "leader", "resident", "anonymous"])
def test_only_administrators_administer(cast: Cast, name: str) -> None:
    by = cast.actor(name)
    with pytest.raises(NotAllowed):
        services.create_account("new.one", "新人", by=by)
    with pytest.raises(NotAllowed):
        services.appoint(cast.post("handler"), cast.account("dispatcher"), from_on=DAY, by=by)
    with pytest.raises(NotAllowed):
        services.end_appointment(cast.account("handler").appointments.get(), by=by)
    with pytest.raises(NotAllowed):
        services.create_organisation("x-1", "某组织", kind="other", area=cast.area("township"), by=by)
    with pytest.raises(NotAllowed):
        services.set_password(cast.account("handler"), "yueguang-42-shan", by=by)


def test_nobody_administers_above_their_own_area(cast: Cast) -> None:
    """An administrator of the township reaches neither county posts nor the passwords of those who hold them."""
    post = services.create_post(
        cast.organisation("street"),
        "街道管理员",
        roles=["administrator"],
        area=cast.area("township"),
        by=SYSTEM,
    )
    services.appoint(post, cast.account("clerk"), from_on=date(2026, 1, 1), by=SYSTEM)
    by = actor_for(cast.account("clerk"))
    services.set_password(cast.account("dispatcher"), "yueguang-42-shan", by=by)
    refused: list[Any] = [
        lambda: services.set_password(cast.account("admin"), "yueguang-42-shan", by=by),
        lambda: services.set_password(cast.account("neighbour_dispatcher"), "yueguang-42-shan", by=by),
        lambda: services.reset_second_factor(cast.account("admin"), by=by),
        lambda: services.appoint(cast.post("admin"), cast.account("clerk"), from_on=DAY, by=by),
        lambda: services.revise_post(cast.post("handler"), roles=["administrator"], by=by),
        lambda: services.create_post(
            cast.organisation("street"), "区管理员", roles=["administrator"], area=cast.area("county"), by=by
        ),
        lambda: services.close_post(cast.post("supervisor"), to_on=DAY, by=by),
    ]
    for attempt in refused:
        with pytest.raises(NotAllowed):
            attempt()


def test_a_password_set_by_somebody_else_must_be_changed_and_ends_tokens(cast: Cast) -> None:
    account = cast.account("dispatcher")
    _, text = services.make_token(account, "脚本", by=cast.actor("dispatcher"))
    services.set_password(account, "yueguang-42-shan", by=cast.actor("admin"))
    assert account.must_change_password
    assert services.account_for_token(text) is None
    services.set_password(account, "yueguang-43-shan", by=cast.actor("dispatcher"))
    assert not account.must_change_password


def test_residents_get_no_password_from_an_administrator(cast: Cast) -> None:
    with pytest.raises(NotAllowed) as refusal:
        services.set_password(cast.account("resident"), "yueguang-42-shan", by=cast.actor("admin"))
    assert refusal.value.code == "people.resident_account"


def test_one_does_not_switch_oneself_off(cast: Cast) -> None:
    with pytest.raises(Refused):
        services.set_active(cast.account("admin"), active=False, by=cast.actor("admin"))
    with pytest.raises(Refused):
        services.reset_second_factor(cast.account("admin"), by=cast.actor("admin"))


def test_one_may_revise_ones_own_mail_but_not_ones_name(cast: Cast) -> None:
    account, by = cast.account("handler"), cast.actor("handler")
    services.revise_account(account, email="new@example.org", language="en", by=by)
    assert (account.email, account.language) == ("new@example.org", "en")
    with pytest.raises(NotAllowed):
        services.revise_account(account, name="别名", by=by)


# --------------------------------------------------------------------------------------------------- posts


def test_an_organisation_a_post_and_an_appointment(cast: Cast) -> None:
    by = cast.actor("admin")
    body = services.create_organisation(
        "350102-lamps", "路灯所", kind="office", area=cast.area("county"), uscc="91350100m000100y43", by=by
    )
    assert body.uscc == "91350100M000100Y43"
    post = services.create_post(body, "承办员", roles=["handler", "handler"], area=cast.area("county"), by=by)
    assert post.roles == ["handler"]
    services.appoint(post, cast.account("clerk"), from_on=DAY, by=by)
    later = datetime(2026, 3, 3, tzinfo=UTC)
    assert actor_for(cast.account("clerk"), at=later).roles == {"clerk", "handler"}
    services.revise_post(post, roles=["supervisor"], by=by)
    services.revise_organisation(body, name="路灯管理所", by=by)
    assert actor_for(cast.account("clerk"), at=later).roles == {"clerk", "supervisor"}
    services.revise_organisation(body, active=False, by=by)
    assert actor_for(cast.account("clerk"), at=later).roles == {"clerk"}
    with pytest.raises(Refused):
        services.create_post(body, "承办员", roles=["handler"], area=cast.area("county"), by=by)


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"code": "350102-street"}, "code"),
        ({"code": "no spaces please"}, "code"),
        ({"name": ""}, "name"),
        ({"kind": "army"}, "kind"),
        ({"uscc": "91350100M000100Y44"}, "uscc"),
    ],
)
def test_an_organisation_with_wrong_entries_is_refused(cast: Cast, entry: dict[str, Any], field: str) -> None:
    given: dict[str, Any] = {
        "code": "x-1",
        "name": "某组织",
        "kind": "other",
        "area": cast.area("county"),
    } | entry
    with pytest.raises(Invalid) as refusal:
        services.create_organisation(given.pop("code"), given.pop("name"), by=SYSTEM, **given)
    assert set(refusal.value.fields) == {field}


@pytest.mark.parametrize("roles", [[], ["Dispatcher"], ["a b"], [""]])
def test_a_post_needs_roles_that_are_words(cast: Cast, roles: list[str]) -> None:
    with pytest.raises(Invalid):
        services.create_post(
            cast.organisation("street"), "岗", roles=roles, area=cast.area("county"), by=SYSTEM
        )


def test_appointments_that_cannot_be(cast: Cast) -> None:
    post, by = cast.post("handler"), cast.actor("admin")

    def code(error: type[LinliError], account: str, **dates: Any) -> str:
        with pytest.raises(error) as refusal:
            services.appoint(post, cast.account(account), by=by, **{"from_on": DAY, **dates})
        return refusal.value.code

    assert code(Refused, "handler") == "people.appointed_already"
    assert code(Refused, "resident") == "people.not_a_staff_account"
    assert code(Invalid, "clerk", to_on=DAY - timedelta(days=1)) == "people.invalid"
    services.set_active(cast.account("leader"), active=False, by=by)
    assert code(Refused, "leader") == "people.not_a_staff_account"
    services.close_post(post, to_on=DAY - timedelta(days=1), by=by)
    assert code(Refused, "clerk") == "people.post_closed"


def test_nobody_appoints_themselves(cast: Cast) -> None:
    admin = cast.actor("admin")
    with pytest.raises(NotAllowed) as refused:
        services.appoint(cast.post("dispatcher"), cast.account("admin"), from_on=date(2026, 11, 1), by=admin)
    assert refused.value.code == "people.not_oneself"


def test_an_appointment_ends_on_its_last_day(cast: Cast) -> None:
    appointment = cast.account("handler").appointments.get()
    with pytest.raises(Invalid):
        services.end_appointment(appointment, to_on=date(2025, 12, 1), by=SYSTEM)
    services.end_appointment(appointment, to_on=DAY, by=cast.actor("admin"), at=AT)
    subject = f"account:{cast.account('handler').uid}"
    assert acts(subject) == ["people.appointment_ended"]
    services.appoint(
        cast.post("handler"), cast.account("handler"), from_on=DAY + timedelta(days=1), by=SYSTEM
    )


# ---------------------------------------------------------------------------------------------- delegation


def stand_in(cast: Cast, absent: str, deputy: str, start: int = 0, end: int = 5, by: str = "") -> Delegation:
    return services.delegate(
        cast.account(absent).appointments.get(),
        cast.account(deputy),
        from_on=DAY + timedelta(days=start),
        to_on=DAY + timedelta(days=end),
        by=cast.actor(by or absent),
        at=AT,
    )


@pytest.mark.parametrize(
    ("absent", "deputy", "start", "end", "code"),
    [
        ("dispatcher", "dispatcher", 0, 5, "people.deputy_is_self"),
        ("dispatcher", "resident", 0, 5, "people.not_a_staff_account"),
        ("dispatcher", "call_back", 5, 9, "people.delegated_already"),
        ("clerk", "dispatcher", 3, 4, "people.delegation_chain"),  # the deputy is away
        ("call_back", "leader", 3, 4, None),
        ("supervisor", "leader", 0, 1, None),
        ("clerk", "leader", 1, 0, "people.invalid"),
        ("clerk", "leader", -90, 0, "people.invalid"),
    ],
)
def test_who_may_stand_in(
    cast: Cast, absent: str, deputy: str, start: int, end: int, code: str | None
) -> None:
    stand_in(cast, "dispatcher", "clerk")
    if code is None:
        stand_in(cast, absent, deputy, start, end)
    else:
        with pytest.raises(LinliError) as refusal:
            stand_in(cast, absent, deputy, start, end)
        assert refusal.value.code == code


def test_the_stand_in_of_somebody_may_not_go_away_on_the_same_days(cast: Cast) -> None:
    stand_in(cast, "dispatcher", "clerk")
    with pytest.raises(Refused) as refusal:
        stand_in(cast, "clerk", "leader", 5, 8)
    assert refusal.value.code == "people.delegation_chain"
    stand_in(cast, "clerk", "leader", 6, 8)


def test_only_the_holder_or_an_administrator_names_a_deputy(cast: Cast) -> None:
    for name in ("clerk", "leader", "neighbour_dispatcher", "resident"):
        with pytest.raises(NotAllowed):
            stand_in(cast, "dispatcher", "clerk", by=name)
    delegation = stand_in(cast, "dispatcher", "clerk", by="admin")
    with pytest.raises(NotAllowed):
        services.end_delegation(delegation, by=cast.actor("leader"))
    services.end_delegation(delegation, by=cast.actor("clerk"))
    services.end_delegation(delegation, by=cast.actor("dispatcher"))
    assert acts().count("people.delegation_ended") == 1
    assert not actor_for(cast.account("clerk"), at=AT + timedelta(days=1)).hat_for("dispatcher", "350102001")


def test_a_deputy_without_a_post_is_refused(cast: Cast) -> None:
    account = services.create_account("spare", "备用", password=PASSWORD, by=SYSTEM)
    with pytest.raises(Refused) as refusal:
        services.delegate(
            cast.account("clerk").appointments.get(), account, from_on=DAY, to_on=DAY, by=cast.actor("clerk")
        )
    assert refusal.value.code == "people.deputy_without_post"


# -------------------------------------------------------------------------------------------------- tokens


def test_a_token_is_shown_once_and_kept_as_a_hash(cast: Cast, django_assert_num_queries: Any) -> None:
    account = cast.account("handler")
    token, text = services.make_token(account, "部门系统", by=cast.actor("handler"), days=30, at=AT)
    assert text.startswith("linli_")
    assert text.encode() not in bytes(token.token_hash)
    with django_assert_num_queries(2):
        assert services.account_for_token(text, at=AT) == account
    with django_assert_num_queries(1):  # the day of use is written once a day
        assert services.account_for_token(text, at=AT + timedelta(hours=1)) == account
    assert ApiToken.objects.get().last_used_on == clock.local(AT).date()
    assert services.account_for_token(text, at=AT + timedelta(days=31)) is None
    for wrong in ("", "linli_", text + "x", text[6:], "linli_" + "x" * 500):
        assert services.account_for_token(wrong, at=AT) is None


def test_a_revoked_token_and_a_closed_account_open_nothing(cast: Cast) -> None:
    token, text = services.make_token(cast.account("handler"), "一", by=cast.actor("handler"))
    with pytest.raises(NotAllowed):
        services.revoke_token(token, by=cast.actor("leader"))
    services.revoke_token(token, by=cast.actor("admin"))
    assert services.account_for_token(text) is None
    _, other = services.make_token(cast.account("handler"), "二", by=cast.actor("handler"))
    Account.objects.filter(username="handler").update(is_active=False)
    assert services.account_for_token(other) is None


def test_tokens_are_for_oneself_named_and_few(cast: Cast) -> None:
    account, by = cast.account("handler"), cast.actor("handler")
    with pytest.raises(NotAllowed):
        services.make_token(account, "别人的", by=cast.actor("admin"))
    with pytest.raises(Invalid) as refusal:
        services.make_token(account, " ", by=by, days=400)
    assert set(refusal.value.fields) == {"label", "days"}
    for n in range(20):
        services.make_token(account, str(n), by=by)
    with pytest.raises(Refused):
        services.make_token(account, "再来一个", by=by)


def test_a_demo_accounts_token_is_worth_nothing_outside_the_demo(cast: Cast, settings: Any) -> None:
    account = services.create_account("demo.one", "演示", password=PASSWORD, demo=True, by=SYSTEM)
    settings.LINLI_DEMO = True
    _, text = services.make_token(account, "演示", by=SYSTEM)
    assert services.account_for_token(text) == account
    settings.LINLI_DEMO = False
    assert services.account_for_token(text) is None
