"""Payers as choices of a filter."""

from __future__ import annotations

from worklists.models import Payer

MOST = 40


def payers_in_use() -> list[Payer]:
    """Return the payers known to the site, by name, at most ``MOST``."""
    return list(Payer.objects.only("slug", "name").order_by("name")[:MOST])
