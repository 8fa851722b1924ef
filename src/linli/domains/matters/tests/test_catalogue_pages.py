"""What residents see of the catalogue, on pages and over the API (找事项、办事指南、接口)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from linli.base.clock import today
from linli.domains.matters import services, shipped
from linli.domains.matters.models import MatterVersion
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.models import Organisation
from tests.cast import Cast


@pytest.fixture
def catalogue(cast: Cast) -> int:
    """The whole catalogue in force since a month ago."""
    county = cast.area("county")
    raws = list(shipped.shipped(shipped.matter_files()))
    words = {w for raw in raws for w in (raw["department"], *raw.get("steps", {}).get("joint", ()))}
    known = set(Organisation.objects.values_list("code", flat=True))
    for word in sorted(words):
        if f"{county.prefix}-{word}" not in known:
            Organisation.objects.create(
                code=f"{county.prefix}-{word}",
                name=f"区{word}局",
                name_en=word.title(),
                kind="department",
                area=county,
                phone="0591-12345678",
            )
    return shipped.load(county, from_on=today() - timedelta(days=30))


@pytest.mark.usefixtures("catalogue")
def test_a_matter_is_found_by_what_one_wants_to_do(client: Client) -> None:
    for words, code in (("低保", "subsistence"), ("开饭店", "food-permit"), ("wheelchair", "device-loan")):
        body = client.get("/matters/", {"q": words}).content.decode()
        assert f"/matters/{code}/" in body, words
    assert "没有找到" in client.get("/matters/", {"q": "月球旅行"}).content.decode()
    disability = client.get("/matters/", {"topic": "disability"}).content.decode()
    assert "/matters/disability-card/" in disability
    assert "/matters/food-permit/" not in disability
    village = client.get("/matters/", {"village": "1"}).content.decode()
    assert "/matters/village-print/" in village
    assert "/matters/subsistence/" not in village
    assert "/matters/subsistence/" in client.get("/search/", {"q": "低保"}).content.decode()


@pytest.mark.usefixtures("catalogue")
def test_the_list_turns_its_pages_within_a_budget(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/matters/")
    with django_assert_max_num_queries(12):
        first = client.get("/matters/")
    cursor = first.context["page"].next_cursor
    with django_assert_max_num_queries(12):
        second = client.get("/matters/", {"cursor": cursor})
    codes = [{m.code for m, _ in page.context["rows"]} for page in (first, second)]
    assert len(codes[0]) == len(codes[1]) == 20
    assert not codes[0] & codes[1]
    assert client.get("/matters/", {"cursor": "broken"}).status_code == 400


@pytest.mark.usefixtures("catalogue")
def test_the_guide_says_everything_in_both_languages(client: Client) -> None:
    zh = client.get("/matters/subsistence/").content.decode()
    for said in (
        "谁可以办",
        "家庭经济状况核对授权书",
        "不用交",
        "22个工作日",
        "什么情况办不了",
        "《社会救助法》",
        "样例",
        "诊断证明",
    ):
        assert said in zh, said
    en = client.get("/matters/subsistence/", {"lang": "en"}).content.decode()
    for said in ("Who may apply", "Authority to check", "22 working days", "Social Assistance Law, art."):
        assert said in en, said
    assert client.get("/matters/nothing/").status_code == 404
    event = client.get("/life/birth/", {"lang": "zh"}).content.decode()
    assert "/matters/birth-certificate/" in event
    assert "少填、少交" in event
    assert client.get("/life/nothing/").status_code == 404


@pytest.mark.usefixtures("catalogue")
def test_what_is_drafted_or_ended_is_not_shown(client: Client, cast: Cast) -> None:
    version = MatterVersion.objects.get(matter__code="food-permit")
    services.save_draft(
        cast.area("county"), {**version.spec, "short": "尚未发布的话 | not published"}, by=SYSTEM
    )
    assert "尚未发布的话" not in client.get("/matters/food-permit/").content.decode()
    MatterVersion.objects.filter(pk=version.pk).update(effective_to=today() - timedelta(days=1))
    assert client.get("/matters/food-permit/").status_code == 404
    assert client.get("/api/v1/matters/food-permit").status_code == 404


@pytest.mark.usefixtures("cast")
def test_the_api_lists_and_reads(client: Client, catalogue: int) -> None:
    seen: list[str] = []
    cursor: str = ""
    while True:
        page = client.get("/api/v1/matters", {"limit": "40", "cursor": cursor}).json()
        seen += [row["code"] for row in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == catalogue
    one = client.get("/api/v1/matters/business-licence").json()
    assert one["legal_limit"] == "3 working days"
    assert one["refusals"][0]["basis"][0]["zh"] == "《市场主体登记管理条例》第20条"
    assert {m["source"] for m in one["materials"]} == {"applicant", "register"}
    assert client.get("/api/v1/matters/nothing").status_code == 404
    assert client.get("/api/v1/matters", {"q": "低保"}).json()["items"]
