"""What is public, for everybody (公示页面): list, page, objecting, poster, feed, and what stays within budget."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from linli.base.clock import now
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case
from linli.kernel.publicity import services
from linli.kernel.publicity.models import Publication
from tests.cast import Cast
from tests.publicity import LAST, MONDAY, SECRET_NAME, SECRET_PHONE, proposed, shown_by

THURSDAY = MONDAY + timedelta(days=3)
ATOM = "{http://www.w3.org/2005/Atom}"
LIST_QUERIES = 3  # ids, rows, the area that the reader chose


@pytest.fixture
def on_show(public_notices: Cast) -> Publication:
    return shown_by(proposed(public_notices))


@pytest.fixture(autouse=True)
def _thursday() -> object:
    with time_machine.travel(THURSDAY, tick=False):
        yield


def text_of(client: Client, path: str, **data: str) -> str:
    answer = client.get(path, data)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def key_in(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


def test_anybody_reads_what_is_decided_by_whom_until_when_and_how_to_object(on_show: Publication) -> None:
    page = text_of(Client(), f"/public/{on_show.uid}/")
    for words in (
        "危房改造补助：翻修东头老屋",
        "20000",
        "林**",
        "139****0001",
        "鼓东街道综治中心",
        "村民委员会组织法 30",
        "2026 年 11 月 25 日（周三）17:00",
        "还有 6 天",
        "7 个工作日",
        "村务公开栏和网上",
        "还没有人提出异议",
        f"/public/{on_show.uid}/object/",
        "12345",
    ):
        assert words in page, words
    assert SECRET_NAME not in page
    assert SECRET_PHONE[3:] not in page
    english = text_of(Client(headers={"accept-language": "en"}), f"/public/{on_show.uid}/")
    assert "Grant for unsafe houses" in english
    assert "6 days left" in english


def test_a_withdrawn_notice_says_when_and_why_and_nothing_of_what_it_said(
    public_notices: Cast, on_show: Publication
) -> None:
    case = Case.objects.get(pk=on_show.case_id)
    engine.act(
        case, "take_back", {"reason": "金额写错了"}, by=public_notices.actor("dispatcher"), at=THURSDAY
    )
    for path in (f"/public/{on_show.uid}/", f"/public/{on_show.uid}/poster/"):
        page = text_of(Client(), path)
        assert "2026 年 11 月 19 日（周四）09:00 撤回" in page
        assert "金额写错了" in page
        assert "20000" not in page
        assert "东头" not in page
        assert "林**" not in page
        assert "/object/" not in page
    assert str(on_show.uid) not in text_of(Client(), "/public/")
    assert str(on_show.uid) in text_of(Client(), "/public/", past="1")
    assert Client().get(f"/public/{on_show.uid}/object/").status_code == 409


def test_the_list_is_of_the_area_that_the_reader_chose(public_notices: Cast) -> None:
    here = shown_by(proposed(public_notices, grid="village1", matter="东头老屋"))
    there = shown_by(proposed(public_notices, grid="village2", matter="西头老屋"))
    visitor = Client()
    assert "东头老屋" in text_of(visitor, "/public/")
    assert "西头老屋" in text_of(visitor, "/public/")
    visitor.cookies["linli_area"] = "350102001001"
    page = text_of(visitor, "/public/")
    assert str(here.uid) in page
    assert str(there.uid) not in page
    assert str(there.uid) in text_of(visitor, "/public/", area="all")
    assert str(there.uid) in text_of(visitor, "/public/", area="350102001002")
    assert str(there.uid) in text_of(visitor, "/public/", area="all", q="西头老屋")
    assert str(there.uid) not in text_of(visitor, "/public/", area="all", q="东头老屋")
    assert visitor.get("/public/", {"area": "999999"}).status_code == 404


def test_an_empty_list_says_so_and_where_else_to_look(public_notices: Cast) -> None:
    assert "这里现在没有公示" in text_of(Client(), "/public/")
    assert "没有找到" in text_of(Client(), "/public/", q="没有的词")
    assert 'id="on-show"' not in text_of(Client(), "/")


def test_the_first_page_shows_what_is_on_notice_in_the_readers_area(on_show: Publication) -> None:
    visitor = Client()
    assert str(on_show.uid) in text_of(visitor, "/")
    visitor.cookies["linli_area"] = "350102002001"
    assert str(on_show.uid) not in text_of(visitor, "/")


def test_without_an_account_one_objects_and_gets_a_number_and_a_code(
    public_notices: Cast, on_show: Publication
) -> None:
    visitor = Client()
    path = f"/public/{on_show.uid}/object/"
    key = key_in(text_of(visitor, path))
    refused = visitor.post(path, {"key": key})
    assert refused.status_code == 422
    assert "为什么不同意" in refused.content.decode()
    sent = visitor.post(path, {"key": key, "why": "老屋去年已经修过。"})
    objection = Case.objects.get(procedure="test-objection")
    assert sent.headers["Location"] == f"/case/{objection.number}/receipt/"
    assert (objection.origin_id, objection.channel, objection.area) == (
        on_show.case_id,
        "web",
        public_notices.area("village1"),
    )
    assert "查询码" in text_of(visitor, sent.headers["Location"])
    again = visitor.post(path, {"key": key, "why": "老屋去年已经修过。"})
    assert again.headers["Location"] == sent.headers["Location"]
    assert Case.objects.filter(procedure="test-objection").count() == 1
    page = text_of(Client(), f"/public/{on_show.uid}/")
    assert "收到异议 1 件，已答复 0 件" in page
    assert objection.number not in page  # who objects is nobody's business
    assert "收到异议 1 件" not in text_of(Client(), f"/public/{on_show.uid}/poster/")


def test_a_resident_who_is_signed_in_is_told_of_the_answer(
    public_notices: Cast, on_show: Publication
) -> None:
    visitor = public_notices.client("resident")
    path = f"/public/{on_show.uid}/object/"
    visitor.post(path, {"key": key_in(text_of(visitor, path)), "why": "老屋去年已经修过。"})
    assert Case.objects.get(procedure="test-objection").applicant == public_notices.person("resident")


def test_the_clerk_enters_what_was_said_at_the_window_or_on_the_phone(
    public_notices: Cast, on_show: Publication
) -> None:
    desk = public_notices.client("clerk")
    path = f"/public/{on_show.uid}/object/"
    page = text_of(desk, path)
    assert "怎么收到的" in page
    desk.post(path, {"key": key_in(page), "why": "老屋去年已经修过。", "channel": "phone"})
    assert Case.objects.get(procedure="test-objection").channel == "phone"


def test_when_its_days_are_over_the_page_takes_no_more_but_the_window_does(
    public_notices: Cast, on_show: Publication
) -> None:
    path = f"/public/{on_show.uid}/object/"
    with time_machine.travel(LAST + timedelta(minutes=5), tick=False):
        refused = Client().get(path)
        assert refused.status_code == 409
        assert "交到窗口补登" in refused.content.decode()
        assert "/object/" not in text_of(Client(), f"/public/{on_show.uid}/")
        assert public_notices.client("clerk").get(path).status_code == 200


def test_the_poster_is_one_sheet_with_the_code_of_its_page(on_show: Publication) -> None:
    page = text_of(Client(), f"/public/{on_show.uid}/poster/")
    for words in (
        "公　示",
        "危房改造补助：翻修东头老屋",
        "到 2026 年 11 月 25 日（周三）17:00 为止",
        "<svg",
        "12345",
    ):
        assert words in page, words
    assert f"http://testserver/public/{on_show.uid}/" in page
    assert "还有 6 天" not in page  # paper does not count
    picture = Client().get(f"/public/{on_show.uid}/qr.png")
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.content[:4] == b"\x89PNG"


def test_the_feed_is_well_formed_and_holds_what_atom_requires(public_notices: Cast) -> None:
    first = proposed(public_notices, matter="<b>东头</b> & 西头", detail="一\x0b二")
    second = proposed(public_notices, grid="village2")
    engine.act(second, "take_back", {"reason": "写错了"}, by=public_notices.actor("dispatcher"), at=THURSDAY)
    answer = Client().get("/public/feed.atom")
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)
    assert feed.tag == f"{ATOM}feed"
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "zh-Hans"
    for name in ("id", "title", "updated", "author"):
        assert feed.find(f"{ATOM}{name}") is not None, name
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": "http://testserver/public/feed.atom", "alternate": "http://testserver/public/"}
    entries = feed.findall(f"{ATOM}entry")
    assert [e.findtext(f"{ATOM}id") for e in entries] == [
        f"urn:uuid:{shown_by(case).uid}" for case in (second, first)
    ]
    for entry in entries:
        for name in ("title", "updated", "published", "summary", "author", "link"):
            assert entry.find(f"{ATOM}{name}") is not None, name
        assert re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", entry.findtext(f"{ATOM}updated") or ""
        )
    assert "已撤回" in (entries[0].findtext(f"{ATOM}title") or "")
    assert "写错了" in (entries[0].findtext(f"{ATOM}summary") or "")
    assert entries[0].findtext(f"{ATOM}updated") == feed.findtext(f"{ATOM}updated")
    summary = entries[1].findtext(f"{ATOM}summary") or ""
    assert "&lt;b&gt;" in summary
    assert SECRET_NAME not in answer.content.decode()


def test_a_feed_is_narrowed_by_area_and_procedure_never_by_the_readers_cookie(public_notices: Cast) -> None:
    here = shown_by(proposed(public_notices, grid="village1"))
    visitor = Client()
    visitor.cookies["linli_area"] = "350102002001"

    def ids(**data: str) -> list[str]:
        return re.findall(r"urn:uuid:([0-9a-f-]+)", visitor.get("/public/feed.atom", data).content.decode())

    assert ids() == [str(here.uid)]
    assert ids(area="350102001001", procedure="test-repair") == [str(here.uid)]
    assert ids(area="350102002001") == ids(procedure="grid-event") == []
    page = text_of(Client(), "/public/")
    assert 'rel="alternate" type="application/atom+xml"' in page


def test_staff_and_party_read_on_the_case_what_it_shows(public_notices: Cast) -> None:
    case = proposed(public_notices, applicant="resident")
    row = shown_by(case)
    receipt = engine.open_case(
        "test-objection", by=public_notices.actor("anonymous"), area=case.area, data={"why": "不同意"},
        channel="web", origin_id=case.pk,
    )  # fmt: skip
    page = text_of(public_notices.client("dispatcher"), reverse("web:staff_case", args=[case.number]))
    assert "公示情况" in page
    assert f"/public/{row.uid}/poster/" in page
    assert receipt.number in page
    own = text_of(public_notices.client("resident"), f"/case/{case.number}/")
    assert "公示情况" in own
    assert receipt.number not in own


def _copies(row: Publication, n: int) -> list[Publication]:
    same = {
        f.attname: getattr(row, f.attname) for f in row._meta.fields if f.name not in {"id", "uid", "case_id"}
    }
    return [Publication(**same, case_id=10_000 + i) for i in range(n)]


def test_lists_cost_the_same_however_many_there_are(public_notices: Cast) -> None:
    row = shown_by(proposed(public_notices, grid="grid1"))
    Publication.objects.bulk_create(_copies(row, 60))
    visitor = Client()
    visitor.cookies["linli_area"] = "350102001001001"
    text_of(visitor, "/public/")  # procedures are read once, then kept
    with CaptureQueriesContext(connection) as asked:
        text_of(visitor, "/public/")
    assert len(asked) <= LIST_QUERIES, [q["sql"] for q in asked]
    walk = next(q["sql"] for q in asked if "UNION" in q["sql"])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # so few rows would be read whole
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + walk)
        plan = "\n".join(str(line) for line in cursor.fetchall())
    assert "publicity_grid" in plan, plan
    assert "SCAN publicity_publication" not in plan, plan


def test_the_interface_gives_the_same_without_a_token(public_notices: Cast, on_show: Publication) -> None:
    listed = Client().get("/api/v1/public", {"area": "350102001001"}).json()
    assert [row["uid"] for row in listed["items"]] == [str(on_show.uid)]
    one = Client().get(f"/api/v1/public/{on_show.uid}").json()
    assert {f["code"]: f["value"]["zh"] for f in one["facts"]}["family"] == "林**"
    assert one["takes_objections"] is True
    services.withdraw(on_show, reason="写错了", at=now())
    gone = Client().get(f"/api/v1/public/{on_show.uid}").json()
    assert (gone["state"], gone["facts"], gone["withdraw_reason"]) == ("withdrawn", [], "写错了")
    assert Client().get("/api/v1/public").json()["items"] == []
    assert Client().get("/api/v1/public/01890000-0000-7000-8000-000000000000").status_code == 404


def test_the_search_on_the_first_page_finds_what_is_on_show_and_what_one_may_ask_for(
    on_show: Publication,
) -> None:
    client = Client()
    word = on_show.name.zh.split("：")[-1][:4]
    found = text_of(client, "/search/", q=word)
    assert reverse("web:publication", args=[on_show.uid]) in found
    nothing = text_of(client, "/search/", q="没有这样的词")
    assert "没有找到" in nothing
    assert reverse("web:publication", args=[on_show.uid]) not in nothing
    assert reverse("web:track") in text_of(client, "/search/", q="350102-EV-2026-000417")
    assert "没有找到" not in text_of(client, "/search/")
