"""The door of set-up, and what its pages have in common."""
# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from functools import update_wrapper
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect
from django.utils import timezone

from worklists import policies
from worklists.admin.purposes import PURPOSES
from worklists.errors import BadInput, NotPermitted, Refusal
from worklists.forms import whole
from worklists.selectors.access import access_of
from worklists.services import setting_up


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

    def changelist_view(self, request, extra_context=None):
        """Say what the list is for."""
        return super().changelist_view(request, self._explained(extra_context))

    def _explained(self, more):
        purpose = PURPOSES.get(self.opts.model_name, "")
        return {"purpose": purpose, **(more or {})}

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Say what it is for, and in place what a service refuses; nothing was stored
        then."""
        told = self._explained(extra_context)
        try:
            return super().changeform_view(request, object_id, form_url, told)
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
