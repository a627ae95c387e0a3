"""Set-up of a site's first calendar; the others begin under Rules."""

from __future__ import annotations

from django.contrib import admin, messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from worklists import models
from worklists.admin.door import Inside, SetUp, site
from worklists.enums import RuleKind
from worklists.forms import CalendarForm
from worklists.selectors.setup import may_add_calendar


class Holidays(Inside):
    """Days a site does not work, named with a new calendar."""

    model = models.Holiday

    def has_add_permission(self, request, obj=None) -> bool:
        """Add days to a calendar that is being added."""
        return obj is None and self.has_view_permission(request)

    has_change_permission = has_delete_permission = has_add_permission


@admin.register(models.BusinessCalendar, site=site)
class CalendarSetUp(SetUp):
    """Working hours and holidays: a site's first is made here, the rest under Rules."""

    form = CalendarForm
    list_display = ("name", "time_zone", "federal_holidays")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (Holidays,)

    def add_view(self, request, form_url="", extra_context=None):
        """Lead to Rules where a calendar works; the service refuses what is sent."""
        if request.method == "GET" and not may_add_calendar():
            words = "New calendars begin here, by two people."
            self.message_user(request, words, messages.INFO)
            return redirect("worklists:rule_new", RuleKind.CALENDAR.value)
        return super().add_view(request, form_url, extra_context)

    def has_change_permission(self, request, obj=None) -> bool:
        """Let a calendar that works be read: a second door would pass its versions by."""
        return obj is None and self.has_view_permission(request)

    def get_fieldsets(self, request, obj=None):
        """Say where a calendar is changed."""
        (name, options), *rest = super().get_fieldsets(request, obj)
        if obj is not None:
            words = "A calendar is changed <a href='{}'>under Rules</a>, by two people."
            where = reverse("worklists:rule", args=[RuleKind.CALENDAR.value, obj.slug])
            options["description"] = format_html(words, where)
        return [(name, options), *rest]
