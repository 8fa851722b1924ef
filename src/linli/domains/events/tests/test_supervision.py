"""Supervision of events (督办): what the sweeper puts before whom, and what supervisors do about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection

from linli.base.errors import Invalid, NotAllowed, NotFound, Refused
from linli.base.i18n import Text
from linli.kernel.notices.models import Notice
from linli.kernel.notices.queries import n_unread
from linli.kernel.people.models import Appointment, Post
from linli.kernel.procedures import engine, overseeing, proof, supervision, sweeper, versions
from linli.kernel.procedures.casebook import timeline
from linli.kernel.procedures.holders import able_in
from linli.kernel.procedures.models import Case, ProcedureVersion, Recusal, Supervision, Task
from linli.kernel.records.models import ErasableFact, Record
from tests.cast import Cast
from tests.events import MONDAY, event_at, reported
from tests.load.counting import counted

HOUR = timedelta(hours=1)
REASON = "已超时，居民多次反映。"


@pytest.fixture
def higher_up(db: None) -> Iterator[None]:
    """A county where red goes to the supervisor at once, and to the county's leader at twice the limit."""
    import json

    versions.forget()
    from linli.kernel.procedures.loader import merge
    from linli.kernel.procedures.versions import load_all, shipped_files

    load_all()
    raw = merge(
        shipped_files()["grid-event"][1],
        {
            "escalation": [
                {"at": "50%", "do": "remind"},
                {"at": "80%", "do": "yellow", "to": "leader@township"},
                {"at": "100%", "do": "red", "to": "supervisor@county"},
                {"at": "200%", "do": "red", "to": "leader@county"},
            ]
        },
    )
    ProcedureVersion.objects.create(
        code="grid-event",
        version=1,
        jurisdiction="350102",
        digest="test",
        definition=json.dumps(raw, ensure_ascii=False, default=str),
        loaded_at=MONDAY,
    )
    versions.forget()
    yield
    versions.forget()


def county_leader(cast: Cast) -> None:
    """Puts the administrator's account into a post of the county's leader."""
    post = Post.objects.create(
        organisation=cast.organisation("government"),
        title="分管副区长",
        title_en="Vice head",
        roles=["leader"],
        area=cast.area("county"),
    )
    Appointment.objects.create(post=post, account=cast.account("admin"), from_on=MONDAY.date())


def task_of(case: Case) -> Task:
    return Task.objects.get(case=case, done_at__isnull=True)


def at_share(case: Case, share: float) -> datetime:
    task = task_of(case)
    return task.opened_at + share * (task.due_at - task.opened_at) + timedelta(seconds=1)


def swept(case: Case, share: float) -> datetime:
    """The sweeper's turns up to a share of the present task's limit."""
    moment = at_share(case, share)
    for _ in range(6):
        engine.tick(moment)
    return moment


def rows(case: Case) -> list[tuple[str, str, str]]:
    return [
        (r.queue, r.level, "open" if r.done_at is None else r.outcome)
        for r in Supervision.objects.filter(case=case).order_by("id")
    ]


# ------------------------------------------------------------------------------------------------ the sweeper


@pytest.mark.usefixtures("higher_up")
def test_each_share_of_the_limit_comes_before_the_next_above(cast: Cast) -> None:
    county_leader(cast)
    case = event_at(cast, "handling")
    swept(case, 0.6)
    assert rows(case) == []
    assert Notice.objects.filter(template="task.remind", account=cast.account("handler")).exists()
    swept(case, 0.9)
    assert rows(case) == [("leader@350102001", "yellow", "open")]
    assert Notice.objects.filter(template="supervision.due_soon", account=cast.account("leader")).exists()
    swept(case, 1.1)
    assert rows(case)[1:] == [("supervisor@350102", "red", "open")]
    swept(case, 1.9)
    assert len(rows(case)) == 2
    swept(case, 2.1)
    assert rows(case)[2:] == [("leader@350102", "red", "open")]
    told = (
        Notice.objects.filter(template="task.reported_up").order_by("id").values_list("account_id", flat=True)
    )
    assert list(told) == [cast.account("supervisor").pk, cast.account("admin").pk]
    assert task_of(case).alert_at is None
    last = Record.objects.filter(case_id=case.pk).latest("seq")
    assert '"to":"leader@350102"' in last.facts
    case.refresh_from_db()
    assert proof.replay(case) == []


