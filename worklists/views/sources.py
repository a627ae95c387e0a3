"""The guidance of an item in words: what its form offers, what its page lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from django.urls import reverse

from worklists.enums import GuidanceKind
from worklists.evidence.citing import source_of
from worklists.models import WorkItem
from worklists.selectors.guidance import Offered
from worklists.templatetags.wording import us_date

if TYPE_CHECKING:
    from worklists.views.answers import ShownField


class SourceGroup(NamedTuple):
    """Some sources under a heading: value, words, and whether it is the one cited."""

    label: str
    choices: Sequence[tuple[str, str, bool]]


class Rule(NamedTuple):
    """One source in an item's list: its name, what it is, how its versions stand.

    ``stands`` says which version was in force on the date of service; ``mark`` what
    differs today, empty where nothing does.
    """

    slug: str
    name: str
    kind: str
    stands: str
    mark: str


def rules_of(offers: Sequence[Offered], day: date | None) -> list[Rule]:
    """Return the sources that count for an item's work, each once, in their order."""
    by_source: dict[str, list[Offered]] = {}
    for one in offers:
        if one.elsewhere:
            continue
        by_source.setdefault(one.version.source, []).append(one)
    return [_rule(some, day) for some in by_source.values()]


def _rule(some: Sequence[Offered], day: date | None) -> Rule:
    first, when = some[0], f"on {us_date(day)}" if day else "today"
    right = next((one.version.number for one in some if one.in_force), 0)
    today = first.today_number
    stands = f"version {right}" if right else f"none in force {when}"
    mark = ""
    if today != right:
        mark = f"today version {today}" if today else "ended since"
    kind = GuidanceKind(first.kind).label.lower()
    scope = [
        kind,
        *(["about this queue"] if first.here else []),
        *(["this payer’s own"] if first.own else []),
        first.specialty,
    ]
    words = ", ".join(filter(None, scope))
    return Rule(first.version.source, first.version.name, words, stands, mark)


def in_force_choices(offers: Sequence[Offered]) -> list[tuple[str, str]]:
    """Return the versions in force on the item's day, as a form posts and reads them."""
    return [
        (value_of(one), f"{one.version.name}, version {one.version.number}")
        for one in offers
        if one.in_force
    ]


def read_url(item_id: int, cited: str) -> str:
    """Return where a person reads a source from an item; ``cited`` is source@version."""
    source, _, number = cited.partition("@")
    address = reverse("worklists:item_guidance", args=[item_id, source])
    return f"{address}?version={number}" if number else address


def with_offers(
    rows: Iterable[ShownField], offers: Sequence[Offered], item: WorkItem
) -> None:
    """Let every policy of a form offer what its item may cite.

    First what was in force on the date of service; other versions where the form takes
    them, or where one is cited already. What is chosen can be read from there.
    """
    day = item.service_on
    when = f"on {us_date(day)}" if day else "today"
    for row in rows:
        if row.type == "policy":
            row.offers = _groups(row, offers, when)
            if source_of(row.value):
                # The list cuts long names off; what was chosen is read in full.
                row.help = _words(row.value) or row.help
            cited = _cited(row.value)
            row.read_url = read_url(item.pk, cited) if cited else ""


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
