"""Addresses of the shared faces (公共界面地址). /staff/ is the desk, /board/ the wall, all else the public."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from linli.web import desk_urls, proof_urls, public_urls, resident_urls
from linli.web.field import desk_urls as field_desk_urls
from linli.web.field import urls as field_urls
from linli.web.views import board, design, home, maps, preferences, robots, signin

app_name = "web"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("help/", home.help_page, name="help"),
    path("robots.txt", robots.robots, name="robots"),
    path("design/", design.design, name="design"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("area/", preferences.choose_area, name="area"),
    path("search/", home.public_search, name="public_search"),
    path("track/", signin.track, name="track"),
    path("sign-in/", signin.resident, name="sign_in"),
    path("sign-in/code/", signin.resident_code, name="sign_in_code"),
    path("sign-out/", signin.sign_out, name="sign_out"),
    path("staff/sign-in/", signin.staff, name="staff_sign_in"),
    path("staff/second-factor/", signin.second_factor, name="second_factor"),
    path("staff/password/", signin.change_password, name="change_password"),
    path("staff/figures/", board.figures_page, name="figures"),
    path("staff/", include("linli.web.urls_admin")),
    path("board/", board.board, name="board"),
    path("map/shapes.json", maps.shapes, name="shapes"),
    path("map/where.json", maps.where, name="where"),
    *proof_urls.urlpatterns,
    *public_urls.urlpatterns,
    *resident_urls.urlpatterns,
    *desk_urls.urlpatterns,
    *field_urls.urlpatterns,
    *field_desk_urls.urlpatterns,
]
