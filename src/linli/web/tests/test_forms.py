from __future__ import annotations

from django.http import QueryDict
from django.template import Context, Template

from linli.base.i18n import Text, use_language
from linli.web.forms import TYPES, Choice, FieldView, filled, read

TITLE = Text("类别", "Category")
CHOICES = (Choice("1", Text("路灯", "Lamp")), Choice("2", Text("井盖", "Manhole")))


def drawn(view: FieldView) -> str:
    return Template("{% load linli %}{% field f %}").render(Context({"f": view}))


def test_what_was_sent_is_read_by_type() -> None:
    fields = [
        FieldView("a", TITLE, "string"),
        FieldView("b", TITLE, "boolean"),
        FieldView("c", TITLE, "choice", multiple=True, choices=CHOICES),
        FieldView("d", TITLE, "place"),
        FieldView("e", TITLE, "files"),
        FieldView("f", TITLE, "text"),
    ]
    sent = QueryDict("a= x &b=1&c=1&c=2&d.lng=119.3&d.lat=26.1&d.text=&e.kept=u1&f=")
    assert read(fields, sent) == {
        "a": "x",
        "b": True,
        "c": ["1", "2"],
        "d": {"lng": "119.3", "lat": "26.1"},
        "e": ["u1"],
        "f": None,
    }


def test_entries_and_errors_come_back() -> None:
    (again,) = filled([FieldView("a", TITLE)], {"a": "x"}, {"a": Text("太短。", "Too short.")})
    html = drawn(again)
    assert 'value="x"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="f-a-error"' in html
    assert "太短。" in html


def test_what_people_write_is_escaped() -> None:
    assert "<script>" not in drawn(FieldView("a", TITLE, "text", value="<script>"))


def test_every_type_is_drawn_with_a_name_and_a_label() -> None:
    for kind in sorted(TYPES - {"hidden"}):
        html = drawn(FieldView("a", TITLE, kind, required=True, choices=CHOICES))
        assert 'name="a' in html, kind
        assert "类别" in html, kind


def test_english() -> None:
    with use_language("en"):
        assert "Category" in drawn(FieldView("a", TITLE, "choice", required=True, choices=CHOICES))
