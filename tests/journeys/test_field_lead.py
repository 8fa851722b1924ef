"""The lead of field work (外勤负责人): decides by keys alone, sees a silent phone, brings in a rescue file."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from linli.base.clock import now
from linli.kernel.fieldwork.models import FieldDevice, FieldEntry
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import first_fact
from linli.kernel.procedures.models import Case
from tests.api import jpeg
from tests.cast import Cast
from tests.events import event_at
from tests.journeys.accessible import faults as inaccessible
from tests.journeys.accessible import too_wide
from tests.journeys.conftest import Visit
from tests.journeys.test_desk import tab_to
from tests.phone import Phone, a_report, entry


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.LINLI_DATA_DIR = tmp_path


def conflict(cast: Cast, phone: Phone) -> tuple[Case, FieldEntry]:
    case = event_at(cast, "verifying", at=now() - timedelta(hours=3))
    for value in ("三盏灯，约 20 米", "四盏灯，到拐角为止"):
        body = {"number": case.number, "base": {}, "fields": {"site_extent": value}}
        phone.put(entry("note", body, made_at=(now() - timedelta(hours=1)).isoformat()))
    return case, FieldEntry.objects.get(state="merged")


def too_late(cast: Cast, phone: Phone) -> FieldEntry:
    case = event_at(cast, "verifying", at=now() - timedelta(hours=5))
    photo = {**phone.send_file(jpeg(640, 480, "darkgreen")), "field": "photo_after"}
    voice = {**phone.send_file(b"OggS" + bytes(200)), "field": "voice", "type": "audio/ogg", "name": "v.ogg"}
    engine.act(case, "rework", {"reason": "还有一盏不亮"}, by=cast.actor("grid_worker"))
    body = {
        "number": case.number,
        "action": "verify",
        "seq": case.seq,
        "data": {"passed": "到场看过，都亮了。"},
    }
    phone.put(entry("act", body, [photo, voice], made_at=(now() - timedelta(hours=2)).isoformat()))
    return FieldEntry.objects.get(kind="act")


def test_two_values_are_settled_by_keys_alone(visit: Visit, cast: Cast) -> None:
    case, row = conflict(cast, Phone(cast))
    page = visit("dispatcher").go("/staff/field/")
    tab_to(page, f'a[href="/staff/field/{row.uid}/"]')
    page.keyboard.press("Enter")
    expect(page.get_by_text("四盏灯，到拐角为止").first).to_be_visible()
    tab_to(page, 'input[name="pick-site_extent"]')
    page.keyboard.press("ArrowDown")
    tab_to(page, 'form[action$="/choose/"] button')
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/staff/field/$"))
    assert first_fact(case, "site_extent") == "四盏灯，到拐角为止"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_everybody_can_use_the_leads_pages(
    visit: Visit, cast: Cast, device: str, lang: str, tmp_path: Path
) -> None:
    phone = Phone(cast, label="红米 12")
    _, clash = conflict(cast, phone)
    kept = too_late(cast, phone)
    first = entry("report", a_report(cast))
    phone.put(first)
    phone.put(entry("report", a_report(cast, description="井盖不见了，只剩一个洞。"), number=first["id"]))
    twin = FieldEntry.objects.get(twin__isnull=False)
    phone.put(
        entry("patrol", {"area": "350102001001001", "checked": ["road", "fire"], "text": "通道停了两辆车。"})
    )
    FieldDevice.objects.filter(pk=phone.device.pk).update(
        last_contact_at=now() - timedelta(days=3),
        n_unsent=4,
        oldest_unsent_at=now() - timedelta(days=3, hours=2),
    )
    visitor = visit("dispatcher", device=device, lang=lang)
    pages = {
        "arrivals": "/staff/field/",
        "clash": f"/staff/field/{clash.uid}/",
        "kept": f"/staff/field/{kept.uid}/",
        "twin": f"/staff/field/{twin.uid}/",
        "phones": "/staff/field/phones/",
        "walks": "/staff/field/walks/",
        "rescue": "/staff/field/rescue/",
    }
    faults = []
    for name, path in pages.items():
        page = visitor.go(path)
        faults += [f"{name}: {fault}" for fault in (*inaccessible(page), *too_wide(page))]
    assert not faults, "\n".join(faults)


def test_a_rescue_file_is_brought_in(visit: Visit, cast: Cast, tmp_path: Path) -> None:
    phone = Phone(cast)
    made = entry("report", a_report(cast))
    file = tmp_path / "linli-field.json"
    content = {
        "linli": "field-rescue",
        "version": 1,
        "device": phone.enrolled["device"],
        "entries": [made],
        "files": {},
    }
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    page = visit("dispatcher", js=False).go("/staff/field/rescue/")
    page.locator('input[type="file"]').set_input_files(file)
    page.get_by_role("button", name="先看看").click()
    page.get_by_role("button", name="收下这 1 条").click()
    expect(page.get_by_text("已导入")).to_be_visible()
    assert Case.objects.get().channel == "field"
