"""Beginning a queue or a calendar: looked at, proposed, decided by another person."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from worklists.enums import RuleKind
from worklists.errors import BadInput, NotVisible, Refusal
from worklists.new_rule_forms import NEW_FORMS, SlugForm
from worklists.rule_forms import RuleForm, WhyForm
from worklists.rule_policies import BEGUN_HERE, may_propose_new
from worklists.rule_words import difference, faults_of
from worklists.selectors.access import access_of
from worklists.selectors.site import site_today
from worklists.services import rules as services
from worklists.services.new_queues import rows_of
from worklists.views.access import BOTH, anyone, page
from worklists.views.rules import crumbs

TITLES = {RuleKind.QUEUE: "New queue", RuleKind.CALENDAR: "New calendar"}


@page(anyone, BOTH)
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the form of a new queue or calendar; look at what it says; propose it."""
    if kind not in BEGUN_HERE:
        raise NotVisible("Nothing of this kind is begun on a page.")
    barred = may_propose_new(access_of(request.user), kind)
    if barred:
        messages.warning(request, barred.why)
        return redirect("worklists:rules")
    posted = request.POST if request.method == "POST" else None
    looked = posted is None or "look" in posted
    named, form = SlugForm(posted), NEW_FORMS[kind](posted)
    why = WhyForm(None if looked else posted)
    why.initial = {"effective_from": site_today()}
    if looked and posted is not None:
        why.initial = {name: posted.get(name, "") for name in why.fields}
    context = _context(kind, named, form, why)
    if posted is None:
        return render(request, "worklists/rule_edit.html", context)
    good = all([named.is_valid(), form.is_good(), looked or why.is_valid()])
    if not good or not _stands(kind, form):
        context["refused"] = "Some fields cannot be read. Each says what it takes."
    elif looked:
        context |= _looked(kind, form)
    else:
        try:
            return _propose(request, kind, named, form, why)
        except Refusal as refusal:
            _place(refusal, named)
            context |= {"refused": refusal.detail, **_looked(kind, form)}
    return render(request, "worklists/rule_edit.html", context)


def _stands(kind: str, form: RuleForm) -> bool:
    """Return whether what a queue is to stand on is there; its field says what is not."""
    if kind == RuleKind.QUEUE:
        try:
            rows_of(form.content())
        except BadInput as refusal:
            _place(refusal, form)
            return False
    return True


def _place(refusal: Refusal, form: Form) -> None:
    """Put what was refused to the fields it names."""
    fields = refusal.fields if isinstance(refusal, BadInput) else {}
    for name in fields.keys() & form.fields.keys():
        form.add_error(name, list(fields[name]))


def _context(kind: str, named: SlugForm, form: RuleForm, why: WhyForm) -> Any:
    title = TITLES[RuleKind(kind)]
    return {
        "rule": SimpleNamespace(kind=kind, name=title, is_ladder=False),
        "named": named,
        "form": form,
        "why": why,
        "crumbs": crumbs((title, "")),
    }


def _looked(kind: str, form: RuleForm) -> dict[str, Any]:
    """Return what it would say, or what is wrong with it."""
    content = form.content()
    faults = faults_of(kind, content)
    changes = [] if faults else difference(kind, None, content)
    return {"looked": True, "faults": faults, "changes": changes}


def _propose(
    request: HttpRequest, kind: str, named: SlugForm, form: RuleForm, why: WhyForm
) -> HttpResponse:
    version = services.propose_new(
        actor=request.user,
        kind=kind,
        content=form.content(),
        **named.cleaned_data,
        **why.cleaned_data,
    )
    messages.success(request, "Proposed. Another person puts it in force.")
    return redirect("worklists:rule_version", kind, version.rule.slug, version.number)
