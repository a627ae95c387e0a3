"""Log-in, log-out and password. What happens there is in the trail (``receivers``)."""

from __future__ import annotations

from django.contrib.auth import logout
from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_GET, require_POST

from worklists.services import sessions
from worklists.views.access import anyone, open_door


class ChangePassword(auth.PasswordChangeView):
    """Change one's own password; other sessions of the person end."""

    success_url = reverse_lazy("password_change_done")

    def form_valid(self, form):  # type: ignore[no-untyped-def]
        """Save it, record it, and end the duty to change it."""
        response = super().form_valid(form)
        sessions.finish_password_change(form.user)
        return response


log_in = open_door(auth.LoginView.as_view(redirect_authenticated_user=True))
change_password = ChangePassword.as_view()
change_password.policy = anyone  # type: ignore[attr-defined]
password_changed = auth.PasswordChangeDoneView.as_view()
password_changed.policy = anyone  # type: ignore[attr-defined]


@open_door
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session and say so; ``idle`` when nobody pressed anything."""
    idle = bool(request.POST.get("idle"))
    logout(request)
    return redirect(reverse("logged_out") + ("?idle=1" if idle else ""))


@open_door
@require_GET
def logged_out(request: HttpRequest) -> HttpResponse:
    """Say that the session is over."""
    context = {"idle": bool(request.GET.get("idle"))}
    return render(request, "registration/logged_out.html", context)
