"""Papers between two places (材料交接): given, taken, and what each side says about it. Both ends use the same verbs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from linli.base import clock
from linli.base.errors import Invalid, NotAllowed, Refused, absent
from linli.base.i18n import Text
from linli.domains.matters.cross_models import COURIER, ELECTRONIC, IN, OUT, CrossCase, Handover
from linli.domains.matters.cross_words import (
    HANDED,
    HANDOVER,
    as_said,
    meant,
    moment_in,
    papers_in,
    say,
    text_in,
    who_gave,
)
from linli.kernel.exchange.registry import Incoming
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.noting import write_note
from linli.kernel.procedures.readers import at_work_on
from linli.kernel.procedures.visibility import visible_to

RECEIPT = Text("交接单", "handover")
HANDS = frozenset({"clerk", "examiner"})


def handover_seen(uid: UUID, actor: Actor) -> Handover:
    """A handover, for whoever may see its case (查看交接单). Absent for all others."""
    row = Handover.objects.select_related("case", "case__cross", "case__cross__peer").filter(uid=uid).first()
    if row is None or not visible_to(actor).filter(pk=row.case_id).exists():
        raise absent(RECEIPT)
    return row


def handovers_of(case_id: int) -> list[Handover]:
    return list(Handover.objects.filter(case_id=case_id).order_by("id"))


def slip_title(row: Handover) -> Text:
    """How a slip is called in a list (交接单的叫法): by the parcel, or as what went by the line."""
    if row.way == ELECTRONIC:
        return Text(f"电子材料 {len(row.papers)} 份", f"electronic papers, {len(row.papers)}")
    name = f"{row.courier} {row.waybill}".strip()
    return Text(name or "原件", name or "originals")


def may_hand(cross: CrossCase, actor: Actor) -> bool:
    """Whether somebody gives and takes papers of this case (能否经手材料): a clerk or examiner who has to do with it."""
    return bool(actor.roles & HANDS) and at_work_on(cross.case, actor)


@transaction.atomic
def give(
    cross: CrossCase, *, by: Actor, papers: str, courier: str, waybill: str, at: datetime | None = None
) -> Handover:
    """Send originals to the other place (寄出原件): a certificate, a decision, papers given back. `papers`: one a line.

    Refuses a parcel without courier and number, and one without papers. The other end is told, and answers when it came.
    Records a note on the case.
    """
    _admit(cross, by)
    at = at or clock.now()
    lines = [line.strip()[:200] for line in papers.splitlines() if line.strip()]
    wrong = {
        code: Text("请填写这一项。", "Please fill this in.")
        for code, said in (("papers", lines), ("courier", courier.strip()), ("waybill", waybill.strip()))
        if not said
    }
    if wrong:
        raise Invalid(
            "matters.bad_handover",
            Text(
                "寄出的材料、快递公司和单号都要写。",
                "Name the papers, the courier and the number of the parcel.",
            ),
            fields=wrong,
        )
    listed = [{"code": f"p{n}", "title": [line, line], "n": 1} for n, line in enumerate(lines, 1)]
    row = gave(cross, COURIER, listed, by=who_gave(by, None), at=at, courier=courier, waybill=waybill)
    say(cross, HANDOVER, as_said(row), at=at)
    words = f"材料交接（寄出）：{'、'.join(lines)}；{row.courier} {row.waybill}；由 {row.gave} 交寄。"
    write_note(cross.case.number, words, by=by, at=at)
    return row


def gave(
    cross: CrossCase,
    way: str,
    papers: list[dict[str, Any]],
    *,
    by: str,
    at: datetime,
    courier: str = "",
    waybill: str = "",
) -> Handover:
    """Enter what left our hands (登记交出)."""
    return Handover.objects.create(
        case=cross.case,
        direction=OUT,
        way=way,
        courier=courier.strip()[:40],
        waybill=waybill.strip()[:60],
        papers=papers,
        gave=by[:200],
        gave_at=at,
    )


@transaction.atomic
def take(
    row: Handover, *, by: Actor, lacking: Iterable[str] = (), remark: str = "", at: datetime | None = None
) -> Handover:
    """Confirm that papers from the other place came (签收对方寄来的材料), and say at once what was not in the parcel.

    Refuses what we gave ourselves and what was confirmed before. The other end is told. Records a note on the case.
    """
    cross = row.case.cross
    _admit(cross, by)
    at = at or clock.now()
    codes = {p["code"] for p in row.papers}
    gone = [code for code in dict.fromkeys(lacking) if code in codes]
    if row.direction != IN or not _taken(row, who_gave(by, None), gone, remark, at):
        raise Refused(
            "matters.taken_before",
            Text(
                "这一批材料已经签收过，不用再签。",
                "These papers were confirmed before; there is nothing to do.",
            ),
        )
    row.refresh_from_db()
    body = {
        "uid": str(row.uid),
        "took": row.took,
        "took_at": at.isoformat(),
        "lacking": gone,
        "remark": row.remark,
    }
    say(cross, HANDED, body, at=at)
    names = [p["title"][0] for p in row.papers if p["code"] not in gone]
    short = [p["title"][0] for p in row.papers if p["code"] in gone]
    words = f"材料交接（收到）：{'、'.join(names) or '无'}" + (f"；缺：{'、'.join(short)}" if short else "")
    write_note(cross.case.number, f"{words}；{row.gave} 交出，{row.took} 签收。", by=by, at=at)
    return row


def _admit(cross: CrossCase, by: Actor) -> None:
    if not visible_to(by).filter(pk=cross.case_id).exists():
        raise absent(Text("办件", "case"))
    if not may_hand(cross, by):
        raise NotAllowed(
            "matters.not_your_hands",
            Text(
                "材料由窗口人员或审批人员交接，您目前的岗位不能经手。",
                "Papers are handled by window clerks and licensing officers; your posts do not allow it.",
            ),
        )


def _taken(row: Handover, took: str, lacking: list[str], remark: str, at: datetime) -> bool:
    """Once: the first signature stands."""
    mine = Handover.objects.filter(pk=row.pk, took_at__isnull=True)
    return bool(mine.update(took=took[:200], took_at=at, lacking=lacking, remark=remark.strip()[:300]))


# ------------------------------------------------------------------------------------------ what the other end says


def on_handover(incoming: Incoming) -> dict[str, Any]:
    """Papers are on their way to us (对方交寄)."""
    came(meant(incoming), incoming.body, at=incoming.at)
    return {"noted": True}


def came(cross: CrossCase, said: dict[str, Any], *, at: datetime, took: str = "") -> Handover | None:
    """Enter what the other end gave (登记对方交出的), under its own id; electronic papers are taken as they arrive."""
    try:
        uid = UUID(str(said.get("uid")))
    except ValueError:
        return None
    way = ELECTRONIC if said.get("way") == ELECTRONIC else COURIER
    row, _ = Handover.objects.get_or_create(
        uid=uid,
        defaults={
            "case": cross.case,
            "direction": IN,
            "way": way,
            "courier": text_in(said, "courier", most=40),
            "waybill": text_in(said, "waybill", most=60),
            "papers": papers_in(said.get("papers")),
            "gave": text_in(said, "gave"),
            "gave_at": moment_in(said, "gave_at", at),
            "took": took,
            "took_at": at if took else None,
        },
    )
    return row


def on_taken(incoming: Incoming) -> dict[str, Any]:
    """Our papers came over there (对方签收)."""
    cross, body = meant(incoming), incoming.body
    row = Handover.objects.filter(case=cross.case, direction=OUT, uid=text_in(body, "uid", most=36)).first()
    if row is not None:
        lacking = [code for code in body.get("lacking") or () if isinstance(code, str)]
        codes = {p["code"] for p in row.papers}
        took_at = moment_in(body, "took_at", incoming.at)
        _taken(
            row, text_in(body, "took"), [c for c in lacking if c in codes], text_in(body, "remark"), took_at
        )
    return {"noted": row is not None}
