"""What a phone takes along: what its worker may see, no more, and small (离线包)."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.base.clock import now
from linli.kernel.fieldwork import devices
from linli.kernel.fieldwork.bundle import bundle
from linli.kernel.fieldwork.models import RETURNING, FieldDevice
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case, Recusal
from linli.kernel.records.models import Attachment
from tests.api import caller, jpeg
from tests.cast import Cast
from tests.events import WAY, event_at, lamp_category, reported
from tests.phone import Phone

pytestmark = pytest.mark.django_db


def test_it_holds_my_tasks_with_what_i_may_do(cast: Cast) -> None:
    case = event_at(cast, "verifying", contact="13900000001")
    made = Phone(cast).call("GET", "/bundle").json()
    (task,) = made["tasks"]
    assert (task["number"], task["step"], task["seq"]) == (case.number, "verifying", case.seq)
    actions = {a["code"]: a for a in task["actions"]}
    assert {"verify", "rework", "supplement", "site"} <= set(actions)
    assert not {"assign", "regrade", "rate", "withdraw"} & set(actions)
    assert {f["code"]: f["required"] for f in actions["verify"]["fields"]} == {
        "passed": True,
        "photo_after": False,
        "voice": False,
    }
    assert (task["lng"], task["lat"]) == cast.point("grid1")
    assert {"description", "public_answer"} <= {f["code"] for f in task["facts"]}


def test_no_personal_fact_goes_along(cast: Cast) -> None:
    event_at(cast, "verifying", contact="13900000001", reporter_name="林小邻")
    text = Phone(cast).call("GET", "/bundle").content.decode()
    assert "13900000001" not in text
    assert "林小邻" not in text


def test_what_somebody_rated_does_not_go_along_either(cast: Cast) -> None:
    case = event_at(cast, "evaluating")
    rating = {"solved": False, "satisfied": 1, "comment": "等了一个星期。"}
    engine.act(case, "rate", rating, by=cast.actor("resident"))
    engine.act(case, "reopen", {"reason": "灯又灭了。"}, by=cast.actor("resident"))
    for step, who, action, data in WAY[1:4]:
        engine.act(case, action, data, by=cast.actor(who))
        case.refresh_from_db()
        assert case.step == step
    (task,) = Phone(cast).call("GET", "/bundle").json()["tasks"]
    codes = {f["code"] for f in task["facts"]}
    assert "public_answer" in codes
    assert not codes & {"satisfied", "comment"}


def test_only_what_this_worker_may_see(cast: Cast) -> None:
    mine, other = event_at(cast, "verifying"), event_at(cast, "verifying", grid="grid2")
    near, next_door = reported(cast), reported(cast, grid="neighbour_grid")
    recused = event_at(cast, "verifying")
    Recusal.objects.create(case=recused, organisation=cast.organisation("committee"), at=now(), by=None)
    Case.objects.filter(pk=recused.pk).update(recused=True)
    made = Phone(cast).call("GET", "/bundle").json()
    assert [t["number"] for t in made["tasks"]] == [mine.number]
    assert [n["number"] for n in made["nearby"]] == [near.number]
    assert not {other.number, next_door.number, recused.number} & {n["number"] for n in made["nearby"]}
    assert [a["code"] for a in made["areas"]] == ["350102001001001"]
    assert made["areas"][0]["geometry"]["type"] == "Polygon"


def test_ones_own_case_is_nobodys_task(cast: Cast) -> None:
    case = event_at(cast, "verifying")
    account = cast.account("grid_worker")
    account.person = case.applicant
    cast.account("resident").delete()
    account.save()
    assert Phone(cast).call("GET", "/bundle").json()["tasks"] == []


def test_the_forms_go_along(cast: Cast) -> None:
    lamp_category()
    made = Phone(cast).call("GET", "/bundle").json()
    assert [c["key"] for c in made["report"]["categories"]] == ["test:1:lamp"]
    assert "description" in {f["code"] for f in made["report"]["fields"]}
    assert {v["code"] for v in made["report"]["villages"]} == {"350102001001", "350102001002"}
    assert {f["code"] for f in made["visit"]["fields"]} >= {"topic", "request", "wants_answer"}
    assert made["patrol"]["checked"]


def test_what_is_there_already_is_not_sent_again(cast: Cast) -> None:
    event_at(cast, "verifying")
    phone = Phone(cast)
    first = phone.call("GET", "/bundle")
    assert first.headers["ETag"] == f'"{first.json()["etag"]}"'
    assert phone.hello()["bundle"] == first.json()["etag"]
    again = phone.call("GET", "/bundle", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    reported(cast)
    assert phone.call("GET", "/bundle", **{"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_none_for_a_phone_that_expired_or_goes_back(cast: Cast) -> None:
    phone = Phone(cast)
    FieldDevice.objects.update(expires_at=now() - timedelta(minutes=1))
    answer = phone.call("GET", "/bundle")
    assert (answer.status_code, answer.json()["code"]) == (403, "field.device_expired")
    devices.end(phone.device.uid, RETURNING, by=cast.actor("grid_worker"))
    assert phone.call("GET", "/bundle").status_code == 403


def test_it_is_small_and_its_queries_are_few_however_much_it_holds(cast: Cast) -> None:
    device = Phone(cast).device
    event_at(cast, "verifying")
    bundle(device)
    with CaptureQueriesContext(
        connection,
    ) as one:
        bundle(device)
    first = Case.objects.get()
    for _ in range(6):
        event_at(cast, "verifying")
    bundle(device)
    with CaptureQueriesContext(connection) as many:
        made = bundle(device)
    assert len(made["tasks"]) == 7
    assert len(many) == len(one) <= 30, [q["sql"][:100] for q in many.captured_queries]
    task = made["tasks"][0]
    text = json.dumps({**made, "tasks": [{**task, "number": f"{first.number}{n}"} for n in range(200)]})
    assert len(gzip.compress(text.encode())) < 300_000


def test_photos_come_by_the_phones_own_token(cast: Cast) -> None:
    resident = caller(cast, "resident")
    uid = resident.send(jpeg(2000, 1500)).json()["uid"]
    for area in ("350102001001001", "350102002001001"):
        named = [uid] if area.endswith("1001001") else [resident.send(jpeg()).json()["uid"]]
        resident.post("/events", {"description": "路灯不亮", "area": area, "photos": named})
    near, far = Attachment.objects.order_by("id")
    phone = Phone(cast)
    answer = phone.call("GET", f"/photos/{near.uid}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert near.public_file is not None
    assert len(answer.content) == near.public_file.size
    assert phone.call("GET", f"/photos/{far.uid}").status_code == 404
