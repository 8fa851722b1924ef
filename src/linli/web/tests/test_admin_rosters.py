"""Posts and appointments as a table (岗位任职表): exported, tried, taken in as a whole or not at all, and sent twice."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from linli.base.clock import now, today
from linli.kernel.fieldwork.models import FieldDevice
from linli.kernel.people.models import Account, Appointment, AuditEntry, Post
from linli.kernel.people.services import create_account, create_post
from linli.kernel.procedures.roles import role_title
from linli.kernel.procedures.versions import load_all
from tests.cast import Cast

pytestmark = pytest.mark.django_db

HEAD = "岗位编号,组织,岗位名称,英文名称,角色,管辖,岗位起始,岗位最后一天,用户名,姓名,任职起始,任职最后一天"
TABLE, CSV = reverse("web:admin_posts_table"), reverse("web:admin_posts_csv")


@pytest.fixture
def admin(cast: Cast) -> Client:
    load_all()
    return cast.client("admin")


def export(client: Client) -> list[list[str]]:
    answer = client.get(CSV)
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def as_file(rows: Sequence[Sequence[str]], encoding: str = "utf-8") -> SimpleUploadedFile:
    paper = io.StringIO()
    csv.writer(paper).writerows(rows)
    return SimpleUploadedFile("posts.csv", paper.getvalue().encode(encoding))


def sent(client: Client, rows: Sequence[Sequence[str]], encoding: str = "utf-8") -> Any:
    return client.post(TABLE, {"file": as_file([HEAD.split(","), *rows], encoding)})


def save(client: Client, page: Any) -> Any:
    trial = page.context["trial"]
    return client.post(TABLE, {"table": page.context["table"], "shown": trial.mark, "act": "save"})


def line(cast: Cast, **cells: str) -> list[str]:
    usual = {
        "组织": cast.organisation("street").code,
        "岗位名称": "城管协管",
        "角色": role_title("handler").zh,
        "管辖": f"{cast.area('township').code} 鼓东街道",
    }
    return [(usual | cells).get(column, "") for column in HEAD.split(",")]


def states(page: Any) -> list[str]:
    return [o.state for o in page.context["trial"].outcomes]


def why(page: Any) -> str:
    return " ".join(o.refused.zh for o in page.context["trial"].outcomes if o.refused)


def test_the_table_has_posts_holders_and_no_other_data(cast: Cast, admin: Client) -> None:
    post = cast.post("handler")
    Post.objects.filter(pk=post.pk).update(title="=HYPERLINK(1)")
    rows = export(admin)
    mine = next(r for r in rows if r[0] == str(post.uid))
    assert mine[2] == "'=HYPERLINK(1)"
    assert mine[4] == role_title("handler").zh
    assert mine[9] == "郑市政"
    assert "林小邻" not in str(rows)


def test_the_exported_table_sent_back_changes_nothing(cast: Cast, admin: Client) -> None:
    Post.objects.filter(pk=cast.post("handler").pk).update(title="=1")
    before = AuditEntry.objects.count()
    page = admin.post(TABLE, {"file": SimpleUploadedFile("p.csv", admin.get(CSV).content)})
    assert set(states(page)) == {"unchanged"}
    assert "没有什么可保存" in page.content.decode()
    assert AuditEntry.objects.count() == before


def test_english_columns_and_roles_are_read_too(cast: Cast, admin: Client) -> None:
    admin.cookies["lang"] = "en"
    admin.post(reverse("web:preferences"), {"lang": "en", "next": "/"})
    content = admin.get(CSV).content
    assert b"Organisation" in content
    page = admin.post(TABLE, {"file": SimpleUploadedFile("p.csv", content)})
    assert set(states(page)) == {"unchanged"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_new_post_with_its_holder_is_done_after_it_was_looked_at(
    cast: Cast, admin: Client, encoding: str
) -> None:
    create_account("sunxie", "孙协管", password="jian-dan-2931-ma", by=cast.actor("admin"))
    first = today() + timedelta(days=3)
    row = line(cast, 用户名="sunxie", 姓名="孙协管", 任职起始=f"{first:%Y/%m/%d}")
    page = sent(admin, [row], encoding)
    assert states(page) == ["new"]
    assert not Post.objects.filter(title="城管协管").exists()
    assert save(admin, page).status_code == 302
    made = Appointment.objects.get(post__title="城管协管")
    assert (made.account.username, made.from_on, made.to_on) == ("sunxie", first, None)
    assert made.post.roles == ["handler"]
    acts = AuditEntry.objects.order_by("-id").values_list("act", flat=True)[:2]
    assert set(acts) == {"people.post_set_up", "people.appointed"}
    again = sent(admin, [row], encoding)
    assert states(again) == ["unchanged"]


def test_last_days_close_a_post_and_end_an_appointment(cast: Cast, admin: Client) -> None:
    last = today() + timedelta(days=10)
    post = cast.post("other_handler")
    held = Appointment.objects.get(post=post)
    row = next(r for r in export(admin) if r[0] == str(post.uid))
    row[2], row[7], row[11] = "园林承办员", str(last), str(last)
    page = sent(admin, [row])
    assert states(page) == ["changed"]
    save(admin, page)
    post.refresh_from_db()
    held.refresh_from_db()
    assert (post.title, post.valid_to, held.to_on) == ("园林承办员", last, last)
    assert states(sent(admin, [row])) == ["unchanged"]
    row[11] = str(last + timedelta(days=5))
    assert "不能往后改" in why(sent(admin, [row]))


def test_one_refused_line_keeps_the_whole_file_out(cast: Cast, admin: Client) -> None:
    page = sent(admin, [line(cast), line(cast, 岗位名称="另一岗", 角色="皇帝")])
    assert states(page) == ["new", "refused"]
    assert "没有这个角色：皇帝" in why(page)
    assert save(admin, page).status_code == 409
    assert not Post.objects.filter(title="城管协管").exists()


def test_what_was_not_looked_at_is_not_saved(cast: Cast, admin: Client) -> None:
    page = sent(admin, [line(cast)])
    create_post(
        cast.organisation("street"),
        "城管协管",
        roles=["clerk"],
        area=cast.area("township"),
        by=cast.actor("admin"),
    )
    answer = save(admin, page)
    assert answer.status_code == 409
    assert "请再看一遍" in answer.content.decode()
    assert Post.objects.get(title="城管协管").roles == ["clerk"]


def test_each_fault_has_its_reason(cast: Cast, admin: Client) -> None:
    mine = next(r for r in export(admin) if r[0] == str(cast.post("handler").uid))
    moved = [*mine]
    moved[5] = cast.area("township").code
    wrong_name = [*mine]
    wrong_name[9] = "别人"
    day = str(today())
    cases = {
        "不能任命自己": line(cast, 用户名=cast.account("admin").username, 任职起始=day),
        "没有用户名“nobody": line(cast, 用户名="nobody-here", 任职起始=day),
        "管辖不能改": moved,
        "对不上": wrong_name,
        "请写成 2026-03-01": line(cast, 岗位起始="明天"),
        "请填任职起始日期": line(cast, 用户名=cast.account("clerk").username),
        "没有写用户名": line(cast, 任职起始=day),
        "没有找到这个区划": line(cast, 管辖="火星街道"),
        "没有这个编号": line(cast, 岗位编号="0190a000-0000-7000-8000-000000000000"),
    }
    page = sent(admin, list(cases.values()))
    for outcome, (words, _) in zip(page.context["trial"].outcomes, cases.items(), strict=True):
        assert outcome.refused
        assert words in outcome.refused.zh
        assert not re.search("[一-鿿]", outcome.refused.en.replace("火星街道", "").replace("别人", ""))


def test_lines_about_one_post_must_agree(cast: Cast, admin: Client) -> None:
    mine = next(r for r in export(admin) if r[0] == str(cast.post("handler").uid))
    other = [*mine]
    other[2] = "承办二"
    assert "写的不一样" in why(sent(admin, [mine, other]))
    assert "已在前面写过" in why(sent(admin, [mine, mine]))


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2\n", HEAD.encode(), b"\xff\xfe\x00\x00", b"x" * (1024 * 1024 + 1)]
)
def test_a_file_that_is_no_table_is_refused_in_words(admin: Client, content: bytes) -> None:
    answer = admin.post(TABLE, {"file": SimpleUploadedFile("p.csv", content)})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()


def test_another_countys_administrator_sees_and_changes_none_of_it(cast: Cast, admin: Client) -> None:
    mine = next(r for r in export(admin) if r[0] == str(cast.post("handler").uid))
    create_post(
        cast.organisation("neighbour_street"), "邻街管理员", roles=["administrator"],
        area=cast.area("neighbour_township"), by=cast.actor("system"),
    )  # fmt: skip
    neighbour = Appointment.objects.get(account=cast.account("neighbour_dispatcher"))
    Post.objects.filter(pk=neighbour.post_id).update(roles=["administrator"])
    other = cast.client("neighbour_dispatcher")
    assert {r[1].split()[0] for r in export(other)[1:]} == {cast.organisation("neighbour_street").code}
    mine[2] = "改名"
    page = sent(other, [mine, line(cast)])
    assert states(page) == ["refused", "refused"]
    assert "没有这个编号的岗位" in why(page)
    save(other, page)
    assert not Post.objects.filter(title__in=["改名", "城管协管"]).exists()


@pytest.mark.parametrize("who", ["dispatcher", "leader", "resident", "outsider"])
def test_whoever_is_no_administrator_finds_nothing(cast: Cast, who: str) -> None:
    client = cast.client(who)
    assert client.get(CSV).status_code == 404
    assert client.get(TABLE).status_code == 404
    assert sent(client, [line(cast)]).status_code == 404


def test_a_resident_is_never_appointed_by_a_table(cast: Cast, admin: Client) -> None:
    resident = cast.account("resident")
    row = line(cast, 用户名=resident.username, 任职起始=str(date(2030, 1, 1)))
    page = sent(admin, [row])
    assert states(page) == ["refused"]
    assert resident.name not in page.content.decode()


def test_silent_phones_stand_among_what_is_to_be_mended(cast: Cast, admin: Client) -> None:
    worker: Account = cast.account("grid_worker")
    phone = FieldDevice.objects.create(
        account=worker, label="巡查手机", area=cast.area("grid1").prefix, token_hash=b"a" * 32, key="x",
        enrolled_at=now(), expires_at=now() + timedelta(days=30), last_contact_at=now() - timedelta(hours=3),
    )  # fmt: skip
    page = reverse("web:admin_mend", args=["phones"])
    assert "巡查手机" not in admin.get(page).content.decode()
    FieldDevice.objects.filter(pk=phone.pk).update(last_contact_at=now() - timedelta(days=3))
    html = admin.get(page).content.decode()
    assert "巡查手机，3 天没有联系" in html
    assert reverse("web:field_phones") in html
    assert "外勤手机失联" in admin.get(reverse("web:admin")).content.decode()
    neighbour = Appointment.objects.get(account=cast.account("neighbour_dispatcher"))
    Post.objects.filter(pk=neighbour.post_id).update(roles=["administrator"])
    assert "巡查手机" not in cast.client("neighbour_dispatcher").get(page).content.decode()
