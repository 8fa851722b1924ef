"""Applying for a matter (申请事项): what is asked, what is known, what is refused, and the way to the archive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from linli.base.clock import local
from linli.base.errors import Invalid, LinliError, Refused
from linli.domains.matters.applying import apply
from linli.domains.matters.models import Application, ApplicationPaper, MatterVersion
from linli.kernel.people.models import AccessEntry
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import sealed_fact
from linli.kernel.procedures.models import Case, RefusedWrite
from linli.kernel.procedures.proof import replay
from tests.cast import Cast
from tests.servicecast import moves_out, put_in_force

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 6, 1, 1, tzinfo=UTC)  # 09:00 in Shanghai
HOUR = timedelta(hours=1)
CARD: dict[str, Any] = {
    "answers": {"kind": ["limb"], "home": True},
    "papers": {"photo": "bring", "records": "later"},
    "commitment": True,
}


def applied(cast: Cast, code: str = "disability-card", *, by: str = "resident", **changed: Any) -> Case:
    receipt = apply(
        code,
        by=cast.actor(by),
        area=cast.area("village1"),
        **{
            "channel": "web" if by == "resident" else "window",
            "applicant": cast.person("resident"),
            "at": MONDAY,
            **CARD,
            **changed,
        },
    )
    return Case.objects.get(number=receipt.number)


def do(cast: Cast, case: Case, who: str, action: str, at: datetime, **data: Any) -> Case:
    engine.act(case, action, data, by=cast.actor(who), at=at)
    case.refresh_from_db()
    return case


def states(case: Case) -> dict[str, str]:
    return dict(ApplicationPaper.objects.filter(application=case.pk).values_list("code", "state"))


@pytest.fixture
def card(service_cast: Cast) -> Cast:
    put_in_force(service_cast, "disability-card")
    return service_cast


def test_from_application_to_archive_with_papers_to_follow(card: Cast) -> None:
    case = applied(card)
    assert case.lead_id == card.organisation("disabled").pk
    assert states(case) == {"photo": "bring", "records": "later"}
    assert case.due_at is not None
    with pytest.raises(Refused) as open_:
        do(card, case, "disabled_examiner", "accept", MONDAY + HOUR)
    assert "两寸近期照片" in open_.value.message.zh
    do(card, case, "disabled_examiner", "take_papers", MONDAY + HOUR, handed=["photo"])
    do(card, case, "disabled_examiner", "accept_tolerant", MONDAY + 2 * HOUR)
    assert case.step == "examining"
    assert (
        f"{local(case.due_at):%Y-%m-%d}" == "2026-06-30"
    )  # 20 working days; 19 June is the Dragon Boat Festival
    follow = Case.objects.get(origin=case, procedure="supplement")
    do(card, case, "disabled_examiner", "report", MONDAY + 3 * HOUR, opinion="肢体三级。")
    with pytest.raises(Refused) as not_yet:
        do(card, case, "disabled_leader", "grant", MONDAY + 4 * HOUR, result_words="肢体三级。")
    assert "病历" in not_yet.value.message.zh
    do(card, follow, "resident", "supply", MONDAY + 5 * HOUR, supplied="检查报告")
    assert states(case)["records"] == "brought"
    case.refresh_from_db()
    do(card, case, "disabled_leader", "grant", MONDAY + 6 * HOUR, result_words="肢体三级。")
    do(card, case, "disabled_examiner", "deliver", MONDAY + 7 * HOUR, delivery="window")
    assert (case.status, case.outcome) == ("ended", "granted")
    kept = Application.objects.get(case=case)
    assert (kept.archive, str(kept.archived_on)) == ("matters", "2026-06-01")
    do(card, case, "resident", "rate", MONDAY + 8 * HOUR, satisfied=5)
    assert replay(case) == []


# ------------------------------------------------------------------------------------------ what is asked


def test_everything_to_mend_is_said_at_once_and_nobody_is_left_behind(card: Cast) -> None:
    with pytest.raises(Invalid) as wrong:
        applied(card, answers={"nonsense": 1}, papers={"photo": "later", "no": "bring"}, commitment=False)
    assert set(wrong.value.fields) == {"kind", "nonsense", "photo", "no"}
    assert not Case.objects.exists()
    with pytest.raises(Invalid) as unsigned:
        applied(card, commitment=False)
    assert set(unsigned.value.fields) == {"commitment"}


def test_nobody_puts_answers_past_the_form(card: Cast) -> None:
    data = {
        "matter": "350102/disability-card/1",
        "office": "350102-disabled",
        "subject": "x",
        "answers": [
            {"code": "kind", "title": ["", ""], "value": 1, "words": ["", ""], "source": ["民政", "x"]}
        ],
        "papers": [{"code": "photo", "state": "brought"}],
    }
    with pytest.raises(Invalid) as wrong:
        engine.open_case(
            "service",
            by=card.actor("resident"),
            area=card.area("village1"),
            data=data,
            channel="web",
            applicant=card.person("resident"),
        )
    assert {"answers", "papers"} <= set(wrong.value.fields)


def test_what_is_known_is_not_asked_and_cannot_be_said_otherwise(service_cast: Cast) -> None:
    put_in_force(service_cast, "subsistence")
    answers = {"cause": "age", "income": "1,200", "consent": True}
    case = applied(service_cast, "subsistence", answers=answers, papers={"authority": "bring"})
    said = sealed_fact(case, "answers")
    assert said[0]["code"] == "members"
    assert said[0]["value"] == "林小样、林老邻"
    assert said[0]["source"][0]
    assert said[0]["as_of"] == "2026-01-01"
    kept = Application.objects.get(case=case)
    assert (kept.n_spared_fields, kept.n_spared_papers) == (
        5,
        1,
    )  # name, number, phone, address, household; the register
    with pytest.raises(Invalid) as otherwise:
        applied(
            service_cast, "subsistence", answers={**answers, "members": "别人"}, papers={"authority": "bring"}
        )
    assert "更正" in otherwise.value.fields["members"].zh


def test_a_clerk_who_uses_what_is_known_leaves_a_look_with_the_case(service_cast: Cast) -> None:
    put_in_force(service_cast, "subsistence")
    answers = {"cause": "age", "income": 1200, "consent": True}
    case = applied(service_cast, "subsistence", by="clerk", answers=answers, papers={"authority": "brought"})
    look = AccessEntry.objects.get(person=service_cast.person("resident"), case_number=case.number)
    assert look.what == "household.members"
    for named in ("child", "parent"):  # whoever the value names reads it, too
        assert AccessEntry.objects.filter(person=service_cast.person(named), case_number=case.number).exists()
    assert states(case)["authority"] == "brought"


def test_a_channel_that_the_matter_does_not_take_is_refused(card: Cast) -> None:
    version = MatterVersion.objects.get()
    version.spec = {**version.spec, "channels": ["window"]}
    version.save()
    with pytest.raises(Refused) as closed:
        applied(card)
    assert closed.value.code == "matters.channel_closed"


def test_the_same_key_is_answered_once(card: Cast) -> None:
    first = applied(card, client_key="k-1")
    assert applied(card, client_key="k-1").pk == first.pk
    assert Application.objects.count() == 1


def test_the_same_key_is_answered_once_though_a_register_has_learnt_more(service_cast: Cast) -> None:
    """The child moves out between the first sending and the second: it is still the application that was sent."""
    put_in_force(service_cast, "subsistence")
    means = {"cause": "age", "income": 1200.5, "consent": True}
    send = partial(applied, service_cast, "subsistence", papers={"authority": "bring"}, commitment=False, client_key="k-1")  # fmt: skip
    first = send(answers=means)
    moves_out(service_cast, "child", MONDAY + HOUR)
    assert send(answers=means, at=MONDAY + 2 * HOUR).pk == first.pk
    with pytest.raises(Refused) as other:
        send(answers={**means, "income": 900})
    assert other.value.code == "procedures.key_taken"
    assert (Application.objects.count(), RefusedWrite.objects.count()) == (1, 1)


# ------------------------------------------------------------------------------------------ its steps


def test_what_is_missing_is_said_once_and_corrected_papers_are_looked_at_again(card: Cast) -> None:
    case = applied(card, papers={"photo": "bring", "records": "bring"}, commitment=False)
    do(card, case, "disabled_examiner", "ask_correction", MONDAY + HOUR, missing="交照片", lacking=["photo"])
    assert states(case)["photo"] == "missing"
    do(card, case, "resident", "correct", MONDAY + 2 * HOUR, corrected="照片交到窗口了")
    assert states(case) == {"photo": "brought", "records": "brought"}
    with pytest.raises(LinliError):
        do(card, case, "disabled_examiner", "ask_correction", MONDAY + 3 * HOUR, missing="再要一份")


def test_the_clock_stops_only_for_what_the_matter_lists(card: Cast) -> None:
    case = applied(card, papers={"photo": "bring", "records": "bring"}, commitment=False)
    do(card, case, "disabled_examiner", "take_papers", MONDAY, handed=["photo", "records"])
    do(card, case, "disabled_examiner", "accept", MONDAY)
    with pytest.raises(Refused):
        do(card, case, "disabled_examiner", "pause", MONDAY, ground="hearing", special="开会")
    do(card, case, "disabled_examiner", "pause", MONDAY, ground="expert-review", special="指定医院评定")
    assert case.status == "suspended"
    do(card, case, "disabled_examiner", "go_on", MONDAY + timedelta(days=7), finding="肢体三级")
    assert case.due_at is not None
    assert f"{local(case.due_at):%Y-%m-%d}" > "2026-06-30"


def test_a_refusal_without_reason_or_basis_is_not_sent(card: Cast) -> None:
    case = applied(card)
    with pytest.raises(Invalid) as bare:
        do(card, case, "disabled_examiner", "decline", MONDAY)
    assert {"reason", "legal_basis"} <= set(bare.value.fields)


def test_papers_change_hands_on_the_record(card: Cast) -> None:
    case = applied(card, by="clerk", papers={"photo": "brought"}, commitment=False)
    hands = {"handed": ["photo"], "handed_from": "window", "handed_to": "window"}
    with pytest.raises(Invalid):
        do(card, case, "clerk", "hand_over", MONDAY, **hands)
    with pytest.raises(Invalid):
        do(card, case, "clerk", "hand_over", MONDAY, **{**hands, "handed_to": "office", "handed": ["other"]})
    do(card, case, "clerk", "hand_over", MONDAY, **{**hands, "handed_to": "office"})
    assert ApplicationPaper.objects.get(application=case.pk, code="photo").holder == "office"
    do(
        card,
        case,
        "clerk",
        "hand_over",
        MONDAY,
        handed=["photo"],
        handed_from="office",
        handed_to="applicant",
    )
    assert states(case)["photo"] == "given_back"


def test_papers_promised_and_not_brought_close_the_way_to_a_result(card: Cast) -> None:
    case = applied(card)
    do(card, case, "disabled_examiner", "take_papers", MONDAY, handed=["photo"])
    do(card, case, "disabled_examiner", "accept_tolerant", MONDAY)
    follow = Case.objects.get(origin=case, procedure="supplement")
    engine.tick(MONDAY + timedelta(days=20))
    follow.refresh_from_db()
    assert follow.outcome == "not_supplied"
    do(card, case, "disabled_examiner", "report", MONDAY + timedelta(days=20), opinion="没有检查报告。")
    with pytest.raises(Refused):
        do(card, case, "disabled_leader", "grant", MONDAY + timedelta(days=20), result_words="x")


# ------------------------------------------------------------------------------------------ other procedures


def test_an_allowance_is_visited_shown_and_decided_by_others(service_cast: Cast) -> None:
    cast = service_cast
    put_in_force(cast, "subsistence")
    answers = {"cause": "age", "income": 900, "consent": True}
    case = applied(cast, "subsistence", by="clerk", answers=answers, papers={"authority": "brought"})
    do(cast, case, "clerk", "accept", MONDAY)
    do(cast, case, "care_lead", "visit", MONDAY + HOUR, finding="两位老人，无其他收入。", means="fits")
    with pytest.raises(Refused):
        do(cast, case, "civil_examiner", "report", MONDAY + 2 * HOUR, opinion="符合。")
    shown = {"household_of": "林小邻户", "proposal": "拟救助 3 人，每月 1800 元"}
    do(cast, case, "civil_examiner", "show", MONDAY + 2 * HOUR, **shown)
    engine.tick(MONDAY + timedelta(days=9))
    case.refresh_from_db()
    assert case.step == "examining"
    later = MONDAY + timedelta(days=9)
    do(cast, case, "civil_examiner", "report", later, opinion="符合。")
    do(cast, case, "civil_leader", "grant", later, result_words="从六月起每月 1800 元。")
    do(cast, case, "civil_examiner", "deliver", later, delivery="electronic")
    assert Application.objects.get(case=case).archive == "assistance"


def test_a_device_is_lent_renewed_once_and_returned(service_cast: Cast) -> None:
    cast = service_cast
    put_in_force(cast, "device-loan")
    answers = {"device": "wheelchair", "until": "2026-07-01", "bring": True}
    case = applied(
        cast,
        "device-loan",
        by="clerk",
        channel="phone",
        answers=answers,
        papers={"loan": "bring"},
        commitment=False,
    )
    lend = {"device": "轮椅 07 号", "condition": "完好", "delivery": "window"}
    with pytest.raises(Refused):
        do(cast, case, "disabled_examiner", "lend", MONDAY, lent_until="2026-07-01", **lend)
    do(cast, case, "disabled_examiner", "take_papers", MONDAY, handed=["loan"])
    with pytest.raises(Refused):
        do(cast, case, "disabled_examiner", "lend", MONDAY, lent_until="2027-07-01", **lend)
    do(cast, case, "disabled_examiner", "lend", MONDAY, lent_until="2026-07-01", **lend)
    do(cast, case, "resident", "renew", MONDAY + timedelta(days=20), lent_until="2026-08-01")
    with pytest.raises(LinliError):
        do(cast, case, "resident", "renew", MONDAY + timedelta(days=21), lent_until="2026-09-01")
    do(cast, case, "disabled_examiner", "give_back", MONDAY + timedelta(days=40), condition="完好")
    assert (case.outcome, Application.objects.get(case=case).archived_on is not None) == ("granted", True)


def test_a_loan_that_is_over_is_reminded_of_and_nothing_else(service_cast: Cast) -> None:
    cast = service_cast
    put_in_force(cast, "device-loan")
    answers = {"device": "bed", "until": "2026-07-01"}
    case = applied(
        cast, "device-loan", by="clerk", answers=answers, papers={"loan": "brought"}, commitment=False
    )
    lend = {"device": "床 2 号", "condition": "完好", "delivery": "window", "lent_until": "2026-07-01"}
    do(cast, case, "clerk", "lend", MONDAY, **lend)
    engine.tick(MONDAY + timedelta(days=95))
    case.refresh_from_db()
    assert (case.step, case.status) == ("overdue", "open")


def test_the_village_carries_papers_with_a_receipt_at_each_hand(service_cast: Cast) -> None:
    cast = service_cast
    put_in_force(cast, "village-medical-claim")
    case = applied(
        cast,
        "village-medical-claim",
        by="agent",
        channel="agency",
        answers={"amount": "3560.5"},
        papers={"bills": "brought"},
        commitment=False,
    )
    assert case.lead_id == cast.organisation("committee").pk
    do(cast, case, "agent", "take_on", MONDAY, mandated="signed", handed=["bills"])
    assert ApplicationPaper.objects.get(application=case.pk, code="bills").holder == "agent"
    do(cast, case, "agent", "hand_in", MONDAY + HOUR, taken_to="医保窗口 0601-07", handed=["bills"])
    do(cast, case, "agent", "bring_back", MONDAY + timedelta(days=3), result_words="报销 2100 元，已到账。")
    do(cast, case, "resident", "rate", MONDAY + timedelta(days=4), satisfied=5)
    assert case.outcome == "granted"
