"""Reads the configuration (读取配置): environment variables win over the TOML file named by `LINLI_CONFIG`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class Config:
    data_dir: str
    database_url: str
    secret_key: str
    keys: str
    debug: bool
    demo: bool
    allowed_hosts: list[str]
    trusted_origins: list[str]
    map_tiles: str

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> Config:
        file: dict[str, Any] = {}
        if path := environ.get("LINLI_CONFIG"):
            file = tomllib.loads(Path(path).read_text())

        def get(name: str, default: str = "") -> str:
            return str(environ.get(f"LINLI_{name.upper()}", file.get(name, default)))

        def words(name: str, default: str = "") -> list[str]:
            return [w for w in get(name, default).replace(",", " ").split() if w]

        data_dir = str(Path(get("data_dir", "var")).resolve())
        return cls(
            data_dir=data_dir,
            database_url=get("database_url"),
            secret_key=get("secret_key", "unsafe-development-key"),
            keys=get("keys"),
            debug=get("debug").lower() in {"1", "true", "yes"},
            demo=get("demo").lower() in {"1", "true", "yes"},
            allowed_hosts=words("allowed_hosts", "localhost 127.0.0.1 [::1]"),
            trusted_origins=words("trusted_origins"),
            map_tiles=get("map_tiles"),
        )


def database_from_url(url: str, data_dir: str) -> dict[str, Any]:
    """The database from `LINLI_DATABASE_URL`; without one the embedded database in the data folder."""
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
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("LINLI_DATABASE_URL must begin with postgresql://")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
