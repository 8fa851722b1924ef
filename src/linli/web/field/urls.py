"""Addresses of the field app and of whoever leads field work (外勤页面地址)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from linli.web.field import enrolling

urlpatterns: list[URLPattern | URLResolver] = [
    path("field/enrol/", enrolling.enrol, name="field_enrol"),
]
