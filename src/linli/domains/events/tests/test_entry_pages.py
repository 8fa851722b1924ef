"""Reports that staff enter for somebody, and the paper form (代为登记、纸质表)."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from linli.base.clock import now
from linli.domains.events.tests.test_resident_pages import WORDS, key_in, picture
from linli.kernel.people.models import AccessEntry
from linli.kernel.procedures import proof
from linli.kernel.procedures.models import Case, CaseLink, Participation
from linli.kernel.records.models import Attachment, ErasableFact
from tests.cast import Cast
from tests.events import lamp_category, reported


def test_a_clerk_enters_a_call_and_both_names_are_on_the_record(cast: Cast) -> None:
    lamp_category()
    client = cast.client("clerk")
    key = key_in(client.get("/staff/register/").content.decode())
    lng, lat = cast.point("grid2")
    entry = {
        "key": key,
        "channel": "phone",
        "description": WORDS,
        "reporter_name": "林大爷",
        "contact": "13900000007",
        "place.lng": lng,
        "place.lat": lat,
    }
    missing = client.post("/staff/register/", {**entry, "channel": ""})
    assert missing.status_code == 422
    assert "林大爷" in missing.content.decode()
    sent = client.post("/staff/register/", entry)
    case = Case.objects.get()
    assert sent.headers["Location"] == f"/case/{case.number}/receipt/"
    assert (case.channel, case.area) == ("phone", cast.area("grid2"))
    assert case.applicant is not None
    assert Participation.objects.filter(
        case=case, kind="account", ref=cast.account("clerk").pk, part="recorder"
    )
    assert ErasableFact.objects.filter(case_id=case.pk, name="reporter_name").exists()
    assert client.get(sent.headers["Location"]).status_code == 200
    assert client.post("/staff/register/", entry).headers["Location"] == sent.headers["Location"]
    assert Case.objects.count() == 1
    assert proof.verify_all().first_fault is None


def test_what_is_close_by_is_shown_before_the_clerk_enters_it(cast: Cast) -> None:
    other = reported(cast, at=now())
    client = cast.client("clerk")
    lng, lat = cast.point("grid1")
    entry = {"key": "k2", "channel": "window", "description": WORDS, "place.lng": lng, "place.lat": lat}
    looked = client.post("/staff/register/", entry)
    page = looked.content.decode()
    assert other.number in page
    assert WORDS in page
    assert Case.objects.count() == 1
    ref = re.search(r'name="same" value="([0-9a-f]+)"', page)
    assert ref
    client.post("/staff/register/", {**entry, "looked": "1", "same": ref[1]})
    assert Case.objects.count() == 2
    assert CaseLink.objects.count() == 1


def test_a_grid_worker_reports_from_patrol(cast: Cast) -> None:
    lng, lat = cast.point("grid1")
    entry = {
        "key": "p1",
        "description": "井盖松动",
        "photos": [picture()],
        "place.lng": lng,
        "place.lat": lat,
    }
    cast.client("grid_worker").post("/staff/patrol/", entry)
    case = Case.objects.get()
    assert (case.channel, case.applicant) == ("field", None)
    assert Attachment.objects.filter(case_id=case.pk).count() == 1


@pytest.mark.parametrize(
    ("who", "register", "patrol"),
    [("clerk", 200, 403), ("grid_worker", 200, 200), ("handler", 403, 403), ("resident", 403, 403)],
)
def test_who_may_enter_reports(cast: Cast, who: str, register: int, patrol: int) -> None:
    client = cast.client(who)
    assert client.get("/staff/register/").status_code == register
    assert client.get("/staff/patrol/").status_code == patrol


def test_the_paper_form_carries_the_village_and_its_web_form(cast: Cast) -> None:
    village = cast.area("village1")
    page = Client().get(f"/report/paper/?area={village.code}").content.decode()
    assert "庆城社区" in page
    assert "庆城社区居民委员会" in page
    assert f"/report/?area={village.code}" in page
    assert " style=" not in page
    assert "Qingcheng" in Client().get(f"/report/paper/?area={village.code}&lang=en").content.decode()
    assert Client().get("/report/paper/").status_code == 200


def test_a_helper_stands_on_the_record_beside_the_person(cast: Cast) -> None:
    client = cast.client("clerk")
    entry = {
        "key": "h1",
        "channel": "window",
        "description": WORDS,
        "contact": "13900000007",
        "reporter_name": "林大爷",
        "village": cast.area("village1").code,
        "helper_phone": "13900000008",
    }
    missing = client.post("/staff/register/", entry)
    assert missing.status_code == 422
    assert Case.objects.count() == 0
    client.post("/staff/register/", {**entry, "helper_name": "林小妹"})
    case = Case.objects.get()
    page = client.get(f"/staff/cases/{case.number}/").content.decode()
    assert "代办人姓名" in page
    assert "林**" in page
    assert "林小妹" not in page
    opened = client.post(
        f"/staff/cases/{case.number}/reveal/helper_name/", {"purpose": "约时间"}
    ).content.decode()
    assert "林小妹" in opened
    assert AccessEntry.objects.get().what == "helper_name"
    grid_worker = cast.client("grid_worker").get(f"/staff/cases/{case.number}/")
    assert "代办人姓名" not in grid_worker.content.decode()
    assert proof.verify_all().first_fault is None
