"""Phones: who may have one, how it is told that it is over, and that every answer is proven (外勤设备)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from linli.base.clock import now
from linli.base.errors import NotFound
from linli.kernel.fieldwork import devices
from linli.kernel.fieldwork.models import RETURNING, REVOKED, FieldDevice
from linli.kernel.people.models import Appointment, AuditEntry
from tests.cast import RESIDENTS, STAFF, Cast
from tests.phone import Phone, a_report, entry

pytestmark = pytest.mark.django_db

WORKERS = {"grid_worker", "other_grid_worker"}


def test_only_grid_workers_with_a_post_enrol_a_phone(cast: Cast) -> None:
    for name in [*STAFF, *RESIDENTS, "anonymous"]:
        answer = cast.client(name).post("/field/enrol/", json.dumps({"label": "x"}), "application/json")
        expected = 201 if name in WORKERS else 401 if name == "anonymous" else 403
        assert answer.status_code == expected, name
    assert FieldDevice.objects.count() == len(WORKERS)
    assert AuditEntry.objects.filter(act="field.device_enrolled").count() == len(WORKERS)


def test_three_phones_are_enough(cast: Cast) -> None:
    for n in range(3):
        Phone(cast, label=f"phone {n}")
    answer = cast.client("grid_worker").post("/field/enrol/", json.dumps({"label": "x"}), "application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "field.too_many_devices")


@pytest.mark.parametrize("label", ["", " ", "x" * 61])
def test_a_phone_has_a_name(cast: Cast, label: str) -> None:
    answer = cast.client("grid_worker").post(
        "/field/enrol/", json.dumps({"label": label}), "application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "field.label")


def test_enrolling_needs_the_token_of_the_page(cast: Cast) -> None:
    client = cast.client("grid_worker")
    client.handler.enforce_csrf_checks = True
    answer = client.post("/field/enrol/", json.dumps({"label": "x"}), "application/json")
    assert answer.status_code == 403
    assert not FieldDevice.objects.exists()


def test_a_phone_says_what_it_has_and_hears_how_it_stands(cast: Cast) -> None:
    phone = Phone(cast)
    said = phone.hello(
        n_unsent=4, oldest_unsent_at="2026-11-16T09:30:00+08:00", n_conflicts=1, app="1", persisted=True
    )
    assert (said["state"], said["words"]) == ("active", None)
    device = phone.device
    assert (device.n_unsent, device.n_conflicts, device.persisted) == (4, 1, True)


def test_a_lost_phone_is_told_and_lets_nothing_in(cast: Cast) -> None:
    phone = Phone(cast)
    devices.end(phone.device.uid, REVOKED, by=cast.actor("dispatcher"))
    answer = phone.put(entry("report", a_report(cast)))
    assert (answer.status_code, answer.json()["code"]) == (403, "field.device_revoked")
    said = phone.hello(n_unsent=2)
    assert said["state"] == "revoked"
    assert all(said["words"].values())
    assert phone.device.ended_told_at is not None
    assert AuditEntry.objects.get(act="field.device_revoked").facts["n_unsent"] == 0


def test_a_phone_that_goes_back_first_sends_what_it_has(cast: Cast) -> None:
    phone = Phone(cast)
    devices.end(phone.device.uid, RETURNING, by=cast.actor("grid_worker"))
    assert phone.hello(n_unsent=1)["state"] == "returning"
    assert phone.put(entry("report", a_report(cast))).json()["state"] == "done"
    assert phone.device.ended_told_at is None
    assert phone.hello(n_unsent=0)["state"] == "returning"
    assert phone.device.ended_told_at is not None


def test_who_leaves_the_post_returns_the_phone_and_loses_nothing(cast: Cast) -> None:
    phone = Phone(cast)
    Appointment.objects.filter(account=cast.account("grid_worker")).delete()
    assert phone.hello()["state"] == "returning"
    receipt = phone.put(entry("report", a_report(cast))).json()
    assert receipt["state"] == "kept"


def test_after_a_week_without_contact_the_phone_has_expired(cast: Cast) -> None:
    phone = Phone(cast)
    FieldDevice.objects.update(expires_at=now() - timedelta(minutes=1))
    assert phone.hello()["state"] == "expired"
    assert phone.put(entry("report", a_report(cast))).json()["state"] == "done"  # the queue still goes up
    assert phone.hello()["state"] == "expired"  # until the worker signs in again


def test_only_its_worker_and_who_leads_there_may_end_a_phone(cast: Cast) -> None:
    allowed = {"grid_worker", "dispatcher", "leader", "admin"}
    phone = Phone(cast)
    for name in cast.names():
        if name in allowed:
            assert devices.end(phone.device.uid, REVOKED, by=cast.actor(name)).state == REVOKED
            FieldDevice.objects.update(state="active")
        else:
            with pytest.raises(NotFound):
                devices.end(phone.device.uid, REVOKED, by=cast.actor(name))


def test_no_token_no_answer_that_counts(cast: Cast) -> None:
    phone = Phone(cast)
    for headers in ({}, {"Authorization": "Bearer linli_field_wrong"}, {"Authorization": "Basic x"}):
        answer = phone.client.post(
            "/api/v1/field/hello", "{}", "application/json", headers={"X-Linli-Nonce": "0" * 32, **headers}
        )
        assert answer.status_code == 401
        assert "X-Linli-Proof" not in answer.headers


def test_a_session_is_no_phone(cast: Cast) -> None:
    answer = cast.client("grid_worker").post("/api/v1/field/hello", "{}", "application/json")
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "/hello", b"", 405),
        ("POST", "/hello", b"{", 400),
        ("POST", "/hello", b"[]", 400),
        ("POST", "/hello", b'{"n_unsent": -1}', 422),
        ("PUT", "/entries/018f0000-0000-7000-8000-000000000000", b"{}", 422),
        ("PUT", "/entries/018f0000-0000-7000-8000-000000000000", b"x" * 600_000, 413),
        ("GET", "/entries?ids=x", b"", 400),
        ("PUT", "/files/zz?size=5&offset=0", b"12345", 422),
    ],
)
def test_refusals_are_proven_too(cast: Cast, method: str, path: str, content: bytes, status: int) -> None:
    answer = Phone(cast).call(method, path, content)  # which checks the proof
    assert answer.status_code == status
    assert answer.json()["code"]
