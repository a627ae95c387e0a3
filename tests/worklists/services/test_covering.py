"""What an absence moves: to the backup or the pool, and what it cannot move."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audits.services.verification import verify_trail
from tests.factories import (
    GOOD_EVIDENCE,
    ClearanceFactory,
    QueueFactory,
    clear_for,
    grant,
    make_site,
    open_item,
    take,
)
from tests.worklists.services.covering import (
    BACK,
    EARLY,
    FRIDAY,
    MONDAY,
    SUNDAY,
    away,
    clocks,
    do,
    events,
    fresh,
    hold,
    of_each_state,
    stands,
    submitted,
    team_up,
    until_somebody_waits,
)
from tests.worklists.services.timekeeping import DAY, HOUR, local
from worklists.errors import Conflict, NotPermitted, WrongState
from worklists.models import (
    Absence,
    BulkAct,
    BulkActItem,
    Event,
    Notice,
    Reason,
    Review,
    User,
    WorkItem,
)
from worklists.services import covering
from worklists.services.absences import cover, end_absence, preview_absence
from worklists.services.injected_time import at
from worklists.services.locks import hold_person
from worklists.services.placing import by_person
from worklists.services.sweep import sweep
from worklists.services.taking_back import take_back

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
HANDED = {"act": "hand_over", "class": "automatic", "version": 1}


@pytest.fixture
def site():
    return team_up(make_site())


class TestTheFirstDay:
    """On the first day, where the person is, the worker moves what they hold."""

    def test_everything_goes_to_the_backup_in_its_state(self, site):
        held = of_each_state(site)
        absence = away(site)
        assert stands(held["in_progress"]) == ("in_progress", "coder")

        assert cover(EARLY) == {"handed_over": 1, "came_back": 0}

        assert {state: stands(item) for state, item in held.items()} == {
            state: (state, "other_coder") for state in held
        }
        absence.refresh_from_db()
        assert (absence.handed_over_at, absence.hand_over.done) == (EARLY, 4)
        assert absence.hand_over.actor is None

    def test_the_day_begins_where_the_person_is(self, site):
        User.objects.filter(pk=site.coder.pk).update(time_zone="Pacific/Honolulu")
        (item,) = hold(site)
        away(site)
        assert cover(EARLY + 3 * HOUR)["handed_over"] == 0
        assert stands(item) == ("in_progress", "coder")
        assert cover(EARLY + 4 * HOUR)["handed_over"] == 1
        assert stands(item) == ("in_progress", "other_coder")

    def test_each_item_says_who_why_and_by_what_act(self, site):
        (item,) = hold(site)
        absence = away(site)
        cover(EARLY)
        absence.refresh_from_db()
        event = Event.objects.filter(subject_kind="item", subject_id=item.pk).last()
        assert (event.action, event.actor_name, event.actor_role) == (
            "item.assigned",
            "worker",
            "system",
        )
        assert (event.object_kind, event.object_id) == (
            "bulk_act",
            absence.hand_over_id,
        )
        assert json.loads(event.facts) == {
            "to": "other_coder",
            "was_with": "coder",
            "version": 3,
            "task_class": HANDED,
        }
        said = Reason.objects.get(item=item)
        assert said.value == f"{site.coder} is away until Fri Mar\N{NO-BREAK SPACE}6."
        ((kind, subject, actor, facts),) = events("absence.handed_over")
        assert (kind, subject, actor) == ("user", site.coder.pk, "worker")
        assert (facts["went"], facts["items"]) == ({"other_coder": 1}, 1)
        assert verify_trail().whole

    def test_no_clock_moves(self, site):
        of_each_state(site)
        away(site)
        before = clocks()
        assert len(before) == 4
        cover(EARLY)
        assert clocks() == before
        cover(BACK)
        assert clocks() == before

    def test_twice_changes_nothing_more(self, site):
        hold(site, 2)
        away(site)
        cover(EARLY)
        count = Event.objects.count()
        assert cover(EARLY + HOUR) == {"handed_over": 0, "came_back": 0}
        assert (Event.objects.count(), BulkAct.objects.count()) == (count, 1)

    def test_a_day_late_is_caught_up(self, site):
        (item,) = hold(site)
        away(site)
        assert cover(EARLY + 2 * DAY)["handed_over"] == 1
        assert stands(item) == ("in_progress", "other_coder")

    def test_after_the_last_day_nothing_is_moved_any_more(self, site):
        (item,) = hold(site)
        absence = away(site)
        assert cover(BACK) == {"handed_over": 0, "came_back": 1}
        assert stands(item) == ("in_progress", "coder")
        absence.refresh_from_db()
        assert (absence.handed_over_at, absence.closed_at) == (None, BACK)

    def test_it_is_done_at_once_when_the_day_has_come(self, site):
        (item,) = hold(site)
        absence = away(site, when=EARLY)
        assert stands(item) == ("in_progress", "other_coder")
        assert absence.hand_over.actor == site.manager
        assert events("absence.handed_over")[0][2] == "manager"

    def test_both_are_told_once(self, site):
        hold(site, 3)
        away(site)
        cover(EARLY)
        told = {n.user: (n.code, n.facts["items"]) for n in Notice.objects.all()}
        assert told == {
            site.coder: ("handed_away", 3),
            site.other_coder: ("covering", 3),
        }

    def test_the_pool_takes_it_where_the_pool_was_named(self, site):
        held = of_each_state(site)
        away(site, "pool")
        cover(EARLY)
        assert {state: stands(item) for state, item in held.items()} == {
            "open": ("open", None),
            "in_progress": ("open", None),
            "returned": ("open", None),
            "pending": ("pending", "coder"),
        }

    @pytest.mark.parametrize("count", [1, 4])
    def test_it_costs_the_same_with_more_items(
        self, site, count, django_assert_num_queries
    ):
        hold(site, count)
        away(site)
        with django_assert_num_queries(24):
            cover(EARLY)


class TestWhatTheBackupCannotHave:
    """It goes to the pool and is named; nobody gets more than they could be given."""

    def foreseen(self, site, backup="other_coder"):
        with at(SUNDAY):
            return preview_absence(
                actor=fresh(site.manager),
                user_id=site.coder.pk,
                starts_on=MONDAY,
                ends_on=FRIDAY,
                backup=backup,
            )

    def test_without_the_queue_or_the_facility(self, site):
        queue = QueueFactory(team=site.queue.team, name="Other")
        grant(site.coder, queue, "work")
        grant(site.manager, queue, "manage")
        with at(SUNDAY):
            item = take(open_item(queue, site.facility), fresh(site.coder))
        seen = self.foreseen(site)
        assert seen.hand_over.passed_by == {
            f"{site.other_coder} does not work the queue “Other”.": [item.number]
        }
        assert by_person(seen.hand_over.plan) == {"pool": 1}
        assert stands(item) == ("in_progress", "coder")
        assert not Absence.objects.exists()
        away(site)
        cover(EARLY)
        assert stands(item) == ("open", None)

    def test_beyond_the_queues_limit(self):
        site = team_up(make_site(max_in_hand=2))
        items = hold(site, 2)
        with at(SUNDAY):
            take(open_item(site.queue, site.facility), site.other_coder)
        away(site)
        cover(EARLY)
        assert sorted(map(stands, items), key=str) == [
            ("in_progress", "other_coder"),
            ("open", None),
        ]

    def test_what_they_decided_a_review_of(self, site):
        with at(SUNDAY):
            item = open_item(site.queue, site.facility)
        grant(site.reviewer, site.queue, "work")
        do(item, "claim", site.apprentice)
        do(item, "submit", site.apprentice, evidence=GOOD_EVIDENCE)
        do(item, "return", site.reviewer, {"reason_code": "other"})
        WorkItem.objects.filter(pk=item.pk).update(assignee=site.coder)
        assert Review.objects.get().reviewer == site.reviewer
        seen = self.foreseen(site, "reviewer")
        assert list(seen.hand_over.passed_by) == [
            f"{site.reviewer} decided a review of it, so somebody else works on it."
        ]

    def test_who_is_away_too_gets_nothing(self, site):
        (item,) = hold(site)
        with at(SUNDAY):
            Absence.objects.create(
                user=site.other_coder,
                starts_on=MONDAY,
                ends_on=MONDAY,
                recorded_by=site.manager,
                handed_over_at=SUNDAY,
            )
        seen = self.foreseen(site)
        said = "; what comes on these days goes to the pool."
        days = "from Mon Mar\N{NO-BREAK SPACE}2 to Mon Mar\N{NO-BREAK SPACE}2"
        assert seen.warnings == [f"{site.other_coder} is away too {days}{said}"]
        away(site)
        cover(EARLY)
        assert stands(item) == ("open", None)

    def test_a_returned_item_waits_where_the_coder_is_back_in_time(self, site):
        item = of_each_state(site)["returned"]
        WorkItem.objects.filter(pk=item.pk).update(
            internal_due_at=local("2026-03-08", "00:01")
        )
        away(site)
        cover(EARLY)
        assert stands(item) == ("returned", "coder")
        ((_, _, _, facts),) = events("absence.handed_over")
        assert (facts["items"], facts["refused"]) == (3, 1)


class TestClearance:
    """A backup without the clearance never gets an item, whichever way it comes."""

    @pytest.fixture
    def site(self):
        site = team_up(make_site(clearance=ClearanceFactory()))
        for person in (site.coder, site.apprentice):
            clear_for(person, site.queue.clearance)
        return site

    def test_not_at_the_start(self, site):
        items = list(of_each_state(site).values())
        away(site)
        cover(EARLY)
        assert {stands(item)[1] for item in items} == {None, "coder"}
        assert stands(items[2]) == ("pending", "coder")

    def test_not_by_a_return(self, site):
        item = submitted(site)
        away(site)
        cover(EARLY)
        with at(EARLY + HOUR):
            returned = do(item, "return", site.reviewer, {"reason_code": "other"})
        assert (returned.state, returned.assignee) == ("open", None)
        assert stands(item) == ("open", None)

    def test_not_when_a_deferral_ends(self, site):
        item = of_each_state(site)["pending"]
        absence = away(site)
        cover(EARLY)
        Absence.objects.filter(pk=absence.pk).update(ends_on="2026-03-30")
        sweep(local("2026-03-20", "09:00"))
        assert stands(item) == ("open", None)

    def test_not_by_an_early_end_nor_by_undo(self, site):
        items = hold(site, 2)
        absence = away(site, when=EARLY)
        act = absence.hand_over
        with at(EARLY + HOUR / 6), pytest.raises(WrongState, match="End the absence"):
            take_back(actor=fresh(site.manager), bulk_act_id=act.pk)
        assert {stands(item) for item in items} == {("open", None)}
        with at(EARLY + 2 * HOUR):
            end_absence(actor=fresh(site.manager), absence_id=absence.pk)
        assert {stands(item) for item in items} == {("in_progress", "coder")}

    def test_who_lost_it_meanwhile_gets_nothing_back(self, site):
        clear_for(site.other_coder, site.queue.clearance)
        (item,) = hold(site)
        away(site)
        cover(EARLY)
        assert stands(item) == ("in_progress", "other_coder")
        site.coder.clearance_grants.update(revoked_at=SUNDAY)
        cover(BACK)
        assert stands(item) == ("in_progress", "other_coder")


class TestGivingToWhoIsAway:
    """Work is given to somebody who is away only where that is meant."""

    def test_a_manager_is_told_and_may_insist(self, site):
        away(site)
        cover(EARLY)
        with at(EARLY + HOUR):
            item = open_item(site.queue, site.facility)
            with pytest.raises(NotPermitted, match=r"away until Fri Mar.6;") as refused:
                do(item, "assign", site.manager, {"to": "coder"})
            assert refused.value.code == "away"
            assert stands(item) == ("open", None)
            do(item, "assign", site.manager, {"to": "coder", "even_away": "yes"})
        assert stands(item) == ("open", "coder")


@pytest.mark.django_db(transaction=True)
def test_two_workers_move_it_once():
    """While one worker holds the absence, another passes it by and waits for nobody."""
    site = team_up(make_site())
    (item,) = hold(site)
    absence = away(site)
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        Absence.objects.select_for_update().get(pk=absence.pk)
        assert other.submit(_cover_beside).result(30)["handed_over"] == 0
        assert stands(item) == ("in_progress", "coder")
    with ThreadPoolExecutor(2) as workers:
        done = [workers.submit(_cover_beside) for _ in range(2)]
        assert sum(one.result(30)["handed_over"] for one in done) == 1
    assert stands(item) == ("in_progress", "other_coder")
    assert (BulkAct.objects.count(), BulkActItem.objects.count()) == (1, 1)
    assert len(events("absence.handed_over")) == 1


def _cover_beside():
    try:
        return cover(EARLY)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_managers_never_record_shared_days():
    """The second one waits for the person, sees the first one's days and is refused."""
    site = team_up(make_site())

    def record():
        try:
            return away(site).pk
        except Conflict as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as managers:
        said = [one.result(30) for one in [managers.submit(record) for _ in range(2)]]
    assert said.count("shared_days") == 1
    assert Absence.objects.count() == 1


