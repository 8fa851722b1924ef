"""A certificate of another county, from application to archive (跨区域办理全程), against a real second installation.

We are in this process, with a live server; the neighbour is a server and a worker of its own, with its own folder,
database and keys. Both exchange over HTTP on this machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.test import override_settings

from linli.base.clock import local, now
from linli.domains.matters import cross, handing
from linli.domains.matters.cross_catalogue import matter_there, matters_there
from linli.domains.matters.cross_dispute import raise_dispute
from linli.domains.matters.models import CrossCase, CrossDispute, Handover, ServiceRating
from linli.kernel.exchange import peers, sending
from linli.kernel.exchange.models import Message, Peer
from linli.kernel.people.actors import SYSTEM
from linli.kernel.procedures import engine, proof
from linli.kernel.procedures.casebook import timeline
from linli.kernel.procedures.models import Case, Counter
from linli.kernel.records.models import Attachment
from linli.kernel.records.uploads import take_upload
from tests.api import jpeg
from tests.cast import Cast
from tests.exchanging import NEIGHBOUR, Neighbour
from tests.faults.cross_house import CERTIFICATE, LICENCE, House

NUMBERS = count(1000, 1000)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, live_server: Any) -> Iterator[tuple[House, str, str]]:
    """The neighbour, made once: itself, its public key, and our folder with the key that it knows."""
    here, there = tmp_path_factory.mktemp("here"), tmp_path_factory.mktemp("there")
    made = House(there)
    with override_settings(LINLI_DATA_DIR=str(here)):
        key = made.begin(live_server.url, peers.own_key())
    try:
        made.start()
        made.work()
        made.wait()
        yield made, key, str(here)
    finally:
        made.end()


@pytest.fixture
def there(house: tuple[House, str, str], settings: Any, cast: Cast) -> House:
    made, key, settings.LINLI_DATA_DIR = house
    # Our tables begin anew with each test, the neighbour's do not: no number is given twice.
    Counter.objects.create(series=f"350102-XR-{local(now()).year}", last=next(NUMBERS))
    peers.admit(county=NEIGHBOUR, name="台江区", name_en="Taijiang", base_url=made.url, key=key, by=SYSTEM)
    return made


def until(found: Callable[[], Any], what: str, seconds: float = 60) -> None:
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        if found():
            return
        time.sleep(0.1)
    raise AssertionError(what)


def at(case: Case, step: str) -> Callable[[], bool]:
    def is_there() -> bool:
        case.refresh_from_db()
        return case.step == step

    return is_there


def received(cast: Cast) -> Case:
    """At the window: an application by somebody's agent, whose mandate is not there yet; one photo."""
    peer = Peer.objects.get()
    spec = matter_there(peer, CERTIFICATE)
    by = cast.actor("clerk")
    photo = take_upload(jpeg(), by=by, owner=f"account:{by.account_id}", name="申请书.jpg")
    receipt = cross.receive(
        peer,
        spec,
        by=by,
        area=cast.area("township"),
        channel="window",
        answers={"use": "入职体检", "agent": "true"},
        papers={},
        wish="window",
        files=[str(photo.uid)],
        applicant=cast.person("resident"),
        client_key="k-1",
    )
    return Case.objects.get(number=receipt.number)


def do(cast: Cast, case: Case, who: str, action: str, **data: Any) -> None:
    engine.act(case, action, data, by=cast.actor(who))
    case.refresh_from_db()


def facts(case: Case, cast: Cast) -> str:
    """All that the applicant reads."""
    entries = timeline(case, cast.actor("resident"))
    return "\n".join(f"{e.title.zh} {f.value}" for e in entries for f in e.facts)


def test_from_application_to_archive(cast: Cast, there: House) -> None:
    assert [row.code for row in matters_there(Peer.objects.get())] == [LICENCE, CERTIFICATE]
    case = received(cast)
    with pytest.raises(Exception, match="还缺"):
        do(cast, case, "clerk", "send", courier="邮政", waybill="EM1")
    do(cast, case, "clerk", "ask_missing", missing="缺委托书")
    do(cast, case, "resident", "supply", supplied="委托书原件送到窗口", papers_came=["mandate"])
    do(cast, case, "clerk", "send", courier="邮政", waybill="EM100200300CN")
    assert sending.deliver_due() == 1
    case.refresh_from_db()
    assert case.step == "there", Message.objects.values()
    number = CrossCase.objects.get().other_number
    assert number.startswith("350103-SV-")
    [electronic, parcel] = Handover.objects.order_by("id")
    assert (electronic.way, electronic.took) == ("electronic", "台江区 平台自动核验")
    assert (parcel.way, parcel.took_at) == ("courier", None)

    # There: the parcel is opened, a paper is lacking, which is said once; the applicant corrects it here.
    examiner, leader = "police_examiner", "police_leader"
    there.acts(examiner, number, "ask_correction", missing="委托书没有签名，请补签")
    until(at(case, "correcting"), "asked to correct")
    assert "委托书没有签名" in facts(case, cast)
    do(cast, case, "resident", "correct", supplied="已补签")
    sending.deliver_due()
    until(at(case, "there"), "corrected")
    there.acts(examiner, number, "take_papers", handed=["mandate"])
    there.acts(examiner, number, "accept")
    there.acts(examiner, number, "report", opinion="查无记录")
    there.acts(leader, number, "grant", result_words="未发现犯罪记录", result_number="台公证〔2026〕1号")
    there.acts(examiner, number, "deliver", delivery="express")
    until(at(case, "coming"), "decided")
    assert case.facts["their_outcome"] == "granted"
    assert "台公证〔2026〕1号" in facts(case, cast)
    assert "查无记录" not in facts(case, cast)  # internal over there

    do(cast, case, "clerk", "result_received", result_came="courier", result_note="证明一份")
    do(cast, case, "clerk", "deliver", delivery="window")
    do(cast, case, "clerk", "archive", archive_number="2026-跨-0001")
    do(cast, case, "resident", "rate", satisfied=5)
    sending.deliver_due()
    assert (case.step, case.status, case.outcome) == ("archived", "ended", "delivered")
    assert ServiceRating.objects.get().stars == 5
    assert not Message.objects.exclude(state__in=("acknowledged", "received")).exists()
    assert proof.verify_all().first_fault is None
    held = there.count()
    assert [number, "granted", "granted"] in held["cases"]
    assert str(CrossCase.objects.get().delivered_on) in held["delivered"]
    sent = Attachment.objects.select_related("file").get(case_id=case.pk, field="files")
    assert sent.file.sha256 in held["files"]
    assert held["fault"] is None
    assert {state for _, _, state in held["messages"]} == {"acknowledged", "received"}


