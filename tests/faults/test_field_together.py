"""The same entry over two lines at once, and two contents under one number (外勤同时到达), on either database."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from linli.base.errors import LinliError
from linli.kernel.fieldwork import entries, parts
from linli.kernel.fieldwork.models import DONE, FieldEntry
from linli.kernel.procedures import proof
from linli.kernel.procedures.models import Case
from linli.kernel.records.models import Attachment
from tests.api import jpeg
from tests.cast import Cast
from tests.events import event_at
from tests.faults.test_together import together
from tests.phone import a_report, entry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.LINLI_DATA_DIR = tmp_path


def entered(made: dict[str, Any], files: tuple[entries.FileIn, ...] = ()) -> entries.Entered:
    return entries.Entered(
        UUID(made["id"]), made["kind"], made["made_at"], made["body"], files, made["digest"], made["files"]
    )


def test_the_same_entry_over_many_lines_is_there_once(transactional_db: None, cast: Cast) -> None:
    account, photo = cast.account("grid_worker"), jpeg()
    name = sha256(photo).hexdigest()
    parts.receive(account.pk, name, len(photo), 0, BytesIO(photo))
    named = {"sha256": name, "size": len(photo), "type": "image/jpeg", "name": "a.jpg", "field": "photos"}
    sent = entered(entry("report", a_report(cast), [named]), (entries.FileIn(**named),))
    rows = together(*[lambda: entries.deliver(sent, account=account)] * 5)
    assert {row.pk for row in rows} == {FieldEntry.objects.get().pk}
    assert (Case.objects.count(), Attachment.objects.count()) == (1, 1)


def test_two_contents_under_one_number_are_both_kept(transactional_db: None, cast: Cast) -> None:
    account = cast.account("grid_worker")
    first = entry("report", a_report(cast))
    second = entry("report", a_report(cast, description="另一份"), number=first["id"])
    results = together(
        *(lambda made=made: entries.deliver(entered(made), account=account) for made in (first, second) * 2)
    )
    twice = [r for r in results if isinstance(r, LinliError)]
    assert [r.code for r in twice] == ["field.other_content"] * 2
    assert sorted(FieldEntry.objects.values_list("state", flat=True)) == [DONE, "kept"]
    assert Case.objects.count() == 1


def test_sheets_that_arrive_at_once_lose_no_field(transactional_db: None, cast: Cast) -> None:
    case, account = event_at(cast, "verifying"), cast.account("grid_worker")
    fields = ("site_extent", "site_measures", "site_note")
    made = [entry("note", {"number": case.number, "base": {}, "fields": {code: code}}) for code in fields]
    clash = [entry("note", {"number": case.number, "base": {}, "fields": {"site_extent": "别的"}})]
    rows = together(
        *(lambda each=each: entries.deliver(entered(each), account=account) for each in made + clash)
    )
    states = sorted(row.state for row in rows)
    assert states == ["done", "done", "done", "merged"]
    assert proof.verify_all().first_fault is None


def test_a_file_sent_over_two_lines_is_whole(tmp_path: Path) -> None:
    content = bytes(range(256)) * 4000
    name = sha256(content).hexdigest()

    def send() -> Any:
        while not (found := parts.progress(1, name, len(content))).complete:
            piece = content[found.received : found.received + 100_000]
            try:
                parts.receive(1, name, len(content), found.received, BytesIO(piece))
            except parts.WrongOffset:
                continue
        return found

    assert {r.complete for r in together(send, send, send)} == {True}
    assert parts.read_whole(1, name, len(content)) == content
