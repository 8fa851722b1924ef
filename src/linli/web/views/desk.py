"""The desk of staff (工作台)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from linli.web.faces import staff_only


@staff_only
def inbox(request: HttpRequest) -> HttpResponse:
    return render(request, "web/desk/empty.html")


@staff_only
def search(request: HttpRequest) -> HttpResponse:
    return render(request, "web/desk/empty.html")
