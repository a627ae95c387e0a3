"""Set-up of what files and forms name: payers, facilities, reasons for deferring."""
# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from django import forms
from django.contrib import admin

from worklists import models
from worklists.admin.door import SetUp, site


@admin.register(models.PendReason, site=site)
class PendReasonSetUp(SetUp):
    """Reasons for deferring: what one waits for, whether the internal clock pauses."""

    list_display = (
        *("label", "code", "waits_for", "pauses_internal", "longest_days"),
        "is_active",
    )

    def get_readonly_fields(self, request, obj=None):
        """A code in history stays; another meaning is another code."""
        return ("code",) if obj else ()


class NamesForm(forms.ModelForm):
    """A form with names used in files: a list of texts, else routing would stop."""

    class Meta:
        help_texts = {
            "payer_ids": "Names and identifiers used in files, upper case, as a list: "
            '["MERIDIAN PPO", "1350000003"].',
            "payee_ids": "NPI and tax ids by which payers name this facility, "
            'as a list: ["1234567893"].',
        }

    def clean(self):
        """Refuse anything but a list of texts."""
        super().clean()
        data = self.cleaned_data
        for name in {"payer_ids", "payee_ids"} & set(data):
            if not isinstance(data[name], list) or not all(
                isinstance(one, str) and one.strip() and one.isprintable()
                for one in data[name]
            ):
                self.add_error(name, 'Write a list of texts, such as ["MERIDIAN PPO"].')
        return data


@admin.register(models.Payer, site=site)
class PayerSetUp(SetUp):
    """Payers and the names they use in files."""

    form = NamesForm
    list_display = ("name", "plan_type", "profile", "on_watch")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}


@admin.register(models.Facility, site=site)
class FacilitySetUp(SetUp):
    """Facilities and the identifiers by which payers name them."""

    form = NamesForm
    list_display = ("name", "calendar", "specialty", "is_default")
    list_select_related = ("calendar",)
    prepopulated_fields = {"slug": ("name",)}
