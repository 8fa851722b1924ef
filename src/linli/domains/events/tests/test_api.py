"""Reporting over the API (接口上报): anonymous, by a resident, by staff for somebody; once each; nearby; categories."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.domains.events import api as events_api
from linli.domains.events.models import Category
from linli.kernel.procedures.models import Case, RefusedWrite
from linli.kernel.records.models import Record
from tests.api import Caller, caller
from tests.cast import Cast
from tests.events import event_at, lamp_category, reported

pytestmark = pytest.mark.django_db

LAMP = {"description": "北门三盏路灯不亮。", "lng": 119.305, "lat": 26.085, "place_text": "北门公交站旁"}


def test_anybody_reports_and_gets_number_and_tracking_code(cast: Cast) -> None:
    answer = Caller().post("/events", LAMP)
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["seq"], body["step"], body["status"]) == (1, "reported", "open")
    assert len(body["tracking_code"]) == 8
    assert answer["Location"] == f"/api/v1/cases/{body['number']}"
    case = Case.objects.get()
    assert (case.channel, case.area, case.place_text) == ("api", cast.area("grid1"), "北门公交站旁")
    assert (case.title, case.applicant) == ("北门三盏路灯不亮", None)


def test_the_same_write_again_changes_nothing(cast: Cast) -> None:
    key = str(uuid4())
    first, again = Caller().post("/events", LAMP, key=key), Caller().post("/events", LAMP, key=key)
    assert (again.status_code, again.json(), again["Idempotent-Replay"]) == (200, first.json(), "true")
    assert Case.objects.count() == 1
    for changed in ({"description": "另一件事"}, {"lng": 119.306}):
        other = Caller().post("/events", {**LAMP, **changed}, key=key)
        assert (other.status_code, other.json()["code"]) == (409, "procedures.key_taken")
    assert Case.objects.count() == 1
    assert RefusedWrite.objects.count() == 2


def test_a_key_belongs_to_whoever_uses_it(cast: Cast) -> None:
    key = str(uuid4())
    numbers = {
        asker.post("/events", LAMP, key=key).json()["number"]
        for asker in (Caller(), caller(cast, "resident"), caller(cast, "clerk"))
    }
    assert len(numbers) == 3


def test_with_a_phone_the_reporter_becomes_a_party(cast: Cast) -> None:
    answer = Caller().post("/events", {**LAMP, "contact": "139 0000 0001", "reporter_name": "林小邻"})
    assert answer.status_code == 201, answer.content
    assert Case.objects.get().applicant == cast.person("resident")
    wrong = Caller().post("/events", {**LAMP, "contact": "12345"})
    assert wrong.status_code == 422


def test_staff_say_how_it_came_in_and_others_may_not(cast: Cast) -> None:
    for channel in ("window", "phone", "paper", "field"):
        assert caller(cast, "clerk").post("/events", {**LAMP, "channel": channel}).status_code == 201
        assert Case.objects.latest("id").channel == channel
        for name in ("resident", "anonymous"):
            refused = caller(cast, name).post("/events", {**LAMP, "channel": channel})
            assert (refused.status_code, refused.json()["code"]) == (422, "events.channel")
    assert caller(cast, "clerk").post("/events", {**LAMP, "channel": "web"}).status_code == 422


def test_places_are_refused_with_what_to_do(cast: Cast) -> None:
    outside = Caller().post("/events", {**LAMP, "lng": 0.0, "lat": 0.0})
    assert (outside.status_code, outside.json()["code"]) == (422, "events.outside")
    nowhere = Caller().post("/events", {"description": "路灯不亮"})
    assert (nowhere.status_code, nowhere.json()["code"]) == (422, "events.no_place")
    unknown = Caller().post("/events", {"description": "路灯不亮", "area": "999999999999"})
    assert unknown.status_code == 404
    assert not Case.objects.exists()


def test_too_many_anonymous_reports_from_one_address(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_api, "REPORTS_PER_ADDRESS", 2)
    statuses = [Caller().post("/events", LAMP).status_code for _ in range(3)]
    assert statuses == [201, 201, 429]
    assert caller(cast, "resident").post("/events", LAMP).status_code == 201


def test_nearby_shows_the_public_no_more_than_the_summary(cast: Cast) -> None:
    case = event_at(cast, "handling")
    lng, lat = cast.point("grid1")
    (public,) = Caller().get("/events/nearby", {"lng": lng, "lat": lat}).json()["items"]
    assert (public["number"], public["title"], public["metres"]) == (None, None, None)
    assert public["place"]["zh"] == "庆城社区"
    assert "路灯不亮" not in str(public)
    (seen,) = caller(cast, "dispatcher").get("/events/nearby", {"lng": lng, "lat": lat}).json()["items"]
    assert (seen["number"], seen["metres"]) == (case.number, 0)
    assert Caller().get("/events/nearby", {"lng": lng + 0.01, "lat": lat}).json()["items"] == []
    unknown = Caller().get("/events/nearby", {"lng": lng, "lat": lat, "category": "none"})
    assert unknown.status_code == 404


def test_categories_come_as_a_tree_in_one_query(cast: Cast) -> None:
    lamp = lamp_category()
    child = Category.objects.create(
        key="test:1:lamp.pole", directory=lamp.directory, code="lamp.pole", parent=lamp, depth=2, name="灯杆"
    )
    with CaptureQueriesContext(connection) as queries:
        items = Caller().get("/events/categories").json()["items"]
    assert [c["key"] for c in items] == [lamp.key, child.key]
    assert items[1]["parent"] == lamp.key
    assert len(queries) <= 2


def test_reporting_takes_few_queries(cast: Cast) -> None:
    asker = caller(cast, "resident")
    asker.post("/events", LAMP)
    with CaptureQueriesContext(connection) as queries:
        assert asker.post("/events", LAMP).status_code == 201
    n = sum("SAVEPOINT" not in q["sql"] for q in queries)
    assert n <= 17, "\n".join(q["sql"][:150] for q in queries)


def test_a_report_over_the_api_goes_the_whole_way(cast: Cast) -> None:
    case = reported(cast)
    steps = [
        ("dispatcher", "accept", {"category": lamp_category().key, "grade": "simple"}),
        ("dispatcher", "assign", {"lead": "350102-municipal"}),
        ("handler", "sign", {}),
        ("handler", "answer", {"result": "换了灯头。", "public_answer": "三盏灯都亮了。"}),
        ("grid_worker", "verify", {"passed": "到场看过，都亮了。"}),
        ("resident", "rate", {"contacted": True, "solved": True, "satisfied": 5}),
    ]
    for name, action, data in steps:
        asker = caller(cast, name)
        now = asker.get(f"/cases/{case.number}").json()
        assert action in {a["code"] for a in now["actions"]}, (action, now["actions"])
        with CaptureQueriesContext(connection) as queries:
            answer = asker.post(f"/cases/{case.number}/actions/{action}", {"data": data, "seq": now["seq"]})
        assert answer.status_code == 200, answer.content
        n = sum("SAVEPOINT" not in q["sql"] for q in queries)
        assert n <= 15, (action, n, "\n".join(q["sql"][:150] for q in queries))
    assert caller(cast, "resident").get(f"/cases/{case.number}").json()["status"] == "ended"


def test_a_supervisors_program_finds_and_does_what_a_supervisor_may(cast: Cast) -> None:
    case = event_at(cast, "handling")
    supervisor, neighbour = caller(cast, "supervisor"), caller(cast, "neighbour_dispatcher")
    offered = {a["code"]: a for a in supervisor.get(f"/cases/{case.number}").json()["actions"]}
    assert {"supervise.urge", "supervise.take_over"} <= set(offered)
    assert [f["code"] for f in offered["supervise.urge"]["fields"]] == ["supervision_words"]
    path = f"/cases/{case.number}/actions/supervise.urge"
    answer = supervisor.post(path, {"data": {"supervision_words": "请今天到场。"}})
    assert answer.status_code == 200
    assert Record.objects.filter(case_id=case.pk, action="supervise.urge").count() == 1
    assert supervisor.post(path, {"data": {}}).status_code == 422
    assert neighbour.post(path, {"data": {"supervision_words": "快点"}}).status_code == 404
    assert caller(cast, "handler").post(path, {"data": {"supervision_words": "快点"}}).status_code == 404
