"""Addresses of pages about oneself and one's cases (居民页面地址)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from linli.web.views import casefile, erasing, mandates, mine, opening, paper, progress

urlpatterns: list[URLPattern | URLResolver] = [
    path("case/<str:number>/", progress.case, name="case"),
    path("case/<str:number>/do/<slug:action>/", progress.act, name="case_act"),
    path("case/<str:number>/leave/", progress.leave, name="leave"),
    path("case/<str:number>/remedy/", progress.remedy, name="remedy"),
    path("case/<str:number>/receipt/", progress.receipt, name="receipt"),
    path("case/<str:number>/receipt/qr.png", progress.receipt_qr, name="receipt_qr"),
    path("case/<str:number>/file/", casefile.party_file, name="case_file"),
    path("case/<str:number>/file.pdf", casefile.party_pdf, name="case_pdf"),
    path("services/", opening.services, name="services"),
    path("services/<slug:code>/", opening.begin, name="begin"),
    path("services/<slug:code>/paper/", paper.paper, name="paper"),
    path("mine/", mine.mine, name="mine"),
    path("mine/claim/", mine.claim, name="claim"),
    path("mine/looks/", mine.looks, name="looks"),
    path("mine/looks/<str:uid>/", mine.ask, name="ask_look"),
    path("mine/data/", mine.data, name="my_data"),
    path("mine/data/phone/", mine.phone, name="my_phone"),
    path("mine/data/copy.json", mine.export, name="my_copy"),
    path("mine/mandates/", mandates.mandates, name="mandates"),
    path("mine/mandates/new/", mandates.new, name="new_mandate"),
    path("mine/mandates/stop/", mandates.stop, name="stop_acting"),
    path("mine/mandates/<uuid:uid>/<slug:act>/", mandates.decide, name="mandate"),
    path("mine/data/delete/", erasing.erase, name="my_erasure"),
    path("mine/notices/", mine.notices, name="my_notices"),
]
