"""What the lead decides about work that the field could not settle (外勤收件的处理).

Carried out now as the worker meant it, with both names on the record; one of two values, or both; turned into a note or a
report; or set aside with a reason that the worker is told. Each once: who comes second hears who decided what.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from linli.base.clock import local, now
from linli.base.errors import Invalid, Refused, absent
from linli.base.i18n import Text
from linli.kernel.fieldwork.acts import SITE
from linli.kernel.fieldwork.entries import ROLE, carry_out, holder_of
from linli.kernel.fieldwork.models import (
    CARRIED,
    CHOSEN,
    DONE,
    MERGED,
    NOTED,
    SET_ASIDE,
    FieldEntry,
    FieldFile,
)
from linli.kernel.fieldwork.queries import DECISIONS, ENTRY, access_entry, title_of
from linli.kernel.fieldwork.registry import KINDS, Work
from linli.kernel.fieldwork.rules import joined
from linli.kernel.notices.services import queue
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor, actor_for
from linli.kernel.procedures import engine, hot
from linli.kernel.procedures.casebook import first_fact
from linli.kernel.procedures.keys import owner_of
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.records.models import Upload

MINE, THEIRS, BOTH = "mine", "theirs", "both"
SUPPLEMENT, REPORT = "supplement", "report"
REASON_MOST = 500


def carry(uid: UUID, *, by: Actor, at: datetime | None = None) -> FieldEntry:
    """Carry it out now as the worker meant it (照原意办理): the lead acts for the worker, and both stand on the record.

    Refused like any act: what is not open, what a guard holds back. Files that could not be opened stay with the entry.
    """

    def act(row: FieldEntry, at: datetime) -> None:
        body = {name: value for name, value in body_of(row).items() if name != "seq"}
        carry_out(row, body, files_by_field(row), by=for_worker(row, by), at=at)
        if row.state == MERGED:
            raise Refused(
                "field.still_differs",
                Text(
                    "和现有的内容还是不一样，请逐项选定。",
                    "It still differs from what stands there; choose field by field.",
                ),
            )

    return _decide(uid, CARRIED, act, by=by, at=at)


def choose(uid: UUID, picks: Mapping[str, str], *, by: Actor, at: datetime | None = None) -> FieldEntry:
    """Settle fields that two workers filled in differently (逐项选定): the one, the other, or both one after the other.

    Refuses a field that is not in question or was left open. What stands already needs no record.
    """

    def act(row: FieldEntry, at: datetime) -> None:
        if (
            row.state != MERGED
            or set(picks) != set(row.conflicts)
            or not set(picks.values()) <= {MINE, THEIRS, BOTH}
        ):
            raise Invalid("field.choose_all", Text("请给每一项选一个。", "Choose one for each field."))
        case = visible_to(by).filter(number=row.number).first()
        if case is None:
            raise absent(Text("办件", "case"))
        wrote = body_of(row).get("fields") or {}
        data = {
            code: chosen
            for code, pick in picks.items()
            if (chosen := _chosen(case, code, pick, str(wrote.get(code) or ""))) is not None
        }
        if data:
            receipt = engine.act(case, SITE, data, by=for_worker(row, by), at=at)
            row.seq = receipt.seq

    return _decide(uid, CHOSEN, act, by=by, at=at)


def _chosen(case: Case, code: str, pick: str, mine: str) -> str | None:
    theirs = str(first_fact(case, code) or "")
    value = {MINE: mine, THEIRS: theirs, BOTH: joined(theirs, mine)}[pick]
    return None if value == theirs else value


def as_note(uid: UUID, number: str, text: str, *, by: Actor, at: datetime | None = None) -> FieldEntry:
    """Turn it into a note on a case (转为说明), in the lead's own name, with the photos and voice notes."""

    def act(row: FieldEntry, at: datetime) -> None:
        files = _given_to(row, by)
        receipt = engine.act(number, SUPPLEMENT, {"note": _needed(text), **files}, by=by, at=at)
        row.number, row.seq = receipt.number, receipt.seq

    return _decide(uid, NOTED, act, by=by, at=at)


def as_report(uid: UUID, text: str, *, by: Actor, at: datetime | None = None) -> FieldEntry:
    """Turn it into a report of its own (转为上报), at the grid where the worker is, with the photos and voice notes."""

    def act(row: FieldEntry, at: datetime) -> None:
        body = {"description": _needed(text), "area": row.area}
        key = f"field-report:{row.uid}"
        outcome = KINDS[REPORT].carry(
            Work(body, _given_to(row, by), for_worker(row, by), key, row.made_at, at)
        )
        row.number, row.seq = outcome.number, outcome.seq

    return _decide(uid, CARRIED, act, by=by, at=at)


