"""Deciding for somebody in another place (为异地申请人办理): the other end is played by its messages."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from typing import Any

import pytest

from linli.base.errors import Invalid, NotAllowed, NotFound, Refused
from linli.domains.matters import cross_rules as rules
from linli.domains.matters import handing
from linli.domains.matters.application_fields import forget
from linli.domains.matters.cross_there import tell_news
from linli.domains.matters.models import CrossCase, Handover, MatterVersion
from linli.kernel.exchange.models import Message
from linli.kernel.people.models import Person
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import sealed_fact
from linli.kernel.procedures.models import Case
from linli.kernel.records.models import Attachment, Record
from tests.api import jpeg
from tests.cast import Cast
from tests.exchanging import Neighbour
from tests.servicecast import put_in_force

pytestmark = pytest.mark.django_db

MATTER = "no-crime-record"
APPLICANT = {"name": "赵远来", "phone": "13900000055", "id_number": ""}


def do(cast: Cast, case: Case, who: str, action: str, **data: Any) -> None:
    engine.act(case, action, data, by=cast.actor(who))
    case.refresh_from_db()


@pytest.fixture
def office(service_cast: Cast) -> Neighbour:
    put_in_force(service_cast, MATTER, "temporary-aid")
    made = Neighbour()
    made.admitted()
    return made


def application(**changed: Any) -> dict[str, Any]:
    photo = jpeg()
    return {
        "matter": MATTER,
        "applicant": APPLICANT,
        "answers": {"use": "入职", "agent": True},
        "papers": {"mandate": "bring"},
        "list": [{"code": "mandate", "title": ["委托书", "Authority"], "state": "brought", "n": 1}],
        "files": [
            {"name": "a.jpg", "sha256": sha256(photo).hexdigest(), "content": base64.b64encode(photo).decode()}
        ],
        "handovers": [
            {"uid": "019aca00-0000-7000-8000-000000000001", "way": "courier", "courier": "邮政", "waybill": "EM1",
             "papers": [{"code": "mandate", "title": ["委托书", "Authority"], "n": 1}], "gave": "台江窗口 甲"}
        ],
        **changed,
    }  # fmt: skip


def applied(office: Neighbour) -> Case:
    answer = office.says(office.written("matters.application", application()))
    assert answer.status_code == 200, answer.content
    return Case.objects.get(number=answer.json()["answer"]["number"])


def test_a_case_of_the_matters_own_is_opened(service_cast: Cast, office: Neighbour) -> None:
    case = applied(office)
    end = CrossCase.objects.get()
    assert (case.procedure, case.step, case.lead) == (
        "service",
        "received",
        service_cast.organisation("police"),
    )
    assert (end.side, end.other_number, end.told_seq) == ("taken", "350103-XR-2026-000001", 1)
    assert Person.objects.get(pk=case.applicant_id or 0).name == "赵远来"
    assert Attachment.objects.filter(case_id=case.pk).count() == 1
    slip = Handover.objects.get()
    assert (slip.direction, slip.gave, slip.took) == ("in", "台江窗口 甲", "")


def test_a_value_of_the_other_places_register_keeps_its_source(service_cast: Cast, office: Neighbour) -> None:
    put_in_force(service_cast, "resident-insurance")
    known = {"born": {"source": ["居民登记", "Register of residents"], "as_of": "2026-01-02"}}
    said = application(
        matter="resident-insurance",
        answers={"who": "newborn", "born": "2026-05-20"},
        papers={"form": "bring"},
        list=[],
        handovers=[],
        known=known,
    )
    answer = office.says(office.written("matters.application", said))
    assert answer.status_code == 200, answer.content
    case = Case.objects.get(number=answer.json()["answer"]["number"])
    lines = {line["code"]: line for line in sealed_fact(case, "answers")}
    assert lines["born"]["source"] == ["台江区：居民登记", "Taijiang: Register of residents"]
    assert lines["born"]["as_of"] == "2026-01-02"
    assert "source" not in lines["who"]


@pytest.mark.parametrize(
    "known",
    [
        "?",
        {"born": "?"},
        {"born": {"source": "?", "as_of": "2026-01-02"}},
        {"born": {"source": ["a", "b"], "as_of": "?"}},
    ],
)
def test_a_source_that_is_none_is_left_out(service_cast: Cast, office: Neighbour, known: Any) -> None:
    put_in_force(service_cast, "resident-insurance")
    answers = {"who": "newborn", "born": "2026-05-20"}
    said = application(
        matter="resident-insurance",
        answers=answers,
        papers={"form": "bring"},
        list=[],
        handovers=[],
        known=known,
    )
    answer = office.says(office.written("matters.application", said))
    case = Case.objects.get(number=answer.json()["answer"]["number"])
    assert all("source" not in line for line in sealed_fact(case, "answers"))


@pytest.mark.parametrize("born", ["昨天", {"a": 1}, ["2026-05-20"], "x" * 5000])
def test_a_known_value_is_checked_like_any_other(service_cast: Cast, office: Neighbour, born: Any) -> None:
    put_in_force(service_cast, "resident-insurance")
    known = {"born": {"source": ["居民登记", "Register"], "as_of": "2026-01-02"}}
    said = application(
        matter="resident-insurance",
        answers={"who": "newborn", "born": born},
        papers={"form": "bring"},
        list=[],
        handovers=[],
        known=known,
    )
    answer = office.says(office.written("matters.application", said))
    assert answer.json()["code"] == "matters.bad_application"
    assert not Case.objects.filter(procedure="service").exists()


def test_what_our_register_knows_is_neither_theirs_to_say_nor_told_to_them(
    service_cast: Cast, office: Neighbour
) -> None:
    put_in_force(service_cast, "resident-insurance")
    version = MatterVersion.objects.get(matter__code="resident-insurance")
    fields = [
        {**f, "element": "person.address", "type": "place"} if f["code"] == "born" else f
        for f in version.spec["fields"]
    ]
    MatterVersion.objects.filter(pk=version.pk).update(spec={**version.spec, "fields": fields})
    forget()
    resident = {"name": "林小邻", "phone": "13900000001", "id_number": "350102199001010016"}
    said = application(
        matter="resident-insurance",
        applicant=resident,
        answers={"who": "newborn", "born": "别处 1 号"},
        papers={"form": "bring"},
        list=[],
        handovers=[],
    )
    answer = office.says(office.written("matters.application", said))
    assert answer.status_code == 200, answer.content
    assert "和平路" not in answer.content.decode()
    case = Case.objects.get(procedure="service")
    assert {x["code"]: x["value"] for x in sealed_fact(case, "answers")}["born"] == "和平路 12 号"


def test_what_its_own_form_refuses_goes_back(service_cast: Cast, office: Neighbour) -> None:
    for changed, code in (
        ({"matter": "nothing"}, "exchange.not_there"),
        ({"matter": "temporary-aid"}, "matters.not_received_elsewhere"),
        ({"applicant": {"name": "", "phone": ""}}, "matters.no_applicant"),
        ({"answers": {}}, "matters.bad_application"),
        ({"list": "?"}, ""),
    ):
        raw = office.written("matters.application", application(**changed))
        answer = office.says(raw)
        if code:
            assert (answer.json()["code"], answer.status_code) in ((code, 409), (code, 422))
    assert not Case.objects.filter(procedure="service", title="nothing").exists()


def test_what_the_record_says_is_told_and_no_more(service_cast: Cast, office: Neighbour) -> None:
    case = applied(office)
    do(service_cast, case, "police_examiner", "take_papers", handed=["mandate"])
    do(service_cast, case, "police_examiner", "accept")
    do(service_cast, case, "police_examiner", "report", opinion="内部意见")
    do(service_cast, case, "police_leader", "refuse", reason="用途不属于查询范围", legal_basis="工作规定 4")
    assert tell_news() >= 3
    assert tell_news() == 0
    said = [json.loads(m.body)["body"] for m in Message.objects.filter(direction="out").order_by("id")]
    assert {s["for"] for s in said} == {"350103-XR-2026-000001"}
    last = said[-1]
    assert "用途不属于查询范围" in last["words"]["zh"]
    assert "行政复议" in last["words"]["zh"]
    assert "内部意见" not in json.dumps(said, ensure_ascii=False)
    do(service_cast, case, "police_examiner", "deliver", delivery="express")
    tell_news()
    ended = json.loads(Message.objects.filter(direction="out").latest("id").body)["body"]
    assert (ended["what"], bool(ended["outcome"])) == ("ended", True)


def test_the_applicant_corrects_and_withdraws_from_there(service_cast: Cast, office: Neighbour) -> None:
    case = applied(office)
    number = "350103-XR-2026-000001"
    early = office.says(
        office.written("matters.correction", {"for": case.number, "corrected": "x"}, case=number)
    )
    assert (early.status_code, early.json()["code"]) == (409, "matters.not_entered")
    do(service_cast, case, "police_examiner", "ask_correction", missing="缺签名")
    assert office.says(office.written("matters.correction", {"for": "", "corrected": "签了"}, case=number)).status_code == 200  # fmt: skip
    case.refresh_from_db()
    assert case.step == "received"
    office.says(office.written("matters.withdrawn", {"for": case.number}, case=number))
    case.refresh_from_db()
    assert case.step == "withdrawn"
    record = Record.objects.get(case_id=case.pk, action="withdraw")
    assert record.actor_kind == "resident"
    office.says(office.written("matters.delivered", {"for": case.number, "on": "2026-11-29"}, case=number))
    assert str(CrossCase.objects.get().delivered_on) == "2026-11-29"


def test_papers_are_taken_and_given(service_cast: Cast, office: Neighbour) -> None:
    case = applied(office)
    slip = Handover.objects.get()
    for who in ("resident", "neighbour_dispatcher"):
        with pytest.raises(NotFound):
            handing.take(slip, by=service_cast.actor(who))
        with pytest.raises(NotFound):
            handing.handover_seen(slip.uid, service_cast.actor(who))
    with pytest.raises(NotAllowed):
        handing.take(slip, by=service_cast.actor("supervisor"))
    examiner = service_cast.actor("police_examiner")
    handing.take(slip, by=examiner, lacking=["mandate", "nothing"], remark="缺页")
    slip.refresh_from_db()
    assert (slip.took, slip.lacking, slip.remark) == ("鼓楼区公安局 police_examiner", ["mandate"], "缺页")
    with pytest.raises(Refused):
        handing.take(slip, by=examiner)
    end = CrossCase.objects.select_related("case", "peer").get()
    with pytest.raises(Invalid) as caught:
        handing.give(end, by=examiner, papers=" ", courier="", waybill="SF1")
    assert set(caught.value.fields) == {"papers", "courier"}
    given = handing.give(end, by=examiner, papers="查询告知函", courier="顺丰", waybill="SF1")
    said = [m.kind for m in Message.objects.filter(direction="out").order_by("id")]
    assert said == ["matters.taken", "matters.handover"]
    assert Record.objects.filter(case_id=case.pk, action="case.noted").count() == 2
    back = {"for": case.number, "uid": str(given.uid), "took": "台江窗口 甲", "lacking": [], "took_at": "x"}
    office.says(office.written("matters.taken", back, case="350103-XR-2026-000001"))
    given.refresh_from_db()
    assert given.took == "台江窗口 甲"
    with pytest.raises(Refused):
        handing.take(given, by=examiner)


def test_what_is_said_of_papers() -> None:
    missing = [{"code": "a", "title": ["甲", "A"], "state": "missing"}]
    assert rules.news_of(None, None) == rules.MOVED
    assert rules.nothing_untold(missing, told=True) is None
    assert rules.supplied(missing, ["a"], with_files=True)[0]["state"] == "uploaded"
    assert rules.as_sent([{"code": "a", "state": "brought"}, {"code": "b", "state": "missing"}]) == {
        "a": "bring"
    }
