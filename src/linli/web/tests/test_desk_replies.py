"""Canned replies (常用语): whose they are, what their fields become, what is never sent."""

from __future__ import annotations

import pytest

from linli.base.errors import Invalid, NotAllowed, NotFound
from linli.kernel.procedures import replies
from linli.kernel.procedures.models import CannedReply, Case
from linli.kernel.procedures.versions import load_all
from tests.cast import Cast
from tests.events import event_at, reported

pytestmark = pytest.mark.django_db
BODY = "您好，{{编号}} 应在 {{ 应办结 }} 前办结。{{单位}}"


@pytest.fixture(autouse=True)
def procedures(db: None) -> None:
    load_all()


def titles(cast: Cast, who: str) -> list[str]:
    return [r.title for r in replies.usable(cast.actor(who))]


def test_one_s_own_is_nobody_else_s(cast: Cast) -> None:
    mine = replies.write_reply("催一催", BODY, by=cast.actor("dispatcher"))
    assert titles(cast, "dispatcher") == ["催一催"]
    assert titles(cast, "call_back") == []
    for verb in (
        lambda: replies.write_reply("改", "改", by=cast.actor("call_back"), uid=mine.uid),
        lambda: replies.retire_reply(mine.uid, by=cast.actor("call_back")),
    ):
        with pytest.raises(NotFound):
            verb()
    assert cast.client("call_back").get(f"/staff/replies/{mine.uid}/").status_code == 404


def test_a_head_writes_for_the_office_and_those_below_it_use_it(cast: Cast) -> None:
    replies.write_reply("统一答复", BODY, by=cast.actor("leader"), organisation="350102-street")
    assert titles(cast, "dispatcher") == ["统一答复"]
    assert titles(cast, "clerk") == ["统一答复"]
    assert titles(cast, "neighbour_dispatcher") == []
    found = replies.usable(cast.actor("dispatcher")).get()
    with pytest.raises(NotAllowed):
        replies.write_reply("改", "改", by=cast.actor("dispatcher"), uid=found.uid)
    with pytest.raises(NotAllowed):
        replies.retire_reply(found.uid, by=cast.actor("dispatcher"))


@pytest.mark.parametrize("who", ["dispatcher", "handler", "leader"])
def test_nobody_writes_for_an_organisation_that_is_not_theirs(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        replies.write_reply("别人的", BODY, by=cast.actor(who), organisation="350102-neighbour-street")
    assert not CannedReply.objects.exists()


@pytest.mark.parametrize("body", ["您好 {{姓名}}", "您好 {{编号", "编号}} 好", "{{}}", "  "])
def test_a_misspelt_or_unclosed_field_is_refused_when_it_is_saved(cast: Cast, body: str) -> None:
    with pytest.raises(Invalid) as refused:
        replies.write_reply("错的", body, by=cast.actor("dispatcher"))
    assert "body" in refused.value.fields
    assert not CannedReply.objects.exists()


def test_what_it_said_before_is_kept(cast: Cast) -> None:
    by = cast.actor("dispatcher")
    reply = replies.write_reply("催一催", "第一版", by=by)
    replies.write_reply("催一催", "第二版", by=by, uid=reply.uid)
    reply.refresh_from_db()
    assert [(v.n, v.body) for v in replies.versions_of(reply)] == [(2, "第二版"), (1, "第一版")]
    page = cast.client("dispatcher").get(f"/staff/replies/{reply.uid}/").content.decode()
    assert "第一版" in page
    replies.retire_reply(reply.uid, by=by)
    assert titles(cast, "dispatcher") == []


def test_it_is_put_into_the_form_and_nothing_is_sent(cast: Cast) -> None:
    case = reported(cast, contact="13900000001", reporter_name="林小邻")
    reply = replies.write_reply(
        "不归我们", "{{当事人}}：{{编号}} {{地点}} {{类别}}", by=cast.actor("dispatcher")
    )
    client = cast.client("dispatcher")
    url = f"/staff/cases/{case.number}/do/decline/"
    page = client.get(url)
    assert "不归我们" in page.content.decode()
    sent = {"seq": case.seq, "step": case.step, "key": "k", "reason": "先写的", "legal_basis": "第 2 项"}
    filled = client.post(url, sent | {"put_in": "1", "canned": str(reply.uid), "into": "reason"})
    assert filled.status_code == 200
    value = next(f.value for f in filled.context["fields"] if f.code == "reason")
    assert value.startswith("先写的\n")
    assert case.number in value
    assert "林小邻" not in value
    assert "{{类别}}" in value
    assert "{{类别}}" in filled.content.decode()
    refused = client.post(url, sent | {"reason": value})
    assert refused.status_code == 422
    assert "还没有内容" in refused.content.decode()
    assert Case.objects.get(pk=case.pk).step == "reported"
    done = client.post(url, sent | {"reason": value.replace("{{类别}}", "路灯")})
    assert done.status_code == 302
    assert Case.objects.get(pk=case.pk).step == "declined"


def test_a_batch_is_not_held_with_an_unfilled_field(cast: Cast) -> None:
    case = reported(cast)
    sent = {"do": "decline", "n": case.number, "reason": "见 {{类别}}", "legal_basis": "第 2 项"}
    assert cast.client("dispatcher").post("/staff/cases/bulk/", sent).status_code == 422


def test_nothing_is_offered_where_there_is_no_text_to_fill(cast: Cast) -> None:
    replies.write_reply("催一催", "请尽快", by=cast.actor("handler"))
    case = event_at(cast, "assigned")
    page = cast.client("handler").get(f"/staff/cases/{case.number}/do/sign/").content.decode()
    assert "催一催" not in page


def test_the_pages_write_and_retire(cast: Cast) -> None:
    client = cast.client("dispatcher")
    assert "还没有常用语" in client.get("/staff/replies/").content.decode()
    wrong = client.post("/staff/replies/new/", {"title": "错", "body": "{{姓名}}"})
    assert wrong.status_code == 422
    assert "没有这样的字段" in wrong.content.decode()
    client.post("/staff/replies/new/", {"title": "催一催", "body": BODY})
    reply = CannedReply.objects.get()
    assert "催一催" in client.get("/staff/replies/?lang=en").content.decode()
    client.post(f"/staff/replies/{reply.uid}/retire/")
    reply.refresh_from_db()
    assert reply.retired_at is not None
