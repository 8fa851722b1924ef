"""Receiving for another place, and deciding for one (跨区域代收代办): each end alone, the other one played by its messages.

Both ends together, over a real line: tests/faults/test_cross_region.py.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from linli.base.errors import Invalid, LinliError, NotAllowed, NotFound, Refused
from linli.domains.matters import cross, cross_catalogue, handing
from linli.domains.matters import cross_rules as rules
from linli.domains.matters.cross_there import tell_news
from linli.domains.matters.models import CrossCase, Handover
from linli.domains.matters.reading import read_matter
from linli.domains.matters.shipped import matter_files, shipped
from linli.domains.matters.spec import MatterSpec
from linli.kernel.exchange.models import Message, PeerPage
from linli.kernel.people.models import AccessEntry, Person
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import sealed_fact, timeline
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.proof import verify_all
from linli.kernel.procedures.state import Receipt
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.records.models import Attachment, Record
from tests.api import jpeg
from tests.cast import Cast
from tests.exchanging import NEIGHBOUR, Neighbour
from tests.servicecast import put_in_force

pytestmark = pytest.mark.django_db

MATTER = "no-crime-record"
APPLICANT = {"name": "赵远来", "phone": "13900000055", "id_number": ""}


def spec(code: str = MATTER) -> MatterSpec:
    raw = next(r for r in shipped(matter_files()) if r["code"] == code)
    found, _ = read_matter(raw)
    assert found is not None
    return found


# ------------------------------------------------------------------------------------------ where it is received


@pytest.fixture
def there(cast: Cast) -> Neighbour:
    made = Neighbour()
    made.admitted()
    return made


Receives = Callable[..., Receipt]


@pytest.fixture
def receive(cast: Cast, there: Neighbour) -> Receives:
    from linli.kernel.exchange.models import Peer

    def open_one(**changed: Any) -> Receipt:
        entry: dict[str, Any] = {
            "by": cast.actor("clerk"),
            "area": cast.area("township"),
            "channel": "window",
            "answers": {"use": "入职", "agent": "true"},
            "papers": {"mandate": "brought"},
            "wish": "window",
            "applicant": cast.person("resident"),
        }
        return cross.receive(Peer.objects.get(), spec(), **{**entry, **changed})

    return open_one


def case_of(receipt: Receipt) -> Case:
    return Case.objects.get(number=receipt.number)


def do(cast: Cast, case: Case, who: str, action: str, **data: Any) -> None:
    engine.act(case, action, data, by=cast.actor(who))
    case.refresh_from_db()


def news(
    there: Neighbour, case: Case, what: str, *, number: str = "350103-SV-2026-000001", **more: Any
) -> Any:
    said = {"for": case.number, "what": what, "step": {"zh": "受理了", "en": "Accepted"}, **more}
    answer = there.says(there.written("matters.news", said, case=number))
    case.refresh_from_db()
    return answer


def sent(cast: Cast, receive: Receives) -> Case:
    case = case_of(receive())
    do(cast, case, "clerk", "send", courier="邮政", waybill="EM1")
    return case


def test_what_its_form_refuses_is_refused_here(cast: Cast, receive: Receives) -> None:
    for changed, field in (
        ({"answers": {"agent": "false"}}, "use"),
        ({"answers": {"use": "入职", "other": "x"}}, "other"),
        ({"papers": {"diploma": "brought"}}, "diploma"),
        ({"wish": "post"}, "address"),
    ):
        with pytest.raises(Invalid) as caught:
            receive(**changed)
        assert set(caught.value.fields) == {field}
    with pytest.raises(Refused) as refused:
        receive(applicant=None)
    assert refused.value.code == "matters.no_applicant"
    with pytest.raises(NotAllowed):
        receive(by=cast.actor("grid_worker"))
    assert not CrossCase.objects.exists()


def test_a_resident_applies_online(cast: Cast, receive: Receives) -> None:
    case = case_of(
        receive(
            by=cast.actor("resident"), channel="web", papers={"mandate": "bring"}, area=cast.area("grid1")
        )
    )
    assert case.step == "received"
    with pytest.raises(Refused, match="还缺：委托书"):  # it was to be brought, and nobody has it yet
        do(cast, case, "clerk", "send")
    do(cast, case, "clerk", "ask_missing", missing="缺委托书原件")
    assert visible_to(cast.actor("clerk")).filter(pk=case.pk).exists()  # whoever asked also takes it in
    assert case.lead == cast.post("clerk").organisation


def test_an_original_needs_a_courier(cast: Cast, receive: Receives) -> None:
    case = case_of(receive())
    with pytest.raises(Invalid) as caught:
        do(cast, case, "clerk", "send", courier="邮政")
    assert set(caught.value.fields) == {"waybill"}
    do(cast, case, "clerk", "send", courier="邮政", waybill="EM1")
    [slip] = Handover.objects.all()
    assert (slip.way, slip.waybill, slip.gave, slip.took_at) == (
        "courier",
        "EM1",
        "鼓东街道办事处 周窗口",
        None,
    )
    body = json.loads(Message.objects.get().body)["body"]
    assert (body["matter"], body["papers"], body["applicant"]["name"]) == (
        MATTER,
        {"mandate": "bring"},
        "林小邻",
    )
    assert body["answers"] == {"use": "入职", "agent": True}


def test_what_registers_here_know_goes_along_with_its_source(service_cast: Cast, there: Neighbour) -> None:
    """The child's birth date is not asked: it is taken from the register here, and the look is in the child's own list."""
    from linli.kernel.exchange.models import Peer

    insurance = spec("resident-insurance")
    entry: dict[str, Any] = {
        "by": service_cast.actor("clerk"),
        "area": service_cast.area("township"),
        "channel": "window",
        "papers": {"form": "brought"},
        "wish": "window",
        "applicant": service_cast.person("resident"),
    }
    answers = {"who": "newborn"}
    case = case_of(cross.receive(Peer.objects.get(), insurance, answers=answers, **entry))
    end = CrossCase.objects.get()
    assert (end.n_spared_fields, end.n_spared_papers) == (
        5,
        1,
    )  # name, card, phone, address, birth date; a paper
    looks = AccessEntry.objects.filter(case_number=case.number).values_list("person__pk", flat=True)
    assert set(looks) == {service_cast.person("resident").pk, service_cast.person("child").pk}
    parcel = {"courier": "邮政", "waybill": "EM1"}
    engine.act(case, "send", parcel, by=service_cast.actor("clerk"))
    body = json.loads(Message.objects.get().body)["body"]
    assert body["answers"]["born"] == "2025-11-02"
    assert body["known"]["born"]["source"][0] == "窗口登记"


def test_what_is_missing_is_said_once(cast: Cast, receive: Receives) -> None:
    case = case_of(receive(papers={}))
    do(cast, case, "clerk", "ask_missing", missing="缺委托书原件")
    do(cast, case, "resident", "supply", supplied="说过几天送来")
    with pytest.raises(Refused):
        do(cast, case, "clerk", "ask_missing", missing="还要别的")
    do(cast, case, "clerk", "send")  # told once: what there is goes on, and the other place decides
    assert case.step == "sent"


def test_it_follows_what_the_other_place_says(cast: Cast, receive: Receives, there: Neighbour) -> None:
    case = sent(cast, receive)
    assert news(there, case, "moved").status_code == 200
    assert (case.step, case.facts["their_number"]) == ("there", "350103-SV-2026-000001")
    words = {"zh": "缺签名", "en": "No signature"}
    news(there, case, "asked", words=words)
    assert case.step == "correcting"
    do(cast, case, "resident", "correct", supplied="签了")
    assert Message.objects.get(kind="matters.correction").state == "queued"
    photo = jpeg()
    file = {
        "name": "证明.jpg",
        "sha256": sha256(photo).hexdigest(),
        "content": base64.b64encode(photo).decode(),
    }
    news(there, case, "ended", outcome="granted", files=[file])
    assert (case.step, case.facts["their_outcome"]) == ("coming", "granted")
    kept = Attachment.objects.select_related("file").get(case_id=case.pk, field="their_files")
    assert (kept.file.sha256, kept.public_file_id) == (file["sha256"], kept.file_id)
    read = [f.value for e in timeline(case, cast.actor("resident")) for f in e.facts]
    assert any(getattr(v, "zh", "") == "缺签名" for v in read)
    with pytest.raises(Refused):
        do(cast, case, "resident", "withdraw")
    do(cast, case, "clerk", "result_received", result_came="electronic")
    do(cast, case, "clerk", "deliver", delivery="electronic")
    do(cast, case, "clerk", "archive", archive_number="1")
    assert case.outcome == "delivered"
    news(there, case, "moved")  # overturned over there: it is taken up again here, too
    assert case.step == "there"
    assert verify_all().first_fault is None


def test_no_stranger_and_no_other_case_is_told_of(cast: Cast, receive: Receives, there: Neighbour) -> None:
    case = sent(cast, receive)
    stranger = Neighbour()
    assert news(stranger, case, "ended", outcome="granted").status_code == 404
    other = there.says(there.written("matters.news", {"for": "350102-EV-2026-000001", "what": "ended"}))
    assert (other.status_code, other.json()["code"]) == (409, "matters.no_such_handover")
    wrong = {"name": "a.jpg", "sha256": "0" * 64, "content": base64.b64encode(jpeg()).decode()}
    script = base64.b64encode(b"<script>").decode()
    for bad in (
        wrong,
        {**wrong, "content": "?"},
        {"sha256": sha256(b"<script>").hexdigest(), "content": script},
    ):
        assert news(there, case, "moved", files=[bad]).json()["code"] == "matters.bad_files"
    assert case.step == "sent"


def test_nobody_enters_their_news_but_the_system(cast: Cast, receive: Receives) -> None:
    case = sent(cast, receive)
    step = {"zh": "同意", "en": "Granted"}
    for who in ("clerk", "supervisor", "leader", "resident"):
        with pytest.raises(LinliError):
            do(cast, case, who, "decided", their_outcome="granted", their_step=step)


def test_a_refused_message_comes_back_to_the_window(cast: Cast, receive: Receives) -> None:
    from linli.base.i18n import Text

    case = sent(cast, receive)
    cross.application_refused(Message.objects.get(), Text("没有这个事项。", "No such matter."))
    case.refresh_from_db()
    assert case.step == "received"
    do(cast, case, "clerk", "send", courier="邮政", waybill="EM1")
    assert Message.objects.count() == 2
    assert Handover.objects.count() == 1  # the parcel is on its way already


def test_only_what_is_listed_as_received_elsewhere(cast: Cast, there: Neighbour) -> None:
    from linli.kernel.exchange.models import Peer

    peer = Peer.objects.get()
    rows = [
        {"code": c, "title": {"zh": c, "en": c}, "short": {"zh": c, "en": c}, "promised_limit": "2 working days", "scope": s}
        for c, s in (("a", "local"), ("b", "cross"), ("c", "province"))
    ]  # fmt: skip
    from linli.base.clock import now

    path = f"/api/v1/matters?area={NEIGHBOUR}&limit=100"
    PeerPage.objects.create(peer=peer, path=path, content={"items": rows, "next": None}, read_at=now())
    assert [r.code for r in cross_catalogue.matters_there(peer)] == ["b", "c"]
    assert [r.code for r in cross_catalogue.matters_there(peer, "C")] == ["c"]
    assert cross_catalogue.matters_there(peer)[0].promised.zh == "2 个工作日"
    local = next(r for r in shipped(matter_files()) if r["code"] == "temporary-aid")
    detail = f"/api/v1/matters/temporary-aid?area={NEIGHBOUR}"
    PeerPage.objects.create(peer=peer, path=detail, content={"file": local}, read_at=now())
    with pytest.raises(NotFound):
        cross_catalogue.matter_there(peer, "temporary-aid")


# ------------------------------------------------------------------------------------------ where it is decided


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
