"""Addresses of the shared faces (公共界面地址). /staff/ is the desk, /board/ the wall, all else the public."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from linli.web.views import home, maps, preferences

app_name = "web"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("help/", home.help_page, name="help"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("area/", preferences.choose_area, name="area"),
    path("map/shapes.json", maps.shapes, name="shapes"),
    path("map/where.json", maps.where, name="where"),
]
