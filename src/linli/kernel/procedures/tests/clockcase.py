"""A small procedure whose clock does all that a clock can (计时的测试程序): its limit runs from acceptance, beside the
law's own; it stops for at most ten days, and is extended once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from linli.kernel.procedures import engine, registry, versions
from linli.kernel.procedures.models import Case, Task
from tests.cast import Cast

MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai, ordinary weeks follow

PERMIT = """
code = "test-permit"
prefix = "TP"
title = { zh = "占道许可", en = "Permit to use the pavement" }
basis = ["行政许可法 42"]
channels = ["web", "window"]
opened_by = ["anyone", "clerk@township"]
confidential = "parties"
overseers = ["dispatcher@township", "leader@township"]
limit = { is = "7 working days", from = "working", basis = "办事指南" }
statutory_limit = { is = "20 working days", from = "working", basis = "行政许可法 42" }
extend = { max = "5 working days", statutory = "10 working days", once = true, by = "leader@township", notify = ["applicant"], basis = "行政许可法 42" }
escalation = [{ at = "50%", do = "remind" }, { at = "100%", do = "red", to = "supervisor@county" }]
[open]
form = ["matter"]
[fields.matter]
title = { zh = "事项", en = "Matter" }
type = "string"
required = true
public = true
[steps.intake]
title = { zh = "收件", en = "Intake" }
actor = "dispatcher@township"
within = "2 working days"
[steps.intake.actions.accept]
title = { zh = "受理", en = "Accept" }
notifies = ["applicant"]
to = "working"
[steps.working]
title = { zh = "审查", en = "Examination" }
actor = "dispatcher@township"
within = { is = "7 working days", within_case = true }
[steps.working.actions.stop]
title = { zh = "中止计时", en = "Stop the clock" }
form = ["ground"]
optional = ["document", "legal_basis"]
suspends = { grounds = ["expert-review"], notify = ["applicant"], basis = "行政许可法 45", max = "10 days" }
[steps.working.actions.wait]
title = { zh = "等材料", en = "Wait for papers" }
form = ["ground"]
suspends = { grounds = ["awaiting-applicant"], notify = ["applicant"] }
[steps.working.actions.go_on]
title = { zh = "恢复计时", en = "Go on" }
resumes = true
[steps.working.actions.longer]
title = { zh = "延长", en = "Extend" }
form = ["reason"]
extends = true
[steps.working.actions.check]
title = { zh = "送复核", en = "Send for checking" }
to = "checking"
[steps.working.actions.grant]
title = { zh = "准予", en = "Grant" }
notifies = ["applicant"]
to = "granted"
[anywhere.withdraw]
title = { zh = "撤回", en = "Withdraw" }
by = ["applicant"]
to = "withdrawn"
[steps.withdrawn]
title = { zh = "已撤回", en = "Withdrawn" }
kind = "end"
outcome = "withdrawn"
[steps.checking]
title = { zh = "复核", en = "Checking" }
actor = "dispatcher@township"
within = { is = "7 working days", within_case = true }
[steps.checking.actions.back]
title = { zh = "退回", en = "Back" }
to = "working"
[steps.checking.actions.grant]
title = { zh = "准予", en = "Grant" }
notifies = ["applicant"]
to = "granted"
[steps.granted]
title = { zh = "已准予", en = "Granted" }
kind = "end"
outcome = "granted"
"""


@pytest.fixture
def permits(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    """The cast in a county where this procedure is in force."""
    (tmp_path / "permit.toml").write_text(PERMIT, encoding="utf-8")
    monkeypatch.setattr(registry, "FOLDERS", [*registry.FOLDERS, tmp_path])
    monkeypatch.setattr(versions, "FOLDERS", registry.FOLDERS)
    versions.load_all()
    yield cast
    versions.forget()


def asked_for(cast: Cast, *, by: str = "resident", at: datetime = MONDAY) -> Case:
    """A permit that somebody has just asked for (刚申请的一件)."""
    known = cast.persons.get(by)
    receipt = engine.open_case(
        "test-permit",
        by=cast.actor(by),
        area=cast.area("village1"),
        data={"matter": "开业三天摆花篮"},
        channel="web",
        applicant=known,
        at=at,
    )
    return Case.objects.get(number=receipt.number)


def accepted(cast: Cast, *, by: str = "resident", at: datetime = MONDAY) -> Case:
    """A permit whose limit has just begun (刚受理的一件)."""
    return did(cast, asked_for(cast, by=by, at=at), "dispatcher", "accept", at=at)


def did(cast: Cast, case: Case, who: str, action: str, at: datetime, **data: object) -> Case:
    engine.act(case, action, data, by=cast.actor(who), at=at)
    return Case.objects.get(pk=case.pk)


def open_task(case: Case) -> Task:
    return Task.objects.get(case=case, done_at__isnull=True)
