"""Policy cards and following topics (政策明白卡、关注主题): chosen by the person, told once, left by one press."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from linli.base.clock import local, now
from linli.base.errors import Invalid, NotFound
from linli.domains.matters import policies, services
from linli.domains.matters.models import MatterVersion
from linli.domains.matters.policy_models import PolicyFollow, PolicyRound
from linli.domains.matters.spec import CATALOGUE
from linli.kernel.notices.models import Notice
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.models import Organisation, Person
from linli.kernel.people.retention import anonymise
from linli.kernel.people.services import export_person
from tests.cast import Cast

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=10)
START = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def departments(cast: Cast) -> None:
    county = cast.area("county")
    for word in ("civil", "human-resources", "disabled"):
        Organisation.objects.create(code=f"{county.prefix}-{word}", name=word, kind="department", area=county)


def published(cast: Cast, code: str, at: datetime, **changed: Any) -> MatterVersion:
    raw = tomllib.loads((CATALOGUE / f"{code}.toml").read_text(encoding="utf-8"))
    raw.pop("effective_from", None)
    draft = services.save_draft(cast.area("county"), {**raw, **changed}, by=SYSTEM, at=at)
    return services.publish(draft, from_on=local(at).date(), by=SYSTEM, at=at)


def told(cast: Cast, name: str) -> list[dict[str, Any]]:
    rows = Notice.objects.filter(person=cast.person(name), template=policies.NEWS).order_by("pk")
    return [row.params for row in rows]


def follow(cast: Cast, name: str, *topics: str) -> None:
    for topic in topics:
        policies.follow(topic, county=cast.area("county"), by=cast.actor(name), at=START)


def test_who_follows_is_told_once_of_all_that_is_new(cast: Cast) -> None:
    start = START
    follow(cast, "resident", "old_age", "work")
    follow(cast, "outsider", "death")
    published(cast, "age-allowance", start + timedelta(minutes=1))  # old_age
    published(cast, "device-loan", start + timedelta(minutes=1))  # disability and old_age
    published(cast, "unemployment-registration", start + timedelta(minutes=1))  # work
    assert policies.tell_followers(start + LATER) == 1
    (said,) = told(cast, "resident")
    assert said["topics"]["zh"] == "就业创业、养老"
    assert said["matters"]["zh"] == "高龄津贴、辅助器具借用、失业登记"
    assert not told(cast, "outsider")
    assert policies.tell_followers(start + 2 * LATER) == 0
    assert len(told(cast, "resident")) == 1
    published(cast, "age-allowance", start + timedelta(days=1), promised_limit="6 working days")
    assert policies.tell_followers(start + timedelta(days=1) + LATER) == 1
    assert [n["matters"]["zh"] for n in told(cast, "resident")][1:] == ["高龄津贴"]


def test_a_draft_is_no_news_and_what_was_there_before_neither(cast: Cast) -> None:
    start = START
    published(cast, "age-allowance", start - timedelta(days=1))
    follow(cast, "resident", "old_age")
    assert policies.tell_followers(start + LATER) == 0
    raw = tomllib.loads((CATALOGUE / "device-loan.toml").read_text(encoding="utf-8"))
    services.save_draft(cast.area("county"), raw, by=SYSTEM, at=start + timedelta(minutes=1))
    assert policies.tell_followers(start + 2 * LATER) == 0
    assert not told(cast, "resident")


def test_a_round_that_stopped_goes_on_and_tells_nobody_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = START
    follow(cast, "resident", "old_age")
    follow(cast, "outsider", "old_age")
    published(cast, "age-allowance", start + timedelta(minutes=1))
    monkeypatch.setattr(policies, "BATCH", 1)
    assert policies.tell_followers(start + LATER) == 1
    assert PolicyRound.objects.filter(ended_at=None).count() == 1
    while policies.tell_followers(start + LATER):
        pass
    assert [len(told(cast, name)) for name in ("resident", "outsider")] == [1, 1]
    assert not PolicyRound.objects.filter(ended_at=None).exists()


def test_who_begins_to_follow_is_not_told_of_what_was_published_before(cast: Cast) -> None:
    follow(cast, "resident", "old_age")
    published(cast, "age-allowance", START + timedelta(minutes=1))
    policies.follow(
        "old_age", county=cast.area("county"), by=cast.actor("outsider"), at=START + timedelta(minutes=5)
    )
    policies.tell_followers(START + LATER)
    assert [len(told(cast, name)) for name in ("resident", "outsider")] == [1, 0]


def test_many_matters_are_named_by_their_number(cast: Cast) -> None:
    start = START
    follow(cast, "resident", "hardship", "disability")
    codes = (
        "subsistence",
        "temporary-aid",
        "extreme-hardship",
        "disability-care",
        "disability-living",
        "device-loan",
    )
    for code in codes:
        published(cast, code, start + timedelta(minutes=1))
    policies.tell_followers(start + LATER)
    (said,) = told(cast, "resident")
    assert said["matters"]["zh"].endswith("等 6 项")
    assert said["matters"]["en"].endswith("and 2 more")


def test_only_the_person_chooses(cast: Cast) -> None:
    for name in ("dispatcher", "anonymous"):  # neither has a person behind it
        with pytest.raises(NotFound):
            policies.follow("old_age", county=cast.area("county"), by=cast.actor(name))
    with pytest.raises(Invalid):
        follow(cast, "resident", "moon")
    assert not PolicyFollow.objects.exists()


def test_what_one_follows_is_in_the_copy_and_goes_with_the_person(cast: Cast) -> None:
    follow(cast, "resident", "old_age")
    follow(cast, "resident", "old_age")
    person = cast.person("resident")
    copy = export_person(person, by=cast.actor("resident"))
    assert [row["topic"] for row in copy["policies"]] == ["old_age"]
    anonymise(Person.objects.get(pk=person.pk), now())
    assert not PolicyFollow.objects.exists()


def test_on_the_page_by_one_press_each(cast: Cast) -> None:
    published(cast, "age-allowance", now())
    client = cast.client("resident")
    page = client.get("/policies/?topic=old_age").content.decode()
    assert "到年龄当月主动提醒" in page
    assert "关注“养老”" in page
    answer = client.post("/policies/follow/", {"topic": "old_age", "act": "follow"})
    assert answer.headers["Location"] == "/policies/?topic=old_age"
    assert "退订“养老”" in client.get("/policies/?topic=old_age").content.decode()
    client.post("/policies/follow/", {"topic": "old_age", "act": "leave"})
    assert not PolicyFollow.objects.exists()
    for topic in ("old_age", "work"):
        client.post("/policies/follow/", {"topic": topic, "act": "follow"})
    assert "我关注的" in client.get("/policies/").content.decode()
    client.post("/policies/follow/", {"act": "leave-all"})
    assert "我关注的" not in client.get("/policies/").content.decode()
    assert client.post("/policies/follow/", {"topic": "old_age", "act": "steal"}).status_code == 404
    assert client.post("/policies/follow/", {"topic": "moon", "act": "follow"}).status_code == 422


def test_whoever_is_not_signed_in_reads_and_signs_in_to_follow(cast: Cast, client: Client) -> None:
    page = client.get("/policies/?topic=work").content.decode()
    assert "登录后关注" in page
    answer = client.post("/policies/follow/", {"topic": "work", "act": "follow"})
    assert answer.headers["Location"].startswith("/sign-in/")
    assert cast.client("resident").get("/policies/follow/").headers["Location"] == "/policies/"


def test_few_followers_are_not_counted_aloud(cast: Cast) -> None:
    follow(cast, "resident", "work")
    assert "人在关注" not in cast.client("outsider").get("/policies/?topic=work").content.decode()


def test_the_page_asks_as_much_for_many_cards_as_for_one(
    cast: Cast, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for code in (
        "age-allowance",
        "subsistence",
        "temporary-aid",
        "extreme-hardship",
        "disability-card",
        "device-loan",
    ):
        published(cast, code, now())
    client.get("/policies/")
    with django_assert_max_num_queries(6):
        client.get("/policies/")
