"""One import of areas under way (一次导入): what is known, what was read, what a row may say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from linli.base.codes import LEVELS, level_of, parent_prefix, prefix_of
from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.base.imports import ImportReport, Progress
from linli.kernel.places.areas_files import Feature, Line
from linli.kernel.places.models import Area, AreaChange

ROOT_LEVELS = LEVELS[:3]  # one county without its province is a whole installation
# Statistical codes are digits; a place abroad begins with two letters; H marks what only old cases name.
_IMPORTABLE = re.compile(r"[A-Z]{2}[0-9A-Z]+|[0-9]+")


class Known(NamedTuple):
    """What an area looks like in the table, as far as a file can say it."""

    name: str
    name_en: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    external_code: str = ""
    historic: bool = False


class RowRejected(Exception):
    """Why a row is not taken; the run goes on with the next."""

    def __init__(self, reason: Text) -> None:
        self.reason = reason


class Run:
    """One import: what is known, what was read in this run, and the counts."""

    def __init__(
        self, *, dry_run: bool, by: str, at: datetime, progress: Progress | None, n_rows: int
    ) -> None:
        self.dry_run, self.by, self.at = dry_run, by, at
        self.report = ImportReport()
        self.rejected: list[tuple[Line | Feature, Text]] = []
        self.known: dict[str, Known] = {}
        self.pk: dict[str, int] = {}
        self.seen: dict[str, tuple[str, Known]] = {}
        for prefix, pk, *fields in Area.objects.values_list("prefix", "pk", *Known._fields).iterator():
            self.known[prefix] = Known(*fields)
            self.pk[prefix] = pk
        self._progress, self._n_done, self._n_rows = progress, 0, n_rows

    def reject(self, row: Line | Feature, reason: Text) -> None:
        self.rejected.append((row, reason))
        self.report.n_rejected += 1

    def advance(self, n: int) -> None:
        self._n_done += n
        if self._progress:
            self._progress(self._n_done, self._n_rows)

    def ancestor(self, prefix: str) -> str | None:
        """The nearest area above that is known."""
        above = parent_prefix(prefix)
        while above is not None and above not in self.known:
            above = parent_prefix(above)
        return above

    def create(self, prefixes: Iterable[str]) -> None:
        """Insert areas of one level, whose parents are there, from what is known of them."""
        areas = []
        for prefix in prefixes:
            above = self.ancestor(prefix)
            areas.append(
                Area(
                    code=prefix.ljust(12, "0"),
                    prefix=prefix,
                    level=level_of(prefix.ljust(12, "0")),
                    parent_id=self.pk[above] if above else None,
                    **self.known[prefix]._asdict(),
                )
            )
        for area in Area.objects.bulk_create(areas, batch_size=500):
            self.pk[area.prefix] = area.pk

    def change(self, prefix: str, act: str, before: dict[str, Any], after: dict[str, Any]) -> AreaChange:
        return AreaChange(
            area_id=self.pk[prefix], act=act, at=self.at, by=self.by, before=before, after=after
        )


def checked_prefix(code: str, level: str) -> str:
    """The prefix of an importable code whose level is the one that the row names, or names none."""
    prefix = prefix_of(code)
    if not _IMPORTABLE.fullmatch(code):
        raise Invalid(
            "codes.bad_area_code",
            Text(
                f"区划代码 {code} 只能由数字组成（境外地点以两个字母开头）。请核对后重新填写。",
                f"The area code {code} has digits only (a place abroad begins with two letters). Please check it.",
            ),
        )
    if level and level != level_of(code):
        raise Invalid(
            "places.wrong_level",
            Text(
                f"代码 {code} 的层级是 {level_of(code)}，而文件写的是 {level}。请更正其中之一。",
                f"The code {code} is of level {level_of(code)}, but the file says {level}. Correct one of them.",
            ),
        )
    return prefix


def check_parent(run: Run, prefix: str, parent_code: str, *, may_be_root: bool) -> None:
    """Is the area above the one that the code names, and is it there? An empty parent means: take it from the code."""
    above = parent_prefix(prefix)
    if parent_code:
        try:
            named = prefix_of(parent_code)
        except Invalid as error:
            raise RowRejected(error.message) from error
        if named != above:
            raise RowRejected(
                Text(
                    f"上级代码 {parent_code} 与本级代码不符，应为 {(above or '').ljust(12, '0')}。",
                    f"The parent {parent_code} does not fit the code; it should be {(above or '').ljust(12, '0')}.",
                )
            )
        if named not in run.known:
            raise RowRejected(_unknown_parent(parent_code))
    elif above is not None and above not in run.known:
        may_be_root = may_be_root or level_of(prefix.ljust(12, "0")) in ROOT_LEVELS
        if not may_be_root:
            raise RowRejected(_unknown_parent(above.ljust(12, "0")))


def _unknown_parent(code: str) -> Text:
    return Text(
        f"上级 {code} 不存在，或它所在的行已被退回。请先导入上级；县级行可把上级代码留空，作为根区划。",
        f"The area above, {code}, is not there, or its row was rejected. Import it first; a county may leave "
        "parent_code empty and becomes a root.",
    )
