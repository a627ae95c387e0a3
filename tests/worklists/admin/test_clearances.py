"""Clearances in set-up: granted, taken back, refused with the reason."""

import pytest

from tests.factories.people import ClearanceFactory
from tests.worklists.admin.posting import HERE, events
from worklists.models import (
    ClearanceGrant,
)

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def test_a_clearance_is_granted_and_taken_back(site, admin):
    bundling = ClearanceFactory(slug="bundling")
    form = {"user": site.coder.pk, "clearance": bundling.pk}
    admin.post(f"{HERE}/clearancegrant/add/", form)
    grant = ClearanceGrant.objects.get()
    assert grant.granted_by == site.administrator

    admin.post(
        f"{HERE}/clearancegrant/",
        {"action": "take_back", "_selected_action": [grant.pk]},
    )

    grant.refresh_from_db()
    assert grant.revoked_at is not None
    assert [e[0] for e in events("clearance.granted")] == [site.coder.pk]
    assert [e[0] for e in events("clearance.revoked")] == [site.coder.pk]


def test_a_refused_grant_says_why_and_leaves_nothing(site, admin):
    form = {"user": site.administrator.pk, "clearance": ClearanceFactory().pk}

    answer = admin.post(f"{HERE}/clearancegrant/add/", form, follow=True)

    assert "Nobody grants or takes back their own" in answer.content.decode()
    assert not ClearanceGrant.objects.exists()
