"""Which procedure a command means (找程序): one that is shipped, a file, a county's file over the one it extends, or a
version that the installation has stored."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from linli.base.errors import Invalid, NotFound, Unreadable
from linli.base.i18n import Text
from linli.site.cli.house import open_house

if TYPE_CHECKING:
    from linli.kernel.procedures.definitions import Procedure

STORED = re.compile(r"(?P<code>[^@/]+)@(?:(?P<area>\d+):)?(?P<version>\d+)")


@dataclass(frozen=True)
class Source:
    """A procedure as the command named it, and what it says (程序来源)."""

    name: str
    raw: dict[str, Any]

    @property
    def code(self) -> str:
        return str(self.raw.get("code", ""))

    def procedure(self) -> Procedure:
        """Its definition. Refuses what cannot be read as a procedure; `check` says what is wrong with it."""
        from linli.kernel.procedures.loader import procedure_from

        try:
            return procedure_from(self.raw)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Unreadable(
                "procedures.unreadable",
                Text(
                    f"{self.name} 有一项的写法不对（{error}）。请先用 ./linli procedures check 检查。",
                    f"In {self.name} one entry is not written as it must be ({error}). Run ./linli procedures check first.",
                ),
            ) from error


def source_of(name: str) -> Source:
    """Find what a command names (取程序): `grid-event`, `my.toml`, `grid-event@3`, `grid-event@350102:2`.

    Refuses a code, file or version that does not exist, and a county's file that extends nothing known.
    """
    stored = STORED.fullmatch(name)
    if stored:
        return Source(name, _stored(stored["code"], stored["area"] or "", int(stored["version"])))
    path = Path(name)
    if path.suffix == ".toml" or path.is_file():
        return Source(name, _from_file(path))
    raw = shipped().get(name)
    if raw is None:
        raise NotFound(
            "procedures.unknown",
            Text(
                f"没有“{name}”这个程序，也没有这个文件。可用 ./linli procedures list 查看全部。",
                f"There is no procedure and no file {name!r}. See them all with ./linli procedures list.",
            ),
        )
    return Source(name, raw)


def shipped() -> dict[str, dict[str, Any]]:
    from linli.kernel.procedures.versions import shipped_files

    return {code: raw for code, (_, raw) in shipped_files().items()}


def titles() -> dict[str, Text]:
    """What the shipped procedures are called (程序名称), for those that others refer to."""
    from linli.kernel.procedures.loader import procedure_from
    from linli.kernel.procedures.wording import titles_of

    return titles_of(procedure_from(raw) for raw in shipped().values())


def _from_file(path: Path) -> dict[str, Any]:
    from linli.kernel.procedures.loader import lay_over, read_file

    if not path.is_file():
        raise Invalid(
            "procedures.no_such_file",
            Text(f"没有“{path}”这个文件。请核对路径。", f"There is no file {path}. Check the path."),
        )
    raw = read_file(path)
    if "extends" not in raw:
        return raw
    base = shipped().get(str(raw["extends"]))
    if base is None:
        raise NotFound(
            "procedures.unknown_base",
            Text(
                f"{path.name} 要改的程序“{raw['extends']}”不存在。请核对 extends。",
                f"{path.name} extends {raw['extends']!r}, which is no known procedure. Check `extends`.",
            ),
        )
    return lay_over(base, raw)


def _stored(code: str, area: str, version: int) -> dict[str, Any]:
    open_house()
    from linli.kernel.procedures.models import ProcedureVersion

    rows = ProcedureVersion.objects.filter(code=code, jurisdiction=area)
    row = rows.filter(version=version).first()
    if row is None:
        known = "、".join(str(n) for n in rows.order_by("version").values_list("version", flat=True))
        raise NotFound(
            "procedures.unknown_version",
            Text(
                f"数据库里没有“{code}”的第 {version} 版。现有：{known or '无'}。",
                f"The database has no version {version} of {code!r}. It has: {known or 'none'}.",
            ),
        )
    found: Mapping[str, Any] = json.loads(row.definition)
    return {**found, "version": row.version}
