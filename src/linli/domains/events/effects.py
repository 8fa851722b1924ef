"""What a step changes in the domain's own tables (环节效果), in the transaction of the move."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from linli.base.i18n import Text
from linli.domains.events.models import Category, Event
from linli.domains.events.moves import follow_master, open_part, undo_follow
from linli.kernel.procedures.authority import recused_from
from linli.kernel.procedures.beside import add_beside, read_beside, set_beside
from linli.kernel.procedures.holders import accounts_in
from linli.kernel.procedures.links import link, unlink
from linli.kernel.procedures.models import Case, CaseLink, Participation
from linli.kernel.procedures.registry import effect, guard
from linli.kernel.procedures.state import Move


def _set(move: Move, **values: Any) -> None:
    set_beside(Event, move.case.id, values)


def _rework(move: Move) -> None:
    Event.objects.filter(case_id=move.case.id).update(
        n_reworks=F("n_reworks") + 1, answered_at=None, on_time=None
    )


@effect("events.reported")
def reported(move: Move) -> None:
    move.then(_add_event)


def _add_event(move: Move) -> None:
    category = move.found.get("category")
    add_beside(Event(case_id=move.case.id, category_id=category.pk if category else None))


@effect("events.accepted")
def accepted(move: Move) -> None:
    if category := move.found.get("category"):
        _set(move, category=category.pk)


@guard("events.others_told")
def others_told(move: Move) -> Text | None:
    """别人也反映了同一件事的，不因一人撤回而停办."""
    people = Participation.objects.filter(case_id=move.case.id, kind="person")
    nameless = CaseLink.objects.filter(
        other_id=move.case.id, kind="merged", undone_at__isnull=True, case__applicant__isnull=True
    )
    if people.exclude(ref=move.case.applicant_id or 0).exists() or nameless.exists():
        return Text(
            "别人也反映了这件事，还要继续办，不能撤回。不想再跟进，可以不理会后面的通知。",
            "Others have reported the same, so it is still being handled and cannot be withdrawn. "
            "You may ignore further messages.",
        )
    return None


@effect("events.assigned")
def assigned(move: Move) -> None:
    _set(move, signed_at=None)


@effect("events.signed")
def signed(move: Move) -> None:
    _set(move, signed_at=move.at)


@guard("events.close_condition")
def close_condition(move: Move) -> Text | None:
    """结案条件：要求前后对比照片的类别，没有处理后照片不能反馈办结."""
    if not move.data:
        return None
    if move.data.get("photo_after"):
        return None
    category = Category.objects.filter(key=move.case.facts.get("category", ""), needs_photos=True).first()
    if category is None:
        return None
    return Text(
        f"“{category.name}”的结案条件要求处理后照片。请附上照片再反馈。",
        f"“{category.title.en}” closes only with a photo after the work. Attach one, then report done.",
    )


@effect("events.answered")
def answered(move: Move) -> None:
    if move.is_part:
        return
    on_time = move.task is None or move.worked_at <= move.task.due_at
    _set(move, answered_at=move.at, answered_by=move.actor.account_id, on_time=on_time)


@guard("events.not_the_handler")
def not_the_handler(move: Move) -> Text | None:
    """核实人不得是办理人（GB/T 30428 核查结案）."""
    handler = read_beside(Event, move.case.id, "answered_by")
    if handler is not None and handler == move.actor.account_id:
        return Text(
            "这件事是您办理的，须由别人核实。请交给本网格的其他人员。",
            "You handled this case, so somebody else has to verify it. Hand it to another person of this grid.",
        )
    return None


@effect("events.verified")
def verified(move: Move) -> None:
    if move.case.applicant_id is None and not move.case.facts.get("n_reporters"):
        move.show(verified=True)


@effect("events.settled")
def settled(move: Move) -> None:
    """What the town answers itself is no organisation's, whoever had it before."""
    move.case.lead_id = None


@effect("events.reworked")
def reworked(move: Move) -> None:
    """返工：回到原承办单位；没有承办单位，或它已无人在岗，就回到派遣."""
    if not (move.case.lead_id and accounts_in(f"handler#{move.case.lead_id}")):
        move.to = "dispatching"
    _rework(move)


@effect("events.rated")
def rated(move: Move) -> None:
    _set(
        move,
        contacted=move.data.get("contacted"),
        solved=move.data.get("solved"),
        rating=move.data.get("satisfied"),
        rated_at=move.at,
    )


@effect("events.reopened")
def reopened(move: Move) -> None:
    _rework(move)


@guard("events.was_asked")
def was_asked(move: Move) -> Text | None:
    if move.case.status != "suspended":
        return Text(
            "目前没有需要您回答的问题。想补充时请用“补充说明”。",
            "There is no open question. Use “Add a note” instead.",
        )
    return None


@guard("events.can_merge")
def can_merge(move: Move) -> Text | None:
    """并案的主件须是另一件、还在办的同类办件，且不由被反映的单位承办."""
    master_id = move.found.get("master")
    if master_id is None:
        return None
    if master_id == move.case.id:
        return Text("不能并入自己。请填另一件的编号。", "A case cannot be merged into itself. Name another.")
    master = Case.objects.filter(pk=master_id).first()
    if (
        master is None
        or master.status not in {"open", "suspended"}
        or master.version.code != move.procedure.code
    ):
        return Text(
            "主件须是还在办的网格事件。请换一件。",
            "The case to merge into must be an open grid event. Choose another.",
        )
    if move.case.recused and _takes_part(master, recused_from(move.case.id)):
        return Text(
            "主件由被反映的单位承办，须回避，不能并入。请换一件，或单独派遣。",
            "An organisation that is complained about handles that case. Merge into another, or assign this one.",
        )
    return None


def _takes_part(case: Case, organisations: tuple[int, ...]) -> bool:
    return Participation.objects.filter(case=case, kind="org", ref__in=organisations).exists()


@effect("events.merged")
def merged(move: Move) -> None:
    follow_master(move, move.found["master"])


@effect("events.unmerged")
def unmerged(move: Move) -> None:
    undo_follow(move)


@effect("events.split")
def split(move: Move) -> None:
    move.then(open_part)


@effect("events.related")
def related(move: Move) -> None:
    move.then(lambda m: link(m.case.id, m.found["related"], "related", at=m.at, by=m.actor))


@effect("events.unrelated")
def unrelated(move: Move) -> None:
    move.then(lambda m: unlink(m.case.id, m.found["related"], "related", at=m.at))
