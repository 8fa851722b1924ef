"""The map, the grid editor and the wall, in a real browser (地图、网格调整、大屏)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from linli.kernel.places.models import Area, GridPlan
from linli.kernel.procedures.versions import load_all
from tests.cast import Cast
from tests.events import event_at, reported
from tests.journeys import accessible
from tests.journeys.conftest import Visit

pytestmark = pytest.mark.django_db(transaction=True)
VILLAGE = "/staff/admin/grids/350102001001/"


@pytest.fixture
def cases(cast: Cast) -> list[str]:
    """Two in the west, close together, one in the east."""
    load_all()
    found = [reported(cast), reported(cast), event_at(cast, "handling", grid="grid3")]
    return [case.number for case in found]


def middle(page: Page, selector: str) -> tuple[float, float, float, float]:
    """Where something lies once it lies still: marks are drawn anew while the map settles."""
    before = None
    for _ in range(50):
        box = page.locator(selector).bounding_box()
        if box is not None and box == before:
            return box["x"], box["y"], box["width"], box["height"]
        before = box
        page.wait_for_timeout(100)
    raise AssertionError(f"{selector} does not lie still")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_case_is_found_on_the_map_and_read_beside_it(visit: Visit, cases: list[str], lang: str) -> None:
    page = visit("dispatcher", lang=lang).go("/staff/map/")
    expect(page.locator(".mark.many")).to_have_text("2")
    expect(page.locator(".mark:not(.many)")).to_have_count(1)
    accessible.axe(page)
    page.locator(".mark:not(.many)").focus()
    with page.expect_response(re.compile("box=")):
        page.evaluate("document.body.dispatchEvent(new Event('linli:changed'))")
    expect(page.locator(".mark:not(.many)")).to_be_focused()  # though it was drawn anew
    page.keyboard.press("Enter")
    expect(page.locator(f'#case article[data-number="{cases[2]}"]')).to_be_visible()
    page.locator("#case > button").click()
    expect(page.locator("#mapped .it")).to_have_count(3)
    page.locator(".mark.many").click()
    expect(page).to_have_url(re.compile(r"at=119\.3"))
    expect(page.locator("#mapped .it")).to_have_count(2)


def test_hexagons_and_their_table_open_lists(visit: Visit, cases: list[str]) -> None:
    page = visit("dispatcher").go("/staff/map/")
    page.get_by_role("link", name="六角格", exact=True).click()
    expect(page.locator(".casemap path.hex")).to_have_count(2)
    expect(page).to_have_url(re.compile("as=hexagons"))
    page.locator(".casemap path.hex").first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/staff/cases/\?.*within="))
    expect(page.locator("table.cases tbody tr")).to_have_count(2)
    page.go_back()
    expect(page.locator(".casemap path.hex")).to_have_count(2)


@pytest.mark.parametrize("how", ["mouse", "keyboard", "screen"])
def test_what_is_drawn_around_becomes_a_list(visit: Visit, cases: list[str], how: str) -> None:
    page = visit("dispatcher").go("/staff/map/")
    expect(page.locator(".mark.many")).to_be_visible()
    if how == "screen":
        page.locator(".mark.many").click()
        expect(page.locator("#mapped .it")).to_have_count(2)
        page.keyboard.press("v")
    elif how == "mouse":
        page.keyboard.press("l")
        x, y, _, _ = middle(page, ".mark.many")
        page.mouse.move(x - 40, y - 40)
        page.mouse.down()
        for dx, dy in ((80, -40), (80, 80), (-40, 80), (-40, -38)):
            page.mouse.move(x + dx, y + dy, steps=4)
        page.mouse.up()
    else:
        page.keyboard.press("l")
        page.locator("#casemap").focus()
        for keys in (
            ["ArrowLeft"] * 4 + ["ArrowUp"] * 3,
            ["ArrowDown"] * 6,
            ["ArrowRight"] * 4,
            ["ArrowUp"] * 6,
        ):
            for key in keys:
                page.keyboard.press(key)
                page.evaluate("() => new Promise((done) => setTimeout(done, 300))")
            page.keyboard.press("Enter")
        page.get_by_role("button", name="圈好了").click()
    page.wait_for_url("**within=**")
    page.get_by_role("link", name=re.compile("打开成办件列表")).click()
    page.wait_for_url("**/staff/cases/**")
    assert page.locator("table.cases tbody tr").count() == 2
    expect(page.get_by_text("地图上画的范围")).to_be_visible()


def test_the_map_without_scripts_is_a_drawing_and_a_table(visit: Visit, cases: list[str]) -> None:
    page = visit("dispatcher", js=False).go("/staff/map/?as=hexagons")
    expect(page.locator(".still a")).to_have_count(2)
    page.locator(".map-box tbody a").first.click()
    expect(page.locator("table.cases tbody tr")).to_have_count(2)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_grids_are_cut_joined_and_published(visit: Visit, cast: Cast, cases: list[str], lang: str) -> None:
    page = visit("admin", lang=lang).go(VILLAGE)
    page.locator("form[action$='begin/'] button").click()
    cells = page.locator(".gridmap path.cell")
    expect(cells).to_have_count(2)
    accessible.axe(page)
    x, y, wide, high = middle(page, ".gridmap path.cell >> nth=0")
    page.keyboard.press("s")
    for dy in (-6, high / 2, high + 6):
        page.mouse.click(x + wide * 0.4, y + dy)
    page.locator("[data-finish]").click()
    expect(cells).to_have_count(3)
    page.locator("[name=cell] >> nth=0").check()
    page.locator("[name=cell] >> nth=1").check()
    page.locator("button[value=merge]").click()
    expect(cells).to_have_count(2)
    page.keyboard.press("z")
    expect(cells).to_have_count(3)
    page.locator("a[href$='plan/check/']").click()
    accessible.axe(page)
    assert page.locator(".gridsheet").count() == 2
    page.locator("[name=valid_from]").fill("2030-01-01")
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator(".publish button").click()
    expect(page).to_have_url(re.compile(VILLAGE + "$"))
    assert GridPlan.objects.get().state == "published"
    assert Area.objects.filter(level="grid", valid_from="2030-01-01").count() == 2


def test_a_border_is_moved_by_the_keyboard_alone(visit: Visit, cast: Cast, cases: list[str]) -> None:
    visitor = visit("admin", js=False)
    page = visitor.go(VILLAGE)
    page.locator("form[action$='begin/'] button").click()
    page.locator("tr[data-cell] a").first.click()
    corners = page.locator("#corners textarea")
    corners.fill(corners.input_value().replace("119.310000", "119.308000"))
    page.get_by_role("button", name="按坐标移动边界").click()
    expect(page.get_by_text("边界已移动")).to_be_visible()
    expect(page.get_by_text("正好盖满")).to_be_visible()
    page.locator("tr[data-cell] a").first.click()
    corners.fill("119.30, 26.08\n119.32, 26.08\n119.32, 26.09\n119.30, 26.09")
    with visitor.refused(409):
        page.get_by_role("button", name="按坐标移动边界").click()
    expect(page.get_by_role("alert")).to_contain_text("整个盖掉")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_number_of_the_wall_opens_its_list(visit: Visit, cases: list[str], lang: str) -> None:
    page = visit("dispatcher", lang=lang).go("/board/")
    accessible.axe(page)
    assert accessible.too_wide(page) == []
    links = page.locator(".wall .col a:has(b), .wall a.big").evaluate_all(
        "all => all.filter((a) => /cases\\/\\?/.test(a.href)).map((a) => [a.getAttribute('href'), Number(a.textContent.trim())])"
    )
    assert len(links) == 5
    for address, n in links:
        page.goto(address)
        assert page.locator("table.cases tbody tr").count() == n, address


def test_the_wall_says_when_it_lost_contact(visit: Visit, cases: list[str]) -> None:
    visitor = visit("dispatcher")
    page = visitor.go("/board/")
    page.route("**/board/**", lambda route: route.abort())
    page.evaluate(
        "() => htmx.ajax('GET', '/board/', { source: '#main', target: '#main', select: '#main' }).catch(() => 0)"
    )
    expect(page.locator("[data-lost]")).to_be_visible()
    visitor.problems.clear()  # the console says that the connection failed, as it should
