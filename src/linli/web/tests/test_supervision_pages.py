"""The supervisor's pages (督办页面): what the list says, its filters, the four forms, urging many at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.base.clock import now
from linli.kernel.notices.models import Notice
from linli.kernel.procedures import supervision
from linli.kernel.procedures.models import Case, Supervision, Task
from linli.kernel.procedures.versions import load_all
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import event_at

pytestmark = pytest.mark.django_db
QUEUE = "supervisor@350102"


@pytest.fixture(autouse=True)
def procedures(db: None) -> None:
    load_all()


def red(cast: Cast, n: int = 0, *, level: str = "red") -> Case:
    """A case that came before the supervisor some hours ago."""
    case = event_at(cast, "handling", at=now() - timedelta(days=12, minutes=n))
    task = Task.objects.get(case=case, done_at__isnull=True)
    Task.objects.filter(pk=task.pk).update(due_at=now() - timedelta(hours=3), alert_stage=3)
    supervision.raise_row(case.pk, task.pk, QUEUE, level, now() - timedelta(hours=3, minutes=-n))
    return case


def test_the_list_says_what_who_since_when_and_how_late(cast: Cast) -> None:
    case = red(cast)
    page = cast.client("supervisor").get("/staff/supervision/").content.decode()
    for words in (case.title, case.number, "区市政维护中心", "超时 3 小时", "还没催过", "红灯"):
        assert words in page
    assert "林小邻" not in page
    menu = cast.client("supervisor").get("/staff/").content.decode()
    assert "/staff/supervision/" in menu
    assert "/staff/supervision/" not in cast.client("handler").get("/staff/").content.decode()


def test_the_list_is_narrowed_by_level_procedure_and_township(cast: Cast) -> None:
    first, second = red(cast), red(cast, 1, level="yellow")
    client = cast.client("supervisor")
    for query, wanted in {
        "": [first.number, second.number],
        "level=red": [first.number],
        "level=yellow": [second.number],
        "procedure=grid-event": [first.number, second.number],
        "procedure=access-question": [],
        "township=350102001": [first.number, second.number],
        "township=350102002": [],
        "level=blue&township=x": [first.number, second.number],
    }.items():
        rows = client.get(f"/staff/supervision/?{query}").context["rows"]
        assert [r.case.number for r in rows] == wanted, query
    page = client.get("/staff/supervision/?township=350102002").content.decode()
    assert "这样筛选没有要督办的" in page


@pytest.mark.parametrize("who", ["handler", "dispatcher", "grid_worker", "admin"])
def test_to_others_the_pages_are_not_there(cast: Cast, who: str) -> None:
    case = red(cast)
    client = cast.client(who)
    assert client.get("/staff/supervision/").status_code == 404
    assert client.get(f"/staff/supervision/{case.number}/urge/").status_code == 404
    posted = client.post(f"/staff/supervision/{case.number}/settle/", {"supervision_words": "看过了"})
    assert posted.status_code == 404
    assert Supervision.objects.get(case=case).done_at is None


def test_an_empty_list_says_so(cast: Cast) -> None:
    client = cast.client("supervisor")
    assert "现在没有要您督办的事" in client.get("/staff/supervision/").content.decode()
    assert "Nothing waits for you" in client.get("/staff/supervision/?lang=en").content.decode()


def test_urging_from_the_list(cast: Cast) -> None:
    case, client = red(cast), cast.client("supervisor")
    address = f"/staff/supervision/{case.number}/urge/"
    form = client.get(address)
    key = next(f.value for f in form.context["fields"] if f.code == "key")
    refused = client.post(address, {"supervision_words": " ", "key": key})
    assert refused.status_code == 422
    sent = {"supervision_words": "今天内到场。", "key": key}
    assert client.post(address, sent).headers["Location"] == "/staff/supervision/"
    client.post(address, sent)  # pressed twice
    assert Supervision.objects.get(case=case).n_urged == 1
    assert "催过 1 次" in client.get("/staff/supervision/").content.decode()
    progress = cast.client("resident").get(f"/case/{case.number}/").content.decode()
    assert "上级已催办" in progress
    assert "今天内到场" not in progress


def test_taking_over_names_an_organisation(cast: Cast) -> None:
    case, client = red(cast), cast.client("supervisor")
    address = f"/staff/supervision/{case.number}/take_over/"
    assert "350102-garden" in client.get(address).content.decode()
    data = {"supervision_words": "改由园林办。", "supervision_organisation": "350102-municipal", "key": "a"}
    refused = client.post(address, data)
    assert refused.status_code == 409
    assert "改由园林办。" in refused.content.decode()
    client.post(f"{address}?from=case", data | {"supervision_organisation": "350102-garden"})
    case.refresh_from_db()
    assert case.lead_id == cast.organisation("garden").pk


def test_what_is_not_in_ones_list_is_neither_settled_nor_reported(cast: Cast) -> None:
    case = event_at(cast, "handling")
    for verb in ("settle", "report_up"):
        posted = cast.client("supervisor").post(
            f"/staff/supervision/{case.number}/{verb}/", {"supervision_words": "看过了", "key": verb}
        )
        assert posted.status_code == 409
    assert cast.client("supervisor").get(f"/staff/supervision/{case.number}/nonsense/").status_code == 404


def test_urging_many_in_the_same_words(cast: Cast) -> None:
    first, second, other = red(cast), red(cast, 1), red(cast, 2)
    Task.objects.filter(case=second, done_at__isnull=True).update(queue="person#1")
    client = cast.client("supervisor")
    query = f"n={first.number}&n={second.number}&n=350102-EV-2026-999999"
    asked = client.get(f"/staff/supervision/urge/?{query}")
    assert [c.number for c, _ in asked.context["chosen"]] == [first.number, second.number]
    sent = {"n": [first.number, second.number], "key": asked.context["key"], "supervision_words": ""}
    assert client.post("/staff/supervision/urge/", sent).status_code == 422
    answer = client.post("/staff/supervision/urge/", sent | {"supervision_words": "本周办完。"})
    assert [(o.number, o.done) for o in answer.context["outcomes"]] == [
        (first.number, True),
        (second.number, False),
    ]
    assert Notice.objects.filter(template="task.urged").count() == 1
    assert not Record.objects.filter(case_id=other.pk, action="supervise.urge").exists()
    assert "没有选中办件" in client.get("/staff/supervision/urge/").content.decode()


def test_the_case_page_shows_supervision_to_the_supervisor_alone(cast: Cast) -> None:
    case = red(cast)
    here = f"/staff/supervision/{case.number}/report_up/?from=case"
    assert here in cast.client("supervisor").get(f"/staff/cases/{case.number}/").content.decode()
    assert here not in cast.client("handler").get(f"/staff/cases/{case.number}/").content.decode()
    leader = cast.client("leader").get(f"/staff/cases/{case.number}/").content.decode()
    assert f"/staff/supervision/{case.number}/urge/?from=case" in leader
    assert here not in leader


def test_the_list_costs_the_same_however_long(cast: Cast) -> None:
    client, costs = cast.client("supervisor"), []
    client.get("/staff/supervision/")
    for n in (1, 8):
        for i in range(n):
            red(cast, i)
        with CaptureQueriesContext(connection) as queries:
            client.get("/staff/supervision/")
        costs.append(len(queries))
    assert costs[1] <= costs[0] <= 20
