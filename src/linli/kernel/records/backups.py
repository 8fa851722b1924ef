"""The mark of the last backup (备份记号): a small file in the data folder, written when a backup is whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from linli.base.errors import Unreadable
from linli.base.i18n import Text

OVERDUE = timedelta(days=1)


@dataclass(frozen=True)
class Backup:
    """When the last backup was made, and where to (最近一次备份); `to` is empty where only its being made was noted."""

    at: datetime
    to: str = ""

    def is_overdue(self, now: datetime) -> bool:
        return now - self.at > OVERDUE


def mark(backup: Backup) -> None:
    """Note a backup that is whole (记下备份)."""
    path = _path()
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps({"at": backup.at.isoformat(), "to": backup.to}), encoding="utf-8")
    partial.replace(path)


def last_backup() -> Backup | None:
    """The last backup that was noted (最近一次备份), or None; a mark that cannot be read is none."""
    try:
        raw = json.loads(_path().read_text(encoding="utf-8"))
        at = datetime.fromisoformat(raw["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Backup(at, str(raw.get("to", ""))) if at.tzinfo else None


def _path() -> Path:
    return Path(settings.LINLI_DATA_DIR) / "backup.json"


def refuse_beside_the_data(folder: Path) -> None:
    """A copy in the data folder is lost with it (备份不放在数据文件夹). Refuses `records.backup_inside`."""
    data = Path(settings.LINLI_DATA_DIR).resolve()
    if folder.resolve().is_relative_to(data):
        raise Unreadable(
            "records.backup_inside",
            Text(
                f"{folder} 在数据文件夹里，数据丢了备份也就丢了。请写到别的磁盘或机器。",
                f"{folder} lies in the data folder and would be lost with it. Name a place on another disk or machine.",
            ),
        )
