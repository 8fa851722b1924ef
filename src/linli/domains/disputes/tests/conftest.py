"""A decision that somebody can be dissatisfied with (一个可被申请复议的决定): for the remedies of this domain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from linli.kernel.procedures import registry, versions
from tests.cast import Cast

PERMIT = """
code = "test-permit"
prefix = "TP"
title = { zh = "占道许可（测试）", en = "Street use permit (test)" }
basis = ["行政许可法 38"]
channels = ["web"]
confidential = "parties"
opened_by = ["resident"]
overseers = ["dispatcher@township"]
limit = "20 working days"
[open]
form = ["wish"]
[fields.wish]
title = { zh = "申请什么", en = "What you apply for" }
type = "text"
required = true
[fields.subject]
title = { zh = "听证事项", en = "Hearing about" }
type = "text"
required = true
[steps.deciding]
title = { zh = "待决定", en = "To be decided" }
actor = "dispatcher@township"
within = "20 working days"
[steps.deciding.actions.hold_hearing]
title = { zh = "听证", en = "Hold a hearing" }
form = ["subject"]
opens = "hearing"
suspends = { grounds = ["hearing"], notify = ["applicant"], basis = "行政许可法 45" }
[steps.deciding.actions.hearing_over]
title = { zh = "听证结束", en = "Hearing over" }
by = ["system"]
after = ["hearing:held", "hearing:waived"]
resumes = true
[steps.deciding.actions.refuse]
title = { zh = "不予许可", en = "Refuse" }
form = ["reason", "legal_basis"]
adverse = true
remedy = "reconsideration"
notifies = ["applicant"]
to = "refused"
[steps.refused]
title = { zh = "不予许可", en = "Refused" }
kind = "end"
outcome = "refused"
[steps.refused.actions.overturned]
title = { zh = "复议撤销，重新审查", en = "Overturned" }
by = ["system"]
after = ["reconsideration:revoked"]
notifies = ["applicant"]
to = "deciding"
"""


@pytest.fixture
def permits(law_cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    """The legal cast in a county where this permit exists."""
    (tmp_path / "permit.toml").write_text(PERMIT, encoding="utf-8")
    monkeypatch.setattr(registry, "FOLDERS", [*registry.FOLDERS, tmp_path])
    monkeypatch.setattr(versions, "FOLDERS", registry.FOLDERS)
    versions.load_all()
    yield law_cast
    versions.forget()
