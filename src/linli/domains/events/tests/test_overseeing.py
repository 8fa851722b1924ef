"""What supervisors do about an event (督办措施), and what they are refused."""

from __future__ import annotations

import pytest

from linli.base.errors import Invalid, NotAllowed, NotFound, Refused
from linli.base.i18n import Text
from linli.domains.events.tests.supervised import (
    HOUR,
    REASON,
    county_leader,
    higher_up,
    late,
    rows,
    swept,
    task_of,
)
from linli.kernel.notices.models import Notice
from linli.kernel.notices.queries import n_unread
from linli.kernel.procedures import engine, overseeing, proof, supervision
from linli.kernel.procedures.casebook import timeline
from linli.kernel.procedures.models import Case, Recusal, Supervision, Task
from linli.kernel.records.models import ErasableFact, Record
from tests.cast import Cast
from tests.events import MONDAY, event_at, reported

__all__ = ["higher_up"]


def test_urging_reaches_the_holders_and_is_counted_and_read_by_the_resident(cast: Cast) -> None:
    case, at = late(cast)
    for n in range(2):
        overseeing.urge(case.number, "今天内到场。", by=cast.actor("supervisor"), at=at + n * HOUR)
    row = Supervision.objects.get(case=case)
    assert (row.n_urged, row.urged_at) == (2, at + HOUR)
    notice = Notice.objects.filter(template="task.urged", account=cast.account("handler")).first()
    assert notice is not None
    assert notice.params["words"] == "今天内到场。"
    case.refresh_from_db()
    staff = [e for e in timeline(case, cast.actor("handler")) if e.action == "supervise.urge"]
    assert [str(f.value) for f in staff[0].facts] == ["今天内到场。"]
    party = [e for e in timeline(case, cast.actor("resident")) if e.action == "supervise.urge"]
    assert [(e.title, e.facts) for e in party] == [(Text("上级已催办", "Urged from above"), ())] * 2
    assert proof.replay(case) == []
    assert proof.verify_all().first_fault is None


def test_what_was_written_stays_erasable(cast: Cast) -> None:
    case, at = late(cast)
    overseeing.urge(case.number, "林小邻家门口。", by=cast.actor("supervisor"), at=at)
    record = Record.objects.filter(case_id=case.pk).latest("seq")
    assert "林小邻" not in record.facts
    assert ErasableFact.objects.filter(case_id=case.pk, seq=record.seq).count() == 1


def test_the_same_urging_sent_twice_is_one(cast: Cast) -> None:
    case, at = late(cast)
    for _ in range(2):
        overseeing.urge(case.number, "今天内到场。", by=cast.actor("supervisor"), client_key="k1", at=at)
    assert Supervision.objects.get(case=case).n_urged == 1
    assert n_unread(cast.actor("handler")) == Notice.objects.filter(account=cast.account("handler")).count()


@pytest.mark.parametrize(
    "who", ["handler", "dispatcher", "neighbour_dispatcher", "resident", "anonymous", "admin"]
)
def test_to_whoever_does_not_supervise_it_the_case_is_absent(cast: Cast, who: str) -> None:
    case, at = late(cast)
    for _, verb in overseeing.VERBS.values():
        with pytest.raises(NotFound):
            verb(case.number, REASON, by=cast.actor(who), at=at)
        with pytest.raises(NotFound):
            verb("350102-EV-2026-999999", REASON, by=cast.actor("supervisor"), at=at)


def test_a_recused_supervisor_finds_nothing(cast: Cast) -> None:
    case, at = late(cast)
    Recusal.objects.create(case=case, organisation=cast.organisation("government"), at=at)
    Case.objects.filter(pk=case.pk).update(recused=True)
    assert supervision.watched(cast.actor("supervisor")).items == []
    assert supervision.counts(cast.actor("supervisor"))["all"].n == 0
    with pytest.raises(NotFound):
        overseeing.urge(case.number, REASON, by=cast.actor("supervisor"), at=at)


def test_nobody_supervises_their_own_case(cast: Cast) -> None:
    case, at = late(cast)
    Case.objects.filter(pk=case.pk).update(applicant=cast.person("outsider"))
    from dataclasses import replace

    own = replace(cast.actor("supervisor"), person_id=cast.person("outsider").pk)
    with pytest.raises(NotFound):
        overseeing.settle(case.number, REASON, by=own, at=at)
    assert overseeing.verbs_for(Case.objects.get(pk=case.pk), own) == []


def test_an_ended_case_and_one_that_waits_for_its_party_are_not_urged(cast: Cast) -> None:
    closed = event_at(cast, "closed")
    with pytest.raises(Refused) as refused:
        overseeing.urge(closed.number, REASON, by=cast.actor("supervisor"), at=MONDAY + 9 * HOUR)
    assert refused.value.code == "supervision.ended"
    waiting = event_at(cast, "handling")
    Task.objects.filter(case=waiting).update(queue="person#1")
    for name, code in (
        ("urge", "supervision.nobody_to_urge"),
        ("take_over", "supervision.nothing_to_take_over"),
    ):
        with pytest.raises(Refused) as refused:
            overseeing.VERBS[name][1](
                waiting.number, REASON, by=cast.actor("supervisor"), at=MONDAY + 9 * HOUR
            )
        assert refused.value.code == code


def test_words_are_needed(cast: Cast) -> None:
    case, at = late(cast)
    with pytest.raises(Invalid) as refused:
        overseeing.settle(case.number, "  ", by=cast.actor("supervisor"), at=at)
    assert set(refused.value.fields) == {"supervision_words"}


