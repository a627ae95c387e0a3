"""Clients of the API, and people of the site that takes remittances."""

import pytest
from rest_framework.test import APIClient

from tests.factories import person
from worklists.enums import Role


@pytest.fixture
def as_person():
    """Return a client that asks as a person."""

    def client(user) -> APIClient:
        made = APIClient(raise_request_exception=False)
        made.force_login(user)
        return made

    return client


@pytest.fixture
def people(site):
    """A coder, a manager and an auditor of the two denial queues; a stranger."""
    queues, here = [site.bundling, site.other], {"facilities": [site.facility]}
    return {
        "coder": person(Role.CODER, username="coder", works=queues, **here),
        "manager": person(Role.MANAGER, username="manager", manages=queues, **here),
        "auditor": person(Role.AUDITOR, username="auditor", views=queues, **here),
        "admin": person(Role.ADMINISTRATOR, username="admin"),
        "stranger": person(Role.CODER, username="stranger"),
    }
