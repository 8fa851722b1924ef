"""A remedy entered at the window (代为提出救济): by number and phone, for a decision that stands, and nothing more."""

from __future__ import annotations

import re
from typing import Any

import pytest

from linli.kernel.people.models import AccessEntry
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.visibility import visible_to
from tests.cast import RESIDENTS, Cast
from tests.events import MONDAY, reported

pytestmark = pytest.mark.django_db
URL = "/staff/remedy/"
PHONE = RESIDENTS["resident"][1].removeprefix("+86")
NO = {"reason": "不属于受理范围。", "legal_basis": "受理目录第三条"}


def declined(cast: Cast) -> Case:
    case = reported(cast)
    engine.act(case, "decline", NO, by=cast.actor("dispatcher"), at=MONDAY)
    case.refresh_from_db()
    return case


def found(cast: Cast, who: str, number: str, phone: str) -> Any:
    return cast.client(who).post(URL, {"number": number, "phone": phone})


def token(page: Any) -> str:
    match = re.search(r'name="about" value="([^"]+)"', page.content.decode())
    assert match is not None
    return match[1]


@pytest.fixture
def elsewhere(cast: Cast) -> None:
    """The clerk's procedure lets nobody at this desk see the case: a clerk of the neighbour town."""
    post = cast.post("clerk")
    post.area = cast.area("neighbour_township")
    post.save()


@pytest.mark.usefixtures("elsewhere")
def test_a_clerk_who_cannot_see_the_case_enters_the_remedy_for_its_party(cast: Cast) -> None:
    case = declined(cast)
    clerk = cast.client("clerk")
    assert not visible_to(cast.actor("clerk")).filter(pk=case.pk).exists()
    page = clerk.post(URL, {"number": case.number, "phone": PHONE})
    assert page.status_code == 200
    words = page.content.decode()
    assert case.number in words
    assert case.title not in words, "the clerk reads nothing of the case itself"
    sent = clerk.post(
        URL, {"about": token(page), "key": "k1", "channel": "window", "reason": "这处是公共走道。"}
    )
    assert sent.status_code == 302, sent.content.decode()[:2000]
    review = Case.objects.get(procedure="event-review")
    assert (review.origin_id, review.applicant_id, review.channel) == (case.pk, case.applicant_id, "window")
    assert not visible_to(cast.actor("clerk")).filter(pk=case.pk).exists()
    looked = AccessEntry.objects.filter(account=cast.account("clerk"), person=cast.person("resident"))
    assert looked.exists(), "looking for somebody is entered like any other look"
    again = clerk.post(URL, {"about": token(page), "key": "k1", "channel": "window", "reason": "又一次"})
    assert again.status_code == 302
    assert Case.objects.filter(procedure="event-review").count() == 1


def test_number_and_phone_have_to_belong_together(cast: Cast) -> None:
    case = declined(cast)
    for number, phone in ((case.number, "13900000002"), ("350102-EV-2026-999999", PHONE), ("", "")):
        page = found(cast, "clerk", number, phone)
        assert page.status_code in {400, 422}, (number, phone)
        assert "about" not in re.findall(r'name="(\w+)"', page.content.decode())


def test_an_organisation_that_is_complained_about_finds_nothing(cast: Cast) -> None:
    case = reported(cast)
    street = {"accused": [cast.organisation("street").code]}
    engine.act(case, "recuse", street, by=cast.actor("supervisor"), at=MONDAY)
    engine.act(case, "decline", NO, by=cast.actor("dispatcher"), at=MONDAY)
    page = found(cast, "clerk", case.number, PHONE)
    assert page.status_code in {400, 422}
    assert "about" not in re.findall(r'name="(\w+)"', page.content.decode())


def test_nothing_decided_nothing_to_object_to(cast: Cast) -> None:
    page = found(cast, "clerk", reported(cast).number, PHONE)
    assert page.status_code == 409
    assert "没有可以申请救济的决定" in page.content.decode()


def test_what_was_checked_by_one_is_not_used_by_another(cast: Cast) -> None:
    page = found(cast, "clerk", declined(cast).number, PHONE)
    sent = cast.client("call_back").post(URL, {"about": token(page), "channel": "window", "reason": "x"})
    assert sent.status_code == 409
    assert not Case.objects.filter(procedure="event-review").exists()


def test_residents_and_strangers_are_kept_out(cast: Cast) -> None:
    assert cast.client("resident").get(URL).status_code == 403
    assert cast.client("anonymous").get(URL).status_code == 302
