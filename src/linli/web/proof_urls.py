"""Addresses of the proof (证明地址), which need no sign-in; and the proof of a case, for whoever may see the case."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from linli.web.views import proofs

urlpatterns: list[URLPattern | URLResolver] = [
    path("proof/", proofs.page, name="proof"),
    path("proof/heads.json", proofs.heads_json, name="proof_heads"),
    path("proof/heads/<str:day>.json", proofs.head_json, name="proof_head"),
    path("proof/consistency.json", proofs.consistency_json, name="proof_consistency"),
    path("proof/key.json", proofs.key_json, name="proof_key"),
    path("proof/key.pem", proofs.key_pem, name="proof_key_pem"),
    path("proof/check.py", proofs.checker, name="proof_checker"),
    path("proof/file/<str:number>/<int:seq>/<str:digest>/", proofs.of_file, name="proof_of_file"),
    path("case/<str:number>/proof.json", proofs.case_json, name="case_proof"),
    path("staff/cases/<str:number>/proof.json", proofs.staff_case_json, name="staff_case_proof"),
]
