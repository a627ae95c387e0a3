"""What an absence moves: work to the backup or the pool, and back again.

Who can get what is asked of the same ``Desk`` as every other bulk act, so a person
without the clearance is given nothing here either. Clocks are never touched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet

from worklists import kinds, trail
from worklists.context import now
from worklists.enums import ACTIVE, IN_HAND, POOL, Action, State
from worklists.models import (
    Absence,
    BulkAct,
    BulkActItem,
    Review,
    User,
    WorkItem,
)
from worklists.models.items import NO_DEADLINE
from worklists.selectors.absences import absence_today, open_on
from worklists.selectors.access import today_of, visible_to
from worklists.selectors.items import in_hand
from worklists.selectors.task_classes import table
from worklists.services import leaving, notices
from worklists.services.acts import Act, carry_out
from worklists.services.bulk_rows import MOST, Left, Placing, Plan, Row, read
from worklists.services.bulk_writing import about
from worklists.services.placing import Desk, Target, by_person
from worklists.services.reassigning import move
from worklists.services.taking_back import put_back
from worklists.templatetags.wording import day

HELD = (State.OPEN, State.IN_PROGRESS, State.PENDING, State.RETURNED)


class Relay(Desk):
    """The rules for work of a person who is away: to the backup, else to the pool."""

    def __init__(self, absence: Absence, seen: Container[int] | None = None) -> None:
        self._seen = seen
        self.backup, self._no_backup = _backup_on_day(absence)
        asked = absence.backup.username if absence.backup else POOL
        super().__init__(None, Target((self.backup,) if self.backup else (), asked))
        self._absence = absence
        self._back_by = _end_of_first_day_back(absence).timestamp()
        self._full = cache(self._room)
        self._given: Counter[int] = Counter()
        self.passed_by: dict[str, list[str]] = {}

    def place(self, item: Row) -> Placing | str:
        """Return where one item goes, or why it waits for the person."""
        if item.state == State.RETURNED and item.nearest_due > self._back_by:
            return f"It was returned to {self._absence.user}, who is back before it is due."
        why = self._no_backup
        if self.backup is not None:
            why = self._why_not_backup(item, self.backup)
            if not why:
                self._given[item.queue_id] += item.state in IN_HAND
                return Placing(item, self.backup, State(item.state))
        placed = self.to_pool(item)
        if not why:
            return placed
        if isinstance(placed, str):
            return f"{why} {placed}"
        hidden = self._seen is not None and item.pk not in self._seen
        self.passed_by.setdefault(why, []).append("" if hidden else item.number)
        return placed

    def _why_not_backup(self, item: Row, backup: User) -> str:
        why = self.rules.why_illegal(item, Action.ASSIGN) or self.why_not(item, backup)
        if why:
            return why
        if item.state in IN_HAND and self._is_full(item.queue_id):
            queue = self.rules.queue(item.queue_id)
            return f"{backup} holds as many of “{queue}” as its limit allows."
        if item.pk in self._decided():
            return f"{backup} decided a review of it, so somebody else works on it."
        return ""

    def _is_full(self, queue_id: int) -> bool:
        room = self._full(queue_id)
        return room is not None and self._given[queue_id] >= room

    def _room(self, queue_id: int) -> int | None:
        """Return how many more of a queue the backup may hold, None without a limit."""
        queue = self.rules.queue(queue_id)
        if not queue.max_in_hand or self.backup is None:
            return None
        return max(0, queue.max_in_hand - in_hand(self.backup, queue))

    def _decided(self) -> frozenset[int]:
        if not hasattr(self, "_reviewed"):
            rows = Review.objects.filter(
                reviewer=self.backup, item__assignee=self._absence.user
            )
            self._reviewed = frozenset(rows.values_list("item_id", flat=True))
        return self._reviewed


@dataclass(frozen=True, slots=True)
class HandOver:
    """What is moved, by whose rules, and what was held, by state."""

    plan: Plan
    relay: Relay
    held: Counter[str]

    @property
    def backup(self) -> User | None:
        """Return who gets what can be given, None where it goes to the pool."""
        return self.relay.backup

    @property
    def passed_by(self) -> dict[str, list[str]]:
        """Return why the backup cannot have some, with the numbers of these items."""
        return self.relay.passed_by


def _backup_on_day(absence: Absence) -> tuple[User | None, str]:
    """Return the backup if they are here when the work is to move, or why not."""
    backup = absence.backup
    if backup is None:
        return None, ""
    if not backup.is_active:
        return None, f"{backup} is not active any more."
    on = max(absence.starts_on, min(today_of(absence.user), absence.ends_on))
    if open_on(backup, on, on).exists():
        return None, f"{backup} is away too."
    return backup, ""


def _end_of_first_day_back(absence: Absence) -> datetime:
    midnight = datetime.combine(absence.ends_on + timedelta(days=2), time.min)
    return midnight.replace(tzinfo=ZoneInfo(absence.user.time_zone)).astimezone(UTC)


def held_by(user: User) -> QuerySet[WorkItem]:
    """Return what a person holds and an absence would move, the newest ones last."""
    return WorkItem.objects.filter(assignee=user, state__in=HELD)


def foresee(absence: Absence, actor: User | None, *, lock: bool = False) -> HandOver:
    """Return what handing over would do now, changing nothing.

    Items that the actor does not see are counted and not named, and so is what the
    person holds beyond ``MOST``: it stays.
    """
    held_now = held_by(absence.user)
    first = held_now.order_by("pk").values("pk")[:MOST]
    found = read(held_now.filter(pk__in=first), lock=lock)
    ids = [item.pk for item in found]
    relay = Relay(absence, seen_by(actor, ids))
    plan = relay.plan(ids, found)
    if len(found) == MOST:
        beyond = held_now.count() - MOST
        plan.left += [Left(0, "", f"An absence moves {MOST:,} items.")] * beyond
    held = Counter(item.state for item in found)
    return HandOver(only_seen(plan, actor), relay, held)


def seen_by(actor: User | None, ids: Collection[int]) -> frozenset[int] | None:
    """Return which of these items the person sees; None for the worker: all."""
    if actor is None:
        return None
    return frozenset(visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))


def only_seen(plan: Plan, actor: User | None) -> Plan:
    """Return the plan with the items that the actor does not see counted, not named."""
    seen = seen_by(actor, [left.id for left in plan.left]) if plan.left else None
    if seen is not None:
        plan.left = [
            left if left.id in seen else Left(0, "", left.why) for left in plan.left
        ]
    return plan


def begin(
    absence: Absence, *, actor: User | None, foreseen: HandOver | None = None
) -> HandOver:
    """Hand over what the person holds as one act; the caller holds the absence.

    A caller that wrote on the person's chain before hands in what it ``foreseen``
    under lock: items are locked before chains.

    Effects: every item with its event and the reason, ``absence.handed_over`` on the
    person's chain; person and backup are told. Clocks run on as they are.
    """
    done = foreseen or foresee(absence, actor, lock=True)
    absence.hand_over = move(
        actor=actor, desk=done.relay, plan=done.plan, reason=words_of(absence)
    )
    absence.handed_over_at = now()
    absence.save(update_fields=["hand_over", "handed_over_at"])
    went = by_person(done.plan)
    record(absence, "absence.handed_over", actor, {"went": went, **_count(done.plan)})
    _tell_start(absence, done)
    return done


def words_of(absence: Absence) -> str:
    """Return the reason that stands with every item an absence moves."""
    return f"{absence.user} is away until {day(absence.ends_on)}."


def _count(plan: Plan) -> dict[str, int]:
    return {"items": len(plan.placings), "refused": len(plan.left)}


def record(
    absence: Absence, action: str, actor: User | None, more: dict[str, Any]
) -> None:
    """Write what was done about an absence on the chain of the person."""
    facts = {
        "absence": absence.pk,
        "starts_on": absence.starts_on.isoformat(),
        "ends_on": absence.ends_on.isoformat(),
        "backup": absence.backup.username if absence.backup else POOL,
        **more,
    }
    trail.append_event(
        trail.Subject("user", absence.user_id),
        action=action,
        actor=actor,
        about=about(absence.hand_over) if absence.hand_over else None,
        facts=facts,
    )


def _tell_start(absence: Absence, done: HandOver) -> None:
    got = by_person(done.plan)
    until = absence.ends_on.isoformat()
    notices.tell(
        user_id=absence.user_id,
        code="handed_away",
        facts={"items": sum(got.values()), "to": absence.stands_in, "until": until},
        dedupe=f"absence:{absence.pk}:start",
    )
    if done.backup is not None:
        notices.tell(
            user_id=done.backup.pk,
            code="covering",
            facts={
                "who": str(absence.user),
                "items": got.get(done.backup.username, 0),
                "until": until,
            },
            dedupe=f"absence:{absence.pk}:start",
        )


def come_back(absence: Absence, *, actor: User | None) -> Plan:
    """Close an absence: what nobody touched since comes back; the caller holds it.

    The rest stays where it is. Whoever could not be given an item any more does not
    get it back either. Person and backup are told once.
    """
    plan = put_back(absence.hand_over) if absence.hand_over else Plan()
    absence.closed_at = now()
    absence.save(update_fields=["closed_at"])
    record(absence, "absence.ended", actor, _count(plan))
    _tell_end(absence, plan)
    return only_seen(plan, actor)


def _tell_end(absence: Absence, plan: Plan) -> None:
    if absence.hand_over is None:
        return
    left = [one.id for one in plan.left]
    stays = WorkItem.objects.filter(
        pk__in=left, assignee=absence.backup_id, state__in=ACTIVE
    )
    stayed = stays.count() if absence.backup_id else 0
    facts = {"items": len(plan.placings), "stayed": stayed, "to": absence.stands_in}
    dedupe = f"absence:{absence.pk}:end"
    notices.tell(user_id=absence.user_id, code="came_back", facts=facts, dedupe=dedupe)
    notices.tell(
        user_id=absence.backup_id,
        code="cover_over",
        facts={**facts, "who": str(absence.user)},
        dedupe=dedupe,
    )


def pass_on(item: WorkItem) -> None:
    """Move one item that just came to somebody who is away, in the act that brought it.

    A second event of the worker says so, with the reason, so “returned to the same
    coder” stays in the history. It belongs to the absence's hand-over and comes back
    with it. Where the task-class table leaves hand-overs to people, so is this one.
    Nothing happens for who is here or came back this moment, or before the hand-over:
    that takes it.
    """
    absence = absence_today(item.assignee_id)
    if absence is None or absence.hand_over is None:
        return
    if not table().is_automatic("hand_over"):
        leaving.leave_item(item, "hand_over", {"absence": absence.pk})
        return
    placed = Relay(absence).place(row_of(item))
    joins = not absence.hand_over.items.filter(item=item).exists()
    if isinstance(placed, str) or not _holds_still(absence.hand_over, lock=joins):
        return
    before = _as_before(absence.hand_over, item)
    action = Action.RELEASE
    if placed.to is not None or item.state == State.OPEN:
        action = Action.ASSIGN
    to = placed.to.username if placed.to else POOL
    row = kinds.get(item.kind).workflow.step(State(item.state), action)
    reason = words_of(absence)
    carry_out(Act(item, action, None, row, reason=reason, options={"to": to}))
    if joins:
        before.version = item.version
        before.save()
        BulkAct.objects.filter(pk=before.bulk_act_id).update(done=F("done") + 1)


def row_of(item: WorkItem) -> Row:
    """Return one item as acts on many read it."""
    moments = (item.internal_due_at, item.legal_due_at)
    due = min((m for m in moments if m is not None), default=NO_DEADLINE)
    by_law = item.legal_due_at or NO_DEADLINE
    ranks = {"due_rank": int(by_law.timestamp()), "nearest_due": int(due.timestamp())}
    alike = [name for name in Row._fields if name not in ranks]
    values: dict[str, Any] = {name: getattr(item, name) for name in alike}
    return Row(**values | ranks)


def _as_before(act: BulkAct, item: WorkItem) -> BulkActItem:
    kept = ("state", "assignee_id", "entered_at", "handed_at", "wake_at", "lift")
    was = {name: getattr(item, name) for name in kept}
    return BulkActItem(bulk_act=act, item=item, **was)


def _holds_still(act: BulkAct, *, lock: bool) -> bool:
    """Return whether a hand-over was not put back; with ``lock`` it is not meanwhile.

    Locked after the item, and only for one that is not in the act: whoever puts it
    back holds the act and waits for the items that are.
    """
    acts = BulkAct.objects.filter(pk=act.pk, undone_at=None)
    if lock:
        acts = acts.select_for_update(no_key=True)
    return acts.first() is not None
