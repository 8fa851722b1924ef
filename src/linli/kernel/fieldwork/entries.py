"""Taking entries in, exactly once (收件，不重不漏): the row, its files and the engine's move are one transaction.

What the office cannot carry out is not refused: it is kept whole, and the lead of the area decides. So a phone may forget
an entry as soon as its receipt is there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from linli.base.clock import now
from linli.base.errors import Invalid, LinliError, NotAllowed, NotFound, OutOfDate, Refused
from linli.base.i18n import Text
from linli.kernel.fieldwork import parts, rules
from linli.kernel.fieldwork.leads import area_of_number, tell_lead
from linli.kernel.fieldwork.models import DONE, KEPT, MERGED, FieldDevice, FieldEntry, FieldFile
from linli.kernel.fieldwork.registry import KINDS, Outcome, Work
from linli.kernel.fieldwork.taking import FileIn, Taken, take
from linli.kernel.people.actors import Actor, actor_for
from linli.kernel.people.models import Account
from linli.kernel.procedures import hot
from linli.kernel.procedures.keys import owner_of
from linli.kernel.records.models import Upload

CHANNEL = "field"
ROLE = "grid_worker"
TRIES = 4
# What makes an entry wait for the lead. A busy database or a rate limit does not: the phone sends it again.
BUSINESS = (Refused, NotAllowed, NotFound, Invalid)

DONE_WORDS = Text("已办好。", "Done.")
NOTHING_NEW = Text("已收到，和现有记录一样。", "Received; it says the same as what is there.")
MERGED_WORDS = Text(
    "已收到。有 {n} 项别人同时也改了，由负责人决定用哪一个。",
    "Received. Fields that somebody else changed, too: {n}. The lead decides which holds.",
)
KEPT_WORDS = Text(
    "没有办成，内容已完整保留，由负责人处理。原因：{why}", "Kept whole for the lead to decide. Why: {why}"
)
TWICE = Text(
    "这个编号之前收到过另一份内容，两份都已保留，由负责人核对。",
    "Other content came under this number before. Both are kept; the lead compares them.",
)
UNKNOWN = Text("这个版本的平台还不认识这种记录。", "This installation does not know this kind of entry yet.")
NO_POST = Text("您现在没有网格员岗位。", "You hold no post as a grid worker now.")
BAD_FILE = Text(
    "有文件打不开（{n} 个），已按原样保留。", "Some files cannot be opened ({n}); they are kept as they came."
)


@dataclass(frozen=True)
class Entered:
    """An entry as the phone sent it (一条收件)."""

    client_id: UUID
    kind: str
    made_at: str  # as written on the phone: it is part of the digest
    body: Mapping[str, Any]
    files: tuple[FileIn, ...]
    digest: str
    files_as_sent: list[Any]


class FilesMissing(Invalid):
    """Files that the entry names are not here yet (文件未到齐)."""


class OtherContent(Refused):
    """The same number with other content (同号异文): both are kept."""


def deliver(
    entered: Entered,
    *,
    account: Account,
    device: FieldDevice | None = None,
    by_rescue: bool = False,
    at: datetime | None = None,
) -> FieldEntry:
    """Take an entry in (收件): carried out, or kept with the reason. The same again gives the same row.

    Refuses what was damaged on its way (`field.wrong_digest`), files that are not here (`field.files_missing`), and other
    content under a known number (`field.other_content`), which is kept all the same.
    """
    at = at or now()
    if rules.digest_of(entered.kind, entered.made_at, entered.body, entered.files_as_sent) != entered.digest:
        raise Invalid(
            "field.wrong_digest",
            Text(
                "内容和指纹不一致，可能在路上坏了。请再传一次。",
                "The content does not match its digest. Please send it again.",
            ),
        )
    if known := _known(account, entered):
        return _said(known)
    names = [(file.sha256, file.size) for file in entered.files]
    if lacking := parts.missing(account.pk, names):
        raise FilesMissing(
            "field.files_missing",
            Text("还有文件没有传到，请先传文件。", "Some files are not here yet. Send them first."),
            missing=lacking,
        )
    by = replace(actor_for(account, at=at), channel=CHANNEL)
    taken = take(account.pk, list(entered.files), by=by, owner=holder_of(entered.client_id), at=at)
    row: FieldEntry | None = None
    for left in reversed(range(TRIES)):
        try:
            row = _write(entered, taken, account, device, by, by_rescue, at)
            break
        except (
            IntegrityError
        ):  # the same, or other content under its number, came at once: the first one counts
            if row := _known(account, entered):
                break
            if not left:
                raise
    assert row is not None
    parts.mark_taken(account.pk, names)
    return _said(row)


def holder_of(client_id: UUID) -> str:
    """Who owns the files of an entry until a case has them: nobody can name them in a form."""
    return f"field:{client_id}"


def _known(account: Account, entered: Entered) -> FieldEntry | None:
    return FieldEntry.objects.filter(
        account=account, client_id=entered.client_id, digest=entered.digest
    ).first()


def _said(row: FieldEntry) -> FieldEntry:
    if row.twin_id is not None:
        raise OtherContent("field.other_content", TWICE, row=row)
    return row


def _write(
    entered: Entered,
    taken: list[Taken],
    account: Account,
    device: FieldDevice | None,
    by: Actor,
    by_rescue: bool,
    at: datetime,
) -> FieldEntry:
    with hot.one_transaction():
        first = FieldEntry.objects.filter(
            account=account, client_id=entered.client_id, twin__isnull=True
        ).first()
        row = FieldEntry(
            account=account,
            device=device,
            client_id=entered.client_id,
            digest=entered.digest,
            twin=first,
            kind=entered.kind[:20],
            body=json.dumps(dict(_may_be_kept(entered)), ensure_ascii=False),
            made_at=moment_of(entered.made_at, at),
            received_at=at,
            by_rescue=by_rescue,
            state=KEPT,
            number=str(entered.body.get("number") or "")[:40],
        )
        row.area = area_of_number(row.number, by) or home_of(by)
        row.save()
        FieldFile.objects.bulk_create(
            FieldFile(
                entry=row,
                place=n,
                sha256=t.file.sha256,
                size=t.file.size,
                media_type=t.file.type[:80],
                name=t.file.name[:200],
                field=t.file.field[:60],
                upload_uid=t.upload_uid,
                fault=t.fault[:60],
            )
            for n, t in enumerate(taken)
        )
        if first is not None:
            keep(row, "field.other_content", TWICE)
        else:
            _try(row, entered.body, taken, by, at)
        row.save()
        if row.waits:
            tell_lead(row, at)
    return row


def _may_be_kept(entered: Entered) -> Mapping[str, Any]:
    kind = KINDS.get(entered.kind)
    return kind.keeps(entered.body) if kind else entered.body


def _try(row: FieldEntry, body: Mapping[str, Any], taken: list[Taken], by: Actor, at: datetime) -> None:
    kind = KINDS.get(row.kind)
    broken = sum(1 for t in taken if t.fault)
    if kind is None:
        return keep(row, "field.unknown_kind", UNKNOWN)
    if ROLE not in by.roles:
        return keep(row, "field.no_post", NO_POST)
    if broken:
        return keep(row, "field.bad_file", BAD_FILE.format(n=broken))
    files: dict[str, list[str]] = {}
    for t in taken:
        files.setdefault(t.file.field, []).append(str(t.upload_uid))
    try:
        carry_out(row, body, files, by=by, at=at)
    except BUSINESS as error:
        keep(row, error.code, why(error))
    return None


def carry_out(
    row: FieldEntry, body: Mapping[str, Any], files: Mapping[str, list[str]], *, by: Actor, at: datetime
) -> Outcome:
    """Do what the entry says (照收件办理), in the caller's transaction: all of it or nothing."""
    uids = [uid for named in files.values() for uid in named]
    key = f"field:{row.account_id}:{row.client_id}" + (f":{row.digest[:16]}" if row.twin_id else "")
    work = Work(body, files, by, key, row.made_at, at)
    with transaction.atomic():
        Upload.objects.filter(uid__in=uids, owner=holder_of(row.client_id)).update(owner=owner_of(by, None))
        outcome = KINDS[row.kind].carry(work)
    row.state = MERGED if outcome.conflicts else DONE
    row.number, row.seq = outcome.number or row.number, outcome.seq
    row.area = outcome.area or row.area
    row.conflicts = list(outcome.conflicts)
    row.code = "field.conflict" if outcome.conflicts else ""
    said = MERGED_WORDS.format(n=len(outcome.conflicts)) if outcome.conflicts else DONE_WORDS
    row.words = (NOTHING_NEW if outcome.nothing_new else said).as_dict()
    return outcome


def keep(row: FieldEntry, code: str, reason: Text) -> None:
    row.state, row.code = KEPT, code[:60]
    row.words = KEPT_WORDS.format(why=reason).as_dict()


def why(error: LinliError) -> Text:
    """The refusal with the sentence for each field (拒绝的理由)."""
    fields = getattr(error, "fields", {})
    if isinstance(error, OutOfDate):  # its second half is for whoever sits before a page
        zh, en = error.message.zh.split("。")[0], error.message.en.split(". ")[0]
        return Text(f"{zh}。", f"{en}.")
    if not fields:
        return error.message
    return Text("；".join(t.zh for t in fields.values()), " ".join(t.en for t in fields.values()))


def home_of(by: Actor) -> str:
    """The area in which this worker works (所在网格)."""
    return next(
        (hat.area_prefix for hat in by.hats if ROLE in hat.roles), by.hats[0].area_prefix if by.hats else ""
    )


def moment_of(text: str, at: datetime) -> datetime:
    """When it was done, by the phone's clock (手机上的时间); a clock that is ahead or was never set says nothing."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return at
    if moment.tzinfo is None or moment > at + timedelta(minutes=5) or moment < at - timedelta(days=366):
        return at
    return moment
