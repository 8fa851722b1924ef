"""Addresses of care (关爱地址)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from linli.domains.care import views

app_name = "care"

urlpatterns: list[URLPattern | URLResolver] = [
    path("care/", views.home, name="home"),
    path("care/self-check/", views.self_check, name="self_check"),
    path("staff/care/", views.day, name="day"),
    path("staff/care/totals/", views.totals, name="totals"),
]
