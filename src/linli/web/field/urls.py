"""Addresses of the field app and of whoever leads field work (外勤页面地址)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from linli.web.field import enrolling, shell

urlpatterns: list[URLPattern | URLResolver] = [
    path("field/", shell.shell, name="field"),
    path("field/sw.js", shell.service_worker, name="field_worker"),
    path("field/manifest.webmanifest", shell.manifest, name="field_manifest"),
    path("field/session/", shell.session, name="field_session"),
    path("field/enrol/", enrolling.enrol, name="field_enrol"),
]
