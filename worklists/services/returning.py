"""Where a return would lead, asked before it is done: the rules of the return itself."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

from worklists.enums import State
from worklists.models import Absence, Review, User, WorkItem
from worklists.selectors.absences import absence_today
from worklists.selectors.task_classes import table
from worklists.services.covering import Relay, row_of
from worklists.services.effects.deciding import may_have


@dataclass(frozen=True, slots=True)
class Leads:
    """Where a returned item goes.

    ``to`` gets it, None is the pool; ``absence`` is that of a coder who is away, and
    ``stays`` says why it waits for them even so. ``barred``: they may not have it.
    """

    to: User | None
    absence: Absence | None = None
    stays: str = ""
    barred: bool = False


def foresee_return(item: WorkItem, review: Review, *, by: User) -> Leads:
    """Return where ``by`` would send the item by returning it now, changing nothing."""
    coder = review.submitted_by
    if not may_have(item, coder):
        return Leads(None, barred=True)
    absence = absence_today(coder.pk)
    if absence is None:
        return Leads(coder)
    if absence.hand_over is None:
        return Leads(coder, absence, "What they hold has not been handed over.")
    if not table().is_automatic("hand_over"):
        return Leads(coder, absence, "Handing over is left to people here.")
    back = copy(item)
    back.assignee, back.state = coder, State.RETURNED
    relay, row = Relay(absence), row_of(back)
    placed = relay.place(row)
    if not isinstance(placed, str) and placed.to == by:
        placed = relay.to_pool(row)  # who decided it does not work on it
    if isinstance(placed, str):
        return Leads(coder, absence, placed)
    return Leads(placed.to, absence)
