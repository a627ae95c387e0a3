"""What comes to somebody while they are away, and how they get it back."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from audits.services.verification import verify_trail
from tests.factories import (
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
    do,
    events,
    fresh,
    hold,
    stands,
    submitted,
    team_up,
    until_somebody_waits,
)
from tests.worklists.services.timekeeping import DAY, HOUR, local
from worklists.models import (
    Absence,
    BulkAct,
    BulkActItem,
    Event,
    Notice,
    WorkItem,
)
from worklists.selectors.pages.escalations import escalations_for
from worklists.services.absences import cover, end_absence
from worklists.services.injected_time import at
from worklists.services.perform import perform
from worklists.services.sweep import sweep

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
HANDED = {"act": "hand_over", "class": "automatic", "version": 1}


@pytest.fixture
def site():
    return team_up(make_site())


class TestWhatComesWhileAway:
    """Returned or resumed work is passed on in the act that brings it."""

    def test_a_return_goes_to_the_backup_and_the_history_says_both(self, site):
        item = submitted(site)
        away(site)
        cover(EARLY)
        with at(EARLY + HOUR):
            returned = do(item, "return", site.reviewer, {"reason_code": "other"})
        assert stands(item) == ("returned", "other_coder")
        assert returned.assignee == site.other_coder
        rows = Event.objects.filter(subject_kind="item", subject_id=item.pk)
        first, second = rows.order_by("-seq")[:2][::-1]
        assert (first.action, first.actor_name) == ("item.returned", "reviewer")
        assert (second.action, second.actor_name) == ("item.assigned", "worker")
        assert json.loads(second.facts) == {
            "to": "other_coder",
            "was_with": "coder",
            "version": 5,
            "task_class": HANDED,
        }
        assert verify_trail().whole

    def test_it_comes_back_with_the_rest(self, site):
        item = submitted(site)
        absence = away(site)
        cover(EARLY)
        with at(EARLY + HOUR):
            do(item, "return", site.reviewer, {"reason_code": "other"})
        absence.refresh_from_db()
        assert absence.hand_over.done == 1
        cover(BACK)
        assert stands(item) == ("returned", "coder")

    def test_a_return_waits_for_who_is_back_in_time(self, site):
        item = submitted(site)
        WorkItem.objects.filter(pk=item.pk).update(
            internal_due_at=local("2026-03-08", "00:01")
        )
        away(site)
        cover(EARLY)
        with at(EARLY + HOUR):
            do(item, "return", site.reviewer, {"reason_code": "other"})
        assert stands(item) == ("returned", "coder")

    def test_who_is_here_keeps_what_is_returned(self, site):
        item = submitted(site)
        with at(EARLY):
            do(item, "return", site.reviewer, {"reason_code": "other"})
        assert stands(item) == ("returned", "coder")

    def test_who_logs_in_all_the_same_may_take_work(self, site):
        away(site)
        cover(EARLY)
        with at(EARLY + HOUR):
            item = take(open_item(site.queue, site.facility), fresh(site.coder))
        assert stands(item) == ("in_progress", "coder")


class TestComingBack:
    """What nobody touched comes back; the rest stays; both are told once."""

    def test_on_the_day_after(self, site):
        touched, left = hold(site, 2)
        absence = away(site)
        cover(EARLY)
        do(touched, "save_evidence", site.other_coder, evidence={"decision": "accept"})
        assert cover(BACK - HOUR)["came_back"] == 0

        assert cover(BACK) == {"handed_over": 0, "came_back": 1}

        assert stands(touched) == ("in_progress", "other_coder")
        assert stands(left) == ("in_progress", "coder")
        absence.refresh_from_db()
        assert absence.closed_at == BACK
        ((_, subject, actor, facts),) = events("absence.ended")
        assert (subject, actor) == (site.coder.pk, "worker")
        assert (facts["items"], facts["refused"]) == (1, 1)
        told = {
            n.user: (n.code, n.facts["items"], n.facts["stayed"])
            for n in Notice.objects.filter(created_at=BACK)
        }
        assert told == {
            site.coder: ("came_back", 1, 1),
            site.other_coder: ("cover_over", 1, 1),
        }
        assert verify_trail().whole

    def test_again_changes_nothing(self, site):
        hold(site)
        away(site)
        cover(EARLY)
        cover(BACK)
        counts = Event.objects.count(), Notice.objects.count()
        assert cover(BACK + DAY) == {"handed_over": 0, "came_back": 0}
        assert (Event.objects.count(), Notice.objects.count()) == counts

    def test_what_waits_in_the_pool_comes_back_too(self, site):
        taken, left = hold(site, 2)
        away(site, "pool")
        cover(EARLY)
        do(taken, "claim", site.apprentice)
        cover(BACK)
        assert stands(taken) == ("in_progress", "apprentice")
        assert stands(left) == ("in_progress", "coder")

    def test_it_does_not_go_idle_at_once(self):
        site = team_up(make_site(release_after_hours=4))
        (item,) = hold(site)
        away(site, ends=MONDAY, starts=MONDAY)
        cover(EARLY)
        with at(EARLY):
            WorkItem.objects.filter(pk=item.pk).update(wake_at=None)
        back = local("2026-03-03", "00:01")
        cover(back)
        sweep(back + timedelta(minutes=1))
        assert stands(item) == ("in_progress", "coder")

    def test_an_ended_absence_gives_nothing_back_twice(self, site):
        (item,) = hold(site)
        absence = away(site, when=EARLY)
        with at(EARLY + HOUR / 6):
            end_absence(actor=fresh(site.manager), absence_id=absence.pk)
        assert stands(item) == ("in_progress", "coder")
        do(item, "release", site.coder)
        do(item, "claim", site.apprentice)
        assert cover(BACK) == {"handed_over": 0, "came_back": 0}
        assert stands(item) == ("in_progress", "apprentice")


class TestTheLadder:
    """Whoever stands in for somebody is told what they are told, and may answer."""

    def test_the_backup_of_the_lead_is_told_and_may_answer(self, site):
        lead = site.queue.team.lead
        grant(lead, site.facility)
        (item,) = hold(site)
        Absence.objects.create(
            user=lead,
            starts_on=MONDAY,
            ends_on=FRIDAY,
            backup=site.other_coder,
            recorded_by=site.manager,
            handed_over_at=SUNDAY,
        )
        sweep(local("2026-03-06", "17:00"))
        told = Notice.objects.filter(code="ladder").values_list("user__username")
        assert sorted(told) == sorted([(lead.username,), ("other_coder",)])
        with at(local("2026-03-06", "18:00")):
            do(item, "escalate", site.coder, {"tell": "lead"})
            answered = do(
                item,
                "acknowledge_escalation",
                site.other_coder,
                {"outcome": "worked"},
            )
        assert answered.escalations.filter(acknowledged_by=site.other_coder).exists()

    def test_nobody_else_may(self, site):
        (item,) = hold(site)
        do(item, "escalate", site.coder, {"tell": "lead"})
        with pytest.raises(Exception, match="lead, supervisor or manager"):
            perform(
                item_id=item.pk,
                action="acknowledge_escalation",
                actor=fresh(site.other_coder),
                expected_version=WorkItem.objects.get(pk=item.pk).version,
                reason="Not mine.",
                options={"outcome": "worked"},
            )
        assert not BulkActItem.objects.exists()


def test_an_escalation_stands_before_who_stands_in_for_the_lead(site):
    lead = site.queue.team.lead
    (item,) = hold(site)
    do(item, "escalate", site.coder, {"tell": "lead"})
    assert not escalations_for(fresh(site.other_coder)).exists()
    record = {"starts_on": MONDAY, "ends_on": FRIDAY, "recorded_by": site.manager}
    Absence.objects.create(user=lead, backup=site.other_coder, **record)
    with at(EARLY):
        assert escalations_for(fresh(site.other_coder)).count() == 1
        assert not escalations_for(fresh(site.apprentice)).exists()
    with at(BACK):
        assert not escalations_for(fresh(site.other_coder)).exists()


class TestPassingOn:
    """What the worker's own event says, and what joins a hand-over."""

    def test_to_the_pool_it_is_released_and_not_left_idle(self, site):
        item = submitted(site)
        away(site, "pool")
        cover(EARLY)
        with at(EARLY + HOUR):
            do(item, "return", site.reviewer, {"reason_code": "other"})
        assert stands(item) == ("open", None)
        last = Event.objects.filter(subject_kind="item", subject_id=item.pk).last()
        assert (last.action, last.actor_name) == ("item.released", "worker")
        assert json.loads(last.facts) == {
            "to": "pool",
            "was_with": "coder",
            "version": 5,
            "task_class": HANDED,
        }


@pytest.mark.django_db(transaction=True)
def test_what_is_returned_while_the_person_comes_back_is_theirs():
    """The return waits for the act that puts the hand-over back, and then leaves it."""
    site = team_up(make_site())
    item = submitted(site)
    hold(site)
    absence = away(site)
    cover(EARLY)

    def give_back():
        try:
            with at(EARLY + HOUR):
                return do(item, "return", site.reviewer, {"reason_code": "other"})
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as reviewer:
        with transaction.atomic(), at(EARLY + HOUR):
            end_absence(actor=fresh(site.manager), absence_id=absence.pk)
            returned = reviewer.submit(give_back)
            until_somebody_waits()
        assert returned.result(30).state == "returned"
    assert stands(item) == ("returned", "coder")
    assert BulkAct.objects.get().done == 1
    assert not BulkActItem.objects.filter(item=item).exists()
