"""A small procedure that puts its case on public notice, and the one by which people object (公示的测试程序)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from linli.kernel.procedures.models import Case
    from linli.kernel.publicity.models import Publication
    from tests.cast import Cast

MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai, an ordinary week follows
LAST = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)  # seven working days later, close of business
AFTER = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
SECRET_NAME, SECRET_PHONE = "林小邻", "+8613900000001"

REPAIR = """
code = "test-repair"
prefix = "RP"
title = { zh = "危房改造补助", en = "Grant for unsafe houses" }
basis = ["农村危房改造补助资金管理办法 9"]
channels = ["web", "window"]
opened_by = ["clerk@township"]
confidential = "parties"
overseers = ["dispatcher@township", "clerk@township"]
limit = "30 working days"
[open]
form = ["matter", "amount", "detail", "family", "phone"]
optional = ["starts_on"]
[fields.matter]
title = { zh = "补助事项", en = "What it is for" }
type = "string"
required = true
public = true
[fields.amount]
title = { zh = "金额（元）", en = "Amount (yuan)" }
type = "integer"
max = 1000000
required = true
public = true
[fields.detail]
title = { zh = "说明", en = "Details" }
type = "text"
public = true
[fields.starts_on]
title = { zh = "开工日期", en = "Work begins" }
type = "date"
public = true
[fields.family]
title = { zh = "户主", en = "Head of the household" }
type = "string"
masked = true
personal = { purpose = "grant", basis = "个人信息保护法 13", seen_by = ["dispatcher"], keep = "1 year after end" }
[fields.phone]
title = { zh = "电话", en = "Phone" }
type = "phone"
masked = true
personal = { purpose = "grant", basis = "个人信息保护法 13", seen_by = ["dispatcher"], keep = "1 year after end" }
[steps.review]
title = { zh = "待评议", en = "To be reviewed" }
actor = "dispatcher@township"
within = "3 working days"
[steps.review.actions.propose]
title = { zh = "提请公示", en = "Propose" }
to = "notice"
[steps.notice]
title = { zh = "公示", en = "On public notice" }
kind = "publicity"
actor = "dispatcher@township"
days = "7 working days"
statutory_days = "7 working days"
publishes = ["matter", "amount", "detail", "family", "phone", "starts_on"]
places = { zh = "村务公开栏和网上", en = "the village board and online" }
objection = "test-objection"
basis = "村民委员会组织法 30"
timeout = "over"
[steps.notice.actions.over]
title = { zh = "公示期满", en = "Notice over" }
by = ["system", "dispatcher@township"]
to = "deciding"
[steps.notice.actions.take_back]
title = { zh = "撤回公示", en = "Take back" }
form = ["reason", "document"]
withdraws = true
to = "review"
[anywhere.give_up]
title = { zh = "撤回申请", en = "Withdraw the application" }
by = ["applicant"]
to = "given_up"
[steps.given_up]
title = { zh = "已撤回申请", en = "Withdrawn" }
kind = "end"
outcome = "withdrawn"
[steps.deciding]
title = { zh = "待决定", en = "To be decided" }
actor = "dispatcher@township"
within = "3 working days"
[steps.deciding.actions.grant]
title = { zh = "同意补助", en = "Grant" }
publishes = ["matter", "amount"]
to = "granted"
[steps.granted]
title = { zh = "已补助", en = "Granted" }
kind = "end"
outcome = "granted"
[steps.granted.actions.annul]
title = { zh = "撤销决定", en = "Annul" }
by = ["dispatcher@township"]
form = ["reason"]
withdraws = true
to = "review"
"""

OBJECTION = """
code = "test-objection"
prefix = "OJ"
title = { zh = "对公示提异议", en = "Object to the notice" }
basis = ["村民委员会组织法 31"]
channels = ["web", "window", "phone", "paper"]
opened_by = ["anyone", "clerk@township"]
confidential = "parties"
overseers = ["dispatcher@township"]
limit = "10 days"
[open]
form = ["why"]
[fields.why]
title = { zh = "为什么不同意", en = "Why you do not agree" }
type = "text"
required = true
[fields.answer]
title = { zh = "答复", en = "Answer" }
type = "text"
required = true
[steps.checking]
title = { zh = "核查中", en = "Being looked into" }
actor = "dispatcher@township"
within = "5 days"
[steps.checking.actions.answer]
title = { zh = "答复", en = "Answer" }
form = ["answer"]
notifies = ["applicant"]
to = "answered"
[steps.answered]
title = { zh = "已答复", en = "Answered" }
kind = "end"
outcome = "answered"
"""


@pytest.fixture
def public_notices(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    """The cast in a county where these two procedures are in force."""
    from linli.kernel.procedures import registry, versions

    (tmp_path / "repair.toml").write_text(REPAIR, encoding="utf-8")
    (tmp_path / "objection.toml").write_text(OBJECTION, encoding="utf-8")
    monkeypatch.setattr(registry, "FOLDERS", [*registry.FOLDERS, tmp_path])
    monkeypatch.setattr(versions, "FOLDERS", registry.FOLDERS)
    versions.load_all()
    yield cast
    versions.forget()


def proposed(
    cast: Cast, *, at: datetime = MONDAY, grid: str = "village1", applicant: str = "", **data: Any
) -> Case:
    """A grant that goes on public notice at this moment (刚开始公示的一件)."""
    from linli.kernel.procedures import engine
    from linli.kernel.procedures.models import Case

    entries = {
        "matter": "翻修东头老屋",
        "amount": 20000,
        "detail": "房屋鉴定为D级。",
        "family": SECRET_NAME,
        "phone": SECRET_PHONE,
        **data,
    }
    receipt = engine.open_case(
        "test-repair",
        by=cast.actor("clerk"),
        area=cast.area(grid),
        data=entries,
        channel="window",
        applicant=cast.person(applicant) if applicant else None,
        at=at,
    )
    case = Case.objects.get(number=receipt.number)
    engine.act(case, "propose", by=cast.actor("dispatcher"), at=at)
    case.refresh_from_db()
    return case


def shown_by(case: Case) -> Publication:
    from linli.kernel.publicity.models import Publication

    return Publication.objects.filter(case_id=case.pk).order_by("-id")[0]
