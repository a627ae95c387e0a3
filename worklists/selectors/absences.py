"""Who is away, who stands in, and which absences touch which days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from worklists.models import Absence, User
from worklists.selectors.people import begun, on_today, over
from worklists.selectors.staff import staff_ids


def absences_of(user: User) -> QuerySet[Absence]:
    """Return a person's absences, the newest first."""
    return user.absences.select_related("user", "backup", "recorded_by", "hand_over")


def absences_for(user: User) -> QuerySet[Absence]:
    """Return the absences a person may know of: their own, those in which they stand
    in, and those of the people below them."""
    mine = Q(user=user) | Q(backup=user) | Q(user_id__in=staff_ids(user))
    rows = Absence.objects.filter(mine)
    return rows.select_related("user", "backup", "recorded_by", "hand_over")


def ahead_of(user: User) -> list[Absence]:
    """Return the open absences of a person and those in which they stand in."""
    mine = Q(user=user) | Q(backup=user)
    rows = Absence.objects.filter(mine, closed_at=None)
    return list(rows.select_related("user", "backup").order_by("starts_on", "pk"))


def open_on(user: User, starts_on: date, ends_on: date) -> QuerySet[Absence]:
    """Return a person's open absences that share a day with these."""
    rows = absences_of(user).filter(
        closed_at=None, starts_on__lte=ends_on, ends_on__gte=starts_on
    )
    return rows.order_by("starts_on")


def covered_by(user: User, starts_on: date, ends_on: date) -> QuerySet[Absence]:
    """Return the open absences in which a person stands in on some of these days."""
    rows = user.covers.filter(
        closed_at=None, starts_on__lte=ends_on, ends_on__gte=starts_on
    )
    return rows.select_related("user", "backup").order_by("starts_on")


def in_a_circle(absence: Absence) -> list[User]:
    """Return who would stand in for each other on the same days, or nobody.

    Followed from the backup on: whoever stands in for them on these days, and so on
    back to the person.
    """
    chain, person = [absence.user], absence.backup
    days = (absence.starts_on, absence.ends_on)
    while person is not None and person not in chain:
        chain.append(person)
        theirs = open_on(person, *days).filter(backup__isnull=False).first()
        person = theirs.backup if theirs else None
    return chain if person == absence.user else []


def away_now(user_ids: Iterable[int] | None = None) -> list[Absence]:
    """Return the absences that hold today, of these people or of everybody."""
    rows = Absence.objects.filter(on_today())
    if user_ids is not None:
        rows = rows.filter(user_id__in=list(user_ids))
    related = ("user", "backup", "recorded_by", "hand_over")
    return list(rows.select_related(*related).order_by("ends_on", "user__last_name"))


def absence_today(user_id: int | None) -> Absence | None:
    """Return the absence of a person who is away today, None for who is here."""
    return next(iter(away_now([user_id])), None) if user_id is not None else None


class Covers:
    """Who stands in for whom today: read once, asked often."""

    def __init__(self) -> None:
        self._away = {row.user_id: row for row in away_now()}

    def backup_of(self, user_id: int | None) -> User | None:
        """Return the first person along the line of backups who is here."""
        seen: set[int | None] = set()
        while user_id in self._away and user_id not in seen:
            seen.add(user_id)
            backup = self._away[user_id].backup
            if backup is None or not backup.is_active:
                return None
            if backup.pk not in self._away:
                return backup
            user_id = backup.pk
        return None


def to_begin() -> list[int]:
    """Return the absences whose first day has come and that moved nothing yet."""
    return _ids(begun())


def to_end() -> list[int]:
    """Return the absences whose last day is over."""
    return _ids(over())


def _ids(condition: Q) -> list[int]:
    return list(
        Absence.objects.filter(condition).order_by("pk").values_list("pk", flat=True)
    )
