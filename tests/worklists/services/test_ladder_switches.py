"""The worker brings running clocks under a ladder: in batches, once, whatever happens."""

from datetime import datetime

import pytest
import time_machine

from tests.factories import grant, make_site, open_many, person
from tests.locks import elsewhere
from tests.worklists.services.timekeeping import issue_queue
from worklists.enums import Role, RuleKind
from worklists.models import Event, ItemClock, LadderSwitch, SlaPolicy, WorkItem
from worklists.selectors import rules as selectors
from worklists.selectors.site import site_today
from worklists.services import ladders, rules
from worklists.services.ladders import follow_ladders

START = datetime.fromisoformat("2026-11-09T08:00:00-06:00")
STEP = {
    "position": 1,
    "clock_kind": "internal",
    "offset_hours": 0,
    "tell": "lead",
    "needs_acknowledgement": True,
}


@pytest.fixture
def site(db):
    """Seven items under one ladder, and a second manager."""
    site = make_site()
    site.slug = site.queue.sla_policy.slug
    site.second = person(Role.MANAGER, username="second")
    grant(site.second, site.queue, "manage")
    with time_machine.travel(START, tick=False):
        site.items = open_many(site.queue, site.facility, 7)
    return site


def approve(site, offset=-8):
    """Put a ladder in force by two people, and leave the rest to the worker."""
    step = STEP | {"position": 2, "offset_hours": offset, "tell": "manager"}
    content = selectors.live_content(RuleKind.SLA, site.slug)
    asked = {"kind": RuleKind.SLA, "slug": site.slug}
    version = rules.propose(
        actor=site.manager,
        content=content | {"steps": [step, STEP]},
        effective_from=site_today(),
        reason="Earlier.",
        **asked,
    )
    rules.approve(actor=site.second, number=version.number, **asked)


def versions():
    """Return the version of the ladder over each running clock, in the order of items."""
    clocks = ItemClock.objects.order_by("item_id")
    return list(clocks.values_list("policy__version", flat=True))


def said():
    """Return what the trail says of clocks that followed."""
    rows = Event.objects.filter(action="rule.clocks_followed").order_by("pk")
    return list(rows.values_list("facts", flat=True))


class TestAlone:
    """One worker, nobody else."""

    pytestmark = [pytest.mark.integration, pytest.mark.django_db]

    def test_approving_moves_no_clock_and_new_items_have_the_new_ladder(self, site):
        approve(site)
        open_many(site.queue, site.facility, 1)

        assert versions() == [1] * 7 + [2]
        assert not said()

    @pytest.mark.parametrize("batch", [1, 3, 7, 5_000])
    def test_all_follow_whatever_the_batch_and_it_is_said_once(
        self, site, monkeypatch, batch
    ):
        monkeypatch.setattr(ladders, "BATCH", batch)
        approve(site)

        assert (follow_ladders(), follow_ladders()) == (7, 0)

        assert versions() == [2] * 7
        [facts] = said()
        assert '"clocks":7' in facts
        assert LadderSwitch.objects.get().done_at is not None

    def test_a_ladder_that_was_superseded_meanwhile_leaves_the_clocks_to_the_next(
        self, site
    ):
        approve(site)
        approve(site, offset=-16)

        assert follow_ladders() == 7

        assert versions() == [3] * 7
        assert ['"clocks":0' in facts for facts in said()] == [True, False]
        assert not LadderSwitch.objects.filter(done_at=None).exists()

    def test_clocks_of_another_service_level_stay(self, site):
        other = SlaPolicy.objects.create(
            slug="other", name="Other", business_hours=9, effective_from="2026-01-01"
        )
        mine = ItemClock.objects.filter(item=site.items[0])
        mine.update(policy=other)
        approve(site)

        assert follow_ladders() == 6
        assert mine.get().policy == other

    def test_one_that_fails_is_told_and_the_others_follow(self, site, monkeypatch):
        reports = issue_queue(site)
        for manager in (site.manager, site.second):
            grant(manager, reports, "manage")
        bad = site.items[3].pk
        work = ladders.aim

        def refuse(clock, *rest):
            if clock.item_id == bad:
                raise ValueError("a calendar nobody can read")
            return work(clock, *rest)

        monkeypatch.setattr(ladders, "aim", refuse)
        approve(site)

        assert (follow_ladders(), follow_ladders()) == (6, 0)

        assert versions()[:7] == [2, 2, 2, 1, 2, 2, 2]
        report = WorkItem.objects.get(kind="issue_report")
        assert report.reason_label == (
            f"{site.items[3].number} could not follow its new ladder"
        )
        assert LadderSwitch.objects.get().done_at is None
        monkeypatch.setattr(ladders, "aim", work)
        assert follow_ladders() == 1
        assert LadderSwitch.objects.get().done_at is not None
        assert '"clocks":7' in said()[0]

    def test_a_run_that_has_nothing_to_do_asks_once(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert follow_ladders() == 0


@pytest.mark.integration
@pytest.mark.django_db(transaction=True)
class TestBesideOthers:
    """Others hold items, open items, are killed."""

    def test_an_item_that_somebody_holds_is_met_by_the_next_run(self, site):
        approve(site)
        with elsewhere(_hold, site.items[2].pk):
            assert follow_ladders() == 6
            assert versions() == [2, 2, 1, 2, 2, 2, 2]
            assert not said()

        assert follow_ladders() == 1
        assert versions() == [2] * 7
        assert len(said()) == 1

    def test_it_is_not_done_while_somebody_may_still_open_under_the_ladder_before(
        self, site
    ):
        approve(site)
        with elsewhere(_read, None):
            assert follow_ladders() == 7
            assert not said()

        follow_ladders()
        assert len(said()) == 1

    def test_a_run_that_is_killed_keeps_its_batches(self, site, monkeypatch):
        monkeypatch.setattr(ladders, "BATCH", 3)
        approve(site)
        work, left = ladders._move, [2]

        def killed(*asked):
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            return work(*asked)

        monkeypatch.setattr(ladders, "_move", killed)
        with pytest.raises(KeyboardInterrupt):
            follow_ladders()
        assert versions() == [2] * 6 + [1]

        monkeypatch.setattr(ladders, "_move", work)
        assert follow_ladders() == 1
        assert '"clocks":7' in said()[0]

    def test_a_second_worker_leaves_a_ladder_to_the_first(self, site):
        approve(site)
        with elsewhere(_hold_switch, None):
            assert follow_ladders() == 0
        assert versions() == [1] * 7


def _hold(item_id):
    list(WorkItem.objects.select_for_update().filter(pk=item_id))


def _read(_):
    list(SlaPolicy.objects.all())


def _hold_switch(_):
    list(LadderSwitch.objects.select_for_update())
