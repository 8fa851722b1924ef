"""Two versions of a matter side by side (版本对照): each key that differs, before and after, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from linli.base.i18n import Text
from linli.domains.matters import spec as s
from linli.domains.matters.editing import LISTS, lines, matter_fields, values_of

NOTHING = Text("（空）", "(empty)")


@dataclass(frozen=True)
class Change:
    """One thing that differs (一处不同)."""

    title: Text
    before: Text
    after: Text


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What the second says otherwise than the first (改了什么)."""
    return [*_facts(before, after), *_rows(before, after)]


def _facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    old, new = values_of(before), values_of(after)
    for view in matter_fields(()):
        if old.get(view.code) == new.get(view.code) or (not old.get(view.code) and not new.get(view.code)):
            continue
        titles = {c.value: c.label for c in view.choices}
        yield Change(view.title, _said(old[view.code], titles), _said(new[view.code], titles))


def _said(value: Any, titles: Mapping[str, Text | str]) -> Text:
    if not value:
        return NOTHING
    if value is True:
        return Text("是", "yes")
    if isinstance(value, list):
        named = [titles.get(v, v) for v in value]
        return Text("、".join(t.zh if isinstance(t, Text) else t for t in named), ", ".join(t.en if isinstance(t, Text) else t for t in named))  # fmt: skip
    named_one = titles.get(str(value), str(value))
    if isinstance(named_one, Text):
        return named_one
    return s.two_languages(named_one) if "\n" not in named_one else Text(named_one, named_one)


def _rows(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for key, title in LISTS.items():
        old = {r.get("code"): r for r in s.rows(before.get(key))}
        new = {r.get("code"): r for r in s.rows(after.get(key))}
        for code in dict.fromkeys([*old, *new]):
            if old.get(code) != new.get(code):
                yield Change(title, _row(old.get(code)), _row(new.get(code)))


def _row(row: Mapping[str, Any] | None) -> Text:
    if row is None:
        return NOTHING
    title = s.two_languages(row.get("title", ""))
    extra = [str(row[k]) for k in ("need", "form", "source", "type") if row.get(k)]
    cited = lines(row.get("basis")).replace("\n", "；")
    tail = " · ".join([*extra, *([cited] if cited else [])])
    return Text(f"{title.zh}（{tail}）", f"{title.en} ({tail})") if tail else title
