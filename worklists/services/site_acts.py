"""Acts of the site on itself, such as a new key of its seals: one chain, ``site:1``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from worklists import trail

SITE = trail.Subject("site", 1)


def record(*, action: str, facts: Mapping[str, Any]) -> None:
    """Write one event on the site's own chain. It has no person: a command or worker."""
    with transaction.atomic():
        trail.append_event(SITE, action=action, actor=None, facts=facts)
