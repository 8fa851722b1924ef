"""The whole case file (整卷): what stands in it, what never does, and the same bytes for the same page."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from pypdf import PdfReader

from linli.base.clock import now
from linli.kernel.people.models import AccessEntry, AuditEntry
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case
from linli.kernel.records import heads
from linli.kernel.records.models import Record
from linli.web import casefile
from tests.cast import Cast
from tests.events import event_at, reported

PHONE = "13900000001"


def words_of(content: bytes) -> str:
    """The text of a PDF file without the blanks of its layout (PDF 里的字); radicals are read as the characters they show."""
    import unicodedata

    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return "".join(unicodedata.normalize("NFKC", text).split())


def test_the_file_holds_the_case_and_masks_the_person(cast: Cast) -> None:
    case = event_at(cast, "closed", at=now() - timedelta(days=2), contact=PHONE)
    client = cast.client("dispatcher")
    page = client.get(f"/staff/cases/{case.number}/file/").content.decode()
    assert case.number in page
    assert case.title in page
    assert PHONE not in page
    assert "139****0001" in page
    assert bytes(Record.objects.filter(case_id=case.pk).latest("seq").hash).hex() in page
    answer = client.get(f"/staff/cases/{case.number}/file.pdf")
    assert answer["Content-Type"] == "application/pdf"
    text = words_of(answer.content)
    assert case.number in text
    assert "".join(case.title.split()) in text
    assert "第1页共" in text
    assert "打码" in text
    assert PHONE not in text
    assert "黄派遣" in text
    assert AuditEntry.objects.filter(act="web.case_file_taken", facts__number=case.number).count() == 1
    assert not AccessEntry.objects.exists()


def test_personal_data_are_printed_for_a_purpose_and_leave_a_trace(cast: Cast) -> None:
    case = event_at(cast, "dispatching", at=now(), contact=PHONE)
    client = cast.client("dispatcher")
    url = f"/staff/cases/{case.number}/file/"
    refused = client.post(url, {"open": ["contact"], "purpose": " ", "as": "pdf"})
    assert refused.status_code == 422
    assert PHONE not in refused.content.decode()
    assert not AccessEntry.objects.exists()
    taken = client.post(url, {"open": ["contact"], "purpose": "归档", "as": "pdf"})
    text = words_of(taken.content)
    assert PHONE in text
    assert "用途:归档" in text
    look = AccessEntry.objects.get()
    assert (look.what, look.purpose, look.case_number) == ("contact", "归档", case.number)
    assert AuditEntry.objects.get(act="web.case_file_taken").facts["opened"] == ["contact"]


@pytest.mark.parametrize("who", ["handler", "outsider", "neighbour_dispatcher", "anonymous"])
def test_whoever_may_not_see_the_case_finds_no_file(cast: Cast, who: str) -> None:
    case = reported(cast, at=now())
    client = cast.client(who)
    for path in (f"/case/{case.number}/file/", f"/case/{case.number}/file.pdf"):
        assert (
            client.get(path).status_code
            == client.get(path.replace(case.number, "350102-EV-2020-000009")).status_code
        )
        assert case.title not in client.get(path).content.decode("utf-8", "replace")
    for path in (f"/staff/cases/{case.number}/file/", f"/staff/cases/{case.number}/file.pdf"):
        assert client.get(path).status_code in {302, 403, 404}


def test_a_field_that_is_not_the_readers_is_opened_for_nobody(cast: Cast) -> None:
    case = event_at(cast, "handling", at=now(), contact=PHONE)
    client = cast.client("handler")
    url = f"/staff/cases/{case.number}/file/"
    assert "139****0001" not in client.get(url).content.decode()
    assert client.post(url, {"open": ["contact"], "purpose": "归档", "as": "page"}).status_code == 404
    assert not AccessEntry.objects.exists()


def test_the_party_takes_what_the_pages_show_them(cast: Cast) -> None:
    case = event_at(cast, "closed", at=now() - timedelta(days=1))
    page = cast.client("resident").get(f"/case/{case.number}/file/").content.decode()
    assert case.title in page
    assert "黄派遣" not in page
    assert "谁承办过" not in page
    text = words_of(cast.client("resident").get(f"/case/{case.number}/file.pdf").content)
    assert "打印:当事人" in text
    assert "黄派遣" not in text
    assert not AuditEntry.objects.filter(act="web.case_file_taken").exists()


def test_a_decision_stands_with_its_remedy(cast: Cast) -> None:
    case = reported(cast, at=now())
    refusal = {"reason": "已经进入诉讼。", "legal_basis": "不予受理清单第 2 项"}
    engine.act(case, "decline", refusal, by=cast.actor("dispatcher"))
    page = cast.client("dispatcher").get(f"/staff/cases/{case.number}/file/").content.decode()
    assert "决定和救济" in page
    assert "不予受理复核" in page


def test_the_same_page_gives_the_same_bytes(cast: Cast) -> None:
    case = event_at(cast, "handling", at=now())
    client = cast.client("dispatcher")
    with time_machine.travel(now(), tick=False):
        first, second = (client.get(f"/staff/cases/{case.number}/file.pdf").content for _ in "12")
    assert first == second
    english = client.get(f"/staff/cases/{case.number}/file.pdf?lang=en")
    assert "Page1of" in words_of(english.content)


def test_the_printed_code_leads_to_the_proof(cast: Cast) -> None:
    case = reported(cast, at=now())
    last = Record.objects.filter(case_id=case.pk).latest("seq")
    url = f"/proof/file/{case.number}/{last.seq}/{bytes(last.hash).hex()}/"
    assert f"{url}" in cast.client("dispatcher").get(f"/staff/cases/{case.number}/file/").content.decode()
    visitor = Client()
    assert "对得上" in visitor.get(url).content.decode()
    assert case.title not in visitor.get(url).content.decode()
    heads.seal()
    for wrong in (
        url.replace(case.number, "350102-EV-2020-000009"),
        url[:-5] + "0000/",
        url.replace(f"/{last.seq}/", "/99/"),
    ):
        assert "对不上" in visitor.get(wrong).content.decode()


def test_a_server_without_the_library_says_what_to_install(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    import builtins

    real = builtins.__import__

    def without(name: str, *args: object, **kwargs: object) -> object:
        if name.startswith("weasyprint"):
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args, **kwargs)  # type: ignore[arg-type]  # passed on as it came

    case = reported(cast, at=now())
    monkeypatch.setattr(builtins, "__import__", without)
    answer = cast.client("dispatcher").get(f"/staff/cases/{case.number}/file.pdf")
    assert answer.status_code == 409
    assert casefile.SYSTEM_PACKAGES in answer.content.decode()
    assert Case.objects.count() == 1


def test_a_very_long_file_is_left_to_the_browser(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = reported(cast, at=now())
    monkeypatch.setattr("linli.web.views.casefile.MOST_ENTRIES", 0)
    client = cast.client("dispatcher")
    answer = client.get(f"/staff/cases/{case.number}/file.pdf")
    assert answer.status_code == 409
    assert "用浏览器打印" in answer.content.decode()
    assert client.get(f"/staff/cases/{case.number}/file/").status_code == 200
