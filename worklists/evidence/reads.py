"""Answers that a kind of work reads when an item ends, held against a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from worklists.evidence.fields import Field


@dataclass(frozen=True, slots=True)
class Reads:
    """An answer that a kind of work reads when an item of it ends.

    ``codes`` are the answers it understands, empty where it takes any code of
    ``longest`` characters at most. No form of the kind does without a ``needed`` one.
    """

    field: str
    longest: int
    codes: tuple[str, ...] = ()
    needed: bool = True


class Unread(NamedTuple):
    """A field of a form that a kind of work could not finish an item by, and why."""

    field: str
    why: str


def unread(fields: Iterable[Field], reads: Iterable[Reads]) -> list[Unread]:
    """Return what keeps a kind that reads ``reads`` from ending an item by a form.

    Named are answers it does not know or cannot keep, a field that is not one of
    several choices, and a needed field that is not there or not always required.
    """
    by_name: Mapping[str, Field] = {field.name: field for field in fields}
    found = ((one, _why(by_name.get(one.field), one)) for one in reads)
    return [Unread(one.field, why) for one, why in found if why]


def _why(field: Field | None, reads: Reads) -> str:
    if field is None:
        return _missing(reads) if reads.needed else ""
    if field.type != "choice":
        return "It is read when an item is completed, so it asks for one of several."
    faults = [_strange([code for code, _ in field.choices], reads)]
    if reads.needed and not field.required:
        faults.append("No item is completed without it, so it is required always.")
    return " ".join(filter(None, faults))


def _missing(reads: Reads) -> str:
    known = f", with choices of {', '.join(reads.codes)}" if reads.codes else ""
    return (
        f"The form lacks the field “{reads.field}”, without which no item of this kind "
        f"is completed. Keep it, required always, as one of several{known}."
    )


def _strange(codes: Iterable[str], reads: Reads) -> str:
    known = reads.codes
    strange = [
        f"“{code}”"
        for code in codes
        if (code not in known if known else len(code) > reads.longest)
    ]
    if not strange:
        return ""
    named = f"{', '.join(strange)} cannot be kept when an item is completed."
    if not known:
        return f"{named} Give a code of {reads.longest} characters at most."
    return f"{named} Put a code that is known before the label: {', '.join(known)}."
