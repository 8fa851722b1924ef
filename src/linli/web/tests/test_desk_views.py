"""Saved views (我的视图): counted, pinned, put in order, shared within an organisation and no further."""

from __future__ import annotations

from uuid import uuid4

import pytest

from linli.base.errors import NotFound
from linli.kernel.procedures.models import SavedView
from linli.kernel.procedures.versions import load_all
from linli.web import savedviews
from tests.cast import Cast
from tests.events import event_at, reported

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def procedures(db: None) -> None:
    load_all()


def names(cast: Cast, who: str) -> list[str]:
    return [view.name for view in savedviews.views_of(cast.actor(who))]


def test_a_view_says_how_many_it_finds_in_my_sight(cast: Cast) -> None:
    reported(cast)
    event_at(cast, "handling")
    savedviews.save_view("待受理的", "step=reported", by=cast.actor("dispatcher"))
    client = cast.client("dispatcher")
    assert "1 件" in client.get("/staff/views/").content.decode()
    menu = client.get("/staff/views/menu/").content.decode()
    assert "待受理的" in menu
    assert ">1<" in menu


def test_views_are_pinned_and_put_in_order(cast: Cast) -> None:
    by = cast.actor("dispatcher")
    made = [savedviews.save_view(name, f"step={n}", by=by) for n, name in enumerate("甲乙丙")]
    savedviews.raise_view(made[2].uid, by=by)
    first = names(cast, "dispatcher")
    savedviews.raise_view(next(v.uid for v in made if v.name == first[0]), by=by)
    assert names(cast, "dispatcher") == first
    savedviews.pin_view(made[0].uid, by=by, pinned=False)
    page = cast.client("dispatcher").get("/staff/notices/").content.decode()
    assert "step=1" in page
    assert "step=0" not in page


def test_a_shared_view_is_for_colleagues_of_the_organisation_alone(cast: Cast) -> None:
    by = cast.actor("dispatcher")
    view = savedviews.save_view("路灯", "q=路灯", by=by)
    assert savedviews.shared_by_colleagues(cast.actor("call_back")) == []
    savedviews.share_view(view.uid, by=by, shared=True)
    assert [v.name for v in savedviews.shared_by_colleagues(cast.actor("call_back"))] == ["路灯"]
    assert savedviews.shared_by_colleagues(cast.actor("clerk")) == []
    cast.client("call_back").post(f"/staff/views/{view.uid}/arrange/", {"act": "take"})
    assert names(cast, "call_back") == ["路灯"]
    with pytest.raises(NotFound):
        savedviews.take_view(view.uid, by=cast.actor("clerk"))
    savedviews.share_view(view.uid, by=by, shared=False)
    assert savedviews.shared_by_colleagues(cast.actor("call_back")) == []


@pytest.mark.parametrize("act", ["pin", "unpin", "share", "up", "take"])
def test_nobody_arranges_another_s_view(cast: Cast, act: str) -> None:
    view = savedviews.save_view("路灯", "q=路灯", by=cast.actor("dispatcher"))
    for uid in (view.uid, uuid4()):
        answer = cast.client("call_back").post(f"/staff/views/{uid}/arrange/", {"act": act})
        assert answer.status_code == 404
    kept = SavedView.objects.get()
    assert kept.pinned
    assert kept.shared_with is None
