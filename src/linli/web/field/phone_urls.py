"""Addresses that phones call (手机接口地址), below /api/v1/field/."""

from __future__ import annotations

from django.urls import URLPattern, path

from linli.web.field import phone

urlpatterns: list[URLPattern] = [
    path("hello", phone.hello, name="field_hello"),
    path("bundle", phone.bundle, name="field_bundle"),
    path("arrivals", phone.arrivals, name="field_arrivals"),
    path("photos/<uuid:uid>", phone.photo, name="field_photo"),
    path("files/<str:name>", phone.file, name="field_file"),
    path("entries", phone.receipts, name="field_receipts"),
    path("entries/<uuid:client_id>", phone.entry, name="field_entry"),
]
