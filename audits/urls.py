"""The auditor's addresses."""

from __future__ import annotations

from django.urls import path

from audits.views import seals, trail

app_name = "audits"

urlpatterns = [
    path("audit/", trail.search, name="trail"),
    path("audit/export/", trail.export, name="export"),
    path("audit/seals/", seals.listing, name="seals"),
    path("audit/seals/<int:number>/", seals.detail, name="seal"),
    path("audit/<slug:kind>/<int:number>/verify/", trail.verify, name="verify"),
]
