"""Checking a plan of grids and putting it into force (网格调整方案的检查和发布).

A grid whose border moves is another grid from the day on: the old one ends the day before and names the one that
follows it, so that old cases keep the place in which they happened. Posts and appointments do not move by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from linli.base.clock import now, today
from linli.base.errors import Invalid, Refused
from linli.base.i18n import Text
from linli.kernel.places import services, tiling
from linli.kernel.places.cover import CoverReport, compare
from linli.kernel.places.models import Area, AreaChange, AreaShape, GridPlan
from linli.kernel.places.plans import border_of, cells_of, grids_in_force, locked_draft, saved
from linli.kernel.places.services import By
from linli.kernel.places.tiling import Cell


@dataclass(frozen=True)
class Outcome:
    """What publishing would do (试运行结果): which grids stay, which end and who follows, which begin under which code."""

    stays: tuple[tuple[Area, Cell], ...]
    ends: tuple[tuple[Area, Cell], ...]
    begins: tuple[tuple[str, Cell], ...]

    @property
    def renamed(self) -> tuple[tuple[Area, Cell], ...]:
        return tuple((a, c) for a, c in self.stays if (a.name, a.name_en) != (c.name, c.name_en))

    @property
    def changes_nothing(self) -> bool:
        return not (self.ends or self.begins or self.renamed)

    def code_of(self, cell: Cell) -> str:
        return next((code for code, c in self.begins if c.key == cell.key), cell.code)


def check_plan(plan: GridPlan) -> CoverReport:
    """Gaps, overlaps and what sticks out of the village (检查空白、重叠、越界), by the keys of the plan."""
    return compare(border_of(plan.village), {c.key: c.shape for c in cells_of(plan)})


def outcome_of(plan: GridPlan) -> Outcome:
    """What publishing would do, without doing it (试运行)."""
    cells = cells_of(plan)
    by_code = {c.code: c for c in cells if c.code}
    stays: list[tuple[Area, Cell]] = []
    ends: list[tuple[Area, Cell]] = []
    for area, shape in grids_in_force(plan.village):
        cell = by_code.get(area.code)
        if cell is not None and tiling.is_same(shape, cell.shape):
            stays.append((area, cell))
        elif heir := tiling.heir_of(shape, cells):
            ends.append((area, heir))
    staying = {cell.key for _, cell in stays}
    codes = _free_codes(plan.village)
    begins = [(next(codes), cell) for cell in cells if cell.key not in staying]
    return Outcome(tuple(stays), tuple(ends), tuple(begins))


def _free_codes(village: Area) -> Iterator[str]:
    """Numbers that no grid of the village ever had: a code stands for one place in all records."""
    used = set(Area.objects.filter(parent=village).values_list("prefix", flat=True))
    return (code for n in range(1, 1000) if (code := f"{village.prefix}{n:03d}") not in used)


@transaction.atomic
def publish_plan(plan: GridPlan, *, by: By, seq: int, at: datetime | None = None) -> Outcome:
    """Put a plan into force from its day on (发布方案): the verbs of the tree do each part, each with its record.

    Refuses `places.plan_not_open`, `places.no_day` and `places.day_too_early` (the earliest is tomorrow: what happened
    today is placed), `places.plan_has_faults` (gaps, overlaps, outside), `places.same_names`,
    `places.changes_nothing`, and `places.has_children` while micro-grids are left below a grid that ends.
    """
    plan = locked_draft(plan, seq)
    first = _checked_day(plan.valid_from)
    _check_faults(plan)
    outcome = outcome_of(plan)
    if outcome.changes_nothing:
        raise Refused(
            "places.changes_nothing",
            Text(
                "方案和现行网格一样，不用发布。",
                "The plan is the same as what is in force; nothing to publish.",
            ),
        )
    drawn = AreaShape.objects.filter(area=plan.village).values_list("illustrative", flat=True).first()
    source = f"网格调整方案 {plan.uid}"
    made: dict[str, Area] = {cell.key: area for area, cell in outcome.stays}
    for code, cell in outcome.begins:
        made[cell.key] = services.create_area(
            code, name=cell.name, name_en=cell.name_en, by=by, valid_from=first, at=at
        )
        services.set_shape(
            made[cell.key], cell.shape, datum="WGS84", by=by, source=source, illustrative=bool(drawn), at=at
        )
    for area, cell in outcome.ends:
        services.merge_areas(
            [area], successor=made[cell.key], last_day=first - timedelta(days=1), by=by, at=at
        )
    for area, cell in outcome.renamed:
        services.rename(area, name=cell.name, name_en=cell.name_en, by=by, at=at)
    plan.state, plan.published_at = "published", at or now()
    plan.outcome = {
        "stays": [area.code for area, _ in outcome.stays],
        "ends": {area.code: made[cell.key].code for area, cell in outcome.ends},
        "begins": [code for code, _ in outcome.begins],
    }
    plan.past = []
    saved(plan, at)
    AreaChange.objects.create(
        area=plan.village,
        act="replanned",
        at=at or now(),
        by=(by.name or "")[:80],
        account_id=by.account_id,
        before={},
        after={"plan": str(plan.uid), "valid_from": first.isoformat(), **plan.outcome},
    )
    return outcome


def _checked_day(first: date | None) -> date:
    if first is None:
        problem = Text("请填写从哪一天起生效。", "Enter the day from which it is in force.")
        raise Invalid("places.no_day", problem, fields={"valid_from": problem})
    if first <= today():
        problem = Text(
            "生效日期最早是明天：今天发生的事已经落在现行网格里。",
            "The earliest day is tomorrow: what happened today is placed in the present grids.",
        )
        raise Invalid("places.day_too_early", problem, fields={"valid_from": problem})
    return first


def _check_faults(plan: GridPlan) -> None:
    report = check_plan(plan)
    if not report.is_complete:
        n = len(report.gaps) + len(report.overlaps) + len(report.outside)
        raise Refused(
            "places.plan_has_faults",
            Text(
                f"方案还有 {n} 处空白、重叠或越界，不能发布。请看检查结果，改好再发布。",
                f"The plan still has {n} gaps, overlaps or places outside. See the check, mend them, then publish.",
            ),
        )
    names = [cell.name for cell in cells_of(plan)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise Refused(
            "places.same_names",
            Text(f"有两个网格都叫“{twice}”。请改名。", f"Two grids are called “{twice}”. Rename one."),
        )
