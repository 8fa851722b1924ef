"""What this domain adds to the faces (界面登记)."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.domains.matters.catalogue_views import matters, n_in_force
from linli.web.registry import home_card, search_source


def register() -> None:
    home_card(
        "matters", Text("办事指南", "Find a service"), "matters:find", order=12, line=n_in_force, icon="list"
    )
    search_source("matters", Text("办事指南", "Guides to services"), matters, order=5)
    home_card(
        "ratings",
        Text("办事评价", "Ratings"),
        "matters:ratings",
        order=35,
        line=lambda _: Text("哪个单位办得好", "How offices were rated"),
        icon="star",
    )
