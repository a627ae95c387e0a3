"""Set-up pages at ``/admin/``: people, teams, absences, clearances, payers, calendars.

Django's admin on a site of our own: only what is registered here, for people with the
role administrator; ``is_staff``, ``is_superuser`` and Django's permissions open nothing.
Every change goes through ``services.setting_up``, ``clearances`` or ``absences`` and
is an event. Queues, rules and policies are shown and not changed: a change of them takes two
people. Items, answers and the trail are not here.
"""

from worklists.admin import (
    absences,
    banners,
    calendars,
    clearances,
    guidance,
    people,
    reference,
    shown,
)
from worklists.admin.door import site

# Importing a subject registers its pages on the site.
__all__ = [
    "absences",
    "banners",
    "calendars",
    "clearances",
    "guidance",
    "people",
    "reference",
    "shown",
    "site",
]
