"""What people choose for themselves."""

from __future__ import annotations

from django.db import transaction

from worklists import trail
from worklists.models import User


def change_time_zone(*, person: User, zone: str) -> None:
    """Write everything for a person in another time zone from now on.

    Effects: the field and ``settings.changed`` with the zone before and after; the same
    zone again is no change and no event. No clock moves: due moments are moments.
    """
    with transaction.atomic():
        row = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if row.time_zone == zone:
            return
        trail.append_event(
            trail.Subject("user", row.pk),
            action="settings.changed",
            actor=row,
            facts={"changed": {"time_zone": [row.time_zone, zone]}},
        )
        row.time_zone = zone
        row.save(update_fields=["time_zone"])
