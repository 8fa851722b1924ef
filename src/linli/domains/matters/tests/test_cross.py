"""Receiving for another place (异地代收): the end at which the applicant is; the other one is played by its messages.

Both ends together, over a real line: tests/faults/test_cross_region.py.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from linli.base.errors import Invalid, LinliError, NotAllowed, NotFound, Refused
from linli.domains.matters import cross, cross_catalogue, cross_news
from linli.domains.matters.models import CrossCase, Handover
from linli.domains.matters.reading import read_matter
from linli.domains.matters.shipped import matter_files, shipped
from linli.domains.matters.spec import MatterSpec
from linli.kernel.exchange.models import Message, PeerPage
from linli.kernel.people.actors import Acting
from linli.kernel.people.models import AccessEntry
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import sealed_fact, timeline
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.proof import verify_all
from linli.kernel.procedures.state import Receipt
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.records.models import Attachment
from tests.api import jpeg
from tests.cast import Cast
from tests.exchanging import NEIGHBOUR, Neighbour

pytestmark = pytest.mark.django_db

MATTER = "no-crime-record"


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


def test_under_a_mandate_it_is_of_whom_one_acts_for(service_cast: Cast, there: Neighbour) -> None:
    """Neither the helper's own register data nor their name goes into a neighbour's application."""
    from linli.kernel.exchange.models import Peer

    grantor, outsider = service_cast.person("resident"), service_cast.actor("outsider")
    acting = Acting("u", grantor.pk, None, "林*", "all", "", "", rates=False)
    receipt = cross.receive(
        Peer.objects.get(), spec("resident-insurance"), by=replace(outsider, acting=acting),
        area=service_cast.area("village1"), channel="web", answers={"who": "newborn"}, papers={"form": "bring"},
        wish="window", applicant=service_cast.person("outsider"),
    )  # fmt: skip
    case = case_of(receipt)
    assert case.applicant == grantor
    assert {line["code"]: line["value"] for line in sealed_fact(case, "answers")}["born"] == "2025-11-02"


def test_a_matter_without_questions_is_received_too(cast: Cast, receive: Receives) -> None:
    from linli.kernel.exchange.models import Peer

    asks_nothing = replace(spec(), fields=())
    receipt = cross.receive(
        Peer.objects.get(), asks_nothing, by=cast.actor("clerk"), area=cast.area("township"), channel="window",
        answers={}, papers={}, wish="window", applicant=cast.person("resident"),
    )  # fmt: skip
    assert case_of(receipt).step == "received"


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
    cross_news.application_refused(Message.objects.get(), Text("没有这个事项。", "No such matter."))
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
