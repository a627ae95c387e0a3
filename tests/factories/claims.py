"""Claims."""

from datetime import date
from decimal import Decimal

import factory

from tests.factories.reference import FacilityFactory, PayerFactory
from worklists.context import now
from worklists.models import Claim


class ClaimFactory(factory.django.DjangoModelFactory):
    """One claim of an invented patient."""

    class Meta:
        model = Claim

    payee_id = "1999999984"
    patient_control_number = factory.Sequence(lambda n: f"PCN{n:06d}")
    service_from = date(2026, 8, 14)
    service_to = date(2026, 8, 14)
    facility = factory.SubFactory(FacilityFactory)
    payer = factory.SubFactory(PayerFactory)
    payer_name = factory.LazyAttribute(lambda c: c.payer.name if c.payer else "")
    patient_name = "DOE, JORDAN"
    member_id = "W123456789"
    provider_name = "Dr. S. Osei"
    specialty = "Gastroenterology"
    charge = Decimal("2980.00")
    paid = Decimal("0.00")
    created_at = factory.LazyFunction(now)
