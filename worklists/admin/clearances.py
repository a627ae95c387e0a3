"""Set-up of clearances and of who holds one."""
# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from django.contrib import admin, messages

from worklists import models
from worklists.admin.door import SetUp, Shown, site
from worklists.errors import Refusal
from worklists.services import clearances


@admin.register(models.Clearance, site=site)
class ClearanceSetUp(SetUp):
    """Named competences that open queues."""

    list_display = ("name", "purpose")
    prepopulated_fields = {"slug": ("name",)}


@admin.register(models.ClearanceGrant, site=site)
class ClearanceGrantSetUp(Shown):
    """Who holds which clearance: granted here, and taken back from the list."""

    list_display = ("user", "clearance", "granted_by", "expires_on", "ended")
    list_select_related = ("user", "clearance", "granted_by")
    list_filter = ("clearance", ("revoked_at", admin.EmptyFieldListFilter))
    search_fields = ("user__username", "user__first_name", "user__last_name")
    autocomplete_fields = ("user",)
    fields = ("user", "clearance", "expires_on")
    actions = ("take_back",)

    def has_add_permission(self, request, obj=None) -> bool:
        """Let administrators grant."""
        return self.has_view_permission(request)

    @admin.display(description="Taken back", ordering="revoked_at")
    def ended(self, grant: models.ClearanceGrant):
        """Return when it was taken back."""
        return grant.revoked_at

    def save_model(self, request, obj, form, change) -> None:
        """Grant it through the service, which refuses or records."""
        granted = clearances.grant_clearance(
            actor=request.user,
            user_id=obj.user_id,
            clearance_id=obj.clearance_id,
            expires_on=obj.expires_on,
        )
        obj.pk = granted.pk

    @admin.action(description="Take back the chosen clearances")
    def take_back(self, request, queryset) -> None:
        """End the chosen grants; say of each that is refused why."""
        for grant in queryset:
            try:
                clearances.revoke_clearance(actor=request.user, grant_id=grant.pk)
            except Refusal as refusal:
                self.message_user(request, f"{grant}: {refusal.detail}", messages.ERROR)
            else:
                self.message_user(request, f"{grant}: taken back.", messages.SUCCESS)
