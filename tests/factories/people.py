"""People, teams and clearances."""

import factory

from worklists.enums import Tier
from worklists.models import Clearance, Team, User


class UserFactory(factory.django.DjangoModelFactory):
    """A person without any role or grant; logs in by ``force_login`` only."""

    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"person{n}")
    first_name = "Ana"
    last_name = factory.Sequence(lambda n: f"Ruiz{n}")
    email = factory.LazyAttribute(lambda u: f"{u.username}@example.org")
    password = "!"
    tier = Tier.INDEPENDENT


class TeamFactory(factory.django.DjangoModelFactory):
    """A team with a lead and a manager."""

    class Meta:
        model = Team

    slug = factory.Sequence(lambda n: f"team-{n}")
    name = factory.Sequence(lambda n: f"Team {n}")
    lead = factory.SubFactory(UserFactory)
    manager = factory.SubFactory(UserFactory)


class ClearanceFactory(factory.django.DjangoModelFactory):
    """A named competence."""

    class Meta:
        model = Clearance

    slug = factory.Sequence(lambda n: f"clearance-{n}")
    name = factory.Sequence(lambda n: f"Denials {n}")
