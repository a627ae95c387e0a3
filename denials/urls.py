"""Addresses of the pages of denials."""

from __future__ import annotations

from django.urls import path

from denials.views import profile_changes as changes
from denials.views import profiles

app_name = "denials"

urlpatterns = [
    path("payer-profiles/", profiles.index, name="profiles"),
    path("payer-profiles/new/", changes.new, name="profile_new"),
    path(
        "payer-profiles/number/<int:number>/",
        profiles.by_number,
        name="profile_numbered",
    ),
    path("payer-profiles/<slug:slug>/", profiles.profile, name="profile"),
    path("payer-profiles/<slug:slug>/moving/", profiles.moving, name="profile_moving"),
    path("payer-profiles/<slug:slug>/begin/", changes.begin, name="profile_begin"),
    path("payer-profiles/<slug:slug>/edit/", changes.edit, name="profile_edit"),
    path(
        "payer-profiles/<slug:slug>/propose/", changes.propose, name="profile_propose"
    ),
    path(
        "payer-profiles/<slug:slug>/withdraw/",
        changes.withdraw,
        name="profile_withdraw",
    ),
    path("payer-profiles/<slug:slug>/verify/", changes.verify, name="profile_verify"),
    path(
        "payer-profiles/<slug:slug>/versions/<int:number>/",
        profiles.version,
        name="profile_version",
    ),
    path(
        "payer-profiles/<slug:slug>/versions/<int:number>/approve/",
        changes.approve,
        name="profile_approve",
    ),
    path(
        "payer-profiles/<slug:slug>/versions/<int:number>/send-back/",
        changes.send_back,
        name="profile_send_back",
    ),
]
