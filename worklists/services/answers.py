"""Writing answers: append-only versions, one for each field that changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worklists import evidence, trail
from worklists.context import now
from worklists.errors import BadInput
from worklists.models import Answer, User, WorkItem
from worklists.selectors.evidence import Asked


def refuse_wrong_shapes(asked: Asked, given: Mapping[str, Any]) -> None:
    """Unknown fields and values of the wrong type are refused, all at once."""
    errors = evidence.shape_errors(asked.fields, given, asked.parts)
    if errors:
        raise BadInput(
            "Some answers cannot be read: " + ", ".join(sorted(errors)) + ".",
            fields=errors,
        )


def changed(asked: Asked, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers that differ from what is stored."""
    return {
        name: value for name, value in given.items() if asked.answers.get(name) != value
    }


def write_answers(
    item: WorkItem, asked: Asked, *, actor: User, answers: Mapping[str, Any]
) -> list[bytes]:
    """Append one version of each answer and return their commitments.

    ``asked`` is the evidence as it stood, read under the item's lock.
    """
    if not answers:
        return []
    rows = []
    for name, value in answers.items():
        words = trail.commit(value)
        rows.append(
            Answer(
                item=item,
                field=name,
                version=asked.versions.get(name, 0) + 1,
                template_id=item.template_id,
                saved_by=actor,
                saved_at=now(),
                content=words.content,
                salt=words.salt,
                commitment=words.digest,
            )
        )
    Answer.objects.bulk_create(rows)
    return [bytes(row.commitment) for row in rows]