def set_aside(uid: UUID, reason: str, *, by: Actor, at: datetime | None = None) -> FieldEntry:
    """Set it aside (不再办理), with a reason that the worker is told. Refuses an empty one."""
    return _decide(uid, SET_ASIDE, lambda row, at: None, by=by, at=at, words=_needed(reason))


def _decide(
    uid: UUID,
    decision: str,
    act: Callable[[FieldEntry, datetime], None],
    *,
    by: Actor,
    at: datetime | None,
    words: str = "",
) -> FieldEntry:
    at = at or now()
    access_entry(uid, by)
    with hot.one_transaction():
        row = (
            FieldEntry.objects.select_for_update(of=("self",))
            .select_related("account")
            .filter(uid=uid)
            .first()
        )
        if row is None:
            raise absent(ENTRY)
        if not row.waits:
            raise _decided_before(row)
        act(row, at)
        row.state = DONE if decision in {CARRIED, CHOSEN} else row.state
        row.decision, row.decision_words = decision, words[:REASON_MOST]
        row.decided_at, row.decided_by_id = at, by.account_id
        row.save()
        audit.note(f"field.entry_{decision}", by=by, at=at, about=row.account, entry=str(row.uid))
        queue(
            row.account,
            "field.decided",
            {"kind": title_of(row), "by": by.name, "decision": DECISIONS[decision], "words": words or None},
            case_number=row.number if decision != SET_ASIDE else "",
            at=at,
        )
    return row


def _decided_before(row: FieldEntry) -> Refused:
    who = row.decided_by.title if row.decided_by else Text("系统", "the system")
    when = f"{local(row.decided_at):%m-%d %H:%M}" if row.decided_at else ""
    title = DECISIONS.get(row.decision, Text("已办好", "done"))
    return Refused(
        "field.decided",
        Text(
            f"{who.zh} 已在 {when} 处理：{title.zh}。您这次没有改动。",
            f"{who.en} decided it at {when}: {title.en}. Nothing was changed now.",
        ),
    )


def for_worker(row: FieldEntry, by: Actor) -> Actor:
    """The lead in the worker's place (代网格员办理): the worker's posts, the lead's name. Refuses where the worker could not
    have done it: no post any more, or a case of their own."""
    worker = actor_for(row.account)
    hats = tuple(
        replace(hat, absent_account_id=row.account_id, absent_name=row.account.name)
        for hat in worker.hats
        if ROLE in hat.roles
    )
    case = Case.objects.filter(number=row.number).first()
    theirs = case is not None and worker.involved_in(case.applicant_id, case.procedure, case.number)
    if not hats or theirs:
        raise Refused(
            "field.not_in_their_place",
            Text(
                "本人现在不能办这件事（没有岗位，或是自己的事），不能代办。可以转为说明，或者写明理由不再办理。",
                "The worker could not do this now (no post, or their own case), so nobody can in their place. "
                "Turn it into a note, or set it aside with a reason.",
            ),
        )
    return Actor("staff", by.account_id, by.name, by.person_id, hats, channel="field", helped=by.helped)


def body_of(row: FieldEntry) -> dict[str, Any]:
    found = json.loads(row.body) if row.body else {}
    return found if isinstance(found, dict) else {}


def files_by_field(row: FieldEntry) -> dict[str, list[str]]:
    """The files that can be opened, by field (可用文件)."""
    found: dict[str, list[str]] = {}
    for file in FieldFile.objects.filter(entry=row, fault="", upload_uid__isnull=False).order_by("place"):
        found.setdefault(file.field, []).append(str(file.upload_uid))
    return found


def _given_to(row: FieldEntry, by: Actor) -> dict[str, list[str]]:
    """All photos and voice notes, whatever field they were sent for, as uploads of the lead."""
    uids = [uid for named in files_by_field(row).values() for uid in named]
    uploads = list(Upload.objects.filter(uid__in=uids, owner=holder_of(row.client_id)).select_related("file"))
    Upload.objects.filter(pk__in=[u.pk for u in uploads]).update(owner=owner_of(by, None))
    photos = [str(u.uid) for u in uploads if u.public_file_id]
    voices = [str(u.uid) for u in uploads if u.file.media_type.startswith("audio/")]
    return {name: uids for name, uids in (("photos", photos), ("voice", voices)) if uids}


def _needed(text: str) -> str:
    text = text.strip()
    if not 1 <= len(text) <= 2000:
        raise Invalid(
            "field.text",
            Text("请写明，不超过 2000 个字。", "Please say it, in up to 2000 characters."),
            fields={"text": Text("请填写。", "This is needed.")},
        )
    return text
