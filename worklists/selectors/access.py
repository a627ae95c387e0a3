"""What a person holds: roles, grants, clearances; and what they therefore see."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import BigIntegerField, F, Func, Q, QuerySet

from worklists.context import now
from worklists.enums import Role
from worklists.models import Claim, ClearanceGrant, User, WorkItem
from worklists.policies import Access
from worklists.policies.access import ONE_PERSON_DAYS
from worklists.review import Authority
from worklists.selectors.site import NOWHERE
from worklists.statements import IsAny, Slot

_GRANTS = """
WITH RECURSIVE
mine AS (SELECT group_id FROM worklists_user_groups WHERE user_id = %(user)s),
away AS (
    SELECT a.user_id, a.backup_id
      FROM worklists_absence a JOIN worklists_user u ON u.id = a.user_id
     WHERE a.closed_at IS NULL AND (%(now)s::timestamptz AT TIME ZONE u.time_zone)::date
           BETWEEN a.starts_on AND a.ends_on
),
covered AS (
    SELECT user_id FROM away WHERE backup_id = %(user)s
    UNION
    SELECT away.user_id FROM away JOIN covered c ON away.backup_id = c.user_id
),
lent AS (
    SELECT d.delegator_id, json_build_object(
               'id', d.id, 'by', d.delegator_id, 'username', u.username,
               'name', coalesce(
                   nullif(trim(u.first_name || ' ' || u.last_name), ''), u.username),
               'limit', d.amount_limit::text, 'classes', d.risk_classes,
               'facilities', (SELECT json_agg(DISTINCT f.id) FROM (
                   SELECT o.content_object_id AS id
                     FROM worklists_facilityuserobjectpermission o
                     JOIN auth_permission p ON p.id = o.permission_id
                    WHERE o.user_id = d.delegator_id AND p.codename = 'view_facility'
                   UNION
                   SELECT o.content_object_id
                     FROM worklists_facilitygroupobjectpermission o
                     JOIN auth_permission p ON p.id = o.permission_id
                     JOIN worklists_user_groups m ON m.group_id = o.group_id
                    WHERE m.user_id = d.delegator_id AND p.codename = 'view_facility'
               ) f))::text AS terms
      FROM worklists_reviewdelegation d JOIN worklists_user u ON u.id = d.delegator_id
     WHERE d.delegate_id = %(user)s AND d.ended_at IS NULL AND u.is_active
       AND d.starts_at <= %(now)s::timestamptz AND d.ends_at > %(now)s::timestamptz
       AND EXISTS (SELECT 1 FROM worklists_user_groups m
                     JOIN auth_group g ON g.id = m.group_id
                    WHERE m.user_id = d.delegator_id AND g.name = 'reviewer')
)
SELECT 'role', g.name, 0 FROM auth_group g JOIN mine ON mine.group_id = g.id
UNION ALL
SELECT 'queue', p.codename, o.content_object_id
  FROM worklists_queuegroupobjectpermission o
  JOIN auth_permission p ON p.id = o.permission_id
  JOIN mine ON mine.group_id = o.group_id
UNION ALL
SELECT 'queue', p.codename, o.content_object_id
  FROM worklists_queueuserobjectpermission o
  JOIN auth_permission p ON p.id = o.permission_id WHERE o.user_id = %(user)s
UNION ALL
SELECT 'lent', lent.terms, o.content_object_id FROM lent
  JOIN worklists_queueuserobjectpermission o ON o.user_id = lent.delegator_id
  JOIN auth_permission p ON p.id = o.permission_id AND p.codename = 'review_queue'
UNION ALL
SELECT 'lent', lent.terms, o.content_object_id FROM lent
  JOIN worklists_user_groups m ON m.user_id = lent.delegator_id
  JOIN worklists_queuegroupobjectpermission o ON o.group_id = m.group_id
  JOIN auth_permission p ON p.id = o.permission_id AND p.codename = 'review_queue'
UNION ALL
SELECT 'facility', p.codename, o.content_object_id
  FROM worklists_facilitygroupobjectpermission o
  JOIN auth_permission p ON p.id = o.permission_id
  JOIN mine ON mine.group_id = o.group_id
UNION ALL
SELECT 'facility', p.codename, o.content_object_id
  FROM worklists_facilityuserobjectpermission o
  JOIN auth_permission p ON p.id = o.permission_id WHERE o.user_id = %(user)s
