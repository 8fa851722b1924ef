"""The API's shared rooms (接口公共部分): who gets what, exactly once, in how many queries."""

from __future__ import annotations

import hashlib
import json
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case, ClientKey, RefusedWrite
from linli.kernel.records.models import Attachment, Record, Upload
from tests.api import Caller, caller, jpeg
from tests.cast import Cast
from tests.events import event_at, lamp_category, reported

pytestmark = pytest.mark.django_db


def test_who_am_i(cast: Cast) -> None:
    answer = caller(cast, "dispatcher").get("/me").json()
    assert (answer["kind"], answer["name"]) == ("staff", "黄派遣")
    assert answer["posts"][0]["organisation"]["en"] == "Gudong Governance Centre"
    assert answer["posts"][0]["roles"] == ["dispatcher"]
    assert caller(cast, "resident").get("/me").json()["kind"] == "resident"


@pytest.mark.parametrize("token", ["", "linli_wrong", "x" * 200])
def test_without_a_valid_token_nobody_is_known(cast: Cast, token: str) -> None:
    answer = Caller(token).get("/me")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer.json()["code"] == "api.token_needed"


def test_a_browser_session_counts_for_nothing(cast: Cast) -> None:
    asker = Caller()
    asker.client = cast.client("dispatcher")
    assert asker.get("/me").status_code == 401


def test_refusals_speak_the_readers_language(cast: Cast) -> None:
    assert Caller().get("/me").json()["title"] == "需要有效的令牌"
    english = Caller(**{"Accept-Language": "en-GB,en;q=0.9"}).get("/me").json()
    assert english["title"] == "A valid token is needed"


def test_areas_page_by_key_and_locate_finds_the_grid(cast: Cast) -> None:
    asker = Caller()
    first = asker.get("/areas", {"within": "350102001", "limit": 3}).json()
    assert [a["code"] for a in first["items"]] == ["350102001000", "350102001001", "350102001001001"]
    second = asker.get("/areas", {"within": "350102001", "limit": 3, "cursor": first["next"]}).json()
    assert second["items"][0]["code"] == "350102001001002"
    assert [a["level"] for a in asker.get("/areas", {"level": "county"}).json()["items"]] == ["county"]
    one = asker.get("/areas/350102001001").json()
    assert [a["code"] for a in one["path"]] == ["350102000000", "350102001000", "350102001001"]
    lng, lat = cast.point("grid2")
    assert asker.get("/locate", {"lng": lng, "lat": lat}).json()["code"] == "350102001001002"
    assert asker.get("/locate", {"lng": 0, "lat": 0}).status_code == 404
    assert asker.get("/locate", {"lng": "nan", "lat": 1000}).status_code == 422


def test_procedures_are_readable_rules(cast: Cast) -> None:
    asker = Caller()
    codes = [p["code"] for p in asker.get("/procedures").json()["items"]]
    assert "access-question" in codes
    one = asker.get("/procedures/access-question").json()
    assert one["open_fields"] == ["entry", "question"]
    assert one["steps"][0]["actions"][0]["code"] == "answer"
    assert asker.get("/procedures/nothing").status_code == 404


def test_everybody_lists_what_they_may_see(cast: Cast) -> None:
    here, there = reported(cast), reported(cast, grid="neighbour_grid", by="outsider")
    assert numbers(cast, "dispatcher") == [here.number]
    assert numbers(cast, "neighbour_dispatcher") == [there.number]
    assert numbers(cast, "supervisor") == [there.number, here.number]
    assert numbers(cast, "resident") == [here.number]
    assert numbers(cast, "handler") == []
    assert caller(cast, "anonymous").get("/cases").status_code == 401


def numbers(cast: Cast, name: str, **query: object) -> list[str]:
    answer = caller(cast, name).get("/cases", query)
    assert answer.status_code == 200, answer.content
    return [c["number"] for c in answer.json()["items"]]


def test_lists_narrow_down(cast: Cast) -> None:
    first, second = reported(cast), event_at(cast, "dispatching", grid="grid3")
    assert numbers(cast, "dispatcher", step="dispatching") == [second.number]
    assert numbers(cast, "dispatcher", area="350102001001") == [first.number]
    assert numbers(cast, "dispatcher", q="路灯", procedure="grid-event") == [second.number, first.number]
    assert numbers(cast, "dispatcher", q="不存在的词") == []
    assert numbers(cast, "dispatcher", status="ended") == []
    assert numbers(cast, "dispatcher", order="due", status="open") == [second.number]
    assert caller(cast, "dispatcher").get("/cases", {"status": "lost"}).status_code == 422
    assert caller(cast, "dispatcher").get("/cases", {"limit": 0}).status_code == 422
    assert caller(cast, "dispatcher").get("/cases", {"cursor": "x"}).json()["code"] == "paging.bad_cursor"


