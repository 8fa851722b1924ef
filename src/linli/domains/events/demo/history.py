"""A year of closed cases before the demo's living ones (演示历史案件): invented, marked historic, entered in bulk.

They fill statistics and lists with something to compare; nobody works on them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from linli.domains.events.demo.cast import Spot
from linli.domains.events.demo.stories import length_of
from linli.domains.events.demo.timeline import Story
from linli.domains.events.demo.writing import Writer
from linli.domains.events.models import Category, DispatchRule, Event
from linli.domains.events.queries import dry_run
from linli.domains.events.services import PROCEDURE, summary_of
from linli.kernel.people.actors import SYSTEM
from linli.kernel.places.models import Area
from linli.kernel.procedures.historic import HistoricCase, insert_historic

SOURCE = "demo"
YEAR = timedelta(days=365)
N, N_SMALL = 1500, 60
# Reports by month, January first: damp springs, typhoon summers.
SEASON = (7, 6, 8, 9, 10, 11, 12, 12, 10, 8, 7, 7)


def load_history(writer: Writer, *, before: datetime, small: bool) -> None:
    """Enter the year before this moment (载入历史案件)."""
    random = writer.random
    leads: dict[tuple[int, str], tuple[int, str]] = {}
    made: list[tuple[HistoricCase, Event]] = []
    while len(made) < (N_SMALL if small else N):
        opened_at = before - YEAR * random.random()
        if random.random() * max(SEASON) > SEASON[opened_at.month - 1]:
            continue
        story = writer.story("historic")
        key = story.category.pk, story.spot.grid[:9]
        if key not in leads:
            leads[key] = _lead(writer, story.category, story.spot, opened_at)
        made.append(_entry(writer, story, opened_at, leads[key]))
    made.sort(key=lambda pair: pair[0].opened_at)
    ids = insert_historic(PROCEDURE, [case for case, _ in made], by=SYSTEM, at=before)
    events = [event for _, event in made]
    for pk, event in zip(ids, events, strict=True):
        event.case_id = pk
    Event.objects.bulk_create(events, batch_size=500)


def _lead(writer: Writer, category: Category, spot: Spot, at: datetime) -> tuple[int, str]:
    area = next(grid for grid, _ in writer.cast.grids if grid.prefix == spot.grid)
    best = dry_run(category, area, on=at)[0].rule
    return DispatchRule.objects.values_list("lead_id", "lead__code").get(pk=best.id)


def _entry(
    writer: Writer, story: Story, opened_at: datetime, lead: tuple[int, str]
) -> tuple[HistoricCase, Event]:
    random, category = writer.random, story.category
    limit = timedelta(hours=length_of(category.limit))
    on_time = random.random() < 0.88
    taken = limit * (random.uniform(0.1, 0.95) if on_time else random.uniform(1.1, 2.5))
    ended_at = opened_at + taken + timedelta(hours=random.uniform(2, 40))
    stars = random.choices((5, 4, 3, 2, 1), (42, 30, 14, 9, 5))[0] if random.random() < 0.6 else None
    area: Area = next(grid for grid, _ in writer.cast.grids_of(story.spot.grid))
    case = HistoricCase(
        area_id=area.pk,
        prefix=area.prefix,
        title=summary_of(story.description),
        channel=story.channel,
        step="closed",
        opened_at=opened_at,
        ended_at=ended_at,
        due_at=opened_at + limit,
        outcome="resolved",
        lead_id=lead[0],
        lng=story.spot.lng,
        lat=story.spot.lat,
        precision="point",
        place_text=story.place,
        facts={"category": category.key, "grade": story.grade, "lead": lead[1], "on_time": on_time},
        source={"mapping": SOURCE},
    )
    event = Event(
        category=category,
        answered_at=opened_at + taken,
        on_time=on_time,
        n_reworks=int(random.random() < 0.06),
        contacted=None if stars is None else random.random() < 0.8,
        solved=None if stars is None else stars > 2,
        rating=stars,
        rated_at=None if stars is None else ended_at,
        source=SOURCE,
    )
    return case, event
