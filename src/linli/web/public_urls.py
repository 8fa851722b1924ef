"""Addresses of what is public (公示地址): no sign-in."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from linli.web.views import public_feed, publicity

urlpatterns: list[URLPattern | URLResolver] = [
    path("public/", publicity.listing, name="public"),
    path("public/feed.atom", public_feed.feed, name="public_feed"),
    path("public/<uuid:uid>/", publicity.detail, name="publication"),
    path("public/<uuid:uid>/object/", publicity.object_to, name="object_to"),
    path("public/<uuid:uid>/poster/", publicity.poster, name="poster"),
    path("public/<uuid:uid>/qr.png", publicity.qr, name="publication_qr"),
]
