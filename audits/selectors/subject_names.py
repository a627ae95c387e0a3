"""What events are about, by the names that people use."""

from __future__ import annotations

from collections.abc import Collection

from worklists.models import Rule
from worklists.selectors.people import names_by_id

About = tuple[str, int]
_WORDS = {
    "absence": "absence",
    "batch": "file",
    "bulk_act": "act on many",
    "profile": "payer profile",
}
SITE = "the site"


def subject_names(those: Collection[About]) -> dict[About, str]:
    """Return a name for each subject: two queries at most, however many.

    A person by their name, a rule by its kind and short name, the rest by a word and
    their number; what is not there any more keeps its number.
    """
    named = {one: f"{_WORDS.get(one[0], one[0])} {one[1]}" for one in those}
    named |= {one: SITE for one in those if one[0] == "site"}
    people = names_by_id(_ids(those, "user"))
    named |= {("user", pk): name for pk, name in people.items()}
    rules = _ids(those, "rule")
    if rules:
        found = Rule.objects.filter(pk__in=rules)
        named |= {("rule", r.pk): f"{r.get_kind_display()} {r.slug}" for r in found}
    return named


def _ids(those: Collection[About], kind: str) -> set[int]:
    return {number for about, number in those if about == kind}
