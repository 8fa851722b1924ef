"""Several services as one, and what several people agree to (一件事、共同签名), and licences that are applied for as matters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from linli.base.clock import local
from linli.base.errors import Invalid, LinliError, Refused
from linli.domains.matters.life_events import apply_for_event, left_out
from linli.domains.matters.models import MatterVersion
from linli.domains.matters.queries import spec_of
from linli.domains.matters.tests.test_applying import HOUR, MONDAY, applied, do, states
from linli.kernel.notices.models import Notice
from linli.kernel.people.models import Appointment
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import sealed_fact
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.offered import begun_by
from linli.kernel.procedures.proof import replay
from linli.kernel.records.models import Record
from tests.cast import Cast
from tests.servicecast import put_in_force

pytestmark = pytest.mark.django_db


BIRTH = ("birth-certificate", "birth-notice", "birth-register", "resident-insurance", "social-card", "maternity-allowance")  # fmt: skip
BORN = {
    "wants_card": True,
    "name": "林新生",
    "born": "2026-05-20",
    "hospital": "区妇幼保健院",
    "count": 1,
    "with": "mother",
    "who": "newborn",
    "why": "child",
    "bank": "rural",
}
BORN_PAPERS = dict.fromkeys(("first-page", "word", "form", "photo", "guardian"), "bring")


def born(cast: Cast) -> Case:
    put_in_force(cast, *BIRTH, "birth")
    receipt = apply_for_event(
        "birth",
        by=cast.actor("resident"),
        area=cast.area("village1"),
        channel="web",
        answers=BORN,
        papers=BORN_PAPERS,
        applicant=cast.person("resident"),
        at=MONDAY,
    )
    return Case.objects.get(number=receipt.number)


def parts_of(parent: Case) -> dict[str, Case]:
    return {c.facts["matter"].split("/")[1]: c for c in Case.objects.filter(origin=parent)}


def test_what_cannot_begin_is_told_once_with_its_reason(service_cast: Cast) -> None:
    """The certificate is refused: what waits for it does not begin, and the applicant reads which and why."""
    cast, parent = service_cast, born(service_cast)
    certificate = parts_of(parent)["birth-certificate"]
    do(cast, certificate, "health_examiner", "take_papers", MONDAY, handed=list(states(certificate)))
    do(cast, certificate, "health_examiner", "accept", MONDAY)
    do(cast, certificate, "health_examiner", "report", MONDAY, opinion="不符合")
    refused = {"reason": "没有在本区出生的记录", "legal_basis": "母婴保健法 23"}
    do(cast, certificate, "health_leader", "refuse", MONDAY, **refused)
    do(cast, certificate, "health_examiner", "deliver", MONDAY, delivery="window")
    left = {line["code"]: line["why"][0] for line in left_out(parent)}
    assert left["birth-register"] == "“出生医学证明签发”没有办成"
    assert set(left) == {"birth-register", "resident-insurance", "social-card"}
    at = Record.objects.get(case_id=parent.pk, action="not_begun").at
    told = Notice.objects.filter(case_number=parent.number, person=cast.person("resident"), created_at=at)
    assert told.exists()
    page = cast.client("resident").get(f"/case/{parent.number}/").content.decode()
    for words in ("没有开始", "“出生医学证明签发”没有办成"):
        assert words in page
    notice = parts_of(parent)["birth-notice"]
    do(cast, notice, "health_examiner", "take_papers", MONDAY, handed=list(states(notice)))
    at_once = {"result_words": "办好", "delivery": "electronic"}
    do(cast, notice, "health_examiner", "finish_at_once", MONDAY, **at_once)
    parent.refresh_from_db()
    assert parent.step == "done"
    assert len(left_out(parent)) == 3  # said once


def test_a_service_that_cannot_be_opened_does_not_hold_up_the_one_before(service_cast: Cast) -> None:
    """Nobody registers births here any more when its turn comes: the certificate is granted all the same."""
    cast, parent = service_cast, born(service_cast)
    Appointment.objects.filter(post__organisation=cast.organisation("police")).delete()
    certificate = parts_of(parent)["birth-certificate"]
    do(cast, certificate, "health_examiner", "take_papers", MONDAY, handed=list(states(certificate)))
    do(cast, certificate, "health_examiner", "accept", MONDAY)
    do(cast, certificate, "health_examiner", "report", MONDAY, opinion="符合")
    do(cast, certificate, "health_leader", "grant", MONDAY, result_words="办好")
    do(cast, certificate, "health_examiner", "deliver", MONDAY, delivery="window")
    assert certificate.outcome == "granted"
    left = {line["code"]: line["why"][0] for line in left_out(parent)}
    assert "目前没有在岗" in left["birth-register"]
    assert "birth-register" not in parts_of(parent)


def test_a_birth_is_one_form_and_each_service_opens_the_next(service_cast: Cast) -> None:
    cast, papers = service_cast, BORN_PAPERS
    parent = born(cast)

    def parts() -> dict[str, Case]:
        return parts_of(parent)

    assert set(parts()) == {"birth-certificate", "birth-notice"}
    do(cast, parent, "clerk", "take_papers", MONDAY, handed=list(papers))
    assert states(parts()["birth-certificate"])["first-page"] == "brought"
    ways = (
        ("birth-notice", "health"),
        ("birth-certificate", "health"),
        ("birth-register", "police"),
        ("resident-insurance", "medical_insurance"),
        ("social-card", "human_resources"),
    )
    at = MONDAY
    for code, office in ways:
        at += HOUR
        case = parts()[code]
        spec = spec_of(MatterVersion.objects.get(matter__code=code))
        if brought_later := [c for c, s in states(case).items() if s == "bring"]:
            do(cast, case, f"{office}_examiner", "take_papers", at, handed=brought_later)
        if spec.handling == "instant":
            do(
                cast,
                case,
                f"{office}_examiner",
                "finish_at_once",
                at,
                result_words="办好",
                delivery=spec.delivery[0],
            )
        else:
            do(cast, case, f"{office}_examiner", "accept", at)
            do(cast, case, f"{office}_examiner", "report", at, opinion="符合")
            do(cast, case, f"{office}_leader", "grant", at, result_words="办好")
            do(cast, case, f"{office}_examiner", "deliver", at, delivery=spec.delivery[0])
    parent.refresh_from_db()
    assert (parent.step, parent.status) == ("done", "ended")
    assert set(parts()) == {code for code, _ in ways}
    said = sealed_fact(parts()["birth-register"], "answers")
    assert {line["code"]: line["value"] for line in said}["child"] == "林新生"
    assert replay(parent) == []


def test_a_licence_for_a_matter_keeps_what_the_matter_promises(service_cast: Cast) -> None:
    cast = service_cast
    put_in_force(cast, "food-permit")
    answers = {"category": "hot", "size": 80, "head": "陈安全"}
    papers = {"application": "brought", "layout": "brought", "rules": "brought", "health": "later"}
    case = applied(cast, "food-permit", by="clerk", answers=answers, papers=papers)
    do(cast, case, "market_examiner", "accept_tolerant", MONDAY)
    joint = {"handling": "joint", "public_interest": False, "helpers": ["350102-fire"]}
    do(cast, case, "market_examiner", "allot", MONDAY, **joint)
    promised = spec_of(MatterVersion.objects.get()).promised_limit
    assert case.due_at is not None
    assert case.statutory_due_at is not None
    assert promised.n < 20
    assert f"{local(case.due_at):%Y-%m-%d}" == "2026-06-09"  # six working days
    assert f"{local(case.statutory_due_at):%m-%d}" > "07-30"  # 45 by law, jointly


def test_what_two_have_to_agree_to_waits_for_both(service_cast: Cast) -> None:
    cast = service_cast
    put_in_force(cast, "subsistence")
    answers: dict[str, Any] = {"cause": "age", "income": 900, "consent": True, "adults": True}
    with pytest.raises(Invalid) as unnamed:
        applied(cast, "subsistence", by="clerk", answers=answers, papers={"authority": "brought"})
    assert set(unnamed.value.fields) == {"adult-name", "adult-phone"}
    answers |= {"adult-name": "王路人", "adult-phone": "13900000002"}
    own = {**answers, "adult-name": "林小邻", "adult-phone": "13900000001"}
    with pytest.raises(Invalid) as alone:
        applied(cast, "subsistence", by="clerk", answers=own, papers={"authority": "brought"})
    assert alone.value.code == "matters.signs_alone"
    case = applied(cast, "subsistence", by="clerk", answers=answers, papers={"authority": "brought"})
    signature = Case.objects.get(origin=case, procedure="co-signature")
    assert signature.applicant_id == cast.person("outsider").pk
    with pytest.raises(Refused):
        do(cast, case, "clerk", "accept", MONDAY)
    with pytest.raises(LinliError):
        do(cast, signature, "resident", "agree", MONDAY)  # nobody signs for another
    do(cast, signature, "outsider", "agree", MONDAY)
    do(cast, case, "clerk", "accept", MONDAY)
    assert case.step == "surveying"


def test_whoever_does_not_agree_is_not_asked_why_and_the_office_decides(service_cast: Cast) -> None:
    cast = service_cast
    put_in_force(cast, "subsistence")
    answers = {"cause": "age", "income": 900, "consent": True, "adults": True, "adult-name": "王路人", "adult-phone": "13900000002"}  # fmt: skip
    case = applied(cast, "subsistence", by="clerk", answers=answers, papers={"authority": "brought"})
    do(cast, Case.objects.get(origin=case), "outsider", "disagree", MONDAY)
    with pytest.raises(Refused) as refused:
        do(cast, case, "clerk", "accept", MONDAY)
    assert "没有同意" in refused.value.message.zh


def test_a_matter_without_questions_is_applied_for_by_its_papers(service_cast: Cast) -> None:
    cast = service_cast
    put_in_force(cast, "disability-card")
    version = MatterVersion.objects.get()
    version.spec = {**version.spec, "fields": []}
    version.save()
    case = applied(
        cast, answers={}, papers={"photo": "bring", "records": "bring", "guardian": "bring"}, commitment=False
    )
    assert set(states(case)) >= {"photo", "records"}


def test_a_signature_on_paper_counts_and_silence_is_none(service_cast: Cast) -> None:
    cast = service_cast
    put_in_force(cast, "subsistence")
    answers = {"cause": "age", "income": 900, "consent": True, "adults": True, "adult-name": "王路人", "adult-phone": "13900000002"}  # fmt: skip
    signed = applied(cast, "subsistence", by="clerk", answers=answers, papers={"authority": "brought"})
    do(
        cast,
        Case.objects.get(origin=signed),
        "clerk",
        "sign_on_paper",
        MONDAY,
        signed_how="带身份证到窗口签字",
    )
    do(cast, signed, "clerk", "accept", MONDAY)
    silent = applied(cast, "subsistence", by="clerk", answers=answers, papers={"authority": "brought"})
    engine.tick(MONDAY + timedelta(days=20))
    assert Case.objects.get(origin=silent).outcome == "not_signed"


def test_what_comes_out_of_a_case_is_begun_nowhere_else(law_cast: Cast) -> None:
    codes = {p.code for p in begun_by(law_cast.actor("clerk"))}
    assert "petition" in codes
    assert not codes & {"co-signature", "supplement", "responsibility-dispute", "cross-region"}
