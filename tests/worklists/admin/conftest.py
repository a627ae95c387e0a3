"""A site, its administrator's browser, and that of a site that has nothing yet."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from tests.factories import make_site, person
from worklists.enums import Role


@pytest.fixture
def site(db):
    """A small site with every role as a group."""
    for role in Role:
        Group.objects.get_or_create(name=role.value)
    return make_site()


@pytest.fixture
def admin(site):
    """An administrator's browser."""
    client = Client()
    client.force_login(site.administrator)
    return client


@pytest.fixture
def at_new_site(db):
    """The browser of the administrator of a site that has nothing else yet."""
    client = Client()
    client.force_login(person(Role.ADMINISTRATOR))
    return client
