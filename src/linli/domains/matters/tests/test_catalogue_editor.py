"""The county's editor on screen (事项目录编辑): from a new draft to what residents read, and back out."""

from __future__ import annotations

import tomllib
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from linli.base.clock import today
from linli.domains.matters import delegating, editing, services, shipped
from linli.domains.matters.comparing import changes
from linli.domains.matters.models import AgencyItem, Matter, MatterDelegation, MatterVersion
from linli.domains.matters.spec import CATALOGUE
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.models import Appointment, Organisation, Post
from tests.cast import Cast

HERE = "/staff/admin/matters/"
RAW = tomllib.loads((CATALOGUE / "subsistence.toml").read_text(encoding="utf-8"))


@pytest.fixture
def admin(cast: Cast, client: Client) -> Client:
    county = cast.area("county")
    Organisation.objects.create(
        code=f"{county.prefix}-civil", name="区民政局", kind="department", area=county
    )
    version = services.save_draft(county, RAW, by=SYSTEM)
    services.publish(version, from_on=today() - timedelta(days=40), by=SYSTEM)
    client.force_login(cast.account("admin"))
    return client


@pytest.mark.parametrize("path", [p.stem for p in shipped.matter_files()])
def test_every_matter_survives_the_form(path: str) -> None:
    file = next(p for p in shipped.matter_files() if p.stem == path)
    raw = tomllib.loads(file.read_text(encoding="utf-8"))
    again = editing.raw_of(raw, editing.values_of(raw))
    for kind in editing.LISTS:
        again[kind] = [editing.row_of(r, editing.row_values(r)) for r in raw.get(kind, [])]
    from linli.domains.matters.reading import read_matter

    before, after = read_matter({**raw, "effective_from": None})[0], read_matter(again)[0]
    assert before == after
    assert not changes(raw, {**again, **{k: raw[k] for k in editing.LISTS if k in raw}})


def entered(**changed: object) -> dict[str, object]:
    values = {k: v for k, v in editing.values_of(RAW).items() if v not in (None, False)}
    return {k: ("1" if v is True else v) for k, v in {**values, **changed}.items()}


def test_a_draft_is_edited_checked_previewed_published_and_compared(admin: Client) -> None:
    page = admin.post(
        f"{HERE}subsistence/edit/", entered(promised_limit="30 working days", legal_limit="20 working days")
    )
    assert page.status_code == 422
    assert "比法定时限" in page.content.decode()
    assert not MatterVersion.objects.filter(status="draft").exists()
    assert (
        admin.post(f"{HERE}subsistence/edit/", entered(promised_limit="15 working days")).status_code == 302
    )
    row = {"code": "kin", "title": "亲属关系证明 | Certificate of kinship", "need": "required", "source": "applicant", "form": "either", "basis": "社会救助法 40"}  # fmt: skip
    assert admin.post(f"{HERE}subsistence/edit/materials/9/", row).status_code == 302
    overview = admin.get(f"{HERE}subsistence/").content.decode()
    assert "MC403" in overview
    assert admin.post(f"{HERE}subsistence/publish/", {"from_on": today().isoformat()}).status_code == 422
    n = len(MatterVersion.objects.get(status="draft").spec["materials"])
    assert admin.post(f"{HERE}subsistence/edit/materials/{n - 1}/remove/").status_code == 302
    assert "检查通过" in admin.get(f"{HERE}subsistence/").content.decode()
    assert "15个工作日" in admin.get(f"{HERE}subsistence/preview/").content.decode()
    assert "15个工作日" not in admin.get("/matters/subsistence/").content.decode()
    assert "22 working days" in admin.get(f"{HERE}subsistence/publish/").content.decode()
    assert admin.post(f"{HERE}subsistence/publish/", {"from_on": "soon"}).status_code == 422
    assert admin.post(f"{HERE}subsistence/publish/", {"from_on": today().isoformat()}).status_code == 302
    assert "15个工作日" in admin.get("/matters/subsistence/").content.decode()
    compared = admin.get(f"{HERE}subsistence/version/2/").content.decode()
    assert "22 working days" in compared
    assert "15 working days" in compared
    assert admin.post(f"{HERE}subsistence/end/", {"on": today().isoformat(), "reason": ""}).status_code == 422
    assert (
        admin.post(f"{HERE}subsistence/end/", {"on": today().isoformat(), "reason": "并入"}).status_code
        == 302
    )


