"""Reads the configuration (读取配置): environment variables win over the TOML file named by `LINLI_CONFIG`.

The environment says `LINLI_DATABASE_URL`, the file says `database_url`; docs/reference lists every name. A name in
the file that is not known is refused, so that a slip of the pen does not pass for a safe default.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from linli.base.errors import Unreadable
from linli.base.i18n import Text

PREPARED_AFTER = 3  # times that a connection runs a statement
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


@dataclass(frozen=True)
class Config:
    data_dir: str
    database_url: str
    database_pool: int  # most connections a process keeps to PostgreSQL; 0: one kept by each thread
    secret_key: str  # empty: one is made into the key folder
    keys: str
    proof_algorithm: str  # of the daily root: ed25519 (SHA-256) or sm2 (SM3)
    debug: bool
    demo: bool
    demo_password: str  # of every demo account; nobody has it outside demo mode
    allowed_hosts: list[str]
    trusted_origins: list[str]
    https: bool  # cookies travel by HTTPS only
    behind_proxy: bool  # a proxy of ours ends TLS, sets X-Forwarded-Proto and appends to X-Forwarded-For
    hsts_seconds: int
    plain_static: bool  # static files under their plain names, without collecting them first
    upload_mb: int
    session_hours: int
    map_tiles: str
    mail_url: str
    mail_from: str
    sms_url: str
    sms_token: str
    sms_secret: str
    sms_fields: dict[str, str]
    sms_extra: dict[str, Any]
    sms_ok: dict[str, Any]
    sms_timeout: int
    outbox: bool  # without a gateway SMS go into files of the data folder

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> Config:
        given = Given(environ, _file(environ.get("LINLI_CONFIG", ""), {f.name for f in fields(cls)}))
        debug, demo = given.truth("debug"), given.truth("demo")
        return cls(
            data_dir=str(Path(given.text("data_dir", "var")).resolve()),
            database_url=given.text("database_url"),
            database_pool=given.number("database_pool", 0),
            secret_key=given.text("secret_key"),
            keys=given.text("keys"),
            proof_algorithm=given.one_of("proof_algorithm", "ed25519", "sm2"),
            debug=debug,
            demo=demo,
            demo_password=given.text("demo_password", "linli-demo-2026"),
            allowed_hosts=given.words("allowed_hosts", "localhost 127.0.0.1 [::1]"),
            trusted_origins=given.words("trusted_origins"),
            https=given.truth("https", default=not (debug or demo)),
            behind_proxy=given.truth("behind_proxy"),
            hsts_seconds=given.number("hsts_seconds", 0),
            plain_static=given.truth("plain_static", default=debug),
            upload_mb=given.number("upload_mb", 20),
            session_hours=given.number("session_hours", 12),
            map_tiles=given.text("map_tiles"),
            mail_url=given.text("mail_url"),
            mail_from=given.text("mail_from", "linli@localhost"),
            sms_url=given.text("sms_url"),
            sms_token=given.text("sms_token"),
            sms_secret=given.text("sms_secret"),
            sms_fields=given.table("sms_fields"),
            sms_extra=given.table("sms_extra"),
            sms_ok=given.table("sms_ok"),
            sms_timeout=given.number("sms_timeout", 8),
            outbox=given.truth("outbox", default=True),
        )


@dataclass(frozen=True)
class Given:
    """What was given (给定的值): each reading refuses what is not of its kind and names the setting."""

    environ: Mapping[str, str]
    file: Mapping[str, Any]

    def raw(self, name: str, default: Any) -> Any:
        return self.environ.get(f"LINLI_{name.upper()}", self.file.get(name, default))

    def text(self, name: str, default: str = "") -> str:
        return str(self.raw(name, default))

    def words(self, name: str, default: str = "") -> list[str]:
        value = self.raw(name, default)
        return [str(v) for v in value] if isinstance(value, list) else str(value).replace(",", " ").split()

    def one_of(self, name: str, *choices: str) -> str:
        """One of these words; the first when nothing is given."""
        word = self.text(name, choices[0]).strip().lower()
        if word not in choices:
            raise _wrong(name, " 或 ".join(choices), " or ".join(choices))
        return word

    def truth(self, name: str, *, default: bool = False) -> bool:
        word = str(self.raw(name, default)).strip().lower()
        if word not in TRUE | FALSE:
            raise _wrong(name, "1 或 0", "1 or 0")
        return word in TRUE

    def number(self, name: str, default: int) -> int:
        word = str(self.raw(name, default)).strip()
        if not word.isdecimal():
            raise _wrong(name, "一个非负整数", "a whole number, 0 or more")
        return int(word)

    def table(self, name: str) -> dict[str, Any]:
        value = self.raw(name, {})
        try:
            value = json.loads(value or "{}") if isinstance(value, str) else value
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise _wrong(name, "一个 JSON 对象（或 TOML 表）", "a JSON object (or a TOML table)")
        return value


def _wrong(name: str, zh: str, en: str) -> Unreadable:
    return Unreadable(
        "site.bad_setting",
        Text(
            f"配置项 LINLI_{name.upper()} 应当是{zh}。请更正后再启动。",
            f"The setting LINLI_{name.upper()} must be {en}. Mend it and start again.",
        ),
    )


def _file(path: str, known: set[str]) -> dict[str, Any]:
    if not path:
        return {}
    try:
        values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unreadable(
            "site.bad_config",
            Text(
                f"配置文件 {path} 读不出来：{error}。请核对 LINLI_CONFIG 和文件内容。",
                f"The configuration file {path} cannot be read: {error}. Check LINLI_CONFIG and the file.",
            ),
        ) from error
    if unknown := sorted(set(values) - known):
        raise Unreadable(
            "site.unknown_setting",
            Text(
                f"配置文件 {path} 中有不认识的配置项：{'、'.join(unknown)}。请核对拼写。",
                f"The configuration file {path} has unknown settings: {', '.join(unknown)}. Check their spelling.",
            ),
        )
    return values


def database_from_url(url: str, data_dir: str, pool: int = 0) -> dict[str, Any]:
    """The database from `LINLI_DATABASE_URL`; without one the embedded database in the data folder.

    Statements are prepared on PostgreSQL, which saves half of what it spends on parsing and planning; `?prepare=0`
    in the address turns that off for a pooler that hands a connection on after each transaction.
    """
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(Path(data_dir) / "linli.sqlite3"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
            "TEST": {"NAME": str(Path(data_dir) / "test.sqlite3")},  # a file: several threads, real locks
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise _wrong(
            "database_url", "以 postgresql:// 开头的地址", "an address that begins with postgresql://"
        )
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    if options.pop("prepare", "1") != "0":
        options |= {"server_side_binding": True, "prepare_threshold": PREPARED_AFTER}
    if pool:
        options["pool"] = {"min_size": 1, "max_size": pool}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0 if pool else None,  # the pool keeps them instead
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def mail_from_url(url: str) -> dict[str, Any]:
    """Django's e-mail settings from `smtp://user:password@host:587` (`smtps://` for TLS from the start)."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise _wrong(
            "mail_url", "以 smtp:// 或 smtps:// 开头的地址", "an address that begins with smtp:// or smtps://"
        )
    implicit = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if implicit else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": implicit,
        "EMAIL_USE_TLS": not implicit and (parts.port or 587) != 25,
        "EMAIL_TIMEOUT": 15,
    }


def tile_hosts(url: str) -> list[str]:
    """Where map pictures may come from, for the content security policy (底图来源)."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return []
    host = parts.netloc
    if (
        "{" in host
    ):  # t{s}.tiles.example → *.tiles.example: the policy knows a wildcard for a whole label only
        host = "*." + host.split(".", 1)[1]
    return [f"{parts.scheme}://{host}"]
