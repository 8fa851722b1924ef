"""Writes the demo's reports (演示反映内容): which category, where, who reports, in which words, with which photos."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

from linli.domains.events.demo.cast import Cast, Spot
from linli.domains.events.demo.directory import data
from linli.domains.events.demo.pictures import SCENE_OF, picture
from linli.domains.events.demo.timeline import Data, Story
from linli.domains.events.models import Category
from linli.kernel.people.actors import Actor
from linli.kernel.places.queries import locate
from linli.kernel.procedures.keys import owner_of
from linli.kernel.records.uploads import take_upload

# Callers without an account: a form of address and an invented number each.
CALLERS = [
    (f"{surname}{title}", f"1380013{1000 + n:04d}")
    for n, (surname, title) in enumerate(
        (s, t) for t in ("女士", "先生", "阿姨", "师傅") for s in "林陈黄郑王李吴刘蔡杨"
    )
]
COMMENTS = {
    5: ("办得很快，谢谢！", "没想到第二天就修好了。", "", ""),
    4: ("解决了，希望以后早点发现。", "", ""),
    3: ("还行，就是等得有点久。", ""),
    2: ("只是表面处理了一下。", "没有人联系过我。"),
    1: ("还是老样子。", "答复看不懂。"),
}
VARIANTS = 4


class Writer:
    """Makes stories without acts; everything by lot from one seed."""

    def __init__(self, cast: Cast, categories: Mapping[str, Category], random: Random, at: datetime) -> None:
        self.cast, self.categories, self.random, self.at = cast, categories, random, at
        raw = data("texts")
        self._spots: list[str] = raw["spots"]
        self._texts: dict[str, Mapping[str, Any]] = {text["c"]: text for text in raw["text"]}
        # For kinds that name no category: whatever is neither a question nor an emergency.
        self._common = [
            c for c in self._texts if not c.startswith("08") and categories[c].grade != "critical"
        ]
        self._common += ["0803", "0804", "0807"]

    def category(self, code: str) -> Category:
        return self.categories[code]

    def comment(self, stars: int) -> str:
        return self.random.choice(COMMENTS[stars])

    def story(
        self,
        kind: str,
        codes: str = "",
        *,
        signed_in: bool = False,
        shown: bool = False,
        like: Story | None = None,
    ) -> Story:
        """A new report; `like` makes it the same matter beside another's (同一件事的另一个反映人)."""
        code = like.category.code if like else self.random.choice(codes.split() or self._common)
        spot = _beside(like.spot, self.random) if like else self.cast.spot(shown=shown)
        reporter, channel, contact = self._reporter(spot, signed_in=signed_in)
        text, where = self._texts[code], self.random.choice(self._spots)
        english = reporter is not None and reporter.kind == "resident" and reporter == self.cast.residents[-1]
        wording = text["en"] if english and "en" in text else text["zh"]
        words = {"v": spot.village.title.en if english and "en" in text else spot.name, "s": where}
        category = self.categories[code]
        story = Story(
            kind=kind,
            category=category,
            spot=spot,
            place=f"{spot.name}{where}",
            description=self.random.choice(wording).format(**words),
            channel=channel,
            reporter=reporter,
            contact=contact,
            result=text["result"],
            answer=text["answer"],
            grade=category.grade or "general",
        )
        if category.needs_photos:
            story.photos = self._photos(code)
        return story

    def _reporter(self, spot: Spot, *, signed_in: bool) -> tuple[Actor | None, str, Data]:
        draw = 0.0 if signed_in else self.random.random()
        if draw < 0.34:
            # The resident whose login is shown has the most to see.
            first, *others = self.cast.residents
            return self.random.choice([first, first, *others]), "web", {}
        name, phone = self.random.choice(CALLERS)
        contact = {"contact": phone, "reporter_name": name}
        if draw < 0.54:
            return None, "web", contact
        if draw < 0.62:
            return None, "web", {}
        if draw < 0.8:
            return self.cast.find("grid_worker", spot.grid), "field", {}
        clerks = [t for t in self.cast.full_townships() if spot.grid.startswith(t)]
        role, channels = ("clerk", ("window", "phone", "paper")) if clerks else ("dispatcher", ("phone",))
        return self.cast.find(role, spot.grid), self.random.choice(channels), contact

    def _photos(self, code: str) -> Callable[[Actor, str, str], list[str]]:
        variant = self.random.randrange(VARIANTS)

        def photos(by: Actor, when: str, client_key: str) -> list[str]:
            content = picture(SCENE_OF.get(code, "heap"), after=when == "after", variant=variant)
            name = {"before": "现场.jpg", "after": "处理后.jpg"}[when]
            upload = take_upload(content, by=by, owner=owner_of(by, client_key), name=name, at=self.at)
            return [upload.uid.hex]

        return photos


def _beside(spot: Spot, random: Random) -> Spot:
    """A few metres away (附近几米), or the very place where that would be outside the county."""
    lng, lat = (round(v + random.uniform(-0.00012, 0.00012), 6) for v in (spot.lng, spot.lat))
    return replace(spot, lng=lng, lat=lat) if locate(lng, lat) else spot
