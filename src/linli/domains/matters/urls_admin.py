"""Addresses of the catalogue's administration below /staff/admin/matters/ (事项目录管理地址)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from linli.domains.matters import admin_catalogue, admin_delegation, admin_reads

ONE = "<str:code>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", admin_catalogue.catalogue, name="admin_catalogue"),
    path("new/", admin_catalogue.new, name="admin_new_matter"),
    path("villages/", admin_delegation.agency_list, name="admin_agency"),
    path("reads/", admin_reads.reads, name="admin_reads"),
    path("export.<str:form>", admin_catalogue.export, name="admin_export_matters"),
    path(ONE, admin_catalogue.matter, name="admin_matter"),
    path(f"{ONE}edit/", admin_catalogue.edit, name="admin_edit"),
    path(f"{ONE}edit/<str:kind>/<int:n>/", admin_catalogue.row, name="admin_row"),
    path(f"{ONE}edit/<str:kind>/<int:n>/remove/", admin_catalogue.remove_row, name="admin_remove_row"),
    path(f"{ONE}preview/", admin_catalogue.preview, name="admin_preview"),
    path(f"{ONE}publish/", admin_catalogue.publish, name="admin_publish"),
    path(f"{ONE}end/", admin_catalogue.end, name="admin_end"),
    path(f"{ONE}version/<int:number>/", admin_catalogue.difference, name="admin_difference"),
    path(f"{ONE}delegate/", admin_delegation.delegate, name="admin_delegate"),
    path(f"{ONE}take-back/<str:township>/", admin_delegation.take_back, name="admin_take_back"),
    path(f"{ONE}villages/", admin_delegation.agency, name="admin_set_agency"),
]
