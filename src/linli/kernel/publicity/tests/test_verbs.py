"""What is shown, how long, and what may be read of it afterwards (公示的操作)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from linli.base.errors import Invalid, NotFound, Refused
from linli.base.i18n import Text
from linli.base.legaltime import Period
from linli.kernel.publicity import services
from linli.kernel.publicity.models import NOTICE, RESULT, Publication
from linli.kernel.publicity.queries import Filters, feed_of, publication, published
from linli.kernel.publicity.wording import Fact
from tests.cast import Cast
from tests.publicity import AFTER, LAST, MONDAY

WHAT = Fact("matter", Text("事项", "Matter"), "翻修东头老屋")
WHO = Fact("family", Text("户主", "Head"), "张小明", mask="name")
CALL = Fact("phone", Text("电话", "Phone"), "+8613812345678", mask="phone")
WORDS = Fact("detail", Text("说明", "Details"), "有事打13812345678，证号350102199001010016。")


def put_up(cast: Cast, area: str = "village1", *, case_id: int = 1, **values: object) -> Publication:
    given: dict[str, object] = {
        "case_id": case_id,
        "case_number": f"350102-RP-2026-{case_id:06d}",
        "procedure": "test-repair",
        "part": "notice",
        "title": Text("危房改造补助", "Grant for unsafe houses"),
        "kind": NOTICE,
        "area": cast.area(area),
        "facts": [WHAT, WHO, CALL, WORDS],
        "at": MONDAY,
        "until_at": LAST,
        "organisation_id": cast.organisation("street").pk,
        "objection": "test-objection",
    }
    return services.publish(**{**given, **values})  # type: ignore[arg-type]


def values_of(row: Publication) -> list[str]:
    return [fact["value"]["zh"] for fact in row.facts]


def test_what_is_masked_is_masked_before_it_is_stored(cast: Cast) -> None:
    row = put_up(cast)
    assert values_of(row) == [
        "翻修东头老屋",
        "张**",
        "138****5678",
        "有事打138****5678，证号350*************16。",
    ]
    assert [fact["masked"] for fact in row.facts] == [False, True, True, False]
    assert row.name == Text("危房改造补助：翻修东头老屋", "Grant for unsafe houses: 翻修东头老屋")


def test_a_title_never_names_what_is_masked(cast: Cast) -> None:
    assert put_up(cast, facts=[WHO, WHAT]).subject == ""


def test_it_may_not_end_before_its_days_are_over_and_says_until_when(cast: Cast) -> None:
    row = put_up(cast)
    with pytest.raises(Refused) as refusal:
        services.end(row, at=LAST - timedelta(seconds=1))
    assert refusal.value.code == "publicity.not_over"
    assert "2026 年 11 月 25 日 17:00" in refusal.value.message.zh
    assert services.end(row, at=LAST).state == "ended"


def test_it_may_not_end_while_an_objection_has_no_answer_and_says_which(cast: Cast) -> None:
    row = put_up(cast)
    services.objection_opened(row, case_number="350102-OJ-2026-000001", at=MONDAY)
    services.objection_opened(row, case_number="350102-OJ-2026-000002", at=MONDAY)
    services.objection_answered("350102-OJ-2026-000001", outcome="answered", at=MONDAY)
    row.refresh_from_db()
    assert (row.n_objections, row.n_open_objections) == (2, 1)
    with pytest.raises(Refused) as refusal:
        services.end(row, at=AFTER)
    assert refusal.value.code == "publicity.objections_open"
    assert refusal.value.data["objections"] == ["350102-OJ-2026-000002"]
    services.objection_answered("350102-OJ-2026-000002", at=MONDAY)
    assert services.end(row, at=AFTER).state == "ended"


def test_an_objection_counts_once_and_only_while_something_is_shown(cast: Cast) -> None:
    row = put_up(cast)
    services.objection_opened(row, case_number="350102-OJ-2026-000001", at=MONDAY)
    services.objection_opened(row, case_number="350102-OJ-2026-000001", at=MONDAY)
    row.refresh_from_db()
    assert row.n_objections == 1
    assert services.objection_answered("350102-XX-2026-000009") is None
    services.withdraw(row, reason="名单有误", at=MONDAY)
    with pytest.raises(Refused) as refusal:
        services.objection_opened(row, case_number="350102-OJ-2026-000002", at=MONDAY)
    assert refusal.value.code == "publicity.not_shown"


def test_what_is_withdrawn_stays_with_its_reason_and_without_what_it_said(cast: Cast) -> None:
    row = put_up(cast)
    with pytest.raises(Invalid):
        services.withdraw(row, reason="  ", at=MONDAY)
    services.withdraw(row, reason="名单有误，详询13812345678", document="鼓东撤〔2026〕1号", at=MONDAY)
    seen = publication(row.uid)
    assert (seen.state, seen.facts, seen.subject) == ("withdrawn", [], "")
    assert seen.withdraw_reason == "名单有误，详询138****5678"
    assert [p.pk for p in published().items] == []
    assert [p.pk for p in published(Filters(past=True)).items] == [row.pk]
    assert [p.pk for p in published(Filters(words="东头老屋", past=True)).items] == []
    assert [p.pk for p in feed_of(Filters())] == [row.pk]  # whoever repeats it learns that it is gone
    with pytest.raises(Refused):
        services.withdraw(row, reason="再撤一次", at=MONDAY)


def test_a_result_has_no_end_and_a_notice_always_has_one(cast: Cast) -> None:
    assert put_up(cast, kind=RESULT, until_at=None).takes_objections(AFTER) is False
    with pytest.raises(ValueError, match="last moment"):
        put_up(cast, until_at=None)


def test_its_end_moves_with_its_clock(cast: Cast) -> None:
    row = put_up(cast)
    services.move_end(row, until_at=AFTER, provisional=True, at=MONDAY)
    with pytest.raises(Refused):
        services.end(row, at=LAST)
    row.refresh_from_db()
    assert (row.until_at, row.provisional) == (AFTER, True)


def test_the_archive_keeps_what_was_said_for_a_time_then_title_and_dates(cast: Cast) -> None:
    row = services.end(put_up(cast), at=AFTER, keep=Period(1, "years"))
    assert services.forget_old(AFTER + timedelta(days=364)) == 0
    assert publication(row.uid).facts
    assert services.forget_old(AFTER + timedelta(days=366)) == 1
    kept = publication(row.uid)
    assert (kept.facts, kept.title, kept.from_at) == ([], "危房改造补助", MONDAY)
    assert published(Filters(words="东头老屋", past=True)).items == []
    assert services.forget_old(AFTER + timedelta(days=366)) == 0


def test_a_list_for_an_area_holds_what_lies_in_it_and_what_holds_for_all_above_it(cast: Cast) -> None:
    here, there, county, elsewhere = (
        put_up(cast, area, case_id=n).pk
        for n, area in enumerate(["grid1", "village2", "county", "neighbour_village"], 1)
    )

    def seen(area: str) -> set[int]:
        return {p.pk for p in published(Filters(area=cast.area(area).prefix)).items}

    assert seen("village1") == {here, county}
    assert seen("township") == {here, there, county}
    assert seen("grid2") == {county}
    assert seen("county") == {here, there, county, elsewhere}
    assert {p.pk for p in published().items} == {here, there, county, elsewhere}


def test_lists_are_narrowed_by_kind_procedure_and_words(cast: Cast) -> None:
    first = put_up(cast, case_id=1).pk
    second = put_up(cast, case_id=2, kind=RESULT, until_at=None, procedure="test-licence").pk
    assert [p.pk for p in published(Filters(kind=RESULT)).items] == [second]
    assert [p.pk for p in published(Filters(procedure="test-repair")).items] == [first]
    assert [p.pk for p in published(Filters(words="东头老屋 庆城")).items] == [second, first]
    assert published(Filters(words="没有的词")).items == []
    assert published(Filters(words="13812345678")).items == []  # what is hidden is not to be found either


def test_pages_follow_each_other_without_gap_or_repetition(cast: Cast) -> None:
    made = [put_up(cast, ["village1", "county"][n % 2], case_id=n).pk for n in range(7)]
    filters, seen, cursor = Filters(area=cast.area("village1").prefix), [], ""
    while True:
        page = published(filters, cursor=cursor, limit=3)
        seen += [p.pk for p in page.items]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert seen == made[::-1]


@pytest.mark.parametrize("uid", ["01890000-0000-7000-8000-000000000000", "x", ""])
def test_an_unknown_address_is_not_found(cast: Cast, uid: str) -> None:
    with pytest.raises(NotFound):
        publication(uid)
