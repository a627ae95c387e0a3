"""Changing rules: look at the effect, propose, decide; queues change at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from worklists.enums import RuleKind
from worklists.errors import BadInput, Conflict, Refusal
from worklists.forms import whole
from worklists.models import RuleVersion
from worklists.new_rule_forms import PoliciesForm
from worklists.routing_forms import RoutingForm
from worklists.rule_forms import FORMS, RuleForm, WhyForm
from worklists.rule_words import difference, faults_of
from worklists.selectors import rules as selectors
from worklists.selectors.ladder_line import lines_of
from worklists.selectors.site import site_today
from worklists.services import rules as services
from worklists.services.rule_checks import refuse_unworkable
from worklists.template_forms import TemplateForm
from worklists.template_rows import arranged
from worklists.views.access import ACT, BOTH, anyone, page
from worklists.views.rules import Shown, crumbs, effect_of, shown
from worklists.views.template_preview import preview_of

FormOf = Callable[[Shown, Any], RuleForm]


@page(anyone, BOTH)
def edit(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """Show what works today as a form; look at what a change would do; propose it."""
    found = shown(request, kind, slug)
    return _changed(request, found, _form, at_once=kind == RuleKind.QUEUE)


@page(anyone, BOTH)
def stands_on(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what a queue may stand on; look at what another choice means; propose it."""
    found = shown(request, RuleKind.QUEUE, slug)
    return _changed(request, found, _policies, at_once=False)


def _changed(
    request: HttpRequest, found: Shown, draw: FormOf, *, at_once: bool
) -> HttpResponse:
    kind, slug = found.kind, found.slug
    # The settings of a queue are no part of what it is to stand on, which waits.
    waiting = None if at_once else selectors.open_of(found.versions)
    if found.is_new or found.why_not or waiting:
        messages.warning(request, found.why_not or "A version waits already.")
        return redirect("worklists:rule", kind, slug)
    posted = posted_of(request, kind)
    form = draw(found, posted)
    arranging = posted is not None and "row" in posted
    looked = posted is None or arranging or "look" in posted
    why = why_of(posted, looked=looked)
    if at_once:
        del why.fields["effective_from"]
    good = posted is not None and form.is_good()
    context = _context(request, found, form, why)
    context |= previewed(kind, found.holds.content, form, good=good)
    context["at_once"] = at_once
    if posted is None or arranging:
        return render(request, "worklists/rule_edit.html", context)
    if not (good and (looked or why.is_valid())):
        context["refused"] = "Some fields cannot be read. Each says what it takes."
    elif looked:
        context |= _looked(found, form.content())
    else:
        try:
            do = _change if at_once else _propose
            return do(request, found, form.content(), why.cleaned_data)
        except Refusal as refusal:
            context |= {"refused": refusal.detail, **_looked(found, form.content())}
    return render(request, "worklists/rule_edit.html", context)


def posted_of(request: HttpRequest, kind: str) -> QueryDict | None:
    """Return what was posted, the rows of a template as its buttons arrange them."""
    if request.method != "POST":
        return None
    return arranged(request.POST) if kind == RuleKind.TEMPLATE else request.POST


def why_of(posted: QueryDict | None, *, looked: bool) -> WhyForm:
    """Return from when and why: said to act, kept as it was typed while one looks."""
    why = WhyForm(None if looked else posted)
    why.initial = {"effective_from": site_today()}
    if looked and posted is not None:
        why.initial = {name: posted.get(name, "") for name in why.fields}
    return why


def previewed(
    kind: str, holds: Mapping[str, Any], form: RuleForm, *, good: bool
) -> dict[str, Any]:
    """Return a template's form as a coder will see it, where it can be drawn."""
    if kind != RuleKind.TEMPLATE or (form.is_bound and not good):
        return {}
    content = form.content() if form.is_bound else holds
    return {"preview": preview_of(content["fields"])}


def _form(found: Shown, posted: Any) -> RuleForm:
    content = found.holds.content
    if found.kind == RuleKind.ROUTING:
        return RoutingForm(posted, initial=content, kind=found.slug)
    return form_of(found.kind, content, posted)


def form_of(kind: str, content: Mapping[str, Any], posted: Any) -> RuleForm:
    """Return the form of a kind of rule: what was posted, or what a version says."""
    if kind == RuleKind.TEMPLATE:
        return TemplateForm(posted, initial=content)
    form: RuleForm = FORMS[RuleKind(kind)](posted, initial=content)
    return form


