"""What a process keeps for some seconds (短时缓存), held for a whole test that counts statements: a slow machine would read
it again in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def keep_caches(patch: pytest.MonkeyPatch) -> None:
    from linli.kernel.notices import texts
    from linli.kernel.people import hours
    from linli.kernel.procedures import holders

    for module in (holders, texts, hours):
        patch.setattr(module, "KEPT_SECONDS", 3600)
