"""Set-up of guidance: the sources that decisions cite, in versions nobody changes."""
# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from django.contrib import admin, messages

from worklists import models
from worklists.admin.door import Inside, SetUp, site
from worklists.errors import Refusal
from worklists.services import guidance


class GuidanceVersions(Inside):
    """What a source says from a day on: added, never changed."""

    model = models.GuidanceVersion
    fields = (*("effective_from", "effective_to", "source", "body", "checked_on"),)
    ordering = ("-number",)

    def has_change_permission(self, request, obj=None) -> bool:
        """Change nothing: answers cite it. A new version is added instead."""
        return False

    has_delete_permission = has_change_permission

    def has_add_permission(self, request, obj=None) -> bool:
        """Add none to a source that is retired."""
        retired = obj is not None and obj.retired_on
        return not retired and self.has_view_permission(request)


@admin.register(models.Guidance, site=site)
class GuidanceSetUp(SetUp):
    """Payer policies, playbooks and guidelines that decisions cite, in versions."""

    list_display = ("name", "kind", "payer", "specialty", "review_on", "retired_on")
    list_select_related = ("payer",)
    list_filter = ("kind", ("retired_on", admin.EmptyFieldListFilter))
    search_fields = ("name",)
    fields = ("name", "slug", "kind", "payer", "specialty", "queues", "review_on")
    filter_horizontal = ("queues",)
    inlines = (GuidanceVersions,)
    actions = ("retire",)

    def get_prepopulated_fields(self, request, obj=None):
        """Make the short name from the name, once."""
        return {} if obj else {"slug": ("name",)}

    def get_readonly_fields(self, request, obj=None):
        """Answers name a source by its short name, so it stays."""
        return ("slug",) if obj else ()

    def save_formset(self, request, form, formset, change) -> None:
        """Add each version through the service, which numbers it."""
        for row in formset.save(commit=False):
            guidance.add_version(
                actor=request.user,
                guidance_id=form.instance.pk,
                effective_from=row.effective_from,
                effective_to=row.effective_to,
                source=row.source,
                body=row.body,
                checked_on=row.checked_on,
            )
        formset.save_m2m()

    @admin.action(description="Retire the chosen sources: cited no more, kept to read")
    def retire(self, request, queryset) -> None:
        """Retire each; say of each that is refused why."""
        for source in queryset:
            try:
                guidance.retire(actor=request.user, guidance_id=source.pk)
            except Refusal as refusal:
                self.message_user(request, refusal.detail, messages.ERROR)
            else:
                self.message_user(request, f"{source}: retired.", messages.SUCCESS)
