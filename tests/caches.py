"""What a process keeps for some seconds (短时缓存), held for whoever counts statements: a slow machine would read it again in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

FOR_EVER = 1e9


def keep_caches(patch: pytest.MonkeyPatch) -> None:
    from linli.domains.events import fields
    from linli.kernel.calendar import queries
    from linli.kernel.notices import texts
    from linli.kernel.people import hours
    from linli.kernel.places import locator
    from linli.kernel.procedures import holders, versions

    for module in (fields, texts, hours, holders, versions):
        module.forget()
        patch.setattr(module, "KEPT_SECONDS", FOR_EVER)
    queries.forget()
    patch.setattr(queries, "REFRESH_SECONDS", FOR_EVER)
    locator.forget_shapes()
    patch.setattr(locator, "RECHECK_SECONDS", FOR_EVER)
