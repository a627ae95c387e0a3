"""What tests of rules need: what works today with a change, and how it comes in force."""

import json
from datetime import date

from tests.factories import grant, make_site, person
from worklists.enums import Role, RuleKind
from worklists.models import (
    Event,
)
from worklists.selectors import rules as selectors
from worklists.services import rules

TODAY = date(2026, 11, 23)


def rule_site():
    """Return a small site with a second manager of the queue."""
    site = make_site()
    site.slug = site.queue.sla_policy.slug
    site.second = person(Role.MANAGER, username="second")
    grant(site.second, site.queue, "manage")
    return site


def changed(slug, kind=RuleKind.SLA, **fields):
    """Return what works today with some fields changed."""
    return selectors.live_content(kind, slug) | fields


def facts(action):
    """Return the facts of the only event of an action."""
    return json.loads(Event.objects.get(action=action).facts)


def put_in_force(kind, slug, proposer, decider, **fields):
    """Propose and approve a change of a rule."""
    version = rules.propose(
        actor=proposer,
        kind=kind,
        slug=slug,
        content=changed(slug, kind, **fields),
        effective_from=TODAY,
        reason="So it is.",
    )
    return rules.approve(actor=decider, kind=kind, slug=slug, number=version.number)
