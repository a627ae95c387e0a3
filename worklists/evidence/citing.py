"""Citing guidance that we hold: which version, and whether it was in force that day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from worklists.evidence.fields import WITH_REASON, Field, Gap
from worklists.templatetags.wording import long_date, us_date


class HeldVersion(NamedTuple):
    """One version of a source; it is in force from ``since`` to ``until``, both days in.

    ``until`` is None while no end is known. Of a retired source nothing is newly cited.
    """

    source: str
    number: int
    name: str
    since: date
    until: date | None = None
    retired_on: date | None = None

    def is_in_force(self, day: date) -> bool:
        """Tell whether it was in force on a day."""
        return self.since <= day and (self.until is None or day <= self.until)

    @property
    def edition(self) -> str:
        """Return the version in words, as an answer keeps it."""
        return f"version {self.number}, since {us_date(self.since)}"


@dataclass(frozen=True, slots=True)
class Held:
    """The versions of the sources that answers cite, and the item's date of service.

    ``fresh`` are the fields whose answer is not stored yet: what was cited before a
    source was retired stays valid.
    """

    versions: Mapping[str, Sequence[HeldVersion]] = field(default_factory=dict)
    served_on: date | None = None
    fresh: frozenset[str] = frozenset()

    def version(self, source: str, number: int) -> HeldVersion | None:
        """Return one version, None when we do not hold it."""
        held = self.versions.get(source, ())
        return next((one for one in held if one.number == number), None)

    def in_force(self, source: str, day: date) -> HeldVersion | None:
        """Return the version of a source that was in force on a day."""
        held = self.versions.get(source, ())
        return next((one for one in held if one.is_in_force(day)), None)


NOTHING_HELD = Held()


def source_of(answer: Any) -> str:
    """Return the source an answer cites by its short name, empty when it cites freely."""
    named = answer.get("source") if isinstance(answer, dict) else ""
    return named if isinstance(named, str) else ""


def completed(answer: Any, held: Held, today: date) -> Any:
    """Return a citation with version and words filled in from what we hold.

    Without a version it is the one in force on the date of service. What we do not
    hold stays as it was given, and is a gap.
    """
    source = source_of(answer)
    if not source:
        return answer
    day = held.served_on or today
    number = answer.get("version")
    found = held.version(source, number) if number else held.in_force(source, day)
    if found is None:
        return {k: v for k, v in answer.items() if k not in {"cite", "edition"}}
    words = {"cite": found.name, "edition": found.edition}
    whole = {"source": source, "version": found.number, **words}
    why = str(answer.get("reason") or "").strip()
    return whole | ({"reason": why} if why else {})


def uncitable(asked: Field, answer: Any, held: Held) -> str:
    """Return why a source cannot be cited at all, whatever the day; empty when it can."""
    source = source_of(answer)
    if not source:
        return ""
    if source not in held.versions:
        return f"We hold no source “{source[:60]}”. Choose one that is offered."
    number = answer.get("version")
    found = held.version(source, number) if number else None
    if number and found is None:
        return f"We hold no version {number} of “{source}”. Choose one that is offered."
    retired = found.retired_on if found else None
    if found and retired and asked.name in held.fresh:
        return (
            f"“{found.name}” was retired on {long_date(retired)} and is not cited any "
            "more. Choose another source."
        )
    return ""


def citation_fault(asked: Field, answer: Any, held: Held, today: date) -> str:
    """Return why a citation does not carry its decision; empty when it does.

    It counts in the version in force on the date of service, today's where no such date
    is known. Another version is refused, or needs a reason where the template says so.
    """
    source = source_of(answer)
    fault = uncitable(asked, answer, held)
    if fault or not source:
        return fault
    day = held.served_on or today
    number = answer.get("version")
    found = held.version(source, number) if number else None
    if found is None:
        return f"No version of “{source}” was in force on {us_date(day)}."
    if found.is_in_force(day):
        return ""
    right = held.in_force(source, day)
    other = f"version {right.number} was" if right else "no version was"
    said = (
        f"Version {found.number} of “{found.name}” was not in force on "
        f"{us_date(day)}, {other}."
    )
    if asked.not_in_force != WITH_REASON:
        return (
            f"{said} Cite {f'version {right.number}' if right else 'another source'}."
        )
    if str(answer.get("reason") or "").strip():
        return ""
    return f"{said} Say why it is cited all the same."


def uncitable_gaps(
    fields: Sequence[Field], answers: Mapping[str, Any], held: Held
) -> list[Gap]:
    """Return the fresh citations that cannot even be saved, as gaps."""
    return [
        Gap(one.name, "not_accepted", fault, one.label)
        for one in fields
        if one.type == "policy" and one.name in held.fresh
        if (fault := uncitable(one, answers.get(one.name), held))
    ]
