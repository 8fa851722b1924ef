"""Imports of the field (本领域的导入): old cases and directories of categories."""

from __future__ import annotations

from linli.base.i18n import Text


def register() -> None:
    from linli.domains.events.imports.categories import import_categories
    from linli.domains.events.imports.events import import_events
    from linli.kernel.procedures import registry

    registry.import_kind("events", Text("历史案件", "past cases"), import_events)
    registry.import_kind("categories", Text("类别目录", "a directory of categories"), import_categories)
