"""Small procedures that no file of the house needs (虚构的测试程序): joint work by two of three or by all, and two that open each
other; fixture `invented`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from linli.kernel.people.actors import Actor
    from linli.kernel.procedures.models import Case
    from tests.cast import Cast

# A joint step of three parts, of which two are enough, or all; and two procedures that open each other.
PARTS = """
code = "test-parts-{name}"
prefix = "P{name}"
title = {{ zh = "会办", en = "Joint work" }}
basis = ["测试"]
channels = ["window"]
opened_by = ["dispatcher@township"]
overseers = ["dispatcher@township"]
limit = "10 working days"
[open]
form = ["matter", "lead", "helpers"]
[fields.matter]
title = {{ zh = "事项", en = "Matter" }}
type = "string"
required = true
public = true
[fields.lead]
title = {{ zh = "主办", en = "Lead" }}
type = "organisation"
required = true
public = true
assigns = "lead"
[fields.helpers]
title = {{ zh = "协办", en = "Helpers" }}
type = "organisations"
required = true
public = true
assigns = "helpers"
[steps.working]
title = {{ zh = "办理", en = "Work" }}
kind = "joint"
join = "{join}"
actor = "handler@assigned"
within = "3 working days"
[steps.working.actions.done]
title = {{ zh = "办完", en = "Done" }}
to = "ended"
[steps.working.actions.dispute]
title = {{ zh = "不归本单位", en = "Not ours" }}
parts = ["helper"]
part_to = {{ actor = "dispatcher@township", within = "1 working day" }}
[steps.working.actions.drop]
title = {{ zh = "不需要这一部分", en = "Not needed" }}
parts = ["disputed"]
returns = "none"
[steps.working.actions.back]
title = {{ zh = "退回", en = "Back" }}
parts = ["disputed"]
returns = "same"
[steps.ended]
title = {{ zh = "办结", en = "Done" }}
kind = "end"
outcome = "done"
"""
PING = """
code = "test-ping"
prefix = "PI"
title = { zh = "甲", en = "Ping" }
basis = ["测试"]
channels = ["window"]
opened_by = ["dispatcher@township"]
overseers = ["dispatcher@township"]
limit = "10 working days"
[open]
form = ["matter"]
[fields.matter]
title = { zh = "事项", en = "Matter" }
type = "string"
required = true
public = true
[steps.waiting]
title = { zh = "等待", en = "Waiting" }
actor = "dispatcher@township"
within = "3 working days"
[steps.waiting.actions.ask]
title = { zh = "另立一件", en = "Ask" }
opens = "test-pong"
[steps.waiting.actions.close]
title = { zh = "办结", en = "Close" }
to = "ended"
[anywhere.again]
title = { zh = "再立一件", en = "Again" }
by = ["system"]
after = ["test-pong"]
opens = "test-pong"
[steps.ended]
title = { zh = "办结", en = "Done" }
kind = "end"
outcome = "done"
"""
PONG = """
code = "test-pong"
prefix = "PQ"
title = { zh = "乙", en = "Pong" }
basis = ["测试"]
channels = ["window"]
opened_by = ["dispatcher@township"]
overseers = ["dispatcher@township"]
limit = "10 working days"
[open]
form = ["matter"]
[fields.matter]
title = { zh = "事项", en = "Matter" }
type = "string"
required = true
public = true
[steps.waiting]
title = { zh = "等待", en = "Waiting" }
actor = "dispatcher@township"
within = "3 working days"
[steps.waiting.actions.close]
title = { zh = "办结", en = "Close" }
to = "ended"
[steps.ended]
title = { zh = "办结", en = "Done" }
kind = "end"
outcome = "done"
"""


@pytest.fixture
def invented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The procedures above are in force."""
    from linli.kernel.procedures import registry, versions

    files = {
        "ping": PING,
        "pong": PONG,
        "two": PARTS.format(name="T", join="2 of 3"),
        "all": PARTS.format(name="A", join="all"),
    }
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(registry, "FOLDERS", [*registry.FOLDERS, tmp_path])
    monkeypatch.setattr(versions, "FOLDERS", registry.FOLDERS)
    versions.load_all()
    yield
    versions.forget()


def begun(cast: Cast, code: str, **data: Any) -> Case:
    from linli.kernel.procedures import engine
    from linli.kernel.procedures.models import Case
    from tests.events import MONDAY

    receipt = engine.open_case(
        code, by=cast.actor("dispatcher"), area=cast.area("village1"), data={"matter": "修路", **data},
        channel="window", at=MONDAY,
    )  # fmt: skip
    return Case.objects.get(number=receipt.number)


def three_parts(cast: Cast, code: str) -> tuple[Case, list[Actor]]:
    """A case with its lead and two helpers, and who acts for each."""
    from linli.domains.events.tests.test_many_hands import GARDEN, in_post

    handlers = [
        cast.actor("handler"),
        cast.actor("other_handler"),
        in_post(cast, "property", "property_handler"),
    ]
    case = begun(cast, code, lead="350102-municipal", helpers=[GARDEN, "350102-property"])
    return case, handlers


def open_parts(case: Case) -> list[str]:
    from linli.kernel.procedures.models import Task

    return sorted(Task.objects.filter(case=case, done_at__isnull=True).values_list("part", flat=True))
