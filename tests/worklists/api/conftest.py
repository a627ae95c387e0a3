"""Clients of the API and a site for them to ask about."""

import pytest
from rest_framework.test import APIClient

from tests.factories import make_site


@pytest.fixture
def site(db):
    """A small site: one queue and a person of each role."""
    return make_site()


@pytest.fixture
def as_person():
    """Return a client that asks as a person; pass nobody for a stranger."""

    def client(user=None, **more) -> APIClient:
        made = APIClient(raise_request_exception=False, **more)
        if user is not None:
            made.force_login(user)
        return made

    return client
