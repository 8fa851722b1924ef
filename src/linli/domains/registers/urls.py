"""Addresses of the registers (登记地址)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from linli.domains.registers import acting_views, merge_views, search_views, views

app_name = "registers"

urlpatterns: list[URLPattern | URLResolver] = [
    path("mine/registers/", views.mine, name="mine"),
    path("elements/", views.dictionary, name="elements"),
    path("staff/registers/", views.households, name="households"),
    path("staff/registers/search/", search_views.search, name="search"),
    path("staff/registers/households/<str:number>/", views.household, name="household"),
    path("staff/registers/duplicates/", merge_views.duplicates, name="duplicates"),
    path("staff/registers/enter/", acting_views.enter, name="enter"),
    path("staff/registers/households/<str:number>/move/", acting_views.move_household, name="move_household"),
    path(
        "staff/registers/households/<str:number>/move-out/",
        acting_views.move_household_out,
        name="move_household_out",
    ),
    path("staff/registers/residents/<str:uid>/move/", acting_views.move, name="move"),
    path("staff/registers/residents/<str:uid>/move-out/", acting_views.move_out, name="move_out"),
    path("staff/registers/residents/<str:uid>/correct/", acting_views.correct, name="correct"),
    path("staff/registers/merge/<str:kept>/<str:gone>/", merge_views.merge, name="merge"),
    path("staff/registers/merges/<str:uid>/", merge_views.merged, name="merged"),
    path("staff/registers/residents/<str:uid>/", views.resident, name="resident"),
]
