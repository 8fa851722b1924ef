"""Which vault is in force (当前密钥): from `LINLI_KEYS`, else the key file of the data folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from linli.base.vault import Vault, load_or_create, new_keys_json, text_or_create, vault_from_json


def keys_text() -> str:
    """The keys as they are written (密钥原文), for a child process that seals: never logged, never stored elsewhere."""
    return settings.LINLI_KEYS or text_or_create(
        Path(settings.LINLI_DATA_DIR) / "keys" / "keys.json", new_keys_json
    )


@cache
def current_vault() -> Vault:
    if settings.LINLI_KEYS:
        return vault_from_json(settings.LINLI_KEYS)
    return load_or_create(Path(settings.LINLI_DATA_DIR) / "keys")
