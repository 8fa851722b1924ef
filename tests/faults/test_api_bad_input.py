"""What no client should send (坏输入): every one gets a clear problem, none a 500, and nothing is written."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from linli.kernel.procedures.models import Case, ClientKey
from linli.kernel.records.models import Record, Upload
from tests.api import Caller, caller, jpeg
from tests.cast import Cast
from tests.events import reported

pytestmark = pytest.mark.django_db

GOOD = {"description": "路灯不亮", "area": "350102001001"}


def refused(answer: Any, *statuses: int) -> dict[str, Any]:
    """A problem with a sentence in words (必须是说得清的拒绝)."""
    assert answer.status_code in statuses, (answer.status_code, answer.content[:500])
    assert answer["Content-Type"].startswith("application/problem+json"), answer["Content-Type"]
    body: dict[str, Any] = json.loads(answer.content)
    assert set(body) >= {"type", "title", "status", "code", "detail"}
    assert body["status"] == answer.status_code
    assert len(body["detail"]) > 8
    assert "Traceback" not in body["detail"]
    return body


RAW = {
    "no JSON": b"description=x",
    "nothing": b"",
    "half": b'{"description": "x"',
    "two": b"{}{}",
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "not UTF-8": '{"description": "路灯"}'.encode("gbk"),
    "UTF-16": '{"description": "x"}'.encode("utf-16"),
    "NaN": b'{"description": "x", "lng": NaN, "lat": 1}',
    "Infinity": b'{"description": "x", "lng": -Infinity, "lat": 1}',
    "1e999": b'{"description": "x", "lng": 1e999, "lat": 1}',
    "a huge number": b'{"description": "x", "lng": 1' + b"0" * 5000 + b', "lat": 1}',
    "beyond 2^53": b'{"description": "x", "lng": 9007199254740993, "lat": 1}',
    "deep": b'{"description": ' + b"[" * 50 + b"]" * 50 + b"}",
    "very deep": b"[" * 200_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "NUL escaped": b'{"description": "a\\u0000b", "area": "350102001001"}',
    "NUL in a name": b'{"descr\\u0000": "x"}',
    "NUL raw": b'{"description": "a\x00b"}',
    "half a character": b'{"description": "\\ud800", "area": "350102001001"}',
    "a name twice": b'{"description": "a", "description": "b"}',
}


@pytest.mark.parametrize("name", RAW)
def test_what_is_no_clean_json(cast: Cast, name: str) -> None:
    statuses = (400, 415, 422)  # the test client sends no type with an empty body
    refused(Caller().post("/events", raw=RAW[name]), *statuses)
    case = reported(cast)
    refused(caller(cast, "dispatcher").post(f"/cases/{case.number}/actions/accept", raw=RAW[name]), *statuses)
    assert (Case.objects.count(), Record.objects.count(), ClientKey.objects.count()) == (1, 1, 0)


WRONG: dict[str, dict[str, Any]] = {
    "description a number": {"description": 7},
    "description a list": {"description": ["x"]},
    "description an object": {"description": {"zh": "x"}},
    "description null": {"description": None},
    "description missing": {"description": ""},
    "description endless": {"description": "灯" * 5000},
    "lng a text": {"lng": "119.305", "lat": 26.085},
    "lng true": {"lng": True, "lat": 26.085},
    "lng a list": {"lng": [119.305], "lat": 26.085},
    "lng beyond the earth": {"lng": 1193.0, "lat": 26.085},
    "lat beyond the pole": {"lng": 119.305, "lat": 90.001},
    "area a number": {"area": 350102001001},
    "area with a tail": {"area": "350102001001" * 3},
    "place endless": {"place_text": "x" * 201},
    "category unknown": {"category": "none:1:x"},
    "category a list": {"category": []},
    "contact no phone": {"contact": "call me"},
    "contact a number": {"contact": 13900000001},
    "name endless": {"reporter_name": "x" * 41},
    "photos a text": {"photos": "abc"},
    "photos numbers": {"photos": [1, 2]},
    "photos unknown": {"photos": [str(uuid4())]},
    "photos no uid": {"photos": ["../../etc/passwd"]},
    "photos too many": {"photos": [str(uuid4()) for _ in range(21)]},
    "channel unknown": {"channel": "pigeon"},
    "channel import": {"channel": "import"},
    "something else": {"status": "closed"},
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_entries_are_named(cast: Cast, name: str) -> None:
    body = refused(Caller().post("/events", {**GOOD, **WRONG[name]}), 422)
    assert body["fields"]
    assert all(len(sentence) > 3 for sentence in body["fields"].values())
    assert not Case.objects.exists()


ACTIONS: dict[str, Any] = {
    "data a list": {"data": []},
    "data a text": {"data": "x"},
    "data null": {"data": None},
    "seq a text": {"seq": "1"},
    "seq a fraction": {"seq": 1.5},
    "seq negative": {"seq": -1},
    "something else": {"step": "closed"},
    "grade an object": {"data": {"grade": {"a": 1}}},
    "grade a list": {"data": {"grade": ["simple"]}},
    "grade a number": {"data": {"grade": 10**15}},
    "category an object": {"data": {"category": {"key": []}, "grade": "simple"}},
    "accused an object": {"data": {"accused": {"a": 1}, "grade": "simple"}},
    "accused a tree": {"data": {"accused": [[["x"]]], "grade": "simple"}},
    "an unknown field": {"data": {"__class__": "x", "grade": "simple"}},
    "a thousand fields": {"data": {f"f{n}": n for n in range(1000)}},
}


@pytest.mark.parametrize("name", ACTIONS)
def test_wrong_actions_are_refused(cast: Cast, name: str) -> None:
    case = reported(cast)
    asker = caller(cast, "dispatcher")
    refused(asker.post(f"/cases/{case.number}/actions/accept", ACTIONS[name]), 422)
    assert Record.objects.count() == 1
    case.refresh_from_db()
    assert case.seq == 1


FIELDS = {
    "ask": "question",
    "merge": "master",
    "relate": "related",
    "recuse": "accused",
    "supplement": "photos",
    "accept": "category",
    "regrade": "grade",
}
VALUES: list[Any] = [None, True, 0, -1, "", "x" * 9000, [[]], {"a": {"b": []}}, [None]]


@pytest.mark.parametrize("action", FIELDS)
def test_any_field_takes_any_value_without_breaking(cast: Cast, action: str) -> None:
    case = reported(cast)
    asker = caller(cast, "dispatcher")
    for value in VALUES:
        answer = asker.post(f"/cases/{case.number}/actions/{action}", {"data": {FIELDS[action]: value}})
        assert answer.status_code < 500, (value, answer.content[:500])


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_the_wrong_content_type_is_415(cast: Cast, kind: str) -> None:
    refused(Caller().post("/events", raw=json.dumps(GOOD).encode(), content_type=kind), 415)
    refused(Caller().post("/files", GOOD), 415)


def test_too_large_is_413(cast: Cast, settings: Any) -> None:
    refused(Caller().post("/events", raw=b'{"description": "' + b"x" * 3_000_000 + b'"}'), 413)
    settings.LINLI_UPLOAD_BYTES = 100_000
    refused(Caller().send(b"\xff\xd8" + b"x" * 200_000), 413)
    assert not Upload.objects.exists()


FILES = {
    "empty": b"",
    "a text": b"hello",
    "a page": b"<html><script>alert(1)</script></html>",
    "half a photo": jpeg(400, 300)[:200],
    "a program": b"MZ" + b"\x00" * 100,
}


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_no_photos(cast: Cast, name: str) -> None:
    refused(Caller().send(FILES[name]), 422)
    assert not Upload.objects.exists()


def test_broken_multipart(cast: Cast) -> None:
    asker = Caller(**{"Idempotency-Key": str(uuid4())})
    kinds = ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x"]
    for kind in kinds:
        for raw in (
            b"",
            b"--x\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\nabc",
            b"\x00" * 50,
        ):
            refused(asker.post("/files", raw=raw, key=None, content_type=kind), 400, 415, 422)


@pytest.mark.parametrize("fields", [{"consent_place": "perhaps"}, {"for_key": "x"}, {"document": "7"}])
def test_wrong_form_entries(cast: Cast, fields: dict[str, str]) -> None:
    assert refused(Caller().send(jpeg(), **fields), 422)["fields"].keys() == fields.keys()


@pytest.mark.parametrize("key", [None, "1", "x" * 36, "{8f14e45f-ceea-467f-a0e6-000000000000}", "é", "a, b"])
def test_a_write_without_a_usable_key(cast: Cast, key: str | None) -> None:
    assert refused(Caller().post("/events", GOOD, key=key), 400)["code"] == "api.key_needed"
    assert refused(Caller().send(jpeg(), key=key), 400)["code"] == "api.key_needed"
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "token", ["", " ", "Basic abc", "Bearer", "Bearer ", "Bearer é", "Bearer " + "x" * 9000]
)
def test_any_authorization_header(cast: Cast, token: str) -> None:
    refused(Caller(Authorization=token).get("/me"), 401)


@pytest.mark.parametrize(
    "path",
    [
        "/cases/%00", "/cases/%2e%2e%2f", "/cases/%ff%fe", "/cases/a%20b", "/cases/" + "9" * 3000, "/cases/'%20OR%201=1",
        "/areas/%00", "/areas/%F0%9F%98%80", "/files/%00", "/files/" + "a" * 36, "/procedures/%00", "/nothing/here",
        "/cases/x/records?cursor=%00", "/events/nearby?lng=1&lat=1&category=%00",
    ],
)  # fmt: skip
def test_any_address(cast: Cast, path: str) -> None:
    refused(caller(cast, "dispatcher").get(path), 400, 404)


@pytest.mark.parametrize(
    "query",
    [
        "cursor=%00", "cursor=AAAA", "cursor=W10", "cursor=" + "A" * 600, "limit=x", "limit=-1", "limit=1e3",
        "limit=" + "9" * 5000, "area=%00", "area=zz", "q=" + "x" * 200, "late=perhaps", "order=status", "status=x",
        "procedure=%00", "q=%00",
    ],
)  # fmt: skip
def test_any_query(cast: Cast, query: str) -> None:
    refused(caller(cast, "dispatcher").get(f"/cases?{query}"), 400, 404, 422)


@pytest.mark.parametrize(
    "query", ["q=%F0%9F%98%80", "q=%25", "q=_", "q=%22'%5C", "area=350102", "step=x&procedure=x"]
)
def test_queries_that_find_nothing(cast: Cast, query: str) -> None:
    assert caller(cast, "dispatcher").get(f"/cases?{query}").json()["items"] == []


@pytest.mark.parametrize(
    "headers", [{"X-Case-Number": "x\x00", "X-Tracking-Code": "y"}, {"Accept-Language": "\x00"}]
)
def test_control_characters_in_headers(cast: Cast, headers: dict[str, str]) -> None:
    refused(Caller(**headers).get("/areas"), 400)


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_wrong_methods_say_which_is_right(cast: Cast, method: str) -> None:
    answer = getattr(Caller().client, method)("/api/v1/cases", headers={})
    assert refused(answer, 405)["code"] == "api.method"
    assert "GET" in answer["Allow"]
    refused(getattr(Caller().client, method)("/api/v1/nothing"), 404)


def test_a_fault_of_ours_shows_nothing_of_the_inside(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("linli.web.api.areas.places.locate", broken)
    body = refused(Caller().get("/locate", {"lng": 1, "lat": 1}), 500)
    assert body["code"] == "api.broken"
    assert "secret" not in json.dumps(body)
    assert "secret of the house" in caplog.text