def test_a_list_of_fifty_asks_at_most_eight_queries_and_pages_on(cast: Cast) -> None:
    for _ in range(51):
        reported(cast)
    asker = caller(cast, "dispatcher")
    asker.get("/cases")
    with CaptureQueriesContext(connection) as queries:
        page = asker.get("/cases").json()
    assert len(page["items"]) == 50
    assert len(queries) <= 8, chr(10).join(q["sql"][:170] for q in queries)
    rest = asker.get("/cases", {"cursor": page["next"]}).json()
    assert len(rest["items"]) == 1
    assert rest["next"] is None


def test_a_case_is_read_whole_by_those_who_handle_it(cast: Cast) -> None:
    case = event_at(cast, "handling", contact="13900000001", reporter_name="林小邻")
    answer = caller(cast, "handler").get(f"/cases/{case.number}").json()
    assert answer["step"] == {"code": "handling", "title": {"zh": "处理中", "en": "Being handled"}}
    assert {"answer", "suspend", "extend"} & {a["code"] for a in answer["actions"]}
    assert answer["tasks"][0]["due"]["explanation"]["en"]
    assert answer["tasks"][0]["holder"]["zh"] == "区市政维护中心"
    facts = {f["code"]: f for f in answer["facts"]}
    assert "三盏路灯" in facts["description"]["value"]["zh"]
    assert "contact" not in facts  # who complained is not the handler's to know
    seen = {f["code"]: f for f in caller(cast, "dispatcher").get(f"/cases/{case.number}").json()["facts"]}
    assert seen["contact"]["masked"] is True
    assert "13900000001" not in json.dumps(seen)


def test_a_party_reads_public_words_and_nothing_internal(cast: Cast) -> None:
    case = event_at(cast, "evaluating")
    answer = caller(cast, "resident").get(f"/cases/{case.number}")
    assert answer.json()["step"]["title"]["zh"] == "请您评价"
    assert "换了灯头" not in answer.content.decode()  # the internal result
    assert "三盏灯都亮了" in answer.content.decode()  # the public answer
    assert "郑市政" not in answer.content.decode()
    assert {a["code"] for a in answer.json()["actions"]} >= {"rate", "not_solved"}


def test_a_case_takes_as_many_queries_however_long_it_is(cast: Cast) -> None:
    asker, counts = caller(cast, "dispatcher"), []
    case = reported(cast)
    for n in (0, 6):
        for _ in range(n):
            engine.act(case, "supplement", {"note": "还有一盏。"}, by=cast.actor("resident"))
        asker.get(f"/cases/{case.number}")
        with CaptureQueriesContext(connection) as queries:
            answer = asker.get(f"/cases/{case.number}").json()
        assert len(answer["timeline"]) == 1 + n
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20


@pytest.mark.parametrize("name", ["neighbour_dispatcher", "outsider", "other_handler", "anonymous"])
def test_what_one_may_not_see_answers_like_what_does_not_exist(cast: Cast, name: str) -> None:
    case = reported(cast)
    asker = caller(cast, name)
    for path in ("", "/records"):
        hidden = asker.get(f"/cases/{case.number}{path}")
        missing = asker.get(f"/cases/350102-EV-2026-999999{path}")
        assert (hidden.status_code, hidden.content) == (404, missing.content)
    acted = asker.post(f"/cases/{case.number}/actions/accept", {"data": {}})
    missing = asker.post("/cases/350102-EV-2026-999999/actions/accept", {"data": {}})
    assert (acted.status_code, acted.content) == (404, missing.content)


