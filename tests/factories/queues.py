"""Queues with their form, review policy, service level and routing rule."""

from datetime import date

import factory

from tests.factories.people import TeamFactory, UserFactory
from worklists.models import (
    EvidenceTemplate,
    LadderStep,
    Queue,
    ReviewPolicy,
    RoutingRule,
    SlaPolicy,
)

KIND = "charge_review"
SINCE = date(2026, 1, 1)
FIELDS = [
    {
        "name": "decision",
        "label": "Decision",
        "type": "choice",
        "required": True,
        "choices": [["accept", "Accept it"], ["correct", "Correct it"]],
    },
    {
        "name": "why",
        "label": "Why",
        "type": "text",
        "required": True,
        "validators": [{"rule": "min_length", "value": 10}],
        "help": "One sentence that a stranger understands.",
    },
    {
        "name": "corrected_on",
        "label": "Corrected on",
        "type": "date",
        "required_when": {"field": "decision", "in": ["correct"]},
    },
    {"name": "note", "label": "Note", "type": "document"},
]


class EvidenceTemplateFactory(factory.django.DjangoModelFactory):
    """Two mandatory fields, one conditional one, one optional document."""

    class Meta:
        model = EvidenceTemplate

    slug = factory.Sequence(lambda n: f"form-{n}")
    name = "Charge review"
    kind = KIND
    fields = FIELDS
    effective_from = SINCE


class ReviewPolicyFactory(factory.django.DjangoModelFactory):
    """Nothing is reviewed but what an apprentice does."""

    class Meta:
        model = ReviewPolicy

    slug = factory.Sequence(lambda n: f"review-{n}")
    name = "Review"
    amount_from = None
    random_per_block = 0
    effective_from = SINCE


class SlaPolicyFactory(factory.django.DjangoModelFactory):
    """Forty business hours; the lead is told when they are over."""

    class Meta:
        model = SlaPolicy
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"sla-{n}")
    name = "One week"
    business_hours = 40
    effective_from = SINCE

    @factory.post_generation
    def steps(self, _create, _extracted, **_more):
        """Add the one rung."""
        LadderStep.objects.create(
            policy=self, clock_kind="internal", position=1, offset_hours=0, tell="lead"
        )


class QueueFactory(factory.django.DjangoModelFactory):
    """A queue whose items are routed to it by its own slug as the ``code`` fact."""

    class Meta:
        model = Queue
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"queue-{n}")
    name = factory.Sequence(lambda n: f"Charges {n}")
    kind = KIND
    purpose = "Charges that an edit stopped."
    team = factory.SubFactory(TeamFactory)
    supervisor = factory.SubFactory(UserFactory)
    review_on = date(2027, 1, 15)
    sla_policy = factory.SubFactory(SlaPolicyFactory)
    template = factory.SubFactory(EvidenceTemplateFactory)
    review_policy = factory.SubFactory(ReviewPolicyFactory)

    @factory.post_generation
    def rule(self, _create, _extracted, **_more):
        """Add the rule that leads here."""
        RoutingRuleFactory(
            kind=self.kind,
            queue=self,
            conditions=[{"field": "code", "op": "eq", "value": self.slug}],
        )


class RoutingRuleFactory(factory.django.DjangoModelFactory):
    """A rule that takes everything of its kind."""

    class Meta:
        model = RoutingRule

    kind = KIND
    position = factory.Sequence(lambda n: n + 1)
    name = "to its queue"
    queue = factory.SubFactory(QueueFactory)
