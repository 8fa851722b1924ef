"""Field work in the demo (外勤演示): a worker's phone, what arrived and was done, what waits for the lead, visits and walks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from linli.domains.events.demo.cast import Cast
from linli.kernel.fieldwork import devices, entries, rules
from linli.kernel.fieldwork.models import FieldDevice, FieldEntry
from linli.kernel.people.actors import Actor, actor_for
from linli.kernel.people.models import Account
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case

WORKER = "grid_worker"
VISITS = (
    ("needs", "楼道灯太暗，老人下楼看不清，想换亮一点的。", "answer", "已联系物业，周五换成感应灯。"),
    ("policy", "想知道加装电梯怎么申请、要几户同意。", "", ""),
    ("safety", "楼下有人给电动车飞线充电，希望管一管。", "to_report", "三号楼北侧有飞线充电。"),
)
WALKS = (
    (("road", "light"), "井盖、路灯都看过，没有问题。"),
    (("fire", "power"), "三号楼消防通道停了两辆车，已当场请车主挪开。"),
    (("waste",), ""),
)
LATE_CHECK = "到场看过，已经修好。（当时没有信号，回来才传上）"


def load_fieldwork(cast: Cast, at: datetime) -> None:
    """Load it for the worker who signs in as the demo's grid worker (载入外勤演示); without one there is nothing to load."""
    account = Account.objects.filter(username=WORKER, demo=True).first()
    worker = actor_for(account, at=at) if account is not None else None
    hat = next((h for h in worker.hats if WORKER in h.roles), None) if worker else None
    if account is None or worker is None or hat is None:
        return
    area = next((grid.code for grid, _ in cast.grids if grid.prefix.startswith(hat.area_prefix)), "")
    _phones(account, worker, at)
    sender = Sender(account, at)
    for n, (topic, request, action, words) in enumerate(VISITS):
        body = {
            "area": area,
            "topic": topic,
            "consent": True,
            "request": request,
            "wants_answer": action == "answer",
        }
        row = sender.send("visit", body, hours=30 - n)
        if action:
            field = "answer" if action == "answer" else "description"
            engine.act(row.number, action, {field: words}, by=worker, at=row.received_at + timedelta(hours=2))
    for n, (checked, text) in enumerate(WALKS):
        sender.send("patrol", {"area": area, "checked": list(checked), "text": text}, hours=26 - 5 * n)
    _waiting(sender, hat.area_prefix)


class Sender:
    """Sends entries as a phone would (演示里的手机)."""

    def __init__(self, account: Account, at: datetime) -> None:
        self.account, self.at, self.n = account, at, 0

    def send(self, kind: str, body: Mapping[str, Any], *, hours: float) -> FieldEntry:
        self.n += 1
        made = self.at - timedelta(hours=hours)
        digest = rules.digest_of(kind, made.isoformat(), body, [])
        entered = entries.Entered(
            UUID(int=0x7000_8000 << 64 | self.n), kind, made.isoformat(), body, (), digest, []
        )
        return entries.deliver(entered, account=self.account, at=made + timedelta(minutes=50))


def _phones(account: Account, worker: Actor, at: datetime) -> None:
    devices.enrol(account, "街道发的巡查手机", by=worker, at=at - timedelta(days=40))
    given = FieldDevice.objects.get(account=account)
    oldest = at - timedelta(days=3, hours=5)
    devices.hello(given, devices.Said(n_unsent=4, oldest_unsent_at=oldest), at=at - timedelta(days=3))


def _waiting(sender: Sender, prefix: str) -> None:
    """What the lead has to decide: a check that came too late, and a field that two people filled in differently."""
    here = Case.objects.filter(procedure="grid-event", grid__startswith=prefix, historic=False).order_by(
        "-id"
    )
    ended = here.filter(status="ended", outcome="resolved").first()
    running = here.filter(status="open", step="handling").first()
    if ended is not None:
        body = {"number": ended.number, "action": "verify", "seq": 1, "data": {"passed": LATE_CHECK}}
        sender.send("act", body, hours=20)
    if running is not None:
        for n, extent in enumerate(("三盏灯，约 20 米", "四盏灯，到拐角为止")):
            fields = {"site_extent": extent, "site_hazard": "caution"}
            sender.send("note", {"number": running.number, "base": {}, "fields": fields}, hours=8 - n)
