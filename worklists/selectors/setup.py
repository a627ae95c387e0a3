"""What a site still lacks before files and workers can open items by themselves."""

from __future__ import annotations

from collections.abc import Iterable

from worklists.context import now
from worklists.models import BusinessCalendar, Facility, RoutingRule, Taxonomy


def may_add_calendar() -> bool:
    """Tell whether set-up may make a calendar: the first of a site, and no other.

    Where one works, two people begin others under Rules.
    """
    return not BusinessCalendar.objects.exists()


def missing_setup(kinds: Iterable[str]) -> list[str]:
    """Return in words what is missing, so that items of these kinds find their place.

    A file that names no known payee needs a default facility, a denial a taxonomy in
    force, and an item of any kind a rule without conditions that leads to an active
    queue.
    """
    missing = []
    if not Facility.objects.filter(is_default=True).exists():
        missing.append("a default facility")
    if not Taxonomy.objects.filter(effective_from__lte=now().date()).exists():
        missing.append("a taxonomy in force")
    rules = RoutingRule.objects.filter(is_active=True, queue__is_active=True)
    taken = set(rules.filter(conditions=[]).values_list("kind", flat=True))
    wanted = sorted(set(kinds) - taken)
    return missing + [f"a routing rule without conditions for {k}" for k in wanted]
