"""Set-up of absences: recorded here, and ended from the list."""
# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from django import forms
from django.contrib import admin, messages

from worklists import models
from worklists.admin.door import Shown, alone, site
from worklists.enums import POOL
from worklists.errors import Refusal
from worklists.services import absences


class AbsenceForm(forms.ModelForm):
    """An absence's form: says in words what the database would refuse."""

    def clean(self):
        """Refuse days that run backwards and somebody standing in for themselves."""
        super().clean()
        data = self.cleaned_data
        starts, ends = data.get("starts_on"), data.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", "An absence ends on its first day or later.")
        if data.get("backup") and data["backup"] == data.get("user"):
            self.add_error("backup", "Somebody else stands in.")
        return data


@admin.register(models.Absence, site=site)
class AbsenceSetUp(Shown):
    """Who is away from when until when, and who stands in: recorded, and ended."""

    form = AbsenceForm
    list_display = (
        "user",
        "starts_on",
        "ends_on",
        "backup",
        "recorded_by",
        "closed_at",
    )
    list_select_related = ("user", "backup", "recorded_by")
    autocomplete_fields = ("user", "backup")
    fields = ("user", "starts_on", "ends_on", "backup")
    actions = ("end",)

    def has_add_permission(self, request, obj=None) -> bool:
        """Let administrators record."""
        return self.has_view_permission(request)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Choose among what is there; nobody named is the pool."""
        field = alone(super().formfield_for_dbfield(db_field, request, **kwargs))
        if db_field.name == "backup":
            field.help_text = "Who gets what the person holds; empty is the pool."
        return field

    def save_model(self, request, obj, form, change) -> None:
        """Record it through the service, which refuses, records and hands over."""
        recorded, _ = absences.record_absence(
            actor=request.user,
            user_id=obj.user_id,
            starts_on=obj.starts_on,
            ends_on=obj.ends_on,
            backup=obj.backup.username if obj.backup else POOL,
        )
        obj.pk = recorded.pk

    @admin.action(description="End the chosen absences now")
    def end(self, request, queryset) -> None:
        """End or cancel each; say of each that is refused why."""
        for absence in queryset:
            try:
                absences.end_absence(actor=request.user, absence_id=absence.pk)
            except Refusal as refusal:
                self.message_user(
                    request, f"{absence}: {refusal.detail}", messages.ERROR
                )
            else:
                self.message_user(request, f"{absence}: ended.", messages.SUCCESS)
