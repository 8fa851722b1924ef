"""When two act at once (两人同时办): who has the form open, what the other just did, and no trace afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from linli.base.clock import now
from linli.kernel.people.models import Account, Appointment
from linli.kernel.procedures import engine, presence
from linli.kernel.procedures.models import Case, OpenForm
from linli.kernel.procedures.versions import load_all
from tests.cast import Cast
from tests.events import event_at, reported

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def procedures(db: None) -> None:
    load_all()


@pytest.fixture
def colleague(cast: Cast) -> str:
    """A second dispatcher."""
    account = Account.objects.create(
        username="colleague", name="苏同事", second_factor_on=now(), created_at=now()
    )
    start = (now() - timedelta(days=40)).date()
    Appointment.objects.create(post=cast.post("dispatcher"), account=account, from_on=start)
    cast.accounts["colleague"] = account
    return "colleague"


def pulse(case: Case, rest: str = "") -> str:
    return f"/staff/cases/{case.number}/pulse/?seq={case.seq}{rest}"


def test_who_opens_a_form_is_shown_to_the_colleague(cast: Cast, colleague: str) -> None:
    case = reported(cast)
    cast.client("dispatcher").get(f"/staff/cases/{case.number}/do/accept/")
    form = cast.client(colleague).get(f"/staff/cases/{case.number}/do/decline/").content.decode()
    assert "黄派遣" in form
    assert "也正在填“受理”" in form
    said = cast.client("dispatcher").get(pulse(case, "&form=accept")).content.decode()
    assert "苏同事" in said
    assert "黄派遣" not in said


def test_what_a_colleague_did_is_told_and_the_quiet_answer_is_304(cast: Cast, colleague: str) -> None:
    case = reported(cast)
    client = cast.client("dispatcher")
    quiet = client.get(pulse(case))
    assert quiet.content.decode().strip() == ""
    again = client.get(pulse(case), headers={"If-None-Match": quiet.headers["ETag"]})
    assert again.status_code == 304
    reasons = {"reason": "已由路灯所受理", "legal_basis": "不予受理清单第 2 项"}
    engine.act(case, "decline", reasons, by=cast.actor(colleague))
    told = client.get(pulse(case), headers={"If-None-Match": quiet.headers["ETag"]})
    assert told.status_code == 200
    assert "苏同事" in told.content.decode()
    assert "不予受理" in told.content.decode()
    assert "刷新看" in told.content.decode()


def test_my_own_acts_are_no_news_to_me(cast: Cast) -> None:
    case = event_at(cast, "handling")
    engine.act(case, "ask", {"question": "是哪三盏灯？"}, by=cast.actor("handler"))
    assert "note" not in cast.client("handler").get(pulse(case)).content.decode()


def test_presence_lapses_is_written_over_and_goes_with_the_act(cast: Cast) -> None:
    case = reported(cast)
    by = cast.actor("dispatcher")
    presence.form_opened(case, "accept", by=by, at=now() - timedelta(minutes=3))
    assert presence.others_here(case, cast.actor("supervisor")) == []
    presence.form_opened(case, "accept", by=by)
    presence.form_opened(case, "decline", by=by)
    assert OpenForm.objects.count() == 1
    sent = {"seq": case.seq, "step": case.step, "reason": "已由路灯所受理", "legal_basis": "第 2 项"}
    cast.client("dispatcher").post(f"/staff/cases/{case.number}/do/decline/", sent)
    assert not OpenForm.objects.exists()


def test_lapsed_rows_are_gone_at_the_next_form(cast: Cast) -> None:
    case, other = reported(cast), reported(cast)
    presence.form_opened(case, "accept", by=cast.actor("dispatcher"), at=now() - timedelta(minutes=3))
    presence.form_opened(other, "accept", by=cast.actor("supervisor"))
    assert [row.case_id for row in OpenForm.objects.all()] == [other.pk]


def test_who_may_not_see_the_case_hears_nothing(cast: Cast) -> None:
    case = reported(cast)
    assert cast.client("neighbour_dispatcher").get(pulse(case)).status_code == 404
    assert cast.client("resident").get(pulse(case)).status_code == 403
