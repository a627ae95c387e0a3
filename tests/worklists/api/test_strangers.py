"""Requests made up from the description itself: answered as described, never a fault.

Bounded: a few dozen requests an operation, in one transaction, by a coder who is
a manager too, so that nearly every address lets them in.
"""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.db.models import F
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import booleans
from rest_framework.authtoken.models import Token
from schemathesis.specs.openapi import checks

from tests.factories import make_site, open_many, take
from worklists.models import WorkItem

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
MOST = 12
# Rules go beyond shapes: a cursor of another list is a string and refused with 400.
TOO_STRICT = [checks.positive_data_acceptance]


@pytest.fixture
def wire():
    """Let requests of a real server's kind run inside the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def site(db, settings, tmp_path):
    """A site with items, one of them in the coder's hand."""
    settings.MEDIA_ROOT = tmp_path
    made = make_site()
    made.coder.groups.add(made.manager.groups.get())
    items = open_many(made.queue, made.facility, 3)
    take(items[0], made.coder)
    return made


@pytest.fixture
def headers(site, wire, monkeypatch):
    """What a coder's program sends; nobody is throttled."""
    rate = "worklists.throttles.PerPerson.rate"
    monkeypatch.setattr(rate, None, raising=False)
    return {"Authorization": f"Token {Token.objects.create(user=site.coder).key}"}


def aim(case):
    """Let a made-up request be about things that are there."""
    # The one in hand, or any once a request has given it back.
    item = WorkItem.objects.order_by(F("assignee").asc(nulls_last=True), "pk")[0]
    there = {"item_id": item.pk, "claim_id": item.claim_id, "slug": item.queue.slug}
    for name in set(there) & set(case.path_parameters or {}):
        case.path_parameters[name] = there[name]
    if isinstance(case.body, dict) and "version" in case.body:
        case.body["version"] = item.version


def operations():
    """Return every operation of the description, by its name."""
    described = SchemaGenerator().get_schema(request=None, public=True)
    schema = schemathesis.openapi.from_dict(described)
    schema.app = get_wsgi_application()
    found = (result.ok() for result in schema.get_all_operations())
    return {operation.label: operation for operation in found}


OPERATIONS = operations()


@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_strangers_requests_are_answered_as_described(label, headers):
    operation, asked = OPERATIONS[label], []

    @settings(
        max_examples=MOST,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), real=booleans())
    def answered_as_described(case, real):
        if real:
            aim(case)
        asked.append(case)
        case.call_and_validate(headers=headers, excluded_checks=TOO_STRICT)

    answered_as_described()
    assert asked
