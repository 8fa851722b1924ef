from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.base import clock
from linli.kernel.people import services
from linli.kernel.people.actors import ANONYMOUS, SYSTEM, actor_for, reporter_of
from linli.kernel.people.models import Organisation, Post
from tests.cast import RESIDENTS, STAFF, Cast


def test_everybody_of_the_cast_has_the_kind_and_the_role_they_should(cast: Cast) -> None:
    for name, row in STAFF.items():
        actor = cast.actor(name)
        assert actor.kind == "staff"
        assert actor.roles == {row[2]}
        assert actor.organisation_ids == {cast.organisation(row[5]).pk}
        assert actor.hats[0].area_prefix == cast.area(row[6]).prefix
    for name in RESIDENTS:
        actor = cast.actor(name)
        assert (actor.kind, actor.hats) == ("resident", ())
        assert actor.person_id == cast.person(name).pk
        assert actor.name == "居民"  # the real name stays sealed


def test_an_actor_takes_one_query_however_many_hats(cast: Cast) -> None:
    account = cast.account("dispatcher")
    for name in ("clerk", "call_back", "leader"):
        services.appoint(cast.post(name), account, from_on=date(2026, 1, 1), by=SYSTEM)
    today = clock.today()
    for name in ("supervisor", "handler"):
        appointment = cast.account(name).appointments.get()
        services.delegate(appointment, account, from_on=today, to_on=today, by=SYSTEM)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        actor = actor_for(account)
        assert actor.roles == {"dispatcher", "clerk", "call_back", "leader", "supervisor", "handler"}
        assert all(hat.post_title.en and hat.organisation_title.zh for hat in actor.hats)
    assert len(queries) == 1


def test_a_deputy_wears_the_absent_holders_hat_and_says_so(cast: Cast) -> None:
    deputy, absent = cast.account("clerk"), cast.account("dispatcher")
    today = clock.today()
    services.delegate(
        absent.appointments.get(), deputy, from_on=today, to_on=today, by=cast.actor("dispatcher")
    )
    hat = actor_for(deputy).hat_for("dispatcher", cast.area("grid1").prefix)
    assert hat is not None
    assert (hat.absent_name, hat.absent_account_id) == ("黄派遣", absent.pk)
    assert hat.post_id == cast.post("dispatcher").pk
    tomorrow = clock.now() + timedelta(days=1)
    assert actor_for(deputy, at=tomorrow).hat_for("dispatcher", cast.area("grid1").prefix) is None


def test_own_hat_comes_before_a_deputys_and_the_nearer_area_before_the_wider(cast: Cast) -> None:
    county_post = services.create_post(
        cast.organisation("government"), "区派遣员", roles=["dispatcher"], area=cast.area("county"), by=SYSTEM
    )
    account = cast.account("dispatcher")
    services.appoint(county_post, account, from_on=date(2026, 1, 1), by=SYSTEM)
    actor = actor_for(account)
    near = actor.hat_for("dispatcher", cast.area("grid1").prefix)
    far = actor.hat_for("dispatcher", cast.area("neighbour_grid").prefix)
    assert near is not None
    assert near.area_level == "township"
    assert far is not None
    assert far.area_level == "county"
    assert actor.hat_for("handler", cast.area("grid1").prefix) is None
    assert actor.hat_for("dispatcher", "35010") is None


@pytest.mark.parametrize("what", ["appointment", "post", "organisation", "account", "not yet"])
def test_no_role_without_a_post_that_is_valid_today(cast: Cast, what: str) -> None:
    account = cast.account("handler")
    appointment, post = account.appointments.get(), cast.post("handler")
    yesterday = clock.today() - timedelta(days=1)
    if what == "appointment":
        services.end_appointment(appointment, to_on=yesterday, by=SYSTEM)
    elif what == "post":
        Post.objects.filter(pk=post.pk).update(valid_to=yesterday)
    elif what == "organisation":
        Organisation.objects.filter(pk=post.organisation_id).update(active=False)
    elif what == "account":
        services.set_active(account, active=False, by=SYSTEM)
    else:
        appointment.from_on = clock.today() + timedelta(days=1)
        appointment.save()
    assert actor_for(account).hats == ()
    assert actor_for(account).kind == "anonymous"


def test_days_are_local_days(cast: Cast) -> None:
    account = cast.account("handler")
    services.end_appointment(account.appointments.get(), to_on=date(2026, 6, 30), by=SYSTEM)
    last_minute = datetime(2026, 6, 30, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    assert actor_for(account, at=last_minute).is_staff
    assert not actor_for(account, at=last_minute + timedelta(minutes=1)).is_staff


def test_nobody_and_reporters() -> None:
    assert actor_for(None) is ANONYMOUS
    reporter = reporter_of(7, channel="phone")
    assert (reporter.kind, reporter.case_ids, reporter.channel) == ("reporter", frozenset({7}), "phone")
    assert ANONYMOUS.with_cases([1, 2]).kind == "reporter"
    assert ANONYMOUS.roles == frozenset()
