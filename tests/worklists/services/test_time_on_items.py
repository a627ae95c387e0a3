"""Time on items: counted by the server between beats, corrected by its own person."""

import hashlib
import json
from datetime import datetime, timedelta
from threading import Thread

import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories import (
    GOOD_EVIDENCE,
    QueueFactory,
    grant,
    make_site,
    open_item,
    take,
)
from tests.locks import until_one_waits
from tests.worklists.services.timekeeping import MONDAY, local
from worklists.errors import BadInput, Conflict, NotPermitted, NotVisible
from worklists.models import (
    Event,
    Reason,
    Review,
    TimeCorrection,
    TimeSpell,
    User,
    WorkItem,
)
from worklists.selectors.time_on_items import Done, done_by, everybodys_time, own_time
from worklists.services.injected_time import at
from worklists.services.perform import perform
from worklists.services.time_on_items import beat, correct_time

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

WHY = "The chart lay on paper."


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def item(site):
    return held(site)


def held(site, by=None) -> WorkItem:
    with at(MONDAY):
        return take(open_item(site.queue, site.facility), by or site.coder)


def act(item, actor, action, **more) -> WorkItem:
    version = WorkItem.objects.get(pk=item.pk).version
    return perform(
        item_id=item.pk, action=action, actor=actor, expected_version=version, **more
    )


def beats(item, actor, *seconds: float, start: datetime = MONDAY) -> None:
    """Let the page say at these seconds that the person is at work."""
    for second in seconds:
        with at(start + timedelta(seconds=second)):
            beat(item_id=item.pk, actor=actor)


def spells() -> list[int]:
    return list(TimeSpell.objects.order_by("pk").values_list("seconds", flat=True))


def row(item) -> dict:
    return WorkItem.objects.filter(pk=item.pk).values().get()


def fail(error, **asked) -> None:
    """Ask for a correction that is refused, and see that nothing changed."""
    item = WorkItem.objects.get(pk=asked["item_id"])
    before, events = row(item), Event.objects.count()
    kept = TimeCorrection.objects.count()
    with pytest.raises(error):
        correct_time(**({"minutes": 9, "reason": WHY} | asked))
    assert row(item) == before
    assert (Event.objects.count(), TimeCorrection.objects.count()) == (events, kept)


class TestCounting:
    @pytest.mark.parametrize(
        ("seconds", "counted"),
        [
            ((0,), [0]),
            ((0, 60, 120), [120]),
            ((0, 60.9, 119.2), [119]),
            ((0, 90), [90]),
            ((0, 91), [90]),
            ((0, 180), [90]),
            ((0, 181), [0, 0]),
            ((0, 60, 241, 301), [60, 60]),
            ((0, 10, 20, 60), [60]),
            ((0, 60, 60, 120), [120]),
        ],
    )
    def test_what_beats_add(self, site, item, seconds, counted):
        beats(item, site.coder, *seconds)
        assert spells() == counted

    def test_a_clock_that_goes_back_adds_nothing_and_takes_nothing(self, site, item):
        beats(item, site.coder, 0, 60, 30, 90)
        assert spells() == [90]
        beats(item, site.coder, -4000, 80)
        assert spells() == [90]

    def test_midnight_ends_no_spell(self, site, item):
        night = local("2026-03-02", "23:59")
        beats(item, site.coder, 0, 60, 120, start=night)
        [spell] = TimeSpell.objects.all()
        assert (spell.begun_at, spell.seconds) == (night, 120)
        assert spell.last_seen_at == local("2026-03-03", "00:01")

    def test_two_windows_of_two_items_count_the_time_once(self, site, item):
        other = held(site)
        for second in range(0, 240, 60):
            beats(item, site.coder, second)
            beats(other, site.coder, second + 20)
        assert (own_time(site.coder, item.pk).seconds) == 120
        assert (own_time(site.coder, other.pk).seconds) == 60
        assert sum(spells()) == 180  # from the other's first beat on: 20 to 200

    def test_it_writes_no_event_and_leaves_the_item_alone(self, site, item):
        before, events = row(item), Event.objects.count()
        beats(item, site.coder, 0, 60)
        assert (row(item), Event.objects.count()) == (before, events)

    def test_it_costs_the_same_at_the_first_and_at_a_later_beat(
        self, site, item, django_assert_num_queries
    ):
        beats(item, site.coder, 0)
        with (
            at(MONDAY + timedelta(seconds=60)),
            django_assert_num_queries(5),  # item, savepoint and its end, lock, upsert
        ):
            beat(item_id=item.pk, actor=site.coder)


