"""Which words a person may read: on items, and on rules of the house.

Whoever sees an item reads why things were done to it. How long somebody worked on it,
and why they put that right, is theirs and the auditors' alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from django.db.models import Q, QuerySet

from worklists.enums import Role
from worklists.models import (
    Committed,
    Escalation,
    Event,
    Reason,
    RuleWords,
    User,
)
from worklists.selectors.access import access_of

# Acts about a person and not about the item.
OWN_WORDS = ("item.time_corrected",)


def words_for(reader: User) -> QuerySet[Reason]:
    """Return the words that a person may read on the items they see."""
    if access_of(reader).has(Role.AUDITOR):
        return Reason.objects.all()
    return Reason.objects.filter(~Q(action__in=OWN_WORDS) | Q(said_by=reader))


CALLED = "item.escalated"


def words_of_calls(reader: User, calls: Iterable[Escalation]) -> dict[int, str]:
    """Return what people said when they called for help, by escalation: one query, none
    where no person called. Words that were destroyed are left out."""
    by_people = [call for call in calls if call.raised_by_id]
    if not by_people:
        return {}
    rows = words_for(reader).filter(
        action=CALLED, item_id__in={call.item_id for call in by_people}
    )
    said = list(rows.order_by("seq"))
    found = {}
    for call in by_people:
        row = next((row for row in said if _is_of(row, call)), None)
        if row is not None and row.value:
            found[call.pk] = row.value
    return found


def _is_of(row: Reason, call: Escalation) -> bool:
    same = (row.item_id, row.said_by_id) == (call.item_id, call.raised_by_id)
    return same and row.said_at >= call.fired_at


WordsOf = Callable[[Collection[int]], Iterable[Committed]]


def _of_rules(ids: Collection[int]) -> Iterable[Committed]:
    return RuleWords.objects.filter(version__rule_id__in=ids)


# By kind of subject: all that was said about some of them.
_SET_UP: dict[str, WordsOf] = {"rule": _of_rules}


def register_words(kind: str, words_of: WordsOf) -> None:
    """Make known what was said in set-up acts; apps do in ``ready()``."""
    _SET_UP[kind] = words_of


def set_up_words(events: Iterable[Event]) -> dict[int, Committed]:
    """Return the words that belong to set-up acts, by their event: one query a kind.

    Everybody reads them on the pages of rules and profiles. No patient stands there.
    """
    page = [e for e in events if e.subject_kind in _SET_UP and e.commitments]
    ids = {
        kind: {e.subject_id for e in page if e.subject_kind == kind} for kind in _SET_UP
    }
    rows = [
        row
        for kind, words_of in _SET_UP.items()
        if ids[kind]
        for row in words_of(ids[kind])
    ]
    said = {bytes(row.commitment): row for row in rows}
    pairs = ((e.pk, said.get(bytes(one))) for e in page for one in e.commitments)
    return {pk: row for pk, row in pairs if row is not None}
