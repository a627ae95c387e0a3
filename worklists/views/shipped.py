"""What this release ships beside what the site has: looked at, and proposed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from worklists import shipped
from worklists.enums import RuleKind, Standing
from worklists.errors import BadInput, NotVisible, Refusal
from worklists.forms import whole
from worklists.rule_forms import WhyForm
from worklists.rule_policies import may_take_shipped
from worklists.rule_words import difference
from worklists.selectors import rules as selectors
from worklists.selectors.access import access_of
from worklists.selectors.shipped import Line, lines, standing_of, versions_here
from worklists.selectors.site import site_today
from worklists.services import rule_checks, shipping
from worklists.shipped import Shipped
from worklists.templatetags.wording import counted
from worklists.views.access import BOTH, anyone, page
from worklists.views.rules import MANY, crumbs, effect_of, shown, tag_of
from worklists.views.template_preview import preview_of

TONES = {
    Standing.AS_SHIPPED: ("circle-check", "done"),
    Standing.OLDER: ("history", "soon"),
    Standing.OWN: ("edit", "accent"),
    Standing.MISSING: ("circle-x", "returned"),
}
TITLE = "Shipped with this release"
Tag = tuple[str, str, str]


def _standing_tag(standing: Standing, of_release: int | None) -> Tag:
    words = str(standing.label)
    if standing == Standing.OLDER:
        words = f"{words}, v{of_release}"
    return words, *TONES[standing]


@page(anyone)
def index(request: HttpRequest) -> HttpResponse:
    """Show everything that ships by kind, and how the site stands to it."""
    found = lines()
    groups: dict[str, list[tuple[Line, Tag]]] = {}
    for line in found:
        tag = _standing_tag(line.standing, line.of_release)
        groups.setdefault(line.shipped.kind, []).append((line, tag))
    same = sum(line.standing == Standing.AS_SHIPPED for line in found)
    titled = [(kind, MANY[RuleKind(kind)], rows) for kind, rows in groups.items()]
    context = {
        # Forms are many: they stand beside all other kinds.
        "columns": [part for part in (titled[:1], titled[1:]) if part],
        "sub": f"{same} of {counted(len(found), 'rule')} work here as shipped.",
        "crumbs": crumbs((TITLE, "")),
    }
    return render(request, "worklists/shipped.html", context)


@page(anyone, BOTH)
def one(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """Show what differs between the site's rule and what ships; propose that."""
    found = shipped.find(kind, slug)
    if found is None:
        raise NotVisible("This release ships no such rule.")
    posted = request.POST if request.method == "POST" else None
    why = WhyForm(posted)
    why.initial = {"effective_from": site_today()}
    context = _context(request, found)
    if posted is not None and why.is_valid():
        try:
            version = shipping.propose_shipped(
                actor=request.user,
                kind=kind,
                slug=slug,
                read=whole(posted.get("read", "")),
                **why.cleaned_data,
            )
        except Refusal as refusal:
            context["refused"] = refusal.detail
        else:
            messages.success(request, "Proposed. Another person puts it in force.")
            return redirect("worklists:rule_version", kind, slug, version.number)
    return render(request, "worklists/shipped_one.html", context | {"why": why})


def _context(request: HttpRequest, found: Shipped) -> dict[str, Any]:
    kind, slug = found.kind, found.slug
    here = selectors.is_taken(kind, slug)
    versions = versions_here(found)
    holds = selectors.in_force_of(versions)
    content = selectors.live_content(kind, slug) if here else None
    standing, of_release = standing_of(found, content)
    queues = [queue.pk for queue in selectors.using(kind, slug)]
    barred = may_take_shipped(access_of(request.user), kind, queues, is_here=here)
    waiting = selectors.open_of(versions)
    same = standing == Standing.AS_SHIPPED
    faults = [] if same else _misfits(found)
    would = here and not same and not faults
    return {
        "shipped": found,
        "standing": standing,
        "tag": _standing_tag(standing, of_release),
        "holds": holds,
        "waiting": waiting,
        "waiting_tag": tag_of(waiting) if waiting else None,
        "changes": [] if same else difference(kind, content, found.content),
        "faults": faults,
        **(effect_of(shown(request, kind, slug), found.content) if would else {}),
        "why_not": barred.why if barred else "",
        "preview": preview_of(found.content["fields"])
        if kind == RuleKind.TEMPLATE
        else (),
        "crumbs": crumbs(
            (TITLE, reverse("worklists:shipped")),
            (found.name, ""),
        ),
    }


def _misfits(found: Shipped) -> list[str]:
    """Return why it could not be proposed here as it ships."""
    try:
        rule_checks.refuse_unworkable(found.kind, found.slug, found.content)
    except BadInput as refusal:
        return [refusal.detail]
    return []
