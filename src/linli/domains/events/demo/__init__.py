"""The demo of this domain (网格事件演示): a directory, dispatch rules, some 300 cases at every step, a year of old ones.

Cases are made by the verbs alone, each by whoever may do it, at moments of the past five weeks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from linli.domains.events.demo.cast import Cast
from linli.domains.events.demo.directory import load_directory, load_dispatch
from linli.domains.events.demo.fieldwork import load_fieldwork
from linli.domains.events.demo.history import load_history
from linli.domains.events.demo.replies import load_replies
from linli.domains.events.demo.stories import KINDS, N_MERGED, N_MERGED_SMALL, Recipes, length_of
from linli.domains.events.demo.timeline import Play, Story, plan
from linli.domains.events.demo.whistles import load_whistles
from linli.domains.events.demo.writing import Writer
from linli.kernel.places.models import Area

SEED = 350102
OLDEST = timedelta(days=35)


def load(county: Area, *, progress: Callable[[int, int], None], small: bool, at: datetime) -> None:
    """Load the directory and play the stories of a county whose demo people are there (载入事件演示)."""
    random = Random(SEED)  # noqa: S311  the same demo every time is the point
    categories = load_directory()
    load_dispatch(county, categories)
    cast = Cast.of(county, at=at, random=random)
    writer = Writer(cast, categories, random, at)
    # Written before anything that the date of the load has a say in, so that the same county has the same stories.
    stories = _stories(writer, at, small=small)
    load_history(writer, before=at - OLDEST, small=small)
    Play(cast).run(stories, progress)
    load_whistles(cast, at, small=small)
    load_fieldwork(cast, at)
    load_replies(at)


def _stories(writer: Writer, at: datetime, *, small: bool) -> list[Story]:
    recipes = Recipes(writer, at)
    stories: list[Story] = []
    for kind in KINDS:
        for _ in range(kind.n_small if small else kind.n):
            story = writer.story(kind.name, kind.codes, signed_in=kind.signed_in, shown=kind.shown)
            story.acts = getattr(recipes, kind.name)(story)
            story.dwell = writer.random.uniform(*kind.dwell)
            if kind.of_limit:
                story.dwell *= length_of(story.category.limit)
            moments = Random(len(stories))  # noqa: S311  how many draws it takes depends on the day
            plan(story, at, moments)
            _not_too_old(story, at, moments)
            stories.append(story)
    stories += _joined(writer, recipes, stories, at, N_MERGED_SMALL if small else N_MERGED)
    return stories


def _not_too_old(story: Story, at: datetime, random: Random) -> None:
    while story.opened_at is not None and story.opened_at < at - OLDEST and story.dwell > 24:
        story.dwell = max(story.dwell - 24, 24)
        plan(story, at, random)


def _joined(writer: Writer, recipes: Recipes, stories: list[Story], at: datetime, n: int) -> list[Story]:
    """Neighbours who report what somebody has reported already (重复反映), joined to the first one."""
    open_ones = [
        s for s in stories if s.kind in {"to_handling", "urged", "suspended"} and s.grade != "critical"
    ]
    made = []
    for i in range(n):
        master = open_ones[i * 2 % len(open_ones)] if n > 2 else open_ones[0]
        assert master.opened_at is not None
        story = writer.story("merged", like=master)
        story.acts = recipes.merged_into(master)(story)
        longest = (at - master.opened_at).total_seconds() / 3600
        story.dwell = max(longest * writer.random.uniform(0.2, 0.85) - 1, 0.01)
        plan(story, at, writer.random)
        if story.opened_at is not None and story.opened_at > master.opened_at:
            made.append(story)
    return made
