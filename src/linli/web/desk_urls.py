"""Addresses of the desk (工作台地址), and of the files that both faces open."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from linli.web.views import (
    bulk,
    casefile,
    casemap,
    cases,
    desk,
    desk_remedy,
    files,
    findperson,
    lists,
    notes,
    opening,
    supervision,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("staff/", desk.inbox, name="staff_home"),
    path("staff/search/", desk.search, name="search"),
    path("staff/search/person/", findperson.find_person, name="search_person"),
    path("staff/notices/", desk.notice_list, name="notices"),
    path("staff/notices/read/", desk.read_notices, name="notices_read"),
    path("staff/cases/", lists.cases, name="cases"),
    path("staff/cases.csv", lists.export, name="cases_csv"),
    path("staff/cases/bulk/", bulk.bulk, name="bulk"),
    path("staff/held/<uuid:uid>/", bulk.held, name="held"),
    path("staff/held/<uuid:uid>/run/", bulk.run_held, name="held_run"),
    path("staff/held/<uuid:uid>/cancel/", bulk.cancel_held, name="held_cancel"),
    path("staff/cases/<str:number>/", cases.case, name="staff_case"),
    path("staff/cases/<str:number>/file/", casefile.staff_file, name="staff_case_file"),
    path("staff/cases/<str:number>/file.pdf", casefile.staff_pdf, name="staff_case_pdf"),
    path("staff/cases/<str:number>/note/", notes.write, name="note"),
    path("staff/cases/<str:number>/colleagues.json", notes.colleagues, name="colleagues"),
    path("staff/mentions/", notes.mentions, name="mentions"),
    path("staff/cases/<str:number>/do/<slug:code>/", cases.act, name="act"),
    path("staff/cases/<str:number>/reveal/<slug:code>/", cases.reveal, name="reveal"),
    path("staff/map/", casemap.case_map, name="case_map"),
    path("staff/map/points.json", casemap.points, name="case_points"),
    path("staff/map/hexagons.json", casemap.hexes, name="case_hexagons"),
    path("staff/begin/", opening.desk_list, name="desk_begin_list"),
    path("staff/begin/<slug:code>/", opening.desk_begin, name="desk_begin"),
    path("staff/supervision/", supervision.inbox, name="supervision"),
    path("staff/supervision/urge/", supervision.urge_many, name="urge_many"),
    path("staff/supervision/<str:number>/<slug:verb>/", supervision.supervise, name="supervise"),
    path("staff/remedy/", desk_remedy.desk_remedy, name="desk_remedy"),
    path("staff/views/", lists.views, name="views"),
    path("staff/views/save/", lists.save_view, name="view_save"),
    path("staff/views/<uuid:uid>/delete/", lists.delete_view, name="view_delete"),
    path("files/<uuid:uid>/", files.attachment, name="file"),
    path("files/sent/<uuid:uid>/", files.upload, name="upload"),
]
