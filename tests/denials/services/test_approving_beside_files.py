"""A version is approved while a file is being read: neither waits, none is missed."""

import json
from threading import Thread

import pytest
from django.db import connection, transaction

from denials.models import ProfileVersion
from denials.selectors.recounting import effect_of
from denials.services.approving import approve, propose
from denials.services.drafting import LevelRow, begin_draft, save_draft
from denials.services.following import follow_profiles
from tests.denials.remit import clp, interchange, payment, svc
from tests.factories import person
from worklists.enums import Role
from worklists.models import Event, ItemClock

pytestmark = pytest.mark.django_db(transaction=True)
SLUG = "medicare-ffs"
DENIED = svc("HC:45380", "300", cas=[("CO", "97", "300")], control="L1")
FILE = interchange(payment(clp("PCN1", DENIED), trace="T1", on="20261021"))


@pytest.fixture
def waiting(site):
    """A version that waits, of 70 days for the first level."""
    author = person(Role.MANAGER, username="maria")
    begin_draft(actor=author, slug=SLUG)
    row = LevelRow(1, "Redetermination", "42 CFR 405.942", days=70)
    save_draft(actor=author, slug=SLUG, note="", levels=[row])
    return propose(actor=author, slug=SLUG, effective_from=None, reason="It changed")


@pytest.fixture
def decide(waiting):
    decider = person(Role.ADMINISTRATOR, username="david")
    seen = effect_of(waiting, waiting.effective_from).key
    return lambda: approve(actor=decider, slug=SLUG, number=waiting.number, looked=seen)


def state():
    return ProfileVersion.objects.get(profile__slug=SLUG, number=2).state


def sources():
    return list(ItemClock.objects.filter(kind="legal").values_list("source", flat=True))


def said():
    rows = Event.objects.filter(action="profile.clocks_moved")
    return [json.loads(event.facts)["clocks"] for event in rows]


def test_what_a_file_opens_meanwhile_is_moved_when_it_is_there(decide, ingest):
    """The file has read the version before; nobody waits for it, nothing ends before."""
    beside = Thread(target=_in_a_thread, args=(decide,))
    with transaction.atomic():
        ingest(FILE)
        beside.start()
        beside.join(timeout=30)
        assert not beside.is_alive()
        worker = Thread(target=_in_a_thread, args=(follow_profiles,))
        worker.start()
        worker.join(timeout=30)
        assert said() == []
    assert state() == "in_force"
    [source] = sources()
    assert source.startswith(f"{SLUG} v1 level 1 ")

    assert follow_profiles() == 1

    assert sources() == [f"{SLUG} v2 level 1 (not verified)"]
    assert Event.objects.filter(action="item.clock_moved").count() == 1
    assert (said(), follow_profiles()) == ([1], 0)


def test_what_opens_after_the_approval_has_the_new_version(decide, ingest):
    decide()
    ingest(FILE)
    assert sources() == [f"{SLUG} v2 level 1 (not verified)"]
    assert (follow_profiles(), said()) == (0, [0])


def _in_a_thread(act):
    try:
        act()
    finally:
        connection.close()
