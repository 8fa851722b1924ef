"""A second installation, of the neighbour county (第二个平台): its own folder, database, keys, server and worker.

`python -m tests.faults.cross_house begin|count` runs in a process of its own, with the settings of that folder.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from datetime import date
from typing import Any
from uuid import uuid4

from tests.exchanging import NEIGHBOUR, OURS
from tests.faults.field_house import ROOT, Server, surroundings

CERTIFICATE, LICENCE = "no-crime-record", "individual-business"
FROM = date(2026, 1, 1)
OFFICES = {
    "police": ("台江区公安局", "Public Security of Taijiang"),
    "market": ("台江区市场监督管理局", "Market Regulation of Taijiang"),
}


class House(Server):
    """The neighbour's server and worker; either may stop and come back (可以停、可以再来)."""

    worker: subprocess.Popen[bytes] | None = None
    tokens: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def begin(self, base_url: str, pem: str) -> str:
        """Make it, with us as its peer; gives its own public key."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.cross_house", "begin", base_url],
            cwd=ROOT,
            env=surroundings(self.data),
            input=pem,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        said = json.loads(done.stdout.splitlines()[-1])
        self.tokens = said["tokens"]
        return str(said["key"])

    def work(self) -> None:
        with (self.data / "worker.log").open("ab") as log:
            self.worker = subprocess.Popen(
                [sys.executable, "-m", "linli.site.cli", "worker"],
                cwd=ROOT,
                env=surroundings(self.data),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def end(self) -> None:
        for process in (self.process, self.worker):
            if process is not None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in (self.process, self.worker):
            if process is not None:
                try:
                    process.wait(timeout=5)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
        self.process = self.worker = None

    def asks(self, who: str, path: str, body: Any = None) -> Any:
        """One of its staff, over its API."""
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.tokens[who]}",
                "Content-Type": "application/json",
                "Idempotency-Key": str(uuid4()),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise AssertionError((path, error.code, error.read().decode())) from error

    def acts(self, who: str, number: str, action: str, **data: Any) -> Any:
        return self.asks(who, f"/cases/{number}/actions/{action}", {"data": data})

    def count(self) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.cross_house", "count"],
            cwd=ROOT,
            env=surroundings(self.data),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


def begin(base_url: str, pem: str) -> dict[str, Any]:
    """Migrates; one county with its market office and one matter in force; the other county as its peer."""
    from linli.site.cli.house import open_house

    open_house(create=True)
    from linli.domains.matters import shipped
    from linli.domains.matters.services import adopt
    from linli.kernel.exchange import peers
    from linli.kernel.people.actors import SYSTEM
    from linli.kernel.people.models import Organisation
    from linli.kernel.places.models import Area
    from tests.cast import SINCE

    county = Area.objects.create(
        code=NEIGHBOUR, prefix=NEIGHBOUR[:6], name="台江区", name_en="Taijiang", level="county"
    )
    tokens = {}
    for code, (zh, en) in OFFICES.items():
        office = Organisation.objects.create(
            code=f"{county.prefix}-{code}", name=zh, name_en=en, kind="department", area=county
        )
        for role in ("examiner", "leader"):
            tokens[f"{code}_{role}"] = _seat(f"{code}_{role}", role, office, county)
    for path in shipped.matter_files():
        if path.stem in (CERTIFICATE, LICENCE):
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
            adopt(county, raw, from_on=FROM, by=SYSTEM, at=SINCE)
    peers.admit(county=OURS, name="鼓楼区", name_en="Gulou", base_url=base_url, key=pem, by=SYSTEM)
    return {"tokens": tokens, "key": peers.own_key()}


def _seat(name: str, role: str, office: Any, county: Any) -> str:
    """Somebody in a post of that office; gives their token."""
    from linli.kernel.people.actors import actor_for
    from linli.kernel.people.models import Account, Appointment, Post
    from linli.kernel.people.services import make_token
    from tests.cast import SINCE

    account = Account.objects.create(username=name, name=name, name_en=name, password="!", created_at=SINCE)
    post = Post.objects.create(organisation=office, title=name, title_en=name, roles=[role], area=county)
    Appointment.objects.create(post=post, account=account, from_on=FROM)
    return make_token(account, "test", by=actor_for(account))[1]


def count() -> dict[str, Any]:
    """What it holds (核对清单): cases, messages by kind and state, the first fault in its records."""
    from linli.site.cli.house import open_house

    open_house()
    from linli.domains.matters.models import CrossCase, Handover
    from linli.kernel.exchange.models import Message
    from linli.kernel.procedures import proof
    from linli.kernel.procedures.models import Case
    from linli.kernel.records.models import Attachment

    fault = proof.verify_all().first_fault
    return {
        "cases": list(Case.objects.order_by("pk").values_list("number", "step", "outcome")),
        "delivered": [str(d) for d in CrossCase.objects.values_list("delivered_on", flat=True)],
        "messages": [
            list(m) for m in Message.objects.order_by("id").values_list("direction", "kind", "state")
        ],
        "handovers": [
            [h.direction, h.way, h.gave, h.took, h.lacking] for h in Handover.objects.order_by("id")
        ],
        "files": [a.file.sha256 for a in Attachment.objects.select_related("file").order_by("id")],
        "fault": None if fault is None else str(fault),
    }


if __name__ == "__main__":
    answer = begin(sys.argv[2], sys.stdin.read()) if sys.argv[1] == "begin" else count()
    print(json.dumps(answer))
