"""Queues, rules and policies, to read: a change of them takes two people."""

from __future__ import annotations

from django.contrib import admin

from worklists import models
from worklists.admin.door import Shown, site


@admin.register(models.Queue, site=site)
class QueueShown(Shown):
    """Queues: owner, policies and clearance, to read."""

    list_display = ("name", "kind", "team", "supervisor", "clearance", "hand_out")
    list_select_related = ("team", "supervisor", "clearance")


@admin.register(models.RoutingRule, site=site)
class RoutingRuleShown(Shown):
    """Which item goes where, in order, to read."""

    list_display = ("position", "name", "kind", "queue", "is_active")
    list_display_links = ("name",)
    list_filter = ("kind",)
    list_select_related = ("queue",)


@admin.register(
    models.EvidenceTemplate, models.ReviewPolicy, models.SlaPolicy, site=site
)
class VersionShown(Shown):
    """Versioned forms and policies, to read: a version is never changed."""

    list_display = ("name", "slug", "version", "effective_from")
