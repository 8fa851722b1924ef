"""The residents' first page (居民首页): living news of the chosen area, and nothing that points at a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client

from linli.base.clock import now
from linli.domains.events.done import FEWEST, lately_done
from linli.domains.events.models import Category
from linli.kernel.people.services import revise_organisation
from tests.cast import Cast
from tests.events import event_at

LAMP = "test:1:lamp"


def closed(cast: Cast, n: int, **kwargs: Any) -> None:
    for _ in range(n):
        event_at(cast, "closed", at=now() - timedelta(days=3), **kwargs)


def in_area(cast: Cast, name: str) -> Client:
    client = Client()
    client.cookies["linli_area"] = cast.area(name).code
    return client


def test_what_was_done_says_kind_village_and_days_alone(cast: Cast) -> None:
    closed(cast, FEWEST)
    page = in_area(cast, "village1").get("/").content.decode()
    done = page[page.index('id="done"') :].partition("</section>")[0]
    assert "路灯" in done
    assert "庆城社区" in done
    assert "当天办好" in done
    assert "北门" not in done
    assert "350102-EV" not in done


def test_too_few_are_not_shown(cast: Cast) -> None:
    closed(cast, FEWEST - 1)
    assert lately_done(cast.area("village1"), at=now()) == []
    assert 'id="done"' not in in_area(cast, "village1").get("/").content.decode()


def test_help_for_a_person_is_never_shown(cast: Cast) -> None:
    closed(cast, FEWEST)
    Category.objects.filter(key=LAMP).update(help_case=True)
    assert lately_done(cast.area("village1"), at=now()) == []


def test_what_is_done_elsewhere_is_not_of_this_area(cast: Cast, django_assert_num_queries: Any) -> None:
    closed(cast, FEWEST)
    cast.area("village2")
    with django_assert_num_queries(1):
        assert lately_done(cast.area("village2"), at=now()) == []
    assert len(lately_done(cast.area("county"), at=now())) == 3
    assert len(lately_done(None, at=now())) == 3


def test_the_first_visit_is_asked_gently_and_the_choice_is_said(cast: Cast) -> None:
    assert "不说也能用" in Client().get("/").content.decode()
    page = in_area(cast, "village1").get("/").content.decode()
    assert "显示的是 庆城社区 的内容" in page
    assert "不说也能用" not in page


def test_elder_mode_has_four_ways_and_a_phone_that_calls(cast: Cast) -> None:
    client = in_area(cast, "grid1")
    client.cookies["linli_size"] = "large"
    page = client.get("/").content.decode()
    assert page.split('class="big"')[1].partition("</nav>")[0].count('class="btn') == 4
    assert "tel:" not in page
    revise_organisation(cast.organisation("committee"), phone="0591-0000 0001", by=cast.actor("system"))
    page = client.get("/").content.decode()
    assert 'href="tel:059100000001"' in page
    assert "庆城社区居民委员会" in page


def test_help_names_the_windows_near_by(cast: Cast) -> None:
    committee = cast.organisation("committee")
    revise_organisation(committee, phone="0591-0000 0001", address="北大路 1 号", by=cast.actor("system"))
    page = in_area(cast, "grid1").get("/help/").content.decode()
    assert "北大路 1 号" in page
    assert "tel:059100000001" in page
    assert "选择地区" in Client().get("/help/").content.decode()
    assert "北大路" not in in_area(cast, "neighbour_grid").get("/help/").content.decode()


def test_the_first_page_costs_the_same_however_much_there_is(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    client = in_area(cast, "village1")
    client.get("/")  # the procedures are loaded once
    with django_assert_max_num_queries(8):
        client.get("/")
    closed(cast, FEWEST)
    with django_assert_max_num_queries(9):
        client.get("/")
