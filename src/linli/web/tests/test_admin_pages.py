"""The administration as its readers meet it (平台管理页面): who comes in, what is listed, and at what cost."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from linli.kernel.people.models import Appointment
from linli.kernel.procedures.versions import load_all
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def pages(cast: Cast) -> dict[str, str]:
    """Every page of the administration that is read, with something in it."""
    area, grid = cast.area("village1").code, cast.area("grid1").code
    post, account = cast.post("dispatcher").uid, cast.account("dispatcher").uid
    held = [post, account, "2026-01-01"]
    named: dict[str, list[Any]] = {
        "admin": [],
        "admin_find": [],
        "admin_mend": ["grids"],
        "admin_areas": [],
        "admin_area": [area],
        "admin_add_area": [area],
        "admin_rename_area": [grid],
        "admin_area_validity": [grid],
        "admin_merge_area": [grid],
        "admin_area_shape": [grid],
        "admin_area_cover": [area],
        "admin_organisations": [],
        "admin_organisation": [cast.organisation("centre").code],
        "admin_new_organisation": [],
        "admin_revise_organisation": [cast.organisation("centre").code],
        "admin_new_post": [cast.organisation("centre").code],
        "admin_posts": [],
        "admin_post": [post],
        "admin_revise_post": [post],
        "admin_close_post": [post],
        "admin_appoint": [post],
        "admin_people": [],
        "admin_new_account": [],
        "admin_account": [account],
        "admin_revise_account": [account],
        "admin_password": [account],
        "admin_residents": [],
        "admin_years": [],
        "admin_enter_year": [],
        "admin_year_file": [],
        "admin_year": [2026],
        "admin_limits": [],
        "admin_edit_limits": ["access-question"],
        "admin_edit_words": ["access-question"],
        "admin_try_procedure": ["access-question"],
        "admin_procedure_history": ["access-question"],
        "admin_set_back": ["access-question", 0],
        "admin_procedures": [],
        "admin_upload_procedure": [],
        "admin_procedure": ["access-question"],
        "admin_messages": [],
        "admin_message": ["case.received"],
        "admin_log": [],
        "admin_retention": [],
    }
    found = {name: reverse(f"web:{name}", args=args) for name, args in named.items()}
    base = f"/staff/admin/posts/{held[0]}/holders/{held[1]}/{held[2]}/"
    return {**found, "end": f"{base}end/", "away": f"{base}away/"}


@pytest.fixture
def loaded(cast: Cast) -> Cast:
    load_all()
    return cast


def test_the_administrator_reads_every_page_in_both_languages(loaded: Cast) -> None:
    admin = loaded.client("admin")
    for name, url in pages(loaded).items():
        for language in ("zh", "en"):
            page = admin.get(url, {"lang": language})
            assert page.status_code == 200, (name, language)
            html = page.content.decode()
            assert " style=" not in html, name
            assert "<script>" not in html, name
            assert "Text(zh=" not in html, name


@pytest.mark.parametrize("who", ["dispatcher", "supervisor", "leader", "resident"])
def test_for_others_the_pages_are_not_there(loaded: Cast, who: str) -> None:
    client = loaded.client(who)
    for name, url in pages(loaded).items():
        assert client.get(url).status_code == 404, name
        assert client.post(url).status_code == 404, name


def test_visitors_are_asked_to_sign_in(loaded: Cast) -> None:
    client = loaded.client("anonymous")
    for url in pages(loaded).values():
        assert client.get(url).headers["Location"].startswith("/staff/sign-in/?next=")


def test_an_administrator_of_one_township_sees_no_other(loaded: Cast) -> None:
    post = loaded.post("leader")
    post.roles = ["leader", "administrator"]
    post.save()
    client = loaded.client("leader")
    assert client.get(reverse("web:admin_area", args=["350102001001"])).status_code == 200
    for code in ("350102000000", "350102002000", "350102002001001"):
        assert client.get(reverse("web:admin_area", args=[code])).status_code == 404
    for name in ("neighbour_dispatcher", "admin", "handler"):
        assert client.get(reverse("web:admin_post", args=[loaded.post(name).uid])).status_code == 404
        assert client.get(reverse("web:admin_account", args=[loaded.account(name).uid])).status_code == 404
    assert client.get(reverse("web:admin_enter_year")).status_code == 403
    assert client.get(reverse("web:admin_upload_procedure")).status_code == 404
    html = client.get(reverse("web:admin_people")).content.decode()
    assert "黄派遣" in html
    assert "高邻居" not in html


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("admin_organisations", 11),
        ("admin_posts", 12),
        ("admin_people", 12),
        ("admin_areas", 13),
        ("admin_log", 11),
        ("admin", 40),
    ],
)
def test_lists_cost_the_same_however_long(
    loaded: Cast, django_assert_max_num_queries: Any, name: str, most: int
) -> None:
    client = loaded.client("admin")
    client.get(reverse(f"web:{name}"))
    with django_assert_max_num_queries(most):
        assert client.get(reverse(f"web:{name}")).status_code == 200


def test_what_is_missing_is_said(loaded: Cast) -> None:
    Appointment.objects.filter(account=loaded.account("grid_worker")).delete()
    client = loaded.client("admin")
    html = client.get(reverse("web:admin")).content.decode()
    assert "网格没有网格员" in html
    assert "庆城第一网格" in client.get(reverse("web:admin_mend", args=["grids"])).content.decode()
    assert "岗位没有人" in html


def test_posts_are_found_by_role_and_by_nobody_holding_them(loaded: Cast) -> None:
    client = loaded.client("admin")
    url = reverse("web:admin_posts")
    by_role = client.get(url, {"role": "dispatcher"}).content.decode()
    assert "黄派遣" in by_role
    assert "郑市政" not in by_role
    assert "没有符合的岗位" in client.get(url, {"vacant": "1"}).content.decode()
    Appointment.objects.filter(account=loaded.account("handler")).delete()
    vacant = client.get(url, {"vacant": "1"}).content.decode()
    assert "区市政维护中心" in vacant
    assert "黄派遣" not in vacant
    for odd in ({"cursor": "x"}, {"role": '"'}, {"q": "%"}):
        assert client.get(url, odd).status_code in {200, 400}


def test_one_box_finds_everything(cast: Cast) -> None:
    load_all()
    admin = cast.client("admin")
    for word, found in (
        ("庆城第一", "庆城第一网格"),
        ("园林", "区园林中心"),
        ("信访", "信访事项"),
        ("催办", "催办：〔事项名称〕"),
        ("放假", "放假安排"),
        (cast.account("dispatcher").username, cast.account("dispatcher").name),
    ):
        page = admin.get(reverse("web:admin_find"), {"q": word}).content.decode()
        assert found in page, word
    assert "没有找到" in admin.get(reverse("web:admin_find"), {"q": "没有这种"}).content.decode()


def test_the_overview_says_what_is_set_and_what_changed(cast: Cast) -> None:
    load_all()
    page = cast.client("admin").get(reverse("web:admin")).content.decode()
    for words in ("现在是怎么定的", "项还是样例", "种用本地文字", "条派单规则有效", "环节没有人能办"):
        assert words in page
