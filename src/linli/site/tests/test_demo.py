"""The demo (演示): the small one is loaded once for this file, with everybody in post and every step inhabited."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from linli.base.errors import NotFound, Refused
from linli.domains.events import fields
from linli.domains.events.models import Category, DispatchRule
from linli.domains.events.queries import suggest_dispatch
from linli.domains.matters.models import Partner, PolicyRead
from linli.kernel.notices.models import Notice
from linli.kernel.people.actors import actor_for
from linli.kernel.people.models import Account, Person
from linli.kernel.places.models import Area, AreaShape
from linli.kernel.places.queries import forget_shapes, locate
from linli.kernel.places.shipped import shipped_counties
from linli.kernel.procedures import engine, holders, proof
from linli.kernel.procedures.models import Case, Task
from linli.kernel.publicity.models import Publication
from linli.kernel.records.models import Attachment, Record
from linli.site import demo

ROLES = ["resident", "dispatcher", "handler", "grid_worker", "call_back", "clerk", "leader", "supervisor"]
COUNTY = "350205"  # the county with the fewest villages


@pytest.mark.django_db
def test_what_cannot_be_shown_is_refused(settings: Any) -> None:
    """Before the demo is loaded for the tests that follow."""
    with pytest.raises(Refused) as refused:
        demo.load(None, lambda *_: None)
    assert refused.value.code == "demo.not_in_demo_mode"
    assert demo.logins() == []
    settings.LINLI_DEMO = True
    with pytest.raises(NotFound):
        demo.load("110101", lambda *_: None)
    with pytest.raises(Refused) as refused:
        demo.load("350527", lambda *_: None)
    assert refused.value.code == "places.no_lower_levels"
    assert not Area.objects.exists()
    assert len(shipped_counties()) == 84


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[None]:
    """The small demo in a transaction that is rolled back when this file is done."""
    from django.db import transaction
    from django.test import override_settings

    folder = str(tmp_path_factory.mktemp("demo"))
    with (
        override_settings(LINLI_DEMO=True, LINLI_DEMO_PASSWORD="ceshi-yanshi-2026", LINLI_DATA_DIR=folder),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        calls: list[tuple[int, int | None]] = []
        demo.load(COUNTY, lambda done, total=None, note="": calls.append((done, total)), small=True)
        assert calls[-1] == (100, 100)
        assert [done for done, _ in calls] == sorted(done for done, _ in calls)
        yield
        transaction.set_rollback(True)
    for forget in (forget_shapes, holders.forget, fields.forget):
        forget()


@pytest.fixture
def demo_db(loaded: None, db: None) -> None:
    """A test in the loaded demo; what it changes is undone after it."""


def test_every_record_is_whole_and_every_case_can_be_replayed(demo_db: None) -> None:
    verdict = proof.verify_all()
    assert verdict.first_fault is None
    assert verdict.n_cases == Case.objects.count() > 80
    assert [d for case in proof.cases_to_replay() for d in proof.replay(case)] == []


def test_every_step_is_inhabited(demo_db: None) -> None:
    living = Case.objects.filter(historic=False, procedure="grid-event")
    steps = {
        "reported", "dispatching", "assigned", "disputed", "handling", "verifying", "evaluating",
        "closed", "declined", "merged", "withdrawn",
    }  # fmt: skip
    assert set(living.values_list("step", flat=True)) == steps
    assert living.filter(status="suspended").exists()
    assert living.filter(recused=True).exists()
    assert living.filter(step="handling", facts__grade="critical").exists()
    assert Case.objects.filter(procedure="event-review", ended_at=None).exists()
    assert Task.objects.filter(part="helper").exists()
    acts = set(Record.objects.values_list("action", flat=True))
    assert {"merge", "split", "rework", "reopen", "extend", "supervise.urge", "settle", "rate"} <= acts
    assert {"clock.remind", "clock.red", "close_unrated"} <= acts
    assert Attachment.objects.filter(kind="after").exists()
    assert Case.objects.filter(historic=True).count() == 60


def test_the_procedures_of_the_law_are_inhabited(demo_db: None) -> None:
    for code in ("licence", "penalty", "information-request"):
        cases = Case.objects.filter(procedure=code)
        assert cases.filter(ended_at=None).values("step").distinct().count() >= 2, code
        assert cases.exclude(ended_at=None).exists(), code
    assert Publication.objects.filter(kind="result").exists()


def test_the_sweeper_has_nothing_left_to_do(demo_db: None) -> None:
    assert engine.tick() <= 2  # what came due while this file ran


def test_one_login_for_each_role(demo_db: None) -> None:
    logins = demo.logins()
    assert [login["role"] for login in logins] == ["resident", *demo.SHOWN]
    assert {*ROLES, "administrator"} <= set(demo.SHOWN) | {"resident"}
    for login in logins[1:]:
        client = Client()
        said = client.post(
            reverse("web:staff_sign_in"), {"username": login["username"], "password": login["password"]}
        )
        assert said.status_code == 302
        client.post(reverse("web:second_factor"), {"code": login["code"]})
        account = Account.objects.get(pk=client.session["_auth_user_id"])
        assert login["role"] in actor_for(account).roles
        assert account.demo
        assert not account.must_change_password


def test_a_resident_signs_in_by_phone(demo_db: None) -> None:
    login = demo.logins()[0]
    client = Client()
    client.post(reverse("web:sign_in"), {"phone": login["username"]})
    client.post(reverse("web:sign_in_code"), {"code": login["code"]})
    account = Account.objects.get(pk=client.session["_auth_user_id"])
    assert account.person is not None
    assert account.person.name == "林小邻"


def test_everybody_shown_has_something_to_do_or_to_see(demo_db: None) -> None:
    from linli.kernel.procedures.authority import queues_of
    from linli.kernel.procedures.visibility import visible_to

    for account in Account.objects.filter(demo=True, username__in=ROLES):
        assert visible_to(actor_for(account)).exists(), account.username
    dispatcher = actor_for(Account.objects.get(username="dispatcher"))
    assert Task.objects.filter(queue__in=queues_of(dispatcher), done_at=None).exists()


def test_the_county_is_real_and_its_grids_say_that_they_are_not(demo_db: None) -> None:
    county = Area.objects.get(parent=None)
    assert county.code == f"{COUNTY}000000"
    assert not county.shape.illustrative
    assert AreaShape.objects.filter(area__level="grid").exists()
    assert not AreaShape.objects.filter(area__level="grid", illustrative=False).exists()
    for case in Case.objects.filter(historic=False)[:40]:
        assert case.lng is None or case.lat is None or locate(case.lng, case.lat) == case.area


def test_the_dispatch_directory_explains_itself(demo_db: None) -> None:
    assert Category.objects.filter(parent=None).count() == 8
    assert Category.objects.filter(help_case=True).exists()
    assert DispatchRule.objects.exclude(area=None).exclude(category=None).exists()
    case = Case.objects.filter(step="handling", historic=False).first()
    assert case is not None
    found = suggest_dispatch(case, at=case.opened_at)
    assert found is not None
    assert found.weighed[0].fits


def test_phones_are_invented_and_old_messages_are_quiet(demo_db: None) -> None:
    assert all(p.phone.startswith("+861380013") for p in Person.objects.all() if p.phone)
    assert not Notice.objects.filter(state="queued").exists()


def test_the_same_stories_on_another_day(demo_db: None) -> None:
    from datetime import timedelta
    from random import Random

    from linli.base.clock import now
    from linli.domains.events.demo import _stories
    from linli.domains.events.demo.cast import Cast
    from linli.domains.events.demo.writing import Writer

    county = Area.objects.get(parent=None)
    categories = {category.code: category for category in Category.objects.all()}
    told = []
    for at in (now(), now() - timedelta(days=3, hours=7)):
        random = Random(1)
        writer = Writer(Cast.of(county, at=at, random=random), categories, random, at)
        told.append([(s.kind, s.description, s.channel) for s in _stories(writer, at, small=True)])
    assert told[0] == told[1]


def test_a_second_load_is_refused(demo_db: None) -> None:
    with pytest.raises(Refused) as refused:
        demo.load(None, lambda *_: None, small=True)
    assert refused.value.code == "demo.loaded_already"


def test_three_mass_organisations_offer_something_and_have_reported(demo_db: None, client: Client) -> None:
    bodies = list(Partner.objects.all())
    assert len(bodies) == 3
    for body in bodies:
        assert body.offers.count() == 3
        assert body.reports.get().signed_at
    assert client.get("/partners/").content.decode().count("<article") == 3
    assert PolicyRead.objects.exists()
