"""Facilities, calendars and payers."""

import factory

from worklists.models import BusinessCalendar, Facility, Payer

WEEKDAYS = {str(day): [["08:00", "17:00"]] for day in range(1, 6)}


class CalendarFactory(factory.django.DjangoModelFactory):
    """Monday to Friday, 08:00 to 17:00, Chicago."""

    class Meta:
        model = BusinessCalendar

    slug = factory.Sequence(lambda n: f"calendar-{n}")
    name = "Weekdays"
    weekly_hours = WEEKDAYS


class FacilityFactory(factory.django.DjangoModelFactory):
    """A hospital known by one payee id."""

    class Meta:
        model = Facility

    slug = factory.Sequence(lambda n: f"facility-{n}")
    name = factory.Sequence(lambda n: f"Hospital {n}")
    calendar = factory.SubFactory(CalendarFactory)
    payee_ids = factory.Sequence(lambda n: [f"19{n:08d}"])


class PayerFactory(factory.django.DjangoModelFactory):
    """A payer that nobody watches."""

    class Meta:
        model = Payer

    slug = factory.Sequence(lambda n: f"payer-{n}")
    name = factory.Sequence(lambda n: f"Meridian PPO {n}")
    payer_ids = factory.Sequence(lambda n: [f"MER{n}"])
