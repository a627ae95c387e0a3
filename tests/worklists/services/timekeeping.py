"""What tests of time need: a site with a full ladder, and acts at given moments."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.factories import (
    QueueFactory,
    Site,
    SlaPolicyFactory,
    make_site,
    open_item,
)
from worklists.models import Event, ItemClock, LadderStep, SlaPolicy, User, WorkItem
from worklists.services.injected_time import at
from worklists.services.perform import perform

CHICAGO = ZoneInfo("America/Chicago")
INTERNAL_RUNGS = ((-4, "assignee", False), (0, "lead", True), (9, "manager", True))
LEGAL_RUNGS = ((-72, "assignee", False), (-24, "lead", False), (0, "supervisor", True))


def local(day: str, clock: str = "08:00") -> datetime:
    """Return a moment in Chicago: ``local("2026-03-02", "09:30")``."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=CHICAGO)


MONDAY = local("2026-03-02")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def timed_site(*, business_hours: int = 18, **queue_fields) -> Site:
    """Return a site whose queue gives two working days and tells everybody in turn.

    Its team's lead is ``lea``, its supervisor ``sue``.
    """
    policy = make_policy(business_hours)
    site = make_site(sla_policy=policy, **queue_fields)
    rename(site.queue.team.lead, "lea")
    rename(site.queue.supervisor, "sue")
    return site


def rename(user: User, name: str) -> None:
    """Give a made-up person a name that a test can state."""
    user.username = name
    user.save(update_fields=["username"])


def make_policy(
    business_hours: int, internal=INTERNAL_RUNGS, legal=LEGAL_RUNGS, slug="standard"
) -> SlaPolicy:
    """Return a policy with these rungs: offset, whom they tell, acknowledgement."""
    policy = SlaPolicyFactory(business_hours=business_hours, slug=slug)
    policy.steps.all().delete()
    for kind, rungs in (("internal", internal), ("legal", legal)):
        for position, (offset, tell, needs) in enumerate(rungs, 1):
            LadderStep.objects.create(
                policy=policy,
                clock_kind=kind,
                position=position,
                offset_hours=offset,
                tell=tell,
                needs_acknowledgement=needs,
            )
    return policy


def issue_queue(site: Site):
    """Give the site a queue that takes every issue report."""
    queue = QueueFactory(
        kind="issue_report", team=site.queue.team, sla_policy=site.queue.sla_policy
    )
    queue.rules.update(conditions=[])
    return queue


def opened(site: Site, moment: datetime = MONDAY, **facts) -> WorkItem:
    """Open one item as of a moment."""
    with at(moment):
        return read(open_item(site.queue, site.facility, at=moment, **facts))


def held(site: Site, moment: datetime = MONDAY, **facts) -> WorkItem:
    """Open an item and have the coder take it at once."""
    return act(site.coder, opened(site, moment, **facts), "claim", moment)


def act(
    actor: User,
    item: WorkItem,
    action: str,
    moment: datetime,
    *,
    evidence=None,
    **options,
) -> WorkItem:
    """Have a person act on an item at a moment."""
    with at(moment):
        perform(
            item_id=item.pk,
            action=action,
            actor=actor,
            expected_version=read(item).version,
            reason="because the test says so",
            evidence=evidence,
            options=options,
        )
    return read(item)


def pend(
    actor: User,
    item: WorkItem,
    moment: datetime,
    until: datetime,
    reason_code="records",
) -> WorkItem:
    """Have a person defer an item."""
    return act(
        actor, item, "pend", moment, until=until.isoformat(), reason_code=reason_code
    )


def read(item: WorkItem) -> WorkItem:
    """Return an item as it is stored."""
    return WorkItem.objects.select_related("queue", "assignee").get(pk=item.pk)


def clock_of(item: WorkItem, name: str = "internal") -> ItemClock:
    """Return the newest clock of a name."""
    return ItemClock.objects.filter(item_id=item.pk, name=name).latest("id")


def actions(item: WorkItem) -> list[str]:
    """Return the actions on the item's chain, in order."""
    events = Event.objects.filter(subject_kind="item", subject_id=item.pk)
    return list(events.order_by("seq").values_list("action", flat=True))
