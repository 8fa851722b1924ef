"""Signing in (登录): staff with password and second factor, residents with a code sent to their phone.

Every success rotates the session. Wrong passwords lock by user name and address (django-axes) and, whatever the
address, by user name; second factors and phone codes have tries of their own. One sentence for every wrong entry:
it never tells whether an account exists.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from linli.base import clock
from linli.base.codes import normalise_phone
from linli.base.errors import Invalid, Refused, TooMany
from linli.base.i18n import Text
from linli.kernel.people import audit, hooks, limits, secondfactor
from linli.kernel.people.actors import Actor, actor_for
from linli.kernel.people.keys import current_vault
from linli.kernel.people.models import Account, Person, PhoneCode
from linli.kernel.people.secondfactor import Enrolment, is_demo_code
from linli.kernel.people.services.accounts import set_password
from linli.kernel.people.services.residents import create_resident_account, phone_hash

BACKEND = "django.contrib.auth.backends.ModelBackend"
PENDING = "linli_pending"  # session: password was right, second factor outstanding
PENDING_FOR = timedelta(minutes=10)
CODE_VALID_FOR = timedelta(minutes=5)
CODE_TRIES = 5
PHONE_TRUSTED_FOR = timedelta(days=90)
"""A phone number not used here for longer may belong to somebody else by now: carriers give numbers out again."""

Next = Literal["done", "second_factor", "enrol", "change_password"]


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where a sign-in stands (登录进度): what the page asks next."""

    account: Account
    next: Next


# --------------------------------------------------------------------------------------------------- staff


def sign_in(request: HttpRequest, username: str, password: str, *, at: datetime | None = None) -> SignIn:
    """First step: user name and password (口令登录). Staff go on to the second factor; nobody is signed in before.

    Refuses a wrong pair (`people.wrong_sign_in`) and, after too many, every try for a while (TooMany
    `people.locked`). Demo accounts exist only in demo mode.
    """
    at = at or clock.now()
    username = username.strip()[:60].lower()
    limits.hit(f"sign-in:{username}", 30, timedelta(hours=1), at=at)
    _refuse_locked(request, username, at)
    account = authenticate(request, username=username, password=password)
    if not isinstance(account, Account) or (account.demo and not settings.LINLI_DEMO):
        _refuse_locked(request, username, at)
        raise Invalid(
            "people.wrong_sign_in",
            Text(
                "用户名或密码不对。请检查大小写后重试；忘记密码请联系平台管理员。",
                "The user name or password is wrong. Check and try again; "
                "if you forgot the password, ask the administrator.",
            ),
        )
    if not needs_second_factor(account):
        return _enter(request, account, at, factors=1)
    request.session.cycle_key()
    request.session[PENDING] = {
        "account": account.pk,
        "until": (at + PENDING_FOR).isoformat(),
        "hash": account.get_session_auth_hash(),
    }
    return SignIn(account, "second_factor" if account.second_factor_on else "enrol")


def needs_second_factor(account: Account) -> bool:
    """Staff need one (工作人员须二次验证): every account that is not a resident's alone."""
    return account.person_id is None or actor_for(account).is_staff


def pending_account(request: HttpRequest, *, at: datetime | None = None) -> Account | None:
    """Whose second factor is outstanding in this session (待二次验证的账号)."""
    pending = request.session.get(PENDING)
    if not pending or datetime.fromisoformat(pending["until"]) < (at or clock.now()):
        return None
    account = Account.objects.filter(pk=pending["account"], is_active=True).first()
    if account is None or not constant_time_compare(pending["hash"], account.get_session_auth_hash()):
        return None
    return account


def enrol_second_factor(request: HttpRequest, *, at: datetime | None = None) -> Enrolment:
    """Offer a secret to an account that has none yet (绑定动态口令); asked again it offers the same one."""
    return secondfactor.offer(_pending(request, at or clock.now()))


def confirm_second_factor(request: HttpRequest, code: str, *, at: datetime | None = None) -> SignIn:
    """Second step: the code of the authenticator (二次验证); signs in and rotates the session.

    The first right code also completes enrolment. Refuses a wrong or already used code (`people.wrong_code`), and
    for a quarter of an hour every code after 5 tries (TooMany).
    """
    at = at or clock.now()
    account = _pending(request, at)
    limits.hit(f"second-factor:{account.pk}", 5, timedelta(minutes=15), at=at)
    if not is_demo_code(account, code) and not secondfactor.accept(account, code, at=at):
        raise Invalid(
            "people.wrong_code",
            Text(
                "动态口令不对或已用过。请等待下一组数字再输入，并确认手机时间准确。",
                "The code is wrong or was used already. Wait for the next one, and check your phone's clock.",
            ),
            fields={"code": Text("请输入当前的6位数字。", "Enter the six digits shown now.")},
        )
    request.session.pop(PENDING, None)
    limits.forgive(f"second-factor:{account.pk}", timedelta(minutes=15), at=at)
    return _enter(request, account, at, factors=2)


