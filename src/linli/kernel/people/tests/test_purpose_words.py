"""Every purpose that a procedure file writes as a code has words in both languages (用途的说法)."""

from __future__ import annotations

import re

import pytest

from linli.kernel.people.purposes import purpose_title
from linli.kernel.procedures.versions import current_procedures, load_all

pytestmark = pytest.mark.django_db


def test_no_purpose_is_shown_as_a_code() -> None:
    load_all()
    codes = {
        field.personal.purpose
        for procedure in current_procedures()
        for field in procedure.fields.values()
        if field.personal
    }
    assert codes
    assert not [c for c in codes if re.fullmatch(r"[a-z-]+", c) and purpose_title(c).zh == c]
