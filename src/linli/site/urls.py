"""All addresses (网址总表): the health check, the API, each domain's own, and the shared faces."""

from __future__ import annotations

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import import_string

from linli.site.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [path("healthz", healthz, name="healthz")]

# Phones of the field app have a line of their own, which the API's catch-all would swallow.
urlpatterns.append(path("api/v1/field/", include("linli.web.field.phone_urls")))

if find_spec("linli.site.api"):
    urlpatterns.append(path("api/v1/", import_string("linli.site.api.api").urls))

# A domain's pages first, so that it can take an address of its own below the shared ones.
rooms = [*settings.DOMAINS, "linli.web"]
urlpatterns += [path("", include(f"{room}.urls")) for room in rooms if find_spec(f"{room}.urls")]

handler400 = "linli.site.security.bad_request"
handler403 = "linli.web.views.errors.not_allowed"
handler404 = "linli.web.views.errors.not_found"
handler500 = "linli.web.views.errors.broken"