def change_own_password(
    request: HttpRequest, old: str, new: str, *, by: Actor, at: datetime | None = None
) -> Account:
    """Change one's own password (修改密码): this session goes on, every other one ends."""
    at = at or clock.now()
    account = Account.objects.get(pk=by.account_id or 0)
    limits.hit(f"own-password:{account.pk}", 10, timedelta(hours=1), at=at)
    if not account.check_password(old):
        raise Invalid(
            "people.wrong_old_password",
            Text("原密码不对，请重新输入。", "The present password is wrong; please enter it again."),
            fields={"old": Text("原密码不对。", "This is not the present password.")},
        )
    set_password(account, new, by=by, at=at)
    update_session_auth_hash(request, account)
    return account


def sign_out(request: HttpRequest) -> None:
    """Sign out (退出登录); the session and all that is in it end."""
    logout(request)


# ----------------------------------------------------------------------------------------------- residents


def request_phone_code(
    phone: str,
    *,
    ip: str,
    send: Callable[[str, str], None],
    at: datetime | None = None,
) -> str:
    """Send a six-digit code to a mobile phone (发送验证码); gives the phone as it was understood.

    `send(phone, code)` puts it into the outbox in the same transaction. The code is valid for 5 minutes and 5
    tries, and only the newest. Refuses landlines, a second one within a minute, more than 5 an hour to a phone and
    more than 20 an hour from an address. The answer is the same whether the phone is known or not.
    """
    at = at or clock.now()
    phone = _mobile(phone)
    limits.hit(f"phone-code-ip:{ip}", 20, timedelta(hours=1), at=at)
    limits.hit(f"phone-code-hour:{phone}", 5, timedelta(hours=1), at=at)
    newest = PhoneCode.objects.filter(phone_hash=phone_hash(phone)).order_by("-id").first()
    if newest is not None and newest.made_at > at - timedelta(minutes=1):
        raise TooMany(
            "people.code_just_sent",
            Text(
                "验证码刚刚发送。请等一分钟；仍未收到再重新获取。",
                "A code was sent a moment ago. Wait a minute, then ask again if it has not come.",
            ),
            retry_after=60,
        )
    code = f"{secrets.randbelow(10**6):06}"
    with transaction.atomic():
        PhoneCode.objects.create(
            phone_hash=phone_hash(phone),
            code_hash=_code_hash(phone, code),
            made_at=at,
            expires_at=at + CODE_VALID_FOR,
        )
        send(phone, code)
    return phone


def sign_in_with_phone(request: HttpRequest, phone: str, code: str, *, at: datetime | None = None) -> SignIn:
    """Sign a resident in with the code sent to their phone (验证码登录). The first time opens an account.

    Whoever was entered by phone or at a window under this number alone and lately gets their cases at once; with
    several people on one number nobody is guessed. Staff accounts sign in with their password.
    """
    at = at or clock.now()
    phone = _mobile(phone)
    person = _person_of(phone, at)
    account = getattr(person, "account", None) if person else None
    if account is None or not is_demo_code(account, code):
        prove_phone(phone, code, at=at)
    with transaction.atomic():
        # Locked by number, so that two first sign-ins at once do not open two accounts.
        list(Person.objects.select_for_update().filter(phone_hash=phone_hash(phone)))
        person = _person_of(phone, at)
        if person is None:
            person = Person(created_at=at, needed_at=at, phone=phone, phone_hash=phone_hash(phone))
            person.save()
        account = Account.objects.filter(person=person).first() or create_resident_account(person, at=at)
        Person.objects.filter(pk=person.pk).update(needed_at=at)
    if not account.is_active or account.has_usable_password() or (account.demo and not settings.LINLI_DEMO):
        raise Refused(
            "people.phone_sign_in_closed",
            Text(
                "这个账号不能用验证码登录。工作人员请用密码登录；其他情况请到服务窗口。",
                "This account cannot sign in with a phone code. Staff use their password; "
                "otherwise please ask at a service window.",
            ),
        )
    return _enter(request, account, at, factors=1)


