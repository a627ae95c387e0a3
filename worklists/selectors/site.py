"""Which day it is at the site: where its default facility is, else its first.

Rules begin on that day and clearances end with it. What ends or begins for a person by
a decision of others is never read in a zone that this person can choose; absences and
lent authority are days of the person who goes, where they are.
"""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import DateField, Expression, Func, Subquery, Value
from django.db.models.functions import Coalesce

from worklists.context import now
from worklists.models import Facility
from worklists.statements import Statement

NOWHERE = "UTC"  # before there is a facility
_FIRST = ("-is_default", "pk")


def site_today() -> date:
    """Return which day it is at the site."""
    found = _ZONE.first()
    return now().astimezone(ZoneInfo(found[0] if found else NOWHERE)).date()


_ZONE = Statement(
    lambda: Facility.objects.order_by(*_FIRST).values_list("calendar__time_zone")[:1]
)


def today_at_site(at: Expression | None = None) -> Func:
    """Return the day of ``site_today`` for a query, with no query of its own."""
    zones = Facility.objects.order_by(*_FIRST)
    return Func(
        at or Value(now()),
        Coalesce(Subquery(zones.values("calendar__time_zone")[:1]), Value(NOWHERE)),
        template="(%(expressions)s)::date",
        arg_joiner=" AT TIME ZONE ",
        output_field=DateField(),
    )
