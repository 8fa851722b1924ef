"""Mediation and judicial confirmation (人民调解、司法确认): free will, an impartial mediator, thirty days to the court."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from linli.base.clock import local
from linli.base.errors import LinliError, NotAllowed, Refused
from linli.domains.disputes.tests import ways
from linli.domains.disputes.tests.ways import do, mediation, walked
from linli.kernel.procedures.models import Case
from linli.kernel.records.models import Record
from tests.cast import Cast

JOINT = {"jointly": True, "court": "鼓楼区人民法院"}
BEGIN = ways.BEGIN[3]
ACCEPTS = {"court_number": "（2026）闽0102民特1号"}


def confirmation_of(case: Case) -> Case:
    return Case.objects.get(origin=case, procedure="judicial-confirmation")


def test_no_mediation_without_the_consent_of_both(law_cast: Cast) -> None:
    case, at = mediation(law_cast, [ways.TAKE_UP])
    with pytest.raises(Refused, match="一方不同意"):
        do(law_cast, case, "mediator", "begin", {**BEGIN, "both_agree": False}, at=at)
    do(law_cast, case, "mediator", "no_consent", ways.OTHER_WAYS, at=at)
    assert case.outcome == "no_consent"


def test_the_mediator_is_no_party_and_has_no_interest(law_cast: Cast) -> None:
    case, at = mediation(law_cast, [ways.TAKE_UP])
    for data in ({**BEGIN, "no_interest": False}, {**BEGIN, "other_party": "赖调解"}):
        with pytest.raises(Refused, match="利害关系"):
            do(law_cast, case, "mediator", "begin", data, at=at)


def test_whoever_was_asked_to_leave_does_not_mediate_again(law_cast: Cast) -> None:
    case, at = mediation(law_cast, [ways.TAKE_UP, ways.BEGIN])
    do(law_cast, case, "resident", "change_mediator", {"reason": "是对方的牌友。"}, at=at)
    with pytest.raises(LinliError):
        do(law_cast, case, "mediator", "agree", ways.AGREEMENT, at=at)
    do(law_cast, case, "town_mediator", "agree", ways.AGREEMENT, at=at)
    assert case.step == "performing"


def test_a_written_agreement_is_in_force_once_signed_an_oral_one_once_agreed(law_cast: Cast) -> None:
    case, at = mediation(law_cast, [ways.TAKE_UP, ways.BEGIN])
    with pytest.raises(Refused, match="签名"):
        do(law_cast, case, "mediator", "agree", {**ways.AGREEMENT, "signed": False}, at=at)
    oral = {**ways.AGREEMENT, "agreement_form": "oral", "signed": False}
    do(law_cast, case, "mediator", "agree", oral, at=at)
    assert case.step == "performing"


def test_either_side_may_end_it(law_cast: Cast) -> None:
    case, at = mediation(law_cast, [ways.TAKE_UP, ways.BEGIN])
    with pytest.raises(NotAllowed):
        do(law_cast, case, "outsider", "terminate", at=at)
    do(law_cast, case, "resident", "terminate", at=at)
    assert case.status == "ended"


def test_confirmation_is_asked_for_by_both_within_thirty_days_of_the_agreement(law_cast: Cast) -> None:
    case, at = mediation(law_cast, [ways.TAKE_UP, ways.BEGIN, ways.AGREE])
    with pytest.raises(Refused, match="共同"):
        do(law_cast, case, "resident", "apply_confirmation", {**JOINT, "jointly": False}, at=at)
    # 3 月 5 日生效，第 30 日 4 月 4 日是清明假期，顺延到 4 月 7 日
    with pytest.raises(Refused, match="2026-04-07"):
        do(law_cast, case, "resident", "apply_confirmation", JOINT, at=at + timedelta(days=34))
    do(law_cast, case, "resident", "apply_confirmation", JOINT, at=at + timedelta(days=33))
    assert confirmation_of(case).facts["court"] == "鼓楼区人民法院"
    with pytest.raises(Refused, match="申请过"):
        do(law_cast, case, "clerk", "apply_confirmation", JOINT, at=at + timedelta(days=33))


def test_the_court_has_three_days_then_fifteen_and_ten_more(law_cast: Cast) -> None:
    case, at = mediation(law_cast, [ways.TAKE_UP, ways.BEGIN, ways.AGREE])
    do(law_cast, case, "mediator", "apply_confirmation", JOINT, at=at)
    assert confirmation_of(case).due_at is None
    at += timedelta(days=1)
    assert local(at).date() == date(2026, 3, 6)
    court = do(law_cast, confirmation_of(case), "clerk", "court_accepts", ACCEPTS, at=at)
    assert court.due_at is not None
    assert local(court.due_at).date() == date(2026, 3, 23)  # 3 月 21 日是周六
    do(
        law_cast,
        court,
        "clerk",
        "extend",
        {"reason": "要核实产权。", "document": "审批〔2026〕1号"},
        at=at,
    )
    assert court.due_at is not None
    assert local(court.due_at).date() == date(2026, 4, 2)
    assert court.statutory_due_at == court.due_at


def test_what_the_court_says_is_written_on_the_mediation(law_cast: Cast) -> None:
    for way, said in (("confirmed", "confirmed"), ("refused", "not_confirmed")):
        case, at = mediation(law_cast, [ways.TAKE_UP, ways.BEGIN, ways.AGREE])
        do(law_cast, case, "mediator", "apply_confirmation", JOINT, at=at)
        walked(law_cast, confirmation_of(case), ways.CONFIRMATION[way][0], since=at)
        last = Record.objects.filter(case_id=case.pk).order_by("-seq").first()
        assert last is not None
        assert last.action == said
        case.refresh_from_db()
        assert case.step == "performing"


def test_an_agreement_that_was_not_confirmed_can_be_mediated_anew_and_confirmed(law_cast: Cast) -> None:
    case, at = mediation(law_cast, [ways.TAKE_UP, ways.BEGIN, ways.AGREE])
    do(law_cast, case, "mediator", "apply_confirmation", JOINT, at=at)
    at = walked(law_cast, confirmation_of(case), ways.CONFIRMATION["refused"][0], since=at)
    do(law_cast, case, "resident", "mediate_again", {"note": "改写第三条。"}, at=at)
    do(law_cast, case, "town_mediator", "agree", ways.AGREEMENT, at=at)
    do(law_cast, case, "clerk", "apply_confirmation", JOINT, at=at + timedelta(days=2))
    assert Case.objects.filter(origin=case, procedure="judicial-confirmation").count() == 2


def test_a_petition_offers_mediation_and_learns_what_came_of_it(law_cast: Cast) -> None:
    petition, at = ways.petition(law_cast, [ways.FORWARD, ways.ACCEPT])
    do(law_cast, petition, "handler", "mediate", {"subject": "过渡费数额"}, at=at)
    case = Case.objects.get(origin=petition, procedure="mediation")
    walked(law_cast, case, ways.MEDIATION["failed"][0], since=at)
    last = Record.objects.filter(case_id=petition.pk).order_by("-seq").first()
    assert last is not None
    assert last.action == "not_mediated"
