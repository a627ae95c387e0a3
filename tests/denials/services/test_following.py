"""The worker moves running clocks by an approved version: in batches, once each."""

import json
from datetime import date

import pytest
from django.db import transaction

from denials.models import AppealLevel, ProfileSwitch
from denials.models.profiles import BEGINNING
from denials.selectors.recounting import effect_of
from denials.services import following
from denials.services.approving import approve, propose
from denials.services.drafting import LevelRow, begin_draft, save_draft
from denials.services.following import follow_profiles
from tests.denials.remit import clp, interchange, payment, svc
from tests.factories import QueueFactory, grant, person
from tests.locks import elsewhere
from worklists.enums import Role
from worklists.models import Event, ItemClock, WorkItem
from worklists.services import moving_clocks

SLUG = "medicare-ffs"
DAYS = ["20261019", "20261020", "20261021", "20261101", "20261102"]


@pytest.fixture
def people(site):
    return person(Role.MANAGER, username="maria"), person(
        Role.ADMINISTRATOR, username="david"
    )


@pytest.fixture
def opened(site, ingest):
    """Five items, each with a clock by the version that is shipped."""
    line = svc("HC:45380", "300", cas=[("CO", "97", "300")])
    claims = [
        clp(f"PCN{number}", line, charge="300", control=f"ICN{number}")
        for number in range(len(DAYS))
    ]
    payments = [
        payment(claim, trace=f"T{number}", on=day, control=f"{number:04}")
        for number, (claim, day) in enumerate(zip(claims, DAYS, strict=True))
    ]
    ingest(interchange(*payments))


def put_in_force(people, days, since=None):
    """Propose by one, approve by the other; nothing moves yet."""
    author, decider = people
    begin_draft(actor=author, slug=SLUG)
    row = LevelRow(
        1, "Redetermination", "42 CFR", days=days, start_event="received",
        presumed_receipt_days=5,
    )  # fmt: skip
    save_draft(actor=author, slug=SLUG, note="", levels=[row])
    version = propose(actor=author, slug=SLUG, effective_from=since, reason="Changed")
    effect = effect_of(version, since or BEGINNING)
    return approve(
        actor=decider, slug=SLUG, number=version.number, looked=effect.key
    ).clocks


def versions():
    """Return by which version each running legal clock stands, in order of items."""
    clocks = ItemClock.objects.filter(kind="legal").order_by("item_id")
    return [
        int(text.split(" ")[1][1:]) for text in clocks.values_list("source", flat=True)
    ]


def moved():
    """Return how often each item was moved, in order of items."""
    ids = Event.objects.filter(action="item.clock_moved")
    told = list(ids.values_list("subject_id", flat=True))
    return [
        told.count(pk)
        for pk in WorkItem.objects.order_by("pk").values_list("pk", flat=True)
    ]


def said():
    rows = Event.objects.filter(action="profile.clocks_moved").order_by("pk")
    return [(f["version"], f["clocks"]) for f in (json.loads(e.facts) for e in rows)]


def progress():
    rows = ProfileSwitch.objects.order_by("pk")
    return [(s.clocks, s.expected, s.done_at is not None) for s in rows]


