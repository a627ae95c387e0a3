"""Set-up of people and teams: roles, tier, hours, first passwords."""
# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    ReadOnlyPasswordHashWidget,
    UserChangeForm,
    UserCreationForm,
    UsernameField,
)
from django.contrib.auth.hashers import is_password_usable
from django.db import transaction
from django.shortcuts import redirect

from worklists import models, policies
from worklists.admin.door import Inside, SetUp, site
from worklists.enums import Role
from worklists.forms import ZonedForm
from worklists.selectors.access import access_of
from worklists.services import setting_up

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
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if password := self.fields.get("password"):
            password.widget = PasswordShown()
            password.help_text = "Tell it to the person; the next log-in changes it."

    def clean(self) -> dict[str, Any]:
        """Refuse roles that one account does not hold together, at their boxes."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not setting_up.PARTED_WHEN & set(self.changed_data):
            return data
        held = data.get("groups", self.instance.groups.all())
        barred = policies.may_hold_together([group.name for group in held])
        if barred and data.get("is_active", self.instance.is_active):
            self.add_error("groups" if "groups" in self.fields else None, barred.why)
        return data


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
        ("Access", {"fields": ("is_active", "duty")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        ("First password, changed at the first log-in",
         {"fields": ("password1", "password2")}),
    )  # fmt: skip

    @admin.display(description="Password duty")
    def duty(self, user: models.User) -> str:
        """Say whether a new password is due: it ends when the person sets their own."""
        if user.must_change_password:
            return "Changes the password at the next log-in, before anything else."
        return "None."

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
        own = ("groups", "tier", "is_active")
        return ("username", "duty", *(own if obj.pk == request.user.pk else ()))

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


class TeamForm(ZonedForm, forms.ModelForm):
    """A team is led and managed by people who can open its work: calls go to them."""

    class Meta:
        model = models.Team
        fields = ("name", "slug", "lead", "manager")

    def clean(self) -> dict[str, Any]:
        """Refuse a lead or manager, chosen now, who could answer no call."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        asked = {"lead": policies.may_lead, "manager": policies.may_manage_team}
        for name in asked.keys() & set(self.changed_data) & data.keys():
            person = data[name]
            barred = asked[name](access_of(person)) if person else None
            if barred:
                self.add_error(name, barred.why)
        return data


@admin.register(models.Team, site=site)
class TeamSetUp(SetUp):
    """Teams with lead, manager and members."""

    form = TeamForm
    list_display = ("name", "lead", "manager")
    list_select_related = ("lead", "manager")
    autocomplete_fields = ("lead", "manager")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (TeamMembers,)