def test_the_notice_says_who_has_it(cast: Cast) -> None:
    case = event_at(cast, "handling")
    swept(case, 1.1)
    notice = Notice.objects.get(template="task.reported_up")
    assert notice.params["by"]["zh"] == "区市政维护中心"


@pytest.mark.usefixtures("higher_up")
def test_what_was_settled_at_yellow_comes_back_at_red_to_the_same_queue(cast: Cast) -> None:
    case = event_at(cast, "handling")
    swept(case, 0.9)
    row = Supervision.objects.get(case=case)
    moment = at_share(case, 0.95)
    overseeing.settle(case.number, "已问过，明天到货。", by=cast.actor("leader"), at=moment)
    assert rows(case) == [("leader@350102001", "yellow", "settled")]
    supervision.raise_row(case.pk, row.task_id, row.queue, "red", moment + HOUR)
    row.refresh_from_db()
    assert (row.level, row.done_at, row.since) == ("red", None, moment + HOUR)
    supervision.raise_row(case.pk, row.task_id, row.queue, "yellow", moment + 2 * HOUR)
    row.refresh_from_db()
    assert (row.level, row.since) == ("red", moment + HOUR)


def test_done_tasks_leave_the_list_of_whoever_supervises_them(cast: Cast) -> None:
    case = event_at(cast, "handling")
    moment = swept(case, 1.1)
    task = task_of(case)
    assert len(supervision.watched(cast.actor("supervisor")).items) == 1
    supervision.tasks_closed([task.pk], moment)
    supervision.tasks_closed([], moment)
    assert rows(case) == [("supervisor@350102", "red", "moved")]
    assert supervision.watched(cast.actor("supervisor")).items == []


def test_a_case_that_moves_on_is_no_longer_supervised(cast: Cast) -> None:
    case = event_at(cast, "handling")
    moment = swept(case, 1.1)
    data = {"result": "换了灯头。", "public_answer": "三盏灯都亮了。"}
    engine.act(case, "answer", data, by=cast.actor("handler"), at=moment + HOUR)
    assert supervision.watched(cast.actor("supervisor")).items == []
    assert supervision.counts(cast.actor("supervisor"))["all"].n == 0


def due_tasks(case: Case, n: int, at: datetime) -> None:
    """So many cases like this one, each with a task that is to be looked at now."""
    source = Case.objects.get(pk=case.pk)
    task = task_of(case)
    step = timedelta(seconds=1)
    made = []
    for i in range(n):
        source.pk, source.number = None, f"350102-EV-2026-9{Case.objects.count() + i:05d}"
        made.append(
            Case(
                **{
                    f.attname: getattr(source, f.attname)
                    for f in Case._meta.concrete_fields
                    if f.attname != "id"
                }
            )
        )
    Case.objects.bulk_create(made)
    Task.objects.bulk_create(
        Task(
            case=other,
            step=task.step,
            part=task.part,
            queue=task.queue,
            role=task.role,
            organisation_id=task.organisation_id,
            opened_at=task.opened_at,
            due_at=task.due_at,
            period=task.period,
            alert_at=at - (n - i) * step,
        )
        for i, other in enumerate(made)
    )


def not_due(case: Case, n: int, at: datetime) -> None:
    task = task_of(case)
    other = Case.objects.exclude(pk=case.pk).first()
    assert other is not None
    Task.objects.bulk_create(
        Task(
            case=other,
            step=task.step,
            part=task.part,
            queue="handler#0",
            role=task.role,
            opened_at=task.opened_at,
            due_at=task.due_at,
            alert_at=at + timedelta(days=30, seconds=i),
            done_at=task.opened_at,
        )
        for i in range(n)
    )


