from __future__ import annotations

from datetime import UTC, datetime
from string import Formatter

import pytest

from linli.base.i18n import LANGUAGES, Text
from linli.kernel.notices import templates
from linli.kernel.notices.models import Notice
from linli.kernel.notices.services import as_params
from linli.kernel.notices.templates import Template, known_templates, render, template

pytestmark = pytest.mark.django_db

VALUES = {
    "title": "中山社区三号楼前的路灯不亮已经三天了",
    "by": Text("鼓楼区市政所", "Gulou municipal works office"),
    "step": Text("待核实", "to be verified"),
    "next": Text("街道综治中心受理", "the township centre accepts it"),
    "due_at": datetime(2026, 11, 26, 9, 0, tzinfo=UTC),
    "until_at": datetime(2026, 12, 31, 9, 0, tzinfo=UTC),
    "reason": Text("不在本县范围内。", "It lies outside this county."),
    "basis": "《信访工作条例》第二十条",
    "remedy": Text("复查", "a review"),
    "result": Text("路灯已修好", "the lamp works again"),
    "waiting": Text("专家意见", "an expert opinion"),
}


def notice(code: str, **values: object) -> Notice:
    return Notice(
        template=code,
        params=as_params(values),
        language="",
        case_number="350102-EV-2026-000417",
        created_at=datetime(2026, 11, 23, 1, 0, tzinfo=UTC),
    )


def kernel_templates() -> list[Template]:
    return [found for code, found in known_templates().items() if not code.startswith("test.")]


@pytest.mark.parametrize("found", kernel_templates(), ids=lambda found: found.code)
def test_every_template_is_whole_in_both_languages(found: Template) -> None:
    for text in found.texts():
        assert text.zh.strip()
        assert text.en.strip()
        assert not any("\u4e00" <= c <= "\u9fff" for c in text.en)
        zh, en = ({n for _, n, _, _ in Formatter().parse(t) if n} for t in (text.zh, text.en))
        assert zh == en
    for language in LANGUAGES:
        said = render(notice(found.code, **VALUES), language)
        assert said.title
        assert said.body
        assert "{" not in said.title + said.body + said.sms
        assert not said.sms or "350102-EV-2026-000417" in said.sms


@pytest.mark.parametrize("found", kernel_templates(), ids=lambda found: found.code)
def test_every_template_says_something_without_any_value(found: Template) -> None:
    for language in LANGUAGES:
        said = render(notice(found.code), language)
        assert said.title
        assert "{" not in said.title + said.body


@pytest.mark.parametrize("found", [t for t in kernel_templates() if t.sms], ids=lambda found: found.code)
def test_a_chinese_sms_fits_into_one_message(found: Template) -> None:
    sms = render(notice(found.code, **VALUES), "zh").sms
    assert len(sms) <= 70, f"{len(sms)}: {sms}"
    assert len(render(notice(found.code, **VALUES), "en").sms) <= 160


def test_moments_are_written_out_for_the_reader() -> None:
    received = notice("case.received", **VALUES)
    assert "应在11 月 26 日（周四）17:00前办完。" in render(received, "zh").body
    assert "It should be done by Thu 26 Nov, 17:00." in render(received, "en").body
    assert "11月26日17:00前办完。" in render(received, "zh").sms


def test_a_day_in_another_year_says_the_year() -> None:
    later = notice("case.received", title="路灯", due_at=datetime(2027, 1, 4, 9, 0, tzinfo=UTC))
    assert "2027 年 1 月 4 日" in render(later, "zh").body
    assert "Mon 4 Jan 2027" in render(later, "en").body


def test_a_sentence_without_its_value_is_left_out() -> None:
    said = render(notice("case.declined", title="路灯", reason="不在本县。"), "zh")
    assert said.body.startswith("“路灯”没有受理。原因：不在本县。您接下来可以怎么做")


def test_without_a_title_the_kind_of_case_is_named() -> None:
    said = render(
        notice("case.moved", procedure=Text("网格事件", "Grid event"), step="待核实", due=VALUES["due_at"])
    )
    assert said.title == "网格事件：待核实"
    assert said.sms == "“网格事件”现在：待核实。11月26日17:00前办完。编号350102-EV-2026-000417。"
    assert render(notice("case.moved", step="待核实", due="")).title == "您关注的事有新进展"


def test_an_unknown_template_still_tells_that_there_is_news() -> None:
    said = render(notice("gone.away"), "zh")
    assert said.title == "您关注的事有新进展"
    assert "350102-EV-2026-000417" in said.body


def test_braces_in_a_value_are_only_characters() -> None:
    said = render(notice("case.closed", title="{number} {0} {title.__class__}"), "zh")
    assert said.body.startswith("“{number} {0} {title.__class__}”已经办结。")


def test_registration_refuses_a_taken_code_and_unequal_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "_templates", dict(known_templates()))
    template("test.once", Text("甲", "A"), Text("乙", "B"))
    with pytest.raises(ValueError, match="twice"):
        template("test.once", Text("甲", "A"), Text("乙", "B"))
    with pytest.raises(ValueError, match="languages"):
        template("test.unequal", Text("{due_at}前", "soon"), Text("乙", "B"))
    with pytest.raises(ValueError, match="languages"):
        template("test.missing", Text("甲", ""), Text("乙", "B"))
