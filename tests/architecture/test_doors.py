"""Deny by default: every address declares who may use it, and refuses the others."""

import pytest
from django.test import Client

from tests.architecture.addresses import addresses
from tests.factories import person
from worklists.enums import Role
from worklists.selectors.access import access_of
from worklists.views.access import nobody_needed

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
ADDRESSES = {address.name: address for address in addresses()}
CLOSED = {n: a for n, a in ADDRESSES.items() if a.policy is not nobody_needed}


def test_the_walk_finds_pages_and_api():
    assert {"worklists:item", "api:act", "audits:trail", "denials-api:denials"} <= set(
        ADDRESSES
    )
    assert len(ADDRESSES) > 40


def test_every_view_declares_its_policy():
    open_to_all = [n for n, one in ADDRESSES.items() if not callable(one.policy)]
    assert open_to_all == [], "declare `policy` on the view"


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_is_let_in(method):
    assert len(CLOSED) > 40
    for name, address in sorted(CLOSED.items()):
        answer = getattr(Client(), method)(address.path)
        if name.startswith(("api:", "denials-api:", "audits-api:")):
            assert answer.status_code == 401, name
        else:
            assert answer.status_code == 302, name
            assert answer["Location"].startswith("/login/"), name


@pytest.mark.parametrize("role", Role)
def test_the_wrong_role_is_refused_everywhere(role):
    user = person(role)
    # Asked in place: the same door, and no whole page to draw for each refusal.
    client = Client(raise_request_exception=False, headers={"HX-Request": "true"})
    client.force_login(user)
    barred = [a for a in CLOSED.values() if a.policy(access_of(user))]

    for address in barred:
        answers = [client.get(address.path), client.post(address.path)]
        assert {a.status_code for a in answers} <= {403, 405}, address.name
        assert 403 in {a.status_code for a in answers}, address.name
