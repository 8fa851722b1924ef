"""Addresses of matters (政务服务地址)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from linli.domains.matters import ratings_views

app_name = "matters"

urlpatterns: list[URLPattern | URLResolver] = [
    path("ratings/", ratings_views.ratings, name="ratings"),
]