def test_a_sweep_costs_the_same_however_many_tasks_there_are(cast: Cast) -> None:
    case = event_at(cast, "handling")
    moment = at_share(case, 1.1)
    Task.objects.filter(case=case).update(alert_at=None)
    costs = []
    for n in (1_000, 4_000):
        due_tasks(case, 100, moment)
        not_due(case, n, moment)
        able_in("handler#0")  # the list of holders is read once, and kept
        with counted() as statements:
            assert engine.tick(moment, limit=100) == 100
        costs.append(len(statements))
        Task.objects.exclude(case=case).update(alert_at=None)
    assert abs(costs[0] - costs[1]) <= 2  # the holders are read anew every few seconds
    assert costs[1] <= 1 + 100 * 9


def test_due_tasks_are_found_by_their_index(cast: Cast) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the plan is read in the embedded database's words")
    reported(cast)
    asked = Task.objects.filter(done_at__isnull=True, alert_at__lte=MONDAY).order_by("alert_at", "id")
    assert "procedures_task_alert" in asked.values_list("id", "case_id")[:100].explain()
    watched = Supervision.objects.filter(queue="supervisor@350102", done_at__isnull=True)
    assert (
        "procedures_supervision_open" in watched.order_by("since", "id").values_list("since", "id").explain()
    )


def test_a_task_that_always_fails_holds_up_nobody_and_is_looked_at_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = event_at(cast, "handling")
    others = [event_at(cast, "handling", at=MONDAY + timedelta(minutes=n)) for n in (1, 2, 3)]
    bad, warn = old.pk, sweeper._warn

    def fails(case: object, *args: object, **kwargs: object) -> None:
        if getattr(case, "id", 0) == bad:
            raise ValueError("broken facts")
        warn(case, *args, **kwargs)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(sweeper, "_warn", fails)
    moment = at_share(others[-1], 1.1)
    Task.objects.filter(done_at__isnull=True).update(alert_stage=2)
    looked = sum(engine.tick(moment, limit=1) for _ in range(10))
    assert looked == 4  # the bad one once, each other once
    assert [rows(c) for c in others] == [[("supervisor@350102", "red", "open")]] * 3
    assert rows(old) == []
    again = task_of(old).alert_at
    assert again == moment + sweeper.RETRY
    assert engine.tick(moment) == 0
    monkeypatch.setattr(sweeper, "_warn", warn)
    assert engine.tick(again) == 1
    assert rows(old) == [("supervisor@350102", "red", "open")]


# ------------------------------------------------------------------------------------------------ the verbs


def late(cast: Cast) -> tuple[Case, datetime]:
    case = event_at(cast, "handling")
    return case, swept(case, 1.1) + HOUR


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


# ------------------------------------------------------------------------------------------------ the list


def test_the_list_is_the_supervisors_own_and_pages_by_key(cast: Cast) -> None:
    made = [event_at(cast, "handling", at=MONDAY + timedelta(minutes=30 * n)) for n in range(5)]
    for case in made:
        swept(case, 1.05)
    seen, cursor = [], ""
    while True:
        page = supervision.watched(cast.actor("supervisor"), cursor=cursor, limit=2)
        seen += [w.row.case.number for w in page.items]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert seen == [c.number for c in made]
    assert supervision.watched(cast.actor("leader")).items == []
    assert supervision.watched(cast.actor("handler")).items == []
    none = supervision.Filters(township="350102002")
    assert supervision.watched(cast.actor("supervisor"), none).items == []
    some = supervision.Filters(level="red", procedure="grid-event", township="350102001")
    assert len(supervision.watched(cast.actor("supervisor"), some).items) == 5
    assert supervision.counts(cast.actor("supervisor"))["red"].n == 5
