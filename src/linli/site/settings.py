"""Settings (设置): environment first, then one TOML file, then safe defaults. `./linli check` names what is unsafe."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from linli.base.vault import text_or_create
from linli.site.config import Config, database_from_url, mail_from_url, tile_hosts
from linli.site.security import LOCKED_MINUTES

CONFIG = Config.load(os.environ)

LINLI_DATA_DIR = CONFIG.data_dir
LINLI_DEMO = CONFIG.demo
LINLI_DEMO_PASSWORD = CONFIG.demo_password if CONFIG.demo else ""
LINLI_KEYS = CONFIG.keys
LINLI_PROOF_ALGORITHM = CONFIG.proof_algorithm
LINLI_MAP_TILES = CONFIG.map_tiles
LINLI_HTTPS = CONFIG.https
LINLI_UPLOAD_BYTES = CONFIG.upload_mb * 1024 * 1024
LINLI_SMS_URL = CONFIG.sms_url
LINLI_SMS_TOKEN = CONFIG.sms_token
LINLI_SMS_SECRET = CONFIG.sms_secret
LINLI_SMS_FIELDS = CONFIG.sms_fields
LINLI_SMS_EXTRA = CONFIG.sms_extra
LINLI_SMS_OK = CONFIG.sms_ok
LINLI_SMS_TIMEOUT = CONFIG.sms_timeout
LINLI_OUTBOX = CONFIG.outbox

# Never a constant: one of each installation's own, beside the other keys and outside the database.
SECRET_KEY = CONFIG.secret_key or text_or_create(
    Path(CONFIG.data_dir) / "keys" / "secret_key", lambda: secrets.token_urlsafe(64)
)
DEBUG = CONFIG.debug
ALLOWED_HOSTS = CONFIG.allowed_hosts
CSRF_TRUSTED_ORIGINS = CONFIG.trusted_origins

# Domains: one line each; their addresses and registrations follow from it.
DOMAINS = [
    "linli.domains.events",
    "linli.domains.disputes",
    "linli.domains.matters",
    "linli.domains.enforcement",
    "linli.domains.disclosure",
    "linli.domains.care",
    "linli.domains.registers",
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "linli.kernel.calendar",
    "linli.kernel.places",
    "linli.kernel.people",
    "linli.kernel.records",
    "linli.kernel.notices",
    "linli.kernel.publicity",
    "linli.kernel.procedures",
    "linli.kernel.indicators",
    "linli.kernel.fieldwork",
    "linli.kernel.exchange",
    "linli.web",
    *DOMAINS,
]

AUTH_USER_MODEL = "people.Account"
MIDDLEWARE: list[str] = [
    *(["linli.site.security.ProxyMiddleware"] if CONFIG.behind_proxy else []),
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "linli.site.security.CompressPublicPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "linli.web.middleware.LanguageMiddleware",  # after sign-in: an account has a language
    "axes.middleware.AxesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "linli.web.middleware.ErrorsMiddleware",
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

DATABASES = {"default": database_from_url(CONFIG.database_url, CONFIG.data_dir, CONFIG.database_pool)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]

STATIC_URL = "/static/"
STATIC_ROOT = Path(CONFIG.data_dir) / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": CONFIG.data_dir},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if CONFIG.plain_static
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = CONFIG.plain_static

# Uploads: small forms in memory, files in pieces to disk, and a limit on both.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_HANDLERS = ["linli.site.security.LimitedUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o600

# Sign-in: Argon2, five wrong tries for one account from one address, then a pause.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=LOCKED_MINUTES)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "linli.site.security.locked_out"
AXES_DISABLE_ACCESS_LOG = (
    True  # our own records say who signed in; a second list of everybody's habits is not kept
)
AXES_VERBOSE = False

SESSION_COOKIE_AGE = CONFIG.session_hours * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CONFIG.https
CSRF_FAILURE_VIEW = "linli.web.views.errors.csrf_failure"

SECURE_SSL_REDIRECT = CONFIG.https and CONFIG.behind_proxy
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CONFIG.behind_proxy else None
SECURE_HSTS_SECONDS = CONFIG.hsts_seconds
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# Everything comes from ourselves; only map pictures may come from the tile server that the settings name.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *tile_hosts(CONFIG.map_tiles)],
        "media-src": [SELF, "blob:"],  # voice notes, also before they are sent
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

DEFAULT_FROM_EMAIL = SERVER_EMAIL = CONFIG.mail_from
EMAIL_BACKEND = "linli.kernel.notices.gateways.FileEmailBackend"
if CONFIG.mail_url:
    globals().update(mail_from_url(CONFIG.mail_url))

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "linli": {"level": "INFO"},
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "axes": {"level": "ERROR"},
    },
}