class TestWhoseTimeCounts:
    @pytest.mark.parametrize(
        "who", ["other_coder", "manager", "reviewer", "auditor", "administrator"]
    )
    def test_who_only_reads_writes_nothing(self, site, item, who):
        with pytest.raises(NotPermitted):
            beats(item, getattr(site, who), 0)
        assert spells() == []

    def test_who_does_not_see_it_writes_nothing(self, site, item):
        with pytest.raises(NotVisible):
            beats(item, site.outsider, 0)
        assert spells() == []

    def test_the_senior_counts_while_it_is_reviewed_and_the_coder_does_not(self, site):
        item = held(site, site.apprentice)
        act(item, site.apprentice, "submit", evidence=GOOD_EVIDENCE)
        beats(item, site.reviewer, 0, 60)
        with pytest.raises(NotPermitted):
            beats(item, site.apprentice, 0)
        assert everybodys_time(item.pk) == [(site.reviewer, 1)]

    def test_nobody_counts_on_an_item_that_rests_or_has_ended(self, site, item):
        act(item, site.coder, "submit", evidence=GOOD_EVIDENCE)
        assert WorkItem.objects.get().state == "completed"
        with pytest.raises(NotPermitted):
            beats(item, site.coder, 0)
        assert spells() == []


class TestCorrecting:
    def test_from_and_to_stand_in_the_trail_and_the_words_beside_it(self, site, item):
        beats(item, site.coder, 0, 60, 120)
        before = row(item)

        correct_time(item_id=item.pk, actor=site.coder, minutes=12, reason=f" {WHY} ")

        kept = TimeCorrection.objects.get()
        assert (kept.user, kept.seconds, kept.minutes) == (site.coder, 600, 12)
        event = Event.objects.get(action="item.time_corrected")
        assert json.loads(event.facts) == {}
        assert (event.seq, kept.seq) == (before["trail_seq"] + 1,) * 2
        said = Reason.objects.get(seq=event.seq)
        digest = hashlib.sha256(bytes(said.salt) + said.content.encode()).digest()
        assert said.value == f"2 to 12 min: {WHY}"
        assert said.action == "item.time_corrected"
        assert [bytes(one) for one in event.commitments] == [digest]
        after = row(item)
        changed = {
            name for name in before if bytes_of(before[name]) != bytes_of(after[name])
        }
        assert changed == {"trail_seq", "trail_hash"}

    def test_later_beats_add_to_it_and_it_may_go_down(self, site, item):
        beats(item, site.coder, 0, 60)
        correct_time(item_id=item.pk, actor=site.coder, minutes=0, reason=WHY)
        assert own_time(site.coder, item.pk).minutes == 0
        beats(item, site.coder, 120)
        assert own_time(site.coder, item.pk).seconds == 60
        correct_time(item_id=item.pk, actor=site.coder, minutes=3, reason=WHY)
        assert own_time(site.coder, item.pk).seconds == 180

    def test_who_has_time_on_it_corrects_it_after_it_is_closed(self, site, item):
        beats(item, site.coder, 0, 60)
        act(item, site.coder, "submit", evidence=GOOD_EVIDENCE)
        correct_time(item_id=item.pk, actor=site.coder, minutes=5, reason=WHY)
        assert own_time(site.coder, item.pk).minutes == 5

    @pytest.mark.parametrize("who", ["other_coder", "manager", "reviewer", "auditor"])
    def test_nobody_corrects_where_they_have_none(self, site, item, who):
        beats(item, site.coder, 0, 60)
        fail(NotPermitted, item_id=item.pk, actor=getattr(site, who))
        assert own_time(site.coder, item.pk).seconds == 60

    def test_what_is_not_seen_is_not_corrected(self, site, item):
        fail(NotVisible, item_id=item.pk, actor=site.outsider)

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"minutes": -1}, "minutes"),
            ({"minutes": 1441}, "minutes"),
            ({"reason": " \x00"}, "reason"),
            ({"reason": "\u200b\u2060"}, "reason"),
            ({"reason": "x" * 401}, "reason"),
        ],
    )
    def test_what_is_out_of_bounds_is_refused_by_name(self, site, item, given, field):
        fail(BadInput, item_id=item.pk, actor=site.coder, **given)
        with pytest.raises(BadInput) as refused:
            correct_time(
                **{"item_id": item.pk, "actor": site.coder, "minutes": 9, "reason": WHY}
                | given
            )
        assert set(refused.value.fields) == {field}

    def test_what_stands_already_is_no_correction(self, site, item):
        beats(item, site.coder, 0, 60, 120)
        fail(Conflict, item_id=item.pk, actor=site.coder, minutes=2)

    @pytest.mark.parametrize("change", ["update", "delete"])
    def test_the_database_keeps_every_correction(self, site, item, change):
        correct_time(item_id=item.pk, actor=site.coder, minutes=5, reason=WHY)
        rows = TimeCorrection.objects.all()
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(minutes=6) if change == "update" else rows.delete()
        assert TimeCorrection.objects.get().minutes == 5


