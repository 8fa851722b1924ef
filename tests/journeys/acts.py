"""What people do at the pages, in their words (页面上的动作): each ends when the page shows that it is done."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.journeys.visitor import Visitor

if TYPE_CHECKING:
    from linli.domains.events.models import Category
    from tests.cast import Cast

NUMBER = re.compile(r"\d{6}-[A-Z]{2}-\d{4}-\d{6}")


@dataclass(frozen=True)
class Slip:
    """What a receipt says (回执)."""

    number: str
    code: str


def photo(name: str = "deng.jpg", colour: str = "#345") -> FilePayload:
    """A photo as a phone would send it."""
    made = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(made, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": made.getvalue()}


def lamps_are_municipal(cast: Cast) -> Category:
    """The dispatch directory knows one thing: street lamps are for Municipal Maintenance (派单目录)."""
    from linli.domains.events.models import DispatchRule
    from tests.events import lamp_category

    category = lamp_category()
    DispatchRule.objects.create(
        category=category, lead=cast.organisation("municipal"), basis="市政设施管理条例"
    )
    return category


# ------------------------------------------------------------------------------------------------ sign in


def sign_in(visitor: Visitor, who: str, cast: Cast) -> Page:
    """Through the pages, as in life: staff by password and second factor, residents by the code on their phone."""
    from tests.cast import PASSWORD, STAFF

    if who not in STAFF:
        return _sign_in_by_phone(visitor, cast.person(who).phone)
    page = visitor.go("/staff/sign-in/")
    page.get_by_label("用户名").fill(who)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("验证码").fill(cast.second_factor())
    page.get_by_role("main").get_by_role("button", name="登录").click()
    expect(page).to_have_url(re.compile(r"/staff/$"))
    return page


def _sign_in_by_phone(visitor: Visitor, phone: str) -> Page:
    page = visitor.go("/sign-in/")
    page.get_by_label("手机号").fill(phone)
    page.get_by_role("button", name="发验证码").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("填验证码")
    page.get_by_label("验证码").fill(code_sent_to(phone))
    page.get_by_role("main").get_by_role("button", name="登录").click()
    expect(page).to_have_url(re.compile(r"/mine/$"))
    return page


def code_sent_to(phone: str) -> str:
    """The code in the newest message to this phone: without a gateway, messages are files (发件文件夹)."""
    from linli.kernel.notices.gateways import outbox_folder

    files = sorted(outbox_folder().glob("*.json"), key=lambda f: f.stat().st_mtime_ns, reverse=True)
    return next(found for file in files if (found := _code_in(file, phone)))


def _code_in(file: Path, phone: str) -> str:
    message = json.loads(file.read_text(encoding="utf-8"))
    found = re.search(r"\b\d{6}\b", message["text"])
    return found[0] if found and message["to"] == phone else ""


# ------------------------------------------------------------------------------------------------- report


def write_report(page: Page, words: str, *, with_photo: bool = False) -> None:
    """Step 1 (什么事)."""
    page.get_by_label("情况").fill(words)
    if with_photo:
        page.locator("input[type=file]").set_input_files([photo()])
    page.get_by_role("button", name="下一步：在哪里").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("在哪里？")


def tap_map(page: Page, *, across: float, words: str) -> None:
    """Step 2 on the map: a tap that far across it, and what the page says about the place."""
    box = page.locator("[data-map]")
    expect(box.locator("path.shape").first).to_be_visible()
    area = box.bounding_box()
    assert area is not None
    box.tap(position={"x": area["width"] * across, "y": area["height"] / 2})
    expect(page.locator("[data-said]")).to_contain_text(words)
    page.get_by_role("button", name="下一步：联系方式").click()


def choose_village(page: Page, name: str, words: str = "") -> None:
    """Step 2 without a map."""
    page.get_by_label("或者选村（社区）").select_option(label=name)
    page.get_by_label("地点（小区、路口、楼号）").fill(words)
    page.get_by_role("button", name="下一步：联系方式").click()


def send_report(page: Page) -> Slip:
    """Step 3, leaving no contact; then the receipt."""
    expect(page.get_by_role("heading", level=1)).to_have_text("核对一下，提交")
    page.get_by_role("button", name="提交", exact=True).click()
    return read_slip(page)


def read_slip(page: Page) -> Slip:
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到。")
    slip = page.locator(".slip")
    found = NUMBER.search(slip.inner_text())
    assert found is not None
    return Slip(found[0], slip.locator(".code").get_attribute("aria-label") or "")


def track(visitor: Visitor, slip: Slip) -> Page:
    """By number and code, without an account (凭编号查进度)."""
    page = visitor.go("/track/")
    page.get_by_label("编号", exact=True).fill(slip.number)
    page.get_by_label("查询码").fill(slip.code.lower())
    page.get_by_role("button", name="查进度").click()
    expect(page).to_have_url(re.compile(slip.number))
    return page


# -------------------------------------------------------------------------------------------------- desk


def choose_case(visitor: Visitor, number: str) -> Locator:
    """In the inbox, the row of this case; beside it the case comes up (打开待办)."""
    page = visitor.go("/staff/")
    page.locator(f'.it > a[data-row="{number}"]').click()
    case = page.locator(f'article[data-number="{number}"]')
    expect(case).to_be_visible()
    return case


def begin(page: Page, title: str) -> Locator:
    """The form of an action, by the button with its name (打开操作表单)."""
    page.locator(".acts").get_by_role("link", name=title).first.click()
    form = page.locator(".card.do form")
    expect(form).to_be_visible()
    return form


def finish(form: Locator, title: str) -> None:
    """Sends it; the page says that it is done (提交操作)."""
    page = form.page
    form.get_by_role("button", name=title).click()
    expect(page.get_by_role("status").filter(has_text=f"“{title}”已办")).to_be_visible()
