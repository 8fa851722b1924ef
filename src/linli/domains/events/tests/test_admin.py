"""Categories and dispatch rules as the administrator keeps them (目录管理): allowed, refused, never half written."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from linli.base.clock import now, today
from linli.base.errors import Invalid, NotAllowed, Refused
from linli.domains.events import directory as verbs
from linli.domains.events import dispatch
from linli.domains.events.directory_queries import gaps, tree_of
from linli.domains.events.models import Category, Directory, DispatchRule
from linli.domains.events.queries import category_tree, dry_run
from linli.kernel.people.models import AuditEntry
from linli.kernel.procedures.versions import load_all
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(cast: Cast) -> Cast:
    """The cast with a directory in use: 01 with 0101 and 0102."""
    load_all()
    directory = Directory.objects.create(code="t", title="试验目录", active=True)
    by = cast.actor("admin")
    top = verbs.create_category(directory, "01", name="道路", name_en="Roads", by=by)
    verbs.create_category(directory, "0101", name="路灯", name_en="Lamps", parent=top, limit="4 hours", by=by)
    verbs.create_category(
        directory, "0102", name="坑洼", name_en="Potholes", parent=top, grade="general", by=by
    )
    return cast


def category(code: str, version: int = 1) -> Category:
    return Category.objects.get(key=f"t:{version}:{code}")


def pages() -> dict[str, str]:
    named: dict[str, list[Any]] = {
        "admin_categories": [],
        "admin_upload_directory": [],
        "admin_directory": ["t", 1],
        "admin_directory_history": ["t"],
        "admin_add_category": ["t", 1],
        "admin_category": ["t", 1, "0101"],
        "admin_dispatch": [],
        "admin_add_rule": [],
        "admin_try_dispatch": [],
        "admin_dispatch_effect": [],
        "admin_dispatch_gaps": [],
        "admin_check_directory": ["t", 1],
    }
    return {name: reverse(f"events:{name}", args=args) for name, args in named.items()}


@pytest.fixture
def admin(town: Cast) -> Client:
    return town.client("admin")


def test_every_page_in_both_languages(admin: Client) -> None:
    for name, url in pages().items():
        for language in ("zh", "en"):
            page = admin.get(url, {"lang": language})
            assert page.status_code == 200, name
            assert " style=" not in page.content.decode(), name


@pytest.mark.parametrize("who", ["dispatcher", "leader", "supervisor", "resident"])
def test_for_others_they_are_not_there(town: Cast, who: str) -> None:
    client = town.client(who)
    posts = [
        reverse("events:admin_next_version", args=["t", 1]),
        reverse("events:admin_directory_use", args=["t", 1]),
        reverse("events:admin_retire_category", args=["t", 1, "01"]),
        reverse("events:admin_rule"),
        reverse("events:admin_end_rule"),
    ]
    for url in [*pages().values(), *posts]:
        assert client.get(url).status_code == 404, url
        assert client.post(url).status_code == 404, url
    assert category("01").active


def test_the_verbs_refuse_whoever_is_no_administrator(town: Cast) -> None:
    by, lead = town.actor("dispatcher"), town.organisation("municipal")
    for attempt in (
        lambda: verbs.create_category(category("01").directory, "09", name="x", by=by),
        lambda: verbs.revise_category(category("0101"), limit="1 hour", by=by),
        lambda: verbs.retire_category(category("0101"), by=by),
        lambda: verbs.next_version(category("01").directory, by=by),
        lambda: dispatch.add_rule(None, None, lead, by=by),
        lambda: dispatch.add_rule(None, town.area("township"), lead, by=by),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_an_administrator_of_a_township_keeps_its_own_rules_alone(town: Cast) -> None:
    from linli.kernel.people.actors import actor_for

    post = town.post("leader")
    post.roles = ["administrator"]
    post.save()
    by, lead = actor_for(town.account("leader")), town.organisation("municipal")
    rule = dispatch.add_rule(category("01"), town.area("village1"), lead, by=by)
    assert dispatch.end_rule(rule, to_on=today(), by=by).valid_to == today()
    for area in (None, town.area("neighbour_village"), town.area("county")):
        with pytest.raises(NotAllowed):
            dispatch.add_rule(category("01"), area, lead, by=by)
    with pytest.raises(NotAllowed):
        verbs.revise_category(category("0101"), limit="1 hour", by=by)


def test_what_is_in_use_keeps_its_names(town: Cast) -> None:
    by = town.actor("admin")
    verbs.revise_category(category("0101"), limit="2 working days", keywords="灯", by=by)
    assert category("0101").limit == "2 working days"
    with pytest.raises(Refused, match="名称不能改"):
        verbs.revise_category(category("0101"), name="灯", by=by)
    draft = verbs.next_version(category("01").directory, by=by)
    verbs.revise_category(category("0101", 2), name="照明", by=by)
    assert [c.name for c in tree_of(draft)] == ["道路", "照明", "坑洼"]
    assert [c.parent_id for c in tree_of(draft)][1:] == [category("01", 2).pk] * 2
    with pytest.raises(Refused, match="更新的版本"):
        verbs.next_version(category("01").directory, by=by)


def test_the_next_version_takes_its_rules_along(town: Cast) -> None:
    by, lead = town.actor("admin"), town.organisation("municipal")
    dispatch.add_rule(category("0101"), None, lead, helpers=[town.organisation("garden")], by=by)
    draft = verbs.next_version(category("01").directory, by=by)
    assert not dry_run(category("0101", 2), town.area("grid1"), on=now())
    verbs.set_in_use(draft, in_use=True, by=by)
    weighed = dry_run(category("0101", 2), town.area("grid1"), on=now())
    assert [w.rule.lead for w in weighed] == [lead.code]
    assert {c.key for c in category_tree()} == {"t:2:01", "t:2:0101", "t:2:0102"}
    rule = DispatchRule.objects.get(category=category("0101", 2))
    assert [o.code for o in rule.helpers.all()] == [town.organisation("garden").code]
    with pytest.raises(Refused, match="唯一在用"):
        verbs.set_in_use(draft, in_use=False, by=by)


def test_retiring_takes_what_is_below(town: Cast) -> None:
    verbs.retire_category(category("01"), by=town.actor("admin"))
    assert not category_tree()
    entry = AuditEntry.objects.latest("id")
    assert (entry.act, entry.facts["n_categories"]) == ("events.category_retired", 3)


def test_the_same_is_not_assigned_twice(town: Cast) -> None:
    by = town.actor("admin")
    lead, other = town.organisation("municipal"), town.organisation("garden")
    rule = dispatch.add_rule(category("01"), town.area("township"), lead, by=by)
    with pytest.raises(Refused, match="已派给"):
        dispatch.add_rule(category("01"), town.area("township"), other, by=by)
    dispatch.end_rule(rule, to_on=today(), by=by)
    dispatch.add_rule(category("01"), town.area("township"), other, valid_from=today() + timedelta(1), by=by)
    with pytest.raises(Invalid):
        dispatch.add_rule(category("0101"), None, lead, helpers=[lead], by=by)
    lead.active = False
    lead.save()
    with pytest.raises(Invalid):
        dispatch.add_rule(category("0101"), None, lead, by=by)
    assert DispatchRule.objects.count() == 2


def test_gaps_are_what_no_rule_covers(town: Cast) -> None:
    by, lead = town.actor("admin"), town.organisation("municipal")
    assert [g.category.code for g in gaps(["350102"], today())] == ["0101", "0102"]
    dispatch.add_rule(category("0101"), town.area("township"), lead, by=by)
    found = gaps(["350102"], today())
    assert [(g.category.code, len(g.areas)) for g in found] == [("0101", 1), ("0102", 0)]
    assert [g.category.code for g in gaps(["350102001"], today())] == ["0102"]
    dispatch.add_rule(category("01"), None, lead, by=by)
    assert gaps(["350102"], today()) == []


def test_a_rule_by_form_and_its_dry_run(town: Cast, admin: Client) -> None:
    sent = {"category": "t:1:0101", "area": "鼓东街道", "lead": "区市政维护中心", "helpers": "区园林中心"}
    looked = admin.post(reverse("events:admin_add_rule"), sent)
    assert "看一下再保存" in looked.content.decode()
    assert not DispatchRule.objects.exists()
    assert admin.post(reverse("events:admin_add_rule"), {**sent, "act": "save"}).status_code == 302
    rule = DispatchRule.objects.get()
    assert rule.area == town.area("township")
    html = admin.get(
        reverse("events:admin_try_dispatch"), {"category": "t:1:0101", "area": "庆城第一网格"}
    ).content.decode()
    assert "建议派给：区市政维护中心" in html
    outside = admin.get(reverse("events:admin_try_dispatch"), {"category": "t:1:0101", "area": "350102002"})
    assert "这件事不在那里" in outside.content.decode()
    listed = admin.get(reverse("events:admin_dispatch")).content.decode()
    address = listed.split(reverse("events:admin_rule"))[1].split('"')[0].replace("&amp;", "&")
    url = reverse("events:admin_rule") + address
    assert admin.get(url).status_code == 200
    change = {"lead": "区园林中心", "valid_from": "", "valid_to": "", "act": "save"}
    assert admin.post(url, change).status_code == 302
    rule.refresh_from_db()
    assert rule.lead == town.organisation("garden")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"area": "没有的地方", "lead": "区园林中心"}, "area"),
        ({"lead": "没有的单位"}, "lead"),
        ({"lead": "区园林中心", "helpers": "没有的单位"}, "helpers"),
        ({"lead": "区园林中心", "valid_from": "2026-13-01"}, "valid_from"),
        ({"lead": "区园林中心", "valid_from": "2026-02-02", "valid_to": "2026-02-01"}, "valid_to"),
    ],
)
def test_a_bad_rule_writes_nothing(admin: Client, sent: dict[str, str], field: str) -> None:
    page = admin.post(reverse("events:admin_add_rule"), sent)
    assert page.status_code == 422
    assert f'id="f-{field.replace("_", "-")}-error"' in page.content.decode()
    assert not DispatchRule.objects.exists()


def test_a_bad_category_writes_nothing(admin: Client) -> None:
    url = reverse("events:admin_add_category", args=["t", 1])
    for sent in (
        {"code": "0101", "name": "x"},
        {"code": "09 1", "name": "x"},
        {"code": "09"},
        {"code": "09", "name": "x", "limit": "soon"},
        {"code": "09", "name": "x", "grade": "huge"},
        {"code": "09", "name": "x", "parent": "zz"},
    ):
        assert admin.post(url, sent).status_code == 422, sent
    assert Category.objects.count() == 3


def test_lists_cost_the_same_however_long(
    town: Cast, admin: Client, django_assert_max_num_queries: Any
) -> None:
    by = town.actor("admin")
    for n in range(30):
        start = date(2027, 1, 1) + timedelta(n)
        dispatch.add_rule(
            category("01"), None, town.organisation("garden"), valid_from=start, valid_to=start, by=by
        )
    url = reverse("events:admin_dispatch")
    admin.get(url)
    for address, most in ((f"{url}?ended=1", 17), (reverse("events:admin_directory", args=["t", 1]), 14)):
        with django_assert_max_num_queries(most):
            assert admin.get(address).status_code == 200
