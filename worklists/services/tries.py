"""Keeping what stops submits: names of fields, beside the item and its trail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from worklists.context import now
from worklists.enums import State
from worklists.models import User, WorkItem
from worklists.services.drafts import base_of


def keep_refused(*, item_id: int, actor: User, fields: Iterable[str]) -> None:
    """Keep which fields stopped a submit, after it was refused, in a row of its own.

    A field asked for several parts is named once. Item, version and trail stay as they
    were; the item's row is held only so that two tries at once have one first.
    """
    with transaction.atomic():
        rows = WorkItem.objects.select_for_update(of=("self",), no_key=True)
        item = rows.get(pk=item_id)
        _add(item, actor, sorted({base_of(name) for name in fields}))


def keep_clean(*, item: WorkItem, actor: User) -> None:
    """Keep that an item's first submit went through at once; a later one adds nothing.

    The caller holds the item's row.
    """
    _add(item, actor, [])


def _add(item: WorkItem, actor: User, fields: list[str]) -> None:
    values: dict[str, Any] = {
        "item": item.pk,
        "queue": item.queue_id,
        "facility": item.facility_id,
        "template": item.template_id,
        "by": actor.pk,
        "at": now(),
        "fields": fields,
        "returned": item.state == State.RETURNED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD, values)


# A returned item was submitted before, also where that was before tries were kept.
_ADD = """
INSERT INTO worklists_submittry
       (item_id, queue_id, facility_id, template_id, tried_by_id, tried_at, fields,
        is_first)
SELECT %(item)s, %(queue)s, %(facility)s, %(template)s, %(by)s, %(at)s,
       %(fields)s::varchar[], known.is_first
  FROM (SELECT NOT %(returned)s AND NOT EXISTS (
               SELECT 1 FROM worklists_submittry t WHERE t.item_id = %(item)s)
            AS is_first) known
 WHERE known.is_first OR %(fields)s::varchar[] <> '{}'
"""
