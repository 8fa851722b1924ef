"""Limits in the administration (时限管理): seen in one table, changed by a form that the checker reads first, set back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from linli.kernel.people.models import AuditEntry
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case, ProcedureVersion
from linli.kernel.procedures.versions import current_version, load_all, procedure_of
from tests.cast import Cast

pytestmark = pytest.mark.django_db

EVENTS = reverse("web:admin_edit_limits", args=["grid-event"])
PETITIONS = reverse("web:admin_edit_limits", args=["petition"])
BASIS = "鼓政办〔2026〕5号"


@pytest.fixture
def admin(cast: Cast) -> Client:
    load_all()
    return cast.client("admin")


def change(limit: str, n: str, unit: str, **more: str) -> dict[str, str]:
    return {f"n.{limit}": n, f"u.{limit}": unit, "basis": BASIS, "act": "check", **more}


def shown(page: Any) -> str:
    found = re.search(r'name="shown" value="(\w+)"', page.content.decode())
    assert found, page.content.decode()
    return found[1]


def saved(admin: Client, url: str, data: dict[str, str]) -> Any:
    """Checked, looked at, saved."""
    mark = shown(admin.post(url, data))
    return admin.post(url, {**data, "act": "save", "shown": mark})


def test_all_limits_stand_in_one_table(admin: Client, django_assert_max_num_queries: Any) -> None:
    admin.get(reverse("web:admin_limits"))
    with django_assert_max_num_queries(25):
        page = admin.get(reverse("web:admin_limits")).content.decode()
    for words in ("网格事件", "简单", "3 个工作日", "60 日", "样例"):
        assert words in page
    samples = admin.get(reverse("web:admin_limits"), {"sample": "1"}).content.decode()
    assert "3 个工作日" in samples
    assert "judicial-confirmation/?area" not in samples
    assert "没有符合的时限" in admin.get(reverse("web:admin_limits"), {"q": "没有这种"}).content.decode()


def test_a_limit_longer_than_the_laws_is_refused_at_its_row(admin: Client) -> None:
    page = admin.post(PETITIONS, change("limit", "90", "days"))
    assert page.status_code == 422
    said = page.content.decode()
    assert "超过法律允许的 60 日" in said
    assert 'aria-invalid="true"' in said
    assert "保存</button>" not in said
    assert not ProcedureVersion.objects.exclude(jurisdiction="").exists()


def test_a_change_is_shown_before_it_is_saved_and_then_holds_for_new_cases(admin: Client, cast: Cast) -> None:
    before = Case.objects.get(number=opened(cast))
    data = change("limit:simple", "2", "working_days")
    page = admin.post(EVENTS, data)
    said = page.content.decode()
    assert "2 个工作日" in said
    assert "在办的 1 件沿用原来的版本" in said
    assert "简单（2 个工作日）" in said  # the title of the choice follows
    assert not ProcedureVersion.objects.exclude(jurisdiction="").exists()
    answer = admin.post(EVENTS, {**data, "act": "save", "shown": shown(page)})
    assert answer.status_code == 302
    made = procedure_of(current_version("grid-event", "350102001001"))
    assert made.limit is not None
    assert made.limit.table["simple"].n == 2
    assert made.limit.table["general"].n == 7
    assert before.version_id == Case.objects.get(pk=before.pk).version_id
    entry = AuditEntry.objects.get(act="procedures.override_loaded")
    assert entry.facts["reason"] == BASIS


def opened(cast: Cast) -> str:
    case = engine.open_case(
        "grid-event",
        data={"description": "路灯不亮"},
        by=cast.actor("resident"),
        area=cast.area("village1"),
        channel="web",
    )
    return case.number


def test_what_was_not_looked_at_is_not_saved(admin: Client) -> None:
    mark = shown(admin.post(EVENTS, change("limit:simple", "2", "working_days")))
    other = change("limit:simple", "4", "working_days", act="save", shown=mark)
    page = admin.post(EVENTS, other)
    assert page.status_code == 200
    assert shown(page) != mark
    assert not ProcedureVersion.objects.exclude(jurisdiction="").exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (change("limit:simple", "0", "working_days"), "看不懂这个期限"),
        (change("limit:simple", "3", "working_days"), "还没有改动"),
        ({**change("limit:simple", "2", "working_days"), "basis": ""}, "请写明依据的文件"),
        (change("limit:simple", "2", "working_days", valid_from="明天"), "2026-03-01"),
    ],
)
def test_a_form_that_cannot_be_read_is_refused(admin: Client, data: dict[str, str], said: str) -> None:
    page = admin.post(EVENTS, data)
    assert page.status_code == 400 or page.status_code == 422
    assert said in page.content.decode()
    assert not ProcedureVersion.objects.exclude(jurisdiction="").exists()


def test_samples_can_be_settled_as_they_are(admin: Client) -> None:
    data = {"settled": "steps.reviewing.within", "basis": BASIS, "act": "check"}
    url = reverse("web:admin_edit_limits", args=["event-review"])
    assert saved(admin, url, data).status_code == 302
    step = procedure_of(current_version("event-review", "350102")).steps["reviewing"]
    assert step.within is not None
    assert not step.within.sample
    assert step.within.basis == BASIS
    assert step.within.period is not None
    assert step.within.period.n == 5


def test_two_changes_add_up_and_one_can_be_set_back(admin: Client) -> None:
    saved(admin, EVENTS, change("limit:simple", "2", "working_days"))
    saved(admin, EVENTS, change("limit:general", "5", "working_days"))
    made = procedure_of(current_version("grid-event", "350102"))
    assert made.limit is not None
    assert (made.limit.table["simple"].n, made.limit.table["general"].n) == (2, 5)
    history = admin.get(reverse("web:admin_procedure_history", args=["grid-event"])).content.decode()
    for words in ("第 2 版", "第 1 版", "默认", BASIS, "7 个工作日", "5 个工作日"):
        assert words in history
    for version, simple, general in ((1, 2, 7), (0, 3, 7)):
        url = reverse("web:admin_set_back", args=["grid-event", version])
        data = {"basis": "改错了", "act": "check"}
        assert saved(admin, url, data).status_code == 302
        made = procedure_of(current_version("grid-event", "350102"))
        assert made.limit is not None
        assert (made.limit.table["simple"].n, made.limit.table["general"].n) == (simple, general)
    assert ProcedureVersion.objects.filter(jurisdiction="350102").count() == 4  # nothing was taken away


def test_a_coming_version_is_not_overtaken(admin: Client) -> None:
    saved(admin, EVENTS, change("limit:simple", "2", "working_days", valid_from="2099-01-01"))
    assert procedure_of(current_version("grid-event", "350102")).limit.table["simple"].n == 3  # type: ignore[union-attr]  # it has one
    page = admin.post(EVENTS, change("limit:general", "5", "working_days"))
    assert page.status_code == 422
    assert "不能更早" in page.content.decode()


def test_nobody_else_comes_in(admin: Client, cast: Cast) -> None:
    for name in ("dispatcher", "resident", "leader"):
        client = cast.client(name)
        assert client.get(reverse("web:admin_limits")).status_code == 404
        assert client.post(EVENTS, change("limit:simple", "2", "working_days")).status_code == 404
