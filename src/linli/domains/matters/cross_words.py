"""Messages between the two ends of a cross-region application (跨区域办理的消息): their kinds, and what is common to them.

| kind | from | asks |
|---|---|---|
| `matters.application` | where it was received | open a case for this applicant |
| `matters.news` | where it is decided | tell the applicant what the record says |
| `matters.correction` | where it was received | hand in the corrections in the applicant's name |
| `matters.withdrawn` | where it was received | withdraw in the applicant's name |
| `matters.handover` | either | papers are on their way to you |
| `matters.taken` | either | your papers came, and what was lacking |
| `matters.delivered` | where it was received | the applicant has the result |
| `matters.dispute` | either | you are responsible for something in it: answer |
| `matters.dispute_answer` | whom it was sent to | we take it, and what we do by when; or we do not agree |
| `matters.dispute_referred` | who raised it | it lies with the common superior |
| `matters.dispute_ruled` | either | what the common superior ruled |
| `matters.dispute_withdrawn` | who raised it | it is over |
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from linli.base.errors import Invalid, Refused
from linli.base.i18n import Text
from linli.domains.matters.cross_models import SENT, TAKEN, CrossCase, Handover
from linli.kernel.exchange.models import Message
from linli.kernel.exchange.registry import Incoming
from linli.kernel.exchange.sending import send
from linli.kernel.people.actors import Actor, Hat

APPLICATION, NEWS, CORRECTION = "matters.application", "matters.news", "matters.correction"
WITHDRAWN, HANDOVER, HANDED, DELIVERED = (
    "matters.withdrawn",
    "matters.handover",
    "matters.taken",
    "matters.delivered",
)
DISPUTE, DISPUTE_ANSWER, DISPUTE_REFERRED = (
    "matters.dispute",
    "matters.dispute_answer",
    "matters.dispute_referred",
)
DISPUTE_RULED, DISPUTE_WITHDRAWN = "matters.dispute_ruled", "matters.dispute_withdrawn"


def say(cross: CrossCase, kind: str, body: dict[str, Any], *, at: datetime) -> Message:
    """Tell the other end (告诉对方). `for` is its own number of the case, where it has said one."""
    return send(
        cross.peer,
        kind,
        {"for": cross.other_number, **body},
        case_number=cross.case.number,
        county=cross.county,
        at=at,
    )


def meant(incoming: Incoming, side: str = "") -> CrossCase:
    """Our end of what a message is about (消息对应的办件). Refuses what was never handed over between the two."""
    theirs = Q(side=TAKEN, other_number=incoming.case_number)
    ours = Q(side=SENT, case__number=str(incoming.body.get("for", "")))
    rows = CrossCase.objects.select_related("case", "peer").filter(theirs | ours, peer=incoming.peer)
    found = (rows.filter(side=side) if side else rows).first()
    if found is None:
        raise Refused(
            "matters.no_such_handover",
            Text(
                "没有从贵方交接过这一件，没有收。请核对编号。",
                "This case was never handed over between us, so nothing was taken. Check its number.",
            ),
        )
    return found


def words_in(body: dict[str, Any], code: str) -> Text | None:
    """A text in both languages out of a message (消息里的双语文字)."""
    value = body.get(code)
    if not isinstance(value, dict) or not isinstance(value.get("zh"), str) or not value["zh"]:
        return None
    return Text(value["zh"], str(value.get("en") or value["zh"]))


def text_in(body: dict[str, Any], code: str, *, most: int = 200) -> str:
    value = body.get(code)
    return value.strip()[:most] if isinstance(value, str) else ""


def moment_in(body: dict[str, Any], code: str, otherwise: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(str(body.get(code)))
    except ValueError:
        return otherwise
    return found if found.tzinfo is not None else otherwise


def who_gave(by: Actor, hat: Hat | None) -> str:
    """The office and the clerk, as they stand on the receipt (经手单位和经手人)."""
    hat = hat or next(iter(by.hats), None)
    return f"{hat.organisation_title.zh} {by.name}" if hat else by.name


def as_said(row: Handover) -> dict[str, Any]:
    return {
        "uid": str(row.uid),
        "way": row.way,
        "courier": row.courier,
        "waybill": row.waybill,
        "papers": row.papers,
        "gave": row.gave,
        "gave_at": row.gave_at.isoformat(),
    }


def papers_in(value: Any) -> list[dict[str, Any]]:
    """Papers as a message lists them (消息里的材料清单). Refuses what is no such list."""
    rows = value if isinstance(value, list) and len(value) <= 60 else None
    found = []
    for each in rows if rows is not None else ():
        title = each.get("title") if isinstance(each, dict) else None
        if not (isinstance(title, list) and len(title) == 2 and all(isinstance(t, str) for t in title)):
            rows = None
            break
        found.append(
            {
                "code": str(each.get("code", ""))[:60],
                "title": [title[0][:200], title[1][:300]],
                "n": each["n"] if isinstance(each.get("n"), int) else 1,
                **({"sha256": str(each["sha256"])[:64]} if each.get("sha256") else {}),
            }
        )
    if rows is None:
        raise Invalid(
            "matters.bad_papers",
            Text("材料清单读不出来，没有收。", "The list of papers cannot be read, so nothing was taken."),
        )
    return found
