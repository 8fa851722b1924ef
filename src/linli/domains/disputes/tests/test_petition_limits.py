"""Days and refusals of a petition (信访期限与不予办理的情形), on real dates of 2026."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from linli.base.clock import local
from linli.base.errors import Invalid, LinliError, NotAllowed, Refused
from linli.domains.disputes.tests import ways
from linli.domains.disputes.tests.ways import MONDAY, do, opened, petition
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case, Recusal, Task
from linli.kernel.procedures.visibility import visible_to
from tests.cast import Cast


def due_on(moment: datetime | None) -> date:
    assert moment is not None
    return local(moment).date()


def task_due_on(case: Case) -> date:
    return due_on(Task.objects.get(case=case, done_at__isnull=True).due_at)


def test_whoever_registers_has_fifteen_days_to_sort_it(law_cast: Cast) -> None:
    """2026-02-06 起 15 日，2 月 21 日在春节假期里，顺延到 2 月 24 日（facts 152）。"""
    at = datetime(2026, 2, 6, 1, 0, tzinfo=UTC)
    case = opened(law_cast, "petition", {"subject": "问过渡费", "description": "没有发。"}, at=at)
    assert task_due_on(case) == date(2026, 2, 24)
    assert case.due_at is None  # the sixty days have not begun


def test_the_sixty_days_run_from_acceptance_and_the_law_allows_no_more(law_cast: Cast) -> None:
    """2026-02-10 受理，60 日到 4 月 11 日（周六），顺延到 4 月 13 日（facts 152）。"""
    case = opened(
        law_cast,
        "petition",
        {"subject": "问过渡费", "description": "没有发。"},
        at=datetime(2026, 1, 27, 1, 0, tzinfo=UTC),
    )
    do(law_cast, case, *ways.FORWARD[1:], at=datetime(2026, 2, 3, 1, 0, tzinfo=UTC))
    do(law_cast, case, *ways.ACCEPT[1:], at=datetime(2026, 2, 10, 1, 0, tzinfo=UTC))
    assert due_on(case.due_at) == due_on(case.statutory_due_at) == task_due_on(case) == date(2026, 4, 13)


def test_an_extension_adds_thirty_days_once_and_is_the_heads_to_grant(law_cast: Cast) -> None:
    case, at = petition(law_cast, [ways.FORWARD, ways.ACCEPT])
    first = case.due_at
    with pytest.raises(NotAllowed):
        do(law_cast, case, "handler", "extend", {"reason": "情况复杂。"}, at=at)
    with pytest.raises(LinliError):
        do(law_cast, case, "municipal_leader", "extend", at=at)  # without a reason
    do(law_cast, case, "municipal_leader", "extend", {"reason": "要等鉴定。"}, at=at)
    assert first is not None
    assert case.due_at is not None
    assert timedelta(days=29) < case.due_at - first < timedelta(days=34)
    assert case.statutory_due_at == case.due_at
    with pytest.raises(Refused, match="延长过一次"):
        do(law_cast, case, "municipal_leader", "extend", {"reason": "还要等。"}, at=at)


def test_the_simple_procedure_takes_ten_working_days_and_never_outlives_the_sixty(law_cast: Cast) -> None:
    case, at = petition(law_cast, [ways.FORWARD, ways.ACCEPT])
    do(law_cast, case, "handler", "simplify", {"reason": "事实清楚。"}, at=at)
    # 2026-03-07 是周六：受理后第二个工作周结束
    assert task_due_on(case) == date(2026, 3, 20)
    do(law_cast, case, "handler", "to_ordinary", {"reason": "有争议。"}, at=at + timedelta(days=9))
    assert task_due_on(case) == due_on(case.due_at)


def test_the_simple_procedure_is_chosen_at_the_beginning(law_cast: Cast) -> None:
    case, at = petition(law_cast, [ways.FORWARD, ways.ACCEPT])
    with pytest.raises(Refused, match="交办后3"):
        do(law_cast, case, "handler", "simplify", {"reason": "事实清楚。"}, at=at + timedelta(days=10))


def test_a_wrong_forwarding_is_objected_to_within_five_working_days_and_once(law_cast: Cast) -> None:
    case, at = petition(law_cast, [ways.FORWARD])
    data = {"reason": "不属本单位职责。", "legal_basis": "三定方案"}
    with pytest.raises(Refused, match="交办后5"):
        do(law_cast, case, "handler", "object", data, at=at + timedelta(days=9))
    do(law_cast, case, "handler", "object", data, at=at + timedelta(days=6))
    do(law_cast, case, "petition_town", "refuse", {"reason": "权责清单列明。"}, at=at + timedelta(days=7))
    with pytest.raises(Refused, match="一次"):
        do(law_cast, case, "handler", "object", data, at=at + timedelta(days=8))


def test_a_group_in_person_sends_at_most_five(law_cast: Cast) -> None:
    entries = {"subject": "村集体账目", "description": "请求公开。", "n_people": 30}
    with pytest.raises(Invalid, match="代表"):
        opened(law_cast, "petition", entries, by="clerk", channel="window")
    with pytest.raises(Invalid) as refusal:
        opened(law_cast, "petition", {**entries, "n_representatives": 6}, by="clerk", channel="window")
    assert "5" in refusal.value.fields["n_representatives"].zh
    case = opened(law_cast, "petition", {**entries, "n_representatives": 5}, by="clerk", channel="window")
    assert case.facts["n_representatives"] == 5


def test_a_letter_of_many_needs_no_representatives(law_cast: Cast) -> None:
    entries = {"subject": "村集体账目", "description": "请求公开。", "n_people": 30}
    assert opened(law_cast, "petition", entries).step == "registered"


def test_whoever_is_reported_neither_gets_it_nor_sees_it(law_cast: Cast) -> None:
    case = opened(law_cast, "petition", {"subject": "违规收费", "description": "收据没有编号。"})
    with pytest.raises(Refused, match="回避"):
        do(
            law_cast,
            case,
            "petition_town",
            "forward",
            {"kind": "report", "lead": ways.MUNICIPAL},
            at=MONDAY,
        )
    with pytest.raises(LinliError):
        do(
            law_cast,
            case,
            "petition_town",
            "forward",
            {"kind": "report", "lead": "350102-garden", "accused": ["350102-garden"]},
            at=MONDAY,
        )
    do(
        law_cast,
        case,
        "petition_town",
        "forward",
        {"kind": "report", "lead": ways.MUNICIPAL, "accused": ["350102-garden"]},
        at=MONDAY,
    )
    assert Recusal.objects.filter(case=case, organisation=law_cast.organisation("garden")).exists()
    assert not visible_to(law_cast.actor("other_handler")).filter(pk=case.pk).exists()


def test_a_reporter_names_the_organisation_and_it_is_recused_from_the_first_moment(law_cast: Cast) -> None:
    case = opened(
        law_cast,
        "petition",
        {"subject": "违规收费", "description": "收据没有编号。", "accused": ["350102-centre"]},
    )
    # 综治中心的信访工作人员须回避，由县里甄别
    assert not visible_to(law_cast.actor("petition_town")).filter(pk=case.pk).exists()
    assert Task.objects.get(case=case).queue == "petition_officer@350102"
    do(
        law_cast,
        case,
        "petition_county",
        "forward",
        {"kind": "report", "lead": ways.MUNICIPAL},
        at=MONDAY,
    )
    assert case.step == "forwarded"


def test_each_kind_is_accepted_in_its_own_way(law_cast: Cast) -> None:
    case, at = petition(law_cast, [ways.FORWARD])
    for action in ("study", "inquire"):
        with pytest.raises(Refused, match="类型"):
            do(law_cast, case, "handler", action, at=at)
    other = opened(law_cast, "petition", {"subject": "建议", "description": "多装路灯。"})
    with pytest.raises(Refused, match="检举控告"):
        do(
            law_cast,
            other,
            "petition_town",
            "transfer",
            {"kind": "suggestion", "taken_to": "区纪委监委"},
            at=MONDAY,
        )


def test_an_opinion_states_its_basis_and_reason(law_cast: Cast) -> None:
    case, at = petition(law_cast, [ways.FORWARD, ways.ACCEPT])
    for missing in ("reason", "legal_basis", "opinion"):
        data = {k: v for k, v in ways.OPINION.items() if k != missing}
        with pytest.raises(Invalid) as refusal:
            do(law_cast, case, "handler", "reject", data, at=at)
        assert missing in refusal.value.fields


def test_no_opinion_while_a_hearing_is_under_way_and_its_time_counts(law_cast: Cast) -> None:
    case, at = petition(law_cast, [ways.FORWARD, ways.ACCEPT])
    due = case.due_at
    do(law_cast, case, "handler", "hold_hearing", {"subject": "过渡费是否应发"}, at=at)
    assert case.status == "open"
    with pytest.raises(Refused, match="听证"):
        do(law_cast, case, "handler", "reject", ways.OPINION, at=at + timedelta(days=1))
    with pytest.raises(Refused, match="听证"):
        do(law_cast, case, "handler", "hold_hearing", {"subject": "又一次"}, at=at + timedelta(days=1))
    hearing = Case.objects.get(origin=case, procedure="hearing")
    do(law_cast, hearing, "resident", "waive", at=at + timedelta(days=2))
    case.refresh_from_db()
    assert case.due_at == due
    do(law_cast, case, "handler", "reject", ways.OPINION, at=at + timedelta(days=3))
    assert case.step == "evaluating"


def test_an_outsider_and_another_department_cannot_act(law_cast: Cast) -> None:
    case, at = petition(law_cast, [ways.FORWARD])
    for who in ("outsider", "other_handler", "neighbour_dispatcher", "mediator"):
        with pytest.raises(NotAllowed):
            do(law_cast, case, who, "accept", at=at)
    with pytest.raises(LinliError) as refusal:
        engine.act(case.number, "accept", by=law_cast.actor("outsider"), at=at)
    assert refusal.value.status == 404
