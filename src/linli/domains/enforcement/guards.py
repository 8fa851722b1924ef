"""What the steps of a penalty case wait for (处罚案件的前提): each answers "not yet, because …" in words for the officer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from linli.base.i18n import Text
from linli.domains.enforcement import rules
from linli.domains.enforcement.fields import officer_at
from linli.kernel.people.models import Post
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.registry import guard
from linli.kernel.procedures.state import Move
from linli.kernel.records.models import Record

OFFICERS = ("officer_a", "officer_b")
AFTER_DEMAND = timedelta(days=10)  # 行政强制法 54


def _hat_uids(move: Move) -> set[str]:
    return {hat.post_uid.hex for hat in move.actor.hats}


def _case_uids(move: Move) -> set[str]:
    return {str(move.case.facts[code]) for code in OFFICERS if move.case.facts.get(code)}


def _last(move: Move, actions: Iterable[str]) -> int:
    """The number of the last record of any of these acts; 0 if there is none."""
    rows = Record.objects.filter(case_id=move.case.id, action__in=list(actions)).order_by("-seq")
    return rows.values_list("seq", flat=True).first() or 0


@guard("enforcement.two_officers")
def two_officers(move: Move) -> Text | None:
    if not move.data:
        return None
    first, second = (officer_at(move.found[code]) for code in OFFICERS)
    return rules.two_officers(
        first, second, lead_id=move.case.lead_id, party_id=move.case.applicant_id
    ) or _decides_apart(move, first, second)


def _decides_apart(move: Move, *officers: rules.Officer) -> Text | None:
    """立案、决定的负责人不是办案人员."""
    deciding = move.hat is not None and "leader" in move.hat.roles and "officer" not in move.hat.roles
    if deciding and any(move.actor.account_id in officer.account_ids for officer in officers):
        return Text(
            "您是负责人，须由其他执法人员办案。请另选。",
            "You decide about this case, so others have to investigate it. Choose another officer.",
        )
    return None


@guard("enforcement.small_enough")
def small_enough(move: Move) -> Text | None:
    if not move.data:
        return None
    refusal = two_officers(move)
    if refusal is None and not {move.data[code] for code in OFFICERS} & _hat_uids(move):
        refusal = Text(
            "当场处罚由在场的执法人员作出。请把自己写在两名执法人员里。",
            "Who decides on the spot is one of the two officers. Name yourself as one of them.",
        )
    return refusal or rules.small_enough(
        str(move.case.facts["party_kind"]), move.data["penalty_kind"], move.data.get("amount")
    )


@guard("enforcement.case_officer")
def case_officer(move: Move) -> Text | None:
    """只由本案的两名执法人员办理；已回避的不再办理 (行政处罚法 42、43)."""
    if not move.actor.is_staff or _hat_uids(move) & _case_uids(move):
        return None
    return Text(
        "这个案件由另外两名执法人员办理。需要换人的，请负责人办“决定回避”。",
        "Two other officers have this case. To change that, the head of the authority decides on a recusal.",
    )


@guard("enforcement.not_an_investigator")
def not_an_investigator(move: Move) -> Text | None:
    """调查与审核、决定分开 (行政处罚法 58、64)."""
    if not move.actor.is_staff or not _hat_uids(move) & _case_uids(move):
        return None
    return Text(
        "您是本案的执法人员，审核和决定须由其他人作出。",
        "You investigated this case; somebody else has to review and decide it.",
    )


@guard("enforcement.evidence_settled")
def evidence_settled(move: Move) -> Text | None:
    """登记保存的证据先作出处理决定 (行政处罚法 56)."""
    held = Case.objects.filter(origin_id=move.case.id, procedure="evidence-hold", ended_at__isnull=True)
    number = held.values_list("number", flat=True).first()
    if number is None:
        return None
    return Text(
        f"登记保存的证据还没有处理决定（{number}）。请先作出处理决定，再终结调查。",
        f"What becomes of the evidence held ({number}) is not decided. Decide that first, then report.",
    )


@guard("enforcement.hearing_right_told")
def hearing_right_told(move: Move) -> Text | None:
    if not move.data:
        return None
    kind = move.data["penalty_kind"]
    return rules.amount_fits(kind, move.data.get("amount")) or rules.hearing_right_told(
        kind, bool(move.data["hearing_right"])
    )


@guard("enforcement.may_be_heard")
def may_be_heard(move: Move) -> Text | None:
    if move.case.facts.get("hearing_right"):
        return None
    return Text(
        "拟作出的处罚不在听证范围内（行政处罚法 63）。您可以在这里陈述、申辩，意见会逐条复核。",
        "The intended penalty is not one that a hearing is held for (Penalty Law 63). You can make a statement here; "
        "every point of it is weighed.",
    )


@guard("enforcement.reviewed_where_needed")
def reviewed_where_needed(move: Move) -> Text | None:
    """未经法制审核或者审核未通过的，不得作出决定 (行政处罚法 58); a review holds for what was found and told before it."""
    facts = move.case.facts
    needed = rules.review_needed(facts.get("gravity"), bool(facts.get("heard")))
    done = _last(move, ["approve"]) > _last(move, ["report", "tell", "heard"])
    return rules.reviewed(needed, done)


@guard("enforcement.may_be_decided")
def may_be_decided(move: Move) -> Text | None:
    """Reviewed, discussed where it is major, and no heavier than the party was told (行政处罚法 45, 57, 58, 62)."""
    refusal = reviewed_where_needed(move)
    if refusal is not None or not move.data:
        return refusal
    facts, kind, amount = move.case.facts, move.data["penalty_kind"], move.data.get("amount")
    return (
        rules.discussed(facts.get("gravity"), move.data.get("discussion"))
        or rules.amount_fits(kind, amount)
        or rules.not_heavier(
            kind, amount, told_kind=str(facts.get("penalty_kind", "")), told_amount=facts.get("amount")
        )
    )


@guard("enforcement.officers_named")
def officers_named(move: Move) -> Text | None:
    if _case_uids(move):
        return None
    return Text(
        "还没有确定办案人员。立案后会告知您是哪两位，那时可以申请回避。",
        "No officers are named yet. When the case is filed you are told who they are, and can ask then.",
    )


@guard("enforcement.recusal_fits")
def recusal_fits(move: Move) -> Text | None:
    """同意回避的，换一位合格的、不同于另一人的执法人员 (行政处罚法 42、43)."""
    if not move.data:
        return officers_named(move)
    if move.data["recusal_decision"] != "granted":
        return None
    out, into = move.data.get("recused_officer"), move.data.get("new_officer")
    staying = _case_uids(move) - {out}
    if not out or not into or len(staying) != 1:
        return Text(
            "同意回避的，请写明哪一位回避、由谁接替；回避的须是本案的执法人员。",
            "If it is granted, say which of the two officers steps aside, and who takes over.",
        )
    if into == out:
        return Text("接替的人不能是回避的人。", "Who takes over cannot be the one who steps aside.")
    other = Post.objects.get(uid=next(iter(staying))).pk
    return rules.two_officers(
        officer_at(other),
        officer_at(move.found["new_officer"]),
        lead_id=move.case.lead_id,
        party_id=move.case.applicant_id,
    )


@guard("enforcement.surcharge_capped")
def surcharge_capped(move: Move) -> Text | None:
    overdue = move.task is not None and move.at > move.task.due_at
    return rules.surcharge_capped(
        int(move.data.get("surcharge", 0)), move.case.facts.get("amount"), overdue=overdue
    )


@guard("enforcement.demanded_first")
def demanded_first(move: Move) -> Text | None:
    """申请法院强制执行前须催告，催告书送达十日后仍不履行 (行政强制法 54)."""
    last = Record.objects.filter(case_id=move.case.id, action="urge").order_by("-seq").first()
    if last is not None and move.at - last.at > AFTER_DEMAND:
        return None
    return Text(
        "申请法院强制执行前须先催告，送达十日后仍不履行的才能申请（行政强制法 54）。请先办“催告”。",
        "Before the court is asked, make a written demand and wait ten days (Compulsory Enforcement Law 54). "
        "Do “Demand in writing” first.",
    )
