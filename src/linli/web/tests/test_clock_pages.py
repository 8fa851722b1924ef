"""What is on screen of a case's time (期限的页面): promise and law, pauses and extensions, in words for each reader."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from linli.kernel.people.models import Organisation
from linli.kernel.procedures.tests.clockcase import MONDAY, accepted, did
from linli.kernel.procedures.tests.clockcase import permits as permits
from linli.web.progress import progress
from tests.cast import Cast

WEDNESDAY = MONDAY + timedelta(days=2)


def test_a_resident_reads_promise_law_and_why_it_waits_but_no_name_of_staff(permits: Cast) -> None:
    case = did(permits, accepted(permits), "leader", "longer", WEDNESDAY, reason="要实地看")
    case = did(permits, case, "dispatcher", "stop", WEDNESDAY, ground="expert-review", document="鉴3号")
    now = progress(case, permits.actor("resident")).now
    assert [line.zh for line in now.moved_by] == ["11月18日批准延长 5 个工作日（行政许可法 42）。"]
    assert now.stopped_by is not None
    assert (
        now.stopped_by.zh == "11月18日起暂停计时：专家评审或鉴定，最长到11月30日自动恢复（行政许可法 45）。"
    )
    assert [line.en for line in now.moved_by] == [
        "Extended by 5 working days on 18 November (行政许可法 42)."
    ]
    assert now.stopped_by.en == (
        "The clock was stopped on 18 November: expert review; it runs on by 30 November at the latest (行政许可法 45)."
    )
    html = permits.client("resident").get(reverse("web:case", args=[case.number])).content.decode()
    assert (
        "承诺 7 个工作日，延长 5 个工作日，中止前算到12月2日；法定最长 20 个工作日，延长 10 个工作日，中止前算到12月28日"
        in html
    )
    assert "专家评审或鉴定" in html
    assert "要实地看" in html  # the reason of an extension is the person's to read
    assert permits.account("leader").name not in html


def test_staff_read_ground_article_document_who_decided_and_who_was_told(permits: Cast) -> None:
    case = did(
        permits, accepted(permits), "dispatcher", "stop", WEDNESDAY, ground="expert-review", document="鉴3号"
    )
    html = permits.client("dispatcher").get(reverse("web:staff_case", args=[case.number])).content.decode()
    for said in ("行政许可法 45", "鉴3号", "黄派遣", "11月18日已告知当事人", "之后自动恢复"):
        assert said in html
    assert "法定最长 20 个工作日，中止前算到12月14日" in html


def test_hours_are_entered_read_again_and_taken_away_on_the_organisations_page(cast: Cast) -> None:
    admin, code = cast.client("admin"), cast.organisation("street").code
    page, form = (
        reverse(f"web:{name}", args=[code]) for name in ("admin_organisation", "admin_organisation_hours")
    )
    assert "默认，还没有设置" in admin.get(page).content.decode()
    sent = {"hours": "8:30-12:00 14:30-17:30", "seasons": "05-01 ~ 09-30 8:30-12:00 15:00-18:00"}
    assert admin.post(form, sent).headers["Location"] == page
    assert "05-01 ~ 09-30 08:30-12:00 15:00-18:00" in admin.get(form).content.decode()
    below = reverse("web:admin_organisation", args=[cast.organisation("centre").code])
    assert "沿用上级" in admin.get(below).content.decode()
    bad = admin.post(form, {"hours": "17:00-9:00", "seasons": ""})
    assert bad.status_code == 422
    assert "看不懂" in bad.content.decode()
    assert Organisation.objects.get(code=code).hours["spans"][0] == ["08:30", "12:00"]
    assert admin.post(form, {"hours": "", "seasons": ""}).status_code == 302
    assert Organisation.objects.get(code=code).hours == {}


def test_only_administrators_reach_the_hours(cast: Cast) -> None:
    form = reverse("web:admin_organisation_hours", args=[cast.organisation("street").code])
    assert cast.client("dispatcher").get(form).status_code in {302, 403, 404}
    assert cast.client("dispatcher").post(form, {"hours": "8:00-16:00"}).status_code in {302, 403, 404}
    assert cast.organisation("street").hours == {}
