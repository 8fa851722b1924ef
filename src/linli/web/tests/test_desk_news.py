"""What is new since I last looked (新动态), on the desk's rows, filters, menu and case page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.base.clock import now
from linli.kernel.procedures import engine, lastlooks
from linli.kernel.procedures.models import Case, LastLook
from linli.kernel.procedures.versions import load_all
from tests.cast import Cast
from tests.events import event_at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def procedures(db: None) -> None:
    load_all()


def asked(cast: Cast) -> Case:
    """The handler has asked the reporter something."""
    case = event_at(cast, "handling")
    engine.act(case, "ask", {"question": "是哪三盏灯？"}, by=cast.actor("handler"))
    case.refresh_from_db()
    return case


def test_nothing_is_new_in_a_case_that_was_never_opened(cast: Cast) -> None:
    case = asked(cast)
    assert lastlooks.news_of([case], cast.actor("handler")) == {}
    assert "有新动态：" not in cast.client("handler").get("/staff/").content.decode()


def test_what_others_did_since_is_told_on_the_row_and_in_the_menu(cast: Cast) -> None:
    case = asked(cast)
    client = cast.client("handler")
    client.get(f"/staff/cases/{case.number}/")
    assert "有新动态：" not in client.get("/staff/").content.decode()
    engine.act(case, "reply", {"reply": "北门那三盏。"}, by=cast.actor("resident"))
    row = client.get("/staff/?only=news").content.decode()
    assert case.title in row
    assert "有新动态：反映人" in row
    assert case.number in client.get("/staff/cases/?news=1").content.decode()
    page = client.get(f"/staff/cases/{case.number}/").content.decode()
    assert "您看过" in page
    assert "fresh" in page
    again = client.get(f"/staff/cases/{case.number}/").content.decode()
    assert "您看过" not in again
    assert "fresh" not in again
    assert case.number not in client.get("/staff/cases/?news=1").content.decode()


def test_my_own_acts_and_the_clock_s_reminders_are_no_news(cast: Cast) -> None:
    case = event_at(cast, "handling")
    cast.client("handler").get(f"/staff/cases/{case.number}/")
    engine.act(case, "ask", {"question": "是哪三盏灯？"}, by=cast.actor("handler"))
    case.refresh_from_db()
    news = lastlooks.news_of([case], cast.actor("handler"))[case.pk]
    assert news.words is None
    assert case.pk not in set(lastlooks.unread_cases(cast.actor("handler")))


def test_a_resident_s_visit_and_a_mere_question_for_headers_leave_no_look(cast: Cast) -> None:
    case = asked(cast)
    lastlooks.looked(case, by=cast.actor("resident"))
    cast.client("handler").head(f"/staff/cases/{case.number}/")
    assert not LastLook.objects.exists()


def test_looks_are_forgotten_after_a_season(cast: Cast) -> None:
    case = asked(cast)
    lastlooks.looked(case, by=cast.actor("handler"), at=now() - timedelta(days=91))
    lastlooks.looked(case, by=cast.actor("dispatcher"), at=now())
    assert lastlooks.forget(now()) == 1
    assert LastLook.objects.get().account_id == cast.account("dispatcher").pk


def test_news_cost_one_query_however_many_cases_there_are(cast: Cast) -> None:
    cases = [asked(cast) for _ in range(4)]
    for case in cases:
        lastlooks.looked(case, by=cast.actor("dispatcher"))
        engine.act(case, "reply", {"reply": "北门那三盏。"}, by=cast.actor("resident"))
    with CaptureQueriesContext(connection) as queries:
        found = lastlooks.news_of(cases, cast.actor("dispatcher"))
    assert len(queries) == 1
    assert all(found[case.pk].words for case in cases)
