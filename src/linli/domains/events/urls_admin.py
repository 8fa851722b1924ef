"""Addresses of the directories below /staff/admin/events/ (类别与派单目录的管理地址)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from linli.domains.events import admin_dispatch, admin_files, admin_views

VERSION = "categories/<str:directory>/<int:version>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("categories/", admin_views.directories, name="admin_categories"),
    path("categories/upload/", admin_files.upload, name="admin_upload_directory"),
    path("categories/<str:directory>/history/", admin_files.history, name="admin_directory_history"),
    path(VERSION, admin_views.directory, name="admin_directory"),
    path(f"{VERSION}export.<str:form>", admin_files.export, name="admin_export_directory"),
    path(f"{VERSION}next/", admin_views.next_version, name="admin_next_version"),
    path(f"{VERSION}use/", admin_views.set_in_use, name="admin_directory_use"),
    path(f"{VERSION}check/", admin_views.check, name="admin_check_directory"),
    path(f"{VERSION}add/", admin_views.add_category, name="admin_add_category"),
    path(f"{VERSION}category/<str:code>/", admin_views.category, name="admin_category"),
    path(f"{VERSION}category/<str:code>/retire/", admin_views.retire, name="admin_retire_category"),
    path("dispatch/", admin_dispatch.rules, name="admin_dispatch"),
    path("dispatch/add/", admin_dispatch.add, name="admin_add_rule"),
    path("dispatch/rule/", admin_dispatch.revise, name="admin_rule"),
    path("dispatch/rule/end/", admin_dispatch.end, name="admin_end_rule"),
    path("dispatch/try/", admin_dispatch.dry_run_page, name="admin_try_dispatch"),
    path("dispatch/effect/", admin_dispatch.effect_page, name="admin_dispatch_effect"),
    path("dispatch/gaps/", admin_dispatch.gaps_page, name="admin_dispatch_gaps"),
]
