"""What the table says holds: in every event of the system, and against every act."""

import json

import pytest

from tests.factories import GOOD_EVIDENCE, make_site, open_item, take
from tests.worklists.services.classes import KIND, choose, propose
from tests.worklists.services.timekeeping import (
    DAY,
    MONDAY,
    act,
    actions,
    held,
    local,
    opened,
    pend,
    read,
    timed_site,
)
from worklists import trail
from worklists.context import now
from worklists.enums import Action, RuleState, State
from worklists.errors import BadInput, Conflict, NotPermitted
from worklists.models import Event, RuleVersion, User, WorkItem
from worklists.selectors import rules as selectors
from worklists.selectors.task_classes import read_once, table
from worklists.services import rules
from worklists.services.opening import open_items
from worklists.services.perform import perform
from worklists.services.sweep import sweep
from worklists.task_classes import SLUG, alone, shipped

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def said(event):
    """Return what an event says of its class."""
    return json.loads(event.facts).get("task_class")


class TestTheRule:
    """The table is a rule like any other: versions, two people, a reason."""

    def test_before_anybody_proposes_it_is_as_shipped(self):
        [version] = selectors.versions_of(KIND, SLUG)
        assert (version.number, version.content) == (1, {"classes": shipped()})
        assert (table().version, dict(table().classes)) == (1, shipped())

    def test_a_manager_proposes_and_another_puts_it_in_force(self):
        version = choose(release_idle="assisted")
        assert (version.number, version.state) == (2, RuleState.IN_FORCE)
        assert (table().version, table().of("release_idle")) == (2, "assisted")
        assert table().is_automatic("hand_over")
        states = dict(RuleVersion.objects.values_list("number", "state"))
        assert states == {1: "superseded", 2: "in_force"}

    def test_what_is_in_force_is_not_found_anew(self):
        choose(release_idle="assisted")
        assert selectors.as_found(KIND, SLUG) == []

    def test_nothing_changes_before_it_is_approved(self):
        site = make_site()
        propose(site.manager, release_idle="assisted")
        assert (table().version, table().is_automatic("release_idle")) == (1, True)

    @pytest.mark.parametrize("who", ["manager", "administrator"])
    def test_managers_and_administrators_propose(self, who):
        site = make_site()
        assert propose(getattr(site, who), hand_over="assisted").number == 2

    @pytest.mark.parametrize("who", ["coder", "reviewer", "auditor"])
    def test_nobody_else_does(self, who):
        site = make_site()
        with pytest.raises(NotPermitted):
            propose(getattr(site, who), hand_over="assisted")
        assert not RuleVersion.objects.exists()

    def test_nobody_approves_their_own(self):
        site = make_site()
        propose(site.manager, hand_over="assisted")
        with pytest.raises(NotPermitted) as refused:
            rules.approve(actor=site.manager, kind=KIND, slug=SLUG, number=2)
        assert refused.value.code == "two_people"
        assert table().is_automatic("hand_over")

    @pytest.mark.parametrize("code", ["decide_review", "submit", "reopen", "cancel"])
    def test_a_locked_act_is_never_made_automatic(self, code):
        site = make_site()
        with pytest.raises(BadInput, match="stays human only"):
            propose(site.manager, **{code: "automatic"})
        assert not RuleVersion.objects.exists()

    def test_a_second_proposal_waits_for_the_first(self):
        site = make_site()
        propose(site.manager, hand_over="assisted")
        with pytest.raises(Conflict):
            propose(site.administrator, hand_over="human_only")


class TestWithoutAPerson:
    """``perform`` does without a person what is automatic, and nothing else."""

    @pytest.mark.parametrize("action", [a for a in Action if alone(a) is None])
    def test_what_is_for_people_is_refused(self, action):
        site = make_site()
        item = take(open_item(site.queue, site.facility), site.coder)
        events = Event.objects.count()
        with pytest.raises(NotPermitted) as refused:
            perform(
                item_id=item.pk,
                action=action,
                actor=None,
                expected_version=None,
                evidence=GOOD_EVIDENCE,
                reason="the worker says so",
            )
        assert refused.value.code == "task_class"
        assert read(item).state == State.IN_PROGRESS
        assert (read(item).version, Event.objects.count()) == (item.version, events)

    @pytest.mark.parametrize("chosen", ["assisted", "human_only"])
    def test_what_a_site_leaves_to_people_is_refused_too(self, chosen):
        site = make_site()
        item = take(open_item(site.queue, site.facility), site.coder)
        choose(release_idle=chosen)
        with pytest.raises(NotPermitted):
            perform(
                item_id=item.pk, action="release", actor=None, expected_version=None
            )
        assert read(item).assignee == site.coder

    def test_a_person_releases_whatever_the_class(self):
        site = make_site()
        item = take(open_item(site.queue, site.facility), site.coder)
        choose(release_idle="human_only")
        perform(
            item_id=item.pk,
            action="release",
            actor=site.coder,
            expected_version=item.version,
        )
        event = Event.objects.get(action="item.released")
        assert (read(item).state, said(event)) == ("open", None)

    def test_the_trail_takes_no_act_without_a_class(self):
        site = make_site()
        item = open_item(site.queue, site.facility)
        row = trail.BulkRow(item.pk, "open", "open", {})
        with pytest.raises(LookupError, match=r"item\.prioritized"):
            trail.append_item_events([row], action="item.prioritized", actor=None)
        assert actions(item) == ["item.opened"]

    def test_the_trail_takes_no_act_that_was_left_to_people(self):
        site = make_site()
        item = open_item(site.queue, site.facility)
        choose(cancel_reversed="assisted")
        row = trail.BulkRow(item.pk, "open", "cancelled", {})
        with pytest.raises(NotPermitted):
            trail.append_item_events([row], action="item.cancelled", actor=None)
        assert actions(item) == ["item.opened"]