def test_an_action_happens_once_in_at_most_fifteen_queries(cast: Cast) -> None:
    case = reported(cast)
    lamp = lamp_category()
    asker, key = caller(cast, "dispatcher"), str(uuid4())
    body = {"data": {"category": lamp.key, "grade": "simple"}, "seq": case.seq}
    assert asker.get(f"/cases/{case.number}").status_code == 200  # the procedures are read once a process
    with CaptureQueriesContext(connection) as queries:
        first = asker.post(f"/cases/{case.number}/actions/accept", body, key=key)
    assert first.status_code == 200, first.content
    assert first.json() == {"number": case.number, "seq": 2, "step": "dispatching", "status": "open"}
    savepoints = [q for q in queries if "SAVEPOINT" in q["sql"]]  # of the test's own transaction
    assert len(queries) - len(savepoints) <= 15, chr(10).join(q["sql"][:170] for q in queries)
    again = asker.post(f"/cases/{case.number}/actions/accept", body, key=key.upper())
    assert (again.status_code, again.json()) == (200, first.json())
    assert again["Idempotent-Replay"] == "true"
    assert "Idempotent-Replay" not in first
    other = asker.post(f"/cases/{case.number}/actions/accept", {"data": {"grade": "urgent"}}, key=key)
    assert (other.status_code, other.json()["code"]) == (409, "procedures.key_taken")
    assert RefusedWrite.objects.count() == 1
    assert Record.objects.filter(case_id=case.pk).count() == 2


def test_who_comes_second_is_told_who_was_first(cast: Cast) -> None:
    case = event_at(cast, "dispatching")
    answer = caller(cast, "dispatcher").post(
        f"/cases/{case.number}/actions/assign", {"data": {"lead": "350102-municipal"}, "seq": 1}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "procedures.out_of_date")
    assert answer.json()["seq"] == case.seq
    assert "黄派遣" in answer.json()["detail"]


def test_mistakes_name_their_fields(cast: Cast) -> None:
    case = reported(cast)
    asker = caller(cast, "dispatcher")
    answer = asker.post(f"/cases/{case.number}/actions/accept", {"data": {"grade": ["simple"], "x": 1}})
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"grade", "x", "category"}
    assert asker.post(f"/cases/{case.number}/actions/dance").json()["code"] == "procedures.unknown_action"
    not_mine = caller(cast, "supervisor").post(f"/cases/{case.number}/actions/accept", {"data": {}})
    assert (not_mine.status_code, not_mine.json()["code"]) == (403, "procedures.not_yours")
    assert "queues" not in not_mine.json()
    uncategorised = asker.post(f"/cases/{case.number}/actions/accept", {"data": {"grade": "simple"}})
    assert set(uncategorised.json()["fields"]) == {"category"}
    nobody = asker.post(f"/cases/{case.number}/actions/recuse", {"data": {}})
    assert (nobody.status_code, set(nobody.json()["fields"])) == (422, {"accused"})


def test_number_and_tracking_code_open_one_case(cast: Cast) -> None:
    opened = Caller().post("/events", {"description": "路灯不亮", "area": "350102001001"}).json()
    other = reported(cast)
    known = {"X-Case-Number": opened["number"], "X-Tracking-Code": opened["tracking_code"]}
    asker = Caller(**known)
    assert asker.get("/me").json() == {
        "kind": "reporter", "name": "", "posts": [], "cases": [opened["number"]],
    }  # fmt: skip
    assert [c["number"] for c in asker.get("/cases").json()["items"]] == [opened["number"]]
    assert asker.get(f"/cases/{opened['number']}").status_code == 200
    assert asker.get(f"/cases/{other.number}").status_code == 404
    added = asker.post(f"/cases/{opened['number']}/actions/supplement", {"data": {"note": "还有一盏。"}})
    assert added.status_code == 200, added.content
    wrong = Caller(**{**known, "X-Tracking-Code": "AAAAAAAA"}).get(f"/cases/{opened['number']}")
    unknown = Caller(**{**known, "X-Case-Number": "NONE"}).get(f"/cases/{opened['number']}")
    assert (wrong.status_code, wrong.content) == (422, unknown.content)


def test_whoever_has_the_code_may_come_back(cast: Cast) -> None:
    opened = Caller().post("/events", {"description": "路灯不亮", "area": "350102001001"}).json()
    asker = Caller(**{"X-Case-Number": opened["number"], "X-Tracking-Code": opened["tracking_code"]})
    assert [asker.get("/me").status_code for _ in range(12)] == [200] * 12


