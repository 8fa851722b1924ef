"""The empty sheet of every procedure that people may hand in (空白表): paper is a channel wherever web is."""

from __future__ import annotations

from django.test import Client

from linli.kernel.procedures.offered import OUTSIDE
from linli.kernel.procedures.versions import current_procedures
from tests.cast import Cast


def test_whatever_residents_begin_on_the_web_they_may_hand_in_on_paper(cast: Cast) -> None:
    asked = [p for p in current_procedures() if "web" in p.channels and OUTSIDE & set(p.opened_by)]
    assert len(asked) > 5
    for procedure in asked:
        page = Client().get(f"/services/{procedure.code}/paper/")
        assert page.status_code == 200, procedure.code
        words = page.content.decode()
        for code in procedure.open_form:
            if code not in {"contact", "reporter_name", "category", "photos", "voice"}:
                assert str(procedure.fields[code].title) in words
        assert " style=" not in words


def test_the_sheet_says_where_to_hand_it_in_and_in_the_readers_language(cast: Cast) -> None:
    village = cast.area("village1")
    url = f"/services/petition/paper/?area={village.code}"
    page = Client().get(url).content.decode()
    assert "庆城社区居民委员会" in page
    assert "代办人" in page
    english = Client().get(f"{url}&lang=en").content.decode()
    assert "Helper" in english
    assert "Qingcheng" in english


def test_what_is_not_handed_in_on_paper_is_not_there(cast: Cast) -> None:
    for code in ("penalty", "evidence-hold", "whistle", "nothing"):
        assert Client().get(f"/services/{code}/paper/").status_code == 404