def test_the_line_fails_and_nothing_is_lost_or_done_twice(cast: Cast, there: House) -> None:
    before = len(there.count()["messages"])
    case = received(cast)
    do(cast, case, "clerk", "ask_missing", missing="缺委托书")
    do(cast, case, "resident", "supply", supplied="送到窗口", papers_came=["mandate"])
    do(cast, case, "clerk", "send", courier="邮政", waybill="EM1")
    row = Message.objects.get()
    port = there.port
    Peer.objects.update(base_url="http://127.0.0.1:9")  # a wire that leads nowhere
    assert sending.deliver_due() == 1
    row.refresh_from_db()
    assert (row.state, row.last_error) == ("queued", "not reached: ConnectionRefusedError")
    Peer.objects.update(base_url=f"http://127.0.0.1:{port}")
    # The same message arrives twice, as when the answer was lost on its way.
    Message.objects.update(next_try_at=now())
    answer = sending._post(Message.objects.select_related("peer").get(), now())
    assert answer.status == 200
    assert sending.deliver_due() == 1
    case.refresh_from_db()
    assert (case.step, CrossCase.objects.get().other_number) == ("there", answer.content["answer"]["number"])

    # The other side is down for a while; two messages wait, and go in their order when it is back.
    there.kill()
    number = CrossCase.objects.get().other_number
    do(cast, case, "resident", "withdraw")
    assert sending.deliver_due() == 1
    assert Message.objects.get(kind="matters.withdrawn").state == "queued"
    there.start()
    there.wait()
    assert sending.deliver_due(at=now() + timedelta(minutes=2)) == 1
    assert there.asks("police_examiner", f"/cases/{number}")["step"]["code"] == "withdrawn"

    # Whoever is not their peer, or changes a word on the way, finds nothing there.
    import urllib.error
    import urllib.request

    raw = Message.objects.get(kind="matters.withdrawn").body.encode()
    stranger = Neighbour()
    for sent, headers in (
        (raw, stranger.headers(raw)),
        (raw.replace(b"matters.withdrawn", b"matters.delivered"), stranger.headers(raw)),
    ):
        request = urllib.request.Request(f"{there.url}{sending.PATH}", data=sent, headers=headers)
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=10)
        assert caught.value.code == 404
    came = there.count()["messages"][before:]
    assert [m[1] for m in came if m[0] == "in"] == ["matters.application", "matters.withdrawn"]


def test_papers_change_hands_both_ways(cast: Cast, there: House) -> None:
    case = received(cast)
    do(cast, case, "clerk", "ask_missing", missing="缺")
    do(cast, case, "resident", "supply", supplied="送到窗口", papers_came=["mandate"])
    do(cast, case, "clerk", "send", courier="邮政", waybill="EM1")
    sending.deliver_due()
    here = CrossCase.objects.select_related("case", "peer").get()
    handing.give(here, by=cast.actor("clerk"), papers="房产证原件", courier="顺丰", waybill="SF2")
    assert sending.deliver_due() == 1
    rows = there.count()["handovers"][-3:]
    assert [(r[0], r[1], r[3]) for r in rows] == [
        ("in", "electronic", "台江区 平台自动核验"),
        ("in", "courier", ""),
        ("in", "courier", ""),
    ]


def test_the_two_settle_who_puts_something_right(cast: Cast, there: House) -> None:
    case = received(cast)
    do(cast, case, "clerk", "ask_missing", missing="缺")
    do(cast, case, "resident", "supply", supplied="送到窗口", papers_came=["mandate"])
    do(cast, case, "clerk", "send", courier="邮政", waybill="EM1")
    sending.deliver_due()
    case.refresh_from_db()
    raised = raise_dispute(case, by=cast.actor("clerk"), about="paper", claim="包裹里少了一份")
    dispute = Case.objects.get(number=raised.number)
    assert sending.deliver_due() == 1
    number = CrossDispute.objects.get().other_number
    assert number.startswith("350103-RD-")
    there.acts("police_examiner", number, "not_ours", grounds="签收时封条完好")
    until(at(dispute, "unsettled"), "they do not agree")
    referral = {"superior": "市行政服务中心", "referred_on": "2026-12-03", "reference": "1号"}
    do(cast, dispute, "leader", "refer", **referral)
    ruling = {"responsible": "both", "ruling": "两地核对", "document_number": "7号", "ruled_on": "2026-12-20"}
    do(cast, dispute, "supervisor", "rule", **ruling)
    assert sending.deliver_due() == 2
    held = there.count()
    assert [number, "ruled", "ruled"] in held["cases"]
    assert held["fault"] is proof.verify_all().first_fault is None
