"""Settings (设置): environment first, then one TOML file, then safe defaults."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from linli.site.config import Config, database_from_url

CONFIG = Config.load(os.environ)

LINLI_DATA_DIR = CONFIG.data_dir
LINLI_DEMO = CONFIG.demo
LINLI_KEYS = CONFIG.keys
LINLI_MAP_TILES = CONFIG.map_tiles

SECRET_KEY = CONFIG.secret_key
DEBUG = CONFIG.debug
ALLOWED_HOSTS = CONFIG.allowed_hosts
CSRF_TRUSTED_ORIGINS = CONFIG.trusted_origins

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "django_htmx",
    "linli.kernel.calendar",
    "linli.kernel.places",
    "linli.kernel.people",
    "linli.kernel.records",
    "linli.kernel.notices",
    "linli.kernel.procedures",
    "linli.kernel.indicators",
    "linli.web",
    "linli.domains.events",
]

AUTH_USER_MODEL = "people.Account"
MIDDLEWARE: list[str] = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "linli.site.urls"
WSGI_APPLICATION = "linli.site.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

DATABASES = {"default": database_from_url(CONFIG.database_url, CONFIG.data_dir)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
LANGUAGE_CODE = "zh-hans"

STATIC_URL = "/static/"
STATIC_ROOT = Path(CONFIG.data_dir) / "static"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