UNION ALL
SELECT 'clearance', '', c.clearance_id FROM worklists_clearancegrant c
 WHERE c.user_id = %(user)s AND c.revoked_at IS NULL
   AND (c.expires_on IS NULL OR c.expires_on >=
        (%(now)s::timestamptz AT TIME ZONE coalesce(
            (SELECT b.time_zone FROM worklists_facility f
               JOIN worklists_businesscalendar b ON b.id = f.calendar_id
              ORDER BY f.is_default DESC, f.id LIMIT 1), %(nowhere)s))::date)
UNION ALL
SELECT 'needs', q.clearance_id::text, q.id FROM worklists_queue q
 WHERE q.clearance_id IS NOT NULL
UNION ALL
SELECT 'team', '', t.id FROM worklists_team t
 WHERE %(user)s IN (t.lead_id, t.manager_id)
UNION ALL
SELECT 'covers', '', user_id FROM covered
UNION ALL
SELECT 'one_with', '', CASE WHEN s.user_id = %(user)s THEN s.by_id ELSE s.user_id END
  FROM worklists_setupby s
 WHERE %(user)s IN (s.user_id, s.by_id) AND s.at > %(one_person_since)s::timestamptz
"""

_SEES_UNCLEARED = frozenset({Role.REVIEWER, Role.MANAGER, Role.AUDITOR})


def access_of(user: User) -> Access:
    """Return what the person holds: one query, kept on the user object.

    The user object lives as long as a request, a command or a task, so a revoked
    grant is gone with the next one. An inactive person holds nothing.
    """
    kept: Access | None = getattr(user, "_access", None)
    if kept is None:
        kept = _load(user)
        user._access = kept  # type: ignore[attr-defined]  # noqa: SLF001 - our cache
    return kept


def renew(user: User) -> None:
    """Forget what is kept of a person whose clearances are fewer now than they were.

    One small query, and none for who held no clearance: others are kept for the life of
    the user object.
    """
    known = access_of(user).clearances
    if not known:
        return
    held = ClearanceGrant.objects.filter(user=user, revoked_at=None)
    if known - set(held.values_list("clearance_id", flat=True)):
        del user._access  # type: ignore[attr-defined]  # noqa: SLF001 - our cache


def today_of(user: User) -> date:
    """Return which day it is where the person is."""
    return now().astimezone(ZoneInfo(user.time_zone)).date()


def midnight_of(user: User) -> datetime:
    """Return the moment at which the person's day began."""
    return datetime.combine(today_of(user), time(), ZoneInfo(user.time_zone))


def _load(user: User) -> Access:
    if not user.is_active:
        return Access(user.pk, user.username, frozenset(), user.tier)
    held = _held(user)
    work, review, manage = (
        frozenset(held["queue", f"{verb}_queue"])
        for verb in ("work", "review", "manage")
    )
    roles = frozenset(held["role", ""])
    view = frozenset(held["queue", "view_queue"]) | work | review | manage
    clearances = frozenset(held["clearance", ""])
    lacking = {
        queue_id
        for (what, clearance), queue_ids in held.items()
        if what == "needs" and int(clearance) not in clearances
        for queue_id in queue_ids
    }
    by_role = view if roles & _SEES_UNCLEARED else review | manage
    visible = by_role | (view - lacking)
    facilities = frozenset(held["facility", "view_facility"])
    lent = _lent(held) if Role.REVIEWER in roles else ()
    opened = _opened(lent, facilities, visible)
    whole = {queue_id for queue_id, at in opened.items() if at == facilities}
    return Access(
        user_id=user.pk,
        username=user.username,
        roles=roles,
        tier=user.tier,
        view=view | whole,
        visible=visible | whole,
        visible_at=frozenset(
            (queue_id, facility_id)
            for queue_id in opened.keys() - whole
            for facility_id in opened[queue_id]
        ),
        work=work,
        review=review,
        manage=manage,
        facilities=facilities,
        clearances=clearances,
        teams=frozenset(held["team", ""]),
        covers=frozenset(held["covers", ""]),
        one_with=frozenset(held["one_with", ""]),
        lent=lent,
    )


