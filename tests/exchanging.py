"""Another installation's key and words (对方平台的消息), for tests of what we take from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

NEIGHBOUR = "350103000000"
OURS = "350102000000"


class Neighbour:
    """Speaks like the installation of the neighbour county: with a key of its own, over our API."""

    def __init__(self, algorithm: str = "ed25519") -> None:
        from linli.kernel.records.signing import ALGORITHMS, PublicKey
        from linli.kernel.records.standalone.signatures import key_id

        self.algorithm = ALGORITHMS[algorithm]
        self.private = self.algorithm.new_private()
        public = self.algorithm.public_of(self.private)
        self.key = PublicKey(key_id(algorithm, public), algorithm, public)

    def admitted(self, base_url: str = "http://127.0.0.1:9", county: str = NEIGHBOUR) -> Any:
        from linli.kernel.exchange.peers import admit
        from linli.kernel.people.actors import SYSTEM

        return admit(
            county=county, name="台江区", name_en="Taijiang", base_url=base_url, key=self.key.as_pem(), by=SYSTEM
        )  # fmt: skip

    def written(self, kind: str, body: Any, *, case: str = "350103-XR-2026-000001", **others: str) -> bytes:
        from linli.kernel.exchange.envelope import Envelope

        ends = {"sender": NEIGHBOUR, "receiver": OURS, **others}
        return Envelope(kind, case, ends["sender"], ends["receiver"], body).text()

    def headers(self, raw: bytes, *, key: str = "", at: datetime | None = None) -> dict[str, str]:
        from linli.base.clock import now
        from linli.kernel.exchange.envelope import headers_of, moment_text, to_sign

        key, moment = key or str(uuid4()), moment_text(at or now())
        signature = self.algorithm.sign(self.private, to_sign(key, moment, raw))
        return dict(headers_of(key, moment, self.key.id, signature))

    def says(self, raw: bytes, headers: dict[str, str] | None = None) -> Any:
        """What our API answers."""
        from django.test import Client

        sent = headers or self.headers(raw)
        return Client(raise_request_exception=False).post(
            "/api/v1/exchange/messages", data=raw, content_type="application/json", headers=sent
        )


def catalogue(*codes: str) -> None:
    """What the neighbour publishes, as if it had been read today (已读过的对方事项目录)."""
    from linli.base.clock import now
    from linli.domains.matters.reading import read_matter
    from linli.domains.matters.shipped import matter_files, shipped
    from linli.kernel.exchange.models import Peer, PeerPage

    peer, rows = Peer.objects.get(county=NEIGHBOUR), []
    for raw in shipped(matter_files()):
        if raw["code"] in codes:
            spec, _ = read_matter(raw)
            assert spec is not None
            rows.append(
                {
                    "code": spec.code,
                    "title": spec.title.as_dict(),
                    "short": spec.short.as_dict(),
                    "promised_limit": spec.promised_limit.en,
                    "scope": spec.scope,
                    "department": {"zh": "台江区业务局", "en": "Bureau of Taijiang"},
                }
            )
            path = f"/api/v1/matters/{spec.code}?area={NEIGHBOUR}"
            PeerPage.objects.create(peer=peer, path=path, content={"file": raw}, read_at=now())
    path = f"/api/v1/matters?area={NEIGHBOUR}&limit=100"
    PeerPage.objects.create(peer=peer, path=path, content={"items": rows, "next": None}, read_at=now())