@pytest.mark.django_db
@pytest.mark.usefixtures("opened")
class TestAlone:
    def test_approving_says_how_many_and_moves_none(self, people):
        assert put_in_force(people, days=100) == 5
        assert versions() == [1] * 5
        assert progress() == [(0, 5, False)]
        assert (moved(), said()) == ([0] * 5, [])

    @pytest.mark.parametrize("page", [1, 3])
    def test_all_move_once_whatever_the_batch(self, people, monkeypatch, page):
        monkeypatch.setattr("denials.selectors.profile_clocks.PAGE", page)
        put_in_force(people, days=100)
        for batch in (1, 2, 5, 5_000):
            monkeypatch.setattr(following, "BATCH", batch)
            with transaction.atomic():
                assert (follow_profiles(), follow_profiles()) == (5, 0), batch
                assert versions() == [2] * 5, batch
                assert (moved(), said()) == ([1] * 5, [(2, 5)]), batch
                assert progress() == [(5, 5, True)], batch
                transaction.set_rollback(True)
            assert versions() == [1] * 5, batch

    def test_a_version_of_later_decisions_moves_those_alone(self, people):
        assert put_in_force(people, days=100, since=date(2026, 11, 1)) == 2
        assert follow_profiles() == 2
        assert versions() == [1, 1, 1, 2, 2]

    def test_the_warning_of_an_unverified_limit_follows_the_row_of_the_clock(
        self, people
    ):
        AppealLevel.objects.update(verified_on=None, verified_by="")
        first, *others = WorkItem.objects.order_by("pk")
        for item in (first, *others):
            item.flags = ["watch", "unverified_deadline"]
            item.save()
        put_in_force(people, days=100)
        second = AppealLevel.objects.filter(version__number=2)
        second.update(verified_on=date(2026, 11, 2), verified_by="Maria")

        assert follow_profiles() == 5
        assert list(WorkItem.objects.values_list("flags", flat=True)) == [["watch"]] * 5
        event = Event.objects.filter(action="item.clock_moved").first()
        assert json.loads(event.facts)["unverified"] is False

        put_in_force(people, days=90)
        assert not AppealLevel.objects.get(version__number=3).is_verified
        assert follow_profiles() == 5
        wanted = ["watch", "unverified_deadline"]
        assert list(WorkItem.objects.values_list("flags", flat=True)) == [wanted] * 5

    def test_one_that_is_covered_meanwhile_leaves_its_clocks_to_the_next(
        self, people, monkeypatch
    ):
        monkeypatch.setattr(following, "BATCH", 2)
        put_in_force(people, days=100)
        _killed_after(monkeypatch, 1)
        assert versions() == [2, 2, 1, 1, 1]
        assert put_in_force(people, days=90) == 5
        assert follow_profiles() == 5
        assert versions() == [3] * 5
        assert (moved(), said()) == ([2, 2, 1, 1, 1], [(2, 2), (3, 5)])
        assert progress() == [(2, 5, True), (5, 5, True)]

    def test_one_that_holds_besides_moves_what_is_still_its_own(self, people):
        put_in_force(people, days=100)
        assert put_in_force(people, days=90, since=date(2026, 11, 1)) == 2
        assert follow_profiles() == 5
        assert versions() == [2, 2, 2, 3, 3]
        assert (moved(), said()) == ([1] * 5, [(2, 3), (3, 2)])

    def test_a_clock_whose_day_is_the_same_stays_and_nothing_waits_for_it(self, people):
        assert put_in_force(people, days=120) == 0
        assert follow_profiles() == 0
        assert versions() == [1] * 5
        assert (moved(), said()) == ([0] * 5, [(2, 0)])

    def test_a_clock_that_was_met_meanwhile_stays(self, people):
        put_in_force(people, days=100)
        clock = ItemClock.objects.filter(kind="legal").order_by("item_id").first()
        ItemClock.objects.filter(pk=clock.pk).update(met_at=clock.due_at)
        assert follow_profiles() == 4
        assert versions() == [1, 2, 2, 2, 2]
        assert progress() == [(4, 5, True)]

    def test_a_killed_worker_goes_on_where_it_was(self, people, monkeypatch):
        monkeypatch.setattr(following, "BATCH", 2)
        put_in_force(people, days=100)
        _killed_after(monkeypatch, 1)
        assert progress() == [(2, 5, False)]
        assert follow_profiles() == 3
        assert (versions(), moved(), said()) == ([2] * 5, [1] * 5, [(2, 5)])

    def test_one_that_fails_is_told_and_the_others_move(self, people, monkeypatch):
        reports = QueueFactory(slug="reports", kind="issue_report")
        reports.rules.update(conditions=[])
        for manager in people:
            grant(manager, reports, "manage")
        bad = WorkItem.objects.order_by("pk")[2]
        work = moving_clocks._fact

        def refuse(clock, move):
            if move.item_id == bad.pk:
                raise ValueError("a moment nobody can read")
            return work(clock, move)

        monkeypatch.setattr(moving_clocks, "_fact", refuse)
        put_in_force(people, days=100)
        assert (follow_profiles(), follow_profiles()) == (4, 0)
        assert versions() == [2, 2, 1, 2, 2]
        report = WorkItem.objects.get(kind="issue_report")
        assert report.reason_label == (
            f"{bad.number} could not be counted anew by its payer’s profile"
        )
        assert progress() == [(4, 5, False)]
        monkeypatch.setattr(moving_clocks, "_fact", work)
        assert follow_profiles() == 1
        assert said() == [(2, 5)]

    def test_a_run_that_has_nothing_to_do_asks_once(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert follow_profiles() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("opened")
def test_an_item_that_somebody_holds_is_met_by_the_next_run(people):
    put_in_force(people, days=100)
    held = WorkItem.objects.order_by("pk")[1].pk
    with elsewhere(_hold, held):
        assert follow_profiles() == 4
        assert (versions(), said()) == ([2, 1, 2, 2, 2], [])
    assert follow_profiles() == 1
    assert (moved(), said()) == ([1] * 5, [(2, 5)])


def _killed_after(monkeypatch, batches):
    """Run the worker, and kill it within the batch after so many."""
    work, left = moving_clocks._write, [batches]

    def killed(*asked):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return work(*asked)

    with monkeypatch.context() as patch:
        patch.setattr(moving_clocks, "_write", killed)
        with pytest.raises(KeyboardInterrupt):
            follow_profiles()


def _hold(item_id):
    list(WorkItem.objects.select_for_update().filter(pk=item_id))
