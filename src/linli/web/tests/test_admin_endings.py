"""Somebody goes (离任、撤销岗位、停用): what is open on the desk is said first, who takes it on may be named, all or nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from linli.base.clock import today
from linli.kernel.people.models import Appointment, AuditEntry, Post
from linli.kernel.people.services import create_account, create_organisation, create_post
from linli.kernel.people.services.posts import appoint
from linli.kernel.procedures.desks import desk_of
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.versions import load_all
from tests.cast import Cast
from tests.journeys.world import build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(cast: Cast) -> Client:
    load_all()
    return cast.client("admin")


def held_by(cast: Cast, name: str) -> Appointment:
    return Appointment.objects.select_related("post").get(account=cast.account(name))


def ending(held: Appointment) -> str:
    return reverse("web:admin_end_appointment", args=[held.post.uid, held.account.uid, held.from_on])


def leaving(cast: Cast, name: str) -> str:
    return reverse("web:admin_end_account", args=[cast.account(name).uid])


def other_administrator(cast: Cast) -> Client:
    held = held_by(cast, "neighbour_dispatcher")
    Post.objects.filter(pk=held.post_id).update(roles=["administrator"])
    return cast.client("neighbour_dispatcher")


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_desk_is_counted_and_whoever_else_can_act_is_named(cast: Cast, admin: Client) -> None:
    build_world(cast)
    held = held_by(cast, "dispatcher")
    desk = desk_of(held.post, by=cast.actor("admin"), without=[held.account_id])
    assert desk.n_open.n > 0
    assert desk.is_left_alone
    html = page(admin, ending(held))
    assert f"等着办的有 {desk.n_open} 件" in html
    assert "再没有别人能接办" in html
    second = create_account("second", "第二派遣", by=cast.actor("system"), password="jian-dan-2931-ma")
    appoint(held.post, second, from_on=today(), by=cast.actor("system"))
    html = page(admin, ending(held))
    assert "第二派遣" in html
    assert "再没有别人能接办" not in html


def test_the_list_shows_only_what_the_reader_may_see(cast: Cast, admin: Client) -> None:
    build_world(cast)
    held = held_by(cast, "dispatcher")
    assert desk_of(held.post, by=cast.actor("dispatcher")).rows
    assert not desk_of(held.post, by=cast.actor("neighbour_dispatcher")).rows
    numbers = {t.case.number for t in desk_of(held.post, by=cast.actor("admin")).rows}
    html = page(admin, ending(held))
    for number in Case.objects.values_list("number", flat=True):
        assert (number in html) == (number in numbers)


def test_a_successor_is_appointed_from_the_day_after(cast: Cast, admin: Client) -> None:
    held, last = held_by(cast, "handler"), today() + timedelta(days=7)
    answer = admin.post(ending(held), {"to_on": str(last), "successor": "other_handler"})
    assert answer.status_code == 302
    held.refresh_from_db()
    assert held.to_on == last
    new = Appointment.objects.get(post=held.post, account=cast.account("other_handler"))
    assert new.from_on == last + timedelta(days=1)
    acts = set(AuditEntry.objects.order_by("-id").values_list("act", flat=True)[:2])
    assert acts == {"people.appointment_ended", "people.appointed"}


@pytest.mark.parametrize("who", ["nobody-here", "handler", "admin"])
def test_with_a_successor_who_cannot_be_nothing_ends(cast: Cast, admin: Client, who: str) -> None:
    held = held_by(cast, "handler")
    answer = admin.post(ending(held), {"to_on": str(today()), "successor": who})
    assert answer.status_code == 422
    if who == "admin":
        assert "不能任命自己" in answer.content.decode()
    held.refresh_from_db()
    assert held.to_on is None


def test_naming_oneself_for_a_post_is_said_at_the_field(cast: Cast, admin: Client) -> None:
    url = reverse("web:admin_appoint", args=[cast.post("handler").uid])
    answer = admin.post(url, {"account": "admin", "from_on": str(today())})
    assert answer.status_code == 422
    assert "不能任命自己" in answer.content.decode()
    assert not Appointment.objects.filter(post=cast.post("handler"), account=cast.account("admin")).exists()


def test_a_post_does_not_end_before_it_begins(cast: Cast, admin: Client) -> None:
    post = create_post(
        cast.organisation("municipal"), "值班员", roles=["handler"], area=cast.area("county"), valid_from=today(),
        by=cast.actor("admin"),
    )  # fmt: skip
    url = reverse("web:admin_close_post", args=[post.uid])
    answer = admin.post(url, {"to_on": str(today() - timedelta(days=1))})
    assert answer.status_code == 422
    assert "不能早于岗位的第一天" in answer.content.decode()
    post.refresh_from_db()
    assert post.valid_to is None
    assert admin.post(url, {"to_on": str(today())}).status_code == 302


def test_closing_a_post_says_what_waits_for_it(cast: Cast, admin: Client) -> None:
    build_world(cast)
    post = cast.post("dispatcher")
    url = reverse("web:admin_close_post", args=[post.uid])
    html = page(admin, url)
    assert "等着办的有" in html
    assert "再没有别人能接办" in html
    assert admin.post(url, {"to_on": str(today())}).status_code == 302
    post.refresh_from_db()
    assert post.valid_to == today()


def test_somebody_leaves_all_posts_and_the_account_on_one_day(cast: Cast, admin: Client) -> None:
    account = cast.account("handler")
    extra = create_post(
        cast.organisation("municipal"), "值班员", roles=["handler"], area=cast.area("county"), by=cast.actor("admin")
    )  # fmt: skip
    later = appoint(extra, account, from_on=today() + timedelta(days=9), by=cast.actor("admin"))
    html = page(admin, leaving(cast, "handler"))
    assert "值班员" in html
    assert admin.post(leaving(cast, "handler"), {"to_on": str(today()), "off": "now"}).status_code == 302
    account.refresh_from_db()
    later.refresh_from_db()
    assert not account.is_active
    assert held_by_all(cast) == {today(), today() + timedelta(days=8)}


def held_by_all(cast: Cast) -> set[Any]:
    return set(Appointment.objects.filter(account=cast.account("handler")).values_list("to_on", flat=True))


def test_an_account_is_not_off_before_the_last_day(cast: Cast, admin: Client) -> None:
    last = str(today() + timedelta(days=3))
    answer = admin.post(leaving(cast, "handler"), {"to_on": last, "off": "now"})
    assert answer.status_code == 409
    assert held_by_all(cast) == {None}
    assert admin.post(leaving(cast, "handler"), {"to_on": last}).status_code == 302
    cast.account("handler").refresh_from_db()
    assert cast.account("handler").is_active


def test_one_is_not_let_go_by_oneself(cast: Cast, admin: Client) -> None:
    answer = admin.post(leaving(cast, "admin"), {"to_on": str(today()), "off": "now"})
    assert answer.status_code == 409
    assert held_by(cast, "admin").to_on is None


def test_a_post_above_ones_own_area_keeps_its_holder(cast: Cast, admin: Client) -> None:
    organisation = create_organisation(
        "up", "市局", kind="office", area=cast.area("county"), by=cast.actor("system")
    )
    post = create_post(
        organisation, "区级岗", roles=["leader"], area=cast.area("county"), by=cast.actor("system")
    )
    account = cast.account("neighbour_dispatcher")
    held = appoint(post, account, from_on=today(), by=cast.actor("system"))
    township = cast.post("dispatcher")
    Post.objects.filter(pk=township.pk).update(roles=["administrator"], area=cast.area("neighbour_township"))
    answer = cast.client("dispatcher").post(leaving(cast, "neighbour_dispatcher"), {"to_on": str(today())})
    assert answer.status_code in {403, 404}
    held.refresh_from_db()
    assert held.to_on is None
    assert held_by_first(cast) is None


def held_by_first(cast: Cast) -> Any:
    rows = Appointment.objects.filter(account=cast.account("neighbour_dispatcher"))
    return rows.order_by("id").values_list("to_on", flat=True)[0]


@pytest.mark.parametrize("who", ["dispatcher", "leader", "resident", "outsider"])
def test_whoever_is_no_administrator_ends_nothing(cast: Cast, who: str) -> None:
    held, client = held_by(cast, "handler"), cast.client(who)
    urls = [ending(held), leaving(cast, "handler"), reverse("web:admin_close_post", args=[held.post.uid])]
    for url in urls:
        assert client.get(url).status_code == 404
        assert client.post(url, {"to_on": str(today())}).status_code == 404
    held.refresh_from_db()
    assert held.to_on is None


def test_another_areas_administrator_ends_nothing(cast: Cast) -> None:
    held, client = held_by(cast, "handler"), other_administrator(cast)
    urls = [ending(held), leaving(cast, "handler"), reverse("web:admin_close_post", args=[held.post.uid])]
    for url in urls:
        assert client.get(url).status_code == 404
        assert client.post(url, {"to_on": str(today())}).status_code == 404
    held.refresh_from_db()
    assert held.to_on is None
