"""At the register (居民登记): a clerk registers, finds by a part of the name, corrects and moves out; in both languages, wide and narrow."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from linli.domains.registers.models import Resident
from linli.kernel.people.models import AccessEntry
from tests.cast import Cast
from tests.journeys.accessible import axe, too_wide
from tests.journeys.conftest import Visit
from tests.load.residents import id_number

WORDS = {
    "zh": ("登记居民", "证件号码", "住在哪里", "已核对", "登记", "校验位不符", "已登记", "登记来电来访",
           "查居民（留痕）", "更正", "应该是什么", "凭什么更正", "已更正", "迁出", "确认迁出", "已办迁出", "户籍地址"),
    "en": ("Register a resident", "ID number", "Where they live", "I have seen", "Register", "does not match", "Registered",
           "to enter a visit", "Search (leaves a trace)", "Correct", "What it should say", "On what ground", "Corrected", "Move out",
           "Yes, move them out", "They moved out", "Registered address"),
}  # fmt: skip


@pytest.mark.parametrize(("lang", "device"), [("zh", "desktop"), ("en", "phone")])
def test_a_clerk_registers_finds_corrects_and_moves_out(
    visit: Visit, cast: Cast, lang: str, device: str
) -> None:
    (enter, number, where, seen, do, check, done, purpose, search, correct, value, ground, corrected, leave, sure, left, address) = WORDS[lang]  # fmt: skip
    clerk = visit("clerk", lang=lang, device=device)
    page = clerk.go("/staff/registers/")
    main = page.get_by_role("main")
    main.get_by_role("link", name=enter).click()
    main.locator("#f-name").fill("林建国")
    main.get_by_label(number).first.fill(id_number(1)[:17] + ("1" if id_number(1)[17] != "1" else "2"))
    main.get_by_label(where).select_option("350102001001001")
    main.get_by_label(seen).check()
    with clerk.refused(422):
        main.get_by_role("button", name=do, exact=True).click()
        expect(main.get_by_text(check).first).to_be_visible()
    assert too_wide(page) == []
    axe(page)
    main.get_by_label(number).first.fill(id_number(1))
    main.get_by_role("button", name=do, exact=True).click()
    expect(page.get_by_text(done).first).to_be_visible()
    resident = Resident.objects.get()
    assert resident.prefix == "350102001001001"

    page = clerk.go("/staff/registers/")
    main.get_by_role("textbox").first.fill("建国")
    main.get_by_text(purpose).click()
    main.get_by_role("button", name=search).click()
    main.get_by_role("link", name="林**").click()
    assert AccessEntry.objects.filter(person=resident.person, what="search:name_part").exists()
    assert too_wide(page) == []

    main.get_by_role("link", name=correct, exact=True).click()
    main.get_by_text(address).click()
    main.get_by_label(value).fill("文化路 3 号")
    main.get_by_label(ground).fill("户口簿")
    main.get_by_role("button", name=correct, exact=True).click()
    expect(page.get_by_text(corrected).first).to_be_visible()
    main.get_by_role("link", name=leave, exact=True).click()
    main.get_by_label(seen).check()
    main.get_by_role("button", name=sure).click()
    expect(page.get_by_text(left).first).to_be_visible()
    resident.refresh_from_db()
    assert (resident.address, resident.valid_to is None) == ("文化路 3 号", False)
