"""Accounts (账号): made, named, switched off, given a password."""

from __future__ import annotations

import re
from datetime import datetime

from django.contrib.auth import password_validation as validation
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from linli.base import clock
from linli.base.errors import Invalid, NotAllowed, Refused
from linli.base.i18n import LANGUAGES, Text
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Account
from linli.kernel.people.services.administration import require_administrator, require_over_account

MIN_PASSWORD = 10
MAX_PASSWORD = 128  # Argon2 works through all of it
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,59}")

VALIDATORS: list[validation.PasswordValidator] = [
    validation.MinimumLengthValidator(MIN_PASSWORD),
    validation.CommonPasswordValidator(),
    validation.NumericPasswordValidator(),
    validation.UserAttributeSimilarityValidator(("username", "name", "name_en", "email"), 0.7),
]


@transaction.atomic
def create_account(
    username: str,
    name: str,
    *,
    by: Actor,
    password: str | None = None,
    name_en: str = "",
    email: str = "",
    language: str = "zh",
    must_change_password: bool = True,
    demo: bool = False,
    at: datetime | None = None,
) -> Account:
    """Open an account for a member of staff (开设账号). It may do nothing until it is appointed to a post.

    Refuses a user name that is taken or not plain lower-case, an empty name, a weak password, and anybody but an
    administrator. Without a password nobody can sign in. Records `people.account_opened`.
    """
    at = at or clock.now()
    hat = require_administrator(by)
    username, name = username.strip(), name.strip()
    faults: dict[str, Text] = {}
    if not USERNAME.fullmatch(username):
        faults["username"] = Text(
            "用户名须为3至60位小写字母、数字、点、横线或下划线，并以字母或数字开头。",
            "A user name has 3 to 60 lower-case letters, digits, dots, dashes or underscores "
            "and begins with a letter or digit.",
        )
    elif Account.objects.filter(username=username).exists():
        faults["username"] = _taken()
    if not 1 <= len(name) <= 60:
        faults["name"] = Text("请填写姓名，不超过60个字。", "Please enter the name, 60 characters at most.")
    account = Account(
        username=username,
        name=name,
        name_en=name_en.strip()[:80],
        email=email.strip(),
        language=language if language in LANGUAGES else "zh",
        must_change_password=must_change_password,
        demo=demo,
        created_at=at,
    )
    if password is None:
        account.set_unusable_password()
    elif weak := password_faults(password, account):
        faults["password"] = weak
    if faults:
        raise _invalid(faults)
    if password is not None:
        account.set_password(password)
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        raise _invalid({"username": _taken()}) from error
    audit.note("people.account_opened", by=by, at=at, about=account, hat=hat)
    return account


@transaction.atomic
def set_password(account: Account, password: str, *, by: Actor, at: datetime | None = None) -> Account:
    """Set a password (设置密码). One's own, or as administrator for somebody else, who must then change it.

    Refuses what is shorter than 10 characters, common, all digits or like the person's own names. Ends every other
    session of the account; set by somebody else it also revokes the API tokens. Records `people.password_set`.
    """
    at = at or clock.now()
    own = by.account_id == account.pk
    hat = None
    if not own:
        hat = require_over_account(by, account)
        if account.person_id is not None and not account.has_usable_password() and by.kind != "system":
            raise NotAllowed(
                "people.resident_account",
                Text(
                    "居民账号凭手机验证码登录，不能由管理员设置密码。",
                    "A resident's account signs in with a phone code; an administrator cannot give it a password.",
                ),
            )
    if weak := password_faults(password, account):
        raise _invalid({"password": weak})
    account.set_password(password)
    account.must_change_password = not own and by.kind != "system"
    account.save(update_fields=["password", "must_change_password"])
    if not own:
        account.api_tokens.filter(revoked_at__isnull=True).update(revoked_at=at)
    audit.note("people.password_set", by=by, at=at, about=account, hat=hat, own=own)
    return account


