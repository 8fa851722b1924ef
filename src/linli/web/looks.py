"""A look at personal data in words (查阅的说法)."""

from __future__ import annotations

from linli.base.i18n import Text

WHAT = {
    "name": Text("姓名", "name"),
    "phone": Text("电话", "phone"),
    "id_number": Text("证件号码", "ID number"),
    "contact": Text("联系电话", "phone"),
    "reporter_name": Text("称呼", "name"),
    "search:phone": Text("按电话查找", "search by phone"),
    "search:name": Text("按姓名查找", "search by name"),
    "search:name_part": Text("按姓名的一部分查找", "search by part of a name"),
    "file": Text("整个案卷", "the whole file"),
    "home_address": Text("住址", "address"),
    "helper_name": Text("代办人姓名", "helper's name"),
    "helper_phone": Text("代办人电话", "helper's phone"),
    "search:id_number": Text("按证件号码查找", "search by ID number"),
}


def spoken(what: str) -> Text:
    """The field codes of a look as names (查看了哪几项); an unknown code stays as it is."""
    parts = [WHAT.get(code, Text(code, code)) for code in what.split(", ") if code]
    return Text("、".join(p.zh for p in parts), ", ".join(p.en for p in parts))