class TestMoreThanAnActMoves:
    """The first ones go; what is beyond stays and is counted."""

    def test_the_rest_stays(self, site, monkeypatch):
        monkeypatch.setattr(covering, "MOST", 2)
        items = hold(site, 3)
        away(site)
        cover(EARLY)
        assert [stands(item)[1] for item in items] == [
            "other_coder",
            "other_coder",
            "coder",
        ]
        ((_, _, _, facts),) = events("absence.handed_over")
        assert (facts["items"], facts["refused"]) == (2, 1)

    def test_it_is_said_before(self, site, monkeypatch):
        monkeypatch.setattr(covering, "MOST", 2)
        hold(site, 4)
        with at(SUNDAY):
            seen = preview_absence(
                actor=fresh(site.manager),
                user_id=site.coder.pk,
                starts_on=MONDAY,
                ends_on=FRIDAY,
                backup="other_coder",
            )
        left = seen.hand_over.plan.left
        assert [(one.id, one.why) for one in left] == [
            (0, "An absence moves 2 items.")
        ] * 2
        assert by_person(seen.hand_over.plan) == {"other_coder": 2}

    def test_no_more_is_read_than_is_moved(self, site, monkeypatch):
        monkeypatch.setattr(covering, "MOST", 2)
        hold(site, 3)
        away(site)
        with CaptureQueriesContext(connection) as asked:
            cover(EARLY)
        (read,) = [
            q["sql"]
            for q in asked
            if "worklists_workitem" in q["sql"] and "FOR NO KEY UPDATE" in q["sql"]
        ]
        assert "LIMIT 2" in read


@pytest.mark.django_db(transaction=True)
def test_who_records_an_absence_never_locks_up_with_who_takes_an_item():
    """One holds an item and then asks for the person; the other waits for the item."""
    site = team_up(make_site())
    (item,) = hold(site)

    def record():
        try:
            return away(site, when=EARLY).hand_over.done
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as manager:
        with transaction.atomic():
            WorkItem.objects.select_for_update(no_key=True).get(pk=item.pk)
            recorded = manager.submit(record)
            until_somebody_waits()
            hold_person(site.coder)
        assert recorded.result(30) == 1
    assert stands(item) == ("in_progress", "other_coder")
