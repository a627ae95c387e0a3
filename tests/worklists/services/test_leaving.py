"""What is left to people is never dropped: it is said, told where assisted, and listed."""

import json

import pytest

from audits.services.verification import verify_trail
from tests.factories import GOOD_EVIDENCE, make_site, open_item
from tests.worklists.services.classes import choose
from tests.worklists.services.covering import (
    EARLY,
    SUNDAY,
    away,
    do,
    fresh,
    hold,
    stands,
    team_up,
)
from tests.worklists.services.timekeeping import DAY, HOUR, MONDAY, held, timed_site
from tests.worklists.services.timekeeping import local as moment
from worklists.errors import Conflict, NotPermitted, NotVisible
from worklists.models import Event, Notice, User
from worklists.selectors.automatic_acts import LEFT, automatic_acts, left_absences
from worklists.services.absences import cover, hand_over
from worklists.services.injected_time import at
from worklists.services.sweep import sweep

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
LATER = moment("2026-03-02", "10:00")


def submitted(site):
    """Return an item that the coder submitted and a senior has to decide."""
    User.objects.filter(pk=site.coder.pk).update(tier="apprentice")
    with at(SUNDAY):
        item = open_item(site.queue, site.facility)
        do(item, "claim", site.coder)
        do(item, "submit", site.coder, evidence=GOOD_EVIDENCE)
    return item


def told(code):
    rows = Notice.objects.filter(code=code).order_by("user__username")
    return list(rows.values_list("user__username", flat=True))


def left(user):
    with at(LATER):
        rows = automatic_acts(fresh(user), show=LEFT).rows
        return [(row.item.number, row.act.code, row.is_left) for row in rows]


class TestIdle:
    """Assisted tells the holder and the supervisor; human only stands in the list."""

    @pytest.mark.parametrize(
        ("chosen", "people"), [("assisted", ["coder", "sue"]), ("human_only", [])]
    )
    def test_who_is_told(self, chosen, people):
        site = timed_site(release_after_hours=9)
        item = held(site)
        choose(release_idle=chosen)
        sweep(MONDAY + DAY)
        sweep(MONDAY + 4 * DAY)
        assert told("left_release_idle") == people
        assert left(site.manager) == [(item.number, "release_idle", True)] * 2

    def test_once_somebody_acted_it_does_not_wait_any_more(self):
        site = timed_site(release_after_hours=9)
        item = held(site)
        choose(release_idle="human_only")
        sweep(MONDAY + DAY)
        do(item, "release", site.manager)
        assert left(site.manager) == [(item.number, "release_idle", False)]


class TestAHandOver:
    """Nothing moves on the first day; a lead or manager hands over, or does not."""

    @pytest.fixture
    def site(self):
        return team_up(make_site())

    @pytest.mark.parametrize("chosen", ["assisted", "human_only"])
    def test_everything_stays_and_is_said_once(self, site, chosen):
        [item] = hold(site)
        absence = away(site)
        choose(hand_over=chosen)
        assert cover(EARLY) == {"handed_over": 0, "came_back": 0}
        assert cover(EARLY + HOUR) == {"handed_over": 0, "came_back": 0}
        assert stands(item) == ("in_progress", "coder")
        event = Event.objects.get(action="absence.left_to_people")
        assert (event.subject_kind, event.subject_id) == ("user", site.coder.pk)
        assert json.loads(event.facts) == {
            "absence": absence.pk,
            "task_class": {"act": "hand_over", "class": chosen, "version": 2},
        }
        lead = site.queue.team.lead.username
        people = sorted([lead, "manager"]) if chosen == "assisted" else []
        assert told("left_absence") == people
        with at(LATER):
            assert left_absences(fresh(site.manager)) == [absence]
            assert left_absences(fresh(site.other_coder)) == []

    def test_a_manager_hands_over_now(self, site):
        [item] = hold(site)
        absence = away(site)
        choose(hand_over="assisted")
        cover(EARLY)
        with at(LATER):
            done, handed = hand_over(actor=fresh(site.manager), absence_id=absence.pk)
            assert left_absences(fresh(site.manager)) == []
        assert (stands(item), len(handed.plan.placings)) == (
            ("in_progress", "other_coder"),
            1,
        )
        assert done.handed_over_at == LATER
        event = Event.objects.get(action="absence.handed_over")
        assert event.actor_name == "manager"
        assert "task_class" not in json.loads(event.facts)

    def test_it_comes_back_by_itself_all_the_same(self, site):
        [item] = hold(site)
        absence = away(site)
        choose(hand_over="human_only")
        cover(EARLY)
        with at(LATER):
            hand_over(actor=fresh(site.manager), absence_id=absence.pk)
        assert cover(moment("2026-03-07", "00:01"))["came_back"] == 1
        assert stands(item) == ("in_progress", "coder")

    def test_one_that_was_handed_over_is_refused(self, site):
        hold(site)
        absence = away(site)
        cover(EARLY)
        with at(LATER), pytest.raises(Conflict) as refused:
            hand_over(actor=fresh(site.manager), absence_id=absence.pk)
        assert refused.value.code == "handed_over"

    def test_one_that_has_not_begun_is_refused(self, site):
        [item] = hold(site)
        absence = away(site)
        with at(moment("2026-03-01", "21:00")), pytest.raises(Conflict) as refused:
            hand_over(actor=fresh(site.manager), absence_id=absence.pk)
        assert refused.value.code == "not_begun"
        assert stands(item) == ("in_progress", "coder")

    @pytest.mark.parametrize("who", ["other_coder", "reviewer", "auditor"])
    def test_others_may_not(self, site, who):
        [item] = hold(site)
        absence = away(site)
        choose(hand_over="assisted")
        with at(LATER), pytest.raises((NotPermitted, NotVisible)):
            hand_over(actor=fresh(getattr(site, who)), absence_id=absence.pk)
        assert stands(item) == ("in_progress", "coder")

    def test_what_comes_to_them_meanwhile_is_left_too(self, site):
        item = submitted(site)
        away(site)
        cover(EARLY)
        choose(hand_over="assisted")
        with at(EARLY + HOUR):
            do(item, "return", site.reviewer, {"reason_code": "other"})
        assert stands(item) == ("returned", "coder")
        assert left(site.manager) == [(item.number, "hand_over", True)]
        people = sorted(["coder", site.queue.supervisor.username])
        assert told("left_hand_over") == people
        assert verify_trail().whole

    def test_giving_it_to_somebody_ends_the_wait(self, site):
        item = submitted(site)
        away(site)
        cover(EARLY)
        choose(hand_over="human_only")
        with at(EARLY + HOUR):
            do(item, "return", site.reviewer, {"reason_code": "other"})
            do(item, "assign", site.manager, {"to": "other_coder"})
        assert left(site.manager) == [(item.number, "hand_over", False)]
        assert told("left_hand_over") == []
