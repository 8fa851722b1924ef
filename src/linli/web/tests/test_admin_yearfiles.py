"""A file of days off on the administration's page (放假安排文件): what it would move is shown, then it is put in force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from linli.kernel.calendar import queries
from linli.kernel.calendar.models import PublishedYear
from linli.kernel.calendar.rules import FIXED_FESTIVALS
from linli.kernel.people.models import AuditEntry
from linli.kernel.procedures.models import Task
from linli.kernel.procedures.versions import load_all
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import event_at

pytestmark = pytest.mark.django_db
NEW_YEARS_EVE = datetime(2026, 12, 31, 1, 0, tzinfo=UTC)
DAYS = sorted({date(2027, 1, d) for d in (1, 2, 3, 4)} | {date(2027, *d) for d in FIXED_FESTIVALS})
GOOD = "date,name,kind,notice\n" + "".join(f"{d},节日,off,国办发明电〔2026〕7号\n" for d in DAYS)


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.LINLI_DATA_DIR = tmp_path / "data"
    queries.forget()
    yield
    queries.forget()


def url() -> str:
    return reverse("web:admin_year_file")


def look(admin: Client, text: str, name: str = "2027.csv") -> str:
    return admin.post(url(), {"file": SimpleUploadedFile(name, text.encode())}).content.decode()


def hidden(html: str) -> dict[str, str]:
    return {n: html.split(f'name="{n}" value="')[1].split('"')[0] for n in ("shown", "name")}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_file_is_looked_at_then_put_in_force(cast: Cast, lang: str) -> None:
    case = event_at(cast, "handling", at=NEW_YEARS_EVE)
    task = Task.objects.get(case=case, done_at__isnull=True)
    admin = cast.client("admin")
    admin.cookies["linli_lang"] = lang
    html = look(admin, GOOD)
    assert {"zh": "其中 1 个的到期日会变", "en": "the due dates of 1 would move"}[lang] in html
    assert "2027-01-04" in html
    assert not PublishedYear.objects.filter(year=2027).exists()
    assert Task.objects.get(pk=task.pk).due_at == task.due_at
    assert queries.first_unpublished(date(2026, 12, 31)) == 2027

    saved = admin.post(url(), {**hidden(html), "text": GOOD, "act": "save"})
    assert saved.status_code == 302
    year = PublishedYear.objects.get(year=2027)
    assert (year.notice, year.imported_by) == ("国办发明电〔2026〕7号", cast.actor("admin").name)
    assert Task.objects.get(pk=task.pk).due_at > task.due_at
    assert Record.objects.filter(case_id=case.pk).latest("seq").action == "recounted"
    assert AuditEntry.objects.filter(act="people.year_entered").count() == 1
    assert {"zh": "和现在的一样", "en": "It is the same as now"}[lang] in look(admin, GOOD)


def test_a_year_with_a_bad_row_is_left_out_and_says_why(cast: Cast, tmp_path: Path) -> None:
    load_all()
    admin = cast.client("admin")
    html = look(admin, GOOD + "2027-02-30,春节,off,x\n")
    assert html.count('<div class="error">') == 1
    assert "日期看不懂" in html
    assert f"另外 {len(DAYS)} 行也没有导入" in html
    assert 'value="save"' not in html
    assert not list(tmp_path.rglob("*-rejects.csv"))  # the page said them
    html = look(admin, GOOD.replace("2027-10-02,节日,off,国办发明电〔2026〕7号\n", ""))
    assert "2027-10-02" in html
    assert 'value="save"' not in html
    assert not PublishedYear.objects.filter(year=2027).exists()


def test_another_file_than_was_looked_at_changes_nothing(cast: Cast) -> None:
    load_all()
    admin = cast.client("admin")
    html = look(admin, GOOD)
    other = GOOD.replace("2027-01-04", "2027-01-05")
    answer = admin.post(url(), {**hidden(html), "text": other, "act": "save"})
    assert answer.status_code == 409
    assert "结果与刚才看的不同" in answer.content.decode()
    assert not PublishedYear.objects.filter(year=2027).exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", b"a,b\n1,2\n"),
        ("x.json", b"{"),
        ("x.toml", b"= ="),
        ("x.csv", b"\x89PNG\r\n\x00\x00"),
        ("x.png", b""),
    ],
)
def test_what_is_no_file_of_days_is_refused_in_words(cast: Cast, name: str, content: bytes) -> None:
    load_all()
    answer = cast.client("admin").post(url(), {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code in {400, 422}
    assert 'role="alert"' in answer.content.decode()


def test_only_an_administrator_over_all_areas(cast: Cast) -> None:
    load_all()
    post = cast.post("leader")
    post.roles = ["leader", "administrator"]
    post.save()
    for who, status in (("leader", 403), ("dispatcher", 404)):
        client = cast.client(who)
        assert client.get(url()).status_code == status
        sent = {"file": SimpleUploadedFile("2027.csv", GOOD.encode())}
        assert client.post(url(), sent).status_code == status
    assert not PublishedYear.objects.filter(year=2027).exists()
