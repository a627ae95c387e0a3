"""A site whose ladder two people change: for the tests of ladders and what they would do."""

from datetime import datetime

import time_machine

from tests.factories import grant, make_site, open_many, person
from worklists.enums import Role, RuleKind
from worklists.models import Escalation
from worklists.selectors import rules as selectors
from worklists.selectors.site import site_today
from worklists.services import rules
from worklists.services.ladders import follow_ladders

# A Monday morning, 08:00 in Chicago.
START = datetime.fromisoformat("2026-11-09T14:00:00+00:00")
# Ten business hours later: Tuesday 09:00.
LATER = datetime.fromisoformat("2026-11-10T15:00:00+00:00")


def step(offset, tell="manager", kind="internal", position=0, asks=False):
    """Return a step."""
    return {
        "position": position,
        "clock_kind": kind,
        "offset_hours": offset,
        "tell": tell,
        "needs_acknowledgement": asks,
    }


KEPT = step(0, "lead", position=1)


def ladder_site():
    """Return a small site with two items that arrived on Monday morning."""
    site = make_site()
    site.slug = site.queue.sla_policy.slug
    site.second = person(Role.MANAGER, username="second")
    grant(site.second, site.queue, "manage")
    with time_machine.travel(START, tick=False):
        site.items = open_many(site.queue, site.facility, 2)
    return site


def change(site, *steps, hours=40):
    """Put a ladder in force by two people; return how many clocks the worker brings."""
    content = selectors.live_content(RuleKind.SLA, site.slug)
    version = rules.propose(
        actor=site.manager,
        kind=RuleKind.SLA,
        slug=site.slug,
        content=content | {"steps": list(steps), "business_hours": hours},
        effective_from=site_today(),
        reason="Tell the manager early.",
    )
    rules.approve(
        actor=site.second, kind=RuleKind.SLA, slug=site.slug, number=version.number
    )
    return follow_ladders()


def told():
    """Return which step told whom on which item."""
    rows = Escalation.objects.order_by("item_id", "step")
    return [(e.item_id, e.step, e.tell, e.to.username) for e in rows]
