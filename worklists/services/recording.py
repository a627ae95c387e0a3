"""Acts on things of other apps, on chains of their own: the apps write none themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worklists import trail
from worklists.models import User
from worklists.services.acts import clean_reason


def record_act(
    *,
    actor: User | None,
    about: trail.Subject,
    action: str,
    facts: Mapping[str, Any],
    words: str = "",
) -> trail.Commitment | None:
    """Write one event on the chain of ``about``, bound to a person's words, if any.

    The caller is inside the transaction of the act and keeps the commitment's content
    and salt in a redactable row of its own; the event has the digest alone. Facts are
    codes and numbers, never text.
    """
    said = clean_reason(words)
    bound = trail.commit(said) if said else None
    trail.append_event(
        about,
        action=action,
        actor=actor,
        facts=facts,
        commitments=[bound.digest] if bound else [],
    )
    return bound
