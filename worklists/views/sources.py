"""The guidance a form offers to be cited, in groups, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from worklists.evidence.citing import source_of
from worklists.selectors.guidance import Offered
from worklists.templatetags.wording import us_date

if TYPE_CHECKING:
    from worklists.views.answers import ShownField


class SourceGroup(NamedTuple):
    """Some sources under a heading: value, words, and whether it is the one cited."""

    label: str
    choices: Sequence[tuple[str, str, bool]]


def with_offers(
    rows: Iterable[ShownField], offers: Sequence[Offered], day: Any
) -> None:
    """Let every policy of a form offer what its item may cite.

    First what was in force on the date of service; other versions where the form takes
    them, or where one is cited already.
    """
    when = f"on {us_date(day)}" if day else "today"
    for row in rows:
        if row.type == "policy":
            row.offers = _groups(row, offers, when)
            if source_of(row.value):
                # The list cuts long names off; what was chosen is read in full.
                row.help = _words(row.value) or row.help


def _groups(row: ShownField, offers: Sequence[Offered], when: str) -> list[SourceGroup]:
    cited = _cited(row.value)
    named = [(value_of(one), one) for one in offers]
    right = [(value, one) for value, one in named if one.in_force]
    other = [
        (value, one)
        for value, one in named
        if not one.in_force and (row.why_outdated or value == cited)
    ]
    groups = [
        SourceGroup(label, [(v, said(o, when), v == cited) for v, o in some])
        for label, some in (
            (f"In force {when}", right),
            (f"Not in force {when}", other),
        )
        if some
    ]
    if cited and cited not in {value for value, _ in right + other}:
        # Retired since, or another payer's: what is cited stays to be seen.
        kept = (cited, _words(row.value), True)
        groups.append(SourceGroup("Cited before", [kept]))
    return groups


def _words(answer: Any) -> str:
    return ", ".join(answer[name] for name in ("cite", "edition") if name in answer)


def _cited(answer: Any) -> str:
    if not source_of(answer) or not answer.get("cite"):
        return ""
    return f"{answer['source']}@{answer['version']}"


def value_of(offer: Offered) -> str:
    """Return how a form posts a version: its source and number."""
    return f"{offer.version.source}@{offer.version.number}"


def said(offer: Offered, when: str) -> str:
    """Return a version in words; the one in force today is named when it differs."""
    version = offer.version
    words = f"{version.name}, version {version.number}, since {us_date(version.since)}"
    if offer.in_force and when != "today" and offer.today_number != version.number:
        today = f"version {offer.today_number}" if offer.today_number else "none"
        return f"{words} (today: {today})"
    return words
