"""A procedure's page in the administration (程序页): drawn, said in a table, compared with another version."""

from __future__ import annotations

import pytest
from django.urls import reverse

from linli.kernel.procedures.overrides import load_override
from linli.kernel.procedures.versions import load_all
from tests.cast import Cast

pytestmark = pytest.mark.django_db

OVERRIDE = """
extends = "event-review"
jurisdiction = "350102"
basis = ["测试县〔2026〕1号"]
[steps.reviewing]
within = "3 working days"
"""
URL = "web:admin_procedure"


@pytest.fixture
def county(cast: Cast) -> Cast:
    load_all()
    load_override(OVERRIDE, by=cast.actor("admin"))
    return cast


def test_the_page_says_in_a_table_what_it_draws(county: Cast) -> None:
    page = county.client("admin").get(reverse(URL, args=["event-review"])).content.decode()
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="procedure-drawing"' in page
    assert "procedures/drawing" in page  # the colours, light and dark
    assert "<style" not in page
    assert " style=" not in page
    for words in ("复核中", "县（区）督查", "3 个工作日", "成立，恢复受理 → 复核成立"):
        assert words in page


def test_it_names_who_can_act_at_each_step(county: Cast) -> None:
    page = county.client("admin").get(reverse(URL, args=["event-review"])).content.decode()
    assert "人在任：" in page
    assert county.account("supervisor").name in page


def test_two_versions_are_compared(county: Cast) -> None:
    admin = county.client("admin")
    asked = {"area": "350102", "version": "1", "against": ":1"}
    page = admin.get(reverse(URL, args=["event-review"]), asked).content.decode()
    assert "与默认第 1 版的不同" in page
    assert "时限由“5 个工作日”改为“3 个工作日”（变短）。" in page
    english = admin.get(reverse(URL, args=["event-review"]), {**asked, "lang": "en"}).content.decode()
    assert "“5 working days” to “3 working days” (shorter)" in english
    plain = admin.get(reverse(URL, args=["event-review"])).content.decode()
    assert 'id="changes"' not in plain


def test_what_is_not_there_cannot_be_compared_or_downloaded(county: Cast) -> None:
    admin = county.client("admin")
    for asked in ({"against": ":99"}, {"against": "nonsense"}, {"version": "99"}, {"as": "exe"}):
        assert admin.get(reverse(URL, args=["event-review"]), asked).status_code == 404, asked


@pytest.mark.parametrize(
    ("form", "kind", "begins"),
    [
        ("svg", "image/svg+xml", "<svg"),
        ("mermaid", "text/plain", "---"),
        ("bpmn", "application/xml", "<?xml"),
    ],
)
def test_the_drawing_can_be_taken_away(county: Cast, form: str, kind: str, begins: str) -> None:
    asked = {"area": "350102", "version": "1", "as": form}
    answer = county.client("admin").get(reverse(URL, args=["event-review"]), asked)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(kind)
    assert "event-review-350102-1." in answer.headers["Content-Disposition"]
    assert answer.content.decode().startswith(begins)


def test_an_override_shows_what_it_would_change(cast: Cast) -> None:
    load_all()
    page = cast.client("admin").post(
        reverse("web:admin_upload_procedure"), {"text": OVERRIDE, "act": "check"}
    )
    assert page.status_code == 200
    assert "时限由“5 个工作日”改为“3 个工作日”（变短）。" in page.content.decode()


def test_only_administrators_read_it(county: Cast) -> None:
    for name in ("dispatcher", "resident"):
        assert county.client(name).get(reverse(URL, args=["event-review"])).status_code == 404
