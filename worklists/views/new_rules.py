"""Beginning a rule: looked at, proposed, decided by another person.

Queues and calendars begin empty; ladders, review policies and forms as a copy of one
that is in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from worklists.enums import RuleKind
from worklists.errors import BadInput, NotVisible, Refusal
from worklists.models import RuleVersion
from worklists.new_rule_forms import LONGEST_NAME, NEW_FORMS, CopyForm, SlugForm
from worklists.rule_forms import RuleForm, WhyForm
from worklists.rule_policies import BEGUN_HERE, COPIED, may_propose_new
from worklists.rule_words import difference, faults_of
from worklists.selectors import rules as selectors
from worklists.selectors.access import access_of
from worklists.selectors.ladder_line import lines_of
from worklists.services import rules as services
from worklists.services.new_queues import rows_of
from worklists.services.rule_checks import copied
from worklists.views.access import BOTH, anyone, page
from worklists.views.rule_changes import (
    form_of,
    posted_of,
    previewed,
    read_of,
    why_of,
)
from worklists.views.rules import BEGINS_AS, crumbs


@dataclass(frozen=True, slots=True)
class Begun:
    """What begins: its kind, and the version in force that it is a copy of, if any."""

    kind: str
    copy_of: str = ""
    holds: RuleVersion | None = None

    @property
    def name(self) -> str:
        """Return the title of the page."""
        return BEGINS_AS[RuleKind(self.kind)]

    @property
    def is_ladder(self) -> bool:
        """Return whether it has a ladder to draw."""
        return self.kind == RuleKind.SLA

    @property
    def content(self) -> Mapping[str, Any]:
        """Return what the copy says before anybody changed it."""
        assert self.holds is not None  # noqa: S101 - asked of copies alone
        name = f"Copy of {self.holds.content['name']}"[:LONGEST_NAME]
        return {**self.holds.content, "name": name}

    def form(self, posted: Any) -> RuleForm:
        """Return its form, as it was posted or as it begins."""
        if self.holds is not None:
            return form_of(self.kind, self.content, posted)
        found: RuleForm = NEW_FORMS[RuleKind(self.kind)](posted)
        return found


@page(anyone, BOTH)
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the form of a rule that begins; look at what it says; propose it."""
    if kind not in BEGUN_HERE:
        raise NotVisible("Nothing of this kind is begun on a page.")
    barred = may_propose_new(access_of(request.user), kind)
    if barred:
        messages.warning(request, barred.why)
        return redirect("worklists:rules")
    begun = Begun(kind)
    if kind in COPIED:
        said = request.POST if request.method == "POST" else request.GET
        choice = CopyForm(kind, said if "of" in said else None)
        if not choice.is_valid():
            return _choose(request, begun, choice)
        begun = _copy(kind, choice.cleaned_data["of"])
    return _begin(request, begun)


def _choose(request: HttpRequest, begun: Begun, choice: CopyForm) -> HttpResponse:
    """Ask which one a new one begins as a copy of."""
    context = {"rule": begun, "choice": choice, "crumbs": crumbs((begun.name, ""))}
    return render(request, "worklists/rule_copy.html", context)


def _copy(kind: str, slug: str) -> Begun:
    holds = selectors.in_force_of(selectors.versions_of(kind, slug))
    return Begun(kind, slug, holds)


def _begin(request: HttpRequest, begun: Begun) -> HttpResponse:
    kind = begun.kind
    posted = posted_of(request, kind)
    arranging = posted is not None and "row" in posted
    looked = posted is None or arranging or "look" in posted
    named, form = _named(posted, arranging=arranging), begun.form(posted)
    why = why_of(posted, looked=looked)
    context = _context(request, begun, named, form, why)
    if posted is None or arranging:
        context |= _previewed(begun, form, good=arranging and form.is_good())
        return render(request, "worklists/rule_edit.html", context)
    good = all([named.is_valid(), form.is_good(), looked or why.is_valid()])
    if not good or not _stands(begun, form):
        context["refused"] = "Some fields cannot be read. Each says what it takes."
    elif looked:
        context |= _looked(begun, form)
    else:
        try:
            return _propose(request, begun, named, form, why)
        except Refusal as refusal:
            _place(refusal, named)
            _place(refusal, form)
            context |= {"refused": refusal.detail, **_looked(begun, form)}
    return render(request, "worklists/rule_edit.html", context)


def _named(posted: Any, *, arranging: bool) -> SlugForm:
    """Return the form of the short name; not a word about it while rows are moved."""
    if arranging:
        return SlugForm(initial={"slug": posted.get("slug", "")})
    return SlugForm(posted)


def _stands(begun: Begun, form: RuleForm) -> bool:
    """Return whether what a queue is to stand on is there, and a copy has a name of its
    own; its field says what is not."""
    try:
        if begun.kind == RuleKind.QUEUE:
            rows_of(form.content())
        if begun.copy_of:
            copied(begun.kind, begun.copy_of, form.content(), None)
    except BadInput as refusal:
        _place(refusal, form)
        return False
    return True


def _place(refusal: Refusal, form: Form) -> None:
    """Put what was refused to the fields it names."""
    fields = refusal.fields if isinstance(refusal, BadInput) else {}
    for name in fields.keys() & form.fields.keys():
        form.add_error(name, list(fields[name]))


def _context(
    request: HttpRequest, begun: Begun, named: SlugForm, form: RuleForm, why: WhyForm
) -> dict[str, Any]:
    context: dict[str, Any] = {
        "rule": begun,
        "named": named,
        "form": form,
        "why": why,
        "crumbs": crumbs((begun.name, "")),
    }
    if begun.holds is not None:
        drawn = begun.holds.number
        context["read"] = (
            request.POST.get("read", "") if request.method == "POST" else drawn
        )
    if begun.is_ladder:
        context["lines"] = lines_of(begun.content)
    return context


def _previewed(begun: Begun, form: RuleForm, *, good: bool) -> dict[str, Any]:
    if begun.holds is None:
        return {}
    return previewed(begun.kind, begun.content, form, good=good)


def _looked(begun: Begun, form: RuleForm) -> dict[str, Any]:
    """Return what it would say, or what is wrong with it."""
    content = form.content()
    faults = faults_of(begun.kind, content)
    if faults:
        return {"looked": True, "faults": faults}
    before = begun.holds.content if begun.holds else None
    return {
        "looked": True,
        "changes": difference(begun.kind, before, content),
        **_previewed(begun, form, good=True),
        **({"lines": lines_of(content)} if begun.is_ladder else {}),
    }


def _propose(
    request: HttpRequest, begun: Begun, named: SlugForm, form: RuleForm, why: WhyForm
) -> HttpResponse:
    version = services.propose_new(
        actor=request.user,
        kind=begun.kind,
        content=form.content(),
        copy_of=begun.copy_of,
        read=read_of(request) if begun.copy_of else None,
        **named.cleaned_data,
        **why.cleaned_data,
    )
    messages.success(request, "Proposed. Another person puts it in force.")
    return redirect(
        "worklists:rule_version", begun.kind, version.rule.slug, version.number
    )
