"""Checking one's service against the standards (服务标准自查): by the head of the office, published with what shows it."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from linli.base.clock import today
from linli.base.errors import Invalid, NotAllowed
from linli.domains.matters import services, standards
from linli.domains.matters.models import Matter
from linli.domains.matters.policy_models import StandardsCheck
from linli.domains.matters.spec import CATALOGUE
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.models import AuditEntry, Organisation
from tests.cast import Cast

pytestmark = pytest.mark.django_db
AT = datetime(2026, 9, 1, 2, tzinfo=UTC)
QUARTER = date(2026, 7, 1)
GOOD = {"met": True, "evidence": "抽查 20 件，19 件一次说清。"}
NOT_YET = {
    "met": False,
    "evidence": "3 件超时，没有公开理由。",
    "mend": "超时的当天公开理由。",
    "by_on": date(2026, 10, 1),
}


@pytest.fixture
def office(law_cast: Cast) -> Organisation:
    """The licensing bureau, which answers for the subsistence allowance here, with two lines of its own."""
    raw = tomllib.loads((CATALOGUE / "subsistence.toml").read_text(encoding="utf-8"))
    version = services.save_draft(
        law_cast.area("county"), {**raw, "department": "licensing"}, by=SYSTEM, at=AT
    )
    services.publish(version, from_on=AT.date(), by=SYSTEM, at=AT)
    return law_cast.organisation("licensing")


def all_met(office: Organisation, **changed: Any) -> dict[str, dict[str, Any]]:
    return {**{s.code: dict(GOOD) for s in standards.standards_of(office, AT.date())}, **changed}


def sign(
    cast: Cast, office: Organisation, answers: dict[str, Any], quarter: date = QUARTER
) -> StandardsCheck:
    return standards.sign(office, quarter, answers, by=cast.actor("licensing_leader"), at=AT)


def test_the_list_is_the_general_one_and_the_lines_of_ones_matters(office: Organisation) -> None:
    asked = standards.standards_of(office, AT.date())
    own = [s for s in asked if s.matter]
    assert len(asked) == len(standards.general()[1]) + 2
    assert [s.code for s in own] == ["subsistence.0", "subsistence.1"]
    assert all(s.basis and s.title.zh != s.title.en for s in asked)


def test_signed_published_and_corrected_by_the_next_edition(law_cast: Cast, office: Organisation) -> None:
    first = sign(law_cast, office, all_met(office, **{"in-time": NOT_YET}))
    assert (first.edition, standards.n_met(first), len(first.answers)) == (1, 8, 9)
    entry = AuditEntry.objects.get(act="matters.standards_checked")
    assert (entry.facts["quarter"], entry.facts["n_met"]) == ("2026-07-01", 8)
    second = sign(law_cast, office, all_met(office))
    assert second.edition == 2
    assert StandardsCheck.objects.count() == 2  # what was published stays
    assert standards.check_of(office, QUARTER) == second
    assert sign(law_cast, office, all_met(office), date(2026, 4, 1)).edition == 1


@pytest.mark.parametrize(
    ("code", "wrong", "field"),
    [
        ("reasons", {}, "met"),
        ("reasons", {"met": True, "evidence": "好"}, "evidence"),
        ("reasons", {"met": True, "evidence": "问过 13800130001，说清了。"}, "evidence"),
        ("reasons", {**NOT_YET, "mend": ""}, "mend"),
        ("reasons", {**NOT_YET, "mend": "找 350102199001010016 补说明。"}, "mend"),
        ("reasons", {**NOT_YET, "by_on": date(2026, 8, 31)}, "by_on"),
        ("subsistence.1", {**NOT_YET, "by_on": None}, "by_on"),
    ],
)
def test_a_gap_or_somebodys_number_is_refused_at_its_line(
    law_cast: Cast, office: Organisation, code: str, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        sign(law_cast, office, all_met(office, **{code: wrong}))
    assert f"{code}:{field}" in refused.value.fields
    assert not StandardsCheck.objects.exists()


@pytest.mark.parametrize("who", ["examiner", "city_leader", "admin", "resident"])
def test_nobody_but_the_head_of_the_office_signs(law_cast: Cast, office: Organisation, who: str) -> None:
    with pytest.raises(NotAllowed):
        standards.sign(office, QUARTER, all_met(office), by=law_cast.actor(who), at=AT)


def test_another_quarter_and_an_office_without_matters_are_refused(
    law_cast: Cast, office: Organisation
) -> None:
    for quarter in (date(2026, 1, 1), date(2026, 10, 1), date(2026, 7, 2)):
        with pytest.raises(Invalid) as refused:
            sign(law_cast, office, all_met(office), quarter)
        assert refused.value.code == "matters.no_such_quarter"
    Matter.objects.update(organisation=None)
    with pytest.raises(Invalid) as refused:
        sign(law_cast, office, all_met(office))
    assert refused.value.code == "matters.no_matters"


def entered(office: Organisation, **changed: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for standard in standards.standards_of(office, today()):
        found |= {f"{standard.code}:met": "yes", f"{standard.code}:evidence": "抽查 20 件，都做到了。"}
    return {**found, **changed}


def test_on_screen_from_the_form_to_what_the_public_reads(
    law_cast: Cast, office: Organisation, client: Client
) -> None:
    assert "这个季度还没有公布" in client.get("/standards/").content.decode()
    head = law_cast.client("licensing_leader")
    page = head.get("/staff/standards/").content.decode()
    assert "缺什么材料，一次说清" in page
    assert "最低生活保障：" in page
    tomorrow = (today() + timedelta(days=1)).isoformat()
    half = entered(office, **{"in-time:met": "no", "in-time:by_on": tomorrow})
    refused = head.post("/staff/standards/", half)
    assert refused.status_code == 422
    assert "请写怎么改" in refused.content.decode()
    answer = head.post("/staff/standards/", {**half, "in-time:mend": "超时的当天公开理由。"})
    assert answer.status_code == 302
    shown = client.get(answer.headers["Location"]).content.decode()
    assert "超时的当天公开理由" in shown
    assert "石局长" not in shown
    assert "9 条里做到 8 条" in client.get("/standards/").content.decode()
    assert "第 1 版已在" in head.get("/staff/standards/").content.decode()


def test_who_heads_no_office_with_matters_is_told_so(law_cast: Cast, office: Organisation) -> None:
    assert law_cast.client("city_leader").get("/staff/standards/").status_code == 403
    assert law_cast.client("resident").get("/staff/standards/").status_code == 403
    assert law_cast.client("anonymous").get("/staff/standards/").status_code == 302
    assert law_cast.client("anonymous").get("/standards/350102-nothing/").status_code == 404
    assert law_cast.client("anonymous").get(f"/standards/{office.code}/?quarter=moon").status_code == 200


def test_the_list_asks_as_much_for_many_offices_as_for_one(
    law_cast: Cast,
    office: Organisation,
    client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    county = law_cast.area("county")
    for n in range(8):
        found = Organisation.objects.create(
            code=f"350102-o{n}", name=f"单位{n}", kind="department", area=county
        )
        matter = Matter.objects.create(
            county=county, code=f"m{n}", title="事项", kind="benefit", organisation=found
        )
        matter.versions.create(number=1, status="published", spec={}, digest="", made_at=AT)
    client.get("/standards/")
    with django_assert_max_num_queries(4):
        client.get("/standards/")
