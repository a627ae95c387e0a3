"""Set-up pages at ``/admin/``: people, teams, absences, clearances, payers, calendars.

Django's admin on a site of our own: only what is registered here, for people with the
role administrator; ``is_staff``, ``is_superuser`` and Django's permissions open nothing.
Every change goes through ``services.setting_up``, ``clearances`` or ``absences`` and
is an event. Queues, rules and policies are shown and not changed: a change of them takes two
people. Items, answers and the trail are not here.
"""
# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from functools import update_wrapper
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    ReadOnlyPasswordHashWidget,
    UserChangeForm,
    UserCreationForm,
    UsernameField,
)
from django.contrib.auth.hashers import is_password_usable
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from worklists import models, policies
from worklists.enums import POOL, Role, RuleKind
from worklists.errors import BadInput, NotPermitted, Refusal
from worklists.forms import CalendarForm, ZonedForm, whole
from worklists.selectors.access import access_of
from worklists.selectors.setup import may_add_calendar
from worklists.services import absences, clearances, setting_up


def alone(field):
    """Return a form's field without the buttons that open another page's form."""
    if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
        field.widget = field.widget.widget
    return field


class SetUpSite(admin.AdminSite):
    """The door: administrators only, by our log-in, with their own password."""

    site_header = site_title = "Codetrail set-up"
    index_title = "Set-up"
    enable_nav_sidebar = False

    def has_permission(self, request) -> bool:
        """Tell whether the person sets things up and has no password to change first."""
        user = request.user
        if not user.is_authenticated or user.must_change_password:
            return False
        return policies.may_set_up(access_of(user)) is None

    def admin_view(self, view, cacheable=False):  # noqa: FBT002 - Django's
        """Refuse an address or a choice of rows that no query could take."""

        def readable(request, *args, **kwargs):
            asked = (text for _, texts in request.GET.lists() for text in texts)
            chosen = request.POST.getlist("_selected_action")
            if any("\0" in text for text in asked) or None in map(whole, chosen):
                raise BadInput("This address or choice cannot be read.")
            zone = getattr(request.user, "time_zone", None)
            with timezone.override(zone and ZoneInfo(zone)):
                answer = view(request, *args, **kwargs)
                # A page of set-up is drawn later: the zone is asked for then.
                return answer.render() if hasattr(answer, "render") else answer

        return super().admin_view(update_wrapper(readable, view), cacheable)

    def login(self, request, extra_context=None):
        """Lead to our log-in; somebody who is logged in is told why not."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next", "/admin/"))
        if request.user.must_change_password:
            return redirect("password_change")
        barred = policies.may_set_up(access_of(request.user))
        if barred:
            raise NotPermitted(barred.why, code=barred.code)
        return redirect("admin:index")

    def password_change(self, request, extra_context=None):
        """Lead to the page where everybody changes their password."""
        return redirect("password_change")


site = SetUpSite(name="admin")


class Shown(admin.ModelAdmin):
    """Shown to administrators, changed by nobody here."""

    list_per_page = 50

    def has_module_permission(self, request) -> bool:
        """Whoever passed the door sees every list."""
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None) -> bool:
        """Show it to administrators."""
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request, obj=None) -> bool:
        """Add nothing."""
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        """Change nothing."""
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        """Delete nothing: history keeps its names."""
        return False

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Say in place what a service refuses; nothing was stored then."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
            return redirect(request.path)


class SetUp(Shown):
    """Added and changed by administrators; the change is an event."""

    def get_fields(self, request, obj=None):
        """Ask for the name first: the short name for addresses follows from it."""
        return sorted(super().get_fields(request, obj), key=lambda name: name != "name")

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Choose among what is there: each thing is added on its own page."""
        return alone(super().formfield_for_dbfield(db_field, request, **kwargs))

    def has_add_permission(self, request, obj=None) -> bool:
        """Let administrators add."""
        return self.has_view_permission(request)

    def has_change_permission(self, request, obj=None) -> bool:
        """Let administrators change."""
        return self.has_view_permission(request)

    def save_model(self, request, obj, form, change) -> None:
        """Store the row through the service."""
        setting_up.save_row(actor=request.user, row=obj)

    def save_related(self, request, form, formsets, change) -> None:
        """Store what belongs to it, then record everything as one change."""
        super().save_related(request, form, formsets, change)
        inside = [f.model._meta.model_name for f in formsets if f.has_changed()]
        setting_up.record_set_up(
            actor=request.user,
            row=form.instance,
            added=not change,
            fields=[*form.changed_data, *inside],
        )


