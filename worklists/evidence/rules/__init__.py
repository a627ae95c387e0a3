"""The rules an answer must pass: one pure function per file, named like the file.

A rule takes the answer, the value its template gives, and ``Given``; it returns a
sentence that says what to do, empty when the answer is accepted. To add one: write
its file, its test beside, and a row in ``RULES``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from worklists.evidence.fields import FileFact
from worklists.evidence.rules import values
from worklists.evidence.rules.amount_max import amount_max
from worklists.evidence.rules.amount_min import amount_min
from worklists.evidence.rules.document_page import document_page
from worklists.evidence.rules.edition_named import edition_named
from worklists.evidence.rules.given import Given, words_of
from worklists.evidence.rules.max_length import max_length
from worklists.evidence.rules.min_length import min_length
from worklists.evidence.rules.not_before import not_before
from worklists.evidence.rules.not_future import not_future
from worklists.evidence.rules.not_same_as import not_same_as
from worklists.evidence.rules.pattern import pattern

__all__ = ["FILE_RULES", "RULES", "Given", "Rule", "words_of"]

TEXTS = frozenset({"text", "code", "policy"})
AMOUNTS = frozenset({"money", "number"})


class Rule(NamedTuple):
    """A rule, the field types it judges, and the reader of its value.

    ``read`` raises ``ValueError`` for a value the rule cannot work with. With
    ``names_field`` the value may be the name of another field of the template.
    """

    test: Callable[[Any, Any, Given], str]
    types: frozenset[str]
    read: Callable[[Any], Any]
    names_field: bool = False


RULES: dict[str, Rule] = {
    "min_length": Rule(min_length, TEXTS, values.whole_number),
    "max_length": Rule(max_length, TEXTS, values.whole_number),
    "pattern": Rule(pattern, TEXTS, values.regular_expression),
    "not_future": Rule(not_future, frozenset({"date"}), values.nothing),
    "not_before": Rule(not_before, frozenset({"date"}), values.day, names_field=True),
    "amount_max": Rule(amount_max, AMOUNTS, values.amount),
    "amount_min": Rule(amount_min, AMOUNTS, values.amount),
    "not_same_as": Rule(
        not_same_as, TEXTS | {"choice"}, values.another_field, names_field=True
    ),
    "edition_named": Rule(edition_named, frozenset({"policy"}), values.nothing),
}

FILE_RULES: dict[str, Callable[[Sequence[FileFact]], str]] = {
    "document": document_page,
    "attachment": lambda _files: "",
}
