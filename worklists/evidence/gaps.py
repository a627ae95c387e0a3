"""Everything that keeps an item from being submitted, named at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from worklists import context
from worklists.evidence.citing import NOTHING_HELD, Held, citation_fault, source_of
from worklists.evidence.fields import (
    FILE_TYPES,
    NEVER,
    NOT_APPLICABLE,
    WITH_REASON,
    Answers,
    Condition,
    Field,
    FileFact,
    Gap,
    Part,
    expand,
)
from worklists.evidence.rules import FILE_RULES, RULES, Given, words_of
from worklists.evidence.shapes import is_empty, shape_error

MOST_NAMED = 4
_REASONS = (("missing", "missing"), ("not_accepted", "not accepted"))


def gaps(
    fields: Iterable[Field],
    answers: Answers,
    files: Mapping[str, Sequence[FileFact]],
    parts: Sequence[Part] = (),
    *,
    on: date | None = None,
    held: Held = NOTHING_HELD,
) -> list[Gap]:
    """Return every gap of an item at once, in the order of its fields.

    A field whose condition does not hold is not asked, and what was answered to it
    before is not judged; nor does it set off the condition of another. A field that
    is asked gives at most one gap: missing, or the first rule that does not accept
    the answer. ``on`` is the day of the act, the one in UTC when none is given;
    ``held`` the guidance that answers cite.
    """
    return [
        gap
        for _, gap in _judged(fields, answers, files, parts, on=on, held=held)
        if gap
    ]


def progress(
    fields: Iterable[Field],
    answers: Answers,
    files: Mapping[str, Sequence[FileFact]],
    parts: Sequence[Part] = (),
    *,
    on: date | None = None,
    held: Held = NOTHING_HELD,
) -> tuple[int, int]:
    """Return how many mandatory fields are done, and how many are asked for."""
    required = [
        gap is None
        for field, gap in _judged(fields, answers, files, parts, on=on, held=held)
        if field.is_mandatory
    ]
    return sum(required), len(required)


def gap_summary(found: Sequence[Gap]) -> str:
    """Return what the submit button says: “2 missing: alternatives, root cause”.

    Empty when nothing is missing. At most four names of a sort are spelled out.
    """
    said = []
    for code, words in _REASONS:
        names = [_in_a_sentence(g.label or g.field) for g in found if g.code == code]
        if names:
            said.append(f"{len(names)} {words}: {_listed(names)}")
    return "; ".join(said)


def _judged(
    fields: Iterable[Field],
    answers: Answers,
    files: Mapping[str, Sequence[FileFact]],
    parts: Sequence[Part],
    *,
    on: date | None,
    held: Held,
) -> Iterator[tuple[Field, Gap | None]]:
    """Yield each field that is asked, with its gap if it has one."""
    asked = expand(fields, parts)
    day = on or context.now().date()
    given = Given(answers, {f.name: f.label for f in asked}, day, held)
    conditions = _Conditions(asked, answers)
    for field in asked:
        if conditions.allow(field):
            yield field, _gap(field, given, files.get(field.name, ()))


class _Conditions:
    """Which fields are asked, each found out once."""

    def __init__(self, asked: Iterable[Field], answers: Answers) -> None:
        self._answers = answers
        self._known: dict[str, bool] = {}
        self._named: dict[str, list[Field]] = {}
        for field in asked:
            self._named.setdefault(field.name, []).append(field)
            if field.part:
                # "decision" stands for the decision on any of the parts.
                base = field.name.removesuffix(f".{field.part}")
                self._named.setdefault(base, []).append(field)

    def allow(self, field: Field) -> bool:
        known = self._known.get(field.name)
        if known is None:
            when = field.required_when
            known = self._known[field.name] = when is None or self._holds(when)
        return known

    def _holds(self, when: Condition) -> bool:
        return any(
            _is_one_of(self._answers.get(field.name), when.values) and self.allow(field)
            for field in self._named.get(when.field, ())
        )


def _is_one_of(answer: Any, values: Sequence[str | bool]) -> bool:
    if isinstance(answer, list):
        return any(one in values for one in answer)
    return answer in values


def _gap(field: Field, given: Given, files: Sequence[FileFact]) -> Gap | None:
    if field.type in FILE_TYPES:
        is_missing, fault = not files, FILE_RULES[field.type](files) if files else ""
    else:
        answer = given.answers.get(field.name)
        is_missing, fault = _is_missing(field, answer), _fault(field, answer, given)
    if is_missing:
        return _missing(field) if field.is_mandatory else None
    return Gap(field.name, "not_accepted", fault, field.label) if fault else None


def _is_missing(field: Field, answer: Any) -> bool:
    if field.type == "policy" and isinstance(answer, dict):
        cited = words_of(answer) or source_of(answer)
        return not (shape_error(field, answer) or cited)
    return is_empty(answer)


def _fault(field: Field, answer: Any, given: Given) -> str:
    if fault := shape_error(field, answer):
        return fault
    if field.type == "step" and not is_empty(answer):
        return _left_out_fault(field, answer)
    if source_of(answer):
        fault = citation_fault(field, answer, given.held, given.on)
        if fault:
            return fault
    for one in field.validators:
        if fault := RULES[one.rule].test(answer, one.value, given):
            return one.message or fault
    return ""


def _left_out_fault(field: Field, answer: Mapping[str, str]) -> str:
    """A step is left out only where its template allows it, with a reason if asked."""
    if answer["state"] != NOT_APPLICABLE:
        return ""
    if field.not_applicable == NEVER:
        return "This step always applies: do it, then tick it off."
    if field.not_applicable == WITH_REASON and not answer.get("reason", "").strip():
        return "Say in a few words why this step does not apply."
    return ""


def _missing(field: Field) -> Gap:
    message = _ASKED[field.type].format(label=_in_a_sentence(field.label))
    return Gap(field.name, "missing", message, field.label)


_ASKED = {
    "text": "Write down: {label}.",
    "choice": "Choose: {label}.",
    "multichoice": "Choose at least one: {label}.",
    "yes_no": "Answer yes or no: {label}.",
    "date": "Give the date: {label}.",
    "money": "Give the amount in dollars: {label}.",
    "number": "Give the number: {label}.",
    "code": "Give the code: {label}.",
    "policy": "Cite the rule or policy this rests on: {label}.",
    "document": "Say on which page of which document this stands: {label}.",
    "attachment": "Attach the file: {label}.",
    "step": "Do this step and tick it off: {label}.",
}


def _in_a_sentence(label: str) -> str:
    """Return a label with a small first letter, unless it begins with an acronym."""
    if label[1:2].isupper() or label[1:2].isdigit():
        return label
    return label[:1].lower() + label[1:]


def _listed(names: Sequence[str]) -> str:
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:MOST_NAMED])} and {len(names) - MOST_NAMED} more"


def asked(
    fields: Iterable[Field], answers: Answers, parts: Sequence[Part] = ()
) -> list[Field]:
    """Return the fields that are asked for now, in order: what a form shows."""
    expanded = expand(fields, parts)
    conditions = _Conditions(expanded, answers)
    return [field for field in expanded if conditions.allow(field)]
