"""Reading a template's JSON, strictly: a wrong template is never loaded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from worklists.evidence.fields import (
    ALLOWED,
    LEAVING_OUT,
    OUT_OF_FORCE,
    REFUSED,
    TYPES,
    Condition,
    Field,
    Validator,
)
from worklists.evidence.replies import REPLY
from worklists.evidence.rules import RULES

CHOICE_TYPES = frozenset({"choice", "multichoice"})
ASKABLE = CHOICE_TYPES | {"yes_no", "text", "code"}
MOST_FIELDS = 200
LONGEST_WORDS = 2_000
KEYS = frozenset(
    {
        "name",
        "label",
        "type",
        "required",
        "required_when",
        "per_part",
        "choices",
        "validators",
        "help",
        "not_applicable",
        "not_in_force",
    }
)

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


def parse_template(raw: Any) -> tuple[Field, ...]:
    """Return the fields of a template, in order.

    Raises ``ValueError`` that names every fault, one to a line: unknown keys, types
    and rules, doubled names, choices without values, conditions that name no field,
    ask for a value nobody can answer, or run in a circle.
    """
    if not isinstance(raw, list | tuple) or not 0 < len(raw) <= MOST_FIELDS:
        raise ValueError(f"A template is a list of 1 to {MOST_FIELDS} fields.")
    faults: list[str] = []
    fields: list[Field] = []
    for number, one in enumerate(raw, 1):
        try:
            fields.append(_field(one))
        except ValueError as error:
            faults.append(f"field {number}: {error}")
    faults += _faults_between(fields)
    if faults:
        raise ValueError("\n".join(faults))
    return tuple(fields)


def _field(raw: Any) -> Field:
    if not isinstance(raw, Mapping) or not raw:
        raise ValueError("is not a set of keys")
    strange = sorted(str(key) for key in set(raw) - KEYS)
    if strange:
        raise ValueError(f"{', '.join(strange)} is not known here")
    name, kind = raw.get("name"), raw.get("type")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a name of small letters, digits and _")
    if name == REPLY:
        raise ValueError(f"{name} is kept for the answer to a return")
    if kind not in TYPES:
        raise ValueError(f"{name}: {kind!r} is not one of {', '.join(TYPES)}")
    return Field(
        name=name,
        label=_label(name, raw.get("label")),
        type=kind,
        required=_flag(raw, name, "required"),
        required_when=_condition(name, raw.get("required_when")),
        per_part=_flag(raw, name, "per_part"),
        choices=_choices(name, kind, raw.get("choices", ())),
        validators=_validators(name, kind, raw.get("validators", ())),
        help=_words(name, raw.get("help", "")),
        not_applicable=_word(raw, name, _LEFT_OUT),
        not_in_force=_word(raw, name, _OUTDATED),
    )


def _label(name: str, label: Any) -> str:
    if not isinstance(label, str) or not label.strip():
        raise ValueError(f"{name}: it needs a label for people")
    return label.strip()


def _words(name: str, text: Any) -> str:
    if not isinstance(text, str) or len(text) > LONGEST_WORDS:
        raise ValueError(f"{name}: help and messages are short texts")
    return text


def _flag(raw: Mapping[str, Any], name: str, key: str) -> bool:
    value = raw.get(key, False)
    if value is not True and value is not False:
        raise ValueError(f"{name}: {key} is true or false")
    return bool(value)


def _condition(name: str, raw: Any) -> Condition | None:
    if raw is None:
        return None
    if not isinstance(raw, Mapping) or set(raw) != {"field", "in"}:
        raise ValueError(f"{name}: required_when has field and in")
    other, values = raw["field"], raw["in"]
    if not isinstance(other, str) or not isinstance(values, list | tuple) or not values:
        raise ValueError(f"{name}: required_when names a field and a list of answers")
    if not all(isinstance(value, str | bool) for value in values):
        raise ValueError(f"{name}: required_when lists answers as text, true or false")
    return Condition(other, tuple(values))


class _Word(NamedTuple):
    """A key that one type of field has, its words, and the one that goes unsaid."""

    key: str
    kind: str
    known: Sequence[str]
    unsaid: str


_LEFT_OUT = _Word("not_applicable", "step", LEAVING_OUT, ALLOWED)
_OUTDATED = _Word("not_in_force", "policy", OUT_OF_FORCE, REFUSED)


def _word(raw: Mapping[str, Any], name: str, word: _Word) -> str:
    value = raw.get(word.key)
    if value is None:
        return word.unsaid
    if raw["type"] != word.kind:
        raise ValueError(f"{name}: only a {word.kind} says {word.key}")
    if value not in word.known:
        raise ValueError(f"{name}: {word.key} is {', '.join(word.known)}")
    return str(value)


def _choices(name: str, kind: str, raw: Any) -> tuple[tuple[str, str], ...]:
    if kind not in CHOICE_TYPES:
        if raw:
            raise ValueError(f"{name}: only a choice has choices")
        return ()
    if not isinstance(raw, list | tuple) or not raw:
        raise ValueError(f"{name}: a choice needs choices")
    if not all(_is_pair(one) for one in raw):
        raise ValueError(f"{name}: a choice is a value and a label")
    choices = tuple((value, label) for value, label in raw)
    if len(dict(choices)) != len(choices):
        raise ValueError(f"{name}: a choice stands twice")
    return choices


def _is_pair(one: Any) -> bool:
    match one:
        case [str(value), str(label)]:
            return bool(value and label)
    return False


def _validators(name: str, kind: str, raw: Any) -> tuple[Validator, ...]:
    if not isinstance(raw, list | tuple) or len(raw) > len(RULES):
        raise ValueError(f"{name}: validators are a list, each rule at most once")
    return tuple(_validator(name, kind, one) for one in raw)


def _validator(name: str, kind: str, raw: Any) -> Validator:
    if not isinstance(raw, Mapping) or set(raw) - {"rule", "value", "message"}:
        raise ValueError(f"{name}: a validator has rule, value and message")
    rule = RULES.get(str(raw.get("rule")))
    if rule is None:
        raise ValueError(f"{name}: there is no rule {raw.get('rule')!r}")
    if kind not in rule.types:
        raise ValueError(f"{name}: {raw['rule']} does not judge a {kind}")
    try:
        value = rule.read(raw.get("value"))
    except ValueError as error:
        raise ValueError(f"{name}: {raw['rule']}: {error}") from error
    return Validator(raw["rule"], value, _words(name, raw.get("message", "")))


def _faults_between(fields: Sequence[Field]) -> list[str]:
    by_name = {field.name: field for field in fields}
    faults = []
    if len(by_name) != len(fields):
        faults.append("two fields have the same name")
    for field in fields:
        faults += _condition_faults(field, by_name)
        faults += _validator_faults(field, by_name)
    return faults


def _condition_faults(field: Field, by_name: Mapping[str, Field]) -> Iterable[str]:
    when = field.required_when
    if when is None:
        return
    if field.required:
        yield f"{field.name}: it is required always or sometimes, not both"
    other = by_name.get(when.field)
    if other is None or other.type not in ASKABLE:
        yield f"{field.name}: required_when cannot ask for {when.field}"
        return
    stray = [value for value in when.values if not _can_be_answered(other, value)]
    if stray:
        yield f"{field.name}: {other.name} is never answered with {stray[0]!r}"
    if _runs_in_a_circle(field, by_name):
        yield f"{field.name}: its condition leads back to itself"


def _can_be_answered(field: Field, value: object) -> bool:
    if field.type == "yes_no":
        return isinstance(value, bool)
    if field.type in CHOICE_TYPES:
        return value in dict(field.choices)
    return isinstance(value, str)


def _runs_in_a_circle(field: Field, by_name: Mapping[str, Field]) -> bool:
    seen: set[str] = set()
    here: Field | None = field
    while here is not None and here.required_when is not None:
        if here.name in seen:
            return True
        seen.add(here.name)
        here = by_name.get(here.required_when.field)
    return False


def _validator_faults(field: Field, by_name: Mapping[str, Field]) -> Iterable[str]:
    for one in field.validators:
        if not (RULES[one.rule].names_field and isinstance(one.value, str)):
            continue
        other = by_name.get(one.value)
        if other is None or other is field:
            yield f"{field.name}: {one.rule} names {one.value}, which is no other field"
        elif other.per_part and not field.per_part:
            yield f"{field.name}: {one.rule} names {one.value}, which has many parts"
