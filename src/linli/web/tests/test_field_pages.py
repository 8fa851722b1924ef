"""The lead's pages of field work (外勤负责人页面)."""

from __future__ import annotations

import base64
import json
import os
from hashlib import pbkdf2_hmac, sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from linli.kernel.fieldwork.models import FieldDevice, FieldEntry
from linli.kernel.people.models import AuditEntry
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import first_fact
from linli.kernel.procedures.models import Case
from tests.api import jpeg
from tests.cast import Cast
from tests.events import event_at
from tests.phone import Phone, a_report, entry

pytestmark = pytest.mark.django_db

ARRIVALS, PHONES, WALKS, RESCUE = (
    "/staff/field/",
    "/staff/field/phones/",
    "/staff/field/walks/",
    "/staff/field/rescue/",
)
LEADS = {"dispatcher", "leader", "neighbour_dispatcher"}
WITH_PHONES = LEADS | {"grid_worker", "other_grid_worker", "admin"}


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.LINLI_DATA_DIR = tmp_path


@pytest.fixture
def kept(cast: Cast) -> FieldEntry:
    """A check that came too late, with a photo and the reporter's phone in it."""
    case = event_at(cast, "verifying")
    phone = Phone(cast)
    photo = {**phone.send_file(jpeg()), "field": "photo_after"}
    engine.act(case, "rework", {"reason": "还有一盏不亮"}, by=cast.actor("grid_worker"))
    data = {"passed": "都亮了", "contact": "13900000001"}
    body = {"number": case.number, "action": "verify", "seq": case.seq, "data": data}
    phone.put(entry("act", body, [photo]))
    return FieldEntry.objects.get()


def test_who_finds_which_page(cast: Cast, kept: FieldEntry) -> None:
    entry_page = reverse("web:field_entry", args=[kept.uid])
    photo = reverse("web:field_entry_file", args=[kept.uid, 0])
    for name in cast.names():
        client = cast.client(name)
        found = {page: client.get(page).status_code == 200 for page in (ARRIVALS, PHONES, WALKS, RESCUE)}
        lead = name in LEADS
        assert found == {ARRIVALS: lead, PHONES: name in WITH_PHONES, WALKS: lead, RESCUE: lead}, name
        for page in (entry_page, photo):
            assert (client.get(page).status_code == 200) == (name in {"dispatcher", "leader"}), (name, page)


def test_the_lead_reads_what_was_meant_and_personal_facts_are_masked(cast: Cast, kept: FieldEntry) -> None:
    client = cast.client("dispatcher")
    assert kept.number in client.get(ARRIVALS).content.decode()
    page = client.get(reverse("web:field_entry", args=[kept.uid])).content.decode()
    assert "都亮了" in page
    assert "核实通过" in page
    assert "13900000001" not in page
    assert "陈格一" in page


def test_a_decision_leads_back_and_a_refusal_stays(cast: Cast, kept: FieldEntry) -> None:
    client = cast.client("dispatcher")

    def post(verb: str, **data: str) -> Any:
        return client.post(reverse("web:field_decide", args=[kept.uid, verb]), data)

    assert post("carry").status_code == 409
    assert post("aside", text=" ").status_code == 422
    assert post("nothing").status_code == 404
    refused = post("note", number="350102-EV-2026-999999", text="已到场看过")
    assert refused.status_code == 404
    answer = post("note", number=kept.number, text="已到场看过")
    assert (answer.status_code, answer["Location"]) == (302, ARRIVALS)
    assert first_fact(Case.objects.get(), "note") == "已到场看过"
    assert "转成了说明" in client.get(ARRIVALS).content.decode()
    assert post("aside", text="x").status_code == 409


def test_two_values_stand_side_by_side(cast: Cast) -> None:
    case = event_at(cast, "verifying")
    for value in ("三盏灯", "四盏灯"):
        Phone(cast).put(entry("note", {"number": case.number, "base": {}, "fields": {"site_extent": value}}))
    row = FieldEntry.objects.get(state="merged")
    client = cast.client("leader")
    page = client.get(reverse("web:field_entry", args=[row.uid])).content.decode()
    assert "三盏灯" in page
    assert "四盏灯" in page
    client.post(reverse("web:field_decide", args=[row.uid, "choose"]), {"pick-site_extent": "both"})
    assert first_fact(case, "site_extent") == "三盏灯\n四盏灯"


def test_two_contents_of_one_number_stand_side_by_side(cast: Cast) -> None:
    phone = Phone(cast)
    first = entry("report", a_report(cast))
    phone.put(first)
    phone.put(entry("report", a_report(cast, description="井盖不见了"), number=first["id"]))
    row = FieldEntry.objects.get(twin__isnull=False)
    page = cast.client("dispatcher").get(reverse("web:field_entry", args=[row.uid])).content.decode()
    assert "井盖不见了" in page
    assert "井盖松了" in page


