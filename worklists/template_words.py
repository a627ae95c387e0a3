"""Evidence templates in words: what a field asks, and what differs. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

Raw = Mapping[str, Any]

TYPE_WORDS = {
    "text": "text",
    "choice": "one of several",
    "multichoice": "any of several",
    "yes_no": "yes or no",
    "date": "date",
    "money": "dollars",
    "number": "number",
    "code": "code",
    "policy": "rule or policy",
    "document": "page of a document",
    "attachment": "file",
    "step": "step of a checklist",
}
LEAVING_OUT_WORDS = {
    "never": "always applies",
    "allowed": "may not apply",
    "with_reason": "may not apply, with a reason",
}
OUT_OF_FORCE_WORDS = {
    "refused": "only the version in force on the day",
    "with_reason": "a version not in force with a reason",
}


def template_words(content: Raw) -> dict[str, str]:
    """Return a template as words by its fields, in the order they are asked."""
    fields = content["fields"]
    words = {"Name": content["name"], "Step": content["step"]}
    for field in fields:
        words[f"Field {field['name']}"] = field_words(field, fields)
    return words


def order_words(before: Raw, after: Raw) -> tuple[str, str] | None:
    """Return the fields both have in either order; None where that is the same."""
    old = {field["name"]: field for field in before["fields"]}
    new = {field["name"]: field for field in after["fields"]}
    was = [name for name in old if name in new]
    now = [name for name in new if name in old]
    if was == now:
        return None
    return (
        ", ".join(old[name]["label"] for name in was),
        ", ".join(new[name]["label"] for name in now),
    )


def field_words(field: Raw, fields: Sequence[Raw]) -> str:
    """Return everything a field says: label, type, when it is needed, checks, help.

    Choices stand with their codes: a code that changes is another answer.
    """
    parts = [
        field.get("label", field["name"]),
        TYPE_WORDS.get(field["type"], field["type"]),
        must_words(field, fields),
        "for each part" if field.get("per_part") else "",
        ", ".join(f"{label} ({code})" for code, label in field.get("choices", ())),
        LEAVING_OUT_WORDS.get(field.get("not_applicable", ""), ""),
        OUT_OF_FORCE_WORDS.get(field.get("not_in_force", ""), ""),
        ", ".join(check_words(field)),
        field.get("help", ""),
    ]
    return "; ".join(part for part in parts if part)


def must_words(field: Raw, fields: Sequence[Raw]) -> str:
    """Return when a field is needed: mandatory, optional, or by which answer."""
    when = field.get("required_when")
    if not when:
        return "mandatory" if field.get("required") else "optional"
    other = next((one for one in fields if one["name"] == when["field"]), {})
    among = ", ".join(answer_words(other, value) for value in when["in"])
    return f"mandatory when {other.get('label', when['field'])} is {among}"


def answer_words(field: Raw, value: object) -> str:
    """Return an answer that a condition names: a choice by its label, yes or no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(dict(field.get("choices", ())).get(value, value))


def check_words(field: Raw) -> list[str]:
    """Return the checks beside a field, each in words."""
    return [_check(one) for one in field.get("validators", ())]


def _check(one: Raw) -> str:
    value = one.get("value", "")
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    said = f"{one['rule'].replace('_', ' ')} {value}".strip()
    return f"{said} (“{one['message']}”)" if one.get("message") else said


@dataclasses.dataclass(frozen=True, slots=True)
class Carried:
    """What becomes of answers where another form asks: fields by their labels.

    An answer stays with the name of its field. ``kept`` are asked by both in the same
    way, ``narrowed`` with choices less, ``retyped`` in a way no answer fits, ``gone``
    not any more; ``required`` and ``optional`` are new.
    """

    kept: list[str] = dataclasses.field(default_factory=list)
    narrowed: list[str] = dataclasses.field(default_factory=list)
    retyped: list[str] = dataclasses.field(default_factory=list)
    gone: list[str] = dataclasses.field(default_factory=list)
    required: list[str] = dataclasses.field(default_factory=list)
    optional: list[str] = dataclasses.field(default_factory=list)

    @property
    def lines(self) -> list[tuple[str, list[str]]]:
        """Return what there is to say, each with its words."""
        said = {
            "Asked by both": self.kept,
            "With choices less": self.narrowed,
            "No answer fits": self.retyped,
            "Not asked any more": self.gone,
            "New, required": self.required,
            "New, optional": self.optional,
        }
        return [(words, fields) for words, fields in said.items() if fields]


def carried(before: Sequence[Raw], after: Sequence[Raw]) -> Carried:
    """Return which answers go over from one form to another, and what is new there."""
    found, old = Carried(), {one["name"]: one for one in before}
    for one in after:
        if one["name"] in old:
            _carry(found, old[one["name"]], one)
        else:
            _add(found, one, after)
    names = {one["name"] for one in after}
    found.gone.extend(one["label"] for one in before if one["name"] not in names)
    return found


def _carry(found: Carried, was: Raw, now: Raw) -> None:
    codes = {code for code, _ in now.get("choices", ())}
    lost = [label for code, label in was.get("choices", ()) if code not in codes]
    if _asked_as(was) != _asked_as(now):
        found.retyped.append(
            f"{now['label']}: {_asked_as(now)}, until now {_asked_as(was)}"
        )
    elif lost:
        found.narrowed.append(f"{now['label']}: without {', '.join(lost)}")
    else:
        found.kept.append(now["label"])


def _asked_as(one: Raw) -> str:
    each = ", for each part" if one.get("per_part") else ""
    return f"{TYPE_WORDS.get(one['type'], one['type'])}{each}"


def _add(found: Carried, one: Raw, fields: Sequence[Raw]) -> None:
    if one.get("required_when"):
        when = must_words(one, fields).removeprefix("mandatory ")
        found.required.append(f"{one['label']}, {when}")
    elif one.get("required"):
        found.required.append(one["label"])
    else:
        found.optional.append(one["label"])
