"""Whose manager or lead somebody is: the tree of teams, walked downwards."""

from __future__ import annotations

from django.db import connection
from django.db.models import QuerySet

from worklists.models import User

# A manager stands above lead and members, a lead above members, nobody above their
# own manager; who manages or leads a team brings that team's people along.
_STAFF = """
WITH RECURSIVE below (boss, person) AS (
    SELECT t.manager_id, m.user_id
      FROM worklists_team t JOIN worklists_teammember m ON m.team_id = t.id
    UNION
    SELECT manager_id, lead_id FROM worklists_team
    UNION
    SELECT t.lead_id, m.user_id
      FROM worklists_team t JOIN worklists_teammember m ON m.team_id = t.id
     WHERE m.user_id <> t.manager_id
),
staff (person) AS (
    SELECT person FROM below WHERE boss = %(user)s
    UNION
    SELECT b.person FROM below b JOIN staff s ON b.boss = s.person
)
SELECT person FROM staff WHERE person <> %(user)s
"""


def staff_ids(user: User) -> frozenset[int]:
    """Return the people below a manager or lead, through every team: one query.

    Kept on the user object, as what the person holds is.
    """
    kept: frozenset[int] | None = getattr(user, "_staff", None)
    if kept is None:
        with connection.cursor() as cursor:
            cursor.execute(_STAFF, {"user": user.pk})
            kept = frozenset(row[0] for row in cursor.fetchall())
        user._staff = kept  # type: ignore[attr-defined]  # noqa: SLF001 - our cache
    return kept


def staff_of(user: User) -> QuerySet[User]:
    """Return the active people below a manager or lead, by name."""
    rows = User.objects.filter(pk__in=staff_ids(user), is_active=True)
    return rows.order_by("last_name", "first_name", "username")