class Inside(admin.TabularInline):
    """Rows that belong to another; who may change that one may change them."""

    extra = 0

    def has_view_permission(self, request, obj=None) -> bool:
        """Follow the site's door."""
        return self.admin_site.has_permission(request)

    has_add_permission = has_view_permission
    has_change_permission = has_view_permission
    has_delete_permission = has_view_permission

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Choose among what is there, as on the page around it."""
        return alone(super().formfield_for_dbfield(db_field, request, **kwargs))


USERNAME_HELP = "It stays for good: the trail names the person by it."


class PasswordShown(ReadOnlyPasswordHashWidget):
    """Whether there is a password and the way to a new one; nothing of its digest."""

    def get_context(self, name, value, attrs):
        """Return one word instead of algorithm, salt and hash."""
        context = super().get_context(name, value, attrs)
        usable = is_password_usable(value)
        context["summary"] = [{"label": "Set" if usable else "None yet"}]
        context["button_label"] = "Hand out a new password"
        return context


class PersonForm(ZonedForm, UserChangeForm):
    """A person's form."""

    class Meta:
        model = models.User
        fields = ("username",)
        field_classes = {"username": UsernameField}
        help_texts = {
            "username": USERNAME_HELP,
            "is_active": "Without it the person cannot log in. Their history stays.",
            "must_change_password": "Before anything else, at the next log-in.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if password := self.fields.get("password"):
            password.widget = PasswordShown()
            password.help_text = "Tell it to the person; the next log-in changes it."


class NewPersonForm(UserCreationForm):
    """A new person's form, always with a first password."""

    class Meta:
        model = models.User
        fields = ("username",)
        field_classes = {"username": UsernameField}
        help_texts = {
            "username": f"Letters, digits and @ . + - _ only. {USERNAME_HELP}"
        }


class NewPasswordForm(AdminPasswordChangeForm):
    """A new password for somebody; who shall not log in is made inactive instead."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)
        for name in ("password1", "password2"):
            self.fields[name].required = True


class RoleFilter(admin.SimpleListFilter):
    """Who holds a role, by the roles' own labels."""

    title = parameter_name = "role"

    def lookups(self, request, model_admin):
        """Return every role."""
        return Role.choices

    def queryset(self, request, queryset):
        """Return who holds the chosen one."""
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


@admin.register(models.User, site=site)
class UserSetUp(SetUp, UserAdmin):
    """People: name, roles, tier, hours. Deactivated, never deleted."""

    form, add_form = PersonForm, NewPersonForm
    change_password_form = NewPasswordForm
    change_user_password_template = "admin/new_password.html"  # noqa: S105 - a page
    list_display = ("display_name", "username", "role_names", "tier", "is_active")
    list_filter = ("is_active", RoleFilter, "tier")
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("last_name", "first_name")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email", "time_zone")}),
        ("Work", {"fields": ("groups", "tier", "daily_capacity")}),
        ("Access", {"fields": ("is_active", "must_change_password")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        ("First password, changed at the first log-in",
         {"fields": ("password1", "password2")}),
    )  # fmt: skip

    @admin.display(description="Roles")
    def role_names(self, user: models.User) -> str:
        """Return the roles a person holds, by their labels."""
        held = {group.name for group in user.groups.all()}
        return ", ".join(str(r.label) for r in Role if r.value in held) or "none"

    def get_queryset(self, request):
        """Return everybody with their roles: two queries for a list."""
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request, obj=None):
        """A name in the trail stays; nobody changes their own roles."""
        if obj is None:
            return ()
        own = ("groups", "tier", "is_active", "must_change_password")
        return ("username", *(own if obj.pk == request.user.pk else ()))

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        """Offer the product's roles as boxes to tick, and no other group."""
        kwargs["queryset"] = models.User.groups.field.related_model.objects.filter(
            name__in=Role.values
        )
        kwargs["widget"] = forms.CheckboxSelectMultiple
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        field.label, field.help_text = "Roles", "Where a role applies is granted apart."
        field.label_from_instance = lambda group: str(Role(group.name).label)
        return field

    def user_change_password(self, request, id, form_url=""):  # noqa: A002 - Django's name
        """Set somebody's password; they change it at the next log-in."""
        person = self.get_object(request, unquote(id))
        # By the person found, not the address: “014” and “1_4” are 14, too.
        if person is not None and person.pk == request.user.pk:
            return redirect("password_change")
        with transaction.atomic():
            answer = super().user_change_password(request, id, form_url)
            if request.method == "POST" and answer.status_code == 302:  # noqa: PLR2004
                setting_up.hand_out_password(actor=request.user, user_id=person.pk)
        return answer


class TeamMembers(Inside):
    """Who is in a team."""

    model = models.TeamMember
    autocomplete_fields = ("user",)


@admin.register(models.Team, site=site)
class TeamSetUp(SetUp):
    """Teams with lead, manager and members."""

    list_display = ("name", "lead", "manager")
    list_select_related = ("lead", "manager")
    autocomplete_fields = ("lead", "manager")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (TeamMembers,)


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


# Rooms of their own, on the same site.
from worklists import admin_banners, admin_guidance  # noqa: E402, F401
