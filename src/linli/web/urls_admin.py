"""Addresses of the administration below /staff/ (平台管理地址), and of everybody's own account."""

from __future__ import annotations

from datetime import date

from django.urls import URLPattern, URLResolver, path, register_converter

from linli.web.views.admin import (
    accounts,
    area_acts,
    areas,
    endings,
    finding,
    grids,
    history,
    limits,
    logbook,
    messages,
    mine,
    moving,
    organisations,
    overview,
    peers,
    posts,
    procedures,
    residents,
    rosters,
    trying,
    words,
    yearfiles,
    years,
)


class DayConverter:
    """A day in an address (地址中的日期): 2026-03-01."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayConverter, "day")

HELD = "admin/posts/<uuid:uid>/holders/<uuid:account>/<day:since>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("my/", mine.account, name="my_account"),
    path("my/tokens/new/", mine.new_token, name="my_new_token"),
    path("my/tokens/<uuid:uid>/revoke/", mine.revoke_token, name="my_revoke_token"),
    path("my/away/", mine.away, name="my_away"),
    path("my/away/<uuid:post>/<uuid:deputy>/end/", mine.back, name="my_back"),
    path("admin/", overview.overview, name="admin"),
    path("admin/peers/", peers.peers, name="admin_peers"),
    path("admin/peers/new/", peers.add, name="admin_peer_add"),
    path("admin/peers/<str:county>/", peers.peer, name="admin_peer"),
    path("admin/peers/<str:county>/change/", peers.change, name="admin_peer_change"),
    path("admin/find/", finding.find, name="admin_find"),
    path("admin/mend/<slug:code>/", overview.mend, name="admin_mend"),
    path("admin/areas/", areas.areas, name="admin_areas"),
    path("admin/areas/<str:code>/", areas.area, name="admin_area"),
    path("admin/areas/<str:code>/add/", area_acts.add_area, name="admin_add_area"),
    path("admin/areas/<str:code>/rename/", area_acts.rename, name="admin_rename_area"),
    path("admin/areas/<str:code>/validity/", area_acts.validity, name="admin_area_validity"),
    path("admin/areas/<str:code>/merge/", area_acts.merge, name="admin_merge_area"),
    path("admin/areas/<str:code>/shape/", area_acts.shape, name="admin_area_shape"),
    path("admin/areas/<str:code>/cover/", areas.cover, name="admin_area_cover"),
    path("admin/grids/", grids.grids, name="admin_grids"),
    path("admin/grids/<str:code>/", grids.village, name="admin_grid_village"),
    path("admin/grids/<str:code>/begin/", grids.begin, name="admin_grid_begin"),
    path("admin/grids/<str:code>/plan/", grids.plan, name="admin_grid_plan"),
    path("admin/grids/<str:code>/plan/check/", grids.check, name="admin_grid_check"),
    path("admin/grids/<str:code>/plans/<uuid:uid>.geojson", grids.export, name="admin_grid_export"),
    path("admin/organisations/", organisations.organisations, name="admin_organisations"),
    path("admin/organisations/new/", organisations.new_organisation, name="admin_new_organisation"),
    path("admin/organisations/<str:code>/", organisations.organisation, name="admin_organisation"),
    path(
        "admin/organisations/<str:code>/revise/",
        organisations.revise_organisation,
        name="admin_revise_organisation",
    ),
    path(
        "admin/organisations/<str:code>/hours/",
        organisations.organisation_hours,
        name="admin_organisation_hours",
    ),
    path(
        "admin/organisations/<str:code>/close/",
        organisations.close_organisation,
        name="admin_close_organisation",
    ),
    path("admin/organisations/<str:code>/posts/new/", posts.new_post, name="admin_new_post"),
    path("admin/posts/", posts.posts, name="admin_posts"),
    path("admin/posts/posts.csv", rosters.export, name="admin_posts_csv"),
    path("admin/posts/table/", rosters.table, name="admin_posts_table"),
    path("admin/posts/<uuid:uid>/", posts.post, name="admin_post"),
    path("admin/posts/<uuid:uid>/revise/", posts.revise_post, name="admin_revise_post"),
    path("admin/posts/<uuid:uid>/close/", endings.close_post, name="admin_close_post"),
    path("admin/posts/<uuid:uid>/appoint/", posts.appoint, name="admin_appoint"),
    path(f"{HELD}end/", endings.end_appointment, name="admin_end_appointment"),
    path(f"{HELD}away/", posts.stand_in, name="admin_stand_in"),
    path(f"{HELD}away/<uuid:deputy>/end/", posts.end_stand_in, name="admin_end_stand_in"),
    path("admin/people/", accounts.accounts, name="admin_people"),
    path("admin/people/new/", accounts.new_account, name="admin_new_account"),
    path("admin/people/<uuid:uid>/", accounts.account, name="admin_account"),
    path("admin/people/<uuid:uid>/revise/", accounts.revise_account, name="admin_revise_account"),
    path("admin/people/<uuid:uid>/password/", accounts.renew_password, name="admin_password"),
    path("admin/people/<uuid:uid>/second-factor/", accounts.reset_second_factor, name="admin_second_factor"),
    path("admin/people/<uuid:uid>/leave/", endings.end_account, name="admin_end_account"),
    path("admin/people/<uuid:uid>/active/", accounts.set_active, name="admin_set_active"),
    path("admin/residents/", residents.residents, name="admin_residents"),
    path("admin/years/", years.years, name="admin_years"),
    path("admin/years/file/", yearfiles.year_file, name="admin_year_file"),
    path("admin/years/enter/", years.enter, name="admin_enter_year"),
    path("admin/years/<int:year>/", years.year, name="admin_year"),
    path("admin/procedures/", procedures.procedures, name="admin_procedures"),
    path("admin/procedures/upload/", procedures.upload, name="admin_upload_procedure"),
    path("admin/limits/", limits.limits, name="admin_limits"),
    path("admin/limits/<slug:code>/", limits.edit, name="admin_edit_limits"),
    path("admin/procedures/<slug:code>/history/", history.history, name="admin_procedure_history"),
    path("admin/procedures/<slug:code>/back/<int:version>/", history.set_back, name="admin_set_back"),
    path("admin/procedures/<slug:code>/try/", trying.rehearse, name="admin_try_procedure"),
    path("admin/procedures/<slug:code>/words/", words.edit, name="admin_edit_words"),
    path("admin/procedures/<slug:code>/move/", moving.move, name="admin_move_cases"),
    path("admin/procedures/<slug:code>/move.csv", moving.export, name="admin_move_cases_csv"),
    path("admin/procedures/<slug:code>/", procedures.procedure, name="admin_procedure"),
    path("admin/templates/", messages.messages, name="admin_messages"),
    path("admin/templates/<str:code>/", messages.message, name="admin_message"),
    path("admin/templates/<str:code>/use/<int:version>/", messages.use, name="admin_use_message"),
    path("admin/log/", logbook.log, name="admin_log"),
    path("admin/retention/", logbook.retention, name="admin_retention"),
]
