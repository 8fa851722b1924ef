"""Ways to bring events before a supervisor (把事件办到督办)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from linli.kernel.people.models import Appointment, Post
from linli.kernel.procedures import engine, versions
from linli.kernel.procedures.models import Case, ProcedureVersion, Supervision, Task
from tests.cast import Cast
from tests.events import MONDAY, event_at

HOUR = timedelta(hours=1)
REASON = "已超时，居民多次反映。"


@pytest.fixture
def higher_up(db: None) -> Iterator[None]:
    """A county where red goes to the supervisor at once, and to the county's leader at twice the limit."""
    import json

    versions.forget()
    from linli.kernel.procedures.loader import merge
    from linli.kernel.procedures.versions import load_all, shipped_files

    load_all()
    raw = merge(
        shipped_files()["grid-event"][1],
        {
            "escalation": [
                {"at": "50%", "do": "remind"},
                {"at": "80%", "do": "yellow", "to": "leader@township"},
                {"at": "100%", "do": "red", "to": "supervisor@county"},
                {"at": "200%", "do": "red", "to": "leader@county"},
            ]
        },
    )
    ProcedureVersion.objects.create(
        code="grid-event",
        version=1,
        jurisdiction="350102",
        digest="test",
        definition=json.dumps(raw, ensure_ascii=False, default=str),
        loaded_at=MONDAY,
    )
    versions.forget()
    yield
    versions.forget()


def county_leader(cast: Cast) -> None:
    """Puts the administrator's account into a post of the county's leader."""
    post = Post.objects.create(
        organisation=cast.organisation("government"),
        title="分管副区长",
        title_en="Vice head",
        roles=["leader"],
        area=cast.area("county"),
    )
    Appointment.objects.create(post=post, account=cast.account("admin"), from_on=MONDAY.date())


def task_of(case: Case) -> Task:
    return Task.objects.get(case=case, done_at__isnull=True)


def at_share(case: Case, share: float) -> datetime:
    task = task_of(case)
    return task.opened_at + share * (task.due_at - task.opened_at) + timedelta(seconds=1)


def swept(case: Case, share: float) -> datetime:
    """The sweeper's turns up to a share of the present task's limit."""
    moment = at_share(case, share)
    for _ in range(6):
        engine.tick(moment)
    return moment


def rows(case: Case) -> list[tuple[str, str, str]]:
    return [
        (r.queue, r.level, "open" if r.done_at is None else r.outcome)
        for r in Supervision.objects.filter(case=case).order_by("id")
    ]


def late(cast: Cast) -> tuple[Case, datetime]:
    case = event_at(cast, "handling")
    return case, swept(case, 1.1) + HOUR
