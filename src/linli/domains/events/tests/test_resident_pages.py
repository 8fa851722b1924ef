"""Residents report, track, answer, rate, object (居民页面): the flows, their refusals, and what must not double."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from PIL import Image

from linli.base.clock import now
from linli.domains.events.models import Event
from linli.kernel.people.models import LimitCount
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case, CaseLink
from linli.kernel.records.models import Attachment, Upload
from tests.cast import Cast
from tests.events import event_at, reported

WORDS = "南门窨井盖破了。晚上有人绊倒。"


def picture() -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (64, 48), "green").save(out, "JPEG")
    out.seek(0)
    out.name = "井盖.jpg"
    return out


def key_in(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


def to_last_step(client: Client, cast: Cast, grid: str = "grid1", **what: object) -> str:
    """Walks the first two steps; gives the key on the third."""
    first = client.post("/report/", {"description": WORDS, **what})
    assert first.headers["Location"] == "/report/where/"
    lng, lat = cast.point(grid)
    second = client.post("/report/where/", {"place.lng": lng, "place.lat": lat, "place.text": "南门口"})
    assert second.headers["Location"] == "/report/send/"
    return key_in(client.get("/report/send/").content.decode())


def test_three_steps_without_account_give_a_number_and_a_code_that_opens_it(cast: Cast) -> None:
    client = Client()
    key = to_last_step(client, cast, photos=[picture()])
    sent = client.post("/report/send/", {"key": key})
    case = Case.objects.get()
    assert sent.headers["Location"] == f"/case/{case.number}/receipt/"
    assert (case.area, case.channel, case.place_text, case.title) == (
        cast.area("grid1"),
        "web",
        "南门口",
        "南门窨井盖破了",
    )
    assert Attachment.objects.get(case_id=case.pk).kind == "before"
    receipt = client.get(sent.headers["Location"]).content.decode()
    assert case.number in receipt
    code = re.search(r'aria-label="([2-9A-Z]{8})"', receipt)
    assert code
    assert "<svg" in receipt
    assert " style=" not in receipt
    stranger = Client()
    assert stranger.get(f"/case/{case.number}/").status_code == 404
    opened = stranger.post("/track/", {"number": case.number, "code": code[1]})
    assert opened.headers["Location"] == f"/case/{case.number}/"
    page = stranger.get(f"/case/{case.number}/").content.decode()
    assert "等街道受理" in page
    assert "办理前" in page
    assert "为什么是这一天" in page
    assert stranger.get(f"/case/{case.number}/receipt/").headers["Location"] == f"/case/{case.number}/"
    photo = re.search(r"/files/[0-9a-f-]+/", page)
    assert photo
    assert stranger.get(photo[0]).status_code == 200
    assert Client().get(photo[0]).status_code == 404


def test_the_qr_code_is_a_picture_for_whoever_sent_it_alone(cast: Cast) -> None:
    client = Client()
    client.post("/report/send/", {"key": to_last_step(client, cast)})
    address = f"/case/{Case.objects.get().number}/receipt/qr.png"
    answer = client.get(address)
    assert (answer.headers["Content-Type"], answer.content[1:4]) == ("image/png", b"PNG")
    assert Client().get(address).status_code == 404


def test_sending_twice_gives_the_first_receipt(cast: Cast) -> None:
    client = Client()
    key = to_last_step(client, cast, photos=[picture()])
    first = client.post("/report/send/", {"key": key})
    again = client.post("/report/send/", {"key": key})
    assert again.headers["Location"] == first.headers["Location"]
    assert Case.objects.count() == 1
    assert client.get("/report/send/").headers["Location"] == "/report/"


def test_a_report_without_words_is_asked_again_and_the_photo_is_kept(cast: Cast) -> None:
    client = Client()
    page = client.post("/report/", {"description": "  ", "photos": [picture()]})
    assert page.status_code == 422
    text = page.content.decode()
    assert "请写一句是什么事" in text
    uid = str(Upload.objects.get().uid)
    assert f'value="{uid}" checked' in text
    assert client.get(f"/report/photo/{uid}/").status_code == 200
    assert Client().get(f"/report/photo/{uid}/").status_code == 404
    client.post("/report/", {"description": WORDS, "photos.kept": [uid]})
    assert uid in client.get("/report/").content.decode()


def test_a_file_that_is_no_photo_is_refused_and_the_words_stay(cast: Cast) -> None:
    bad = BytesIO(b"<script>alert(1)</script>")
    bad.name = "a.jpg"
    page = Client().post("/report/", {"description": WORDS, "photos": [bad]})
    assert page.status_code == 422
    assert WORDS in page.content.decode()
    assert not Upload.objects.exists()


def test_the_draft_is_sealed_in_the_session(cast: Cast) -> None:
    client = Client()
    client.post("/report/", {"description": WORDS})
    assert "窨井" not in str(dict(client.session))
    assert WORDS in client.get("/report/").content.decode()


def test_a_place_outside_says_what_to_do_and_a_village_stands_in(cast: Cast) -> None:
    client = Client()
    client.post("/report/", {"description": WORDS})
    outside = client.post("/report/where/", {"place.lng": "121", "place.lat": "31"})
    assert outside.status_code == 422
    assert "重新选点" in outside.content.decode()
    nothing = client.post("/report/where/", {"place.text": "村口"})
    assert nothing.status_code == 422
    assert "村口" in nothing.content.decode()
    letters = client.post("/report/where/", {"place.lng": "abc", "place.lat": "31"})
    assert letters.status_code == 422
    village = cast.area("village2")
    onward = client.post("/report/where/", {"place.lng": "121", "place.lat": "31", "village": village.code})
    assert onward.headers["Location"] == "/report/send/"
    client.post("/report/send/", {"key": key_in(client.get("/report/send/").content.decode())})
    assert Case.objects.get().area == village


def test_steps_cannot_be_skipped(cast: Cast) -> None:
    client = Client()
    assert client.get("/report/where/").headers["Location"] == "/report/"
    assert client.get("/report/send/").headers["Location"] == "/report/"
    client.post("/report/", {"description": WORDS})
    assert client.get("/report/send/").headers["Location"] == "/report/where/"


def test_the_code_on_the_paper_form_chooses_the_village(cast: Cast) -> None:
    client = Client()
    village = cast.area("village2")
    assert client.get(f"/report/?area={village.code}").headers["Location"] == "/report/"
    client.post("/report/", {"description": WORDS})
    assert f'value="{village.code}" selected' in client.get("/report/where/").content.decode()
    assert Client().get("/report/?area=999999").status_code == 302


def test_a_wrong_phone_keeps_everything(cast: Cast) -> None:
    client = Client()
    key = to_last_step(client, cast)
    page = client.post("/report/send/", {"key": key, "contact": "12", "reporter_name": "老王"})
    assert page.status_code == 422
    text = page.content.decode()
    assert "老王" in text
    assert WORDS in text
    assert not Case.objects.exists()
    client.post("/report/send/", {"key": key, "contact": "13900000009", "reporter_name": "老王"})
    assert Case.objects.get().applicant is not None


def test_neighbours_reports_show_their_public_part_alone_and_can_be_joined(cast: Cast) -> None:
    other = reported(cast, at=now())
    client = Client()
    key = to_last_step(client, cast)
    page = client.get("/report/send/").content.decode()
    assert "我也遇到了" in page
    assert "庆城社区" in page
    for secret in (other.number, other.title, " 0 米", "10 米"):
        assert secret not in page.split("怎么告诉您进展")[0].split("附近有人反映过")[1]
    ref = re.search(r"/report/same/([0-9a-f]+)/", page)
    assert ref
    assert f'name="same" value="{ref[1]}"' in client.get(f"/report/send/?same={ref[1]}").content.decode()
    client.post("/report/send/", {"key": key, "same": ref[1]})
    mine = Case.objects.exclude(pk=other.pk).get()
    assert CaseLink.objects.get().kind == "related"
    assert client.get(f"/case/{mine.number}/").status_code == 200
    assert client.get(f"/case/{other.number}/").status_code == 404


def test_a_made_up_reference_joins_nothing(cast: Cast) -> None:
    reported(cast, at=now())
    client = Client()
    client.post("/report/send/", {"key": to_last_step(client, cast), "same": "0" * 24})
    assert not CaseLink.objects.exists()


def test_too_many_reports_from_one_address_are_told_to_wait(cast: Cast) -> None:
    client = Client()
    for _ in range(30):
        client.post("/report/send/", {"key": to_last_step(client, cast)})
    key = to_last_step(client, cast)
    page = client.post("/report/send/", {"key": key})
    assert page.status_code == 429
    assert page.headers["Retry-After"]
    assert WORDS in page.content.decode()
    assert Case.objects.count() == 30
    LimitCount.objects.all().delete()
    assert client.post("/report/send/", {"key": key}).status_code == 302


def test_guessing_codes_is_limited(cast: Cast) -> None:
    case = reported(cast)
    client = Client()
    answers = [
        client.post("/track/", {"number": case.number, "code": "AAAAAAAA"}).status_code for _ in range(11)
    ]
    assert answers == [422] * 10 + [429]


def test_whoever_signs_in_halfway_keeps_the_photos(cast: Cast) -> None:
    client = Client()
    to_last_step(client, cast, photos=[picture()])
    client.force_login(cast.account("resident"), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/report/send/").content.decode()
    assert "139****0001" in page
    client.post("/report/send/", {"key": key_in(page)})
    case = Case.objects.get()
    assert case.applicant == cast.person("resident")
    assert Attachment.objects.filter(case_id=case.pk).count() == 1


# ------------------------------------------------------------------------------------------ on the case page


def form_of(client: Client, case: Case) -> dict[str, str]:
    page = client.get(f"/case/{case.number}/").content.decode()
    return {"key": key_in(page), "seq": re.findall(r'name="seq" value="(\d+)"', page)[0]}


def test_a_question_is_answered_on_the_page_itself(cast: Cast) -> None:
    case = event_at(cast, "handling", at=now() - timedelta(hours=1))
    engine.act(case, "ask", {"question": "哪一盏灯？"}, by=cast.actor("handler"))  # fmt: skip
    client = cast.client("resident")
    page = client.get(f"/case/{case.number}/").content.decode()
    assert "等您：" in page
    assert "哪一盏灯？" in page
    form = form_of(client, case)
    sent = {**form, "reply": "东边第二盏。", "photos": [picture()]}
    assert client.post(f"/case/{case.number}/do/reply/", sent).status_code == 302
    case.refresh_from_db()
    assert case.status == "open"
    assert "东边第二盏。" in client.get(f"/case/{case.number}/").content.decode()
    again = client.post(f"/case/{case.number}/do/reply/", {**form, "reply": "东边第二盏。"})
    assert again.headers["Location"] == f"/case/{case.number}/"


def test_rating_with_a_code_alone_and_pressing_twice(cast: Cast) -> None:
    case = event_at(cast, "evaluating", by="anonymous", at=now() - timedelta(hours=1))
    client = Client()
    session = client.session
    session["linli_tracked"] = [case.pk]
    session.save()
    form = form_of(client, case)
    unrated = client.post(f"/case/{case.number}/do/rate/", {**form, "comment": "谢谢"})
    assert unrated.status_code == 422
    assert "谢谢" in unrated.content.decode()
    rating = {**form, "solved": "true", "satisfied": "5", "contacted": "true", "comment": "谢谢"}
    assert client.post(f"/case/{case.number}/do/rate/", rating).status_code == 302
    assert client.post(f"/case/{case.number}/do/rate/", rating).status_code == 302
    event = Event.objects.get(case=case)
    assert (event.rating, event.solved, event.contacted) == (5, True, True)
    assert client.post(f"/case/{case.number}/do/rate/", {**rating, "key": "other"}).status_code == 409


def test_what_is_not_a_partys_action_is_not_there(cast: Cast) -> None:
    case = reported(cast)
    client = cast.client("resident")
    assert (
        client.post(f"/case/{case.number}/do/decline/", {"reason": "x", "legal_basis": "y"}).status_code
        == 404
    )
    assert cast.client("outsider").get(f"/case/{case.number}/do/withdraw/").status_code == 404
    assert client.get(f"/case/{case.number}/do/reply/").status_code == 409
    case.refresh_from_db()
    assert case.step == "reported"


def test_withdraw_and_take_up_again(cast: Cast) -> None:
    case = reported(cast, at=now())
    client = cast.client("resident")
    assert client.get(f"/case/{case.number}/do/withdraw/").status_code == 200
    client.post(f"/case/{case.number}/do/withdraw/", {"key": "a"})
    case.refresh_from_db()
    assert case.outcome == "withdrawn"
    client.post(f"/case/{case.number}/do/reopen/", {"key": "b", "reason": "还是要办"})
    case.refresh_from_db()
    assert case.step == "reported"


@pytest.mark.parametrize("who", ["resident", "anonymous"])
def test_a_declined_report_can_be_taken_to_review(cast: Cast, who: str) -> None:
    case = reported(cast, by=who, at=now())
    engine.act(
        case, "decline", {"reason": "已进入诉讼", "legal_basis": "清单第 2 项"}, by=cast.actor("dispatcher")
    )
    client = cast.client(who)
    if who == "anonymous":
        session = client.session
        session["linli_tracked"] = [case.pk]
        session.save()
    page = client.get(f"/case/{case.number}/").content.decode()
    assert "不同意这个决定" in page
    assert "已进入诉讼" in page
    refused = client.post(f"/case/{case.number}/remedy/", {"key": "k1", "reason": " "})
    assert refused.status_code == 422
    sent = client.post(f"/case/{case.number}/remedy/", {"key": "k1", "reason": "没有进入诉讼。"})
    review = Case.objects.get(procedure="event-review")
    assert review.origin == case
    assert sent.headers["Location"] == f"/case/{review.number}/receipt/"
    assert client.get(sent.headers["Location"]).status_code == 200
    assert review.number in client.get(f"/case/{case.number}/").content.decode()
    assert cast.client("outsider").get(f"/case/{case.number}/remedy/").status_code == 404


def test_why_it_is_late_is_asked_only_of_who_is_late(cast: Cast) -> None:
    case = reported(cast, at=now())
    engine.act(
        case, "decline", {"reason": "已进入诉讼", "legal_basis": "清单第 2 项"}, by=cast.actor("dispatcher")
    )
    client = cast.client("resident")
    assert "最后期限" not in client.get(f"/case/{case.number}/").content.decode()
    assert 'name="late_reason"' not in client.get(f"/case/{case.number}/remedy/").content.decode()
    with time_machine.travel(now() + timedelta(days=90), tick=False):
        late = cast.client("resident")
        assert "已经过了最后期限" in late.get(f"/case/{case.number}/").content.decode()
        assert 'name="late_reason"' in late.get(f"/case/{case.number}/remedy/").content.decode()


def test_no_remedy_where_nothing_was_decided(cast: Cast) -> None:
    case = reported(cast)
    assert cast.client("resident").get(f"/case/{case.number}/remedy/").status_code == 404


def test_the_home_page_offers_to_report(cast: Cast) -> None:
    page = Client().get("/").content.decode()
    assert 'href="/report/"' in page
    assert "反映一件事" in page
