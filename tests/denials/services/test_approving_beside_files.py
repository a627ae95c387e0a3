"""A version is approved while a file is being read: neither misses the other."""

from threading import Thread

import pytest
from django.db import connection, connections, transaction

from denials.models import ProfileVersion
from denials.services import approving
from denials.services.approving import approve, propose
from denials.services.drafting import LevelRow, begin_draft, save_draft
from denials.services.recounting import effect_of
from tests.denials.remit import clp, interchange, payment, svc
from tests.factories import person
from tests.locks import until_one_waits
from worklists.enums import Role
from worklists.errors import Conflict
from worklists.models import Event, ItemClock
from worklists.services.batches.process import STORE_LOCK

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


def test_while_a_file_is_read_nothing_is_approved(decide, monkeypatch):
    monkeypatch.setattr(approving, "SECONDS_TO_WAIT", 1)
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, 0)", [STORE_LOCK])
            with pytest.raises(Conflict, match="A file is being read; try again"):
                decide()
            cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        other.close()
    assert state() == "proposed"
    assert not Event.objects.filter(action="profile.approved").exists()
    decide()
    assert state() == "in_force"


def test_what_a_file_opened_meanwhile_is_shown_before_it_is_moved(decide, ingest):
    said = []

    def run():
        try:
            decide()
        except Conflict as conflict:
            said.append(conflict.code)
        finally:
            connection.close()

    beside = Thread(target=run)
    with transaction.atomic():
        ingest(FILE)
        beside.start()
        until_one_waits()
    beside.join(timeout=30)
    assert said == ["effect_changed"]
    assert state() == "proposed"
    assert " v1 level 1 " in ItemClock.objects.get(kind="legal").source


def test_later_locks_wait_as_long_as_before(decide):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '7s'")
        decide()
        cursor.execute("SELECT current_setting('lock_timeout')")
        assert cursor.fetchone() == ("7s",)
