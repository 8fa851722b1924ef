"""Attempts at the page that begins any procedure (对发起页的越权尝试): another's area, channel, procedure; fields smuggled in."""

from __future__ import annotations

import pytest
from django.urls import reverse

from linli.base.errors import NotAllowed
from linli.kernel.people.models import Person
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.versions import load_all
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.events import reported
from tests.faults.test_attacks import also_resident, appointed

pytestmark = pytest.mark.django_db

BEGUN = {
    "subject": "请求核发过渡费", "description": "没有发。", "party_name": "张三", "party_phone": "13800001111",
    "channel": "window", "key": "k1", "area": "350102001001",
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"), [("area", "350102002001"), ("area", "x"), ("channel", "case"), ("channel", "api")]
)
def test_the_desk_begins_within_its_area_by_its_channels(law_cast: Cast, field: str, value: str) -> None:
    """A second post, which begins nothing of the kind, widens nothing."""
    load_all()
    appointed(law_cast, "clerk", "handler")
    sent = law_cast.client("clerk").post(
        reverse("web:desk_begin", args=["petition"]), {**BEGUN, field: value}
    )
    assert 400 <= sent.status_code < 500
    assert not Case.objects.exists()


def test_what_a_form_smuggles_in_is_left_out_and_the_post_is_the_one_that_begins(law_cast: Cast) -> None:
    load_all()
    other = reported(law_cast)
    appointed(law_cast, "clerk", "other_handler")
    smuggled = {**BEGUN, "origin_id": str(other.pk), "by_case": "1", "recused": "1", "lead": "350102-garden"}
    sent = law_cast.client("clerk").post(reverse("web:desk_begin", args=["petition"]), smuggled)
    assert sent.status_code == 302
    case = Case.objects.get(procedure="petition")
    assert (case.origin_id, case.lead_id, case.channel) == (None, None, "window")
    assert case.window_id == law_cast.organisation("street").pk
    assert Record.objects.get(case_id=case.pk).post == law_cast.post("clerk").pk


@pytest.mark.parametrize(
    "code", ["penalty", "reconsideration", "hearing", "whistle", "nothing", "mediation/../x"]
)
def test_residents_begin_what_is_theirs_alone(law_cast: Cast, code: str) -> None:
    load_all()
    client = law_cast.client("resident")
    client.cookies["linli_area"] = "350102001001"
    for address in (f"/services/{code}/", f"/staff/begin/{code}/"):
        assert client.post(address, {"subject": "x", "key": "k"}).status_code in {302, 403, 404}
    assert not Case.objects.exists()


def test_an_officer_who_names_themselves_as_the_party_is_no_officer_of_the_case(law_cast: Cast) -> None:
    load_all()
    officer = also_resident(law_cast, "officer")
    data = {"subject": "占道经营", "party_kind": "person", "source": "inspection", "clue": "现场。"}
    receipt = engine.open_case(
        "penalty", by=officer, area=law_cast.area("village1"), data=data, channel="field",
        applicant=Person.objects.get(pk=officer.person_id or 0),
    )  # fmt: skip
    case = Case.objects.get(number=receipt.number)
    assert case.applicant_id == officer.person_id
    with pytest.raises(NotAllowed):
        engine.act(case, "not_file", {"reason": "轻微。"}, by=officer)
    assert not {a.code for a in engine.open_actions(case, officer)} & {"not_file", "on_the_spot", "file"}
