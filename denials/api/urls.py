"""Addresses of denials in the API, below ``/api/v1/``."""

from django.urls import path

from denials.api import profiles, views

app_name = "denials-api"

urlpatterns = [
    path("denials/", views.Denials.as_view(), name="denials"),
    path("payer-profiles/", profiles.Profiles.as_view(), name="profiles"),
    path(
        "payer-profiles/<slug:slug>/deadline/",
        profiles.Deadline.as_view(),
        name="deadline",
    ),
]
