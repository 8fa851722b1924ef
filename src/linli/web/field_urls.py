"""Addresses of the field app's shell (网格员应用的地址). Its API is below /api/v1/field/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from linli.web.views import field_app

urlpatterns: list[URLPattern | URLResolver] = [
    path("field/", field_app.shell, name="field"),
    path("field/sw.js", field_app.service_worker, name="field_worker"),
    path("field/manifest.webmanifest", field_app.manifest, name="field_manifest"),
    path("field/session/", field_app.session, name="field_session"),
]
