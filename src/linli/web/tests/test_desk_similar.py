"""Similar cases beside one (类似办件): why each is shown, whose are never shown, and the answer used again."""

from __future__ import annotations

import pytest

from linli.kernel.procedures import similar
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.versions import load_all
from tests.cast import Cast
from tests.events import event_at, reported

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def procedures(db: None) -> None:
    load_all()


def numbers(cast: Cast, case: Case, who: str = "dispatcher") -> list[str]:
    return [s.case.number for s in similar.similar_to(case, cast.actor(who))]


def test_each_says_why_and_the_likest_stands_first(cast: Cast) -> None:
    case = reported(cast, description="北门三盏路灯不亮。")
    near = event_at(cast, "closed", description="北门路灯又不亮了。")
    reported(cast, grid="grid3", description="楼道里堆着旧家具。")
    found = similar.similar_to(case, cast.actor("dispatcher"))
    assert [s.case.number for s in found] == [near.number]
    assert any(r.zh.startswith("用词相近") for r in found[0].reasons)


def test_what_i_may_not_see_is_never_shown(cast: Cast) -> None:
    case = reported(cast, description="北门三盏路灯不亮。")
    reported(cast, grid="neighbour_grid", description="北门三盏路灯不亮。")
    assert numbers(cast, case) == []


def test_at_most_three(cast: Cast) -> None:
    case, *others = [reported(cast, description="北门三盏路灯不亮。") for _ in range(6)]
    assert len(numbers(cast, case)) == 3
    assert len(others) == 5


def test_its_answer_is_put_into_the_form_where_i_may_see_it(cast: Cast) -> None:
    done = event_at(cast, "closed")
    case = event_at(cast, "handling")
    client = cast.client("handler")
    page = client.get(f"/staff/cases/{case.number}/similar/")
    column = page.context["columns"][0]
    assert column.case.number == done.number
    assert column.answer
    assert column.use_url
    form = client.get(column.use_url)
    assert column.answer in form.content.decode()
    hidden = reported(cast, grid="neighbour_grid", description="隔壁的。")
    plain = client.get(f"{column.use_url.partition('?')[0]}?like={hidden.number}")
    assert all(f.value in (None, "") for f in plain.context["fields"] if f.type == "text")


def test_the_page_stands_alone_and_says_when_there_is_nothing(cast: Cast) -> None:
    case = reported(cast)
    page = cast.client("dispatcher").get(f"/staff/cases/{case.number}/similar/").content.decode()
    assert "没有类似的" in page
    assert cast.client("neighbour_dispatcher").get(f"/staff/cases/{case.number}/similar/").status_code == 404
