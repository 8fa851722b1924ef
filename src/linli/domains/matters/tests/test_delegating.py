"""Handing a matter down and back, and the lists of villages (下放、收回、村级代办)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from linli.base.errors import Invalid, LinliError, NotAllowed
from linli.domains.matters import delegating
from linli.domains.matters.models import Matter
from linli.domains.matters.queries import agency_items, handled_at
from linli.kernel.people.models import AuditEntry
from tests.cast import Cast

AT = datetime(2026, 9, 1, 2, tzinfo=UTC)
TODAY = date(2026, 9, 1)
ALL = dict.fromkeys(delegating.CAPACITY, True)


@pytest.fixture
def matter(cast: Cast) -> Matter:
    return Matter.objects.create(
        county=cast.area("county"),
        code="m",
        title="事项",
        kind="benefit",
        organisation=cast.organisation("government"),
    )


@contextmanager
def refused(code: str, field: str = "") -> Iterator[None]:
    with pytest.raises(LinliError) as caught:
        yield
    assert caught.value.code == code
    if field:
        assert isinstance(caught.value, Invalid)
        assert field in caught.value.fields


def hand_down(cast: Cast, matter: Matter, **changed: Any) -> Any:
    given: dict[str, Any] = {
        "organisation": cast.organisation("street"),
        "document": "鼓政〔2026〕9号",
        "capacity": ALL,
        "from_on": TODAY,
        "trial_until": TODAY + timedelta(days=180),
        "by": cast.actor("admin"),
        "at": AT,
    } | changed
    township = given.pop("township", cast.area("township"))
    return delegating.delegate(matter, township, **given)


def test_what_is_handed_down_is_applied_for_there_until_it_is_taken_back(cast: Cast, matter: Matter) -> None:
    grid, neighbour = cast.area("grid1"), cast.area("neighbour_village")
    assert handled_at(matter, grid, TODAY).organisation == cast.organisation("government")
    held = hand_down(cast, matter)
    assert handled_at(matter, grid, TODAY).organisation == cast.organisation("street")
    assert handled_at(matter, neighbour, TODAY).organisation == cast.organisation("government")
    with refused("matters.handed_already"):
        hand_down(cast, matter)
    with refused("matters.bad_taking_back", "reason"):
        delegating.take_back(held, on=TODAY, reason="", by=cast.actor("admin"), at=AT)
    with pytest.raises(NotAllowed):
        delegating.take_back(held, on=TODAY, reason="办不了", by=cast.actor("leader"), at=AT)
    delegating.take_back(held, on=TODAY, reason="试行评估，人手不够", by=cast.actor("admin"), at=AT)
    assert handled_at(matter, grid, TODAY).organisation == cast.organisation("street")  # its last day
    assert handled_at(matter, grid, TODAY + timedelta(days=1)).organisation == cast.organisation("government")
    with refused("matters.taken_back_already"):
        delegating.take_back(held, on=TODAY, reason="再收", by=cast.actor("admin"), at=AT)
    assert list(
        AuditEntry.objects.filter(subject="matter:m").order_by("id").values_list("act", flat=True)
    ) == [
        "matters.delegated",
        "matters.taken_back",
    ]
    hand_down(cast, matter)  # and again, once it can carry it


def test_nothing_is_handed_down_that_cannot_be_carried(cast: Cast, matter: Matter) -> None:
    for code in delegating.CAPACITY:
        with refused("matters.no_capacity"):
            hand_down(cast, matter, capacity={**ALL, code: False})
    with refused("matters.bad_delegation", "document"):
        hand_down(cast, matter, document=" ")
    with refused("matters.bad_delegation", "township"):
        hand_down(cast, matter, township=cast.area("village1"))
    with refused("matters.bad_delegation", "organisation"):
        hand_down(cast, matter, organisation=cast.organisation("neighbour_street"))
    with refused("matters.bad_delegation", "from_on"):
        hand_down(cast, matter, from_on=TODAY - timedelta(days=1))
    with refused("matters.bad_delegation", "trial_until"):
        hand_down(cast, matter, trial_until=TODAY)
    with pytest.raises(NotAllowed):
        hand_down(cast, matter, by=cast.actor("dispatcher"))


def test_a_village_may_refuse_what_is_extra_and_only_that(cast: Cast, matter: Matter) -> None:
    village, admin = cast.area("village1"), cast.actor("admin")
    item = delegating.set_agency(matter, village, days=3, by=admin, at=AT)
    own = Hatted(cast).of_village()
    with refused("matters.not_extra"):
        delegating.refuse_agency(item, reason="忙", by=own, at=AT)
    item = delegating.set_agency(matter, village, days=3, extra=True, by=admin, at=AT)
    with refused("matters.not_of_village"):
        delegating.refuse_agency(item, reason="忙", by=cast.actor("dispatcher"), at=AT)
    with refused("matters.no_reason", "reason"):
        delegating.refuse_agency(item, reason=" ", by=own, at=AT)
    delegating.refuse_agency(item, reason="没有人手", by=own, at=AT)
    assert not agency_items(village).exists()
    with refused("matters.village_refused"):
        delegating.set_agency(matter, village, days=5, by=admin, at=AT)
    delegating.take_up_agency(item, by=own, at=AT)
    assert agency_items(village).count() == 1
    for days in (0, 31):
        with refused("matters.bad_agency", "days"):
            delegating.set_agency(matter, village, days=days, by=admin, at=AT)
    with refused("matters.bad_agency", "village"):
        delegating.set_agency(matter, cast.area("township"), days=3, by=admin, at=AT)
    with pytest.raises(NotAllowed):
        delegating.set_agency(matter, village, days=3, by=cast.actor("leader"), at=AT)


class Hatted:
    """Somebody of the village's committee as a whole, whom the cast does not have (村委会任职)."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    def of_village(self) -> Any:
        from linli.kernel.people.actors import actor_for
        from linli.kernel.people.models import Appointment, Post

        post = Post.objects.create(
            organisation=self.cast.organisation("committee"),
            title="主任",
            roles=["clerk"],
            area=self.cast.area("village1"),
        )
        account = self.cast.account("outsider")
        Appointment.objects.create(post=post, account=account, from_on=date(2026, 1, 1))
        return actor_for(account)
