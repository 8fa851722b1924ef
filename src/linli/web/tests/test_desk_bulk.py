"""Acting on many at once (批量办理): chosen, previewed, held, taken back or done exactly once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from linli.base.clock import now, today
from linli.base.errors import Invalid, NotFound, Refused
from linli.kernel.people.models import Appointment
from linli.kernel.procedures import engine, holding
from linli.kernel.procedures.models import Case, HeldBatch
from linli.kernel.procedures.versions import load_all, procedure_of
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import event_at, reported

pytestmark = pytest.mark.django_db
BULK = "/staff/cases/bulk/"


@pytest.fixture(autouse=True)
def procedures(db: None) -> None:
    load_all()


def waiting(cast: Cast, n: int = 3) -> list[Case]:
    return [event_at(cast, "dispatching", description=f"第{i}件事。") for i in range(n)]


def form_of(cast: Cast, cases: list[Case], who: str = "dispatcher", do: str = "assign") -> dict[str, Any]:
    query = "&".join(f"n={c.number}" for c in cases)
    page = cast.client(who).get(f"{BULK}?{query}&do={do}")
    sent = {"do": do, "key": page.context["key"], "n": [c.number for c in cases]}
    return sent | {f"seq.{c.number}": c.seq for c in cases}


def held(cast: Cast, cases: list[Case]) -> HeldBatch:
    action = procedure_of(cases[0].version_id).action("dispatching", "assign")
    assert action is not None
    return holding.hold(
        cases, action, {"lead": "350102-municipal"}, by=cast.actor("dispatcher"), client_key="k1"
    )


def leads(cases: list[Case]) -> list[str | None]:
    fresh = [Case.objects.select_related("lead").get(pk=c.pk) for c in cases]
    return [c.lead.code if c.lead else None for c in fresh]


# --------------------------------------------------------------------------------------------------- the pages


def test_many_are_held_and_then_each_answers_for_itself(cast: Cast) -> None:
    cases = waiting(cast)
    client = cast.client("dispatcher")
    query = "&".join(f"n={c.number}" for c in cases)
    offered = {c.code for c in client.get(f"{BULK}?{query}").context["common"]}
    assert "assign" in offered
    assert "answer" not in offered
    sent = form_of(cast, cases)
    assert client.post(BULK, sent).status_code == 422
    assert not HeldBatch.objects.exists()
    answer = client.post(BULK, sent | {"lead": "350102-municipal"})
    page = client.get(answer.headers["Location"])
    assert "秒后办理" in page.content.decode()
    assert leads(cases) == [None, None, None]
    # Somebody is quicker with one of them.
    engine.act(cases[1], "assign", {"lead": "350102-garden"}, by=cast.actor("dispatcher"))
    done = client.post(f"{answer.headers['Location']}run/", follow=True)
    assert [o.done for o in done.context["outcomes"]] == [True, False, True]
    assert "黄派遣" in done.content.decode()
    assert leads(cases) == ["350102-municipal", "350102-garden", "350102-municipal"]


def test_what_is_taken_back_was_never_done_and_the_form_is_there_again(cast: Cast) -> None:
    cases = waiting(cast, 2)
    client = cast.client("dispatcher")
    answer = client.post(BULK, form_of(cast, cases) | {"lead": "350102-municipal"})
    back = client.post(f"{answer.headers['Location']}cancel/")
    assert "一件也没有办" in back.content.decode()
    chosen = next(f for f in back.context["fields"] if f.code == "lead")
    assert chosen.value == "350102-municipal"
    assert holding.run_due(now() + timedelta(minutes=1)) == 0
    assert leads(cases) == [None, None]
    assert HeldBatch.objects.get().data == ""
    assert "已撤销" in client.get(answer.headers["Location"]).content.decode()


def test_the_preview_says_what_becomes_of_each_and_what_is_left_out(cast: Cast) -> None:
    cases = [*waiting(cast, 1), event_at(cast, "handling")]
    query = "&".join(f"n={c.number}" for c in cases)
    page = cast.client("dispatcher").get(f"{BULK}?{query}&do=assign")
    first, second = page.context["previews"]
    assert first.reason is None
    assert first.to is not None
    assert "不由您办" in second.reason.zh
    sent = form_of(cast, cases) | {"lead": "350102-municipal"}
    cast.client("dispatcher").post(BULK, sent)
    assert [number for number, _ in HeldBatch.objects.get().items] == [cases[0].number]


def test_bulk_touches_only_what_i_may_see(cast: Cast) -> None:
    case = event_at(cast, "dispatching")
    client = cast.client("neighbour_dispatcher")
    assert client.get(f"{BULK}?n={case.number}&do=assign").context["chosen"] == []
    client.post(BULK, {"do": "assign", "n": case.number, "lead": "350102-municipal"})
    assert not HeldBatch.objects.exists()


def test_who_is_recused_neither_previews_nor_holds(cast: Cast) -> None:
    from linli.kernel.procedures.models import Recusal

    case = event_at(cast, "dispatching")
    Recusal.objects.create(case=case, organisation=cast.organisation("centre"), at=now())
    Case.objects.filter(pk=case.pk).update(recused=True)
    page = cast.client("dispatcher").get(f"{BULK}?n={case.number}&do=assign")
    assert page.context["chosen"] == []


# --------------------------------------------------------------------------------------------------- the verbs


def test_the_worker_does_what_has_waited_long_enough_exactly_once(cast: Cast) -> None:
    cases = waiting(cast, 2)
    batch = held(cast, cases)
    assert holding.run_due(batch.run_at - timedelta(seconds=1)) == 0
    assert holding.run_due(batch.run_at) == 1
    assert holding.run_due(batch.run_at + timedelta(hours=1)) == 0
    again = holding.run_now(batch.uid, by=cast.actor("dispatcher"))
    assert [o["done"] for o in again.outcome] == [True, True]
    assert again.data == ""
    for case in cases:
        assert Record.objects.filter(case_id=case.pk, action="assign").count() == 1


def test_a_claim_whose_holder_died_lapses_and_nothing_is_done_twice(cast: Cast) -> None:
    cases = waiting(cast, 2)
    batch = held(cast, cases)
    key = f"held:{batch.uid}:{cases[0].number}"
    by = cast.actor("dispatcher")
    engine.act(cases[0], "assign", {"lead": "350102-municipal"}, by=by, seq=cases[0].seq, client_key=key)
    HeldBatch.objects.update(claimed_at=batch.run_at)
    assert holding.run_due(batch.run_at + timedelta(seconds=30)) == 0
    assert holding.run_due(batch.run_at + timedelta(minutes=3)) == 1
    batch.refresh_from_db()
    assert [o["done"] for o in batch.outcome] == [True, True]
    assert Record.objects.filter(case_id=cases[0].pk, action="assign").count() == 1


def test_the_same_form_sent_twice_is_held_once(cast: Cast) -> None:
    cases = waiting(cast, 2)
    assert held(cast, cases).pk == held(cast, cases).pk


def test_what_has_begun_cannot_be_taken_back(cast: Cast) -> None:
    batch = held(cast, waiting(cast, 1))
    by = cast.actor("dispatcher")
    holding.run_now(batch.uid, by=by)
    with pytest.raises(Refused) as refused:
        holding.cancel(batch.uid, by=by)
    assert refused.value.code == "holding.begun"


def test_a_colleague_s_batch_is_not_there(cast: Cast) -> None:
    batch = held(cast, waiting(cast, 1))
    for verb in (holding.cancel, holding.run_now):
        with pytest.raises(NotFound):
            verb(batch.uid, by=cast.actor("clerk"))
    assert cast.client("clerk").get(f"/staff/held/{batch.uid}/").status_code == 404


def test_nothing_and_too_many_and_bad_entries_are_refused(cast: Cast) -> None:
    case = waiting(cast, 1)[0]
    action = procedure_of(case.version_id).action("dispatching", "assign")
    assert action is not None
    by = cast.actor("dispatcher")
    for cases in ([], [case] * (holding.MOST + 1)):
        with pytest.raises(Refused):
            holding.hold(cases, action, {"lead": "350102-municipal"}, by=by, client_key="k")
    with pytest.raises(Invalid):
        holding.hold([case], action, {}, by=by, client_key="k")
    assert not HeldBatch.objects.exists()


def test_who_loses_the_post_while_it_waits_acts_no_more(cast: Cast) -> None:
    cases = waiting(cast, 1)
    batch = held(cast, cases)
    Appointment.objects.filter(account=cast.account("dispatcher")).update(to_on=today() - timedelta(days=1))
    assert holding.run_due(batch.run_at) == 1
    batch.refresh_from_db()
    assert [o["done"] for o in batch.outcome] == [False]
    assert leads(cases) == [None]


def test_a_report_that_moved_meanwhile_is_named_with_who_moved_it(cast: Cast) -> None:
    case = reported(cast)
    action = procedure_of(case.version_id).action("reported", "decline")
    assert action is not None
    data = {"reason": "已由路灯所受理", "legal_basis": "不予受理清单第 2 项"}
    batch = holding.hold([case], action, data, by=cast.actor("dispatcher"), client_key="k2")
    engine.act(case, "ask", {"question": "哪一盏？"}, by=cast.actor("dispatcher"))
    holding.run_due(batch.run_at)
    batch.refresh_from_db()
    assert "黄派遣" in batch.outcome[0]["words"]["zh"]