def test_a_named_organisation_takes_over_as_the_lead_and_finishes_it(cast: Cast) -> None:
    case, at = late(cast)
    garden = cast.organisation("garden")
    overseeing.take_over(case.number, REASON, by=cast.actor("supervisor"), organisation=garden.code, at=at)
    case.refresh_from_db()
    task = task_of(case)
    assert (case.lead_id, case.facts["lead"]) == (garden.pk, garden.code)
    assert (task.queue, task.organisation_id) == (f"handler#{garden.pk}", garden.pk)
    assert rows(case) == [("supervisor@350102", "red", "taken_over")]
    told = dict(
        Notice.objects.filter(template__startswith="supervision.").values_list("template", "account_id")
    )
    assert told == {
        "supervision.taken_from": cast.account("handler").pk,
        "supervision.taken_over": cast.account("other_handler").pk,
    }
    assert proof.replay(case) == []
    data = {"result": "换了灯头。", "public_answer": "三盏灯都亮了。"}
    with pytest.raises(NotAllowed):
        engine.act(case, "answer", data, by=cast.actor("handler"), at=at + HOUR)
    engine.act(case, "answer", data, by=cast.actor("other_handler"), at=at + HOUR)
    case.refresh_from_db()
    assert case.step == "verifying"
    assert proof.replay(case) == []


def test_a_supervisor_without_such_a_post_does_the_step_themselves(cast: Cast) -> None:
    case, at = late(cast)
    lead = case.lead_id
    overseeing.take_over(case.number, REASON, by=cast.actor("supervisor"), at=at)
    case.refresh_from_db()
    assert case.lead_id == lead  # the next step is not left to an organisation that cannot do it
    data = {"result": "已协调修好。", "public_answer": "三盏灯都亮了。"}
    engine.act(case, "answer", data, by=cast.actor("supervisor"), at=at + HOUR)
    case.refresh_from_db()
    assert case.step == "verifying"
    assert proof.replay(case) == []


def test_what_cannot_be_taken_over_is_refused_with_the_reason(cast: Cast) -> None:
    case, at = late(cast)

    def refused(organisation: str) -> str:
        with pytest.raises(Refused) as error:
            overseeing.take_over(
                case.number, REASON, by=cast.actor("supervisor"), organisation=organisation, at=at
            )
        return error.value.code

    assert refused("350102-municipal") == "supervision.same_organisation"
    assert refused("350102-property") == "supervision.nobody_there"
    Recusal.objects.create(case=case, organisation=cast.organisation("garden"), at=at)
    Case.objects.filter(pk=case.pk).update(recused=True)
    assert refused("350102-garden") == "supervision.recused"
    with pytest.raises(Invalid):
        overseeing.take_over(case.number, REASON, by=cast.actor("supervisor"), organisation="nope", at=at)
    assert Record.objects.filter(case_id=case.pk, action="supervise.take_over").count() == 0


def test_a_township_task_is_taken_by_the_supervisor(cast: Cast) -> None:
    case = reported(cast)
    at = swept(case, 1.1) + HOUR
    overseeing.take_over(case.number, REASON, by=cast.actor("supervisor"), at=at)
    with pytest.raises(Refused) as refused:
        overseeing.take_over(case.number, REASON, by=cast.actor("supervisor"), at=at + HOUR)
    assert refused.value.code == "supervision.same_organisation"
    data = {"category": "test:1:lamp", "grade": "simple"}
    engine.act(case, "accept", data, by=cast.actor("supervisor"), at=at + HOUR)
    case.refresh_from_db()
    assert task_of(case).queue == "dispatcher@350102001"


@pytest.mark.usefixtures("higher_up")
def test_reporting_up_puts_it_before_the_next_above(cast: Cast) -> None:
    case = event_at(cast, "handling")
    at = swept(case, 0.9)
    overseeing.report_up(case.number, REASON, by=cast.actor("leader"), at=at)
    assert rows(case) == [
        ("leader@350102001", "yellow", "reported_up"),
        ("supervisor@350102", "yellow", "open"),
    ]
    with pytest.raises(Refused) as refused:
        overseeing.report_up(case.number, REASON, by=cast.actor("leader"), at=at)
    assert refused.value.code == "supervision.not_with_you"
    swept(case, 1.1)
    assert rows(case)[1:] == [("supervisor@350102", "red", "open")]
    with pytest.raises(Refused) as refused:
        overseeing.report_up(case.number, REASON, by=cast.actor("supervisor"), at=at)
    assert refused.value.code == "supervision.nobody_above"
    county_leader(cast)
    overseeing.report_up(case.number, REASON, by=cast.actor("supervisor"), at=at)
    assert rows(case)[1:] == [
        ("supervisor@350102", "red", "reported_up"),
        ("leader@350102", "red", "open"),
    ]
    told = Notice.objects.filter(template="supervision.reported_up").values_list("account_id", flat=True)
    assert set(told) == {cast.account("admin").pk, cast.account("supervisor").pk}
    case.refresh_from_db()
    assert proof.replay(case) == []


@pytest.mark.usefixtures("higher_up")
def test_what_is_with_the_next_above_already_is_not_reported_again(cast: Cast) -> None:
    case, at = late(cast)
    with pytest.raises(Refused) as refused:
        overseeing.report_up(case.number, REASON, by=cast.actor("leader"), at=at)
    assert refused.value.code == "supervision.reported_already"


def test_settling_says_why_and_the_row_is_gone(cast: Cast) -> None:
    case, at = late(cast)
    overseeing.settle(case.number, "已问明，配件明天到。", by=cast.actor("supervisor"), at=at)
    assert rows(case) == [("supervisor@350102", "red", "settled")]
    with pytest.raises(Refused):
        overseeing.settle(case.number, REASON, by=cast.actor("supervisor"), at=at)
    assert overseeing.verbs_for(Case.objects.get(pk=case.pk), cast.actor("supervisor")) == [
        "urge",
        "take_over",
    ]
