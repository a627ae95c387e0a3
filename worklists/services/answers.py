"""Writing answers: append-only versions, one for each field that changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

from worklists import evidence, trail
from worklists.context import now
from worklists.errors import BadInput
from worklists.models import User, WorkItem
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
    """Append one version of each answer; return their commitments by field's name.

    The event names its fields in the same order, which binds each answer to its
    field. ``asked`` is the evidence as it stood, read under the item's lock.
    """
    if not answers:
        return []
    fields = sorted(answers)
    words = [trail.commit(answers[name]) for name in fields]
    values: dict[str, Any] = {
        "item": item.pk,
        "template": item.template_id,
        "by": actor.pk,
        "at": now(),
        "fields": fields,
        "versions": [asked.versions.get(name, 0) + 1 for name in fields],
        "contents": [one.content for one in words],
        "salts": [one.salt for one in words],
        "commitments": [one.digest for one in words],
    }
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, values)
    return [one.digest for one in words]


# One text for any number of answers, so that the server keeps its plan.
_APPEND = """
INSERT INTO worklists_answer (item_id, template_id, saved_by_id, saved_at,
                              field, version, content, salt, commitment)
SELECT %(item)s, %(template)s, %(by)s, %(at)s, a.*
  FROM unnest(%(fields)s::text[], %(versions)s::int[], %(contents)s::text[],
              %(salts)s::bytea[], %(commitments)s::bytea[]) AS a
"""
