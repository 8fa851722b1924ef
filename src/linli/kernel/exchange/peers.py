"""Who is exchanged with (对方平台管理): admitted by an administrator over the whole installation, or by the operator."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from linli.base.clock import now
from linli.base.errors import Invalid, absent
from linli.base.i18n import Text
from linli.kernel.exchange.envelope import keys_in
from linli.kernel.exchange.models import GIVEN_UP, OUT, QUEUED, Message, Peer, PeerKey
from linli.kernel.exchange.wire import checked_url
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor
from linli.kernel.people.services.installation import require_installation
from linli.kernel.records.signing import algorithm_in_force, public_keys, signer

PEER = Text("对方平台", "installation")


def own_key() -> str:
    """Our public keys as the other side enters them (本平台公钥); made when there is none yet."""
    signer(algorithm_in_force())
    return "".join(key.as_pem() for key in public_keys())


@transaction.atomic
def admit(
    *,
    county: str,
    name: str,
    base_url: str,
    key: str,
    by: Actor,
    name_en: str = "",
    at: datetime | None = None,
) -> Peer:
    """Admit another installation, or enter its new address or keys (登记对方平台). Only an administrator over the whole
    installation. Refuses what is no county's code, no HTTPS address, no public key. Records `exchange.peer_admitted`."""
    hat = require_installation(by)
    code, name = county.strip(), name.strip()[:100]
    if not (code.isdigit() and len(code) in (6, 12)):
        problem = Text("请填县的 6 位或 12 位区划代码。", "Write the county's area code: 6 or 12 digits.")
        raise Invalid("exchange.bad_county", problem, fields={"county": problem})
    if not name:
        problem = Text("请填对方的名称，例如“鼓楼区”。", "Write the other place's name.")
        raise Invalid("exchange.no_name", problem, fields={"name": problem})
    keys, url, at = keys_in(key), checked_url(base_url), at or now()
    peer, _ = Peer.objects.update_or_create(
        county=code.ljust(12, "0"),
        defaults={"name": name, "name_en": name_en.strip()[:200], "base_url": url, "active": True},
        create_defaults={
            "name": name, "name_en": name_en.strip()[:200], "base_url": url, "active": True,
            "made_at": at, "made_by_id": by.account_id,
        },
    )  # fmt: skip
    PeerKey.objects.filter(peer=peer).delete()
    PeerKey.objects.bulk_create(
        PeerKey(peer=peer, key_id=k.id, algorithm=k.algorithm, public=k.public) for k in keys
    )
    audit.note(
        "exchange.peer_admitted",
        by=by,
        at=at,
        about=f"peer:{peer.county}",
        hat=hat,
        keys=[k.id for k in keys],
    )
    return peer


@transaction.atomic
def stop(peer: Peer, *, by: Actor, at: datetime | None = None) -> None:
    """Stop the exchange with a peer (停用对方平台): it gets the answer of what does not exist, and nothing is sent to it;
    what waits stays. Records `exchange.peer_stopped`."""
    hat = require_installation(by)
    Peer.objects.filter(pk=peer.pk).update(active=False)
    audit.note("exchange.peer_stopped", by=by, at=at or now(), about=f"peer:{peer.county}", hat=hat)


@transaction.atomic
def resume(peer: Peer, *, by: Actor, at: datetime | None = None) -> None:
    """Resume it (重新启用对方平台): what waited goes. Records `exchange.peer_resumed`."""
    hat = require_installation(by)
    Peer.objects.filter(pk=peer.pk).update(active=True)
    audit.note("exchange.peer_resumed", by=by, at=at or now(), about=f"peer:{peer.county}", hat=hat)


@transaction.atomic
def try_again(peer: Peer, *, by: Actor, at: datetime | None = None) -> int:
    """Send at once what waits or was given up (立即重发). Gives how many there are."""
    require_installation(by)
    rows = Message.objects.filter(peer=peer, direction=OUT, state__in=(QUEUED, GIVEN_UP))
    return rows.update(state=QUEUED, next_try_at=at or now(), attempts=0)


def peer_by_county(code: str, *, active: bool = True) -> Peer:
    """The peer that serves a county (按区划取对方平台). Absent: unknown, or stopped."""
    rows = Peer.objects.filter(county=code.ljust(12, "0"))
    found = (rows.filter(active=True) if active else rows).first()
    if found is None:
        raise absent(PEER)
    return found