def _policies(found: Shown, posted: Any) -> RuleForm:
    [queue] = found.queues
    # Its first version says more than its later ones: how it was begun.
    live = selectors.queue_content(queue)
    return PoliciesForm(posted, initial=live, of_kind=queue.kind)


def _context(
    request: HttpRequest, found: Shown, form: Any, why: WhyForm
) -> dict[str, Any]:
    return {
        "rule": found,
        "read": request.POST.get("read", "")
        if request.method == "POST"
        else found.holds.number,
        "form": form,
        "why": why,
        "lines": lines_of(found.holds.content) if found.is_ladder else [],
        "crumbs": crumbs(
            (found.name, reverse("worklists:rule", args=[found.kind, found.slug])),
            ("Change", ""),
        ),
    }


def _looked(found: Shown, content: dict[str, Any]) -> dict[str, Any]:
    """Return what differs, what is wrong, and what it would do."""
    faults = faults_of(found.kind, content) or _misfits(found, content)
    context: dict[str, Any] = {"looked": True, "faults": faults}
    if not faults:
        context |= {
            "changes": difference(found.kind, found.holds.content, content),
            **effect_of(found, content),
        }
        if found.is_ladder:
            context["lines"] = lines_of(content)
    return context


def _misfits(found: Shown, content: dict[str, Any]) -> list[str]:
    """Return why a version that says nothing wrong cannot work on what is here."""
    try:
        refuse_unworkable(found.kind, found.slug, content)
    except BadInput as refusal:
        return [refusal.detail]
    return []


def _change(
    request: HttpRequest, found: Shown, content: dict[str, Any], why: dict[str, Any]
) -> HttpResponse:
    services.change_queue(
        actor=request.user,
        slug=found.slug,
        content=content,
        reason=why["reason"],
        read=read_of(request),
    )
    messages.success(request, "Changed. It holds from now on.")
    return redirect("worklists:rule", found.kind, found.slug)


def _propose(
    request: HttpRequest, found: Shown, content: dict[str, Any], why: dict[str, Any]
) -> HttpResponse:
    version = services.propose(
        actor=request.user,
        kind=found.kind,
        slug=found.slug,
        content=content,
        read=read_of(request),
        **why,
    )
    messages.success(request, "Proposed. Another person puts it in force.")
    return redirect("worklists:rule_version", found.kind, found.slug, version.number)


def read_of(request: HttpRequest) -> int:
    """Return which version in force the person had before them, 0 for none.

    Refuses a page that does not say: it was drawn before an update, or by nobody.
    """
    read = whole(request.POST.get("read", ""))
    if read is None:
        raise Conflict(
            "This page was drawn before it said which version in force it was read "
            "against. Open it again and look at what differs; nothing was changed.",
            code="unread",
        )
    return read


def _decided(
    request: HttpRequest, kind: str, slug: str, number: int, act: Callable[..., Any]
) -> HttpResponse:
    """Do one act on a version and come back to it."""
    try:
        version = act(
            actor=request.user,
            kind=kind,
            slug=slug,
            number=number,
            reason=request.POST.get("reason", ""),
        )
    except Refusal as refusal:
        messages.warning(request, refusal.detail)
    else:
        messages.success(
            request, f"Version {number}: {version.get_state_display().lower()}."
        )
    return redirect("worklists:rule_version", kind, slug, number)


@page(anyone, ACT)
def approve(request: HttpRequest, kind: str, slug: str, number: int) -> HttpResponse:
    """Approve a version that was read beside the one in force."""

    def act(**asked: Any) -> RuleVersion:
        return services.approve(**asked, read=read_of(request))

    return _decided(request, kind, slug, number, act)


@page(anyone, ACT)
def send_back(request: HttpRequest, kind: str, slug: str, number: int) -> HttpResponse:
    """Send a version back with what to mend."""
    return _decided(request, kind, slug, number, services.send_back)


@page(anyone, ACT)
def withdraw(request: HttpRequest, kind: str, slug: str, number: int) -> HttpResponse:
    """Take one’s own version back, or stop an approved one before it begins."""
    return _decided(request, kind, slug, number, services.withdraw)
