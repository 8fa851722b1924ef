"""Addresses of whoever leads field work (外勤负责人地址)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from linli.web.field import desk, rescuing

urlpatterns: list[URLPattern | URLResolver] = [
    path("staff/field/", desk.arrivals, name="field_arrivals"),
    path("staff/field/phones/", desk.phones, name="field_phones"),
    path("staff/field/phones/<uuid:uid>/<slug:how>/", desk.end_phone, name="field_phone_end"),
    path("staff/field/walks/", desk.walks, name="field_walks"),
    path("staff/field/rescue/", rescuing.rescue_file, name="field_rescue"),
    path("staff/field/<uuid:uid>/", desk.entry, name="field_entry"),
    path("staff/field/<uuid:uid>/files/<int:place>/", desk.file, name="field_entry_file"),
    path("staff/field/<uuid:uid>/<slug:verb>/", desk.decide, name="field_decide"),
]