def test_the_list_costs_the_same_with_one_and_with_many(cast: Cast) -> None:
    phone = Phone(cast)
    client = cast.client("dispatcher")
    phone.put(entry("report", {}))
    client.get(ARRIVALS)
    with CaptureQueriesContext(connection) as one:
        client.get(ARRIVALS)
    for _ in range(8):
        phone.put(entry("report", {}))
    with CaptureQueriesContext(connection) as many:
        client.get(ARRIVALS)
    # A new notice may be read along; the list itself stays the same.
    assert len(many) <= len(one)


def test_phones_are_revoked_on_the_page(cast: Cast) -> None:
    phone = Phone(cast, label="红米 9")
    phone.hello(n_unsent=2)
    client = cast.client("dispatcher")
    page = client.get(PHONES).content.decode()
    assert "红米 9" in page
    assert "没传的 2 条" in page
    end = reverse("web:field_phone_end", args=[phone.device.uid, "revoke"])
    assert cast.client("clerk").post(end).status_code == 404
    assert cast.client("neighbour_dispatcher").post(end).status_code == 404
    assert client.post(end).status_code == 302
    assert phone.hello()["state"] == "revoked"
    assert AuditEntry.objects.filter(act="field.device_revoked").count() == 1
    assert not FieldDevice.objects.filter(state="active").exists()


def rescue_file(phone: Phone, made: list[dict[str, Any]], contents: list[bytes], word: str = "") -> bytes:
    files = {sha256(c).hexdigest(): base64.b64encode(c).decode() for c in contents}
    plain = {
        "linli": "field-rescue",
        "version": 1,
        "device": phone.enrolled["device"],
        "entries": made,
        "files": files,
    }
    text = json.dumps(plain, ensure_ascii=False).encode()
    if not word:
        return text
    salt, iv = os.urandom(16), os.urandom(12)
    key = pbkdf2_hmac("sha256", word.encode(), salt, 600_000, 32)
    data = AESGCM(key).encrypt(iv, text, None)
    coded = {n: base64.b64encode(v).decode() for n, v in (("salt", salt), ("iv", iv), ("data", data))}
    return json.dumps({"linli": "field-rescue-sealed", "version": 1, "rounds": 600_000, **coded}).encode()


def sent(content: bytes, **more: str) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("r.json", content, "application/json"), **more}


def test_a_rescue_file_is_looked_at_first_and_comes_in_once(cast: Cast) -> None:
    phone, photo = Phone(cast), jpeg()
    named = {
        "sha256": sha256(photo).hexdigest(),
        "size": len(photo),
        "type": "image/jpeg",
        "name": "a.jpg",
        "field": "photos",
    }
    known, new = entry("report", a_report(cast)), entry("report", a_report(cast), [named])
    phone.put(known)
    content = rescue_file(phone, [known, new, entry("report", {})], [photo], "xiangqi")
    client = cast.client("dispatcher")
    assert client.post(RESCUE, sent(content)).status_code == 422
    assert client.post(RESCUE, sent(content, passphrase="wrong")).status_code == 422
    seen = client.post(RESCUE, sent(content, passphrase="xiangqi"))
    assert seen.context["n_new"] == 2
    assert FieldEntry.objects.count() == 1
    name = seen.context["kept"]
    assert cast.client("leader").post(RESCUE, {"kept": name}).status_code == 409
    taken = client.post(RESCUE, {"kept": name})
    assert [str(row["state"]) for row in taken.context["rows"]] == ["已办好", "已办好", "留给您处理"]
    assert sorted(FieldEntry.objects.values_list("state", "by_rescue")) == [
        ("done", False),
        ("done", True),
        ("kept", True),
    ]
    assert client.post(RESCUE, {"kept": name}).status_code == 409
    again = client.post(RESCUE, sent(content, passphrase="xiangqi"))
    assert again.context["n_new"] == 0
    assert phone.put(new).json()["state"] == "done"  # the phone comes to life again
    assert Case.objects.count() == 2
    assert AuditEntry.objects.get(act="field.rescued").facts["n_entries"] == 3


def test_a_phone_of_elsewhere_is_not_rescued_here(cast: Cast) -> None:
    content = rescue_file(Phone(cast), [], [])
    assert cast.client("neighbour_dispatcher").post(RESCUE, sent(content)).status_code == 409


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"linli": "field-rescue", "version": 2}',
        b'{"linli": "field-rescue-sealed"}',
    ],
)
def test_what_is_no_rescue_file_is_said(cast: Cast, content: bytes) -> None:
    answer = cast.client("dispatcher").post(RESCUE, sent(content, passphrase="x"))
    assert answer.status_code == 422


def test_a_rescue_file_that_was_changed_is_not_taken(cast: Cast) -> None:
    phone = Phone(cast)
    made = {**entry("report", a_report(cast)), "body": {"description": "别的"}}
    assert cast.client("dispatcher").post(RESCUE, sent(rescue_file(phone, [made], []))).status_code == 422
