"""Taking one's own act on many items back, within half an hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from django.db import transaction

from worklists.context import now
from worklists.enums import POOL, Action, BulkKind, Lift, State
from worklists.errors import NotVisible, WrongState
from worklists.models import Absence, BulkAct, BulkActItem, Note, User
from worklists.selectors.items import in_hand
from worklists.services import aging, bulk_writing, clocks
from worklists.services.bulk_rows import Placing, Plan, Row, Rules, rows_of
from worklists.services.bulk_writing import Change, Done
from worklists.services.locks import hold_person
from worklists.services.placing import Desk, Target
from worklists.services.reassigning import usernames

UNDO_FOR = timedelta(minutes=30)
CHANGED = "Something happened to it since; it stays as it is."


def take_back(*, actor: User, bulk_act_id: int) -> Done:
    """Put the items of one's own bulk act back as they stood before it.

    Within half an hour, once. An item on which anything happened since stays as it is,
    and so does one whose former holder could not be given it any more; both are named.
    Where nothing can be put back the act stays open. A hand-over belongs to its
    absence and ends with it. Raises ``NotVisible`` and ``WrongState``.
    """
    with transaction.atomic():
        mine = BulkAct.objects.select_for_update(of=("self",)).select_related("actor")
        act = mine.filter(pk=bulk_act_id, actor=actor).first()
        if act is None:
            raise NotVisible("There is no such act of yours.")
        _refuse_late(act)
        plan = _put_back(actor, act)
        if plan.placings:
            _close(act, plan)
            bulk_writing.record(act, actor, "bulk.undone", plan)
    return Done(act, plan)


def _close(act: BulkAct, plan: Plan) -> None:
    act.undone_at, act.put_back = now(), len(plan.placings)
    act.save(update_fields=["undone_at", "put_back"])


def put_back(act: BulkAct) -> Plan:
    """Put the items of an act back as the worker, in the caller's transaction.

    What changed since stays, and so does what its former holder could not be given any
    more. An act that was taken back puts nothing back again.
    """
    # What joins the act meanwhile (``covering.pass_on``) waits for this lock.
    act = BulkAct.objects.select_for_update(no_key=True).get(pk=act.pk)
    if act.undone_at is not None or not act.items.exists():
        return Plan()
    plan = _put_back(None, act)
    _close(act, plan)
    return plan


def _put_back(actor: User | None, act: BulkAct) -> Plan:
    before = {row.item_id: row for row in act.items.select_related("assignee")}
    back = _BACK[BulkKind(act.kind)](actor)
    plan, changes = _undoing(actor, before, back)
    bulk_writing.write(act, changes)
    back.after([change.item.pk for change in changes])
    return plan


def _refuse_late(act: BulkAct) -> None:
    if Absence.objects.filter(hand_over=act).exists():
        raise WrongState(
            "These items went away with an absence. End the absence instead, and what "
            "nobody touched comes back.",
            code="absence",
        )
    if act.kind == BulkKind.APPROVED:
        raise WrongState(
            "Approvals are not taken back. Reopen an item that should not have been "
            "approved: it is then decided anew.",
            code="approved",
        )
    if act.kind == BulkKind.ANSWERED:
        raise WrongState(
            "Answers to escalations are not taken back. Call for help again where one "
            "is still needed.",
            code="answered",
        )
    if act.undone_at is not None:
        raise WrongState("This act was taken back already.", code="undone")
    if now() - act.made_at > UNDO_FOR:
        raise WrongState(
            "An act on many items can be taken back for 30 minutes; they are over. "
            "Do the opposite anew.",
            code="too_late",
        )


def _undoing(
    actor: User | None, before: dict[int, BulkActItem], back: _Back
) -> tuple[Plan, list[Change]]:
    rows = rows_of(actor, list(before), lock=True)
    back.look(rows)
    plan, changes = Plan(), []
    for item in rows:
        was = before[item.pk]
        why = CHANGED if item.version != was.version else back.why_not(item, was)
        if why:
            plan.leave(item, why)
            continue
        plan.placings.append(Placing(item, was.assignee, State(was.state)))
        changes.append(back.change(item, was))
    plan.leave_unseen(list(before), rows)
    return plan, changes


class _Back:
    """How one kind of act is taken back."""

    def __init__(self, actor: User | None) -> None:
        self.rules = Rules(actor)

    def look(self, rows: Sequence[Row]) -> None:
        """Read what is needed of all the items at once."""

    def why_not(self, item: Row, _was: BulkActItem) -> str:
        """Return why an item cannot stand as before, or nothing."""
        raise NotImplementedError

    def change(self, item: Row, was: BulkActItem) -> Change:
        """Return the event and the columns that put an item back."""
        raise NotImplementedError

    def after(self, ids: Sequence[int]) -> None:
        """Bring along what hangs on the items."""


class _Reassigned(_Back):
    def __init__(self, actor: User | None) -> None:
        self._by_worker = actor is None
        self._desk = Desk(actor, Target((), POOL))
        self.rules = self._desk.rules
        self._names: Mapping[int | None, str] = {}

    def look(self, rows: Sequence[Row]) -> None:
        self._names = usernames(rows)

    def why_not(self, item: Row, _was: BulkActItem) -> str:
        barred = self.rules.why_barred(item, Action.ASSIGN)
        if barred or _was.assignee is None:
            return barred
        return self._desk.why_ineligible(item, _was.assignee)

    def change(self, item: Row, was: BulkActItem) -> Change:
        facts = {
            "to": was.assignee.username if was.assignee else POOL,
            "was_with": self._names.get(item.assignee_id),
        }
        sets = {
            "assignee_id": was.assignee_id,
            "entered_at": was.entered_at,
            "handed_at": was.handed_at,
            "wake_at": was.wake_at,
        }
        if self._by_worker and was.state == State.IN_PROGRESS:
            # Days later, perhaps: the time in which nothing may happen begins anew.
            sets["handed_at"] = now()
            sets["wake_at"] = self._desk.released_at(item._replace(state=was.state))
        return Change(item, "item.assignment_undone", was.state, facts, sets)


class _Deferred(_Back):
    """Deferring is work; taken back, it was none, unless a note came after it."""

    def __init__(self, actor: User | None) -> None:
        self._desk = Desk(actor, Target((), POOL))
        self.rules = self._desk.rules
        self._noted: set[int] = set()

    def look(self, rows: Sequence[Row]) -> None:
        ids = [row.pk for row in rows]
        notes = Note.objects.filter(item_id__in=ids, said_at__gt=now() - UNDO_FOR)
        self._noted = set(notes.values_list("item_id", flat=True))

    def why_not(self, item: Row, was: BulkActItem) -> str:
        barred = self.rules.why_not(item, Action.RESUME)
        if barred or was.assignee is None:
            return barred
        return self._desk.why_ineligible(item, was.assignee)

    def change(self, item: Row, was: BulkActItem) -> Change:
        sets = {
            "entered_at": was.entered_at,
            "wake_at": was.wake_at,
            "pend_reason": "",
        }
        if was.touched_at and item.pk not in self._noted:
            sets["touched_at"] = was.touched_at
        return Change(item, "item.deferral_undone", was.state, {}, sets)

    def after(self, ids: Sequence[int]) -> None:
        clocks.resume_internal_of(ids)
        aging.rescore_rows(ids, now())


class _Prioritized(_Back):
    def why_not(self, item: Row, _was: BulkActItem) -> str:
        return self.rules.why_not(item, Action.PRIORITIZE)

    def change(self, item: Row, was: BulkActItem) -> Change:
        facts = {
            "level": Lift(was.lift).name.lower(),
            "was": Lift(item.lift).name.lower(),
        }
        sets = {"lift": was.lift}
        return Change(item, "item.priority_undone", item.state, facts, sets)

    def after(self, ids: Sequence[int]) -> None:
        aging.rescore_rows(ids, now())


class _Released(_Back):
    """Items go back to who held them, within their queues' limits."""

    def __init__(self, actor: User | None) -> None:
        self._desk = Desk(actor, Target((), POOL))
        self.rules = self._desk.rules
        self._room: dict[tuple[int, int], int] = {}

    def why_not(self, item: Row, was: BulkActItem) -> str:
        barred = self.rules.why_barred(item, Action.RELEASE)
        if barred or was.assignee is None:
            return barred
        return self._desk.why_ineligible(item, was.assignee) or self._why_full(
            item, was.assignee
        )

    def _why_full(self, item: Row, person: User) -> str:
        """Every item that goes back takes one of the places that are left."""
        queue, key = self.rules.queue(item.queue_id), (person.pk, item.queue_id)
        if not queue.max_in_hand:
            return ""
        if key not in self._room:
            hold_person(person)
            self._room[key] = queue.max_in_hand - in_hand(person, queue)
        self._room[key] -= 1
        if self._room[key] >= 0:
            return ""
        return f"{person} holds as many of “{queue}” as it allows."

    def change(self, item: Row, was: BulkActItem) -> Change:
        facts = {"to": was.assignee.username if was.assignee else None}
        sets = {
            "assignee_id": was.assignee_id,
            "entered_at": was.entered_at,
            "handed_at": was.handed_at,
            "wake_at": was.wake_at,
        }
        return Change(item, "item.release_undone", was.state, facts, sets)


_BACK: dict[BulkKind, Callable[[User | None], _Back]] = {
    BulkKind.REASSIGNED: _Reassigned,
    BulkKind.DEFERRED: _Deferred,
    BulkKind.PRIORITIZED: _Prioritized,
    BulkKind.RELEASED: _Released,
}
