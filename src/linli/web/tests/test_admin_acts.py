"""What administrators do on screen (平台管理操作): it is done by the verbs, refused in words, and never half done."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from linli.base.clock import today
from linli.kernel.calendar.models import PublishedYear
from linli.kernel.calendar.queries import forget
from linli.kernel.people.models import (
    AccessEntry,
    Account,
    ApiToken,
    Appointment,
    AuditEntry,
    Organisation,
    Post,
)
from linli.kernel.places.models import Area, AreaShape
from linli.kernel.procedures.models import ProcedureVersion
from linli.kernel.procedures.versions import load_all
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(cast: Cast) -> Client:
    load_all()
    return cast.client("admin")


def url(name: str, *args: Any) -> str:
    return reverse(f"web:{name}", args=args)


def test_a_grid_is_added_with_its_shape(cast: Cast, admin: Client) -> None:
    village = cast.area("village1").code
    assert 'value="003"' in admin.get(url("admin_add_area", village)).content.decode()
    answer = admin.post(url("admin_add_area", village), {"number": "003", "name": "庆城第三网格"})
    made = Area.objects.get(code="350102001001003")
    assert answer.headers["Location"] == url("admin_area", made.code)
    square = [[119.30, 26.08], [119.305, 26.08], [119.305, 26.085], [119.30, 26.085], [119.30, 26.08]]
    shape = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": {
        "type": "Polygon", "coordinates": [square]}}]}  # fmt: skip
    file = SimpleUploadedFile("g.geojson", json.dumps(shape).encode())
    sent = {"file": file, "datum": "WGS84", "source": "试画"}
    assert admin.post(url("admin_area_shape", made.code), sent).status_code == 302
    assert AreaShape.objects.get(area=made).source == "试画"
    html = admin.get(url("admin_area_cover", village)).content.decode()
    assert "重叠" in html


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n",
        b"[1,2]",
        b'{"type":"Point","coordinates":[1,2]}',
        b'{"type":"FeatureCollection","features":[]}',
        b'{"type":"Polygon","coordinates":[[[119,26],[120,27],[120,26],[119,27],[119,26]]]}',
        b'{"type":"Polygon","coordinates":[[[190,26],[191,27],[191,26],[190,26]]]}',
        b'{"type":"Polygon","coordinates":"x"}',
    ],
)
def test_a_bad_shape_changes_nothing(cast: Cast, admin: Client, content: bytes) -> None:
    before = bytes(AreaShape.objects.get(area=cast.area("grid1")).wkb)
    file = SimpleUploadedFile("g.geojson", content)
    page = admin.post(url("admin_area_shape", cast.area("grid1").code), {"file": file, "datum": "WGS84"})
    assert page.status_code == 422
    assert 'class="mend"' in page.content.decode()
    assert bytes(AreaShape.objects.get(area=cast.area("grid1")).wkb) == before


@pytest.mark.parametrize(
    ("number", "name"), [("001", "重号"), ("000", "零"), ("12", "短"), ("00一", "字"), ("004", "")]
)
def test_a_bad_grid_is_not_added(cast: Cast, admin: Client, number: str, name: str) -> None:
    n = Area.objects.count()
    page = admin.post(url("admin_add_area", cast.area("village1").code), {"number": number, "name": name})
    assert page.status_code in {409, 422}
    assert Area.objects.count() == n


def test_areas_are_renamed_and_merged(cast: Cast, admin: Client) -> None:
    grid1, grid2 = cast.area("grid1"), cast.area("grid2")
    admin.post(url("admin_rename_area", grid1.code), {"name": "庆城东网格"})
    day = today().isoformat()
    sent = {"successor": "庆城第二网格", "last_day": day}
    assert admin.post(url("admin_merge_area", grid1.code), sent).status_code == 302
    grid1.refresh_from_db()
    assert (grid1.name, grid1.successor, grid1.valid_to) == ("庆城东网格", grid2, today())
    for successor in ("庆城社区", grid2.code, "不存在"):
        sent = {"successor": successor, "last_day": day}
        assert admin.post(url("admin_merge_area", grid2.code), sent).status_code in {409, 422}
    assert admin.post(url("admin_merge_area", grid2.code), {"successor": grid1.code}).status_code == 422
    grid2.refresh_from_db()
    assert grid2.valid_to is None


def test_dates_stand_in_their_fields_as_browsers_want_them(cast: Cast, admin: Client) -> None:
    for address in (
        url("admin_merge_area", cast.area("grid1").code),
        url("admin_appoint", cast.post("clerk").uid),
    ):
        for language in ("zh", "en"):
            html = admin.get(address, {"lang": language}).content.decode()
            assert f'value="{today().isoformat()}"' in html


def test_an_organisation_with_a_post_and_its_holder(cast: Cast, admin: Client) -> None:
    sent = {
        "name": "试验站",
        "code": "350102-trial",
        "kind": "office",
        "area": "鼓东街道",
        "parent": "鼓东街道办事处",
    }
    assert admin.post(url("admin_new_organisation"), sent).status_code == 302
    assert Organisation.objects.get(code="350102-trial").parent == cast.organisation("street")
    post = {"title": "试验员", "roles": ["handler", "grid_worker"], "area": "350102001"}
    assert admin.post(url("admin_new_post", "350102-trial"), post).status_code == 302
    made = Post.objects.get(organisation__code="350102-trial")
    assert made.roles == ["handler", "grid_worker"]
    answer = admin.post(url("admin_appoint", made.uid), {"account": "吴园林", "from_on": "2026-03-01"})
    assert answer.status_code == 302
    held = Appointment.objects.get(post=made)
    again = admin.post(url("admin_appoint", made.uid), {"account": "other_handler", "from_on": "2026-03-01"})
    assert again.status_code == 409
    away = f"{url('admin_post', made.uid)}holders/{held.account.uid}/2026-03-01/"
    today_, later = today().isoformat(), (today() + timedelta(9)).isoformat()
    sent = {"deputy": "黄派遣", "from_on": today_, "to_on": later}
    assert admin.post(f"{away}away/", sent).status_code == 302
    assert "黄派遣" in admin.get(url("admin_post", made.uid)).content.decode()
    deputy = cast.account("dispatcher").uid
    assert admin.post(f"{away}away/{deputy}/end/").status_code == 302
    assert admin.post(f"{away}end/", {"to_on": today_}).status_code == 302
    held.refresh_from_db()
    assert held.to_on == today()
    assert held.delegations.get().ended_at is not None
    assert AuditEntry.objects.filter(act="people.appointment_ended").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "a b"},
        {"name": ""},
        {"kind": "x"},
        {"area": "西湖"},
        {"area": "110101"},
        {"uscc": "1"},
        {"parent": "?"},
    ],
)
def test_a_bad_organisation_is_not_entered(admin: Client, wrong: dict[str, str]) -> None:
    sent = {"name": "试验站", "code": "350102-trial", "kind": "office", "area": "鼓东街道"}
    assert admin.post(url("admin_new_organisation"), {**sent, **wrong}).status_code == 422
    assert not Organisation.objects.filter(code="350102-trial").exists()


def test_an_account_and_its_password_shown_once(cast: Cast, admin: Client) -> None:
    page = admin.post(url("admin_new_account"), {"username": "newcomer", "name": "新来的", "language": "zh"})
    password = page.content.decode().split('id="secret">')[1].split("<")[0]
    account = Account.objects.get(username="newcomer")
    assert account.check_password(password)
    assert account.must_change_password
    assert page.headers["Cache-Control"].find("no-store") >= 0
    shown = admin.get(url("admin_account", account.uid)).content.decode()
    assert password not in shown
    assert account.password not in shown
    again = admin.post(url("admin_password", account.uid)).content.decode()
    assert password not in again
    account.refresh_from_db()
    assert not account.check_password(password)
    assert not any(password in str(e.facts) for e in AuditEntry.objects.all())


def test_no_page_shows_a_secret(cast: Cast, admin: Client) -> None:
    dispatcher = cast.account("dispatcher")
    for name in ("admin_account", "admin_revise_account", "admin_password"):
        html = admin.get(url(name, dispatcher.uid)).content.decode()
        assert dispatcher.second_factor not in html
        assert dispatcher.password not in html


def test_second_factor_and_account_on_and_off(cast: Cast, admin: Client) -> None:
    dispatcher, me = cast.account("dispatcher"), cast.account("admin")
    admin.post(url("admin_second_factor", dispatcher.uid))
    admin.post(url("admin_set_active", dispatcher.uid), {"active": "0"})
    dispatcher.refresh_from_db()
    assert (dispatcher.second_factor_on, dispatcher.is_active) == (None, False)
    admin.post(url("admin_set_active", dispatcher.uid), {"active": "1"})
    for name in ("admin_second_factor", "admin_set_active"):  # never one's own
        admin.post(url(name, me.uid), {"active": "0"})
    me.refresh_from_db()
    dispatcher.refresh_from_db()
    assert dispatcher.is_active
    assert me.is_active
    assert me.second_factor_on is not None


def test_a_search_for_a_resident_leaves_a_trace(cast: Cast, admin: Client) -> None:
    n = AccessEntry.objects.count()
    sent = {"phone": "13900000001", "purpose": "核对来访登记"}
    html = admin.post(url("admin_residents"), sent).content.decode()
    assert "林小邻" not in html  # nobody's case is in an administrator's sight
    assert "已留痕" in html
    assert AccessEntry.objects.count() == n + 1
    for bad in ({"phone": "13900000001"}, {"phone": "139", "purpose": "x"}, {"purpose": "x"}):
        assert admin.post(url("admin_residents"), bad).status_code == 422
    assert AccessEntry.objects.count() == n + 1


YEAR = {
    "year": "2031",
    "notice": "试验通知〔2030〕1号",
    "off": "2031-01-01 ~ 2031-01-03 元旦\n2031年5月1日 至 2031年5月5日 劳动节\n2031-10-01 ~ 2031-10-07 国庆节",
    "work": "2031-05-10 劳动节",
}


def test_a_year_is_entered(admin: Client) -> None:
    looked = admin.post(url("admin_enter_year"), YEAR).content.decode()
    assert "2031 年是第一次录入" in looked
    assert not PublishedYear.objects.filter(year=2031).exists()
    assert admin.post(url("admin_enter_year"), {**YEAR, "act": "save"}).status_code == 302
    assert PublishedYear.objects.get(year=2031).days.count() == 16
    html = admin.get(url("admin_year", 2031)).content.decode()
    assert "2031-05-05" in html
    assert html.count('<table class="month">') == 12
    assert "录入放假安排" in html  # who did it, in its history
    again = admin.get(url("admin_enter_year") + "?year=2031").content.decode()
    assert "2031-05-01 ~ 2031-05-05 劳动节" in again
    assert AuditEntry.objects.filter(act="people.year_entered").count() == 1
    forget()


@pytest.mark.parametrize(
    "wrong",
    [
        {"off": "2031-01-01 ~ 2031-01-03"},
        {"off": "哪天都行"},
        {"off": "2031-02-30 元旦"},
        {"work": "2031-05-07 周三"},
        {"year": "二〇三一"},
        {"notice": ""},
        {"year": "1066"},
    ],
)
def test_a_bad_year_is_not_entered(admin: Client, wrong: dict[str, str]) -> None:
    assert admin.post(url("admin_enter_year"), {**YEAR, **wrong}).status_code == 422
    assert not PublishedYear.objects.filter(year=2031).exists()


OVERRIDE = """
extends = "access-question"
jurisdiction = "350102"
basis = ["鼓楼区试行办法 3"]
limit = "10 working days"
[steps.asked]
within = "5 working days"
"""


def test_a_local_procedure_is_checked_compared_and_loaded(cast: Cast, admin: Client) -> None:
    n = ProcedureVersion.objects.count()
    page = admin.post(url("admin_upload_procedure"), {"text": OVERRIDE, "act": "check"})
    html = page.content.decode()
    assert page.status_code == 200
    assert "10 个工作日" in html
    assert "15 个工作日" in html
    assert ProcedureVersion.objects.count() == n
    assert "在办的 0 件沿用原来的版本" in html  # the dry run stands between
    unseen = admin.post(url("admin_upload_procedure"), {"text": OVERRIDE, "act": "save"})
    assert unseen.status_code == 200
    assert ProcedureVersion.objects.count() == n  # what was not looked at is not loaded
    mark = html.split('name="shown" value="')[1].split('"')[0]
    other = OVERRIDE.replace("10 working days", "9 working days")
    admin.post(url("admin_upload_procedure"), {"text": other, "act": "save", "shown": mark})
    assert ProcedureVersion.objects.count() == n  # nor another file than the one looked at
    sent = {"text": OVERRIDE, "act": "save", "shown": mark}
    assert admin.post(url("admin_upload_procedure"), sent).status_code == 302
    made = ProcedureVersion.objects.get(jurisdiction="350102")
    assert (made.code, made.version) == ("access-question", 1)
    shown = admin.get(url("admin_procedure", "access-question")).content.decode()
    assert "鼓楼区 · 第 1 版" in shown
    assert AuditEntry.objects.get(act="procedures.override_loaded").facts["jurisdiction"] == "350102"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", 422),
        ("not toml at all", 400),
        ('extends = "access-question"', 422),
        ('extends = "unknown"\njurisdiction = "350102"', 422),
        ('extends = "access-question"\njurisdiction = "350102001"', 422),
        ('extends = "access-question"\njurisdiction = "110101"', 403),
        ('extends = "access-question"\ncode = "mine"\njurisdiction = "350102"', 422),
        (OVERRIDE + '[steps.asked.actions.answer]\nto = "nowhere"', 422),
        ('extends = "access-question"\njurisdiction = "350102"\nsteps = "x"', 422),
        ('extends = "access-question"\njurisdiction = "350102"\nlimit = "soon"', 422),
        ('extends = "access-question"\njurisdiction = "350102"\nescalation = [{ at = "x" }]', 422),
    ],
)
def test_a_bad_procedure_never_loads(admin: Client, text: str, status: int) -> None:
    n = ProcedureVersion.objects.count()
    page = admin.post(url("admin_upload_procedure"), {"text": text, "act": "save"})
    assert page.status_code == status
    assert ProcedureVersion.objects.count() == n


def test_my_tokens_are_shown_once_and_revoked(cast: Cast) -> None:
    client = cast.client("dispatcher")
    page = client.post(url("my_new_token"), {"label": "报表", "days": "90"})
    text = page.content.decode().split('id="secret">')[1].split("<")[0]
    assert text.startswith("linli_")
    token = ApiToken.objects.get()
    listed = client.get(url("my_account")).content.decode()
    assert text not in listed
    assert (
        AuditEntry.objects.get(act="people.token_made").subject == f"account:{cast.account('dispatcher').uid}"
    )
    assert cast.client("handler").post(url("my_revoke_token", token.uid)).status_code == 404
    assert client.post(url("my_revoke_token", token.uid)).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert client.post(url("my_new_token"), {"label": "", "days": "x"}).status_code == 422
    assert ApiToken.objects.count() == 1


def test_i_am_away_and_back(cast: Cast) -> None:
    client, deputy = cast.client("dispatcher"), cast.account("call_back")
    sent = {
        "post": str(cast.post("dispatcher").uid),
        "deputy": str(deputy.uid),
        "from_on": today().isoformat(),
        "to_on": (today() + timedelta(3)).isoformat(),
    }
    stranger = {**sent, "deputy": str(cast.account("handler").uid)}
    assert client.post(url("my_away"), stranger).status_code == 422
    assert client.post(url("my_away"), {**sent, "to_on": "2020-01-01"}).status_code == 422
    assert client.post(url("my_away"), sent).status_code == 302
    assert "许回访 代我" in client.get(url("my_account")).content.decode()
    back = url("my_back", cast.post("dispatcher").uid, deputy.uid)
    assert cast.client("handler").post(back).status_code == 404
    assert client.post(back).status_code == 302
    assert "许回访 代我" not in client.get(url("my_account")).content.decode()


def test_residents_have_no_desk_of_their_own(cast: Cast) -> None:
    assert cast.client("resident").get(url("my_account")).status_code == 403
