"""Signing in: two steps for staff, a phone code for residents, and what each refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory

from linli.base.errors import Invalid, LinliError, Refused, TooMany
from linli.kernel.people import secondfactor, services, signin
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.models import Account, AuditEntry, PhoneCode
from linli.kernel.people.services import find_or_create_person
from tests.cast import PASSWORD, Cast

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def browser(ip: str = "10.0.0.1") -> HttpRequest:
    request = RequestFactory().post("/sign-in/", REMOTE_ADDR=ip)
    request.session = import_module(django_settings.SESSION_ENGINE).SessionStore()
    request.session.create()
    request.user = AnonymousUser()
    return request


def signed_in(request: HttpRequest) -> str | None:
    return request.session.get(SESSION_KEY)


def refused(code: str, error: type[LinliError], act: Any, *args: Any, **kwargs: Any) -> LinliError:
    with pytest.raises(error) as refusal:
        act(*args, **kwargs)
    assert refusal.value.code == code
    return refusal.value


# --------------------------------------------------------------------------------------------------- staff


def test_staff_sign_in_in_two_steps_and_the_session_key_changes_at_each(cast: Cast) -> None:
    request = browser()
    keys = [request.session.session_key]
    step = signin.sign_in(request, " Dispatcher", PASSWORD, at=AT)
    keys.append(request.session.session_key)
    assert (step.next, signed_in(request)) == ("second_factor", None)  # a password alone opens nothing
    assert signin.pending_account(request, at=AT) == cast.account("dispatcher")
    step = signin.confirm_second_factor(request, cast.second_factor(AT), at=AT)
    keys.append(request.session.session_key)
    assert step.next == "done"
    assert signed_in(request) == str(cast.account("dispatcher").pk)
    assert len(set(keys)) == 3
    assert AuditEntry.objects.get(act="people.signed_in").post == cast.post("dispatcher")
    signin.sign_out(request)
    assert signed_in(request) is None


@pytest.mark.parametrize("name", ["dispatcher", "nobody", "resident", "closed", ""])
def test_one_sentence_for_everything_that_is_wrong(cast: Cast, name: str) -> None:
    services.create_account("closed", "停用", password="yueguang-42-shan", by=SYSTEM)
    Account.objects.filter(username="closed").update(is_active=False)
    password = "yueguang-42-shan"
    error = refused("people.wrong_sign_in", Invalid, signin.sign_in, browser(), name, password, at=AT)
    assert "管理员" in error.message.zh


def test_five_wrong_passwords_lock_that_name_from_that_address(cast: Cast) -> None:
    for _ in range(4):
        refused("people.wrong_sign_in", Invalid, signin.sign_in, browser(), "clerk", "wrong-password", at=AT)
    refused("people.locked", TooMany, signin.sign_in, browser(), "clerk", "wrong-password", at=AT)
    error = refused("people.locked", TooMany, signin.sign_in, browser(), "clerk", PASSWORD, at=AT)
    assert error.data["retry_after"] > 0
    assert signin.sign_in(browser("10.0.0.2"), "clerk", PASSWORD, at=AT).next == "second_factor"
    assert signin.sign_in(browser(), "leader", PASSWORD, at=AT).next == "second_factor"


def test_guessing_from_many_addresses_is_stopped_too(cast: Cast) -> None:
    for n in range(30):
        refused(
            "people.wrong_sign_in", Invalid, signin.sign_in, browser(f"10.1.0.{n}"), "clerk", "wrong", at=AT
        )
    refused("people.too_many", TooMany, signin.sign_in, browser("10.2.0.1"), "clerk", PASSWORD, at=AT)


def test_a_code_counts_once_and_half_a_minute_around(cast: Cast) -> None:
    account = cast.account("handler")
    for offset, good in ((-30, True), (0, True), (30, True), (-90, False), (90, False)):
        Account.objects.filter(pk=account.pk).update(second_factor_step=None)
        code = cast.second_factor(AT + offset * SECOND)
        assert secondfactor.accept(account, code, at=AT) is good
    Account.objects.filter(pk=account.pk).update(second_factor_step=None)
    assert secondfactor.accept(account, cast.second_factor(AT), at=AT)
    assert not secondfactor.accept(account, cast.second_factor(AT), at=AT)
    assert not secondfactor.accept(account, cast.second_factor(AT - 30 * SECOND), at=AT)  # nor an older one
    for nonsense in ("", "12345", "abcdef", "１２３４５６", "1234567"):
        assert not secondfactor.accept(account, nonsense, at=AT)


def test_the_second_step_has_five_tries_and_ten_minutes(cast: Cast) -> None:
    request = browser()
    refused("people.sign_in_expired", Refused, signin.confirm_second_factor, request, "123456", at=AT)
    signin.sign_in(request, "leader", PASSWORD, at=AT)
    late = AT + 11 * MINUTE
    refused(
        "people.sign_in_expired",
        Refused,
        signin.confirm_second_factor,
        request,
        cast.second_factor(late),
        at=late,
    )
    for _ in range(5):
        refused("people.wrong_code", Invalid, signin.confirm_second_factor, request, "12345x", at=AT)
    refused("people.too_many", TooMany, signin.confirm_second_factor, request, cast.second_factor(AT), at=AT)
    assert signed_in(request) is None


def test_a_password_changed_meanwhile_ends_the_first_step(cast: Cast) -> None:
    request = browser()
    signin.sign_in(request, "leader", PASSWORD, at=AT)
    services.set_password(cast.account("leader"), "yueguang-42-shan", by=SYSTEM)
    assert signin.pending_account(request, at=AT) is None


def test_the_first_code_completes_enrolment(cast: Cast) -> None:
    account = services.create_account("li.na", "李娜", password=PASSWORD, by=SYSTEM)
    request = browser()
    assert signin.sign_in(request, "li.na", PASSWORD, at=AT).next == "enrol"
    offered = signin.enrol_second_factor(request, at=AT)
    assert signin.enrol_second_factor(request, at=AT) == offered
    assert offered.uri.startswith("otpauth://totp/Linli%3Ali.na?secret=")
    account.refresh_from_db()
    assert account.second_factor == offered.secret
    assert account.second_factor_on is None
    code = cast.second_factor(AT, secret=offered.secret)
    assert signin.confirm_second_factor(request, code, at=AT).next == "change_password"
    account.refresh_from_db()
    assert account.second_factor_on == AT
    refused("people.second_factor_on", Refused, secondfactor.offer, account)
    services.reset_second_factor(account, by=cast.actor("admin"))
    assert signin.sign_in(browser(), "li.na", PASSWORD, at=AT).next == "enrol"


def test_the_demo_code_opens_demo_accounts_in_demo_mode_alone(cast: Cast, settings: Any) -> None:
    demo = services.create_account("demo.one", "演示", password=PASSWORD, demo=True, by=SYSTEM)
    code = secondfactor.DEMO_CODE
    for mode, account, opens in (
        (False, demo, False),
        (False, cast.account("handler"), False),
        (True, cast.account("handler"), False),
        (True, demo, True),
    ):
        settings.LINLI_DEMO = mode
        assert secondfactor.is_demo_code(account, code) is opens
    settings.LINLI_DEMO = True
    request = browser()
    signin.sign_in(request, "demo.one", PASSWORD, at=AT)
    signin.confirm_second_factor(request, code, at=AT)
    assert signed_in(request) == str(demo.pk)
    settings.LINLI_DEMO = False
    refused("people.wrong_sign_in", Invalid, signin.sign_in, browser(), "demo.one", PASSWORD, at=AT)


def test_one_changes_ones_password_and_stays_signed_in(cast: Cast) -> None:
    request = browser()
    signin.sign_in(request, "clerk", PASSWORD, at=AT)
    signin.confirm_second_factor(request, cast.second_factor(AT), at=AT)
    by, new = cast.actor("clerk"), "yueguang-42-shan"
    refused(
        "people.wrong_old_password", Invalid, signin.change_own_password, request, "wrong", new, by=by, at=AT
    )
    refused(
        "people.account_invalid", Invalid, signin.change_own_password, request, PASSWORD, "abc", by=by, at=AT
    )
    account = signin.change_own_password(request, PASSWORD, new, by=by, at=AT)
    assert request.session["_auth_user_hash"] == account.get_session_auth_hash()


# ----------------------------------------------------------------------------------------------- residents


class Phone:
    """A telephone that receives codes."""

    def __init__(self) -> None:
        self.codes: list[str] = []

    def send(self, phone: str, code: str) -> None:
        self.codes.append(code)


def ask(phone: str, at: datetime = AT, ip: str = "10.0.0.9") -> str:
    receiver = Phone()
    signin.request_phone_code(phone, ip=ip, send=receiver.send, at=at)
    return receiver.codes[-1]


def test_a_resident_signs_in_with_a_code_and_gets_an_account_the_first_time(cast: Cast) -> None:
    request = browser()
    before = request.session.session_key
    step = signin.sign_in_with_phone(request, "138 0000 0001", ask("13800000001"), at=AT)
    assert (step.next, signed_in(request)) == ("done", str(step.account.pk))
    assert request.session.session_key != before
    assert step.account.name == "居民"
    person = step.account.person
    assert person is not None
    assert person.phone == "+8613800000001"
    again = signin.sign_in_with_phone(
        browser(), "13800000001", ask("13800000001", AT + 2 * MINUTE), at=AT + 2 * MINUTE
    )
    assert again.account == step.account


def test_who_was_entered_at_a_window_finds_their_own_entry(cast: Cast) -> None:
    person = find_or_create_person("张三", "13800000001", at=AT)
    step = signin.sign_in_with_phone(browser(), "13800000001", ask("13800000001"), at=AT)
    assert step.account.person == person


@pytest.mark.parametrize("why", ["a family's phone", "an old number"])
def test_nobody_is_guessed_to_be_somebody(cast: Cast, why: str) -> None:
    long_ago = AT - timedelta(days=100)
    find_or_create_person("张三", "13800000001", at=AT if "family" in why else long_ago)
    if "family" in why:
        find_or_create_person("李四", "13800000001", at=AT)
    step = signin.sign_in_with_phone(browser(), "13800000001", ask("13800000001"), at=AT)
    assert step.account.person is not None
    assert step.account.person.name == ""


def test_a_code_is_used_once_within_five_minutes_and_five_tries(cast: Cast) -> None:
    phone = "13800000001"
    code = ask(phone)
    assert code not in str(PhoneCode.objects.values().get())
    other = f"{(int(code) + 1) % 10**6:06}"
    late = AT + 5 * MINUTE + SECOND
    enter = signin.sign_in_with_phone
    refused("people.wrong_phone_code", Invalid, enter, browser(), phone, code, at=late)
    refused("people.wrong_phone_code", Invalid, enter, browser(), "13800000002", code, at=AT)
    enter(browser(), phone, code, at=AT)
    refused("people.wrong_phone_code", Invalid, enter, browser(), phone, code, at=AT)
    code = ask(phone, AT + 2 * MINUTE)
    for _ in range(5):
        refused("people.wrong_phone_code", Invalid, enter, browser(), phone, other, at=AT + 2 * MINUTE)
    refused("people.wrong_phone_code", Invalid, enter, browser(), phone, code, at=AT + 2 * MINUTE)


def test_only_the_newest_code_counts(cast: Cast) -> None:
    first = ask("13800000001")
    second = ask("13800000001", AT + 2 * MINUTE)
    if first != second:
        refused(
            "people.wrong_phone_code",
            Invalid,
            signin.sign_in_with_phone,
            browser(),
            "13800000001",
            first,
            at=AT + 2 * MINUTE,
        )


def test_codes_are_not_sent_too_often(cast: Cast) -> None:
    ask("13800000001")
    refused("people.code_just_sent", TooMany, ask, "13800000001", AT + 30 * SECOND)
    for n in range(2, 5):
        ask("13800000001", AT + n * 2 * MINUTE)
    refused("people.too_many", TooMany, ask, "13800000001", AT + 20 * MINUTE)
    for n in range(10, 25):
        ask(f"138000000{n}", ip="10.0.0.77")
    for n in range(25, 30):
        ask(f"138000000{n}", ip="10.0.0.77")
    refused("people.too_many", TooMany, ask, "13800000030", AT, "10.0.0.77")
    refused("people.not_a_mobile", Invalid, ask, "0591-87654321")


def test_a_code_that_cannot_be_sent_is_not_kept(cast: Cast) -> None:
    def broken(phone: str, code: str) -> None:
        raise OSError

    with pytest.raises(OSError):
        signin.request_phone_code("13800000001", ip="10.0.0.9", send=broken, at=AT)
    assert not PhoneCode.objects.exists()


def test_a_phone_code_never_opens_an_account_with_a_password(cast: Cast) -> None:
    """Whoever holds a post signs in with two factors, also where a person is tied to the account."""
    account = cast.account("resident")
    services.set_password(account, "yueguang-42-shan", by=SYSTEM)
    code = ask("13900000001")
    refused(
        "people.phone_sign_in_closed",
        Refused,
        signin.sign_in_with_phone,
        browser(),
        "13900000001",
        code,
        at=AT,
    )
    assert signin.sign_in(browser(), account.username, "yueguang-42-shan", at=AT).next == "done"
    services.appoint(cast.post("clerk"), account, from_on=AT.date(), by=SYSTEM)
    assert signin.needs_second_factor(account)


def test_a_new_phone_is_proven_by_its_code(cast: Cast) -> None:
    person, by = cast.person("resident"), cast.actor("resident")
    signin.change_phone(person, "13800000001", ask("13800000001"), by=by, at=AT)
    step = signin.sign_in_with_phone(
        browser(), "13800000001", ask("13800000001", AT + 2 * MINUTE), at=AT + 2 * MINUTE
    )
    assert step.account == cast.account("resident")
