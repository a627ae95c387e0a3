"""The first line of a page, made from live numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worklists.models import Absence, User
from worklists.selectors.queues import Figure
from worklists.templatetags.wording import day

_NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)


def number(count: int) -> str:
    """Write a small count as a word: ``two``, else as a number."""
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def things(count: int, one: str, many: str = "") -> str:
    """Write a count with its thing: ``two items``."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def _verb(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def absence_line(absence: Absence, user: User) -> str:
    """Return what a person's own absence means, or one in which they stand in."""
    days = f"{day(absence.starts_on)} to {day(absence.ends_on)}"
    if absence.user_id == user.pk:
        return f"You are away {days}; {absence.stands_in} stands in."
    return f"You stand in for {absence.user} {days}."


def start_line(found: Mapping[str, Any]) -> str:
    """Return what the start page's numbers say, for the roles that have some."""
    said = [
        *_coder(found),
        *_reviewer(found),
        *_manager(found),
        *_others(found),
    ]
    return " ".join(said)


def _coder(found: Mapping[str, Any]) -> list[str]:
    if "mine" not in found:
        return []
    back, over, soon = len(found["returned"]), found["over"], found["soon"]
    parts = []
    if back:
        parts.append(f"{things(back, 'item')} came back to you")
    if over:
        parts.append(f"{things(over, 'item')} {_verb(over, 'is', 'are')} overdue")
    if soon:
        parts.append(
            f"{things(soon, 'item')} {_verb(soon, 'has', 'have')} to leave by tomorrow"
        )
    if parts:
        rest = "" if over else " Everything else can wait."
        return [_sentence(parts) + rest]
    if found["next"]:
        return ["Nothing of yours presses. Take the next item."]
    return ["Nothing of yours presses and nothing waits in your queues."]


def _reviewer(found: Mapping[str, Any]) -> list[str]:
    if "groups" not in found:
        return []
    count, beyond = found["to_review"], found["beyond"]
    said = "Nothing waits for your decision."
    if count:
        waits = _verb(count, "waits", "wait")
        said = f"{things(count, 'item')} {waits} for your decision.".capitalize()
    if not beyond:
        return [said]
    more = f"{things(beyond, 'item')} {_verb(beyond, 'is', 'are')} beyond your level."
    return [said, more.capitalize()]


def _manager(found: Mapping[str, Any]) -> list[str]:
    if "calls" not in found:
        return []
    return [escalations_line(found["waiting"], found["others"])]


def escalations_line(own: Figure, others: Figure) -> str:
    """Return how many escalations wait for a person, and how many of their teams' for
    others, in a sentence or two."""
    said = [_waiting(own, "your answer")]
    if others.value:
        said.append(_waiting(others, "others of your teams"))
    return " ".join(said)


def _waiting(found: Figure, whom: str) -> str:
    count = int(found.value)
    if not count:
        return f"No escalation waits for {whom}."
    words = f"{things(count, 'escalation')} {_verb(count, 'waits', 'wait')}"
    return f"{words[0].upper()}{words[1:]} for {whom}."


def _others(found: Mapping[str, Any]) -> list[str]:
    said = []
    if "decisions" in found:
        said.append("You read everything in your scope; every read is in the trail.")
    if "setup" in found:
        said.append("You set things up; clinical evidence is not shown to you.")
    if said or found["sections"]:
        return said
    if found["roles"]:
        return ["Your role has no list of its own here yet."]
    return ["You hold no role yet. An administrator gives roles."]


def _sentence(parts: list[str]) -> str:
    text = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"{text[0].upper()}{text[1:]}."
