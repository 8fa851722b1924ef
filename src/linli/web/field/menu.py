"""What field work adds to the desk's menu (外勤菜单)."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.kernel.fieldwork.leads import ROLES
from linli.kernel.fieldwork.queries import waiting_for
from linli.web.registry import menu_entry


def register() -> None:
    menu_entry(
        "staff",
        "field",
        Text("外勤收件", "Field work"),
        "web:field_arrivals",
        roles=ROLES,
        order=38,
        count=waiting_for,
    )
    menu_entry(
        "staff",
        "field_phones",
        Text("外勤设备", "Field phones"),
        "web:field_phones",
        roles={"grid_worker", "administrator"},
        order=39,
    )
