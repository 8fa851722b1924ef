"""A procedure's words in the administration (程序文字): what a county may say itself, looked at, saved, set back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from linli.kernel.people.models import AuditEntry
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.loader import procedure_from
from linli.kernel.procedures.models import ProcedureVersion
from linli.kernel.procedures.rewording import need_rows, word_rows
from linli.kernel.procedures.versions import (
    current_procedures,
    current_version,
    load_all,
    procedure_of,
    shipped_files,
)
from tests.cast import Cast

pytestmark = pytest.mark.django_db

EVENTS = reverse("web:admin_edit_words", args=["grid-event"])
BASIS = "鼓政办〔2026〕5号"
HINT = "fields.description.hint"


@pytest.fixture
def admin(cast: Cast) -> Client:
    load_all()
    return cast.client("admin")


def sent(**more: Any) -> dict[str, Any]:
    return {"basis": BASIS, "act": "check", **more}


def worded(code: str, zh: str, en: str, **more: Any) -> dict[str, Any]:
    return sent(**{f"zh.{code}": zh, f"en.{code}": en, **more})


def shown(page: Any) -> str:
    found = re.search(r'name="shown" value="(\w+)"', page.content.decode())
    assert found, page.content.decode()
    return found[1]


def saved(admin: Client, data: dict[str, Any]) -> Any:
    return admin.post(EVENTS, {**data, "act": "save", "shown": shown(admin.post(EVENTS, data))})


def events() -> Procedure:
    return procedure_of(current_version("grid-event", "350102001001"))


def in_order() -> list[str]:
    return [value for value, _ in events().fields["grade"].choices]


def test_every_wording_can_be_changed(admin: Client, django_assert_max_num_queries: Any) -> None:
    admin.get(EVENTS)
    with django_assert_max_num_queries(25):
        page = admin.get(EVENTS).content.decode()
    for row in word_rows(events()):
        assert f'name="zh.{row.code}"' in page
    for procedure in current_procedures():
        assert admin.get(reverse("web:admin_edit_words", args=[procedure.code])).status_code == 200


def test_a_hint_is_looked_at_and_then_holds(admin: Client) -> None:
    data = worded(HINT, "写清路名和门牌号。", "Name the street and the house.")
    page = admin.post(EVENTS, data)
    said = page.content.decode()
    assert "改后的表单" in said  # the form as it will look
    assert said.count("写清路名和门牌号。") >= 3  # in the words of the change, in the picture, in the form
    assert "在办的 0 件沿用原来的版本" in said
    assert not ProcedureVersion.objects.exclude(jurisdiction="").exists()
    answer = admin.post(EVENTS, {**data, "act": "save", "shown": shown(page)})
    assert answer.status_code == 302
    hint = events().fields["description"].hint
    assert hint is not None
    assert (hint.zh, hint.en) == ("写清路名和门牌号。", "Name the street and the house.")
    assert events().limit == procedure_from(shipped_files()["grid-event"][1]).limit
    assert AuditEntry.objects.get(act="procedures.override_loaded").facts["reason"] == BASIS


def test_a_hint_can_be_left_out(admin: Client) -> None:
    assert saved(admin, worded(HINT, "", "")).status_code == 302
    assert events().fields["description"].hint is None


def test_choices_stand_in_another_order_and_changes_add_up(admin: Client) -> None:
    before = in_order()
    numbers = {f"at.grade.{value}": str(len(before) - n) for n, value in enumerate(before)}
    page = admin.post(EVENTS, sent(**numbers))
    assert "增加次序：复杂、一般、简单、紧急、特急" in page.content.decode()
    assert saved(admin, sent(**numbers)).status_code == 302
    assert in_order() == before[::-1]
    saved(admin, worded("fields.grade.choices.simple", "容易（3 个工作日）", "Easy (3 working days)"))
    assert in_order() == before[::-1]
    assert dict(events().fields["grade"].choices)["simple"].zh == "容易（3 个工作日）"
    url = reverse("web:admin_set_back", args=["grid-event", 0])
    back = {"basis": "改错了", "act": "check"}
    assert admin.post(url, {**back, "act": "save", "shown": shown(admin.post(url, back))}).status_code == 302
    assert in_order() == before


def test_staff_may_be_asked_for_more_and_never_for_less_than_the_default(admin: Client) -> None:
    default = procedure_from(shipped_files()["grid-event"][1])
    rows = need_rows(default, default)
    assert rows
    assert not any(r.needed or r.field.personal for r in rows)
    assert not any(r.form == ("open",) for r in rows)
    row = rows[0]
    assert saved(admin, sent(needs="1", need=[row.code])).status_code == 302
    step, act = str(row.form[1]), str(row.form[-1])
    made = events().action(step, act)
    assert made is not None
    assert events().fields[row.field.code].required
    assert row.field.code not in made.optional
    others = [r for r in need_rows(events(), default) if r.needed]
    assert [r.code for r in others] == [row.code]  # asked there alone
    assert events().open_optional == default.open_optional
    assert saved(admin, sent(needs="1")).status_code == 302
    assert not any(r.needed for r in need_rows(events(), default))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (sent(), "还没有改动"),
        (worded("title", "", ""), "名称不能空着"),
        (worded("title", "网格小事", ""), "中文和英文都要写"),
        (worded(HINT, "长" * 301, "long"), "太长"),
        (worded(HINT, "短", "short", basis=""), "请写明依据的文件"),
        (worded(HINT, "短", "short", valid_from="明天"), "2026-03-01"),
        (
            worded(HINT, "短", "短的 hint"),
            "没有通过检查",
        ),  # Chinese in the English: the checker's own finding
    ],
)
def test_what_cannot_stand_is_refused(admin: Client, data: dict[str, Any], said: str) -> None:
    page = admin.post(EVENTS, data)
    assert page.status_code in {400, 422}
    assert said in page.content.decode()
    assert not ProcedureVersion.objects.exclude(jurisdiction="").exists()


def test_what_was_not_looked_at_is_not_saved(admin: Client) -> None:
    mark = shown(admin.post(EVENTS, worded(HINT, "写清路名。", "Name the street.")))
    page = admin.post(EVENTS, worded(HINT, "写清村名。", "Name the village.", act="save", shown=mark))
    assert page.status_code == 200
    assert not ProcedureVersion.objects.exclude(jurisdiction="").exists()


def test_nobody_else_comes_in(admin: Client, cast: Cast) -> None:
    for name in ("dispatcher", "resident", "leader"):
        assert cast.client(name).get(EVENTS).status_code == 404
        assert cast.client(name).post(EVENTS, worded("title", "网格小事", "Small things")).status_code == 404
    assert admin.get(reverse("web:admin_edit_words", args=["unknown"])).status_code == 404
