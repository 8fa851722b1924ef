"""Which vault is in force (当前密钥): from `LINLI_KEYS`, else the key file of the data folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from linli.base.vault import Vault, load_or_create, vault_from_json


@cache
def current_vault() -> Vault:
    if settings.LINLI_KEYS:
        return vault_from_json(settings.LINLI_KEYS)
    return load_or_create(Path(settings.LINLI_DATA_DIR) / "keys")
