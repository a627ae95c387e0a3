"""A template's form as a coder will see it, before anybody does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from worklists.evidence import Part, parse_template
from worklists.selectors.evidence import Asked
from worklists.template_words import must_words
from worklists.views.answers import ShownField, shown_fields

# Stands for the parts of an item, such as its open denials: one is enough to look at.
SAMPLE = Part("1", "the first part")


@dataclass(frozen=True, slots=True)
class Previewed:
    """A field as it is drawn; ``when`` says which answer makes it appear."""

    field: ShownField
    when: str


def preview_of(raw: Sequence[Mapping[str, Any]]) -> list[Previewed]:
    """Return the fields as an item without an answer asks them.

    Those that only an answer calls for stand at their place too, with that answer.
    """
    asked = Asked(parse_template(raw), {}, {}, (SAMPLE,))
    by_name = {field["name"]: field for field in raw}
    shown = []
    for field in shown_fields(asked):
        said = by_name[field.name.partition(".")[0]]
        when = ""
        if field.conditional:  # drawn as it stands once it is asked
            when = must_words(said, raw).removeprefix("mandatory ")
            field.state = "missing"
        shown.append(Previewed(field, when))
    return shown
