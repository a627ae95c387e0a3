"""Putting an overlay flag on an item and taking it off."""

from __future__ import annotations

from worklists.enums import Action
from worklists.errors import BadInput
from worklists.flags import REGISTRY, Flag
from worklists.services.acts import Act, effect, refuse_state


@effect(Action.FLAG)
def flag(act: Act) -> None:
    """The item carries one flag more; its queue, state and clocks stay."""
    chosen = _of_people(act.option("flag"))
    if chosen.code in act.item.flags:
        raise refuse_state(act.item, f"It is flagged “{chosen.label}” already.")
    act.item.flags = [*act.item.flags, chosen.code]
    act.facts["flag"] = chosen.code
    act.event = "item.flagged"


@effect(Action.UNFLAG)
def unflag(act: Act) -> None:
    """The item carries one flag less; its history keeps who had put it on."""
    chosen = _of_people(act.option("flag"))
    if chosen.code not in act.item.flags:
        raise refuse_state(act.item, f"It is not flagged “{chosen.label}”.")
    act.item.flags = [code for code in act.item.flags if code != chosen.code]
    act.facts["flag"] = chosen.code
    act.event = "item.unflagged"


def _of_people(code: str) -> Flag:
    """Return a flag that people set, or refuse; facts of the system stay facts."""
    found = REGISTRY.get(code)
    if found is not None and found.by_people:
        return found
    names = ", ".join(flag.code for flag in REGISTRY.values() if flag.by_people)
    why = f"Choose one of {names}."
    if found is not None:
        why = f"“{found.label}” is set by the system and taken off by it. {why}"
    raise BadInput(why, fields={"flag": [why]})