def test_a_new_matter_begins_as_a_draft(admin: Client) -> None:
    sent = {"code": "new-1", "title": "新事 | New thing", "short": "想办新事 | Do a new thing", "kind": "licence", "department": "civil", "promised_limit": "5 wd"}  # fmt: skip
    assert admin.post(f"{HERE}new/", sent).status_code == 302
    assert admin.post(f"{HERE}new/", sent).status_code == 422
    assert "要更正" in admin.get(f"{HERE}new-1/edit/").content.decode()
    assert admin.get("/matters/new-1/").status_code == 404
    assert admin.post(f"{HERE}new-1/publish/", {"from_on": today().isoformat()}).status_code == 422


def test_lists_files_and_budgets(
    admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    admin.get(HERE)
    with django_assert_max_num_queries(16):
        assert "最低生活保障" in admin.get(HERE, {"q": "低保"}).content.decode()
    assert "最低生活保障" not in admin.get(HERE, {"state": "draft"}).content.decode()
    for form in ("csv", "json"):
        answer = admin.get(f"{HERE}export.{form}")
        assert answer.status_code == 200
        assert "subsistence" in answer.content.decode()
    assert admin.get(f"{HERE}export.xls").status_code == 404
    assert admin.get(f"{HERE}nothing/").status_code == 404


def test_handed_down_and_put_on_lists_on_screen(admin: Client, cast: Cast) -> None:
    ask = {"township": cast.area("township").code, "organisation": cast.organisation("street").code, "document": "9号", "from_on": today().isoformat()}  # fmt: skip
    assert "承接能力不够" in admin.post(f"{HERE}subsistence/delegate/", ask).content.decode()
    ticks = {f"capacity_{c}": "1" for c in ("people", "skill", "place", "funds", "system")}
    assert admin.post(f"{HERE}subsistence/delegate/", {**ask, **ticks}).status_code == 302
    assert MatterDelegation.objects.count() == 1
    township = cast.area("township").code
    assert (
        admin.post(
            f"{HERE}subsistence/take-back/{township}/", {"on": today().isoformat(), "reason": "试行"}
        ).status_code
        == 302
    )
    assert admin.get(f"{HERE}subsistence/take-back/{township}/").status_code == 404
    assert (
        admin.post(f"{HERE}subsistence/villages/", {"area": township, "days": "3", "extra": "1"}).status_code
        == 302
    )
    assert AgencyItem.objects.count() == 2
    assert "庆城社区" in admin.get(f"{HERE}villages/").content.decode()
    client = Client()
    client.cookies["linli_area"] = cast.area("village1").code
    assert "可以代您办" in client.get("/matters/subsistence/").content.decode()


def test_only_the_countys_administrator_comes_in(admin: Client, cast: Cast) -> None:
    pages = ["", "new/", "villages/", "export.csv", "subsistence/", "subsistence/edit/", "subsistence/preview/", "subsistence/end/", "subsistence/delegate/"]  # fmt: skip
    for who in ("dispatcher", "clerk", "resident"):
        admin.force_login(cast.account(who))
        assert {admin.get(HERE + page).status_code for page in pages} == {404}, who
    assert Client().get(HERE).status_code == 302
    assert Matter.objects.count() == 1


def test_a_village_answers_for_its_extras_on_screen(admin: Client, cast: Cast) -> None:
    matter = Matter.objects.get()
    for name in ("village1", "neighbour_village"):
        delegating.set_agency(matter, cast.area(name), days=3, extra=True, by=SYSTEM)
    village = cast.area("village1").code
    address = f"/staff/village/agency/{village}/subsistence/"
    admin.force_login(cast.account("clerk"))  # of the township: sees its villages, answers for none
    body = admin.get("/staff/village/agency/").content.decode()
    assert "庆城社区" in body
    assert "西湖社区" not in body
    assert "拒绝的理由" not in body
    admin.post(address, {"reason": "没有人手"})
    assert AgencyItem.objects.exclude(refused_at=None).count() == 0
    post = Post.objects.create(organisation=cast.organisation("committee"), title="主任", roles=["clerk"], area=cast.area("village1"))  # fmt: skip
    Appointment.objects.create(post=post, account=cast.account("other_handler"), from_on=today())
    admin.force_login(cast.account("other_handler"))
    assert "拒绝的理由" in admin.get("/staff/village/agency/").content.decode()
    admin.post(address, {"reason": "没有人手"})
    assert AgencyItem.objects.exclude(refused_at=None).get().village.code == village
    admin.post(address, {"act": "take-up"})
    assert AgencyItem.objects.exclude(refused_at=None).count() == 0
    admin.force_login(cast.account("resident"))
    assert admin.get("/staff/village/agency/").status_code == 403
