"""Choices and conditions of a template's fields as lines that people type, both ways.

A choice that is there stands with its code before the label: ``write_off: Written
off``; a new one is a label, and its code is made from it. Answers already given,
judgements and approvals name codes, so a new label beside a code changes nothing else.
Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from worklists.evidence.template import CHOICE_TYPES
from worklists.template_words import answer_words

Pairs = Sequence[Sequence[str]]
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
LONGEST_CODE = 36
_FLAGS = {"yes": True, "no": False}


def code_of(label: str, taken: Collection[str] = ()) -> str:
    """Return a code made from a label that none of ``taken`` has."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    base = words if words[:1].isalpha() else f"field_{words}".rstrip("_")
    base = base[:LONGEST_CODE].rstrip("_")
    code, number = base, 2
    while code in taken:
        code, number = f"{base}_{number}", number + 1
    return code


def choice_lines(choices: Pairs) -> str:
    """Return choices one a line, each with its code."""
    return "\n".join(f"{code}: {label}" for code, label in choices)


def _split(line: str, known: Collection[str]) -> tuple[str, str] | None:
    code, mark, label = line.partition(": ")
    if mark and label.strip() and (code in known or _CODE.fullmatch(code)):
        return code, label.strip()
    return None


def choices_of(text: str, before: Pairs = ()) -> list[list[str]]:
    """Return the choices that lines say; a label that was there keeps its code.

    Lines that nobody touched stay as they were written. ``ValueError`` names a code
    that stands twice.
    """
    if text == choice_lines(before):
        return [list(pair) for pair in before]
    codes = {label: code for code, label in before}
    found: list[list[str]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        said = _split(line, {code for code, _ in before})
        code, label = said or (codes.get(line) or code_of(line), line)
        if code in {one for one, _ in found}:
            raise ValueError(f"“{label}” stands twice, or as another with its code.")
        found.append([code, label])
    return found


def answer_lines(field: Mapping[str, Any], values: Iterable[object]) -> str:
    """Return the answers that a condition names, one a line."""
    return "\n".join(answer_words(field, value) for value in values)


def answers_of(
    text: str, field: Mapping[str, Any], before: Pairs = ()
) -> list[str | bool]:
    """Return the answers that lines name; ``ValueError`` for one that is none.

    A choice is named by its label, by the one it had ``before``, or by its code.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if field["type"] not in {*CHOICE_TYPES, "yes_no"}:
        return list(lines)
    known: dict[str, str | bool] = dict(_FLAGS)
    if field["type"] != "yes_no":
        pairs = field.get("choices", ())
        codes = {code for code, _ in pairs}
        known = {old.casefold(): code for code, old in before if code in codes}
        known |= {label.casefold(): code for code, label in pairs}
        known |= {code.casefold(): code for code, _ in pairs}
    strange = [line for line in lines if line.casefold() not in known]
    if strange:
        labels = ", ".join(label for _, label in field.get("choices", ())) or "yes, no"
        raise ValueError(
            f"“{strange[0]}” is no answer to “{field['label']}”. It has: {labels}."
        )
    return [known[line.casefold()] for line in lines]
