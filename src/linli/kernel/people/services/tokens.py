"""Personal tokens for the API (接口令牌): 256 random bits, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from linli.base import clock
from linli.base.errors import Invalid, NotAllowed, Refused
from linli.base.i18n import Text
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Account, ApiToken
from linli.kernel.people.services.administration import require_over_account

PREFIX = "linli_"
MAX_DAYS = 366
MAX_TOKENS = 20


@transaction.atomic
def make_token(
    account: Account, label: str, *, by: Actor, days: int = 180, at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a token (签发令牌): the row, and the text that is shown this once.

    For one's own account, or by the operator's command. Refuses an empty label, more than 366 days, and more than
    20 valid tokens. Records `people.token_made`.
    """
    at = at or clock.now()
    if by.account_id != account.pk and by.kind != "system":
        raise NotAllowed(
            "people.own_token_only",
            Text("只能为自己的账号签发令牌。", "A token can be made for one's own account only."),
        )
    faults: dict[str, Text] = {}
    if not 1 <= len(label.strip()) <= 80:
        faults["label"] = Text(
            "请写明令牌用途，不超过80个字。", "Please say what the token is for (80 characters)."
        )
    if not 1 <= days <= MAX_DAYS:
        faults["days"] = Text(f"有效期为1至{MAX_DAYS}天。", f"A token is valid for 1 to {MAX_DAYS} days.")
    if faults:
        raise Invalid(
            "people.token_invalid",
            Text("请按提示更正后再签发。", "Please correct the entries as noted and try again."),
            fields=faults,
        )
    if account.api_tokens.filter(revoked_at__isnull=True, expires_at__gt=at).count() >= MAX_TOKENS:
        raise Refused(
            "people.too_many_tokens",
            Text(
                f"有效令牌已有{MAX_TOKENS}个。请先撤销不用的。",
                f"There are {MAX_TOKENS} valid tokens already. Revoke one that is not used first.",
            ),
        )
    text = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        account=account,
        label=label.strip(),
        token_hash=_hash(text),
        made_at=at,
        expires_at=at + timedelta(days=days),
    )
    audit.note("people.token_made", by=by, at=at, about=account, token=str(token.uid))
    return token, text


@transaction.atomic
def revoke_token(token: ApiToken, *, by: Actor, at: datetime | None = None) -> ApiToken:
    """Revoke a token (撤销令牌): by its owner or an administrator over them. A second time does nothing."""
    at = at or clock.now()
    if by.account_id != token.account_id:
        require_over_account(by, token.account)
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        audit.note("people.token_revoked", by=by, at=at, about=token.account, token=str(token.uid))
    return token


def account_for_token(text: str, *, at: datetime | None = None) -> Account | None:
    """Whose token this is (凭令牌识别账号), None when it is unknown, expired or revoked or its account is off.

    One query, and at most one write a day. The look-up by hash takes the same time for every wrong text.
    """
    at = at or clock.now()
    if not text.startswith(PREFIX) or len(text) > 100:
        return None
    token = (
        ApiToken.objects.select_related("account")
        .filter(token_hash=_hash(text), revoked_at__isnull=True, expires_at__gt=at, account__is_active=True)
        .first()
    )
    if token is None or (token.account.demo and not settings.LINLI_DEMO):
        return None
    day = clock.local(at).date()
    if token.last_used_on is None or token.last_used_on < day:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=day)
    return token.account


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
