"""Which submissions go to a senior, and opening their reviews."""

from __future__ import annotations

import random
from datetime import datetime

from django.db import connection

from worklists import review as rules
from worklists.clocks import add_business_hours
from worklists.enums import Tier
from worklists.models import Queue, Review, User, WorkItem
from worklists.selectors.calendars import calendar_of
from worklists.selectors.evidence import Asked, workers_of
from worklists.selectors.review_facts import (
    as_policy,
    at_rate,
    rate_for,
    submit_facts,
)
from worklists.services.locks import hold_person
from worklists.statements import Slot, Statement

_secret = random.SystemRandom()


def open_review(
    item: WorkItem, *, coder: User, asked: Asked, at: datetime
) -> Review | None:
    """Open the next review of an item when a trigger fires, else return None.

    Every submission uses one position of the coder's secret block in this queue, also
    when another trigger fires, so the random share stays exact; how many of a block
    are picked follows from the person's rate when it is drawn. The triggers that
    fired are stored with the policy's version. Everyone who ever worked on the item
    is written on the row, where the database refuses them as reviewer.
    """
    policy = item.queue.review_policy
    rule = as_policy(policy)
    if rule.autonomy:
        rule = at_rate(rule, rate_for(coder, item.queue, rule))
    picked = draw(coder, item.queue, rule.random_per_block)
    facts = submit_facts(item, coder.tier, rule, asked)
    drawn = picked and not rules.sees_all(facts, rule)
    fired = rules.triggers(facts, rule, drawn)
    if not fired:
        return None
    before = _LAST_ROUND.first(item_id=item.pk)
    return Review.objects.create(
        item=item,
        round=(before[0] if before else 0) + 1,
        policy=policy,
        triggers=[trigger.kept(policy) for trigger in fired],
        random_pick=picked,
        risk_classes=sorted(facts.risk_classes),
        payer_id=item.payer_id,
        approver_role=rules.approver_of(facts, rule),
        submitted_by=coder,
        workers=sorted({coder.pk, *workers_of(item.pk)}),
        opened_at=at,
        due_at=_due_at(item, policy.review_hours, at),
    )


def _due_at(item: WorkItem, hours: int | None, at: datetime) -> datetime | None:
    """Return by when a senior decides, on the facility's calendar."""
    if hours is None:
        return None
    return add_business_hours(at, hours, calendar_of(item.facility_id))


_LAST_ROUND = Statement(
    lambda: (
        Review.objects.filter(item=Slot("item_id"))
        .order_by("-round")
        .values_list("round")[:1]
    )
)


def approver_of(item: WorkItem, asked: Asked) -> str:
    """Return the role that approves these answers, empty where every senior does."""
    rule = as_policy(item.queue.review_policy)
    if not rule.approver_role:
        return ""
    return rules.approver_of(submit_facts(item, "", rule, asked), rule)


def foreseen(item: WorkItem) -> str:
    """Return the triggers that the item itself will fire, whoever submits it."""
    policy = as_policy(item.queue.review_policy)
    facts = submit_facts(item, Tier.INDEPENDENT, policy)
    fired = rules.triggers(facts, policy, random_pick=False)
    return rules.because(trigger.label for trigger in fired)


def draw(coder: User, queue: Queue, per_block: int) -> bool:
    """Use the next position of the coder's block and say whether it was picked.

    Blocks of 20 are drawn beforehand from the system's random source, so exactly
    ``per_block`` of each 20 submissions are picked and nobody can foresee which. The
    caller holds the item; the coder's block row is locked here.
    """
    used = _use(coder, queue)
    if used is None:
        # Nobody else of this person's acts may draw the next block meanwhile.
        hold_person(coder)
        used = _use(coder, queue) or _new_block(coder, queue, per_block)
    position, picks = used
    return position in picks


_USE = """
UPDATE worklists_reviewblock SET used = used + 1
 WHERE used < %(block)s
   AND id = (SELECT id FROM worklists_reviewblock
              WHERE coder_id = %(coder)s AND queue_id = %(queue)s
              ORDER BY number DESC LIMIT 1)
RETURNING used - 1, picks
"""

_DRAW = """
INSERT INTO worklists_reviewblock (coder_id, queue_id, number, picks, used)
SELECT %(coder)s, %(queue)s, COALESCE(max(number), 0) + 1, %(picks)s::smallint[], 1
  FROM worklists_reviewblock WHERE coder_id = %(coder)s AND queue_id = %(queue)s
"""


def _use(coder: User, queue: Queue) -> tuple[int, list[int]] | None:
    """Use the next position of the newest block; None when it is used up."""
    values = {"block": rules.BLOCK, "coder": coder.pk, "queue": queue.pk}
    with connection.cursor() as cursor:
        cursor.execute(_USE, values)
        found: tuple[int, list[int]] | None = cursor.fetchone()
    return found


def _new_block(coder: User, queue: Queue, per_block: int) -> tuple[int, list[int]]:
    """Draw the next block and use its first position."""
    picks = rules.draw_block(per_block, _secret)
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, {"coder": coder.pk, "queue": queue.pk, "picks": picks})
    return 0, picks
