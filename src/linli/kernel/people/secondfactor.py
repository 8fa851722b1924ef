"""The second factor of staff (动态口令): six digits every 30 seconds (TOTP, RFC 6238), each usable once."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.db.models import Q
from django.utils.crypto import constant_time_compare

from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.kernel.people.models import Account

STEP_SECONDS = 30
STEPS_AROUND = 1  # a clock may be half a minute off either way
ISSUER = "Linli"
DEMO_CODE = "000000"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs (绑定信息): the secret to type, or the address to show as a QR code."""

    secret: str
    uri: str


def offer(account: Account) -> Enrolment:
    """Make a secret for an account without a proven one (生成密钥). Refuses to show a secret already in use."""
    if account.second_factor_on is not None:
        raise Refused(
            "people.second_factor_on",
            Text(
                "该账号已绑定动态口令。更换手机请联系平台管理员重设。",
                "This account has a second factor already. For a new phone, ask the administrator to reset it.",
            ),
        )
    if not account.second_factor:
        account.second_factor = base64.b32encode(secrets.token_bytes(20)).decode()
        account.save(update_fields=["second_factor"])
    label = quote(f"{ISSUER}:{account.username}")
    query = urlencode(
        {"secret": account.second_factor, "issuer": ISSUER, "digits": 6, "period": STEP_SECONDS}
    )
    return Enrolment(account.second_factor, f"otpauth://totp/{label}?{query}")


def accept(account: Account, code: str, *, at: datetime) -> bool:
    """Is this the code of now, or of half a minute before or after, not used yet (核验动态口令)? Then it is used up.

    The last step used is stored by a guarded update, so that of two requests with one code only one passes.
    """
    code = "".join(code.split())
    if not account.second_factor or len(code) != 6 or not (code.isascii() and code.isdigit()):
        return False
    totp = TOTP(base64.b32decode(account.second_factor), 6, SHA1(), STEP_SECONDS)  # noqa: S303 RFC 6238 apps want SHA-1
    now = int(at.timestamp()) // STEP_SECONDS
    for step in range(now - STEPS_AROUND, now + STEPS_AROUND + 1):
        if constant_time_compare(totp.generate(step * STEP_SECONDS).decode(), code):
            unused = Q(second_factor_step__isnull=True) | Q(second_factor_step__lt=step)
            if not Account.objects.filter(unused, pk=account.pk).update(second_factor_step=step):
                return False
            if account.second_factor_on is None:
                Account.objects.filter(pk=account.pk).update(second_factor_on=at)
            return True
    return False


def is_demo_code(account: Account, code: str) -> bool:
    """The fixed code of the demo (演示口令): only in demo mode, and only for accounts that the demo made."""
    return bool(settings.LINLI_DEMO) and account.demo and constant_time_compare(code.strip(), DEMO_CODE)
