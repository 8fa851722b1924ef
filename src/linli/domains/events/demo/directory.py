"""The shipped category directory and its dispatch rules (随产品提供的类别目录、派单目录), put in force for a county."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from linli.domains.events import fields
from linli.domains.events.models import Category, Directory, DispatchRule
from linli.kernel.people.models import Organisation
from linli.kernel.places.models import Area
from linli.kernel.places.queries import children

DATA = Path(__file__).parent / "data"


def data(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


def load_directory() -> dict[str, Category]:
    """Put the shipped directory in force (启用类别目录): code → category, groups by their two digits."""
    raw = data("directory")
    directory = Directory.objects.create(
        code=raw["code"],
        version=raw["version"],
        title=raw["title"],
        basis=raw["basis"],
        source=raw["source"],
        active=True,
    )
    found: dict[str, Category] = {}
    for order, group in enumerate(raw["group"]):
        parent = _category(directory, group, order, None)
        found[parent.code] = parent
        for place, item in enumerate(group["items"]):
            child = _category(directory, item, place, parent)
            found[child.code] = child
    fields.forget()
    return found


def _category(directory: Directory, raw: Mapping[str, Any], order: int, parent: Category | None) -> Category:
    return Category.objects.create(
        key=f"{directory.code}:{directory.version}:{raw['code']}",
        directory=directory,
        code=raw["code"],
        parent=parent,
        depth=2 if parent else 1,
        order=order,
        name=raw["zh"],
        name_en=raw["en"],
        accept_condition=raw.get("accept", ""),
        close_condition=raw.get("close", ""),
        limit=raw.get("limit", ""),
        grade=raw.get("grade", ""),
        needs_photos=raw.get("needs_photos", False),
        help_case=raw.get("help_case", False),
        public_point=raw.get("public_point", False),
        keywords=raw.get("keywords", ""),
    )


def load_dispatch(county: Area, categories: Mapping[str, Category]) -> None:
    """Category × area → organisation (启用派单目录). A street office with a team of its own takes small matters."""
    raw = data("dispatch")
    known = {o.code: o for o in Organisation.objects.filter(area__prefix__startswith=county.prefix)}

    def of(area: Area, key: str) -> Organisation | None:
        return known.get(f"{area.prefix}-{key}")

    DispatchRule.objects.create(
        area=county, lead=known[f"{county.prefix}-{raw['default']}"], basis="兜底（样例）"
    )
    for rule in raw["rule"]:
        made = DispatchRule.objects.create(
            category=categories[rule["category"]],
            lead=known[f"{county.prefix}-{rule['lead']}"],
            basis=rule.get("basis", "单位职责（样例）"),
        )
        helpers = [helper for key in rule.get("helpers", ()) if (helper := of(county, key))]
        made.helpers.set(helpers)
    for rule in raw["township_rule"]:
        for township in children(county):
            street = of(township, rule["lead"])
            if street is None or not any("handler" in post.roles for post in street.posts.all()):
                continue  # an office without a team of its own
            DispatchRule.objects.bulk_create(
                DispatchRule(category=categories[code], area=township, lead=street, basis=rule["basis"])
                for code in rule["categories"]
            )
