"""The site sheet of a case, filled in by two workers without signal (现场情况)."""

from __future__ import annotations

import pytest

from linli.kernel.fieldwork.models import FieldEntry
from linli.kernel.procedures.casebook import first_fact
from linli.kernel.procedures.models import Case
from linli.kernel.records.models import Attachment, Record
from tests.cast import Cast
from tests.events import event_at, reported
from tests.phone import Phone, entry

pytestmark = pytest.mark.django_db

VOICE = b"OggS" + b"\x00" * 60


def sheet(case: Case, fields: dict[str, str], base: dict[str, str] | None = None) -> dict[str, object]:
    return {"number": case.number, "base": base or {}, "fields": fields}


@pytest.fixture
def case(cast: Cast) -> Case:
    return event_at(cast, "verifying")


def test_what_was_seen_on_the_spot_stands_in_the_case(cast: Cast, case: Case) -> None:
    receipt = (
        Phone(cast)
        .put(entry("note", sheet(case, {"site_extent": "三盏灯", "site_hazard": "caution"})))
        .json()
    )
    assert receipt["state"] == "done"
    assert first_fact(case, "site_extent") == "三盏灯"
    assert Record.objects.get(case_id=case.pk, seq=receipt["seq"]).action == "site"
    case.refresh_from_db()
    assert case.step == "verifying"


def test_different_fields_of_two_phones_both_stand(cast: Cast, case: Case) -> None:
    Phone(cast).put(entry("note", sheet(case, {"site_extent": "三盏灯"})))
    receipt = Phone(cast).put(entry("note", sheet(case, {"site_note": "路面湿滑"}))).json()
    assert receipt["state"] == "done"
    assert (first_fact(case, "site_extent"), first_fact(case, "site_note")) == ("三盏灯", "路面湿滑")


def test_the_same_field_waits_for_the_lead_and_the_others_are_taken(cast: Cast, case: Case) -> None:
    Phone(cast).put(entry("note", sheet(case, {"site_extent": "三盏灯"})))
    receipt = (
        Phone(cast).put(entry("note", sheet(case, {"site_extent": "四盏灯", "site_note": "路面湿滑"}))).json()
    )
    assert (receipt["state"], receipt["conflicts"]) == ("merged", ["site_extent"])
    assert (first_fact(case, "site_extent"), first_fact(case, "site_note")) == ("三盏灯", "路面湿滑")
    row = FieldEntry.objects.get(state="merged")
    assert (row.waits, row.area) == (True, case.grid)


def test_saying_what_stands_there_writes_nothing(cast: Cast, case: Case) -> None:
    Phone(cast).put(entry("note", sheet(case, {"site_extent": "三盏灯"})))
    n = Record.objects.count()
    receipt = Phone(cast).put(entry("note", sheet(case, {"site_extent": "三盏灯 "}))).json()
    assert receipt["state"] == "done"
    assert Record.objects.count() == n


@pytest.mark.parametrize("fields", [{"grade": "simple"}, {"site_extent": 3}, {"site_hazard": "very"}])
def test_only_the_sheets_own_fields(cast: Cast, case: Case, fields: dict[str, str]) -> None:
    assert Phone(cast).put(entry("note", sheet(case, fields))).json()["state"] == "kept"


def test_a_case_without_a_sheet_keeps_the_note_for_the_lead(cast: Cast, case: Case) -> None:
    hidden = reported(cast, grid="neighbour_grid")
    assert Phone(cast).put(entry("note", sheet(hidden, {"site_extent": "x"}))).json()["state"] == "kept"


def test_a_voice_note_is_heard_by_those_who_handle_it_alone(cast: Cast, case: Case) -> None:
    phone = Phone(cast)
    voice = {**phone.send_file(VOICE), "field": "voice", "type": "audio/ogg", "name": "v.ogg"}
    receipt = phone.put(entry("note", sheet(case, {}), [voice])).json()
    assert receipt["state"] == "done"
    kept = Attachment.objects.get(field="voice")
    assert (kept.kind, kept.file.media_type, kept.public_file) == ("voice", "audio/ogg", None)
    heard = cast.client("dispatcher").get(f"/files/{kept.uid}/")
    assert (heard.status_code, heard["Content-Type"]) == (200, "audio/ogg")
    assert cast.client("resident").get(f"/files/{kept.uid}/").status_code == 404
    assert str(kept.uid) in cast.client("dispatcher").get(f"/staff/cases/{case.number}/").content.decode()


def test_what_is_no_recording_is_no_voice_note(cast: Cast, case: Case) -> None:
    phone = Phone(cast)
    voice = {**phone.send_file(b"MZ no sound"), "field": "voice", "type": "audio/ogg", "name": "v.ogg"}
    assert phone.put(entry("note", sheet(case, {}), [voice])).json()["state"] == "kept"