@transaction.atomic
def revise_account(
    account: Account,
    *,
    by: Actor,
    name: str | None = None,
    name_en: str | None = None,
    email: str | None = None,
    language: str | None = None,
    at: datetime | None = None,
) -> Account:
    """Correct what an account says (修改账号资料). One's own e-mail and language; the rest an administrator's."""
    if by.account_id != account.pk or name is not None or name_en is not None:
        require_over_account(by, account)
    if name is not None and not 1 <= len(name.strip()) <= 60:
        raise _invalid(
            {"name": Text("请填写姓名，不超过60个字。", "Please enter the name, 60 characters at most.")}
        )
    if language is not None and language not in LANGUAGES:
        raise _invalid({"language": Text("请选择中文或英文。", "Please choose Chinese or English.")})
    given = {"name": name, "name_en": name_en, "email": email, "language": language}
    changed = [key for key, value in given.items() if value is not None and value != getattr(account, key)]
    for key in changed:
        setattr(account, key, str(given[key]).strip())
    if changed:
        account.save(update_fields=changed)
        audit.note("people.account_revised", by=by, at=at or clock.now(), about=account, fields=changed)
    return account


@transaction.atomic
def set_active(account: Account, *, active: bool, by: Actor, at: datetime | None = None) -> Account:
    """Switch an account off or on again (停用、启用账号). Refuses one's own; off revokes its API tokens at once."""
    at = at or clock.now()
    hat = require_over_account(by, account)
    if by.account_id == account.pk:
        raise Refused(
            "people.own_account",
            Text(
                "不能停用自己的账号。请由另一位管理员办理。",
                "You cannot switch off your own account. Please ask another administrator.",
            ),
        )
    if account.is_active != active:
        account.is_active = active
        account.save(update_fields=["is_active"])
        if not active:
            account.api_tokens.filter(revoked_at__isnull=True).update(revoked_at=at)
        act = "people.account_opened_again" if active else "people.account_closed"
        audit.note(act, by=by, at=at, about=account, hat=hat)
    return account


@transaction.atomic
def reset_second_factor(account: Account, *, by: Actor, at: datetime | None = None) -> Account:
    """Forget a lost second factor (重设动态口令): at the next sign-in the person enrols a new one.

    Refuses one's own (whoever stole a session could take the account over with it).
    """
    hat = require_over_account(by, account)
    if by.account_id == account.pk:
        raise Refused(
            "people.own_account",
            Text(
                "不能重设自己的动态口令。请由另一位管理员办理。",
                "You cannot reset your own second factor. Please ask another administrator.",
            ),
        )
    account.second_factor, account.second_factor_on, account.second_factor_step = "", None, None
    account.save(update_fields=["second_factor", "second_factor_on", "second_factor_step"])
    audit.note("people.second_factor_reset", by=by, at=at or clock.now(), about=account, hat=hat)
    return account


def password_faults(password: str, account: Account) -> Text | None:
    """What is wrong with a password (密码问题), in both languages; None when it will do."""
    if len(password) > MAX_PASSWORD:
        return Text(f"密码不能超过{MAX_PASSWORD}位。", f"A password has at most {MAX_PASSWORD} characters.")
    if account.username and password.casefold() == account.username.casefold():
        return Text("密码不能与用户名相同。", "The password must not be the user name.")
    sentences = {}
    for language, name in (("zh", "zh-hans"), ("en", "en")):
        with translation.override(name):
            try:
                validation.validate_password(password, account, VALIDATORS)
            except ValidationError as error:
                sentences[language] = " ".join(error.messages)
    return Text(sentences["zh"], sentences["en"]) if sentences else None


def _taken() -> Text:
    return Text("这个用户名已有人使用，请换一个。", "This user name is taken; please choose another.")


def _invalid(fields: dict[str, Text]) -> Invalid:
    return Invalid(
        "people.account_invalid",
        Text(
            "账号资料有需要更正的地方。请按各栏提示修改后再提交。",
            "Some entries need mending. Please correct them as noted and send again.",
        ),
        fields=fields,
    )
