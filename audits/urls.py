"""The auditor's addresses."""

from __future__ import annotations

from django.urls import path

from audits.views import trail

app_name = "audits"

urlpatterns = [
    path("audit/", trail.search, name="trail"),
    path("audit/<slug:kind>/<int:number>/verify/", trail.verify, name="verify"),
]
