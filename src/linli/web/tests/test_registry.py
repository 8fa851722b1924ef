from __future__ import annotations

import pytest

from linli.base.i18n import Text
from linli.web import registry

TITLE = Text("待办", "Inbox")


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "registry", registry.Registry())


def test_entries_show_to_their_roles_in_order() -> None:
    registry.menu_entry("staff", "b", TITLE, "web:home", order=2)
    registry.menu_entry("staff", "a", TITLE, "web:home", order=1, roles={"dispatcher"})
    registry.menu_entry("resident", "c", TITLE, "web:home")
    assert [e.code for e in registry.menu_for("staff", frozenset({"dispatcher"}))] == ["a", "b"]
    assert [e.code for e in registry.menu_for("staff", frozenset())] == ["b"]


def test_the_same_code_twice_is_a_mistake() -> None:
    registry.menu_entry("staff", "a", TITLE, "web:home")
    registry.menu_entry("staff", "a", TITLE, "web:home")  # an app that is set up again
    with pytest.raises(ValueError, match="twice"):
        registry.menu_entry("staff", "a", TITLE, "web:help")


def test_an_unknown_face_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="face"):
        registry.menu_entry("wall", "a", TITLE, "web:home")


def test_big_buttons_by_face_and_role() -> None:
    registry.report_entry(TITLE, "x:report")
    registry.report_entry(TITLE, "x:enter", face="staff", roles={"clerk"})
    assert [r.url_name for r in registry.reports_for("resident")] == ["x:report"]
    assert registry.reports_for("staff") == []
    assert len(registry.reports_for("staff", frozenset({"clerk"}))) == 1
