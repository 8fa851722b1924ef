"""Good and bad ratings of services (好差评): one service one rating, five levels, what is bad is put right.

The rating itself is an act of the rated case that whoever worked on it cannot read (`read_by`). A bad one opens a case of
its own (`bad-rating`), with no link from the rated case: what the organisation is told to put right names the problem alone.
"""

from __future__ import annotations

from linli.base.clock import local
from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.domains.matters.application_fields import spec_named
from linli.domains.matters.models import ServiceRating
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.models import Person
from linli.kernel.places.models import Area
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.registry import effect, guard
from linli.kernel.procedures.state import Move
from linli.kernel.procedures.versions import procedure_of
from linli.kernel.records.models import Record

BAD = 2  # 不满意、非常不满意（国办发〔2019〕51号）
BLAMES = frozenset({"slow", "many_trips", "asked_more", "rude", "unclear", "extra", "wrong"})


@effect("matters.rated")
def rated(move: Move) -> None:
    """Keep the rating and, if it is bad, open what puts it right (评价). Refuses a second rating of the same service."""
    if ServiceRating.objects.filter(rated_id=move.case.id).exists():
        raise Refused(
            "matters.rated_already",
            Text(
                "这次办理已经评价过，一次办理评一次。还有话要说的，请另提一件意见建议。",
                "This service was rated already; each is rated once. To say more, send a suggestion.",
            ),
        )
    move.then(_keep)


def _keep(move: Move) -> None:
    rating = ServiceRating.objects.create(
        rated_id=move.case.id,
        organisation_id=move.case.lead_id,
        matter=_matter_of(move),
        stars=move.data["satisfied"],
        given_on=local(move.at).date(),
    )
    if rating.stars <= BAD:
        rating.follow_up = _follow_up(move)
        rating.save(update_fields=["follow_up"])


def _matter_of(move: Move) -> str:
    """Which matter a service was, whatever version held (评价的事项); else the procedure."""
    _, _, rest = str(move.case.facts.get("matter") or "").partition("/")
    return rest.partition("/")[0] or move.procedure.code


def _follow_up(move: Move) -> Case:
    spec = spec_named(
        str(move.case.facts.get("matter") or "")
    )  # never the case's own title: that would name the case
    title = str(spec.title if spec else procedure_of(move.case.version_id).title)
    said = {
        "blame": [code for code in move.data.get("blame") or () if code in BLAMES],
        "words": move.data.get("comment"),
    }
    receipt = engine.open_case(
        "bad-rating",
        by=SYSTEM,
        area=Area.objects.get(pk=move.case.area_id),
        data={
            "rated": move.case.number,
            "matter_title": title,
            "stars": move.data["satisfied"],
            **{code: value for code, value in said.items() if value},
        },
        channel="case",
        title=f"差评整改：{title}"[:60],
        applicant=Person.objects.filter(pk=move.case.applicant_id or 0).first(),
        at=move.at,
        by_case=True,
    )
    return Case.objects.get(number=receipt.number)


@guard("matters.not_who_was_rated")
def not_who_was_rated(move: Move) -> Text | None:
    """Nobody looks into a rating of what they worked on themselves (回避)."""
    rated_case = ServiceRating.objects.filter(follow_up_id=move.case.id).values("rated_id")
    mine = Record.objects.filter(case_id__in=rated_case, actor=move.actor.account_id, post__isnull=False)
    if move.actor.account_id is None or not mine.exists():
        return None
    return Text(
        "这次服务您参与办理过，评价须由别人核实。请交给同岗位的其他人员。",
        "You worked on the service that was rated, so somebody else has to look into it. Hand it to a colleague.",
    )


@guard("matters.was_reached")
def was_reached(move: Move) -> Text | None:
    if not move.data or move.data["reached"] == "reached":
        return None
    return Text(
        "没有联系上本人，不能算已经说清楚。请转承办单位整改。",
        "The person was not reached, so it cannot count as cleared up. Have it put right.",
    )


@effect("matters.rating_filtered")
def rating_filtered(move: Move) -> None:
    """It is left out of the figures (恶意差评不计入); the person was told why and how to object."""
    move.then(lambda m: _change(m, counted=False))


@effect("matters.rating_counted_again")
def rating_counted_again(move: Move) -> None:
    move.then(lambda m: _change(m, counted=True))


@effect("matters.rating_put_right")
def rating_put_right(move: Move) -> None:
    move.then(lambda m: _change(m, put_right_on=local(m.at).date()))


def _change(move: Move, **values: object) -> None:
    ServiceRating.objects.filter(follow_up_id=move.case.id).update(**values)
