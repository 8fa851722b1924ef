"""The fast lane and finding a person (快速登记、找人): what each refuses, what stays, what is entered, and how much is asked."""

from __future__ import annotations

import pytest
from django.test.utils import CaptureQueriesContext

from linli.base.clock import now
from linli.base.i18n import Text
from linli.kernel.people.models import AccessEntry, Person
from linli.kernel.procedures.models import Case
from linli.web import lane
from linli.web.aloud import code_aloud, number_aloud
from tests.cast import Cast
from tests.events import reported

FIND = "/staff/search/person/"
PHONE = "13900000001"


def test_a_search_needs_a_whole_number_and_a_purpose(cast: Cast) -> None:
    reported(cast, at=now())
    client = cast.client("clerk")
    for wrong in (
        {"q": "1390000", "purpose": "progress"},
        {"q": "林", "purpose": "progress"},
        {"q": PHONE},
    ):
        assert client.post(FIND, wrong).status_code == 422
    assert not AccessEntry.objects.exists()
    found = client.post(FIND, {"q": "139 0000 0001", "purpose": "progress"}).content.decode()
    assert "林**" in found or "林*" in found
    assert PHONE not in found.replace('value="13900000001"', "")
    look = AccessEntry.objects.get()
    assert (look.person, look.what, look.purpose) == (
        cast.person("resident"), "search:phone", "来人来电问办到哪里了",
    )  # fmt: skip


def test_by_the_full_name_within_ones_own_area(cast: Cast) -> None:
    case = reported(cast, at=now())
    client = cast.client("clerk")
    assert "没有这个号码或姓名" in client.post(FIND, {"q": "林小", "purpose": "progress"}).content.decode()
    found = client.post(FIND, {"q": "林小邻", "purpose": "progress"}).content.decode()
    assert case.number in found
    assert PHONE not in found
    assert AccessEntry.objects.latest("id").what == "search:name"
    other = cast.client("neighbour_dispatcher").post(FIND, {"q": "林小邻", "purpose": "progress"})
    assert case.number not in other.content.decode()


def test_by_an_id_number_too(cast: Cast) -> None:
    reported(cast, at=now())
    client = cast.client("clerk")
    found = client.post(FIND, {"q": "350102199001010016", "purpose": "supplement"}).content.decode()
    assert "林*" in found
    assert AccessEntry.objects.get().what == "search:id_number"


@pytest.mark.parametrize("who", ["neighbour_dispatcher", "handler"])
def test_whom_ones_posts_may_not_see_is_as_good_as_unknown(cast: Cast, who: str) -> None:
    reported(cast, at=now())
    client = cast.client(who)
    nobody = client.post(FIND, {"q": "13900000777", "purpose": "progress"}).content.decode()
    other = client.post(FIND, {"q": PHONE, "purpose": "progress"}).content.decode()
    assert "没有这个号码" in nobody
    assert "没有这个号码" in other
    assert [look.person for look in AccessEntry.objects.order_by("id")] == [None, None]


def test_residents_find_nobody(cast: Cast) -> None:
    assert cast.client("resident").post(FIND, {"q": PHONE, "purpose": "progress"}).status_code == 403
    assert cast.client("anonymous").post(FIND, {"q": PHONE, "purpose": "progress"}).status_code == 302
    assert not AccessEntry.objects.exists()


def test_the_search_asks_as_much_for_many_cases_as_for_one(cast: Cast) -> None:
    from django.db import connection

    client = cast.client("clerk")
    counts = []
    for n in (1, 6):
        for _ in range(n):
            reported(cast, at=now())
        client.post(FIND, {"q": PHONE, "purpose": "progress"})
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.post(FIND, {"q": PHONE, "purpose": "progress"})
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_recognised_person_is_told_without_being_asked_again(cast: Cast) -> None:
    reported(cast, at=now())
    known = cast.person("resident")
    client = cast.client("clerk")
    entry = {
        "key": "k1",
        "channel": "window",
        "person": str(known.uid),
        "description": "楼道堆物",
        "village": cast.area("village1").code,
    }
    assert client.post("/staff/register/", entry).status_code == 302
    assert Case.objects.latest("pk").applicant == known
    assert Person.objects.count() == 2  # nobody was entered anew
    petition = {
        "key": "k2",
        "channel": "window",
        "person": str(known.uid),
        "subject": "请求核发过渡费",
        "request": "停了半年。",
        "kind": "appeal",
        "area": cast.area("village1").code,
    }
    answer = client.post("/staff/begin/petition/", petition)
    assert Case.objects.latest("pk").applicant == known, answer.content.decode()[:2000]


def test_a_person_out_of_sight_is_not_taken_for_the_reporter(cast: Cast) -> None:
    reported(cast, at=now())
    entry = {
        "key": "k3",
        "channel": "window",
        "person": str(cast.person("resident").uid),
        "description": "楼道堆物",
        "village": cast.area("neighbour_village").code,
    }
    answer = cast.client("neighbour_dispatcher").post("/staff/register/", entry)
    assert answer.status_code == 422
    assert "没有查到这个人" in answer.content.decode()
    assert Case.objects.count() == 1


def test_places_used_lately_stand_first(cast: Cast) -> None:
    client = cast.client("clerk")
    for n, area in enumerate(("grid3", "village1", "grid3")):
        client.post(
            "/staff/register/",
            {"key": f"p{n}", "channel": "window", "description": f"第{n}件", "village": cast.area(area).code},
        )
    choices = lane.areas(cast.area("township"), cast.actor("clerk"))
    assert [c.value for c in choices[:2]] == [cast.area("grid3").code, cast.area("village1").code]
    assert all(c.group == lane.USED for c in choices[:2])
    assert len(choices) == 2 + 5  # two villages, three grids
    assert lane.areas(cast.area("township"), cast.actor("dispatcher"))[0].group != lane.USED


def test_categories_are_suggested_with_the_word_that_was_said(cast: Cast) -> None:
    from tests.events import lamp_category

    lamp_category()
    url = "/staff/register/suggest/"
    words = cast.client("clerk").post(url, {"description": "门口路灯不亮"}).content.decode()
    assert "test:1:lamp" in words
    assert "路灯" in words
    assert cast.client("clerk").post(url, {"description": ""}).content.decode().strip() == ""
    assert cast.client("clerk").get(url).status_code == 405
    assert cast.client("handler").post(url, {"description": "路灯"}).status_code == 403


def test_numbers_are_read_out_in_groups() -> None:
    assert number_aloud("350102-EV-2026-000017") == Text(
        "3501 02，E V，2026，000 017", "3501 02, E V, 2026, 000 017"
    )
    assert [(sign, said.zh) for sign, said in code_aloud("B7K2")] == [
        ("B", "北京"), ("7", "七"), ("K", "昆明"), ("2", "二"),
    ]  # fmt: skip