def change_phone(person: Person, phone: str, code: str, *, by: Actor, at: datetime | None = None) -> Person:
    """Give oneself a new phone number (更换手机号), proven by the code sent to it.

    Refuses a number with which somebody else signs in: whoever has the older account would be let in for both.
    """
    at = at or clock.now()
    if by.person_id != person.pk:
        raise ValueError("a phone is changed by the person; staff use correct_person")
    phone = _mobile(phone)
    prove_phone(phone, code, at=at)
    if Account.objects.filter(person__phone_hash=phone_hash(phone)).exclude(person=person).exists():
        raise Refused(
            "people.phone_taken",
            Text(
                "这个号码已有人用来登录，没有更换。请换一个号码；确属您本人的，请到服务窗口办理。",
                "Somebody signs in with this number already, so nothing was changed. Choose another; if both are "
                "yours, ask at a service window.",
            ),
        )
    with transaction.atomic():
        person.phone, person.phone_hash = phone, phone_hash(phone)
        person.save(update_fields=["phone", "phone_hash"])
        hooks.identity_changed(person)
        audit.note("people.phone_changed", by=by, at=at, about=person)
    return person


def prove_phone(phone: str, code: str, *, at: datetime) -> None:
    """Use a phone code up (核验手机验证码). Refuses a wrong, old or used one (`people.wrong_phone_code`)."""
    wrong = Invalid(
        "people.wrong_phone_code",
        Text(
            "验证码不对或已过期。请核对短信，或重新获取验证码。",
            "The code is wrong or too old. Check the message, or ask for a new code.",
        ),
        fields={"code": Text("请输入短信里的6位数字。", "Enter the six digits from the message.")},
    )
    newest = PhoneCode.objects.filter(phone_hash=phone_hash(phone)).order_by("-id").first()
    if newest is None:
        raise wrong
    open_code = PhoneCode.objects.filter(
        pk=newest.pk, used_at__isnull=True, expires_at__gt=at, n_tries__lt=CODE_TRIES
    )
    # The try is counted before the code is looked at, so that guesses sent at once all count.
    if not open_code.update(n_tries=F("n_tries") + 1):
        raise wrong
    if not constant_time_compare(bytes(newest.code_hash), _code_hash(phone, code.strip())):
        raise wrong
    if not PhoneCode.objects.filter(pk=newest.pk, used_at__isnull=True).update(used_at=at):
        raise wrong


# ------------------------------------------------------------------------------------------------- the rest


def _enter(request: HttpRequest, account: Account, at: datetime, *, factors: int) -> SignIn:
    login(request, account, backend=BACKEND)  # rotates the session key, or empties somebody else's session
    request.session["linli_factors"] = factors
    with transaction.atomic():
        audit.note("people.signed_in", by=actor_for(account, at=at), at=at, about=account, factors=factors)
    return SignIn(account, "change_password" if account.must_change_password else "done")


def _pending(request: HttpRequest, at: datetime) -> Account:
    account = pending_account(request, at=at)
    if account is None:
        raise Refused(
            "people.sign_in_expired",
            Text("登录已超时。请重新输入用户名和密码。", "Signing in took too long. Please start again."),
        )
    return account


def _refuse_locked(request: HttpRequest, username: str, at: datetime) -> None:
    if not AxesProxyHandler.is_locked(request, {"username": username}):
        return
    cool_off = getattr(settings, "AXES_COOLOFF_TIME", None) or timedelta(hours=1)
    minutes = int(cool_off.total_seconds() // 60)
    raise TooMany(
        "people.locked",
        Text(
            f"连续输错次数过多，已暂停登录{minutes}分钟。请稍后再试，或联系平台管理员。",
            f"Too many wrong tries: signing in is paused for {minutes} minutes. "
            "Try later, or ask the administrator.",
        ),
        retry_at=(at + cool_off).isoformat(),
        retry_after=int(cool_off.total_seconds()),
    )


def _mobile(phone: str) -> str:
    phone = normalise_phone(phone)
    if not phone.startswith("+861") or len(phone) != 14:
        raise Invalid(
            "people.not_a_mobile",
            Text(
                "请填写能收短信的11位手机号。固定电话请用查询码办理，或到服务窗口。",
                "Enter a mobile number of 11 digits that receives messages. With a landline, use your tracking "
                "code or ask at a service window.",
            ),
            fields={"phone": Text("请填写11位手机号。", "Enter a mobile number of 11 digits.")},
        )
    return phone


def _person_of(phone: str, at: datetime) -> Person | None:
    sharing = list(
        Person.objects.filter(phone_hash=phone_hash(phone), erased_at__isnull=True)
        .select_related("account")
        .order_by("id")[:20]
    )
    with_account = [person for person in sharing if hasattr(person, "account")]
    if with_account:
        return with_account[0]
    if len(sharing) == 1 and sharing[0].needed_at > at - PHONE_TRUSTED_FOR:
        return sharing[0]
    return None


def _code_hash(phone: str, code: str) -> bytes:
    return current_vault().lookup_hash("phone_code", f"{phone}:{code}")
