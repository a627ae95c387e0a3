"""A site for selectors to read."""

import pytest

from tests.factories import make_site


@pytest.fixture
def site(db):
    """A small site: one queue and a person of each role."""
    return make_site()
