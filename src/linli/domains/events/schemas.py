"""What reporting takes and gives (反映的数据结构)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema
from pydantic import Field

from linli.web.api.schemas import Strict, Words


class ReportIn(Strict):
    description: str = Field(default="", description="what it is, where exactly, since when")
    lng: float | None = Field(default=None, ge=-180, le=180, allow_inf_nan=False, description="WGS-84")
    lat: float | None = Field(default=None, ge=-90, le=90, allow_inf_nan=False, description="WGS-84")
    area: str = Field(default="", max_length=20, description="code of an area, where there is no point")
    place_text: str = Field(default="", max_length=200)
    category: str = Field(default="", max_length=80, description="`key` of a category, if known")
    contact: str = Field(
        default="", max_length=40, description="phone; makes the reporter a party who is told"
    )
    reporter_name: str = Field(default="", max_length=40)
    photos: list[str] = Field(default=[], max_length=20, description="`uid`s from POST /files")
    channel: Literal["", "api", "window", "phone", "paper", "field"] = Field(
        default="", description="for staff who enter what somebody else reported; otherwise `api`"
    )


class NearbyOut(Schema):
    """An open case close by: its public summary; number, title and distance only for those who may see it."""

    procedure: Words
    category: Words | None
    place: Words
    step: Words
    opened_at: datetime
    n_reporters: int
    number: str | None
    title: str | None
    metres: int | None


class NearbyList(Schema):
    items: list[NearbyOut]


class CategoryOut(Schema):
    key: str
    code: str
    name: Words
    parent: str | None
    depth: int
    accept_condition: str
    close_condition: str
    limit: str
    grade: str
    needs_photos: bool


class CategoryList(Schema):
    items: list[CategoryOut] = Field(description="in tree order")
