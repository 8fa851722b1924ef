"""Wordings of notices (通知文字): an administrator's own words are what is sent; what a person must know cannot be left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from linli.base.errors import Invalid, NotAllowed, NotFound, Refused
from linli.base.i18n import Text
from linli.kernel.notices.delivery import deliver_due
from linli.kernel.notices.models import Notice, TemplateVersion
from linli.kernel.notices.services import queue
from linli.kernel.notices.templates import Template, known_templates, render, shipped_template, template_for
from linli.kernel.notices.textchecks import faults, from_lines, sms_length
from linli.kernel.notices.textverbs import back_to_shipped, preview, send_sample, use_again, write_text
from linli.kernel.people.actors import SYSTEM
from linli.kernel.people.models import AuditEntry
from tests.cast import Cast

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CODE = "case.received"


def reworded(**parts: Any) -> Template:
    return replace(shipped_template(CODE), title=Text("我们收到了：{title}", "We have it: {title}"), **parts)


def notice() -> Notice:
    return Notice(template=CODE, params={"title": "路灯"}, case_number="N-1", created_at=AT)


@pytest.mark.django_db
def test_what_is_in_force_is_what_is_sent(cast: Cast) -> None:
    by = cast.actor("admin")
    draft = write_text(reworded(), in_force=False, by=by, at=AT)
    assert render(notice(), "zh").title == "已收到：路灯"
    used = use_again(draft, by=by, reason="更亲切", at=AT)
    assert render(notice(), "zh").title == "我们收到了：路灯"
    assert render(notice(), "en").title == "We have it: 路灯"
    back_to_shipped(CODE, by=by, at=AT)
    assert render(notice(), "zh").title == "已收到：路灯"
    use_again(used, by=by, at=AT)
    assert render(notice(), "zh").title == "我们收到了：路灯"
    assert [row.version for row in TemplateVersion.objects.order_by("version")] == [1, 2, 3, 4]
    facts = [e.facts for e in AuditEntry.objects.filter(act="notices.text_written").order_by("id")]
    assert [f["in_force"] for f in facts] == [False, True, True, True]
    assert facts[1]["reason"] == "更亲切"


@pytest.mark.django_db
def test_a_resident_reads_it_and_the_message_says_it(cast: Cast, settings: Any, tmp_path: Path) -> None:
    settings.LINLI_DATA_DIR = tmp_path
    by = cast.actor("admin")
    sms = (
        Text(
            "收到“{title}”了，编号{number}，{due_at}前办完。",
            "We have “{title}”, number {number}, due {due_at}.",
        ),
    )
    write_text(reworded(sms=sms), in_force=True, by=by, at=AT)
    queue(cast.account("resident"), CODE, {"title": "路灯", "due_at": AT}, case_number="N-1", at=AT)
    while deliver_due(at=AT):
        pass
    [sent] = list((tmp_path / "outbox").glob("*.json"))
    assert "收到“路灯”了，编号N-1" in sent.read_text(encoding="utf-8")


@pytest.mark.django_db
def test_a_draft_goes_to_oneself_alone(cast: Cast) -> None:
    by = cast.actor("admin")
    draft = write_text(reworded(), in_force=False, by=by, at=AT)
    mine = send_sample(draft, by=by, at=AT)
    assert mine.account_id == by.account_id
    assert render(mine, "zh").title.startswith("我们收到了：")
    assert template_for(CODE) == shipped_template(CODE)
    assert template_for(f"{CODE}@99") == shipped_template(CODE)
    with pytest.raises(NotFound):
        send_sample(draft, by=SYSTEM, at=AT)


@pytest.mark.django_db
def test_who_may_and_what_is_refused(cast: Cast) -> None:
    for name in ("dispatcher", "resident"):
        with pytest.raises(NotAllowed):
            write_text(reworded(), in_force=True, by=cast.actor(name), at=AT)
    by = cast.actor("admin")
    with pytest.raises(NotFound):
        write_text(replace(reworded(), code="no.such"), in_force=True, by=by, at=AT)
    with pytest.raises(Refused):
        back_to_shipped(CODE, by=by, at=AT)
    long = (Text("长" * 250 + "{number}{due_at}", "x" * 100 + "{number} {due_at}"),)
    with pytest.raises(Invalid) as refused:
        write_text(reworded(sms=long), in_force=True, by=by, at=AT)
    assert set(refused.value.fields) == {"sms_zh"}
    assert not TemplateVersion.objects.exists()


@pytest.mark.parametrize(
    ("zh", "en", "box", "said"),
    [
        ("{number}收到，接下来{next}，{due_at}前", "{number} {next} {due_at}", "body_zh", "{title}"),
        ("{title}{number}{due_at}", "{title}{number}", "body_en", "due_at"),
        ("{title}{number}{due_a}", "{title}{number}{due_a}", "body_zh", "due_at"),
        ("{title.__class__}", "{title}", "body_zh", "没有"),
        ("{title!r}", "{title}", "body_zh", "没有"),
        ("{title:>100}", "{title}", "body_zh", "没有"),
        ("{", "{title}", "body_zh", "花括号"),
        ("{}", "{title}", "body_zh", "没有"),
        ("", "", "body_zh", "至少一句"),
        ("一句\n两句", "one", "body_en", "第 2 句"),
    ],
)
def test_a_wording_that_says_too_little_or_too_much(zh: str, en: str, box: str, said: str) -> None:
    body = from_lines({"body_zh": zh, "body_en": en}, "body")
    found = faults(reworded(body=body), shipped_template(CODE))
    assert said in found[box].zh


def test_due_process_stays_in_the_words() -> None:
    """A refusal always says why, on which ground, and what one can do until when."""
    shipped = shipped_template("case.refused")
    bare = replace(shipped, body=(Text("“{title}”没有获准。", "“{title}” was not granted."),))
    said = faults(bare, shipped)["body_zh"].zh
    for name in ("{reason}", "{basis}", "{remedy}", "{until_at}"):
        assert name in said


@pytest.mark.parametrize(
    ("text", "n_parts"),
    [
        ("字" * 70, 1),
        ("字" * 71, 2),
        ("字" * 134, 2),
        ("字" * 135, 3),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 71 + "“", 2),
    ],
)
def test_messages_are_counted_as_they_are_paid(text: str, n_parts: int) -> None:
    assert sms_length(text).n_parts == n_parts


@pytest.mark.django_db
def test_every_wording_that_the_product_brings_can_be_looked_at() -> None:
    for found in known_templates().values():
        for shown in preview(found, at=AT).values():
            assert shown.title, found.code
