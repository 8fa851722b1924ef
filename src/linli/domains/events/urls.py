"""Addresses of reporting (反映页面地址): for residents, for staff who enter it for somebody, and on paper."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from linli.domains.events import desk_views, joining, paper, views

app_name = "events"

urlpatterns: list[URLPattern | URLResolver] = [
    path("report/", views.what, name="report"),
    path("report/where/", views.where, name="where"),
    path("report/send/", views.send, name="send"),
    path("report/same/<slug:ref>/", joining.same, name="same"),
    path("report/drop/", views.drop, name="drop"),
    path("report/photo/<uuid:uid>/", views.photo, name="photo"),
    path("report/paper/", paper.paper, name="paper"),
    path("staff/register/", desk_views.register, name="register"),
    path("staff/register/suggest/", desk_views.suggest, name="suggest"),
    path("staff/patrol/", desk_views.patrol, name="patrol"),
    path("staff/admin/events/", include("linli.domains.events.urls_admin")),
]
