"""No sealed field without a declared purpose (个人信息字段都要声明用途, rights.md 1)."""

from __future__ import annotations

from linli.kernel.people.purposes import undeclared_fields


def test_every_sealed_field_says_what_it_is_for() -> None:
    assert undeclared_fields() == []
