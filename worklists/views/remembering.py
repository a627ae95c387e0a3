"""A list stands as the person left it: its filters, order and columns, for the session.

What is remembered is the address's own query, which holds codes and never patient data.
"""

from __future__ import annotations

from django.http import HttpRequest

from worklists.views.list_page import query

LISTS = "lists"
MOST = 40


def remember(request: HttpRequest) -> None:
    """Remember how a list was asked for, once it has been shown."""
    asked = query(request.GET)
    kept: dict[str, str] = request.session.get(LISTS, {})
    if not asked or kept.get(request.path) == asked:
        return
    others = [(path, text) for path, text in kept.items() if path != request.path]
    request.session[LISTS] = dict([*others, (request.path, asked)][-MOST:])


def remembered(request: HttpRequest) -> str:
    """Return how the person left this list in this session, or nothing."""
    return str(request.session.get(LISTS, {}).get(request.path, ""))
