"""Made-up rows for tests: one factory a model, and a small site to stand on.

Rows of the set-up (people, queues, policies) are made directly; items are opened by
``services.opening``, so they have true clocks, scores and trails.
"""

from tests.factories.access import clear_for, grant, person
from tests.factories.claims import ClaimFactory
from tests.factories.items import GOOD_EVIDENCE, open_item, open_many, take
from tests.factories.people import ClearanceFactory, TeamFactory, UserFactory
from tests.factories.queues import (
    EvidenceTemplateFactory,
    QueueFactory,
    ReviewPolicyFactory,
    RoutingRuleFactory,
    SlaPolicyFactory,
)
from tests.factories.reference import CalendarFactory, FacilityFactory, PayerFactory
from tests.factories.site import Site, make_site

__all__ = [
    "GOOD_EVIDENCE",
    "CalendarFactory",
    "ClaimFactory",
    "ClearanceFactory",
    "EvidenceTemplateFactory",
    "FacilityFactory",
    "PayerFactory",
    "QueueFactory",
    "ReviewPolicyFactory",
    "RoutingRuleFactory",
    "Site",
    "SlaPolicyFactory",
    "TeamFactory",
    "UserFactory",
    "clear_for",
    "grant",
    "make_site",
    "open_item",
    "open_many",
    "person",
    "take",
]
