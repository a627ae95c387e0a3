"""What tests of absences need: a team, and people who hold work in every state."""

from __future__ import annotations

import json
import time
from datetime import date, timedelta

from django.db import connection

from tests.factories import GOOD_EVIDENCE, Site, open_item, open_many, take
from tests.worklists.services.timekeeping import CHICAGO, local
from worklists.context import now
from worklists.models import Absence, Event, ItemClock, TeamMember, User, WorkItem
from worklists.services.absences import record_absence
from worklists.services.injected_time import at
from worklists.services.perform import perform

SUNDAY = local("2026-03-01", "20:00")
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
FRIDAY = date(2026, 3, 6)
EARLY = local("2026-03-02", "00:01")
BACK = local("2026-03-07", "00:01")


def team_up(site: Site) -> Site:
    """Put the site's coders into its team."""
    for person in (site.coder, site.other_coder, site.apprentice):
        TeamMember.objects.create(team=site.queue.team, user=person)
    return site


def fresh(user: User) -> User:
    """Return the person as the next request sees them."""
    return User.objects.get(pk=user.pk)


def hold(site: Site, count: int = 1) -> list[WorkItem]:
    """Let the coder take some items on Sunday evening."""
    with at(SUNDAY):
        items = open_many(site.queue, site.facility, count)
        for item in items:
            take(item, site.coder)
    return items


def of_each_state(site: Site) -> dict[str, WorkItem]:
    """Return items of the coder: given, in hand, deferred and returned."""
    with at(SUNDAY):
        given, hand, rests, mended = open_many(site.queue, site.facility, 4)
        for item, step in (
            (given, ("assign", site.manager, {"to": "coder"}, None)),
            (hand, ("claim", site.coder, {}, None)),
            (rests, ("claim", site.coder, {}, None)),
            (rests, ("pend", site.coder, {"until": "2026-03-20T12:00:00Z"}, None)),
        ):
            do(item, *step)
        WorkItem.objects.filter(pk=mended.pk).update(
            state="returned", assignee=site.coder
        )
    return {"open": given, "in_progress": hand, "pending": rests, "returned": mended}


def do(item: WorkItem, action: str, actor, options=None, evidence=None) -> WorkItem:
    """Do one action as the item stands."""
    return perform(
        item_id=item.pk,
        action=action,
        actor=fresh(actor) if actor else None,
        expected_version=WorkItem.objects.get(pk=item.pk).version,
        reason="because the test says so",
        options=options or {},
        evidence=evidence,
    )


def away(
    site: Site, backup: str = "other_coder", *, starts=MONDAY, ends=FRIDAY, when=SUNDAY
) -> Absence:
    """Record an absence of the coder by their manager."""
    with at(when):
        return record_absence(
            actor=fresh(site.manager),
            user_id=site.coder.pk,
            starts_on=starts,
            ends_on=ends,
            backup=backup,
        )[0]


def stands(item: WorkItem) -> tuple[str, str | None]:
    """Return state and holder of an item."""
    item = WorkItem.objects.select_related("assignee").get(pk=item.pk)
    return item.state, item.assignee.username if item.assignee else None


def clocks() -> list[dict[str, object]]:
    """Return every clock of every item, all of it."""
    return list(ItemClock.objects.order_by("pk").values())


def in_days(number: int) -> date:
    """Return a day from today on, where the people of the factories are."""
    return now().astimezone(CHICAGO).date() + timedelta(days=number)


def until_somebody_waits(most: float = 10) -> None:
    """Return when another connection waits for a lock."""
    end = time.monotonic() + most
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits for a lock")


def events(action: str) -> list[tuple[str, int, str, dict[str, object]]]:
    """Return subject, actor and facts of every event of an action, in order."""
    return [
        (e.subject_kind, e.subject_id, e.actor_name, json.loads(e.facts))
        for e in Event.objects.filter(action=action).order_by("id")
    ]


def submitted(site: Site, by: User | None = None) -> WorkItem:
    """Return an item that the coder submitted and a senior has to decide."""
    with at(SUNDAY):
        User.objects.filter(pk=site.coder.pk).update(tier="apprentice")
        item = open_item(site.queue, site.facility)
        do(item, "claim", by or site.coder)
        do(item, "submit", by or site.coder, evidence=GOOD_EVIDENCE)
    assert stands(item)[0] == "in_review"
    return item
