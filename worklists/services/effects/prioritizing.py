"""Raising and lowering an item by hand: a factor of its priority like any other."""

from __future__ import annotations

from worklists.enums import Action, Lift
from worklists.errors import BadInput
from worklists.services import aging
from worklists.services.acts import Act, effect, refuse_state

# The worker alone says that the safety net caught an item.
LEVELS = {lift.name.lower(): lift for lift in Lift if lift != Lift.CAUGHT}


def level_of(text: str) -> Lift:
    """Return the level a word names: ``raised``, ``normal`` or ``lowered``."""
    if text in LEVELS:
        return LEVELS[text]
    why = f"Name one of: {', '.join(LEVELS)}."
    raise BadInput(f"“{text[:40]}” is no level of priority.", fields={"level": [why]})


@effect(Action.PRIORITIZE)
def prioritize(act: Act) -> None:
    """The item stands higher or lower than its facts alone would put it."""
    item, level = act.item, level_of(act.option("level"))
    if item.lift == level:
        raise refuse_state(item, already(level))
    act.facts |= {"level": level.name.lower(), "was": Lift(item.lift).name.lower()}
    item.lift = level
    aging.rescore(item)
    act.event = "item.prioritized"


def already(level: Lift) -> str:
    """Return why nothing is done to an item that has the level."""
    if level == Lift.NORMAL:
        return "Nobody raised or lowered it: its priority follows from its facts."
    return f"It is {level.label.lower()} already."
