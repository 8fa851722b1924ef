"""What people do about an application, in their words (一窗受理的动作): apply, act at the desk, answer, rate, read the archive."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from linli.kernel.procedures.models import Case
from tests.journeys import accessible, acts
from tests.journeys.visitor import Visitor

DONE = re.compile("”已办|” is done")


def answer(form: Locator, name: str, value: Any) -> None:
    """One question, whatever it is drawn as: choices by their value, all else by words (填一项)."""
    controls = form.locator(f'[name="{name}"]')
    kind = controls.first.get_attribute("type") or controls.first.evaluate("(el) => el.tagName")
    if kind == "file":
        controls.first.set_input_files([value])
    elif kind in {"radio", "checkbox"}:
        for one in value if isinstance(value, list) else [value]:
            form.locator(f'[name="{name}"][value="{one}"]').check()
    elif kind == "SELECT":
        controls.first.select_option(value)
    else:
        controls.first.fill(str(value))


def fill(form: Locator, values: dict[str, Any]) -> None:
    for name, value in values.items():
        answer(form, name, value)


def looks_right(page: Page) -> None:
    """A page that one applies on: usable by everybody, and no wider than the phone."""
    accessible.axe(page)
    assert accessible.too_wide(page) == []


# ------------------------------------------------------------------------------------------ applying


def settled(visitor: Visitor) -> Visitor:
    """Somebody who chose their village once (选过村的人)."""
    visitor.keep({"linli_area": "350102001001"})
    return visitor


def apply_online(
    visitor: Visitor, path: str, answers: dict[str, Any], papers: dict[str, Any], *, looked_at: bool = False
) -> Case:
    """Three steps on a phone, from the guide to the receipt (网上申请): the number of what was sent."""
    page = visitor.go(path)
    page.locator('main a.btn[href$="/apply/"]').click()
    page.wait_for_url("**/apply/")
    fill(page.locator("form[data-apply]"), named(answers))
    if looked_at:
        looks_right(page)
    page.locator("form[data-apply] button.wide").first.click()
    page.wait_for_url("**/apply/papers/")
    fill_papers(page, papers)
    if looked_at:
        looks_right(page)
    page.locator("form[data-apply] button.wide").first.click()
    page.wait_for_url("**/apply/send/")
    if looked_at:
        looks_right(page)
    page.locator("main form button.wide").first.click()
    return sent(page)


def fill_papers(page: Page, papers: dict[str, Any]) -> None:
    form = page.locator("form[data-apply]")
    for code, way in papers.items():
        if code == "commitment":
            form.locator("[name=commitment]").check()
        elif way == "photo":
            form.locator(f'[name="f.{code}"]').set_input_files([acts.photo(f"{code}.jpg")])
        else:
            answer(form, f"p.{code}", way)


def enter(visitor: Visitor, path: str, phone: str, values: dict[str, Any]) -> Case:
    """The window's lane, with a mouse (窗口收件): somebody who is known is recognised, and the rest is asked."""
    page = visitor.go(path)
    page.locator("[name=party_phone]").fill(phone)
    page.locator("#lane-person [data-yes]").click()
    form = page.locator("form[data-lane]")
    fill(form, values)
    page.locator("[data-send]").click()
    return sent(page)


def sent(page: Page) -> Case:
    page.wait_for_url("**/receipt/")
    number = acts.NUMBER.search(page.locator(".slip").inner_text())
    assert number is not None
    return Case.objects.get(number=number[0])


def named(answers: dict[str, Any], papers: dict[str, Any] | None = None) -> dict[str, Any]:
    """Questions and papers under the names that they have on a page (页面上的名称)."""
    asked = {f"a.{code}": value for code, value in answers.items()}
    return asked | {f"p.{code}": value for code, value in (papers or {}).items()}


# ------------------------------------------------------------------------------------------ handling


def act(visitor: Visitor, case: Case, action: str, **values: Any) -> Page:
    """One action at the desk, on the page of the case (在工作台办一步)."""
    page = visitor.go(f"/staff/cases/{case.number}/")
    way = page.locator(f'.acts a[href$="/do/{action}/"]')
    if not way.is_visible():
        page.locator(".acts summary").click()
    way.click()
    form = page.locator(".card.do form")
    expect(form).to_be_visible()
    fill(form, values)
    form.locator("button.btn").last.click()
    expect(page.get_by_role("status").filter(has_text=DONE).first).to_be_visible()
    return page


def own(visitor: Visitor, case: Case, action: str, **values: Any) -> Page:
    """What the applicant may do, from their own page of the case (当事人办一步)."""
    page = visitor.go(f"/case/{case.number}/")
    forms = page.locator(f'form[action$="/{action}/"]')
    if not forms.count():
        page.locator(f'main a[href$="/{action}/"]').click()
        page.wait_for_url(f"**/{action}/")
        forms = page.locator("main form").filter(has=page.locator("[name=key]"))
    fill(forms.first, values)
    forms.first.locator("button.btn").last.click()
    page.wait_for_url(f"**/case/{case.number}/**")
    expect(page.get_by_role("status").first).to_be_visible()
    return page


def archived(visitor: Visitor, case: Case) -> None:
    """It is on the page of the archive (归档可查)."""
    page = visitor.go("/staff/archive/")
    expect(page.get_by_role("main")).to_contain_text(case.number)


def rate(visitor: Visitor, case: Case, stars: int = 5) -> None:
    own(visitor, case, "rate", satisfied=stars)
    expect(visitor.page.locator(".tl")).to_contain_text(re.compile("您评价了|You rated"))
