"""What a phone could not send (救急文件): a file with its queue, taken in at the desk by the same verb, so exactly once too.

Looked at first: what is new, what is here already. The file waits sealed for an hour, for whoever brought it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import pbkdf2_hmac
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from linli.base.clock import now
from linli.base.errors import Invalid, LinliError, Refused
from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.kernel.fieldwork import leads, parts, rules
from linli.kernel.fieldwork.entries import Entered, OtherContent, deliver
from linli.kernel.fieldwork.models import FieldDevice, FieldEntry
from linli.kernel.fieldwork.taking import FileIn
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor
from linli.kernel.people.keys import current_vault

LIMIT = 50 * 1024 * 1024
ENTRIES_AT_MOST = 2000
WAITS = timedelta(hours=1)
CONTEXT = "fieldwork.rescue"
ROUNDS = range(100_000, 5_000_001)
NEW, KNOWN, OTHER = "new", "known", "other"


@dataclass(frozen=True)
class Rescued:
    """A rescue file that could be read (已读出的救急文件)."""

    device: FieldDevice
    entries: tuple[Entered, ...]
    files: dict[str, bytes]


@dataclass(frozen=True)
class Look:
    entered: Entered
    state: str
    lacking: int  # files that are neither in the file nor here


@dataclass(frozen=True)
class Result:
    entered: Entered
    state: str  # of the entry; `failed` where nothing could be taken in
    said: Text


def read(content: bytes, passphrase: str, *, by: Actor) -> Rescued:
    """Read a rescue file (读救急文件). Refuses what is no such file, a wrong passphrase, and a phone whose worker is not in
    the areas that this person leads: to them such a phone does not exist."""
    if len(content) > LIMIT:
        raise _unreadable("文件超过 50 MB。", "The file is larger than 50 MB.")
    found = _json(content)
    if found.get("linli") == "field-rescue-sealed":
        found = _json(_opened(found, passphrase))
    if found.get("linli") != "field-rescue" or found.get("version") != 1:
        raise _unreadable("这不是外勤应用导出的救急文件。", "This is no rescue file of the field app.")
    try:
        uid = UUID(str(found.get("device")))
        files = {str(name): base64.b64decode(text, validate=True) for name, text in found["files"].items()}
        entries = tuple(_entry(each) for each in found["entries"][:ENTRIES_AT_MOST])
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise _unreadable("救急文件不完整。", "The rescue file is incomplete.") from error
    device = FieldDevice.objects.select_related("account").filter(uid=uid).first()
    if device is None or not any(device.area.startswith(own) for own in leads.lead_prefixes(by)):
        raise Refused(
            "field.not_your_phone",
            Text(
                "这台手机不在您负责的区域里，或没有登记过。请交给它所在街道的负责人。",
                "This phone is not in the areas that you lead, or was never enrolled. Give the file to the lead there.",
            ),
        )
    return Rescued(device, entries, files)


def look(rescued: Rescued) -> list[Look]:
    """What is new in it and what is here already (试读)."""
    ids = [e.client_id for e in rescued.entries]
    rows = FieldEntry.objects.filter(account=rescued.device.account, client_id__in=ids)
    both = set(rows.values_list("client_id", "digest"))
    here = {client_id for client_id, _ in both}
    found = []
    for entered in rescued.entries:
        state = NEW if entered.client_id not in here else OTHER
        if (entered.client_id, entered.digest) in both:
            state = KNOWN
        named = [(f.sha256, f.size) for f in entered.files if f.sha256 not in rescued.files]
        lacking = 0 if state == KNOWN else len(parts.missing(rescued.device.account_id, named))
        found.append(Look(entered, state, lacking))
    return found


def take_in(rescued: Rescued, *, by: Actor, at: datetime | None = None) -> list[Result]:
    """Take it in (导入), entry by entry, by the verb of the phone. Records `field.rescued`."""
    at = at or now()
    account = rescued.device.account
    results = []
    for entered in rescued.entries:
        try:
            _files(rescued, entered.files)
            row = deliver(entered, account=account, device=rescued.device, by_rescue=True, at=at)
            results.append(Result(entered, row.state, row.said))
        except OtherContent as error:
            results.append(Result(entered, OTHER, error.message))
        except LinliError as error:
            results.append(Result(entered, "failed", error.message))
    audit.note(
        "field.rescued", by=by, at=at, about=account, device=str(rescued.device.uid), n_entries=len(results)
    )
    return results


def keep(rescued_from: bytes, passphrase: str, *, by: Actor) -> str:
    """Keep the file sealed for an hour, until it is taken in (暂存)."""
    name = str(uuid7())
    text = json.dumps(
        {
            "by": by.account_id,
            "passphrase": passphrase,
            "content": base64.b64encode(rescued_from).decode(),
        }
    )
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    path.touch(mode=0o600)
    path.write_bytes(current_vault().seal(text, context=CONTEXT))
    return name


def kept(name: str, *, by: Actor) -> Rescued:
    """The file that waits (取出暂存). Refuses what is over, or was brought by somebody else."""
    try:
        path = _folder() / str(UUID(name))
        found = json.loads(current_vault().open(path.read_bytes(), context=CONTEXT))
    except (ValueError, FileNotFoundError):
        raise _gone() from None
    if found["by"] != by.account_id or path.stat().st_mtime < (now() - WAITS).timestamp():
        raise _gone()
    return read(base64.b64decode(found["content"]), found["passphrase"], by=by)


def drop(name: str) -> None:
    (_folder() / str(UUID(name))).unlink(missing_ok=True)


def remove_waiting(at: datetime) -> None:
    for path in _folder().glob("*"):
        if path.stat().st_mtime < (at - WAITS).timestamp():
            path.unlink(missing_ok=True)


def _files(rescued: Rescued, files: Iterable[FileIn]) -> None:
    for file in files:
        content = rescued.files.get(file.sha256)
        if content is not None:
            had = parts.progress(rescued.device.account_id, file.sha256, file.size)
            if not had.complete:
                rest = BytesIO(content[had.received :])
                parts.receive(rescued.device.account_id, file.sha256, file.size, had.received, rest)


def _entry(each: dict[str, Any]) -> Entered:
    files = [
        FileIn(f["sha256"], int(f["size"]), str(f["type"]), str(f["name"]), str(f["field"]))
        for f in each["files"]
    ]
    if not isinstance(each["body"], dict):
        raise TypeError("body")
    digest = rules.digest_of(each["kind"], each["made_at"], each["body"], each["files"])
    if digest != each["digest"]:
        raise ValueError("digest")
    return Entered(
        UUID(str(each["id"])),
        str(each["kind"]),
        str(each["made_at"]),
        each["body"],
        tuple(files),
        digest,
        each["files"],
    )


def _opened(found: dict[str, Any], passphrase: str) -> bytes:
    if not passphrase:
        raise Invalid(
            "field.passphrase",
            Text("这个文件有口令，请填写。", "This file has a passphrase. Please enter it."),
            fields={"passphrase": Text("请填写导出时设的口令。", "Enter the one that was set on the phone.")},
        )
    try:
        rounds = int(found["rounds"])
        if rounds not in ROUNDS:
            raise ValueError("rounds")
        key = pbkdf2_hmac("sha256", passphrase.encode(), base64.b64decode(found["salt"]), rounds, 32)
        return AESGCM(key).decrypt(base64.b64decode(found["iv"]), base64.b64decode(found["data"]), None)
    except InvalidTag:
        raise Invalid(
            "field.wrong_passphrase",
            Text("口令不对，打不开这个文件。", "The passphrase does not open this file."),
            fields={"passphrase": Text("请核对口令。", "Please check it.")},
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable("救急文件不完整。", "The rescue file is incomplete.") from error


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _unreadable(
            "这不是外勤应用导出的救急文件。", "This is no rescue file of the field app."
        ) from error
    return found if isinstance(found, dict) else {}


def _unreadable(zh: str, en: str) -> Invalid:
    return Invalid("field.bad_rescue", Text(zh, en), fields={"file": Text(zh, en)})


def _gone() -> Refused:
    return Refused(
        "field.rescue_gone",
        Text("文件已过一小时，请重新选择。", "The hour is over. Please choose the file again."),
    )


def _folder() -> Path:
    return Path(settings.LINLI_DATA_DIR) / "files" / "rescue"
