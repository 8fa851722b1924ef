"""Addresses of matters (政务服务地址)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from linli.domains.matters import admin_delegation, catalogue_views, ratings_views

app_name = "matters"

urlpatterns: list[URLPattern | URLResolver] = [
    path("matters/", catalogue_views.find, name="find"),
    path("matters/<str:code>/", catalogue_views.matter, name="matter"),
    path("life/<str:code>/", catalogue_views.life_event, name="life_event"),
    path("staff/village/agency/", admin_delegation.own_agency, name="own_agency"),
    path("staff/village/agency/<str:village>/<str:code>/", admin_delegation.answer, name="answer_agency"),
    path("staff/admin/matters/", include("linli.domains.matters.urls_admin")),
    path("ratings/", ratings_views.ratings, name="ratings"),
]
