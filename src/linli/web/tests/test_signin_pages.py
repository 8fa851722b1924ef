from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from pytest_django import Settings

from linli.base.clock import now, today
from linli.kernel.people.models import Account, Appointment, Organisation, Post
from linli.kernel.places.models import Area

pytestmark = pytest.mark.django_db
SECRET = "gudong-2026-desk"


@pytest.fixture
def dispatcher() -> Account:
    area = Area.objects.create(code="350102001000", prefix="350102001", name="鼓东街道", level="township")
    organisation = Organisation.objects.create(code="gd", name="鼓东街道综治中心", kind="office", area=area)
    post = Post.objects.create(organisation=organisation, title="调度员", roles=["dispatcher"], area=area)
    account = Account(username="chenjing", name="陈静", created_at=now(), demo=True)
    account.set_password(SECRET)
    account.save()
    Appointment.objects.create(post=post, account=account, from_on=today() - dt.timedelta(days=9))
    return account


def sign_in(client: Client) -> None:
    first = client.post("/staff/sign-in/?next=/staff/search/", {"username": "chenjing", "password": SECRET})
    assert first.headers["Location"] == "/staff/second-factor/?next=%2Fstaff%2Fsearch%2F"
    second = client.post(first.headers["Location"], {"code": "000000"})
    assert second.headers["Location"] == "/staff/search/"


def test_the_desk_asks_to_sign_in_and_comes_back(client: Client) -> None:
    assert (
        client.get("/staff/search/?q=1").headers["Location"]
        == "/staff/sign-in/?next=%2Fstaff%2Fsearch%2F%3Fq%3D1"
    )


def test_staff_sign_in_with_two_factors(client: Client, dispatcher: Account, settings: Settings) -> None:
    settings.LINLI_DEMO = True
    sign_in(client)
    page = client.get("/staff/")
    assert page.status_code == 200
    assert "鼓东街道综治中心" in page.content.decode()
    client.post("/sign-out/")
    assert client.get("/staff/").status_code == 302


def test_the_demo_code_is_shown_and_works_in_the_demo_only(
    client: Client, dispatcher: Account, settings: Settings
) -> None:
    settings.LINLI_DEMO = False
    Account.objects.update(demo=False)
    client.post("/staff/sign-in/", {"username": "chenjing", "password": SECRET})
    page = client.get("/staff/second-factor/")
    assert "000000" not in page.content.decode()
    assert "<svg" in page.content.decode()  # no authenticator yet: the picture to scan
    assert client.post("/staff/second-factor/", {"code": "000000"}).status_code == 422


def test_a_wrong_password_says_so_and_keeps_the_name(client: Client, dispatcher: Account) -> None:
    page = client.post("/staff/sign-in/", {"username": "chenjing", "password": "x"})
    assert page.status_code == 422
    assert "用户名或密码不对" in page.content.decode()
    assert 'value="chenjing"' in page.content.decode()


def test_a_temporary_password_is_changed_first(
    client: Client, dispatcher: Account, settings: Settings
) -> None:
    settings.LINLI_DEMO = True
    Account.objects.update(must_change_password=True)
    client.post("/staff/sign-in/", {"username": "chenjing", "password": SECRET})
    client.post("/staff/second-factor/", {"code": "000000"})
    assert client.get("/staff/").headers["Location"] == "/staff/password/"
    client.post("/staff/password/", {"old": SECRET, "new": "another-good-one-7"})
    assert client.get("/staff/").status_code == 200


def test_a_resident_signs_in_by_phone(client: Client, settings: Settings) -> None:
    settings.LINLI_DEMO = True
    assert client.post("/sign-in/", {"phone": "12"}).status_code == 422
    answer = client.post("/sign-in/?next=/mine/", {"phone": "13800138000"})
    assert answer.headers["Location"] == "/sign-in/code/?next=%2Fmine%2F"
    code = client.session["linli_demo_phone_code"]
    assert code in client.get("/sign-in/code/").content.decode()
    wrong = "000001" if code != "000001" else "000002"
    assert client.post("/sign-in/code/", {"code": wrong}).status_code == 422
    assert client.post("/sign-in/code/?next=/mine/", {"code": code}).headers["Location"] == "/mine/"
    assert "您名下还没有事情" in client.get("/mine/").content.decode()


def test_a_resident_is_told_that_the_desk_is_not_theirs(client: Client, settings: Settings) -> None:
    settings.LINLI_DEMO = True
    client.post("/sign-in/", {"phone": "13800138000"})
    client.post("/sign-in/code/", {"code": client.session["linli_demo_phone_code"]})
    assert client.get("/staff/").status_code == 403


def test_a_wrong_tracking_code_never_tells_which_was_wrong(client: Client) -> None:
    page = client.post("/track/", {"number": "350102-EV-2026-000001", "code": "ABCD2345"})
    assert page.status_code == 422
    assert "编号和查询码对不上" in page.content.decode()


def test_tracking_is_limited(client: Client) -> None:
    last = 0
    for _ in range(11):
        last = client.post("/track/", {"number": "350102-EV-2026-000001", "code": "ABCD2345"}).status_code
    assert last == 429