def _lent(held: dict[tuple[str, str], set[Any]]) -> tuple[Authority, ...]:
    """Return the authority lent to a reviewer now, the first one lent first."""
    found = [
        Authority(
            delegation_id=terms["id"],
            delegator_id=terms["by"],
            username=terms["username"],
            name=terms["name"],
            queues=frozenset(queue_ids),
            facilities=frozenset(terms["facilities"] or ()),
            amount_limit=Decimal(terms["limit"]),
            risk_classes=frozenset(terms["classes"]),
        )
        for (what, name), queue_ids in held.items()
        if what == "lent"
        for terms in [json.loads(name)]
    ]
    return tuple(sorted(found, key=lambda authority: authority.delegation_id))


def _opened(
    lent: tuple[Authority, ...], facilities: frozenset[int], visible: frozenset[int]
) -> dict[int, frozenset[int]]:
    """Return, by queue that is not visible anyway, where lent authority opens it:
    at the facilities that lender and borrower both hold."""
    opened: dict[int, frozenset[int]] = defaultdict(frozenset)
    for one in lent:
        for queue_id in one.queues - visible:
            opened[queue_id] |= one.facilities & facilities
    return opened


def _held(user: User) -> dict[tuple[str, str], set[Any]]:
    held: dict[tuple[str, str], set[Any]] = defaultdict(set)
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {
            "user": user.pk,
            "now": now(),
            "nowhere": NOWHERE,
            "one_person_since": now() - timedelta(days=ONE_PERSON_DAYS),
        }
        cursor.execute(_GRANTS, asked)
        for what, name, object_id in cursor.fetchall():
            if what == "role":
                held["role", ""].add(name)
            else:
                held[what, name].add(object_id)
    return held


def visible_to(user: User) -> QuerySet[WorkItem]:
    """Return the items a person can see: queue granted, facility granted, cleared.

    A queue that needs a clearance shows its items to coders only when they hold it;
    reviewers, managers and auditors of the queue see it by their role. What is not
    visible does not exist for the person (404).
    """
    return WorkItem.objects.filter(visible_q(user))


# An item is visible where each of its columns is among these of a person's, or where
# lent authority opens its queue at its facility.
_SEEN_BY = {"queue_id": "queues", "facility_id": "facilities"}
_PAIR = 2**32


class _Place(Func):
    """Queue and facility as one number, so that one array holds all pairs."""

    template = "(%(expressions)s)"
    arg_joiner = f" * {_PAIR} + "
    arity = 2
    output_field = BigIntegerField()


def visible_q(user: User, prefix: str = "") -> Q:
    """Return the condition of ``visible_to`` on a relation ``prefix``."""
    values = visible_values(user)
    seen = Q(**{f"{prefix}{key}__in": values[name] for key, name in _SEEN_BY.items()})
    opened: dict[int, list[int]] = defaultdict(list)
    for queue_id, facility_id in sorted(access_of(user).visible_at):
        opened[queue_id].append(facility_id)
    for queue_id, at in opened.items():
        seen |= Q(
            **{f"{prefix}queue_id": queue_id, f"{prefix}facility_id__in": at},
        )
    return seen


def visible_slots(prefix: str = "") -> Q:
    """Return the condition of ``visible_q`` for a statement; see ``visible_values``."""
    keys = {F(f"{prefix}{key}"): name for key, name in _SEEN_BY.items()}
    seen = Q(*(IsAny(key, Slot(name)) for key, name in keys.items()))
    return seen | Q(IsAny(_Place(*keys), Slot("lent")))


def visible_values(user: User) -> dict[str, list[int]]:
    """Return what fills the slots of ``visible_slots`` for a person."""
    access = access_of(user)
    return {
        "queues": sorted(access.visible),
        "facilities": sorted(access.facilities),
        "lent": sorted(queue * _PAIR + at for queue, at in access.visible_at),
    }


def claims_for(user: User) -> QuerySet[Claim]:
    """Return claims of the person's facilities that have an item they can see,
    and for auditors and managers every claim of their facilities."""
    access = access_of(user)
    claims = Claim.objects.filter(facility_id__in=access.facilities)
    if access.has(Role.AUDITOR, Role.MANAGER):
        return claims
    return claims.filter(
        pk__in=visible_to(user).filter(claim__isnull=False).values("claim_id")
    )
