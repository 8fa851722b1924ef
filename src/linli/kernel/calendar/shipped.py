"""The year tables that come with Linli (随产品提供的年表), read from `days_off.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

FILE = Path(__file__).with_name("days_off.toml")


@dataclass(frozen=True, slots=True)
class YearTable:
    """One year's notice (一年的安排): days off and make-up working days with their festival."""

    year: int
    notice: str
    off: dict[date, str]
    work: dict[date, str]


def shipped_years() -> Iterator[YearTable]:
    for entry in tomllib.loads(FILE.read_text(encoding="utf-8"))["years"]:
        off = {
            span["from"] + timedelta(days=i): span["name"]
            for span in entry["off"]
            for i in range((span["to"] - span["from"]).days + 1)
        }
        yield YearTable(
            entry["year"], entry["notice"], off, {day["on"]: day["name"] for day in entry["work"]}
        )
