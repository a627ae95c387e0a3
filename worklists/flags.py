"""Overlay flags: what is said of an item beside the one queue it is in.

A closed set, by code. The system's are put on by files and by the worker and say a fact;
those of people are put on and taken off by whoever holds the item or manages its queue.
A flag moves no item: it is a filter of every list, a column and a mark.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Setter(StrEnum):
    """Who puts a flag on and takes it off."""

    SYSTEM = "system"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag: its code, its name for people, what it means in a sentence."""

    code: str
    label: str
    meaning: str
    setter: Setter
    tone: str = ""

    @property
    def by_people(self) -> bool:
        """Return whether people put it on and take it off."""
        return self.setter == Setter.PEOPLE


NEAR_LIMIT = "near_limit"
UNVERIFIED = "unverified_deadline"
REGISTRY: dict[str, Flag] = {
    flag.code: flag
    for flag in (
        Flag(
            UNVERIFIED,
            "Unverified deadline",
            "Nobody has held the payer’s limit against its source yet.",
            Setter.SYSTEM,
            "soon",
        ),
        Flag(
            "payer_reversed",
            "Payer reversed",
            "The payer took the denial back after an appeal was submitted.",
            Setter.SYSTEM,
        ),
        Flag(
            NEAR_LIMIT,
            "Safety net",
            "A legal limit came within its margin before the item was decided.",
            Setter.SYSTEM,
            "over",
        ),
        Flag(
            "watch",
            "Watch",
            "Somebody follows how this one goes.",
            Setter.PEOPLE,
            "accent",
        ),
        Flag(
            "payer_call",
            "Call the payer",
            "To be taken up with the payer by telephone or portal.",
            Setter.PEOPLE,
            "accent",
        ),
        Flag(
            "second_look",
            "Second look",
            "Its holder asks a colleague to look as well; no senior review.",
            Setter.PEOPLE,
            "accent",
        ),
        Flag(
            "sensitive",
            "Sensitive",
            "Handle with care: a complaint, a legal matter, or a person known here.",
            Setter.PEOPLE,
            "review",
        ),
        Flag(
            "teaching",
            "Teaching example",
            "Worth showing to others once it is done.",
            Setter.PEOPLE,
            "accent",
        ),
    )
}


def flags_of(codes: Iterable[str]) -> list[Flag]:
    """Return the flags behind codes; one that is unknown by now says its code."""
    return [
        REGISTRY.get(code)
        or Flag(code, code.replace("_", " ").capitalize(), "", Setter.SYSTEM)
        for code in codes
    ]


def settable(on: Collection[str]) -> list[Flag]:
    """Return the flags of people that an item does not carry yet."""
    return [f for f in REGISTRY.values() if f.by_people and f.code not in on]


def clearable(on: Collection[str]) -> list[Flag]:
    """Return the flags of people that an item carries."""
    return [f for f in REGISTRY.values() if f.by_people and f.code in on]
