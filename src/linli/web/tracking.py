"""Opening a case with its number and tracking code (凭查询码打开)."""

from __future__ import annotations

from datetime import datetime, timedelta

from linli.base import clock
from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.kernel.people import limits
from linli.kernel.people.actors import reporter_of
from linli.kernel.procedures.keys import tracking_hash
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.queries import visible_to

TRIES_PER_ADDRESS = 30
TRIES_PER_NUMBER = 10


def open_with_code(number: str, code: str, *, ip: str, at: datetime | None = None) -> Case:
    """The case that number and code open (查进度). One sentence for a wrong number and a wrong code.

    Refuses more than 30 tries an hour from an address, and 10 wrong ones an hour for a number (TooMany).
    """
    at = at or clock.now()
    number = number.strip().upper()[:40]
    limits.hit(f"track-ip:{ip}", TRIES_PER_ADDRESS, timedelta(hours=1), at=at)
    limits.hit(f"track:{number}", TRIES_PER_NUMBER, timedelta(hours=1), at=at)
    found = Case.objects.filter(tracking_hash=tracking_hash(number, code[:20]), number=number)
    case_id = found.values_list("pk", flat=True).first()
    case = visible_to(reporter_of(case_id)).filter(pk=case_id).first() if case_id is not None else None
    if case is None:
        raise Invalid(
            "web.wrong_tracking",
            Text(
                "编号和查询码对不上。请照回执再核对一次；回执丢了，用当时留的手机号登录也能看到。",
                "The number and the tracking code do not match. Check the receipt; without it, sign in with the "
                "phone number that you gave.",
            ),
            fields={"code": Text("请照回执填写。", "Enter it as on the receipt.")},
        )
    limits.forgive(f"track:{number}", timedelta(hours=1), at=at)  # who has the code may come back all day
    return case
