"""The fields of an evidence template, and how per-part fields are repeated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

TYPES = (
    "text",
    "choice",
    "multichoice",
    "yes_no",
    "date",
    "money",
    "number",
    "code",
    "policy",
    "document",
    "attachment",
    "step",
)
FILE_TYPES = frozenset({"document", "attachment"})
# How a step of a checklist stands, and whether it may be left out.
DONE, NOT_APPLICABLE = "done", "not_applicable"
NEVER, ALLOWED, WITH_REASON = "never", "allowed", "with_reason"
LEAVING_OUT = (NEVER, ALLOWED, WITH_REASON)
# Whether a version of guidance that was not in force on the day may be cited.
REFUSED = "refused"
OUT_OF_FORCE = (REFUSED, WITH_REASON)

Answers = Mapping[str, Any]


class Condition(NamedTuple):
    """A field is asked for when the answer to ``field`` is one of ``values``."""

    field: str
    values: tuple[str | bool, ...]


class Validator(NamedTuple):
    """One rule beside a field: its name, its value as read, and words of its own."""

    rule: str
    value: Any
    message: str = ""


class Part(NamedTuple):
    """One part of an item that is decided by itself, such as one open denial.

    ``amount`` is the dollars decided with it, None where none are.
    """

    key: str
    label: str
    amount: Decimal | None = None


class FileFact(NamedTuple):
    """What the rules need of a file attached to a field."""

    page: str = ""
    page_count: int | None = None


class Gap(NamedTuple):
    """One field that keeps an item from being submitted.

    ``code`` is ``missing`` or ``not_accepted``; ``message`` says what to do.
    """

    field: str
    code: str
    message: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a template.

    ``required`` asks always, ``required_when`` asks when its condition holds; with
    neither the answer is optional. ``per_part`` asks once for each part of the item.
    ``part`` is the part's key in an expanded field, whose name ends with it.
    A ``step`` is a line of a checklist; ``not_applicable`` says whether it may be left
    out: ``never``, ``allowed``, or ``with_reason``. Of a ``policy``, ``not_in_force``
    says whether a version that was not in force is ``refused`` or taken ``with_reason``.
    """

    name: str
    label: str
    type: str
    required: bool = False
    required_when: Condition | None = None
    per_part: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    validators: tuple[Validator, ...] = ()
    help: str = ""
    part: str = ""
    not_applicable: str = ALLOWED
    not_in_force: str = REFUSED

    @property
    def is_mandatory(self) -> bool:
        """Tell whether an answer is needed wherever the field is asked."""
        return self.required or self.required_when is not None


def expand(fields: Iterable[Field], parts: Sequence[Part]) -> list[Field]:
    """Return the fields as they are asked, per-part ones once for each part.

    Neighbouring per-part fields stay together: all of the first part, then all of the
    second. ``decision`` becomes ``decision.12``, and its condition and the fields its
    validators name are those of the same part. Fields already expanded stay as they
    are.
    """
    known = list(fields)
    repeated = frozenset(field.name for field in known if field.per_part)
    asked: list[Field] = []
    for per_part, run in groupby(known, key=lambda field: field.per_part):
        block = list(run)
        if per_part:
            for part in parts:
                asked += [_for_part(field, part, repeated) for field in block]
        else:
            asked += block
    return asked


def _for_part(field: Field, part: Part, repeated: frozenset[str]) -> Field:
    when = field.required_when
    if when and when.field in repeated:
        when = when._replace(field=f"{when.field}.{part.key}")
    validators = tuple(
        one._replace(value=f"{one.value}.{part.key}")
        if isinstance(one.value, str) and one.value in repeated
        else one
        for one in field.validators
    )
    return replace(
        field,
        name=f"{field.name}.{part.key}",
        label=f"{field.label} ({part.label})",
        required_when=when,
        validators=validators,
        per_part=False,
        part=part.key,
    )
