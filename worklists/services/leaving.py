"""What the task-class table leaves to people: said in the trail, and told where assisted.

Nothing is dropped: the item or the person's chain says what would have been done, by
which version of the table, and the list of what was left shows it until it is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Q

from worklists import trail
from worklists.enums import TaskClass
from worklists.models import Absence, Event, Team, WorkItem
from worklists.selectors.task_classes import table
from worklists.services import notices
from worklists.services.reading import subject
from worklists.task_classes import FACT, LEFT_ABSENCE, LEFT_ITEM


def _fact(act: str) -> dict[str, Any]:
    return {FACT: table().fact(act)}


def _is_told(act: str) -> bool:
    return table().of(act) == TaskClass.ASSISTED


def leave_item(item: WorkItem, act: str, facts: Mapping[str, Any]) -> None:
    """Say on a locked item that an act was left to people; its version stays.

    Assisted: who holds it and the queue's supervisor are told, once a version.
    """
    trail.append_item_event(
        item,
        action=LEFT_ITEM,
        actor=None,
        from_state=item.state,
        to_state=item.state,
        facts={"version": item.version, **facts, **_fact(act)},
    )
    head = {"trail_seq": item.trail_seq, "trail_hash": item.trail_hash}
    WorkItem.objects.filter(pk=item.pk).update(**head)
    if _is_told(act):
        for user_id in {item.assignee_id, item.queue.supervisor_id}:
            notices.tell(
                user_id=user_id,
                code=f"left_{act}",
                item=item,
                dedupe=f"left:{act}:{item.pk}:{item.version}",
            )


def leave_items(ids: Collection[int], act: str, about: trail.Subject) -> None:
    """Say the same on many items at once, about the file that asked for it.

    Assisted: each who holds some, and the supervisor of those nobody holds, is told
    once how many.
    """
    rows = WorkItem.objects.select_for_update(of=("self",), no_key=True)
    items = list(rows.filter(pk__in=ids).select_related("queue").order_by("pk"))
    trail.append_item_events(
        [
            trail.BulkRow(i.pk, i.state, i.state, {"version": i.version, **_fact(act)})
            for i in items
        ],
        action=LEFT_ITEM,
        actor=None,
        about=about,
        acted=False,
    )
    if _is_told(act):
        told = Counter(i.assignee_id or i.queue.supervisor_id for i in items)
        for user_id, count in told.items():
            notices.tell(
                user_id=user_id,
                code=f"left_{act}",
                facts={"items": count},
                dedupe=f"left:{act}:{about.kind}:{about.id}:{min(ids)}",
            )


def leave_absence(absence: Absence) -> None:
    """Say once that a hand-over was left to people; the caller holds the absence.

    Assisted: the person's leads and managers are told.
    """
    about = subject("absence", absence.pk)
    said = Event.objects.filter(
        object_kind=about.kind, object_id=about.id, action=LEFT_ABSENCE
    )
    if said.exists():
        return
    trail.append_event(
        trail.Subject("user", absence.user_id),
        action=LEFT_ABSENCE,
        actor=None,
        about=about,
        facts={"absence": absence.pk, **_fact("hand_over")},
    )
    if _is_told("hand_over"):
        for user_id in above(absence.user_id):
            notices.tell(
                user_id=user_id,
                code="left_absence",
                facts={
                    "who": str(absence.user),
                    "until": absence.ends_on.isoformat(),
                },
                dedupe=f"absence:{absence.pk}:left",
            )


def above(user_id: int) -> set[int]:
    """Return who leads and manages the teams of a person, never the person."""
    own = Q(members=user_id) | Q(lead_id=user_id)
    teams = Team.objects.filter(own).values_list("lead_id", "manager_id")
    return {person for pair in teams for person in pair} - {user_id}
