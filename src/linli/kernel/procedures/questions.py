"""Asking why one's data was looked at (查阅询问): opens the case that the law's right to know asks for."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError

from linli.base.clock import local
from linli.base.errors import absent
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import AccessEntry
from linli.kernel.places.models import Area
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.own import person_of
from linli.kernel.procedures.sealing import open_fact
from linli.kernel.procedures.state import Receipt
from linli.kernel.records.models import ErasableFact

PROCEDURE = "access-question"


def entry_of(uid: str, actor: Actor) -> AccessEntry:
    """The look with this uid at this person's own data; any other is not there."""
    try:
        return AccessEntry.objects.select_related("account", "post__organisation", "post__area").get(
            uid=uid, person_id=actor.person_id if actor.person_id is not None else -1
        )
    except (AccessEntry.DoesNotExist, ValueError, TypeError, ValidationError) as error:
        raise absent(Text("查阅记录", "access entry")) from error


def ask_about_look(
    uid: str, question: str, *, by: Actor, client_key: str | None = None, at: datetime | None = None
) -> Receipt:
    """Ask why somebody looked at one's data (询问查阅理由), to be answered by the supervisor of that area.

    Refuses an entry about somebody else. Records `open` of `access-question`; 个人信息保护法 44、50.
    """
    entry = entry_of(uid, by)
    where = entry.post.organisation.name if entry.post else ""
    return engine.open_case(
        PROCEDURE,
        by=by,
        area=_area_of(entry),
        data={"entry": str(entry.uid), "question": question},
        channel="web",
        title=f"询问 {local(entry.at):%Y-%m-%d %H:%M} {where} 的查阅",
        applicant=person_of(by),
        client_key=client_key,
        at=at,
    )


def _area_of(entry: AccessEntry) -> Area:
    """Where the look was made: of the case it was for, else of the post."""
    if entry.case_number and (case := Case.objects.filter(number=entry.case_number).first()):
        return case.area
    if entry.post is None:
        raise absent(Text("查阅记录", "access entry"))
    return entry.post.area


def questions_about(uids: list[str], actor: Actor) -> dict[str, str]:
    """Which of these looks the person has asked about, with the number of that case (已询问)."""
    if actor.person_id is None or not uids:
        return {}
    mine = Case.objects.filter(applicant_id=actor.person_id, procedure=PROCEDURE).order_by("-id")
    numbers = dict(mine.values_list("pk", "number")[:200])
    asked: dict[str, str] = {}
    for fact in ErasableFact.objects.filter(case_id__in=list(numbers), name="entry").order_by("-case_id"):
        asked.setdefault(str(open_fact(bytes(fact.value))), numbers[fact.case_id])
    return {uid: asked[uid] for uid in uids if uid in asked}
