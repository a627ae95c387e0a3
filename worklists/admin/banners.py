"""Set-up of banners: words above every page, by role and with dates."""
# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from django import forms
from django.contrib import admin

from worklists import models
from worklists.admin.door import SetUp, site
from worklists.enums import Role


class BannerForm(forms.ModelForm):
    """A banner's form: roles by ticking."""

    roles = forms.MultipleChoiceField(
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Who sees it. Choose none for everybody.",
    )

    class Meta:
        model = models.Banner
        fields = ("text", "tone", "roles", "begins_at", "ends_at")
        widgets = {"text": forms.Textarea(attrs={"rows": 2, "cols": 70})}


@admin.register(models.Banner, site=site)
class Banners(SetUp):
    """Banners above every page, by role and with dates."""

    form = BannerForm
    list_display = ("text", "tone", "begins_at", "ends_at")

    def get_fields(self, request, obj=None):
        """Ask in the order in which one thinks."""
        return ["text", "tone", "roles", "begins_at", "ends_at"]
