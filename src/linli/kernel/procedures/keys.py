"""Exactly once (不重不漏): what a client's key stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import datetime
from functools import wraps
from hashlib import sha256
from typing import Any, ParamSpec

from django.db import IntegrityError, OperationalError, connection

from linli.base.clock import now
from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.base.ids import TRACKING_ALPHABET, TRACKING_LENGTH, new_tracking_code, normalise_tracking_code
from linli.kernel.people.actors import Actor
from linli.kernel.people.keys import current_vault
from linli.kernel.procedures.models import ClientKey, RefusedWrite
from linli.kernel.procedures.state import Receipt
from linli.kernel.records.chain import canonical

P = ParamSpec("P")
_within: ContextVar[bool] = ContextVar("within a verb", default=False)
DEADLOCK = "40P01"  # PostgreSQL


class KeyTaken(Refused):
    """Raised outside the refused transaction's reach: the other content is kept before it is refused."""


def scoped(by: Actor, client_key: str) -> str:
    """A client's key among those of the same account; a long one by its hash, so that none is taken for another."""
    whole = f"{by.kind}:{by.account_id or ''}:{client_key}"
    return whole if len(whole) <= 120 else f"{whole[:50]}:{sha256(whole.encode()).hexdigest()}"


def owner_of(by: Actor, client_key: str | None) -> str:
    """Who owns an upload: the account, else the client's own key."""
    return f"account:{by.account_id}" if by.account_id else f"key:{client_key or ''}"


def _digest(content: Mapping[str, Any]) -> bytes:
    return sha256(canonical(content).encode()).digest()


def answer(by: Actor, client_key: str | None, content: Mapping[str, Any]) -> Receipt | None:
    """The first receipt for a repeated write; 409 for other content under the same key."""
    if not client_key:
        return None
    known = ClientKey.objects.filter(key=scoped(by, client_key)).first()
    if known is None:
        return None
    if bytes(known.digest) != _digest(content):
        raise KeyTaken(
            "procedures.key_taken",
            Text(
                "这个提交编号已经用于另一份内容，没有重复登记；两份内容都已保存。请换一个编号再提交。",
                "This key was used for other content. Nothing was registered twice; both contents are kept. "
                "Send again with a new key.",
            ),
            key=scoped(by, client_key),
            content=canonical(content),
        )
    code = tracking_code(by, client_key) if known.receipt.get("tracked") else ""
    first = {k: v for k, v in known.receipt.items() if k != "tracked"}
    return Receipt(**first, tracking_code=code, repeated=True)


def keep(
    by: Actor, client_key: str | None, content: Mapping[str, Any], receipt: Receipt, at: datetime
) -> None:
    if client_key:
        stored = {k: v for k, v in receipt.as_dict().items() if k != "tracking_code"}
        stored["tracked"] = bool(receipt.tracking_code)
        ClientKey.objects.create(key=scoped(by, client_key), digest=_digest(content), receipt=stored, at=at)


def exactly_once(write: Callable[P, Receipt]) -> Callable[P, Receipt]:
    """Keep content that is refused, and answer the loser of a race under one key with the winner's receipt."""

    @wraps(write)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Receipt:
        if _within.get():  # the verb around this one sees to it, outside the transaction that is taken back
            return write(*args, **kwargs)
        token = _within.set(True)
        try:
            return write(*args, **kwargs)
        except KeyTaken as error:
            RefusedWrite.objects.create(
                key=error.data.pop("key"), content=error.data.pop("content"), at=now()
            )
            raise
        except IntegrityError:
            if not kwargs.get("client_key") or connection.in_atomic_block:
                raise
            return write(*args, **kwargs)
        except OperationalError as error:
            # Two writes that each waited for the other's case, such as merges across: one goes first, one after it.
            deadlock = getattr(error.__cause__, "sqlstate", "") == DEADLOCK
            if not deadlock or connection.in_atomic_block:
                raise
            return write(*args, **kwargs)
        finally:
            _within.reset(token)

    return wrapped


def tracking_code(by: Actor, client_key: str | None) -> str:
    """A code that a repeated request can be given again without the table keeping it: derived from the client's key."""
    if not client_key:
        return new_tracking_code()
    seed = int.from_bytes(current_vault().lookup_hash("tracking-seed", scoped(by, client_key)), "big")
    letters = []
    for _ in range(TRACKING_LENGTH):
        seed, letter = divmod(seed, len(TRACKING_ALPHABET))
        letters.append(TRACKING_ALPHABET[letter])
    return "".join(letters)


def tracking_hash(number: str, code: str) -> bytes:
    return current_vault().lookup_hash("tracking", f"{number}:{normalise_tracking_code(code)}")
