"""Addresses of matters (政务服务地址)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from linli.domains.matters import catalogue_views, ratings_views

app_name = "matters"

urlpatterns: list[URLPattern | URLResolver] = [
    path("matters/", catalogue_views.find, name="find"),
    path("matters/<str:code>/", catalogue_views.matter, name="matter"),
    path("life/<str:code>/", catalogue_views.life_event, name="life_event"),
    path("ratings/", ratings_views.ratings, name="ratings"),
]
