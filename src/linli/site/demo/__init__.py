"""The demo (演示): a real county with its divisions and border, illustrative grids, invented people, living cases.

Everything is made by the same verbs as in real use. The whole load is one transaction: it is there, or it is not.
How to use it: docs/how-to/demo.md.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import F

from linli.base.clock import now
from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.kernel.notices.models import QUEUED, SENT, Notice
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.models import Account, Organisation
from linli.kernel.people.secondfactor import DEMO_CODE
from linli.kernel.places.grids import load_illustrative
from linli.kernel.places.models import Area
from linli.kernel.places.shipped import import_shipped_county
from linli.kernel.procedures.registry import DEMO_LOADERS
from linli.kernel.procedures.versions import load_all
from linli.site.demo.people import DATA, SHOWN, Staffing, demo_accounts

DEFAULT_COUNTY = "350102"
RESIDENT_PHONE = "13800130001"
READ_AFTER = timedelta(days=2)
WHOLE = 100


class Progress(Protocol):
    """How the command line shows it (进度条)."""

    def __call__(self, done: int, total: int | None = None, note: object = "") -> None: ...


def load(county: str | None, progress: Progress, *, small: bool = False, at: datetime | None = None) -> None:
    """Load the demo (载入演示数据) of a county, 350102 by default; `small` has one township staffed and few cases.

    Refuses a county that is not shipped or has no lower levels, a database that is not empty
    (`demo.loaded_already`, `demo.real_data`: a demo never mixes with anything else), and to run outside demo mode.
    """
    at = at or now()
    if not settings.LINLI_DEMO:
        raise Refused(
            "demo.not_in_demo_mode",
            Text(
                "演示数据只在演示方式下载入。请运行 ./linli demo。",
                "The demo loads in demo mode only. Run ./linli demo.",
            ),
        )
    _refuse_what_is_there()
    stage = _stages(progress)
    with transaction.atomic():
        load_all()
        names = tomllib.loads((DATA / "names_en.toml").read_text(encoding="utf-8"))
        stage(0, Text("区划", "areas"))(0, 1)
        area = import_shipped_county(county or DEFAULT_COUNTY, names_en=names, by=SYSTEM, at=at)
        stage(3, Text("网格（示意）", "grids (illustrative)"))(0, 1)
        load_illustrative(area.code, seed=int(area.prefix), at=at)
        staffing = Staffing(area, password=settings.LINLI_DEMO_PASSWORD, at=at, small=small)
        staffing.run(stage(8, Text("人员", "people"), until=20))
        loaders = [run for _, run in sorted(DEMO_LOADERS, key=lambda loader: loader[0])]
        shares = [20 + (WHOLE - 20) * n // len(loaders) for n in range(len(loaders) + 1)]
        for run, start, until in zip(loaders, shares, shares[1:], strict=False):
            run(area, progress=stage(start, Text("办件", "cases"), until=until), small=small, at=at)
        _quieten(at)
    progress(WHOLE, WHOLE)


def logins() -> list[dict[str, Any]]:
    """One login for each role (演示账号): what `demo --json` prints. A resident signs in by phone, without a password."""
    if not settings.LINLI_DEMO:
        return []
    staff = [
        {
            "role": role,
            "username": role,
            "password": settings.LINLI_DEMO_PASSWORD,
            "code": DEMO_CODE,
        }
        for role in (account.username for account in demo_accounts())
    ]
    return [{"role": "resident", "username": RESIDENT_PHONE, "password": "", "code": DEMO_CODE}, *staff]


def _refuse_what_is_there() -> None:
    if Account.objects.filter(demo=True).exists():
        raise Refused(
            "demo.loaded_already",
            Text(
                "这里已经有演示数据。直接运行演示即可；要从头再来，请加 --reset。",
                "The demo is loaded here already. Just run it, or add --reset to start anew.",
            ),
        )
    if Area.objects.exists() or Organisation.objects.exists() or Account.objects.exists():
        raise Refused(
            "demo.real_data",
            Text(
                "这个数据库里已有区划、组织或账号，演示不会混进去。请用 --data 指定另一个文件夹，或另一个数据库。",
                "This database holds areas, organisations or accounts, and the demo never mixes with them. "
                "Name another folder with --data, or another database.",
            ),
        )


def _stages(progress: Progress) -> Callable[..., Callable[[int, int], None]]:
    def stage(start: int, note: Text, until: int | None = None) -> Callable[[int, int], None]:
        def show(done: int, total: int) -> None:
            progress(start + ((until or start) - start) * done // max(total, 1), WHOLE, note)

        return show

    return stage


def _quieten(at: datetime) -> None:
    """Messages of past weeks were delivered and read then (旧通知视为已送达、已读): no worker sends them today."""
    Notice.objects.filter(created_at__lt=at, state=QUEUED).update(state=SENT, sent_at=F("created_at"))
    Notice.objects.filter(created_at__lt=at - READ_AFTER).update(read_at=F("created_at") + timedelta(hours=1))


__all__ = ["DEFAULT_COUNTY", "SHOWN", "load", "logins"]
