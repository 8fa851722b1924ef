"""Lists, exports, bulk, search, views and notices of the desk (列表、导出、批量、搜索、视图、通知)."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linli.base.clock import today
from linli.kernel.people.models import AccessEntry, AuditEntry
from linli.kernel.procedures.models import Case, SavedView
from linli.kernel.procedures.versions import load_all
from linli.web.listing import safe_cells
from linli.web.savedviews import clean_query
from linli.web.views.findperson import person_kind
from tests.cast import Cast
from tests.events import event_at, reported

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def procedures(db: None) -> None:
    load_all()


def numbers(client: Client, query: str) -> set[str]:
    return {row.case.number for row in client.get(f"/staff/cases/?{query}").context["rows"]}


def test_the_list_is_what_its_address_says(cast: Cast) -> None:
    fresh, handled = (
        reported(cast),
        event_at(cast, "handling", grid="grid3", description="井盖坏了，很危险。"),
    )
    client = cast.client("supervisor")
    both = {fresh.number, handled.number}
    for query, wanted in {
        "": both,
        "step=handling": {handled.number},
        "status=open": both,
        "status=ended": set(),
        "area=350102001002": {handled.number},
        "where=中山社区": {handled.number},
        "where=没有的地方": set(),
        "q=井盖": {handled.number},
        "lead=350102-municipal": {handled.number},
        "lead=nobody": set(),
        "late=1": both if Case.objects.get(pk=handled.pk).due_at is None else set(),
        f"from={today().isoformat()}": set(),
        "to=2026-11-17": both,
        "from=yesterday": set(),
        "running=1": both,
        "procedure=grid-event": both,
        "order=due": {handled.number},
    }.items():
        if query == "late=1":
            continue  # depends on today
        assert numbers(client, query) == wanted, query


def test_neighbours_see_none_of_it(cast: Cast) -> None:
    reported(cast)
    client = cast.client("neighbour_dispatcher")
    assert numbers(client, "") == set()
    assert len(list(csv_rows(client, ""))) == 0
    assert client.get("/staff/search/?q=路灯").context["rows"] == []


def test_what_i_took_part_in(cast: Cast) -> None:
    mine, other = event_at(cast, "dispatching"), reported(cast)
    assert numbers(cast.client("dispatcher"), "handled=1") == {mine.number}
    assert numbers(cast.client("supervisor"), "handled=1") == set()
    assert other.number in numbers(cast.client("dispatcher"), "")


def test_the_list_pages_by_key(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from linli.web.views import lists

    monkeypatch.setattr(lists, "PAGE", 2)
    for n in range(5):
        reported(cast, description=f"第{n}件事。")
    client, shown, query = cast.client("dispatcher"), [], ""
    while True:
        page = client.get(f"/staff/cases/?{query}")
        shown += [row.case.number for row in page.context["rows"]]
        if not page.context["page"].has_more:
            break
        query = f"cursor={page.context['page'].next_cursor}"
    assert len(shown) == len(set(shown)) == 5
    assert client.get("/staff/cases/?cursor=nonsense").status_code == 400


def test_the_list_costs_the_same_with_ten_and_with_sixty_cases(cast: Cast) -> None:
    """At most eight statements of its own, beside those of session, actor, menu and notices."""

    def spent() -> tuple[int, int]:
        client = cast.client("dispatcher")
        client.get("/staff/cases/")
        with CaptureQueriesContext(connection) as whole:
            client.get("/staff/cases/")
        with CaptureQueriesContext(connection) as surroundings:
            client.get("/staff/views/")
        return len(whole), len(whole) - len(surroundings)

    for n in range(10):
        reported(cast, description=f"第{n}件事。")
    few, own = spent()
    for n in range(50):
        reported(cast, description=f"又第{n}件事。")
    many, _ = spent()
    assert many == few
    assert own <= 8


# -------------------------------------------------------------------------------------------------- the file


def csv_rows(client: Client, query: str) -> list[dict[str, str]]:
    answer = client.get(f"/staff/cases.csv?{query}")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]  # a streaming answer
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"))))


def test_the_file_is_exactly_what_was_filtered(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from linli.web import listing

    monkeypatch.setattr(listing, "EXPORT_PAGE", 2)
    for n in range(3):
        reported(cast, description=f"第{n}盏路灯不亮。")
    event_at(cast, "handling", description="井盖坏了，很危险。")
    client = cast.client("dispatcher")
    assert len(csv_rows(client, "")) == 4
    (row,) = csv_rows(client, "step=handling")
    assert row["环节"] == "处理中"
    assert row["主办单位"] == "区市政维护中心"
    assert row["村（社区）"] == "庆城社区"
    assert "路灯" in row["类别与等级"]
    assert AuditEntry.objects.filter(act="web.cases_exported").count() == 2
    assert csv_rows(client, "step=handling&lang=en")[0]["Step"] == "Being handled"


def test_the_file_holds_no_personal_field_and_no_formula(cast: Cast) -> None:
    reported(
        cast,
        description="=HYPERLINK(1)灯坏了，电话13912345678。",
        contact="13900000009",
        reporter_name="林小邻",
    )
    text = str(csv_rows(cast.client("dispatcher"), ""))
    for secret in ("13900000009", "林小邻", "13912345678"):
        assert secret not in text
    assert "'=HYPERLINK" in text
    assert safe_cells(["=1", "+1", "-1", "@a", "\t=1", "灯", "", None]) == [
        "'=1", "'+1", "'-1", "'@a", "'\t=1", "灯", "", "None",
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------- my views


def test_a_view_is_kept_shown_and_deleted_by_its_owner_alone(cast: Cast) -> None:
    client = cast.client("dispatcher")
    answer = client.post("/staff/views/save/", {"name": "处理中的", "query": "step=handling&cursor=x&q="})
    assert answer.headers["Location"] == "/staff/cases/?step=handling"
    assert "处理中的" in client.get("/staff/").content.decode()
    assert "处理中的" not in cast.client("supervisor").get("/staff/").content.decode()
    uid = SavedView.objects.get().uid
    assert cast.client("supervisor").post(f"/staff/views/{uid}/delete/").status_code == 404
    assert client.post(f"/staff/views/{uid}/delete/").status_code == 302
    assert not SavedView.objects.exists()


def test_the_same_name_replaces_and_an_empty_one_is_refused(cast: Cast) -> None:
    client = cast.client("dispatcher")
    for query in ("step=handling", "step=reported"):
        client.post("/staff/views/save/", {"name": "我的", "query": query})
    client.post("/staff/views/save/", {"name": " ", "query": "step=closed"})
    assert SavedView.objects.get().query == "step=reported"
    assert clean_query("a=1&cursor=2&b=") == "a=1"


# ---------------------------------------------------------------------------------------------------- search


def test_a_number_opens_its_case(cast: Cast) -> None:
    case = reported(cast)
    answer = cast.client("dispatcher").get(f"/staff/search/?q={case.number.lower()}")
    assert answer.headers["Location"] == f"/staff/cases/{case.number}/"
    assert cast.client("neighbour_dispatcher").get(f"/staff/search/?q={case.number}").status_code == 200


def test_words_find_cases_and_places(cast: Cast) -> None:
    case = reported(cast)
    page = cast.client("dispatcher").get("/staff/search/?q=路灯").content.decode()
    assert case.number in page
    assert "庆城社区" in cast.client("dispatcher").get("/staff/search/?q=庆城").content.decode()
    assert "没有找到" in cast.client("dispatcher").get("/staff/search/?q=xyzzy").content.decode()


def test_a_phone_number_is_a_search_for_a_person(cast: Cast) -> None:
    case = reported(cast)
    client = cast.client("dispatcher")
    asks = client.get("/staff/search/?q=13900000001").content.decode()
    assert "查人的目的" in asks
    assert case.number not in asks
    assert client.post("/staff/search/person/", {"q": "13900000001", "purpose": ""}).status_code == 422
    assert AccessEntry.objects.count() == 0
    found = client.post(
        "/staff/search/person/", {"q": "13900000001", "purpose": "来电问进度"}
    ).content.decode()
    assert case.number in found
    assert "林小邻" not in found
    assert AccessEntry.objects.get().purpose == "来电问进度"
    other = cast.client("neighbour_dispatcher")
    assert (
        "没有这个号码"
        in other.post("/staff/search/person/", {"q": "13900000001", "purpose": "问"}).content.decode()
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [("13900000001", "phone"), ("139 0000 0001", "phone"), ("350102199001010016", "id_number"), ("路灯", ""), ("000417", "")],
)  # fmt: skip
def test_what_names_a_person(text: str, kind: str) -> None:
    assert person_kind(text) == kind


# --------------------------------------------------------------------------------------------------- notices


def test_notices_are_read_one_by_one_and_all(cast: Cast) -> None:
    case = event_at(cast, "assigned")
    client = cast.client("handler")
    page = client.get("/staff/notices/")
    (item,) = [n for n in page.context["page"].items if n.case_number == case.number]
    assert item.read_at is None
    answer = client.post("/staff/notices/read/", {"uid": str(item.uid), "case": case.number})
    assert answer.headers["Location"] == f"/staff/cases/{case.number}/"
    assert all(n.read_at for n in client.get("/staff/notices/").context["page"].items if n.uid == item.uid)
    client.post("/staff/notices/read/")
    assert all(n.read_at for n in client.get("/staff/notices/").context["page"].items)
    assert "没有通知" in cast.client("leader").get("/staff/notices/").content.decode()
