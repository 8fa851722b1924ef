"""Posts as a table, leaving and handing over (岗位导入、离任、交接), in a real browser."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from linli.base.clock import today
from linli.kernel.people.models import Appointment, Post
from linli.kernel.procedures.versions import load_all
from tests.cast import Cast
from tests.journeys import accessible
from tests.journeys.conftest import Visit
from tests.journeys.world import build_world

BOTH = pytest.mark.parametrize(("lang", "device"), [("zh", "desktop"), ("en", "phone")])
WORDS = {
    "zh": {
        "export": "导出",
        "look": "看结果",
        "save": "保存，一起办理",
        "leaves": "离任、停用",
        "leave": "办理离任",
        "end": "结束任职",
        "oneself": "不能任命自己",
        "away": "登记",
        "refused": "退回",
    },
    "en": {
        "export": "Export",
        "look": "See what it does",
        "save": "Save, all at once",
        "leaves": "Leaves, switch off",
        "leave": "End their posts",
        "end": "End it",
        "oneself": "Nobody appoints themselves",
        "away": "Enter",
        "refused": "refused",
    },
}


@BOTH
def test_posts_go_out_and_come_in_as_a_table(visit: Visit, cast: Cast, lang: str, device: str) -> None:
    load_all()
    words, post = WORDS[lang], cast.post("handler")
    page = visit("admin", lang=lang, device=device).go("/staff/admin/posts/")
    with page.expect_download() as coming:
        page.get_by_role("link", name=words["export"]).click()
    table = Path(coming.value.path()).read_text(encoding="utf-8-sig")
    line = next(row for row in table.splitlines() if str(post.uid) in row)

    def send(text: str) -> None:
        page.locator("[name=file]").set_input_files(
            {"name": "posts.csv", "mimeType": "text/csv", "buffer": text.encode()}
        )
        page.get_by_role("button", name=words["look"]).click()

    page.goto("/staff/admin/posts/table/")
    accessible.axe(page)
    send(table.replace(line, line.replace(str(post.uid), "01a2259c-0000-7000-8000-000000000000")))
    expect(page.locator(".preview .error").first).to_be_visible()
    expect(page.get_by_role("button", name=words["save"])).to_have_count(0)
    accessible.axe(page)

    send(table.replace(line, line.replace(post.title, "夜班承办人")))
    expect(page.locator(".preview")).to_contain_text("夜班承办人")
    accessible.axe(page)
    assert Post.objects.get(pk=post.pk).title == post.title
    page.get_by_role("button", name=words["save"]).click()
    expect(page.locator(".notices")).to_be_visible()
    assert Post.objects.get(pk=post.pk).title == "夜班承办人"


@BOTH
def test_whoever_leaves_is_asked_what_waits_on_their_desk(
    visit: Visit, cast: Cast, lang: str, device: str
) -> None:
    build_world(cast)
    words, leaver = WORDS[lang], cast.account("handler")
    theirs = visit("handler", lang=lang, device=device).go("/staff/")
    page = visit("admin", lang=lang, device=device).go(f"/staff/admin/people/{leaver.uid}/")
    page.get_by_role("link", name=words["leaves"]).click()
    expect(page.locator("main")).to_contain_text(cast.post("handler").name.in_language(lang))
    accessible.axe(page)
    page.get_by_role("button", name=words["leave"]).click()
    expect(page.locator(".notices")).to_be_visible()
    leaver.refresh_from_db()
    assert not leaver.is_active
    assert set(Appointment.objects.filter(account=leaver).values_list("to_on", flat=True)) == {today()}
    theirs.goto("/staff/")
    expect(theirs.locator("input[name=username]")).to_be_visible()


@BOTH
def test_a_desk_is_handed_over(visit: Visit, cast: Cast, lang: str, device: str) -> None:
    build_world(cast)
    words, held = WORDS[lang], Appointment.objects.get(account=cast.account("handler"))
    end = f"/staff/admin/posts/{held.post.uid}/holders/{held.account.uid}/{held.from_on}/end/"
    last = today() + timedelta(days=5)
    admin = visit("admin", lang=lang, device=device)
    page = admin.go(end)
    accessible.axe(page)
    page.locator("[name=to_on]").fill(str(last))
    page.locator("[name=successor]").fill("admin")
    with admin.refused(422):
        page.get_by_role("button", name=words["end"]).click()
    expect(page.locator("main")).to_contain_text(words["oneself"])
    accessible.axe(page)
    held.refresh_from_db()
    assert held.to_on is None

    page.locator("[name=successor]").fill("other_handler")
    page.get_by_role("button", name=words["end"]).click()
    expect(page.locator(".notices")).to_be_visible()
    held.refresh_from_db()
    assert held.to_on == last
    new = Appointment.objects.get(post=held.post, account=cast.account("other_handler"))
    assert new.from_on == last + timedelta(days=1)

    page.goto(end.replace("/end/", "/away/"))
    accessible.axe(page)
    page.locator("[name=deputy]").fill("other_handler")
    page.locator("[name=reason]").fill("培训")
    page.locator("[name=from_on]").fill(str(today()))
    page.locator("[name=to_on]").fill(str(today() + timedelta(days=2)))
    page.locator("main form button.btn").last.click()
    expect(page.locator(".notices")).to_be_visible()