def bytes_of(value):
    return bytes(value) if isinstance(value, memoryview) else value


class TestAMonthsWork:
    def test_completed_median_and_misses_by_queue(self, site):
        items = [held(site) for _ in range(4)]
        for item, minutes in zip(items[:3], (1, 3, 11), strict=True):
            correct_time(item_id=item.pk, actor=site.coder, minutes=minutes, reason=WHY)
        for item in items:
            act(item, site.coder, "submit", evidence=GOOD_EVIDENCE)

        assert done_by(site.coder, site.coder) == [Done(site.queue, 4, 3, 3, 15, 0, 0)]

    def test_what_was_completed_before_the_window_is_out(self, site, item):
        with at(MONDAY):
            act(item, site.coder, "submit", evidence=GOOD_EVIDENCE)
        with at(MONDAY + timedelta(days=30)):
            assert [one.completed for one in done_by(site.coder, site.coder)] == [1]
        with at(MONDAY + timedelta(days=30, seconds=1)):
            assert done_by(site.coder, site.coder) == []

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_costs_the_same_with_more_queues(
        self, site, count, django_assert_num_queries
    ):
        for _ in range(count):
            queue = QueueFactory(team=site.queue.team)
            grant(site.coder, queue, "work")
            coder = User.objects.get(pk=site.coder.pk)
            item = take(open_item(queue, site.facility), coder)
            act(item, coder, "submit", evidence=GOOD_EVIDENCE)
        with django_assert_num_queries(3):
            assert len(done_by(site.coder, site.coder)) == count

    def test_others_read_no_single_items_time_and_no_queue_they_do_not_see(self, site):
        other = QueueFactory(team=site.queue.team)
        grant(site.coder, other, "work")
        coder = User.objects.get(pk=site.coder.pk)
        for queue, count in ((site.queue, 4), (other, 1)):
            for _ in range(count):
                item = take(open_item(queue, site.facility), coder)
                correct_time(item_id=item.pk, actor=coder, minutes=7, reason=WHY)
                act(item, coder, "submit", evidence=GOOD_EVIDENCE)
        assert done_by(coder, site.manager) == [
            Done(site.queue, 4, 4, None, None, 0, 0)
        ]
        item = take(open_item(site.queue, site.facility), coder)
        correct_time(item_id=item.pk, actor=coder, minutes=17, reason=WHY)
        act(item, coder, "submit", evidence=GOOD_EVIDENCE)
        assert done_by(coder, site.manager) == [Done(site.queue, 5, 5, 7, 45, 0, 0)]
        assert {one.queue for one in done_by(coder, coder)} == {site.queue, other}

    def test_random_checks_stand_beside_it(self, site):
        item = held(site, site.apprentice)
        act(item, site.apprentice, "submit", evidence=GOOD_EVIDENCE)
        Review.objects.update(random_pick=True)
        act(
            item,
            site.reviewer,
            "fix_and_approve",
            evidence={"why": "It stands on page 4 of the note."},
            reason="Page.",
        )
        assert [
            (d.checked, d.missed) for d in done_by(site.apprentice, site.apprentice)
        ] == [(1, 1)]


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_the_same_moment_count_once(transactional_db):
    site = make_site()
    item = held(site)
    beats(item, site.coder, 0)
    late = Thread(target=lambda: (beats(item, site.coder, 60), connection.close()))
    with transaction.atomic():
        beats(item, site.coder, 60)
        late.start()
        until_one_waits()
    late.join(30)
    assert spells() == [60]
