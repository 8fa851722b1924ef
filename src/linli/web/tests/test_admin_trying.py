"""An invented case walked through a procedure (试一试): who, until when, what the person reads; nothing is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from linli.kernel.notices.models import Notice
from linli.kernel.people.models import AuditEntry
from linli.kernel.procedures.models import Case, Task
from linli.kernel.procedures.versions import current_procedures, load_all
from tests.cast import Cast

pytestmark = pytest.mark.django_db

EVENTS = reverse("web:admin_try_procedure", args=["grid-event"])
MONDAY = {"on": "2026-03-02", "grade": "simple"}


@pytest.fixture
def admin(cast: Cast) -> Client:
    load_all()
    return cast.client("admin")


def page(admin: Client, url: str = EVENTS, **asked: Any) -> str:
    answer = admin.get(url, asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_way_says_who_until_when_and_what_the_person_reads(admin: Client, cast: Cast) -> None:
    where = cast.area("village1").code
    said = page(admin, **MONDAY, where=where)
    for words in ("待受理", "人可以接", cast.account("dispatcher").name, "2026年3月5日", "已收到", "终点"):
        assert words in said, words


def test_limits_follow_what_is_chosen_and_another_act_leads_another_way(admin: Client, cast: Cast) -> None:
    where = cast.area("village1").code
    assert "2026年3月5日" not in page(admin, **{**MONDAY, "grade": "complex"}, where=where)
    other = page(admin, **MONDAY, where=where, do="decline")
    assert "没有受理" in other
    assert "可以" in other  # what one may do about it
    usual, odd = (page(admin, **MONDAY, where=where, do=do).split("<ol")[-1] for do in ("", "nonsense"))
    assert odd.split("</ol>")[0] == usual.split("</ol>")[0]


def test_every_procedure_can_be_tried(admin: Client) -> None:
    for procedure in current_procedures():
        assert "终点" in page(
            admin, reverse("web:admin_try_procedure", args=[procedure.code]), on="2026-03-02"
        )


def test_nothing_is_kept(admin: Client) -> None:
    before = [m.objects.count() for m in (Case, Task, Notice, AuditEntry)]
    page(admin, **MONDAY)
    assert [m.objects.count() for m in (Case, Task, Notice, AuditEntry)] == before
    assert admin.post(EVENTS, MONDAY).status_code == 405


@pytest.mark.parametrize(("asked", "said"), [({"on": "明天"}, "2026-03-01"), ({"where": "月球"}, "没有找到")])
def test_what_cannot_be_read_is_said_at_its_field(admin: Client, asked: dict[str, str], said: str) -> None:
    answer = admin.get(EVENTS, asked)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_nobody_else_comes_in(admin: Client, cast: Cast) -> None:
    for name in ("dispatcher", "resident", "leader"):
        assert cast.client(name).get(EVENTS).status_code == 404
    assert admin.get(reverse("web:admin_try_procedure", args=["unknown"])).status_code == 404
