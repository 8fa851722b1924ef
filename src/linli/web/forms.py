"""Fields as a procedure describes them, ready to be drawn and read (表单字段).

`FieldView` says what to draw; `read` takes what was sent back into plain values. The rules about values are
the kernel's: nothing is checked here, so that the page, the API and a file import refuse the same things.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from django.http import QueryDict

from linli.base.i18n import Text
from linli.kernel.procedures.fields import RATINGS

TYPES = frozenset(
    "text string phone id_number choice radio checkboxes organisation organisations place files date datetime boolean "
    "integer rating hidden password code".split()
)
#: For each type the template that draws it; what is missing here is drawn as one line of text.
DRAWN_AS = {
    "text": "text",
    "choice": "choice",
    "radio": "radio",
    "organisation": "choice",
    "organisations": "checkboxes",
    "checkboxes": "checkboxes",
    "place": "place",
    "files": "files",
    "date": "line",
    "datetime": "line",
    "boolean": "boolean",
    "rating": "rating",
    "hidden": "hidden",
}
_AUTOCOMPLETE = {"phone": "tel", "password": "current-password", "code": "one-time-code", "id_number": "off"}
_INPUT_TYPE = {"phone": "tel", "password": "password", "date": "date", "datetime": "datetime-local"}
_INPUT_MODE = {"phone": "tel", "id_number": "text", "integer": "numeric", "code": "numeric"}


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: Text | str
    hint: Text | str = ""
    group: Text | str = ""  # choices of one group stand together, in the order given


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that was already taken in, shown again after an error so that nobody chooses it twice."""

    uid: str
    name: str
    url: str = ""


@dataclass(frozen=True)
class FieldView:
    """One question on a page (一个字段)."""

    code: str
    title: Text
    type: str = "string"
    required: bool = False
    hint: Text | str = ""
    choices: Sequence[Choice] = ()
    value: Any = None
    error: Text | str = ""
    max: int | None = None
    multiple: bool = False
    accept: str = "image/jpeg,image/png,image/webp,image/heic,application/pdf"
    min: int | None = None
    capture: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)  # e.g. shapes_url, start of a map

    @property
    def id(self) -> str:
        return "f-" + self.code.replace(".", "-").replace("_", "-")

    @property
    def template(self) -> str:
        name = DRAWN_AS.get(self.type, "line")
        if name in {"choice", "radio"} and self.multiple:
            name = "checkboxes"
        return f"web/fields/{name}.html"

    @property
    def is_group(self) -> bool:
        """Drawn as a fieldset with a legend, because it is more than one control."""
        return self.template.rsplit("/", 1)[1] in {
            "radio.html", "checkboxes.html", "rating.html", "place.html", "files.html",
        }  # fmt: skip

    @property
    def input_type(self) -> str:
        return _INPUT_TYPE.get(self.type, "text")

    @property
    def input_mode(self) -> str:
        return _INPUT_MODE.get(self.type, "")

    @property
    def autocomplete(self) -> str:
        return str(self.extra.get("autocomplete") or _AUTOCOMPLETE.get(self.type, ""))

    @property
    def css(self) -> str:
        return {
            "integer": "number",
            "date": "short",
            "datetime": "short",
            "phone": "short",
            "code": "number",
        }.get(self.type, "")

    @property
    def described_by(self) -> str:
        return " ".join(f"{self.id}-{p}" for p in ("hint", "error") if getattr(self, p))

    @property
    def scale(self) -> Sequence[Choice]:
        """The five levels of a rating (好差评), unless the field brings its own."""
        return self.choices or tuple(Choice(str(n), label) for n, label in RATINGS.items())

    @property
    def grouped(self) -> list[tuple[Text | str, list[Choice]]]:
        """The choices under their headings, in the order given."""
        return [(title, list(some)) for title, some in groupby(self.choices, key=lambda c: c.group)]

    @property
    def shown(self) -> list[Text | str]:
        """What was entered, in words."""
        labels = {c.value: c.label for c in self.choices}
        return [labels.get(value, value) for value in self.values]

    @property
    def is_long(self) -> bool:
        """So many choices that a box to search in helps."""
        return len(self.choices) > 12

    @property
    def values(self) -> list[str]:
        if self.value in (None, ""):
            return []
        if isinstance(self.value, (list, tuple, set, frozenset)):
            return [str(v) for v in self.value]
        return [str(self.value)]

    def with_value(self, value: Any, error: Text | str = "") -> FieldView:
        return replace(self, value=value, error=error)


def read(fields: Iterable[FieldView], post: QueryDict, *, prefix: str = "") -> dict[str, Any]:
    """What was sent, one entry a field (读取填写的内容); empty answers are None, ticks are True or False.

    A place is `{"lng", "lat", "text"}`; files are the uids that were kept (new ones come with `request.FILES`).
    """
    return {f.code: _read_one(f, post, prefix + f.code) for f in fields}


def _read_one(f: FieldView, post: QueryDict, name: str) -> Any:
    if f.type == "place":
        place = {part: (post.get(f"{name}.{part}") or "").strip() for part in ("lng", "lat", "text")}
        return {k: v for k, v in place.items() if v} or None
    if f.type == "files":
        return [v for v in post.getlist(f"{name}.kept") if v]
    if f.type == "boolean":
        return post.get(name) in {"1", "on", "true", "yes"}
    if f.type in {"organisations", "checkboxes"} or (
        f.multiple and f.type in {"choice", "radio", "organisation"}
    ):
        return [v for v in post.getlist(name) if v]
    text = (post.get(name) or "").strip()
    return text or None


def filled(
    fields: Iterable[FieldView], values: Mapping[str, Any], errors: Mapping[str, Text | str] | None = None
) -> list[FieldView]:
    """The same fields with what was entered and what is to be mended (带回填写内容和更正提示)."""
    wrong = errors or {}
    return [f.with_value(values.get(f.code, f.value), wrong.get(f.code, "")) for f in fields]
