"""Search over everything public (全站检索): two-character words, mixed ones, what is found says what it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from linli.base.i18n import Text
from linli.kernel.people.services import revise_organisation
from linli.kernel.publicity import services as publicity
from linli.kernel.publicity.models import Publication
from linli.kernel.publicity.wording import Fact
from linli.web.finding import marked
from tests.cast import Cast
from tests.events import MONDAY, lamp_category


def shown(cast: Cast, matter: str, *, kind: str = "notice", n: int = 1) -> Publication:
    return publicity.publish(
        case_id=n,
        case_number=f"350102-RP-2026-{n:06d}",
        procedure="test",
        part="shown",
        title=Text("小区改造方案", "Plan"),
        kind=kind,
        area=cast.area("village1"),
        facts=[Fact("matter", Text("事项", "Matter"), matter)],
        at=MONDAY,
        until_at=MONDAY + timedelta(days=7) if kind == "notice" else None,
    )


def found(words: str, **more: str) -> str:
    return Client().get("/search/", {"q": words, **more}).content.decode()


@pytest.mark.parametrize("words", ["停车", "5号楼", "5号", "北门 停车", "５号楼"])
def test_two_characters_and_mixed_words_are_found(cast: Cast, words: str) -> None:
    shown(cast, "北门5号楼前停车位改造")
    assert "北门" in found(words)
    assert "没有找到" not in found(words)


def test_part_of_a_word_is_not_another_word(cast: Cast) -> None:
    shown(cast, "北门5号楼前停车位改造")
    assert "没有找到" in found("门前停")


def test_a_hit_says_what_it_is_where_and_until_when(cast: Cast) -> None:
    shown(cast, "北门停车位改造")
    page = found("停车")
    assert '<span class="tag kind">公示</span>' in page
    assert "庆城社区" in page
    assert "公示到 2026 年 11 月 23 日" in page
    assert "<mark>停车</mark>" in page


def test_what_has_ended_is_found_and_what_was_taken_back_is_not(cast: Cast) -> None:
    ended, withdrawn = shown(cast, "停车一"), shown(cast, "停车二", n=2)
    publicity.end(ended, at=MONDAY + timedelta(days=8))
    publicity.withdraw(withdrawn, reason="重做", at=MONDAY)
    page = found("停车")
    assert "停车</mark>一" in page
    assert "2026 年 11 月 24 日（周二）09:00 结束" in page
    assert "停车</mark>二" not in page


def test_categories_places_windows_and_help_are_found(cast: Cast) -> None:
    lamp_category()
    revise_organisation(cast.organisation("committee"), phone="0591-0000 0001", by=cast.actor("system"))
    assert ">反映</span>" in found("路灯")
    assert "鼓楼区 › 鼓东街道" in found("庆城")
    assert 'href="tel:059100000001"' in found("庆城")
    assert "#helper" in found("代办")
    assert "Through a" in Client().get("/search/?q=helper&lang=en").content.decode()


def test_nothing_found_says_what_to_do(cast: Cast) -> None:
    page = found("飞碟")
    assert "没有找到“飞碟”" in page
    assert "换个说法试试" in page
    assert 'href="/report/"' in page


def test_what_is_written_into_the_box_stays_text(cast: Cast) -> None:
    shown(cast, "停车<b>位")
    page = found("停车<script>")
    assert "<script>alert" not in page
    assert "停车&lt;script&gt;" in page
    assert marked("停车<b>位", "停车") == "<mark>停车</mark>&lt;b&gt;位"


def test_what_is_found_in_the_other_language_is_shown_in_it_too(cast: Cast) -> None:
    page = Client().get("/search/?q=庆城&lang=en").content.decode()
    assert "Qingcheng Community · <mark>庆城</mark>社区" in page


def test_pages_are_turned_by_key_and_cost_the_same(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for n in range(1, 24):
        shown(cast, f"停车 {n} 区", n=n)
    first = found("停车", kind="public")
    assert first.count('class="row tap"') == 20
    cursor = first.split("cursor=")[1].split('"')[0]
    second = found("停车", kind="public", cursor=cursor)
    assert second.count('class="row tap"') == 3
    found("停车")  # the procedures are loaded once
    with django_assert_max_num_queries(8):
        found("停车")
