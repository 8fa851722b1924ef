"""What is promised is never longer than the law allows (承诺时限不长于法定时限; facts 57, 优化营商环境条例 36): such a draft is kept
by no door, whatever the units and the season."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.base.errors import Invalid
from linli.base.periods import Period
from linli.domains.matters import editing, services
from linli.domains.matters.catalogue_file import import_matters
from linli.domains.matters.models import MatterVersion
from linli.domains.matters.spec import CATALOGUE
from linli.domains.matters.tests.test_law_vectors import is_workday
from linli.kernel.people.models import Organisation
from linli.kernel.procedures.checks.worstcase import too_long
from tests.cast import Cast

pytestmark = pytest.mark.django_db
AT = datetime(2026, 9, 1, 2, tzinfo=UTC)
RAW = tomllib.loads((CATALOGUE / "subsistence.toml").read_text(encoding="utf-8"))
LAST = date(2026, 12, 31)
STARTS = [date(2026, month, number) for month in range(1, 9) for number in range(1, 29)]
UNITS = {"working_days": 60, "days": 90, "months": 3}
PERIODS = st.sampled_from(sorted(UNITS)).flatmap(
    lambda unit: st.integers(1, UNITS[unit]).map(lambda n: Period(n, unit))
)
SOME = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@cache
def last_day(period: Period, start: date) -> date | None:
    """By hand (手工数): a last day on which nobody works moves on (民法典 203); nothing is known of next year."""
    on, n = start, period.n
    if period.unit == "months":
        month = start.month - 1 + n
        on = date(start.year + month // 12, month % 12 + 1, start.day)
    elif period.unit == "days":
        on += timedelta(days=n)
    while period.unit == "working_days" and n and on < LAST:
        on += timedelta(days=1)
        n -= is_workday(on)
    while on <= LAST and not is_workday(on):
        on += timedelta(days=1)
    return on if on <= LAST and (period.unit != "working_days" or not n) else None


def is_longer(promised: Period, legal: Period) -> bool:
    if promised.unit == legal.unit:
        return promised.n > legal.n
    ends = [(last_day(promised, s), last_day(legal, s)) for s in STARTS]
    return any(one is not None and other is not None and one > other for one, other in ends)


LONGER = st.tuples(PERIODS, PERIODS).filter(lambda pair: is_longer(*pair))


def said(promised: Period, legal: Period) -> dict[str, Any]:
    changed = {"legal_limit": legal.en, "promised_limit": promised.en, "special": ["supplement"]}
    return {**{k: v for k, v in RAW.items() if k != "legal_limit_none"}, **changed}


@pytest.fixture
def civil(cast: Cast) -> Organisation:
    county = cast.area("county")
    return Organisation.objects.create(
        code=f"{county.prefix}-civil", name="区民政局", kind="department", area=county
    )


@pytest.mark.usefixtures("civil")
@SOME
@given(pair=LONGER)
def test_no_verb_keeps_it(cast: Cast, pair: tuple[Period, Period]) -> None:
    with pytest.raises(Invalid) as refused:
        services.save_draft(cast.area("county"), said(*pair), by=cast.actor("admin"), at=AT)
    assert refused.value.code == "matters.not_kept"
    assert not MatterVersion.objects.exists()


@pytest.mark.usefixtures("civil")
@SOME
@given(pair=LONGER)
def test_no_page_keeps_it(cast: Cast, pair: tuple[Period, Period]) -> None:
    kept = services.save_draft(cast.area("county"), RAW, by=cast.actor("admin"), at=AT)
    client: Client = cast.client("admin")
    values = {**editing.values_of(RAW), "legal_limit": pair[1].en, "promised_limit": pair[0].en}
    entered = {k: "1" if v is True else v for k, v in values.items() if v not in (None, False)}
    page = client.post("/staff/admin/matters/subsistence/edit/", entered)
    assert page.status_code == 422
    kept.refresh_from_db()
    assert kept.spec["promised_limit"] == RAW["promised_limit"]
    assert MatterVersion.objects.count() == 1


@pytest.mark.usefixtures("civil")
@SOME
@given(pair=LONGER)
def test_no_import_keeps_it(cast: Cast, tmp_path: Path, pair: tuple[Period, Period]) -> None:
    raw = {k: v.isoformat() if isinstance(v, date) else v for k, v in said(*pair).items()}
    file = tmp_path / "one.json"
    file.write_text(json.dumps({"matters": [raw]}, ensure_ascii=False), encoding="utf-8")
    report = import_matters(file, at=AT)
    assert (report.n_read, report.n_accepted, report.n_rejected) == (1, 0, 1)
    assert not MatterVersion.objects.exists()


def test_the_api_only_reads_them() -> None:
    written = json.loads((Path(__file__).parents[5] / "tests/house/openapi.json").read_text(encoding="utf-8"))
    found = {path: set(verbs) for path, verbs in written["paths"].items() if "/matters" in path}
    assert found
    found = {
        path: verbs for path, verbs in found.items() if not path.endswith("/applications")
    }  # applied for
    assert all(verbs <= {"get", "parameters"} for verbs in found.values())


@SOME
@given(pair=st.tuples(PERIODS, PERIODS))
def test_what_the_checker_lets_through_never_ends_later(pair: tuple[Period, Period]) -> None:
    if too_long((pair[0],), pair[1]) is None:
        assert not is_longer(*pair)
