"""Disputes on responsibility between two places (跨区域责任协商): each end alone, the other one played by its messages."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from linli.base.clock import now
from linli.base.errors import Invalid, LinliError, NotAllowed, NotFound, Refused
from linli.base.i18n import Text
from linli.domains.matters import cross, cross_dispute_there
from linli.domains.matters.cross_dispute import CODE, raise_dispute
from linli.domains.matters.cross_dispute_faces import beside
from linli.domains.matters.cross_there import tell_news
from linli.domains.matters.models import CrossCase, CrossDispute, Handover
from linli.domains.matters.tests.test_cross import MATTER, spec
from linli.domains.matters.tests.test_cross_there import APPLICANT, application
from linli.kernel.exchange.models import Message, Peer
from linli.kernel.notices.models import Notice
from linli.kernel.people.actors import Actor, Helped
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import timeline
from linli.kernel.procedures.models import Case, ClockSegment, Task
from linli.kernel.procedures.proof import verify_all
from linli.kernel.procedures.versions import current_version, procedure_of
from tests.cast import Cast
from tests.exchanging import NEIGHBOUR, Neighbour
from tests.servicecast import put_in_force, seat

pytestmark = pytest.mark.django_db

THERE = "350103-SV-2026-000001"
CLAIM = "11 月 20 日签收的包裹里没有委托书，交接单上有。"
SAID = {"about": "paper", "claim": CLAIM}
RULING = {
    "responsible": "deciding",
    "ruling": "由办理地向申请人书面说明",
    "document_number": "榕政服〔2026〕7号",
    "ruled_on": "2026-12-20",
}
REFERRAL = {
    "superior": "福州市行政服务中心管委会",
    "referred_on": "2026-12-03",
    "reference": "鼓政服〔2026〕3号",
}


class Ends:
    """Our end of an application and of its disputes, and the neighbour who holds the other one."""

    def __init__(self, cast: Cast, other: Neighbour) -> None:
        self.cast, self.other = cast, other
        self.number = "350103-XR-2026-000001"  # of the application, over there

    case: Case

    def raised(self, who: str, **changed: Any) -> Case:
        receipt = raise_dispute(self.case, by=self.cast.actor(who), **{**SAID, **changed})
        return Case.objects.get(number=receipt.number)

    def do(self, case: Case, who: str, action: str, **data: Any) -> None:
        engine.act(case, action, data, by=self.cast.actor(who))
        case.refresh_from_db()

    def says(self, kind: str, uid: Any = "", **body: Any) -> Any:
        dispute = CrossDispute.objects.order_by("case_id").last()
        uid = uid or (dispute.uid if dispute else "")
        said = {"for": self.case.number, "uid": str(uid), **body}
        return self.other.says(self.other.written(f"matters.dispute{kind}", said, case=self.number))

    def asks(self, uid: Any = "", **changed: Any) -> Any:
        return self.says("", uid or uuid4(), **{**SAID, "number": "350103-RD-2026-000009", **changed})


@pytest.fixture
def received(cast: Cast) -> Ends:
    """Where it was received: the neighbour has it, one parcel went there."""
    other = Neighbour()
    other.admitted()
    ends = Ends(cast, other)
    receipt = cross.receive(
        Peer.objects.get(), spec(), by=cast.actor("clerk"), area=cast.area("township"), channel="window",
        answers={"use": "入职", "agent": "true"}, papers={"mandate": "brought"}, wish="window", applicant=cast.person("resident"),
    )  # fmt: skip
    ends.case, ends.number = Case.objects.get(number=receipt.number), THERE
    ends.do(ends.case, "clerk", "send", courier="邮政", waybill="EM1")
    arrive(ends)
    return ends


def arrive(ends: Ends) -> None:
    news = {"for": ends.case.number, "what": "moved", "step": {"zh": "受理了", "en": "Accepted"}}
    assert ends.other.says(ends.other.written("matters.news", news, case=THERE)).status_code == 200
    ends.case.refresh_from_db()


@pytest.fixture
def deciding(service_cast: Cast) -> Ends:
    """Where it is decided: the office of the matter has the case."""
    put_in_force(service_cast, MATTER)
    other = Neighbour()
    other.admitted()
    ends = Ends(service_cast, other)
    assert other.says(other.written("matters.application", application())).status_code == 200
    ends.case = Case.objects.get(procedure="service")
    return ends


def told() -> list[tuple[str, dict[str, Any]]]:
    """What went to the other end about disputes."""
    rows = Message.objects.filter(direction="out", kind__startswith="matters.dispute").order_by("id")
    return [(m.kind.removeprefix("matters.dispute"), json.loads(m.body)["body"]) for m in rows]


# ------------------------------------------------------------------------------------------ raised here


def test_the_window_raises_and_they_take_it(received: Ends) -> None:
    slip = Handover.objects.get(way="courier")
    before = Task.objects.get(case=received.case, done_at__isnull=True)
    dispute = received.raised("clerk", papers="委托书", slips=[str(slip.uid)])
    assert (dispute.step, dispute.origin, dispute.applicant) == ("raised", received.case, None)
    [(_, body)] = told()
    assert (body["for"], body["claim"], body["slips"]) == (THERE, CLAIM, [str(slip.uid)])
    assert "周窗口" in body["raised_by"]
    cross_dispute_there.dispute_answered(
        Message.objects.get(kind="matters.dispute"), {"number": "350103-RD-2026-000001"}
    )
    assert CrossDispute.objects.get().other_number == "350103-RD-2026-000001"
    answer = received.says("_answer", what="taken_on", plan="我方补寄", done_by="2026-12-05")
    assert (answer.status_code, answer.json()["answer"]) == (200, {"noted": True})
    dispute.refresh_from_db()
    assert (dispute.outcome, dispute.facts["done_by"]) == ("agreed", "2026-12-05")
    # The application went on as if nothing were: the same step, the same task until the same moment, no pause.
    received.case.refresh_from_db()
    after = Task.objects.get(case=received.case, done_at__isnull=True)
    assert (received.case.step, after.uid, after.due_at) == ("there", before.uid, before.due_at)
    assert not ClockSegment.objects.filter(case=received.case).exists()
    assert received.raised("clerk").step == "raised"  # over: another may be raised
    assert verify_all().first_fault is None


def test_not_agreed_it_goes_to_the_common_superior(received: Ends) -> None:
    dispute = received.raised("clerk")
    received.says("_answer", what="not_agreed", grounds="签收时封条完好", by="台江公安 甲")
    dispute.refresh_from_db()
    said = {f.code: f.value for e in timeline(dispute, received.cast.actor("supervisor")) for f in e.facts}
    assert (said["grounds"], said["their_clerk"]) == ("签收时封条完好", "台江公安 甲")
    assert dispute.step == "unsettled"
    with pytest.raises(NotAllowed):
        received.do(dispute, "clerk", "refer", **REFERRAL)
    received.do(dispute, "leader", "refer", **REFERRAL)
    received.do(dispute, "supervisor", "rule", **RULING)
    assert (dispute.outcome, dispute.facts["responsible"]) == ("ruled", "deciding")
    kinds = [kind for kind, _ in told()]
    assert kinds == ["", "_referred", "_ruled"]
    assert REFERRAL.items() <= told()[1][1].items()
    assert RULING.items() <= told()[2][1].items()


def test_silence_is_no_answer_and_a_late_one_still_counts(received: Ends) -> None:
    dispute = received.raised("clerk")
    engine.tick(now() + timedelta(days=20))
    dispute.refresh_from_db()
    assert dispute.step == "unsettled"
    received.says("_answer", what="not_agreed", grounds="晚了")
    dispute.refresh_from_db()
    assert dispute.step == "unsettled"
    received.do(dispute, "supervisor", "refer", **REFERRAL)
    received.says("_answer", what="taken_on", plan="我方补寄", done_by="2026-12-05")
    dispute.refresh_from_db()
    assert dispute.outcome == "agreed"
    late = received.says("_ruled", **RULING)
    assert late.json()["answer"] == {"noted": False}  # settled: what comes after changes nothing


def test_withdrawn_the_other_end_hears_of_it(received: Ends) -> None:
    received.do(received.case, "resident", "withdraw")  # the papers are still to be found
    dispute = received.raised("clerk")
    received.do(dispute, "clerk", "withdraw", note="找到了，在本窗口")
    assert dispute.outcome == "withdrawn"
    assert [kind for kind, _ in told()] == ["", "_withdrawn"]
    received.raised("clerk", about="late")
    page = received.cast.client("admin").get(reverse("web:admin_peer", args=[NEIGHBOUR])).content.decode()
    assert "责任协商 2 件，在办 1 件：有一步办晚了 1；材料在路上丢了或者少了 1" in page
    assert verify_all().first_fault is None


def test_their_platform_does_not_take_it(received: Ends) -> None:
    dispute = received.raised("clerk")
    row = Message.objects.get(kind="matters.dispute")
    cross_dispute_there.dispute_refused(row, Text("不接收这种消息。", "Not taken."))
    dispute.refresh_from_db()
    assert dispute.step == "unsettled"
    received.do(dispute, "supervisor", "refer", **REFERRAL)
    assert [kind for kind, _ in told()] == [""]  # nothing is said to whom knows nothing of it


def test_who_may_not_raise_one(received: Ends) -> None:
    cast = received.cast
    seat(cast, "other_clerk", "clerk", "neighbour_street", cast.area("neighbour_township"))
    for who, refusal in (("supervisor", NotAllowed), ("other_clerk", NotFound), ("resident", NotFound)):
        with pytest.raises(refusal if who != "resident" else (NotAllowed, NotFound)):
            received.raised(who)
    for changed in ({"about": "anything"}, {"claim": " "}, {"slips": [str(uuid4())]}):
        with pytest.raises(Invalid):
            received.raised("clerk", **changed)
    first = received.raised("clerk")
    with pytest.raises(Refused) as refused:
        received.raised("clerk")
    assert (refused.value.code, first.number in refused.value.message.zh) == ("matters.dispute_open", True)
    assert CrossDispute.objects.count() == Case.objects.filter(procedure=CODE).count() == 1


def test_not_before_they_have_it_and_not_for_other_cases(received: Ends) -> None:
    cast = received.cast
    CrossCase.objects.update(other_number="")
    with pytest.raises(Refused) as early:
        received.raised("clerk")
    assert early.value.code == "matters.not_there_yet"
    other = engine.open_case(
        "grid-event", by=cast.actor("clerk"), area=cast.area("grid1"), channel="window", applicant=cast.person("resident"),
        data={"description": "灯不亮", "contact": "13900000001"},
    )  # fmt: skip
    with pytest.raises(Refused) as here:
        raise_dispute(
            Case.objects.get(number=other.number), by=cast.actor("clerk"), about="paper", claim=CLAIM
        )
    assert here.value.code == "matters.not_cross_region"
    with pytest.raises(LinliError):  # nor past the verb
        engine.open_case(
            CODE,
            by=cast.actor("clerk"),
            area=cast.area("grid1"),
            channel="case",
            data={"stance": "raised", **SAID},
        )
    assert not told()


def test_the_deciding_office_raises_one_and_its_head_refers_it(deciding: Ends) -> None:
    for who in ("clerk", "civil_examiner"):
        with pytest.raises(NotFound):
            deciding.raised(who)
    with pytest.raises(NotAllowed):
        deciding.raised("police_leader")
    dispute = deciding.raised("police_examiner", about="list")
    assert "police_examiner" in told()[0][1]["raised_by"]
    deciding.says("_answer", what="not_agreed", grounds="清单是贵方公布的")
    for who in ("leader", "civil_leader"):  # of a street, of another office
        with pytest.raises(NotFound):
            engine.act(dispute.number, "refer", REFERRAL, by=deciding.cast.actor(who))
    deciding.do(dispute, "police_leader", "refer", **REFERRAL)
    assert dispute.step == "referred"


# ------------------------------------------------------------------------------------------ raised there


def test_the_deciding_office_is_asked_and_takes_it(deciding: Ends) -> None:
    answer = deciding.asks(papers="委托书")
    assert answer.status_code == 200, answer.content
    mirror = Case.objects.get(procedure=CODE)
    assert answer.json()["answer"] == {"number": mirror.number}
    assert (mirror.step, mirror.origin, mirror.lead) == (
        "answering_office",
        deciding.case,
        deciding.case.lead,
    )
    assert mirror in [t.case for t in Task.objects.filter(queue=f"examiner#{mirror.lead_id}", done_at=None)]
    for who in ("civil_examiner", "clerk"):  # neither another office nor a township's window
        with pytest.raises(NotFound):
            engine.act(mirror.number, "take_on", {}, by=deciding.cast.actor(who))
    deciding.do(mirror, "police_examiner", "take_on", plan="我方补寄", done_by="2026-12-05")
    [(kind, body)] = told()
    assert (kind, body["what"], body["plan"], mirror.outcome) == ("_answer", "taken_on", "我方补寄", "agreed")


def test_nobody_settles_at_work_what_is_about_their_own_application(deciding: Ends) -> None:
    """The examiner is the applicant, or helps the applicant under a mandate: somebody else of the office answers."""
    deciding.asks()
    mirror, examiner = Case.objects.get(procedure=CODE), deciding.cast.actor("police_examiner")
    theirs = {"plan": "我方补寄", "done_by": "2026-12-05"}
    whose = deciding.case.applicant_id or 0
    for involved in (
        replace(examiner, person_id=whose),
        replace(examiner, person_id=0, helped=(Helped(whose, "all", "", ""),)),
    ):
        with pytest.raises(NotAllowed):
            engine.act(mirror, "take_on", theirs, by=involved)
        with pytest.raises((NotAllowed, Refused)):
            raise_dispute(deciding.case, by=involved, about="paper", claim=CLAIM)
    deciding.do(mirror, "police_examiner", "take_on", **theirs)


def test_not_agreed_by_us_it_waits_for_their_superior(deciding: Ends) -> None:
    deciding.asks()
    mirror = Case.objects.get(procedure=CODE)
    with pytest.raises(Refused):
        deciding.do(mirror, "police_examiner", "withdraw")
    deciding.do(mirror, "police_examiner", "not_ours", grounds="签收时封条完好")
    assert (mirror.step, told()[0][1]["what"]) == ("disagreed", "not_agreed")
    assert deciding.says("_referred", **REFERRAL).status_code == 200
    mirror.refresh_from_db()
    assert (mirror.step, mirror.facts["reference"]) == ("referred", REFERRAL["reference"])
    deciding.says("_ruled", **RULING)
    mirror.refresh_from_db()
    assert (mirror.outcome, mirror.facts["document_number"]) == ("ruled", RULING["document_number"])


def test_the_window_is_asked_and_their_withdrawal_ends_it(received: Ends) -> None:
    assert received.asks().status_code == 200
    mirror = Case.objects.get(procedure=CODE)
    assert mirror.step == "answering_window"
    assert mirror.pk in Task.objects.filter(queue="clerk@350102001", done_at=None).values_list(
        "case_id", flat=True
    )
    Case.objects.filter(pk=mirror.pk).update(lead=None)  # as of one that came online: no window has it yet
    received.do(mirror, "clerk", "not_ours", grounds="已经交接")
    assert (mirror.step, mirror.lead) == ("disagreed", received.cast.organisation("street"))
    assert received.says("_withdrawn", note="找到了").status_code == 200
    mirror.refresh_from_db()
    assert mirror.outcome == "withdrawn"


def test_what_is_not_theirs_to_say_is_not_taken(deciding: Ends) -> None:
    uid = uuid4()
    stranger, ours = Neighbour(), deciding.other
    body = {"for": deciding.case.number, "uid": str(uid), "number": "1", **SAID}
    raw = ours.written("matters.dispute", body, case=deciding.number)
    assert stranger.says(raw).status_code == 404  # signed by a key that nobody admitted
    headers = ours.headers(raw)
    assert ours.says(raw.replace("委托书".encode(), "户口本".encode()), headers).status_code == 404
    assert not Case.objects.filter(procedure=CODE).exists()
    assert [ours.says(raw, headers).status_code for _ in range(2)] == [200, 200]
    assert ours.says(raw).json()["answer"]["number"] == Case.objects.get(procedure=CODE).number
    for kind, said, case, code in (
        ("", {**body, "for": "350102-EV-2026-000001"}, "350103-XR-2026-000077", "matters.no_such_handover"),
        ("", {**body, "uid": str(uuid4())}, deciding.number, "matters.dispute_open"),
        ("", {**body, "uid": "?"}, deciding.number, "matters.bad_dispute"),
        ("_answer", {"uid": str(uid), "what": "taken_on"}, deciding.number, "matters.no_such_dispute"),
        (
            "_referred",
            {**REFERRAL, "uid": str(uid), "referred_on": "x"},
            deciding.number,
            "matters.not_entered",
        ),
        ("_ruled", {**RULING, "uid": str(uuid4())}, deciding.number, "matters.no_such_dispute"),
    ):
        answer = ours.says(ours.written(f"matters.dispute{kind}", said, case=case))
        assert (answer.status_code in (409, 422), answer.json()["code"]) == (True, code)
    assert Case.objects.filter(procedure=CODE).count() == 1


def test_of_two_that_cross_on_the_way_the_earlier_stands(received: Ends) -> None:
    mine = received.raised("clerk")
    own = CrossDispute.objects.get().uid
    later, earlier = (type(own)(int=own.int + n) for n in (1, -1))
    assert received.asks(later).json()["code"] == "matters.dispute_open"
    assert received.asks(earlier).status_code == 200
    mine.refresh_from_db()
    theirs = CrossDispute.objects.get(uid=earlier).case
    assert (mine.outcome, theirs.step) == ("withdrawn", "answering_window")
    row = Message.objects.get(kind="matters.dispute", direction="out")
    cross_dispute_there.dispute_refused(
        row, Text("有一件在办。", "One is open.")
    )  # as they must: nothing is left to do
    mine.refresh_from_db()
    assert mine.outcome == "withdrawn"


# ------------------------------------------------------------------------------------------ who reads what


def test_the_applicant_reads_one_sentence_and_is_asked_for_nothing(received: Ends) -> None:
    resident = received.cast.client("resident")
    page, records = (
        reverse("web:case", args=[received.case.number]),
        len(timeline(received.case, received.cast.actor("resident"))),
    )
    told_before = Notice.objects.filter(person=received.case.applicant_id).count()
    Message.objects.update(state="acknowledged")
    assert "两地商量" not in resident.get(page).content.decode()
    dispute = received.raised("clerk")
    shown = resident.get(page).content.decode()
    assert "正在与对方平台交接" not in shown
    assert "现在由台江区处理" in shown
    assert "不用为此做什么" in shown
    assert "鼓东街道办事处" in shown
    received.says("_answer", what="not_agreed", grounds="封条完好")
    assert "现在由鼓楼区处理" in resident.get(page).content.decode()
    received.do(dispute := Case.objects.get(pk=dispute.pk), "leader", "refer", **REFERRAL)
    assert "现在由两地共同的上级处理" in resident.get(page).content.decode()
    received.do(dispute, "supervisor", "rule", **RULING)
    after = resident.get(page).content.decode()
    for words in (CLAIM, "封条完好", "两地商量", "责任协商", RULING["ruling"], dispute.number):
        assert words not in after
    assert resident.get(reverse("web:case", args=[dispute.number])).status_code == 404
    received.case.refresh_from_db()
    assert len(timeline(received.case, received.cast.actor("resident"))) == records
    assert Notice.objects.filter(person=received.case.applicant_id).count() == told_before
    assert "责任协商" in str([e.title for e in timeline(received.case, received.cast.actor("supervisor"))])
    procedure = procedure_of(current_version(CODE, received.case.grid))
    acts = [a for s in procedure.steps.values() for a in s.actions.values()] + [*procedure.anywhere.values()]
    assert not any("applicant" in (*a.by, *a.notifies) for a in acts)
    assert all(s.actor != "applicant" for s in procedure.steps.values())


def test_what_we_settle_is_no_news_for_the_applicant_there(deciding: Ends) -> None:
    tell_news()
    deciding.asks()
    end = CrossCase.objects.select_related("case", "peer").get()
    party = Actor("resident", person_id=deciding.case.applicant_id)
    assert "现在由鼓楼区处理" in beside(end, party)["line"].zh
    assert "有事仍找台江区收件的窗口" in beside(end, party)["line"].zh
    mirror = Case.objects.get(procedure=CODE)
    deciding.do(mirror, "police_examiner", "take_on", plan="我方补寄", done_by="2026-12-05")
    assert beside(end, party)["line"] is None
    assert tell_news() == 0
    assert APPLICANT["name"] not in json.dumps(told(), ensure_ascii=False)


def test_the_card_shows_it_and_raises_it(received: Ends) -> None:
    clerk, number = received.cast.client("clerk"), received.case.number
    page, raise_ = reverse("web:staff_case", args=[number]), reverse("matters:dispute", args=[number])
    shown = clerk.get(page).content.decode()
    assert "提出责任协商" in shown
    assert "邮政 EM1" in shown
    clerk.post(raise_, {"about": "paper", "claim": ""})
    assert "没有提出。情况和理由：" in clerk.get(page).content.decode()
    slip = Handover.objects.get(way="courier")
    entry = {"about": "paper", "claim": CLAIM, "slips": [str(slip.uid)], "key": "k1"}
    done = clerk.post(raise_, entry)
    assert clerk.post(raise_, entry)["location"] == done["location"]  # pressed twice
    dispute = Case.objects.get(procedure=CODE)
    own = clerk.get(done["location"]).content.decode()
    for words in (CLAIM, number, THERE, "与台江区协商", "涉及", "邮政 EM1", "待对方答复"):
        assert words in own
    shown = clerk.get(page).content.decode()
    assert dispute.number in shown
    assert "待对方答复" in shown
    assert "提出责任协商" not in shown
    for who, status in (("supervisor", 403), ("handler", 404), ("resident", 403)):
        assert received.cast.client(who).post(raise_, entry).status_code == status
