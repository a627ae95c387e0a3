"""What lags or is wrong becomes one item; a daily verification keeps what it found."""

import pytest
from django.test import override_settings

from audits.models import Seal, SealCopy, TrailCheck
from audits.services import alarms, watching
from audits.services.watching import copy_and_watch, verify_when_due
from audits.tasks import copy_seals, seal, verify
from tests.audits.sealing import ready, seal_and_watch
from tests.factories import FacilityFactory, QueueFactory, open_item
from tests.factories.queues import RoutingRuleFactory
from worklists.enums import State
from worklists.models import Event, Queue, WorkItem

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]
LATE = override_settings(SEAL_LAG_MINUTES=-1)


@pytest.fixture
def reports(place):
    """A site with a queue for issue reports."""
    FacilityFactory(is_default=True)
    queue = QueueFactory(kind="issue_report")
    RoutingRuleFactory(kind="issue_report", queue=queue, conditions=[])
    return place


def opened():
    return list(WorkItem.objects.order_by("pk").values_list("reason_code", flat=True))


def test_a_quiet_site_opens_nothing(reports, act):
    act(2)
    assert seal_and_watch() == 3
    assert copy_and_watch() == 1
    assert seal_and_watch() == 0
    assert opened() == []


def test_an_event_that_waits_too_long_opens_one_item(reports, act, monkeypatch):
    act()
    monkeypatch.setattr(watching, "seal_trail", lambda: 0)
    with LATE:
        seal_and_watch()
        seal_and_watch()
    assert opened() == ["seal_lag"]
    item = WorkItem.objects.get()
    assert (item.kind, item.state) == ("issue_report", State.OPEN)
    assert item.reason_label == "Events wait too long for their seal"
    assert Event.objects.filter(action="item.opened").count() == 1


def test_a_seal_that_waits_too_long_for_its_copy_opens_one_item(reports, act):
    act()
    seal_and_watch()
    reports.folder.rmdir()
    assert copy_and_watch() == 0
    assert opened() == [], "it has not waited long"
    with LATE:
        copy_and_watch()
        copy_and_watch()
    assert opened() == ["seal_copy_lag"]
    assert SealCopy.objects.count() == 0


def test_a_seal_that_waited_while_nothing_ran_is_copied_and_not_reported(reports, act):
    act()
    seal_and_watch()
    with LATE:
        assert copy_and_watch() == 1
    assert opened() == []


def test_a_missing_key_opens_one_item_and_seals_nothing(reports, act):
    seal_and_watch()
    reports.key.unlink()
    act()
    assert [seal_and_watch(), seal_and_watch()] == [0, 0]
    assert opened() == ["seal_key"]
    assert Seal.objects.count() == 1


def test_after_the_item_was_closed_the_same_trouble_opens_another(reports):
    first = alarms.report(alarms.BEHIND)
    assert alarms.report(alarms.BEHIND) is None
    WorkItem.objects.filter(pk=first).update(state=State.COMPLETED)
    assert alarms.report(alarms.BEHIND) not in {None, first}


def test_a_site_without_a_queue_for_reports_goes_on(place, act, caplog):
    act()
    assert alarms.report(alarms.BEHIND) is None
    FacilityFactory(is_default=True)
    assert alarms.report(alarms.BEHIND) is None
    assert opened() == []
    assert "not reported: bad_input" in caplog.text


def test_a_verification_is_kept_and_not_repeated_before_its_time(
    reports, act, settings
):
    act()
    ready()
    seal.delay()
    copy_seals.delay()
    verify.delay()
    kept = TrailCheck.objects.get()
    assert (kept.whole, kept.events, kept.seals, kept.first_fault) == (True, 2, 1, "")
    assert verify_when_due() is None
    settings.VERIFY_EVERY_HOURS = 0
    assert verify_when_due() is not None
    assert TrailCheck.objects.count() == 2
    assert opened() == []


def test_a_fault_opens_one_item_that_names_its_kind(reports, act, by_force, settings):
    settings.VERIFY_EVERY_HOURS = 0
    act(2)
    seal_and_watch()
    by_force("UPDATE trail_event SET source = 'api' WHERE seq = 2")

    found = verify_when_due()
    verify_when_due()

    assert (found.faults, found.first_fault) == (1, "hash_mismatch")
    assert opened() == ["trail_broken"]
    assert WorkItem.objects.get().reason_label == (
        "The trail does not verify: hash_mismatch"
    )


def test_a_second_verifier_does_nothing(reports):
    import threading

    from django.db import connection

    from audits.services.locks import one_at_a_time

    found = []

    def run():
        try:
            found.append(verify_when_due())
        finally:
            connection.close()

    with one_at_a_time("verify_trail") as alone:
        assert alone
        thread = threading.Thread(target=run)
        thread.start()
        thread.join(20)
    assert found == [None]
    assert TrailCheck.objects.count() == 0
    assert verify_when_due() is not None


def test_what_somebody_opened_by_hand_silences_no_alarm(reports):
    queue = Queue.objects.get(kind="issue_report")
    item = open_item(queue, FacilityFactory(), reason_code=alarms.BROKEN)
    assert item.claim_id
    assert alarms.report(alarms.BROKEN) is not None
    assert alarms.report(alarms.BROKEN) is None
    assert opened() == [alarms.BROKEN] * 2
