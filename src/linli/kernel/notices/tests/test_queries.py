from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.base.i18n import Text
from linli.base.ids import uuid7
from linli.kernel.notices.models import Notice
from linli.kernel.notices.queries import UNREAD_SHOWN, my_notices, n_unread
from linli.kernel.notices.services import mark_read, queue
from linli.kernel.notices.tests.conftest import T0, after
from linli.kernel.people.models import Account, Person

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Reader:
    account_id: int | None = None
    person_id: int | None = None


def test_everybody_sees_their_own_and_nobody_elses(
    resident: Person, handler: Account, stranger: Account
) -> None:
    queue(resident, "case.received", {"title": "路灯"}, case_number="X-1", at=T0)
    queue(
        handler, "task.assigned", {"title": "路灯", "step": Text("受理", "accept")}, case_number="X-1", at=T0
    )
    assert [n.template for n in my_notices(Reader(person_id=resident.pk)).items] == ["case.received"]
    assert [n.template for n in my_notices(Reader(account_id=handler.pk)).items] == ["task.assigned"]
    both = my_notices(Reader(handler.pk, resident.pk))
    assert [n.template for n in both.items] == ["task.assigned", "case.received"]
    assert my_notices(Reader(stranger.pk)).items == []
    assert my_notices(Reader()).items == []
    assert n_unread(Reader()) == 0


def test_pages_follow_the_cursor_without_a_gap(resident: Person, handler: Account) -> None:
    for n in range(9):
        queue(resident if n % 2 else handler, "case.closed", {"title": str(n)}, at=after(minutes=n))
    reader, cursor, seen = Reader(handler.pk, resident.pk), "", []
    while True:
        page = my_notices(reader, cursor, limit=4)
        seen += [item.title.zh for item in page.items]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert seen == [f"已办结：{n}" for n in range(8, -1, -1)]
    assert len(my_notices(reader, "not a cursor", limit=4).items) == 4
    with CaptureQueriesContext(
        connection,
    ) as queries:
        my_notices(reader, cursor, limit=4)
    assert len(queries) == 3


def test_mark_read_passes_over_what_is_not_mine(
    resident: Person, handler: Account, stranger: Account
) -> None:
    one = queue(resident, "case.closed", {"title": "甲"}, at=T0)
    queue(resident, "case.rate", {"title": "甲"}, at=T0)
    me, other = Reader(person_id=resident.pk), Reader(account_id=stranger.pk)
    assert mark_read(other, [one.uid], at=T0) == 0
    assert n_unread(me) == 2
    assert mark_read(me, [one.uid], at=T0) == 1
    assert n_unread(me) == 1
    assert mark_read(me, at=T0) == 1
    assert n_unread(me) == 0
    assert mark_read(me, at=T0) == 0


def test_unread_is_counted_only_as_far_as_it_is_shown(stranger: Account) -> None:
    Notice.objects.bulk_create(
        Notice(account=stranger, template="case.closed", created_at=T0, next_try_at=T0)
        for _ in range(UNREAD_SHOWN + 5)
    )
    assert n_unread(Reader(stranger.pk)) == UNREAD_SHOWN


def test_the_documented_insert_is_enough(resident: Person) -> None:
    uid = uuid7()
    cast = "%s::jsonb" if connection.vendor == "postgresql" else "%s"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notices_notice"
            " (uid, account_id, person_id, template, params, case_number, created_at, next_try_at)"
            f" VALUES (%s, %s, %s, %s, {cast}, %s, %s, %s)",
            [
                uid if connection.vendor == "postgresql" else uid.hex,
                None,
                resident.pk,
                "case.received",
                json.dumps({"title": "路灯"}),
                "X-1",
                T0,
                T0,
            ],
        )
    row = Notice.objects.get(uid=uid)
    assert (row.channel, row.state, row.attempts, row.language, row.address) == (
        "in_app",
        "queued",
        0,
        "",
        "",
    )
    assert my_notices(Reader(person_id=resident.pk)).items[0].title.zh == "已收到：路灯"
