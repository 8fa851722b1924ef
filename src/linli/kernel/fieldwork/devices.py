"""Phones that work without signal (外勤设备): enrolled by their worker, revoked by a lead, told at their next contact."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from linli.base.clock import now
from linli.base.errors import Invalid, NotAllowed, Refused, absent
from linli.base.i18n import Text
from linli.kernel.fieldwork import leads
from linli.kernel.fieldwork.models import ACTIVE, RETURNING, REVOKED, FieldDevice
from linli.kernel.fieldwork.rules import CONTACT_WITHIN, DEVICES_AT_MOST
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor, actor_for
from linli.kernel.people.models import Account

PREFIX = "linli_field_"
ROLE = "grid_worker"
EXPIRED = "expired"
DEVICE = Text("设备", "device")
NOTED_EVERY = timedelta(minutes=5)

WORDS = {
    RETURNING: Text(
        "这台手机要交还了：先把没传的全部传完，然后本机数据会自动清除。",
        "This phone is being handed back: it sends what is left, then clears itself.",
    ),
    REVOKED: Text(
        "这台手机已被停用，本机数据现在清除。如果不是您报失的，请联系街道派遣员。",
        "This phone was revoked and is cleared now. If you did not report it lost, ask the dispatcher.",
    ),
    EXPIRED: Text(
        "太久没有联系平台，下载的办件已过期。没传的记录都还在，会继续上传；请重新登录以下载新的办件。",
        "There was no contact for too long, so the downloaded cases expired. What is unsent is still here and goes up; "
        "sign in again to download.",
    ),
}


@dataclass(frozen=True)
class Enrolled:
    device: FieldDevice
    token: str
    key: str


@dataclass(frozen=True)
class Said:
    """What a phone says of itself (手机自报)."""

    n_unsent: int = 0
    oldest_unsent_at: datetime | None = None
    n_conflicts: int = 0
    app: str = ""
    persisted: bool = False


@transaction.atomic
def enrol(account: Account, label: str, *, by: Actor, at: datetime | None = None) -> Enrolled:
    """Enrol a phone (登记设备): token and key are shown this once. By the worker alone, who holds a post as grid worker.

    Refuses an empty label and a fourth phone (`field.too_many_devices`). Records `field.device_enrolled`.
    """
    at = at or now()
    if by.account_id != account.pk or ROLE not in by.roles:
        raise NotAllowed(
            "field.not_a_worker",
            Text(
                "外勤应用给在岗的网格员用。如果您刚到岗，请让管理员登记您的任职。",
                "The field app is for grid workers who hold a post. If you have just started, ask the administrator.",
            ),
        )
    label = label.strip()
    if not 1 <= len(label) <= 60:
        raise Invalid(
            "field.label",
            Text("请给这台手机起个名字，不超过 60 个字。", "Give this phone a name of up to 60 characters."),
            fields={"label": Text("请填写，不超过 60 个字。", "Needed, up to 60 characters.")},
        )
    Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if FieldDevice.objects.filter(account=account, state=ACTIVE).count() >= DEVICES_AT_MOST:
        raise Refused(
            "field.too_many_devices",
            Text(
                f"您已登记 {DEVICES_AT_MOST} 台手机。请先在“外勤设备”里交还或停用一台。",
                f"You have {DEVICES_AT_MOST} phones already. Return or revoke one under “Field phones” first.",
            ),
        )
    token, key = PREFIX + secrets.token_urlsafe(32), base64.b64encode(secrets.token_bytes(32)).decode()
    device = FieldDevice.objects.create(
        account=account,
        label=label,
        area=next(hat.area_prefix for hat in by.hats if ROLE in hat.roles),
        token_hash=_hash(token),
        key=key,
        enrolled_at=at,
        expires_at=at + CONTACT_WITHIN,
        last_contact_at=at,
    )
    audit.note("field.device_enrolled", by=by, at=at, about=account, device=str(device.uid))
    return Enrolled(device, token, key)


def device_of(token: str) -> FieldDevice | None:
    """Whose token this is (凭令牌识别设备), whatever state it is in: also a revoked phone is answered, to be told."""
    if not token.startswith(PREFIX) or len(token) > 100:
        return None
    found = FieldDevice.objects.select_related("account").filter(token_hash=_hash(token)).first()
    if found is None or (found.account.demo and not settings.LINLI_DEMO):
        return None
    return found


def state_of(device: FieldDevice, at: datetime) -> str:
    """Where the phone stands (设备状态). Whoever holds no post any more returns the phone; nothing of theirs is lost."""
    if device.state == REVOKED:
        return REVOKED
    if device.state == RETURNING or ROLE not in actor_for(device.account, at=at).roles:
        return RETURNING
    return EXPIRED if device.expires_at < at else ACTIVE


def hello(device: FieldDevice, said: Said, *, at: datetime | None = None) -> str:
    """The phone reports (设备报到): what it has not sent yet, and hears how it stands. Ends a silence; an expired phone
    stays so until its worker signs in again."""
    at = at or now()
    state = state_of(device, at)
    device.last_contact_at, device.silence_told_at = at, None
    device.n_unsent, device.oldest_unsent_at = said.n_unsent, said.oldest_unsent_at
    device.n_conflicts, device.app, device.persisted = said.n_conflicts, said.app[:40], said.persisted
    if state == ACTIVE:
        device.expires_at = at + CONTACT_WITHIN
    over = state == REVOKED or (state == RETURNING and not said.n_unsent)
    if over and device.ended_told_at is None:
        device.ended_told_at = at
    device.save()
    return state


def contact(device: FieldDevice, at: datetime) -> None:
    """Any proven call is a contact (有联系); noted every few minutes, not each time."""
    if device.last_contact_at < at - NOTED_EVERY:
        FieldDevice.objects.filter(pk=device.pk).update(last_contact_at=at, silence_told_at=None)
        device.last_contact_at = at


def end(uid: UUID, state: str, *, by: Actor, at: datetime | None = None) -> FieldDevice:
    """Revoke a phone that is lost, or have it returned (停用、交还): by its worker, or by who leads or administers the
    worker's grid. A revoked phone clears itself at its next contact. Records `field.device_revoked` or `…_returning`."""
    at = at or now()
    with transaction.atomic():
        device = (
            FieldDevice.objects.select_for_update(of=("self",))
            .select_related("account")
            .filter(uid=uid)
            .first()
        )
        if device is None or not may_end(device, by):
            raise absent(DEVICE)
        if device.state in {REVOKED, state}:
            return device
        device.state, device.ended_at, device.ended_by_id = state, at, by.account_id
        device.save(update_fields=["state", "ended_at", "ended_by"])
        audit.note(
            f"field.device_{state}",
            by=by,
            at=at,
            about=device.account,
            device=str(device.uid),
            n_unsent=device.n_unsent,
        )
    return device


def may_end(device: FieldDevice, by: Actor) -> bool:
    if by.account_id == device.account_id:
        return True
    return any(device.area.startswith(own) for own in leads.admin_prefixes(by))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
