"""The demonstration loads whole: every state, thousands of events, a trail that holds."""

from __future__ import annotations

from datetime import date

import pytest
from django.db.models import Count

from audits.services.verification import verify_trail
from seeds import demo
from seeds.loading import load_reference
from worklists.enums import State
from worklists.models import Absence, Escalation, Event, Installation, WorkItem

pytestmark = [pytest.mark.heavy, pytest.mark.django_db(transaction=True)]


def test_the_small_demonstration() -> None:
    Installation.objects.update(purpose="demo")
    load_reference()
    said: list[str] = []
    assert demo.load(demo.SIZES["small"], today=date(2026, 11, 20), say=said.append)
    states = dict(WorkItem.objects.values_list("state").annotate(Count("id")))
    assert set(states) == set(State.values)
    assert sum(states.values()) >= 1_200
    assert Event.objects.count() >= 6_000
    assert Absence.objects.count() == 1
    waiting = Escalation.objects.filter(needs_acknowledgement=True)
    assert waiting.filter(acknowledged_at=None).exists()
    assert waiting.filter(acknowledged_at__isnull=False).exists()
    assert WorkItem.objects.filter(kind="ingest_exception").exists()
    assert verify_trail().whole
    assert not demo.load(demo.SIZES["small"], today=date(2026, 11, 20), say=said.append)