class TestEveryAutomaticActSaysSo:
    """Act, class and version of the table stand in each event of the system."""

    def test_a_sweep(self):
        site = timed_site(release_after_hours=9)
        pend(site.coder, held(site), MONDAY, MONDAY + DAY)
        choose(hand_over="assisted")
        sweep(MONDAY + 9 * DAY)
        events = Event.objects.filter(actor=None).exclude(action="item.opened")
        found = {event.action: said(event) for event in events}
        assert found == {
            action: {"act": code, "class": "automatic", "version": 2}
            for action, code in {
                "item.auto_resumed": "bring_back",
                "item.auto_released": "release_idle",
                "item.ladder_fired": "fire_step",
            }.items()
        }

    def test_an_opening_by_the_system_and_not_one_by_a_person(self):
        site = make_site()
        open_item(site.queue, site.facility)
        event = Event.objects.get(action="item.opened")
        facts = json.loads(event.facts)
        assert facts["task_class"] == {
            "act": "route",
            "class": "automatic",
            "version": 1,
        }
        assert facts["version"] == 1  # of the routing rule, as it was

    def test_an_act_of_a_person_says_nothing_of_it(self):
        site = timed_site()
        item = act(site.coder, opened(site), "claim", MONDAY)
        event = Event.objects.get(subject_id=item.pk, action="item.claimed")
        assert said(event) is None

    def test_a_sweep_reads_the_table_once(self, django_assert_num_queries):
        with read_once(), django_assert_num_queries(1):
            assert [table().version for _ in range(3)] == [1, 1, 1]

    def test_a_sweep_with_nothing_to_do_does_not_read_it(
        self, django_assert_num_queries
    ):
        with read_once(), django_assert_num_queries(0):
            open_items([], at=now())

    def test_a_run_goes_on_by_the_table_as_it_found_it(self):
        with read_once():
            assert table().version == 1
            choose(hand_over="assisted")
            assert table().version == 1
        assert table().version == 2


class TestTurnedOffAndOn:
    """An idle item is left, said so, and released once it may be again."""

    def idle(self, chosen):
        site = timed_site(release_after_hours=9)
        item = held(site)
        choose(release_idle=chosen)
        return site, item, sweep(MONDAY + DAY)

    @pytest.mark.parametrize("chosen", ["assisted", "human_only"])
    def test_it_stays_with_its_holder_and_the_trail_says_why(self, chosen):
        site, item, changes = self.idle(chosen)
        assert (changes["released"], changes["left_to_people"]) == (0, 1)
        assert (read(item).state, read(item).assignee) == ("in_progress", site.coder)
        assert read(item).version == item.version
        event = Event.objects.get(action="item.left_to_people")
        assert json.loads(event.facts) == {
            "version": item.version,
            "task_class": {"act": "release_idle", "class": chosen, "version": 2},
        }
        assert bytes(read(item).trail_hash) == bytes(event.hash)

    def test_it_is_looked_at_again_after_as_many_hours_and_not_before(self):
        _, item, _ = self.idle("assisted")
        assert read(item).wake_at == local("2026-03-03", "17:00")
        assert sweep(MONDAY + DAY)["left_to_people"] == 0
        assert sweep(MONDAY + 2 * DAY)["left_to_people"] == 1
        assert actions(item).count("item.left_to_people") == 2

    def test_turned_on_again_the_next_sweep_releases_it(self):
        _, item, _ = self.idle("assisted")
        choose(release_idle="automatic")
        put = Event.objects.filter(action="rule.put_in_force").latest("id")
        assert json.loads(put.facts)["looked_again"] == 1
        WorkItem.objects.update(
            wake_at=MONDAY + DAY
        )  # the test's clock stands in March
        assert sweep(MONDAY + DAY)["released"] == 1
        assert read(item).state == "open"
        event = Event.objects.get(action="item.auto_released")
        assert said(event)["version"] == 3

    def test_what_was_worked_meanwhile_is_not_released_when_turned_on(self):
        site, item, _ = self.idle("assisted")
        act(site.coder, item, "save_evidence", MONDAY + DAY, evidence=GOOD_EVIDENCE)
        choose(release_idle="automatic")
        WorkItem.objects.update(wake_at=MONDAY + DAY)
        assert sweep(MONDAY + DAY)["released"] == 0
        assert read(item).assignee == User.objects.get(pk=site.coder.pk)
