"""What the field sends arrives once, whole, and is never refused away (外勤收件)."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest

from linli.kernel.fieldwork import parts
from linli.kernel.fieldwork.models import DONE, KEPT, FieldEntry
from linli.kernel.notices.models import Notice
from linli.kernel.procedures.models import Case
from linli.kernel.records.models import Attachment, Upload
from linli.kernel.records.uploads import remove_forgotten
from tests.api import jpeg
from tests.cast import Cast
from tests.events import event_at, lamp_category
from tests.phone import Phone, a_report, entry

pytestmark = pytest.mark.django_db


def test_a_report_with_a_photo_becomes_a_case(cast: Cast) -> None:
    lamp_category()
    phone = Phone(cast)
    photo = phone.send_file(jpeg())
    made = entry("report", a_report(cast), [photo])
    receipt = phone.put(made).json()
    case = Case.objects.get()
    assert receipt["state"] == "done"
    assert (receipt["id"], receipt["digest"]) == (made["id"], made["digest"])
    assert (receipt["number"], receipt["files"]) == (case.number, [photo["sha256"]])
    assert (case.channel, case.area.code) == ("field", "350102001001001")
    assert Attachment.objects.get().case_id == case.pk
    assert not Upload.objects.exists()


def test_the_same_again_is_the_same_receipt(cast: Cast) -> None:
    phone = Phone(cast)
    made = entry("report", a_report(cast), [phone.send_file(jpeg())])
    first = phone.put(made).json()
    assert phone.put(made).json() == first
    assert Phone(cast, label="the next phone").put(made).json() == first  # enrolled anew, the queue goes on
    assert Case.objects.count() == FieldEntry.objects.count() == 1


def test_who_lost_the_answer_can_ask_for_it(cast: Cast) -> None:
    phone, other = Phone(cast), Phone(cast, "other_grid_worker")
    made = entry("report", a_report(cast))
    receipt = phone.put(made).json()
    assert phone.call("GET", f"/entries?ids={made['id']},{entry('report', {})['id']}").json() == {
        "items": [receipt]
    }
    assert other.call("GET", f"/entries?ids={made['id']}").json() == {"items": []}


def test_other_content_under_the_same_number_is_kept_too(cast: Cast) -> None:
    phone = Phone(cast)
    first = entry("report", a_report(cast))
    phone.put(first)
    photo = phone.send_file(jpeg())
    second = entry("report", a_report(cast, description="井盖没了。"), [photo], number=first["id"])
    answer = phone.put(second)
    said = answer.json()
    assert answer.status_code == 409
    assert (said["code"], said["digest"], said["files"]) == (
        "field.other_content",
        second["digest"],
        [photo["sha256"]],
    )
    twin = FieldEntry.objects.get(uid=said["kept"])
    assert (twin.state, twin.twin) == (KEPT, FieldEntry.objects.exclude(pk=twin.pk).get())
    assert "井盖没了" in twin.body
    again = phone.put(second)
    assert (again.status_code, again.json()["kept"]) == (409, said["kept"])
    assert Case.objects.count() == 1
    assert phone.put(first).json()["state"] == "done"


def test_files_come_first(cast: Cast) -> None:
    phone = Phone(cast)
    content = jpeg()
    name = sha256(content).hexdigest()
    missing = {"sha256": name, "size": len(content), "type": "image/jpeg", "name": "a.jpg", "field": "photos"}
    made = entry("report", a_report(cast), [missing])
    answer = phone.put(made)
    assert (answer.status_code, answer.json()["code"]) == (422, "field.files_missing")
    assert answer.json()["missing"] == [name]
    assert not FieldEntry.objects.exists()
    phone.send_file(content)
    assert phone.put(made).json()["state"] == "done"


def test_a_file_goes_on_where_the_line_broke(cast: Cast) -> None:
    phone, content = Phone(cast), jpeg(400, 300)
    name, size = sha256(content).hexdigest(), len(content)
    half = size // 2
    path = f"/files/{name}?size={size}"
    assert phone.call("GET", path).json() == {"received": 0, "complete": False}
    phone.call("PUT", f"{path}&offset=0", content[:half], kind="application/octet-stream")
    assert phone.call("GET", path).json() == {"received": half, "complete": False}
    wrong = phone.call("PUT", f"{path}&offset=0", content[:half], kind="application/octet-stream")
    assert (wrong.status_code, wrong.json()["received"]) == (409, half)
    done = phone.call("PUT", f"{path}&offset={half}", content[half:], kind="application/octet-stream")
    assert done.json() == {"received": size, "complete": True}
    again = phone.call("PUT", f"{path}&offset=0", content, kind="application/octet-stream")
    assert again.json() == {"received": size, "complete": True}
    assert Phone(cast, "other_grid_worker").call("GET", path).json()["received"] == 0


def test_a_file_that_was_damaged_on_its_way_begins_anew(cast: Cast) -> None:
    phone, content = Phone(cast), jpeg()
    path = f"/files/{sha256(content).hexdigest()}?size={len(content)}"
    wrong = phone.call("PUT", f"{path}&offset=0", b"x" * len(content), kind="application/octet-stream")
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["received"]) == (422, "field.wrong_hash", 0)
    too_much = phone.call(
        "PUT", f"{path}&offset=0", content + b"x" * 200_000, kind="application/octet-stream"
    )
    assert too_much.status_code == 422
    assert phone.call("GET", path).json()["complete"] is False


@pytest.mark.parametrize(
    "query", ["", "size=5", "size=0&offset=0", "size=-1&offset=0", "size=99999999&offset=0"]
)
def test_a_file_of_no_size_is_refused(cast: Cast, query: str) -> None:
    answer = Phone(cast).call("PUT", f"/files/{'a' * 64}?{query}", b"x", kind="application/octet-stream")
    assert answer.status_code == 422


def test_content_that_does_not_match_its_digest_is_sent_again(cast: Cast) -> None:
    made = {**entry("report", a_report(cast)), "digest": "0" * 64}
    answer = Phone(cast).put(made)
    assert (answer.status_code, answer.json()["code"]) == (422, "field.wrong_digest")
    assert not FieldEntry.objects.exists()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("from-a-newer-app", {"x": 1}),
        ("report", {"description": ""}),
        ("report", {"description": "在海上", "lng": "100", "lat": "1"}),
        ("report", {"description": 5}),
        ("report", {}),
        ("act", {"number": "350102-EV-2026-999999", "action": "verify", "data": {}}),
        ("act", {"number": "", "action": "", "data": "x"}),
    ],
)
def test_what_cannot_be_carried_out_is_kept_for_the_lead(
    cast: Cast, kind: str, body: dict[str, object]
) -> None:
    phone = Phone(cast)
    made = entry(kind, body, [phone.send_file(jpeg())])
    receipt = phone.put(made).json()
    assert receipt["state"] == "kept"
    assert all(receipt["words"].values())
    assert not Case.objects.exists()
    row = FieldEntry.objects.get()
    assert row.area == "350102001001001"
    told = Notice.objects.filter(template="field.kept")
    assert [n.account_id for n in told] == [cast.account("dispatcher").pk]
    remove_forgotten(row.received_at + timedelta(days=9))
    assert Upload.objects.filter(uid=str(row.files.get().upload_uid)).exists()  # kept until somebody decides
    assert phone.put(made).json() == receipt


def test_an_action_is_done_like_at_the_desk(cast: Cast) -> None:
    case = event_at(cast, "verifying")
    phone = Phone(cast)
    body = {"number": case.number, "action": "verify", "seq": case.seq, "data": {"passed": "亮了"}}
    receipt = phone.put(entry("act", body)).json()
    case.refresh_from_db()
    assert (receipt["state"], receipt["seq"]) == ("done", case.seq)
    assert case.step == "evaluating"
    assert case.outcome == ""


def test_who_was_second_is_kept_with_the_reason(cast: Cast) -> None:
    case = event_at(cast, "verifying")
    body = {"number": case.number, "action": "verify", "seq": case.seq, "data": {"passed": "亮了"}}
    Phone(cast).put(entry("act", body))
    receipt = Phone(cast).put(entry("act", body)).json()
    assert receipt["state"] == "kept"
    assert FieldEntry.objects.get(state=KEPT).code in {"procedures.out_of_date", "procedures.unknown_action"}


def test_ones_own_note_makes_nothing_out_of_date(cast: Cast) -> None:
    case = event_at(cast, "verifying")
    phone = Phone(cast)
    note = {"number": case.number, "action": "supplement", "seq": case.seq, "data": {"note": "在路上"}}
    check = {"number": case.number, "action": "verify", "seq": case.seq, "data": {"passed": "亮了"}}
    assert phone.put(entry("act", note)).json()["state"] == "done"
    assert phone.put(entry("act", check)).json()["state"] == "done"


def test_a_case_out_of_sight_is_not_told(cast: Cast) -> None:
    case = event_at(cast, "reported", grid="neighbour_grid")
    body = {"number": case.number, "action": "verify", "seq": case.seq, "data": {"passed": "x"}}
    hidden, absent = (
        Phone(cast).put(entry("act", {**body, "number": number})).json()["words"]
        for number in (case.number, "350102-EV-2026-999999")
    )
    assert hidden == absent
    assert set(FieldEntry.objects.values_list("area", flat=True)) == {"350102001001001"}


def test_a_photo_that_cannot_be_opened_is_kept_as_it_came(cast: Cast) -> None:
    phone = Phone(cast)
    photo = phone.send_file(b"\x00\x00\x00\x18ftypheic no photo we can open")
    receipt = phone.put(entry("report", a_report(cast), [photo])).json()
    file = FieldEntry.objects.get().files.get()
    assert (receipt["state"], file.fault) == ("kept", "photos.heic")
    assert Upload.objects.get(uid=str(file.upload_uid)).file.media_type == "application/octet-stream"


def test_taken_files_stay_a_day_for_phones_that_lost_the_answer(cast: Cast) -> None:
    phone, content = Phone(cast), jpeg()
    phone.put(entry("report", a_report(cast), [phone.send_file(content)]))
    path = f"/files/{sha256(content).hexdigest()}?size={len(content)}"
    assert phone.call("GET", path).json()["complete"] is True
    row = FieldEntry.objects.get()
    assert row.state == DONE
    parts.remove_stale(row.received_at + timedelta(days=2))
    assert phone.call("GET", path).json()["complete"] is False
