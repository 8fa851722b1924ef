"""The desk as the cast uses it (工作台): who sees what, forms that fail and forms that are late, looks with a trace."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from linli.base.clock import now
from linli.kernel.people.models import AccessEntry
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.versions import load_all
from linli.kernel.records.models import Attachment, Record, Upload
from tests.cast import Cast
from tests.events import event_at, reported

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def procedures(db: None) -> None:
    load_all()


@pytest.fixture
def recent() -> datetime:
    return now() - timedelta(hours=2)


def photo(name: str = "灯.jpg") -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (80, 60), (90, 140, 120)).save(content, "JPEG")
    return SimpleUploadedFile(name, content.getvalue(), "image/jpeg")


def plain(answer: Any, number: str) -> str:
    """A page without what differs each time: the number that was asked for, the token of its forms."""
    return re.sub(r'(csrfmiddlewaretoken" value=")\w+', r"\1", answer.content.decode().replace(number, ""))


def url(case: Case, rest: str = "") -> str:
    return f"/staff/cases/{case.number}/{rest}"


# ---------------------------------------------------------------------------------------------- who sees what


def test_who_may_not_see_a_case_gets_the_answer_for_what_does_not_exist(cast: Cast) -> None:
    case = reported(cast)
    absent = case.number.replace("000001", "999999")
    client = cast.client("neighbour_dispatcher")
    for rest in ("", "do/accept/", "reveal/contact/"):
        there, nowhere = client.get(url(case, rest)), client.get(f"/staff/cases/{absent}/{rest}")
        assert (there.status_code, nowhere.status_code) == (404, 404)
        assert plain(there, case.number) == plain(nowhere, absent)


def test_an_action_that_is_not_mine_answers_like_one_that_does_not_exist(cast: Cast) -> None:
    case = event_at(cast, "handling")
    client = cast.client("dispatcher")
    mine_not = client.get(url(case, "do/answer/"))
    unknown = client.get(url(case, "do/nonsense/"))
    assert (mine_not.status_code, unknown.status_code) == (403, 403)
    assert "现在不由您办" in mine_not.content.decode()


@pytest.mark.parametrize("who", ["resident", "outsider"])
def test_residents_are_told_that_the_desk_is_not_theirs(cast: Cast, who: str) -> None:
    assert cast.client(who).get("/staff/").status_code == 403


def test_the_anonymous_are_asked_to_sign_in(cast: Cast) -> None:
    for path in ("/staff/", "/staff/cases/", "/staff/cases.csv", "/staff/search/?q=x", "/staff/notices/"):
        assert cast.client("anonymous").get(path).status_code == 302


# ------------------------------------------------------------------------------------------------------ inbox


def test_a_notice_names_the_case_and_not_its_kind(cast: Cast) -> None:
    case = event_at(cast, "assigned")
    page = cast.client("handler").get("/staff/notices/").content.decode()
    assert case.number in page
    assert f"新待办：{case.title}" in page


def test_the_inbox_lists_my_tasks_with_what_is_late(cast: Cast, recent: datetime) -> None:
    case = reported(cast, at=recent)
    page = cast.client("dispatcher").get("/staff/").content.decode()
    assert case.title in page
    assert "庆城社区" not in page or "庆城第一网格" in page
    assert "待受理" in page
    assert 'class="it late"' in page
    late = cast.client("dispatcher").get("/staff/?only=late").content.decode()
    assert case.title in late
    assert case.title not in cast.client("dispatcher").get("/staff/?only=today").content.decode()


def test_an_empty_inbox_says_so(cast: Cast) -> None:
    assert "现在没有等您办的事" in cast.client("handler").get("/staff/").content.decode()
    assert "Nothing is waiting" in cast.client("handler").get("/staff/?lang=en").content.decode()


def test_the_inbox_pages_by_key(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from linli.web.views import desk

    monkeypatch.setattr(desk, "INBOX_PAGE", 2)
    for n in range(3):
        reported(cast, description=f"第{n}件事。")
    client = cast.client("dispatcher")
    first = client.get("/staff/")
    cursor = first.context["page"].next_cursor
    second = client.get(f"/staff/?cursor={cursor}")
    shown = [row.number for page in (first, second) for row in page.context["rows"]]
    assert len(shown) == len(set(shown)) == 3
    assert not second.context["page"].has_more


def test_the_inbox_shows_the_chosen_case_beside_it(cast: Cast) -> None:
    case = reported(cast)
    page = cast.client("dispatcher").get(f"/staff/?case={case.number}").content.decode()
    assert f'data-number="{case.number}"' in page
    assert cast.client("dispatcher").get("/staff/?case=350102-EV-2026-999999").status_code == 404


def test_the_inbox_costs_the_same_with_many_cases(cast: Cast) -> None:
    def spent() -> int:
        client = cast.client("dispatcher")
        client.get("/staff/")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/staff/")
        return len(queries)

    for n in range(5):
        reported(cast, description=f"第{n}件事。")
    few = spent()
    for n in range(20):
        reported(cast, description=f"又第{n}件事。")
    assert spent() == few <= 20


# ----------------------------------------------------------------------------------------------------- a case


def test_the_case_page_says_what_happened_and_what_i_can_do(cast: Cast) -> None:
    case = event_at(cast, "handling", contact="13900000009")
    page = cast.client("handler").get(url(case)).content.decode()
    for words in (
        "办理反馈",
        "处理中",
        "区市政维护中心",
        "为什么是这个时间",
        case.number,
        "黄派遣",
        "依据和对外说法",
    ):
        assert words in page, words
    assert "13900000009" not in page


def test_the_case_page_in_english(cast: Cast) -> None:
    case = event_at(cast, "handling")
    page = cast.client("handler").get(url(case) + "?lang=en").content.decode()
    for words in ("Being handled", "Report done", "Why this time", "What happened"):
        assert words in page, words


def test_htmx_gets_the_part_alone(cast: Cast) -> None:
    case = reported(cast)
    part = cast.client("dispatcher").get(url(case), headers={"hx-request": "true", "hx-target": "case"})
    assert part.content.decode().lstrip().startswith("<article")


def test_doing_an_action_on_a_plain_page(cast: Cast) -> None:
    case = reported(cast)
    client = cast.client("dispatcher")
    form = client.get(url(case, "do/accept/"))
    assert form.status_code == 200
    sent = {"seq": form.context["asked"].seq, "key": form.context["asked"].client_key, "step": "reported"}
    sent |= {"category": "test:1:lamp", "grade": "simple"}
    answer = client.post(url(case, "do/accept/"), sent)
    assert answer.headers["Location"] == url(case)
    case.refresh_from_db()
    assert case.step == "dispatching"
    page = client.get(url(case)).content.decode()
    assert "“受理”已办" in page
    again = client.post(url(case, "do/accept/"), sent)
    assert again.status_code == 302
    assert Record.objects.filter(case_id=case.pk, action="accept").count() == 1


def test_htmx_gets_the_case_and_the_list_is_told(cast: Cast) -> None:
    case = reported(cast)
    sent = {"seq": case.seq, "key": "k1", "step": "reported", "category": "test:1:lamp", "grade": "simple"}
    headers = {"hx-request": "true", "hx-target": "do"}
    answer = cast.client("dispatcher").post(url(case, "do/accept/"), sent, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["HX-Retarget"] == "#case"
    assert answer.headers["HX-Trigger"] == "linli:changed"


def test_who_hands_a_case_on_and_sees_it_no_more_goes_to_the_inbox(cast: Cast) -> None:
    case = event_at(cast, "verifying")
    answer = cast.client("grid_worker").post(
        url(case, "do/verify/"), {"seq": case.seq, "key": "k2", "step": "verifying", "passed": "亮了。"}
    )
    assert answer.status_code == 302


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(cast: Cast) -> None:
    case = event_at(cast, "handling")
    client = cast.client("handler")
    sent = {"seq": case.seq, "key": "k3", "step": "handling", "result": "换了灯头。", "photo_after": photo()}
    answer = client.post(url(case, "do/answer/"), sent)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "请填写“给居民的答复”" in html
    assert "换了灯头。" in html
    kept = Upload.objects.get()
    assert f'value="{kept.uid}" checked' in html
    assert client.get(f"/files/sent/{kept.uid}/").status_code == 200
    assert cast.client("dispatcher").get(f"/files/sent/{kept.uid}/").status_code == 404
    sent = {
        "seq": case.seq,
        "key": "k3",
        "step": "handling",
        "result": "换了灯头。",
        "public_answer": "亮了。",
    }
    assert client.post(url(case, "do/answer/"), sent | {"photo_after.kept": str(kept.uid)}).status_code == 302
    assert Attachment.objects.get().field == "photo_after"


def test_a_file_that_lies_is_refused_at_its_field(cast: Cast) -> None:
    case = event_at(cast, "handling")
    fake = SimpleUploadedFile("灯.jpg", b"<script>alert(1)</script>", "image/jpeg")
    sent = {"seq": case.seq, "key": "k4", "step": "handling", "result": "换了。", "public_answer": "亮了。"}
    answer = cast.client("handler").post(url(case, "do/answer/"), sent | {"photo_after": fake})
    assert answer.status_code == 422
    assert "有文件没有收下" in answer.content.decode()
    case.refresh_from_db()
    assert case.step == "handling"


def test_when_somebody_acted_first_it_says_who_and_keeps_what_was_written(cast: Cast) -> None:
    case = event_at(cast, "handling")
    seen = case.seq
    engine.act(case, "ask", {"question": "哪一栋？"}, by=cast.actor("handler"))
    sent = {
        "seq": seen,
        "key": "k5",
        "step": "handling",
        "result": "写了很久的一段。",
        "public_answer": "亮了。",
    }
    answer = cast.client("handler").post(url(case, "do/answer/"), sent)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "郑市政" in html
    assert "请补充" in html
    assert "写了很久的一段。" in html
    assert "重新载入" in html


def test_when_the_step_is_over_what_was_written_can_still_be_read(cast: Cast) -> None:
    case = reported(cast)
    seen = case.seq
    data = {"category": "test:1:lamp", "grade": "simple"}
    engine.act(case, "accept", data, by=cast.actor("dispatcher"))
    sent = {"seq": seen, "key": "k6", "step": "reported", "question": "想问的很长一句话？"}
    answer = cast.client("dispatcher").post(url(case, "do/ask/"), sent)
    assert answer.status_code == 409
    assert "想问的很长一句话？" in answer.content.decode()
    assert "<textarea" not in answer.content.decode()


def test_a_blocked_action_says_why(cast: Cast) -> None:
    case = event_at(cast, "handling")
    engine.act(case, "ask", {"question": "哪一栋？"}, by=cast.actor("handler"))
    page = cast.client("handler").get(url(case)).content.decode()
    assert "计时已中止，这件事在等待" in page
    assert '<form class="form"' not in cast.client("handler").get(url(case, "do/answer/")).content.decode()


# ------------------------------------------------------------------------------------- masked entries, files


def test_a_look_asks_what_for_and_leaves_a_trace(cast: Cast) -> None:
    case = reported(cast, contact="13900000009")
    client = cast.client("dispatcher")
    page = client.get(url(case)).content.decode()
    assert "13900000009" not in page
    assert "查看（留痕）" in page
    assert client.get(url(case, "reveal/contact/")).status_code == 200
    assert AccessEntry.objects.count() == 0
    empty = client.post(url(case, "reveal/contact/"), {"purpose": " "})
    assert empty.status_code == 422
    assert "13900000009" not in empty.content.decode()
    shown = client.post(url(case, "reveal/contact/"), {"purpose": "回访"})
    assert "13900000009" in shown.content.decode()
    assert "已留痕" in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert AccessEntry.objects.get().purpose == "回访"


def test_who_may_not_look_is_told_that_there_is_nothing(cast: Cast) -> None:
    case = event_at(cast, "handling", contact="13900000009")
    client = cast.client("handler")
    assert client.get(url(case, "reveal/contact/")).status_code == 404
    assert client.post(url(case, "reveal/contact/"), {"purpose": "看看"}).status_code == 404
    assert client.post(url(case, "reveal/nothing/"), {"purpose": "看看"}).status_code == 404
    assert AccessEntry.objects.count() == 0


def with_photo(cast: Cast) -> tuple[Case, Attachment]:
    case = event_at(cast, "handling")
    sent: dict[str, Any] = {"seq": case.seq, "key": "k7", "step": "handling", "result": "换了。"}
    sent |= {"public_answer": "亮了。", "photo_after": photo()}
    assert cast.client("handler").post(url(case, "do/answer/"), sent).status_code == 302
    return case, Attachment.objects.get()


def test_files_follow_their_case(cast: Cast) -> None:
    _, row = with_photo(cast)
    path = f"/files/{row.uid}/"
    assert row.public_file is not None
    for who in cast.names():
        answer = cast.client(who).get(path)
        may = who not in {
            "outsider", "anonymous", "neighbour_dispatcher", "other_handler", "other_grid_worker", "admin",
        }  # fmt: skip
        assert answer.status_code == (200 if may else 404), who


def test_staff_get_the_internal_copy_and_parties_the_public_one(cast: Cast) -> None:
    _, row = with_photo(cast)
    path = f"/files/{row.uid}/"
    assert row.public_file is not None
    assert cast.client("handler").get(path).headers["ETag"] == f'"{row.file.sha256}"'
    for who, query in (("handler", "?size=public"), ("resident", ""), ("resident", "?size=internal")):
        assert cast.client(who).get(path + query).headers["ETag"] == f'"{row.public_file.sha256}"'


def test_files_are_sent_so_that_nothing_in_them_runs(cast: Cast) -> None:
    _, row = with_photo(cast)
    client = cast.client("handler")
    answer = client.get(f"/files/{row.uid}/")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Disposition"].startswith("inline")
    same = client.get(f"/files/{row.uid}/", headers={"if-none-match": answer.headers["ETag"]})
    assert same.status_code == 304
    row.file.media_type = "application/pdf"
    row.file.save()
    assert client.get(f"/files/{row.uid}/").headers["Content-Disposition"].startswith("attachment")


def test_a_hidden_file_is_gone(cast: Cast) -> None:
    _, row = with_photo(cast)
    Attachment.objects.update(hidden_at=now())
    assert cast.client("handler").get(f"/files/{row.uid}/").status_code == 404


def test_pages_of_the_desk_hold_no_inline_style_or_script(cast: Cast) -> None:
    case = event_at(cast, "handling", contact="13900000009")
    client = cast.client("dispatcher")
    pages = ["/staff/", url(case), url(case, "do/regrade/"), url(case, "reveal/contact/"), "/staff/cases/"]
    for path in [*pages, "/staff/search/?q=路灯", "/staff/notices/", f"/staff/cases/bulk/?n={case.number}"]:
        html = client.get(path).content.decode()
        assert " style=" not in html, path
        assert "<style" not in html, path
        assert "<script>" not in html, path
