"""Counting people's time on items, and letting them put their own right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from worklists import policies, trail
from worklists.context import now
from worklists.errors import BadInput, Conflict
from worklists.models import Reason, TimeCorrection, User, WorkItem
from worklists.plain_text import is_blank
from worklists.selectors.access import access_of
from worklists.selectors.item import item_for
from worklists.selectors.time_on_items import OwnTime, own_time
from worklists.services.locks import hold_time
from worklists.services.perform import lock_item

MOST_AT_ONCE = 90
SPELL_ENDS = timedelta(minutes=3)
MOST_MINUTES = 24 * 60
LONGEST = 400
CORRECTED = "item.time_corrected"


def beat(*, item_id: int, actor: User) -> None:
    """Count the person's time on an item they are at work on, up to this moment.

    Added is the distance to the person's last beat on whatever item, at most 90
    seconds: by the server's clock, so nobody can post hours, and several windows at
    once count as one. After three minutes without a beat another spell begins, at
    nothing; a clock that went back adds nothing. No event, no version, no lock on the
    item. Refuses items that are not visible (404), and who neither holds the item nor
    decides its review (403).
    """
    item = item_for(actor, item_id)
    refusal = policies.may_count_time(access_of(actor), item)
    if refusal:
        raise refusal.error()
    values: dict[str, Any] = {
        "item": item.pk,
        "user": actor.pk,
        "at": now().replace(microsecond=0),
        "most": MOST_AT_ONCE,
        "gap": SPELL_ENDS,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        hold_time(actor)
        cursor.execute(_BEAT, values)


_BEAT = """
WITH newest AS (
    SELECT last_seen_at FROM worklists_timespell
     WHERE user_id = %(user)s ORDER BY last_seen_at DESC LIMIT 1
), here AS (
    SELECT id, last_seen_at FROM worklists_timespell
     WHERE user_id = %(user)s AND item_id = %(item)s ORDER BY begun_at DESC LIMIT 1
), lasts AS (
    UPDATE worklists_timespell spell
       SET last_seen_at = %(at)s,
           seconds = spell.seconds + greatest(0, least(%(most)s,
               extract(epoch FROM %(at)s - newest.last_seen_at)::int))
      FROM here, newest
     WHERE spell.id = here.id
       AND %(at)s BETWEEN here.last_seen_at AND here.last_seen_at + %(gap)s
)
INSERT INTO worklists_timespell (item_id, user_id, begun_at, last_seen_at, seconds)
SELECT %(item)s, %(user)s, %(at)s, %(at)s, 0
 WHERE NOT EXISTS (SELECT 1 FROM here WHERE here.last_seen_at + %(gap)s >= %(at)s)
"""


def correct_time(
    *, item_id: int, actor: User, minutes: int, reason: str
) -> TimeCorrection:
    """Say how many minutes the person spent on an item in all, and why.

    What was counted stays; the difference is a row beside it, and ``item.time_corrected``
    stands on the item's chain. From, to and why are words beside it, bound to it by
    their commitment, which the person and auditors alone read. Later beats
    add to it. State and version stay, so nobody's open form gets stale. Refuses items
    that are not visible (404), who has no time there and is not at work on it (403),
    what it says already (409), and minutes or words out of bounds (400).
    """
    said = _clean(minutes, reason)
    with transaction.atomic():
        item = lock_item(item_id, actor)
        hold_time(actor)
        was = own_time(actor, item.pk)
        _refuse(item, actor, was, minutes)
        row = TimeCorrection.objects.create(
            item=item,
            user=actor,
            seconds=minutes * 60 - was.seconds,
            minutes=minutes,
            seq=item.trail_seq + 1,
            corrected_at=now(),
        )
        _tell(item, actor, f"{was.minutes} to {minutes} min: {said}")
    return row


def _clean(minutes: int, reason: str) -> str:
    if not 0 <= minutes <= MOST_MINUTES:
        raise BadInput(
            f"Say whole minutes from 0 to {MOST_MINUTES:,}.",
            fields={"minutes": [f"0 to {MOST_MINUTES:,}."]},
        )
    said = reason.replace("\x00", "").strip()
    if is_blank(said) or len(said) > LONGEST:
        why = "Words are needed." if is_blank(said) else "Too long."
        raise BadInput(
            f"Say why, in {LONGEST} characters at most.", fields={"reason": [why]}
        )
    return said


def _refuse(item: WorkItem, actor: User, was: OwnTime, minutes: int) -> None:
    refusal = policies.may_correct_time(access_of(actor), item, has_time=was.known)
    if refusal:
        raise refusal.error()
    if was.minutes == minutes:
        raise Conflict(f"Your time says {minutes} minutes already.", code="unchanged")


def _tell(item: WorkItem, actor: User, said: str) -> None:
    words = trail.commit(said)
    trail.append_item_event(
        item,
        action=CORRECTED,
        actor=actor,
        from_state=item.state,
        to_state=item.state,
        commitments=[words.digest],
    )
    Reason.objects.create(
        item=item,
        action=CORRECTED,
        seq=item.trail_seq,
        said_by=actor,
        said_at=now(),
        **words.columns(),
    )
    item.save(update_fields=["trail_seq", "trail_hash"])
