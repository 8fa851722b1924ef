"""Addresses of matters (政务服务地址)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from linli.domains.matters import (
    admin_delegation,
    admin_partners,
    apply_views,
    archive_views,
    catalogue_views,
    cross_views,
    desk_apply,
    paper_views,
    partner_desk,
    partner_views,
    policy_views,
    ratings_views,
    slips,
    standards_views,
)

app_name = "matters"

urlpatterns: list[URLPattern | URLResolver] = [
    path("matters/", catalogue_views.find, name="find"),
    path("matters/<str:code>/", catalogue_views.matter, name="matter"),
    path("matters/<str:code>/apply/", apply_views.apply_for, name="apply"),
    path("matters/<str:code>/apply/papers/", apply_views.apply_for, {"step": "papers"}, name="apply_papers"),
    path("matters/<str:code>/apply/send/", apply_views.apply_for, {"step": "send"}, name="apply_send"),
    path("matters/<str:code>/paper/", paper_views.paper, name="paper"),
    path("life/<str:code>/", catalogue_views.life_event, name="life_event"),
    path("life/<str:code>/apply/", apply_views.apply_for, {"kind": "life"}, name="apply_life"),
    path(
        "life/<str:code>/apply/papers/",
        apply_views.apply_for,
        {"kind": "life", "step": "papers"},
        name="apply_life_papers",
    ),
    path(
        "life/<str:code>/apply/send/",
        apply_views.apply_for,
        {"kind": "life", "step": "send"},
        name="apply_life_send",
    ),
    path("life/<str:code>/paper/", paper_views.paper, {"kind": "life"}, name="paper_life"),
    path("slips/<str:number>/", slips.slip, name="slip"),
    path("slips/<str:number>/<str:code>/", slips.slip, name="slip_of"),
    path("spared/", archive_views.spared, name="spared"),
    path("staff/archive/", archive_views.archive, name="archive"),
    path("staff/matters/", desk_apply.find, name="desk_find"),
    path("staff/matters/<str:code>/enter/", desk_apply.enter, name="desk_enter"),
    path("staff/life/<str:code>/enter/", desk_apply.enter, {"kind": "life"}, name="desk_enter_life"),
    path("staff/village/agency/", admin_delegation.own_agency, name="own_agency"),
    path("staff/village/agency/<str:village>/<str:code>/", admin_delegation.answer, name="answer_agency"),
    path("staff/admin/matters/", include("linli.domains.matters.urls_admin")),
    path("policies/", policy_views.cards, name="policies"),
    path("policies/follow/", policy_views.follow, name="follow"),
    path("standards/", standards_views.offices, name="standards"),
    path("standards/<str:code>/", standards_views.office, name="standards_office"),
    path("staff/standards/", standards_views.check, name="check_standards"),
    path("partners/", partner_views.partners, name="partners"),
    path("partners/<str:code>/", partner_views.partner, name="partner"),
    path("staff/partners/", partner_desk.desk, name="partner_desk"),
    path("staff/partners/<str:code>/", partner_desk.own, name="partner_own"),
    path("staff/partners/<str:code>/offers/new/", partner_desk.new_offer, name="partner_new_offer"),
    path("staff/partners/<str:code>/offers/<int:number>/", partner_desk.offer, name="partner_offer"),
    path(
        "staff/partners/<str:code>/offers/<int:number>/end/", partner_desk.end_offer, name="partner_end_offer"
    ),
    path("staff/partners/<str:code>/report/<str:quarter>/", partner_desk.report, name="partner_report"),
    path("staff/partners/<str:code>/report/<str:quarter>/sign/", partner_desk.sign, name="partner_sign"),
    path("staff/admin/partners/", admin_partners.register, name="admin_partners"),
    path("staff/admin/partners/new/", admin_partners.new, name="admin_new_partner"),
    path("staff/admin/partners/<str:code>/end/", admin_partners.end, name="admin_end_partner"),
    path("elsewhere/", cross_views.places, name="elsewhere"),
    path("elsewhere/<str:county>/", cross_views.listed, name="elsewhere_list"),
    path("elsewhere/<str:county>/<str:code>/", cross_views.matter, name="elsewhere_matter"),
    path("elsewhere/<str:county>/<str:code>/apply/", cross_views.apply, name="elsewhere_apply"),
    path("staff/elsewhere/", cross_views.desk_places, name="desk_elsewhere"),
    path("staff/elsewhere/<str:county>/", cross_views.desk_list, name="desk_elsewhere_list"),
    path("staff/elsewhere/<str:county>/<str:code>/", cross_views.desk_apply, name="desk_elsewhere_apply"),
    path("staff/papers/<uuid:uid>/take/", cross_views.take, name="slip_take"),
    path("staff/cases/<str:number>/papers/give/", cross_views.give, name="give"),
    path("papers/<uuid:uid>/", cross_views.slip, name="handover"),
    path("ratings/", ratings_views.ratings, name="ratings"),
]
