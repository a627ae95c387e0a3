"""Log-in, log-out and password. What happens there is in the trail (``receivers``)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate, logout
from django.contrib.auth import views as auth
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_GET, require_POST

from worklists import banners
from worklists.forms import OwnSettingsForm
from worklists.services import own_settings, sessions
from worklists.views.access import ACT, BOTH, anyone, open_door, page
from worklists.views.answering import go


class OwnPasswordForm(PasswordChangeForm):
    """A new password by who knows the old one, and another than that."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        """Ask as the log-in asks, so that a wrong one counts as a failed log-in."""
        old = str(self.cleaned_data["old_password"])
        name = self.user.get_username()
        if authenticate(self.request, username=name, password=old) is None:
            wrong = self.error_messages["password_incorrect"]
            raise ValidationError(wrong, code="password_incorrect")
        return old

    def clean(self) -> dict[str, Any]:
        """Refuse the password that the person has.

        It is compared with the old one as typed and found right: asking the stored one
        would let somebody guess in the boxes for the new.
        """
        data: dict[str, Any] = super().clean()
        if data.get("old_password", "") == data.get("new_password1"):
            self.add_error(
                "new_password1",
                "This is the password you have now. Choose another: whoever knows it, "
                "or handed it out, would know the new one, too.",
            )
        return data


class ChangePassword(auth.PasswordChangeView):
    """Change one's own password; the person's other sessions and API token end."""

    form_class = OwnPasswordForm
    success_url = reverse_lazy("password_change_done")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Hand the request on: who asks from where is what the lock-out counts by."""
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form):  # type: ignore[no-untyped-def]
        """Save it, record it, and end the duty to change it."""
        with transaction.atomic():
            response = super().form_valid(form)
            sessions.finish_password_change(form.user)
        return response


class LogInForm(AuthenticationForm):
    """Name and password; after a refusal the typing goes on at the password."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": (
            "This username and password do not belong together. Type both again; "
            "capital letters count. Too many wrong tries lock the name for a while."
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.data.get("username"):
            self.fields["username"].widget.attrs.pop("autofocus", None)
            self.fields["password"].widget.attrs["autofocus"] = True


log_in = open_door(
    auth.LoginView.as_view(
        redirect_authenticated_user=True, authentication_form=LogInForm
    )
)
change_password = ChangePassword.as_view()
change_password.policy = anyone  # type: ignore[attr-defined]
password_changed = auth.PasswordChangeDoneView.as_view()
password_changed.policy = anyone  # type: ignore[attr-defined]


@open_door
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session and say so; ``idle`` when nobody pressed anything.

    ``next`` is where the person goes on after the next log-in.
    """
    idle = "1" if request.POST.get("idle") else ""
    going_on = {"idle": idle, "next": _own_page(request, request.POST.get("next", ""))}
    logout(request)
    asked = urlencode({name: value for name, value in going_on.items() if value})
    return redirect(reverse("logged_out") + (f"?{asked}" if asked else ""))


@open_door
@require_GET
def logged_out(request: HttpRequest) -> HttpResponse:
    """Say that the session is over."""
    context = {
        "idle": bool(request.GET.get("idle")),
        "next": _own_page(request, request.GET.get("next", "")),
    }
    return render(request, "registration/logged_out.html", context)


@page(anyone)
def session(request: HttpRequest) -> HttpResponse:
    """Say who is logged in, and the token of now: for a page from before the log-in."""
    who = request.user.get_username()
    return JsonResponse({"user": who, "token": get_token(request)})


@page(anyone, BOTH)
def settings(request: HttpRequest) -> HttpResponse:
    """Show what Codetrail knows of the person, and let them choose their time zone."""
    if request.method != "POST":
        return _settings(request, OwnSettingsForm(instance=request.user))
    form = OwnSettingsForm(request.POST, instance=request.user)
    if not form.is_valid():
        return _settings(request, form, status=422)
    zone = form.cleaned_data["time_zone"]
    own_settings.change_time_zone(person=request.user, zone=zone)
    return go(request, reverse("worklists:settings"), "Your settings are kept.")


def _settings(
    request: HttpRequest, form: OwnSettingsForm, status: int = 200
) -> HttpResponse:
    context = {"form": form, "person": request.user}
    return render(request, "worklists/settings.html", context, status=status)


@page(anyone, ACT)
def put_away(request: HttpRequest, banner_id: int) -> HttpResponse:
    """put a banner away until the next log-in, and stay where one was."""
    banners.put(request.session, banner_id)
    return redirect(_own_page(request, request.POST.get("next", "")) or "/")


def _own_page(request: HttpRequest, address: str) -> str:
    """Return an address of ours, nothing for one that leads elsewhere."""
    ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if ours else ""
