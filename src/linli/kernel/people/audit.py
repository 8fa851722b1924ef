"""Notes what was done to accounts, posts and keys (操作日志), in the transaction of the act itself.

Kept for at least six months (Cybersecurity Law 23, amended 2025); the table refuses change. Facts hold codes, dates
and field names, never names, numbers or texts of a person.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from linli.kernel.people.actors import Actor, Hat
from linli.kernel.people.models import Account, AuditEntry, Organisation, Person, Post

Subject = Account | Organisation | Person | Post | str  # a domain names its own things: "directory:streets:2"


def note(
    act: str, *, by: Actor, at: datetime, about: Subject | None = None, hat: Hat | None = None, **facts: Any
) -> None:
    hat = hat or (by.hats[0] if len(by.hats) == 1 else None)
    AuditEntry.objects.create(
        account_id=by.account_id,
        post_id=hat.post_id if hat else None,
        act=act,
        subject=subject_of(about),
        facts=facts,
        at=at,
    )


def subject_of(about: Subject | None) -> str:
    if about is None:
        return ""
    if isinstance(about, str):
        return about
    if isinstance(about, Organisation):
        return f"organisation:{about.code}"
    # Not `type(about)`: whoever is signed in comes as a lazy object of another class.
    return f"{about._meta.model_name}:{about.uid}"