def test_guessing_tracking_codes_ends_in_429(cast: Cast) -> None:
    case = reported(cast)
    asker = Caller(**{"X-Case-Number": case.number, "X-Tracking-Code": "AAAAAAAA"})
    statuses = [asker.get("/me").status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    assert int(asker.get("/me")["Retry-After"]) > 0


def test_anyone_can_prove_the_chain_from_the_answer_alone(cast: Cast) -> None:
    case = event_at(cast, "evaluating")
    rows = caller(cast, "supervisor").get(f"/cases/{case.number}/records").json()["items"]
    assert len(rows) == case.seq
    prev = bytes(32)
    for row in rows:
        body = json.dumps(row["entry"], separators=(",", ":"), ensure_ascii=False)
        assert row["prev_hash"] == prev.hex()
        prev = hashlib.sha256(prev + body.encode()).digest()
        assert row["hash"] == prev.hex()
    chain = caller(cast, "resident").get(f"/cases/{case.number}/records", {"limit": 2}).json()
    assert [r["entry"] for r in chain["items"]] == [None, None]
    assert chain["items"][0]["hash"] == rows[0]["hash"]
    following = caller(cast, "handler").get(f"/cases/{case.number}/records", {"cursor": chain["next"]}).json()
    assert following["items"][0] == {**rows[2], "entry": None}


def test_a_photo_is_sent_attached_and_opened_by_those_who_may(cast: Cast) -> None:
    asker = caller(cast, "resident")
    sent = asker.send(jpeg(), key=(key := str(uuid4())))
    assert sent.status_code == 201, sent.content
    uid = sent.json()["uid"]
    again = asker.send(jpeg(), key=key)
    assert (again.status_code, again.json(), again["Idempotent-Replay"]) == (200, sent.json(), "true")
    assert asker.send(jpeg(50), key=key).json()["code"] == "files.key_taken"
    assert Upload.objects.count() == 1
    body = {"description": "路灯不亮", "area": "350102001001", "photos": [uid]}
    opened = asker.post("/events", body, key=(write := str(uuid4())))
    assert opened.status_code == 201, opened.content
    assert asker.post("/events", body, key=write).json() == opened.json()  # though the upload is used up
    file = asker.get(f"/cases/{opened.json()['number']}").json()["files"][0]
    row = Attachment.objects.select_related("file", "public_file").get()
    public, internal = (
        asker.get(f"/files/{file['uid']}"),
        caller(cast, "dispatcher").get(f"/files/{file['uid']}"),
    )
    assert row.public_file is not None
    assert hashlib.sha256(public.getvalue()).hexdigest() == row.public_file.sha256
    assert hashlib.sha256(internal.getvalue()).hexdigest() == row.file.sha256
    assert public["Content-Type"] == "image/jpeg"
    assert public["Content-Disposition"].startswith("attachment")
    assert "sandbox" in public["Content-Security-Policy"]
    assert public["X-Content-Type-Options"] == "nosniff"
    hidden = caller(cast, "outsider").get(f"/files/{file['uid']}")
    missing = caller(cast, "outsider").get(f"/files/{uuid4()}")
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert asker.get("/files/not-a-uid").status_code == 404


def test_without_an_account_a_photo_belongs_to_the_write_that_names_it(cast: Cast) -> None:
    write = str(uuid4())
    uid = Caller().send(jpeg(), for_key=write).json()["uid"]
    body = {"description": "路灯不亮", "area": "350102001001", "photos": [uid]}
    assert Caller().post("/events", body).json()["fields"].keys() == {"photos"}
    assert Caller().post("/events", body, key=write).status_code == 201


def test_documents_are_for_staff(cast: Cast) -> None:
    pdf = b"%PDF-1.4\n1 0 obj\n%%EOF\n"
    assert Caller().send(pdf, "a.pdf", document="true").json()["code"] == "files.staff_only"
    assert caller(cast, "clerk").send(pdf, "a.pdf", document="true").status_code == 201
    assert caller(cast, "clerk").send(pdf, "a.pdf").json()["code"] == "photos.not_a_photo"


def test_an_interrupted_upload_keeps_no_key(cast: Cast) -> None:
    asker, key = caller(cast, "resident"), str(uuid4())
    assert asker.send(b"no photo", key=key).status_code == 422
    assert not ClientKey.objects.exists()
    assert asker.send(jpeg(), key=key).status_code == 201


def test_answers_are_never_kept_by_a_proxy_and_are_utf8(cast: Cast) -> None:
    answer = caller(cast, "dispatcher").get("/me")
    assert answer["Cache-Control"] == "no-store"
    assert "黄派遣" in answer.content.decode()
    assert Case.objects.count() == 0
