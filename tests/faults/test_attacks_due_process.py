"""Attempts on what protects people (对正当程序的越权尝试): remedies, recusal, publicity, supervision, proofs, beginning a case.

Each was tried by hand once and found open, or nearly so. `test_attacks` has the attempts on cases as such.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from linli.base.errors import LinliError, NotAllowed, NotFound, Refused
from linli.domains.disputes.tests import ways
from linli.domains.disputes.tests.ways import opened, petition
from linli.domains.events.tests.test_many_hands import GARDEN, NOT_OURS, PROPERTY, in_post, joint
from linli.kernel.notices.models import Notice
from linli.kernel.people.actors import Actor, actor_for
from linli.kernel.people.models import Appointment, Delegation
from linli.kernel.procedures import engine, moving, overseeing, queries, versions
from linli.kernel.procedures.models import Case, ProcedureVersion, Recusal
from linli.kernel.procedures.versions import load_all
from linli.kernel.publicity.models import Publication
from linli.kernel.records.models import Record
from tests.api import caller
from tests.cast import Cast
from tests.events import MONDAY, event_at, reported
from tests.faults.test_attacks import appointed, complained_about, follows
from tests.publicity import MONDAY as SHOWN_AT
from tests.publicity import SECRET_NAME, proposed, shown_by

pytestmark = pytest.mark.django_db

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DISAGREE = {"reason": "过渡费应发到回迁之日。"}
UPHOLD = {"finding": "原意见遗漏协议第六条。", "order": "重新核定。", "opinion_number": "复查〔2026〕1号"}
STANDS = {
    "finding": "正确。",
    "reason": "已终止。",
    "legal_basis": "信访工作条例 32",
    "opinion_number": "2号",
}
DECLINED = {"reason": "不属本街道", "legal_basis": "意见 四(三)"}


def rejected_by(cast: Cast, who: Actor) -> tuple[Case, datetime]:
    """A petition whose opinion was given by this person, and asked to be reviewed a day later."""
    case, at = petition(cast, [ways.FORWARD, ways.ACCEPT])
    engine.act(case, "reject", ways.OPINION, by=who, at=at + DAY)
    return opened(
        cast, "petition-review", {"challenged": case.number, **DISAGREE}, at=at + 2 * DAY
    ), at + 3 * DAY


def _first(review: Case) -> Case:
    assert review.origin is not None
    return review.origin


def deputy(cast: Cast, post: str, absent: str, stands_in: str) -> Actor:
    """Who stands in for somebody in one of their posts (代理)."""
    Delegation.objects.create(
        appointment=Appointment.objects.get(post=cast.post(post), account=cast.account(absent)),
        deputy=cast.account(stands_in),
        from_on=date(2026, 1, 2),
        to_on=date(2027, 1, 1),
        made_at=MONDAY,
    )
    return actor_for(cast.account(stands_in))


def refused(review: Case, by: Actor, at: datetime, action: str = "uphold", **data: Any) -> None:
    with pytest.raises(Refused, match="您须回避"):
        engine.act(review, action, data or UPHOLD, by=by, at=at)


# ------------------------------------------------------------------------------------------- who decided it already


def test_who_decided_does_not_review_in_another_post_nor_a_deputy_of_theirs(law_cast: Cast) -> None:
    both = appointed(law_cast, "petition_county", "handler")
    review, at = rejected_by(law_cast, both)
    refused(review, both, at)
    refused(review, both, at, "hand_up", reason="移送。")
    refused(review, deputy(law_cast, "petition_county", "petition_county", "garden_examiner"), at)


def test_what_a_deputy_decided_is_not_reviewed_by_whom_they_stood_in_for(law_cast: Cast) -> None:
    both = appointed(law_cast, "petition_county", "handler")
    review, at = rejected_by(law_cast, deputy(law_cast, "handler", "petition_county", "other_handler"))
    refused(review, both, at)


def test_who_gave_the_first_opinion_has_no_hand_in_the_review_of_its_review(law_cast: Cast) -> None:
    both = appointed(law_cast, "petition_city", "handler")
    review, at = rejected_by(law_cast, both)
    engine.act(review, "reject", STANDS, by=law_cast.actor("petition_county"), at=at)
    again = opened(law_cast, "petition-rereview", {"challenged": review.number, **DISAGREE}, at=at + DAY)
    refused(again, both, at + 2 * DAY, "reject", **STANDS, body="福州市信访局")
    refused(again, both, at + 2 * DAY, "hold_hearing", subject="协议第六条")
    engine.act(again, "supplement", {"note": "附原卷。"}, by=both, at=at + 2 * DAY)  # a note decides nothing


def test_who_decided_does_not_supervise_the_remedy_either(law_cast: Cast) -> None:
    both = appointed(law_cast, "supervisor", "handler")
    review, at = rejected_by(law_cast, both)
    for verb in (overseeing.urge, overseeing.take_over):
        with pytest.raises(Refused, match="您须回避"):
            verb(review.number, "请尽快维持。", by=both, at=at)
    assert not Record.objects.filter(case_id=review.pk, action__startswith="supervise.").exists()


def test_a_remedy_is_not_taken_over_into_the_hands_of_who_decided(law_cast: Cast) -> None:
    review, at = rejected_by(law_cast, law_cast.actor("handler"))
    in_post(law_cast, "municipal", "own_reviewer", "petition_reviewer")
    with pytest.raises(Refused, match="就是这个单位作出的"):
        overseeing.take_over(
            review.number,
            "原单位最清楚。",
            by=law_cast.actor("supervisor"),
            organisation="350102-municipal",
            at=at,
        )


def test_a_newer_version_takes_no_remedy_away(law_cast: Cast) -> None:
    """The step of the decision has another name by now."""
    case, at = petition(law_cast, [ways.FORWARD, ways.ACCEPT, ways.REJECT])
    load_all()
    raw = versions.shipped_files()["petition"][1]
    last = ProcedureVersion.objects.filter(code="petition", jurisdiction="").latest("version")
    steps = json.loads(json.dumps(raw["steps"], default=str).replace('"handling"', '"in_hand"'))
    text = json.loads(
        json.dumps({**raw, "steps": steps}, default=str).replace('"from": "handling"', '"from": "in_hand"')
    )
    mapping = {"from": [last.version], "basis": "测试", "steps": {"handling": "in_hand"}}
    target = versions._store(versions.Loading("", {**text, "moves": mapping}))
    versions.forget()
    moved = list(moving.move_all(target, by=law_cast.actor("admin"), at=at + DAY))
    assert [m.moved for m in moved] == [True], [m.refused for m in moved]
    with time_machine.travel(at + DAY, tick=False):
        page = law_cast.client("resident").get(reverse("web:case", args=[case.number])).content.decode()
    assert reverse("web:remedy", args=[case.number]) in page
    opened(law_cast, "petition-review", {"challenged": case.number, **DISAGREE}, at=at + 2 * DAY)
    versions.forget()


def test_who_disputes_a_part_does_not_decide_the_dispute(cast: Cast) -> None:
    in_post(cast, "property", "property_handler")
    case = joint(cast)
    engine.act(case, "dispute_part", NOT_OURS, by=cast.actor("other_handler"), at=MONDAY + 3 * HOUR)
    both = appointed(cast, "other_handler", "dispatcher")
    in_post(cast, "committee", "committee_handler")
    for action, data in (
        ("part_drop", {"reason": "不需要。"}),
        ("part_back", {"reason": "归园林。"}),
        ("part_other", {"instead": "350102-committee", "reason": "归社区。"}),
    ):
        with pytest.raises(Refused, match="您须回避"):
            engine.act(case, action, data, by=both, at=MONDAY + 4 * HOUR)
    blocked = {a.code for a in engine.open_actions(case, both) if a.blocked is not None}
    assert {"part_drop", "part_back", "part_other"} <= blocked


@pytest.mark.parametrize("instead", [GARDEN, PROPERTY, "350102-municipal"])
def test_a_disputed_part_does_not_go_to_who_has_a_part(cast: Cast, instead: str) -> None:
    """Back to the same organisation under another name, or as a second part."""
    property_handler = in_post(cast, "property", "property_handler")
    case, at = joint(cast), MONDAY + 3 * HOUR
    engine.act(case, "dispute_part", NOT_OURS, by=cast.actor("other_handler"), at=at)
    engine.act(case, "dispute_part", NOT_OURS, by=property_handler, at=at)
    with pytest.raises(Refused):
        engine.act(
            case, "part_other", {"instead": instead, "reason": "x"}, by=cast.actor("dispatcher"), at=at
        )


# ------------------------------------------------------------------------------------------------ the recused


def test_who_is_recused_supervises_nothing_on_the_pages_either(cast: Cast) -> None:
    load_all()
    case = complained_about(cast, "government")
    client = cast.client("supervisor")
    for verb in overseeing.VERBS:
        address = reverse("web:supervise", args=[case.number, verb])
        assert client.get(address).status_code == client.post(address, {"key": "k"}).status_code == 404
        told = {"data": {"supervision_words": "快点"}}
        path = f"/cases/{case.number}/actions/supervise.{verb}"
        assert caller(cast, "supervisor").post(path, told).status_code == 404
    assert _urging(client, case.number) == _urging(client, "350102-EV-2026-999999")


def _urging(client: Client, number: str) -> str:
    page = client.get(reverse("web:urge_many"), {"number": number}).content.decode()
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page).replace(number, "")


def test_a_later_recusal_reaches_all_that_came_out_of_the_case(law_cast: Cast) -> None:
    review, at = rejected_by(law_cast, law_cast.actor("handler"))
    engine.act(review, "reject", STANDS, by=law_cast.actor("petition_county"), at=at)
    again = opened(law_cast, "petition-rereview", {"challenged": review.number, **DISAGREE}, at=at + DAY)
    accused = {"accused": ["350102-petition-office", "350102-city-petition-office"]}
    first = _first(review)
    engine.act(first, "recuse", accused, by=law_cast.actor("petition_town"), at=at + 2 * DAY)
    for case, who in ((first, "petition_county"), (review, "petition_county"), (again, "petition_city")):
        with pytest.raises(NotFound):
            queries.access_case(case.number, law_cast.actor(who))
        assert Recusal.objects.filter(case=case).count() == 2
        assert law_cast.client(who).get(reverse("web:case_proof", args=[case.number])).status_code == 404
    told = Notice.objects.filter(account=law_cast.account("petition_city"), created_at__gte=at + 2 * DAY)
    assert not told.exists()


def test_the_dry_run_of_a_move_names_no_case_that_the_reader_is_recused_from(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linli.web.tests.test_moving_page import HERE, newer

    load_all()
    hidden, shown = complained_about(cast, "government"), event_at(cast, "handling")
    newer()
    client = cast.client("admin")
    page = client.get(HERE).content.decode()
    file = b"".join(client.get("/staff/admin/procedures/grid-event/move.csv")).decode("utf-8-sig")
    for text in (page, file):
        assert shown.number in text
        assert hidden.number not in text


# ------------------------------------------------------------------------------------------------- outsiders


def test_nobody_challenges_the_decision_about_somebody_else(law_cast: Cast) -> None:
    review, at = rejected_by(law_cast, law_cast.actor("handler"))
    number = _first(review).number
    follows(Case.objects.get(number=number), law_cast.person("outsider").pk)
    for who in ("outsider", "anonymous", "handler"):
        with pytest.raises(LinliError):
            opened(law_cast, "petition-review", {"challenged": number, **DISAGREE}, by=who, at=at)
        assert law_cast.client(who).get(reverse("web:remedy", args=[number])).status_code == 404
    assert Case.objects.filter(procedure="petition-review").count() == 1


def test_the_party_asks_online_from_the_decision_on_and_reads_where_it_stands(law_cast: Cast) -> None:
    """The opinion of a petition does not end it: rating and filing follow, and the thirty days run meanwhile."""
    case, at = petition(law_cast, [ways.FORWARD, ways.ACCEPT, ways.REJECT])
    client = law_cast.client("resident")
    address = reverse("web:remedy", args=[case.number])
    with time_machine.travel(at + DAY, tick=False):
        assert address in client.get(reverse("web:case", args=[case.number])).content.decode()
        assert client.post(address, {**DISAGREE, "key": "k1"}).status_code == 302
        review = Case.objects.get(procedure="petition-review")
        page = client.get(reverse("web:case", args=[case.number])).content.decode()
    assert review.origin_id == case.pk
    assert review.number in page
    assert address not in page


def test_who_reported_the_same_does_not_read_what_the_applicant_sought(cast: Cast) -> None:
    case = reported(cast)
    follows(case, cast.person("outsider").pk)
    engine.act(case, "decline", DECLINED, by=cast.actor("dispatcher"))
    sent = cast.client("resident").post(
        reverse("web:remedy", args=[case.number]), {"reason": "就是他们的事", "key": "k1"}
    )
    assert sent.status_code == 302
    review = Case.objects.get(procedure="event-review")
    engine.act(review, "reject", {"reason": "不变", "legal_basis": "意见 四"}, by=cast.actor("supervisor"))
    for answer in (
        cast.client("outsider").get(reverse("web:case", args=[case.number])),
        caller(cast, "outsider").get(f"/cases/{case.number}"),
    ):
        assert answer.status_code == 200
        assert "复核" not in answer.content.decode()
        assert review.number not in answer.content.decode()


def test_a_proof_holds_no_more_than_its_reader_may_read(law_cast: Cast) -> None:
    case, _ = petition(law_cast, [ways.FORWARD, ways.ACCEPT, ways.REJECT])
    follows(case, law_cast.person("outsider").pk)
    address = reverse("web:case_proof", args=[case.number])
    for who in ("outsider", "handler"):
        rows = law_cast.client(who).get(address).json()["records"]
        assert [set(row) for row in rows] == [{"seq", "prev", "hash", "leaf"}] * len(rows)
    for who in ("neighbour_dispatcher", "other_handler", "anonymous"):
        assert law_cast.client(who).get(address).status_code == 404
    mine = law_cast.client("resident").get(address).json()["records"]
    assert any("entry" in row for row in mine)


@pytest.mark.parametrize(
    "code",
    ["supervise.urge", "supervise.take_over", "open", "remedy.opened", "linked.ended", "resumed", "claim"],
)
def test_what_the_house_records_by_itself_is_no_action(cast: Cast, code: str) -> None:
    case = event_at(cast, "handling")
    for who in ("supervisor", "dispatcher", "handler", "resident"):
        with pytest.raises(LinliError):
            engine.act(case, code, {"supervision_words": "x"}, by=cast.actor(who))
    sent = caller(cast, "handler").post(
        f"/cases/{case.number}/actions/{code}", {"data": {"supervision_words": "x"}}
    )
    assert sent.status_code in {404, 409}
    assert Record.objects.filter(case_id=case.pk).count() == 4


def test_what_the_system_does_is_done_by_nobody_else(law_cast: Cast) -> None:
    case, at = petition(law_cast, [ways.FORWARD, ways.ACCEPT, ways.REJECT])
    for who in ("handler", "petition_town", "petition_county", "supervisor", "resident"):
        for action in ("review_upheld", "close_unrated", "hearing_over"):
            with pytest.raises(NotAllowed):
                engine.act(case, action, by=law_cast.actor(who), at=at + DAY)


# ------------------------------------------------------------------------------------------------ what is public


def test_names_and_numbers_in_free_words_are_not_published(public_notices: Cast) -> None:
    case = proposed(
        public_notices,
        applicant="outsider",
        matter=f"翻修{SECRET_NAME}家老屋",
        detail=f"{SECRET_NAME}和王路人，电话１３９ ０００００００１，证件 350102 1990 0101 0016。",
    )
    row = shown_by(case)
    with time_machine.travel(SHOWN_AT + DAY, tick=False):
        texts = [str(row.facts), row.subject, *_read_by_anybody(row)]
    for text in texts:
        for secret in (SECRET_NAME, "王路人", "0000001", "１３９ ０", "19900101", "1990 0101"):
            assert secret not in text, secret
    engine.act(
        case, "take_back", {"reason": f"{SECRET_NAME}的户口不在本村。", "document": "x"},
        by=public_notices.actor("dispatcher"), at=SHOWN_AT + DAY,
    )  # fmt: skip
    assert SECRET_NAME not in Publication.objects.get(pk=row.pk).withdraw_reason


def _read_by_anybody(row: Publication) -> list[str]:
    pages = (f"/public/{row.uid}/", f"/public/{row.uid}/poster/", "/public/", "/public/feed.atom", "/")
    api = (f"/api/v1/public/{row.uid}", "/api/v1/public")
    return [Client().get(page).content.decode() for page in (*pages, *api)]


def test_words_on_public_notices_are_text_everywhere(public_notices: Cast) -> None:
    evil = "<img src=x onerror=alert(1)>\"'{{7*7}}"
    row = shown_by(proposed(public_notices, matter=evil, detail=f"]]><script>{evil}\x0b"))
    with time_machine.travel(SHOWN_AT + DAY, tick=False):
        for text in _read_by_anybody(row)[:5]:
            assert "<img src=x" not in text
            assert "<script>&lt;" not in text.replace("&amp;", "&")
            assert "<script><" not in text
            assert "\x0b" not in text or "<feed" not in text


def test_objections_without_an_account_are_limited(public_notices: Cast) -> None:
    """Each holds up the notice until somebody has answered it."""
    row = shown_by(proposed(public_notices))
    sent = []
    with time_machine.travel(SHOWN_AT + DAY, tick=False):
        for n in range(31):
            data = {"why": "不同意", "key": f"k{n}"}
            sent.append(Client().post(f"/public/{row.uid}/object/", data).status_code)
    assert sent == [302] * 30 + [429]


def test_an_objection_comes_too_late_when_the_notice_has_just_come_down(public_notices: Cast) -> None:
    case = proposed(public_notices)
    engine.act(
        case, "take_back", {"reason": "材料不齐", "document": "x"}, by=public_notices.actor("dispatcher"),
        at=SHOWN_AT + HOUR,
    )  # fmt: skip
    with pytest.raises(Refused, match="已经结束或撤回"):
        engine.open_case(
            "test-objection", by=public_notices.actor("anonymous"), area=public_notices.area("village1"),
            data={"why": "不同意"}, channel="web", origin_id=case.pk, at=SHOWN_AT + HOUR,
        )  # fmt: skip
    assert not Case.objects.filter(procedure="test-objection").exists()


def test_who_enters_an_objection_for_somebody_is_not_its_party(public_notices: Cast) -> None:
    """Else the desk could withdraw what it wrote down, and the notice would end unanswered."""
    row = shown_by(proposed(public_notices))
    client = public_notices.client("clerk")
    with time_machine.travel(SHOWN_AT + DAY, tick=False):
        sent = client.post(f"/public/{row.uid}/object/", {"why": "不同意", "key": "k", "channel": "window"})
        assert sent.status_code == 302
        assert client.get(sent["Location"]).status_code == 200
    assert not client.session.get("linli_tracked")


def test_the_code_that_the_desk_printed_makes_nobody_there_a_party(cast: Cast) -> None:
    case = reported(cast, by="anonymous")
    for who in ("dispatcher", "clerk", "call_back"):
        with pytest.raises(NotAllowed):
            engine.act(case, "withdraw", {}, by=cast.actor(who).with_cases(frozenset({case.pk})))
    holder = cast.actor("anonymous").with_cases(frozenset({case.pk}))
    engine.act(case, "withdraw", {}, by=holder)
