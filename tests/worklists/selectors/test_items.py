"""Lists of items: visible, filtered, ordered, in pages that count nothing."""

import pytest

from tests.factories import make_site, open_many
from worklists.selectors.items import items_for

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def test_items_for_shows_what_is_granted():
    site = make_site()
    items = open_many(site.queue, site.facility, 2)

    assert set(items_for(site.coder)) == set(items)
    assert list(items_for(site.outsider)) == []
