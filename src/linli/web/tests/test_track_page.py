"""What a party reads on the page of their case (办理进度页): what is new, until when, and reasons with a rating."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client

from linli.base.clock import now
from linli.base.errors import Invalid
from linli.kernel.procedures import engine, keys
from linli.kernel.procedures.models import Case, LastLook
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import event_at

NEW = 'class="tag blue">新<'


def test_what_came_since_the_last_visit_is_marked_once(cast: Cast) -> None:
    case = event_at(cast, "assigned", at=now() - timedelta(hours=2))
    client = cast.client("resident")
    assert NEW not in client.get(f"/case/{case.number}/").content.decode()
    engine.act(case, "sign", {}, by=cast.actor("handler"))
    page = client.get(f"/case/{case.number}/").content.decode()
    assert page.count(NEW) == 1
    assert "有 1 条新进展" in page
    assert NEW not in client.get(f"/case/{case.number}/").content.decode()
    assert LastLook.objects.get().account_id == cast.account("resident").pk


def test_who_has_only_the_code_sees_the_mark_in_this_browser(cast: Cast) -> None:
    case = event_at(cast, "assigned", at=now() - timedelta(hours=2))
    Case.objects.filter(pk=case.pk).update(tracking_hash=keys.tracking_hash(case.number, "23456789"))
    client = Client()
    client.post("/track/", {"number": case.number, "code": "23456789"})
    assert NEW not in client.get(f"/case/{case.number}/").content.decode()
    engine.act(case, "sign", {}, by=cast.actor("handler"))
    assert NEW in client.get(f"/case/{case.number}/").content.decode()
    assert not LastLook.objects.exists()


def test_a_closed_case_says_until_when_it_can_be_reopened(cast: Cast) -> None:
    case = event_at(cast, "closed", at=now() - timedelta(days=2))
    page = cast.client("resident").get(f"/case/{case.number}/").content.decode()
    assert "重新办理" in page
    assert "最晚 " in page


def test_a_rating_takes_its_reasons_and_seals_them(cast: Cast) -> None:
    case = event_at(cast, "evaluating", at=now() - timedelta(hours=1))
    page = cast.client("resident").get(f"/case/{case.number}/").content.decode()
    for words in ("好在哪里", "哪里不满意", "没人联系我", "说到做到"):
        assert words in page
    answer = cast.client("resident").post(
        f"/case/{case.number}/do/rate/",
        {
            "key": "k",
            "solved": "true",
            "satisfied": "2",
            "blame": ["slow", "no_contact"],
            "comment": "等了很久",
        },
    )
    assert answer.status_code == 302
    row = Record.objects.get(case_id=case.pk, action="rate")
    assert "slow" not in row.facts
    assert "blame" in json.loads(row.digests)
    told = cast.client("resident").get(f"/case/{case.number}/?lang=en").content.decode()
    assert "Slow, Nobody contacted me" in told


def test_a_reason_that_is_not_offered_is_refused(cast: Cast) -> None:
    case = event_at(cast, "evaluating")
    with pytest.raises(Invalid) as wrong:
        engine.act(
            case, "rate", {"solved": True, "satisfied": 5, "praise": ["bribe"]}, by=cast.actor("resident")
        )
    assert set(wrong.value.fields) == {"praise"}
