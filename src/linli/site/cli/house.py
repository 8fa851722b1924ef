"""Opens the house for a command (打开系统): settings, data folder, database, procedures."""

from __future__ import annotations

import os
from pathlib import Path

from linli.base.errors import Refused, Unreadable
from linli.base.i18n import Text
from linli.site.cli.speech import tell


def choose_data_dir(data: str | None) -> None:
    """Before the settings load: `--data` wins over environment and file (选定数据文件夹)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.site.settings")
    if data:
        os.environ["LINLI_DATA_DIR"] = str(Path(data).expanduser().resolve())


def has_database() -> bool:
    """Is there a database to open (是否已有数据库)? PostgreSQL counts as one before it is asked."""
    from linli.site.config import Config

    config = Config.load(os.environ)
    return bool(config.database_url) or (Path(config.data_dir) / "linli.sqlite3").exists()


def open_house(*, create: bool = False) -> None:
    """Make the database usable (准备数据库): a new data folder is made and migrated when `create` says so.

    Refuses a folder without a database (`site.no_database`) and one that an older release left
    (`site.not_migrated`): migrating is the operator's decision, after a backup.
    """
    from linli.site.config import Config

    config = Config.load(os.environ)
    if not create and not has_database():
        raise _no_database(config.data_dir)
    make_folder(Path(config.data_dir))
    setup_django()
    from linli.site.health import pending_migrations

    if is_empty():
        if not create:
            raise _no_database(config.data_dir)
        migrate()
    elif pending := pending_migrations():
        raise Refused(
            "site.not_migrated",
            Text(
                f"数据库还缺 {len(pending)} 步升级（{pending[0]} 等）。请先备份，再运行 ./linli migrate。",
                f"The database lacks {len(pending)} migrations ({pending[0]} …). "
                "Make a backup, then run ./linli migrate.",
            ),
            pending=pending,
        )


def is_empty() -> bool:
    """Has nobody used this database yet (空数据库)?"""
    from django.db import connection

    return "django_migrations" not in connection.introspection.table_names()


def setup_django() -> None:
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()


def make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    except OSError as error:
        raise Unreadable(
            "site.no_data_folder",
            Text(
                f"数据文件夹 {folder} 不能使用：{error.strerror}。请换一个 --data，或核对权限。",
                f"The data folder {folder} cannot be used: {error.strerror}. Name another with --data, or check its rights.",
            ),
        ) from error


def migrate() -> list[str]:
    """Bring the database up to date and load the procedures (升级数据库、载入程序). Returns what was applied."""
    from django.core.management import call_command

    from linli.kernel.procedures.versions import load_all
    from linli.site.health import pending_migrations

    pending = pending_migrations()
    if pending:
        tell(f"升级数据库：{len(pending)} 步", f"bringing the database up to date: {len(pending)} steps")
    call_command("migrate", interactive=False, verbosity=0)
    load_all()
    return pending


def _no_database(folder: str) -> Unreadable:
    return Unreadable(
        "site.no_database",
        Text(
            f"文件夹 {folder} 里还没有数据库。请核对 --data，或先运行 ./linli migrate 建立。",
            f"The folder {folder} has no database yet. Check --data, or make one with ./linli migrate.",
        ),
    )
