"""Who decides what the field could not settle (外勤负责人): whoever dispatches or leads over the area."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from linli.base.codes import PREFIX_LENGTH
from linli.base.errors import NotAllowed
from linli.base.i18n import Text
from linli.kernel.fieldwork.models import FieldEntry
from linli.kernel.fieldwork.registry import KINDS
from linli.kernel.notices.services import queue
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Account
from linli.kernel.procedures.holders import accounts_in, nearest_queue
from linli.kernel.procedures.visibility import visible_to

ROLES = frozenset({"dispatcher", "leader"})
ADMINISTRATOR = "administrator"


def lead_prefixes(by: Actor) -> list[str]:
    """The areas over which this person decides (负责的区域)."""
    return sorted({hat.area_prefix for hat in by.hats if hat.roles & ROLES})


def admin_prefixes(by: Actor) -> list[str]:
    return sorted({hat.area_prefix for hat in by.hats if hat.roles & (ROLES | {ADMINISTRATOR})})


def below(prefixes: list[str], column: str = "area") -> Q:
    """Rows in these areas (区域条件); nothing for whoever leads none."""
    found = Q(pk__in=[])
    for prefix in prefixes:
        found |= Q(**{f"{column}__gte": prefix, f"{column}__lt": prefix + "\x7f"})
    return found


def require_lead(by: Actor) -> None:
    if not lead_prefixes(by):
        raise NotAllowed(
            "field.not_lead",
            Text(
                "外勤收件由派遣员或街道负责人处理。您的岗位不处理这一项。",
                "Field work is decided by the dispatcher or the head of the township; your posts do not.",
            ),
        )


def area_of_number(number: str, by: Actor) -> str:
    """The grid of a case that this worker may see (办件所在网格), else nothing: no number tells that a case exists."""
    if not number:
        return ""
    return visible_to(by).filter(number=number).values_list("grid", flat=True).first() or ""


def leads_of(prefix: str) -> list[int]:
    """The accounts that are told (被告知的负责人): the nearest dispatchers, else the nearest leaders."""
    for role in ("dispatcher", "leader"):
        if found := accounts_in(nearest_queue(role, "township", prefix)):
            return found
    return []


def tell_lead(row: FieldEntry, at: datetime) -> None:
    """Say to the lead that something waits (通知负责人), in the transaction of the entry."""
    if len(row.area) < PREFIX_LENGTH["county"]:
        return
    kind = KINDS.get(row.kind)
    for account in Account.objects.filter(pk__in=leads_of(row.area)):
        queue(
            account,
            "field.kept",
            {"who": row.account.title, "kind": kind.title if kind else Text(row.kind, row.kind)},
            case_number="",
            at=at,
        )
