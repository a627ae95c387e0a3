"""One person proposes, another decides; what runs is counted anew, seen first."""

import json
from datetime import UTC, date, datetime

import pytest

from denials.models import AppealProfile, ProfileVersion, VersionWords
from denials.models.profiles import BEGINNING
from denials.selectors.profile_clocks import Source, read_source
from denials.selectors.profiles import holding, versions_of
from denials.selectors.recounting import effect_of
from denials.services.approving import approve, propose, send_back, withdraw
from denials.services.drafting import LevelRow, begin_draft, save_draft
from denials.services.following import follow_profiles
from tests.denials.remit import clp, interchange, payment, svc
from tests.factories import person
from tests.factories.profiles import make_profile, make_version
from worklists.enums import Role
from worklists.errors import BadInput, Conflict, NotPermitted, WrongState
from worklists.models import Event, ItemClock, LadderStep, WorkItem
from worklists.services import injected_time
from worklists.services.sweep import sweep

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site")]
MEDICARE = "medicare-ffs"
SOURCE = "42 CFR 405.942"
WHY = "The contractor counts otherwise"
# Paid on 21 October 2026: presumed on the 26th, 120 days to 23 February 2027.
WAS = datetime(2027, 2, 24, 5, 59, 59, tzinfo=UTC)
TODAY = datetime(2026, 11, 22, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today():
    with injected_time.at(TODAY):
        yield


@pytest.fixture
def maria():
    return person(Role.MANAGER, username="maria")


@pytest.fixture
def david():
    return person(Role.ADMINISTRATOR, username="david")


def draft(author, slug=MEDICARE, **level):
    begin_draft(actor=author, slug=slug)
    given = {"days": 100, "start_event": "received", "presumed_receipt_days": 5}
    row = LevelRow(1, "Redetermination", SOURCE, **{**given, **level})
    return save_draft(actor=author, slug=slug, note="", levels=[row])


def proposed(author, slug=MEDICARE, since=None, **level):
    draft(author, slug, **level)
    return propose(actor=author, slug=slug, effective_from=since, reason=WHY)


def approved(by, version, **more):
    """Put a version in force, and have the worker follow it."""
    key = effect_of(version, version.effective_from).key
    effect = approve(
        actor=by, slug=version.profile.slug, number=version.number, looked=key, **more
    )
    follow_profiles()
    return effect


def states(slug=MEDICARE):
    rows = ProfileVersion.objects.filter(profile__slug=slug).order_by("number")
    return list(rows.values_list("number", "state"))


def acts():
    found = Event.objects.filter(action__startswith="profile.").order_by("id")
    return [(e.action, e.actor_name, json.loads(e.facts)) for e in found]


def one_denial(number=1, on="20261021"):
    line = svc("HC:45380:59", "2140", cas=[("CO", "97", "2140")], remarks=["M15"])
    claim = clp(f"PCN{number}", line, charge="2140", control=f"ICN{number}")
    return interchange(payment(claim, trace=f"T{number}", on=on))


def legal(**more):
    return ItemClock.objects.get(kind="legal", **more)


class TestProposing:
    def test_it_waits_for_another_person_with_its_day_and_reason(self, maria):
        since = date(2026, 12, 1)
        version = proposed(maria, since=since)
        version.refresh_from_db()
        assert (version.state, version.effective_from) == ("proposed", since)
        assert (version.proposed_by, version.proposed_at) == (maria, TODAY)
        assert states() == [(1, "in_force"), (2, "proposed")]
        facts = {"profile": MEDICARE, "version": 2, "effective_from": "2026-12-01"}
        assert acts() == [("profile.proposed", "maria", facts)]
        words = VersionWords.objects.get()
        assert (words.act, words.value, words.said_by) == ("proposed", WHY, maria)
        event = Event.objects.get(action="profile.proposed")
        assert [bytes(c) for c in event.commitments] == [bytes(words.commitment)]
        assert WHY not in event.facts

    def test_without_a_day_it_holds_for_every_decision(self, maria):
        assert proposed(maria).effective_from == BEGINNING

    def test_it_needs_a_reason_a_row_and_a_difference(self, maria):
        draft(maria)
        with pytest.raises(BadInput, match="Say why"):
            propose(actor=maria, slug=MEDICARE, effective_from=None, reason=" ")
        save_draft(actor=maria, slug=MEDICARE, note="", levels=[])
        with pytest.raises(BadInput, match="at least one row"):
            propose(actor=maria, slug=MEDICARE, effective_from=None, reason=WHY)
        withdraw(actor=maria, slug=MEDICARE)
        begin_draft(actor=maria, slug=MEDICARE)
        with pytest.raises(BadInput, match="Nothing differs from version 1"):
            propose(actor=maria, slug=MEDICARE, effective_from=None, reason=WHY)
        assert states() == [(1, "in_force"), (2, "withdrawn"), (3, "draft")]

    def test_the_same_rows_from_an_earlier_day_are_a_change(self, maria, david):
        approved(david, proposed(maria, since=date(2026, 11, 1)))
        begin_draft(actor=maria, slug=MEDICARE)
        for since in (date(2026, 11, 1), date(2026, 12, 1)):
            with pytest.raises(BadInput, match="Nothing differs from version 2"):
                propose(actor=maria, slug=MEDICARE, effective_from=since, reason=WHY)
        sooner = date(2026, 10, 1)
        propose(actor=maria, slug=MEDICARE, effective_from=sooner, reason=WHY)
        assert states() == [(1, "in_force"), (2, "in_force"), (3, "proposed")]

    def test_the_rows_of_today_are_a_change_where_others_come_later(self, maria, david):
        same = {"days": 70}
        approved(david, proposed(maria, **same))
        approved(david, proposed(maria, since=date(2026, 12, 1), days=80))
        draft(maria, **same)
        today = TODAY.date()
        propose(actor=maria, slug=MEDICARE, effective_from=today, reason=WHY)
        assert states()[-1] == (4, "proposed")

    def test_another_person_proposes_no_draft_of_hers(self, maria, david):
        draft(maria)
        with pytest.raises(NotPermitted):
            propose(actor=david, slug=MEDICARE, effective_from=None, reason=WHY)
        assert states() == [(1, "in_force"), (2, "draft")]

    def test_nothing_counts_by_it_yet(self, maria, ingest):
        proposed(maria)
        ingest(one_denial())
        assert legal().due_at == WAS


class TestDeciding:
    def test_who_proposed_it_never_approves_it(self, maria):
        version = proposed(maria)
        with pytest.raises(NotPermitted, match="another person must decide") as refused:
            approved(maria, version)
        assert refused.value.code == "four_eyes"
        with pytest.raises(NotPermitted):
            send_back(actor=maria, slug=MEDICARE, number=2, reason="x")
        assert states() == [(1, "in_force"), (2, "proposed")]
        assert [name for name, *_ in acts()] == ["profile.proposed"]

    @pytest.mark.parametrize("role", [Role.CODER, Role.REVIEWER, Role.AUDITOR])
    def test_nor_does_somebody_of_another_role(self, maria, role):
        version = proposed(maria)
        with pytest.raises(NotPermitted, match="managers and administrators"):
            approved(person(role), version)
        assert states() == [(1, "in_force"), (2, "proposed")]

    def test_another_person_puts_it_in_force(self, maria, david):
        effect = approved(david, proposed(maria), reason="Seen in the manual")
        assert effect.clocks == 0
        assert states() == [(1, "superseded"), (2, "in_force")]
        version = ProfileVersion.objects.get(state="in_force", profile__slug=MEDICARE)
        assert (version.decided_by, version.decided_at) == (david, TODAY)
        assert acts()[1] == (
            "profile.approved",
            "david",
            {"profile": MEDICARE, "version": 2, "effective_from": "1900-01-01",
             "clocks": 0},
        )  # fmt: skip
        assert VersionWords.objects.get(act="approved").value == "Seen in the manual"

    def test_what_is_decided_is_not_decided_again(self, maria, david):
        version = proposed(maria)
        approved(david, version)
        with pytest.raises(WrongState, match="No version of this profile is open"):
            approve(actor=david, slug=MEDICARE, number=2, looked="")
        assert [name for name, *_ in acts()] == [
            "profile.proposed", "profile.approved", "profile.clocks_moved",
        ]  # fmt: skip

    def test_sent_back_it_is_its_authors_draft_again(self, maria, david):
        proposed(maria)
        with pytest.raises(BadInput, match="Say what to mend"):
            send_back(actor=david, slug=MEDICARE, number=2, reason="")
        send_back(actor=david, slug=MEDICARE, number=2, reason="Which page?")
        assert states() == [(1, "in_force"), (2, "draft")]
        assert acts()[-1][:2] == ("profile.sent_back", "david")
        again = propose(
            actor=maria, slug=MEDICARE, effective_from=None, reason="Page 12"
        )
        assert (again.decided_by, again.decided_at) == (None, None)
        assert [w.value for w in VersionWords.objects.order_by("id")] == [
            WHY, "Which page?", "Page 12",
        ]  # fmt: skip

    def test_a_shipped_proposal_is_decided_by_one_person_of_the_site(self, david):
        profile = AppealProfile.objects.get(slug=MEDICARE)
        make_version(profile, number=2, state="proposed", edition=9,
                     levels=({"level": 1, "days": 100},))  # fmt: skip
        send_back(actor=david, slug=MEDICARE, number=2, reason="Not ours")
        assert states() == [(1, "in_force"), (2, "withdrawn")]
        version = make_version(profile, number=3, state="proposed", edition=9,
                               levels=({"level": 1, "days": 100},))  # fmt: skip
        approved(david, version)
        assert states()[2] == (3, "in_force")

    def test_a_proposal_is_withdrawn_by_its_author_a_draft_by_anybody(
        self, maria, david
    ):
        proposed(maria)
        with pytest.raises(NotPermitted):
            withdraw(actor=david, slug=MEDICARE)
        assert states()[1] == (2, "proposed")
        withdraw(actor=maria, slug=MEDICARE, reason="A slip")
        draft(maria)
        withdraw(actor=david, slug=MEDICARE)
        assert states() == [(1, "in_force"), (2, "withdrawn"), (3, "withdrawn")]


class TestWhatHolds:
    def test_each_decision_is_counted_by_the_version_of_its_day(
        self, maria, david, ingest
    ):
        approved(david, proposed(maria, since=date(2026, 11, 1)))
        assert states() == [(1, "in_force"), (2, "in_force")]
        ingest(one_denial(1, on="20261031"))
        ingest(one_denial(2, on="20261101"))
        sources = ItemClock.objects.filter(kind="legal").order_by("due_at")
        assert [(c.source, c.due_at.date()) for c in sources] == [
            ("medicare-ffs v2 level 1 (not verified)", date(2027, 2, 15)),
            ("medicare-ffs v1 level 1 (2026-11-21)", date(2027, 3, 6)),
        ]

    def test_what_was_approved_later_takes_the_place_of_what_was_before(self):
        profile = make_profile("acme").profile
        make_version(profile, number=2, effective_from=date(2026, 6, 1))
        make_version(profile, number=3, effective_from=date(2026, 3, 1))
        make_version(profile, number=4, state="proposed")
        versions = versions_of(profile)
        found = {
            day: getattr(holding(versions, date.fromisoformat(day)), "number", None)
            for day in ("1899-12-31", "2026-02-28", "2026-03-01", "2026-06-01")
        }
        assert found == {
            "1899-12-31": None, "2026-02-28": 1, "2026-03-01": 3, "2026-06-01": 3,
        }  # fmt: skip


class TestRunningClocks:
    def test_the_effect_is_shown_before_anything_moves(self, maria, ingest):
        ingest(one_denial())
        ingest(one_denial(2, on="20261101"))
        version = proposed(maria, days=100)
        effect = effect_of(version, BEGINNING)
        assert (effect.clocks, effect.sooner, effect.later) == (2, 2, 0)
        assert effect.was_first == WAS
        assert effect.due_first == datetime(2027, 2, 4, 5, 59, 59, tzinfo=UTC)
        assert (effect.passed, effect.left) == (0, 0)
        assert ItemClock.objects.filter(kind="legal", due_at=WAS).count() == 1

    def test_approving_moves_clock_item_and_score_with_one_event(
        self, maria, david, ingest
    ):
        ingest(one_denial())
        before = WorkItem.objects.get()
        seq, version_before = before.trail_seq, before.version
        # Due on 4 January 2027, in 43 days: another band of the score.
        effect = approved(david, proposed(maria, days=70))
        assert effect.clocks == 1
        due = datetime(2027, 1, 5, 5, 59, 59, tzinfo=UTC)
        clock, item = legal(), WorkItem.objects.get()
        assert (clock.due_at, item.legal_due_at) == (due, due)
        assert clock.source == "medicare-ffs v2 level 1 (not verified)"
        assert (item.trail_seq, item.version) == (seq + 1, version_before)
        legal_points = [r for r in item.priority_reasons if r["factor"] == "legal_due"]
        assert [r["value"] for r in legal_points] == ["within 60 days"]
        assert item.priority == before.priority + 4
        event = Event.objects.get(action="item.clock_moved")
        assert (event.subject_kind, event.subject_id) == ("item", item.pk)
        assert (event.actor_name, event.object_kind) == ("worker", "profile")
        facts = json.loads(event.facts)
        assert facts["task_class"]["act"] == "move_clocks"
        assert facts["clocks"] == [{
            "clock": clock.name,
            "was_due_at": WAS.isoformat(),
            "due_at": due.isoformat(),
            "was_source": "medicare-ffs v1 level 1 (2026-11-21)",
            "source": "medicare-ffs v2 level 1 (not verified)",
        }]  # fmt: skip
        assert [(name, facts["clocks"]) for name, _, facts in acts()[1:]] == [
            ("profile.approved", 1), ("profile.clocks_moved", 1),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("until", "wakes"),
        [
            (datetime(2027, 1, 5, 5, 59, 58, tzinfo=UTC), None),
            (datetime(2027, 1, 5, 5, 59, 59, tzinfo=UTC), TODAY),
            (datetime(2027, 2, 1, tzinfo=UTC), TODAY),
        ],
    )
    def test_nobody_sleeps_past_a_deadline_that_came_nearer(
        self, maria, david, ingest, until, wakes
    ):
        ingest(one_denial())
        deferred = {"state": "pending", "wake_at": until, "pend_reason": "payer",
                    "assignee": maria}  # fmt: skip
        WorkItem.objects.update(**deferred)
        approved(david, proposed(maria, days=70))
        assert WorkItem.objects.get().wake_at == (wakes or until)
        event = Event.objects.get(action="item.clock_moved")
        said = wakes.isoformat() if wakes else None
        assert json.loads(event.facts).get("wakes_at") == said
        assert sweep(TODAY)["resumed"] == (1 if wakes else 0)
        resumed = "in_progress" if wakes else "pending"
        assert WorkItem.objects.get().state == resumed

    def test_an_item_that_somebody_works_keeps_its_moment(self, maria, david, ingest):
        ingest(one_denial())
        later = datetime(2027, 2, 1, tzinfo=UTC)
        WorkItem.objects.update(state="in_progress", wake_at=later, assignee=maria)
        approved(david, proposed(maria, days=70))
        assert WorkItem.objects.get().wake_at == later

    def test_a_decision_before_its_day_stays(self, maria, david, ingest):
        ingest(one_denial())
        effect = approved(david, proposed(maria, since=date(2026, 10, 22)))
        assert effect.clocks == 0
        assert legal().due_at == WAS
        assert not Event.objects.filter(action="item.clock_moved").exists()

    def test_clocks_that_ended_and_clocks_of_other_payers_stay(
        self, maria, david, ingest
    ):
        ingest(one_denial())
        ItemClock.objects.filter(kind="legal").update(stopped_at=TODAY)
        make_profile("medicare", days=10)
        effect = approved(david, proposed(maria, days=70))
        assert (effect.clocks, legal().due_at) == (0, WAS)

    def test_a_clock_that_no_file_counted_stays_and_is_said(self, maria, david, ingest):
        ingest(one_denial())
        ItemClock.objects.filter(kind="legal").update(name="appeal_l2_by_hand")
        effect = approved(david, proposed(maria, days=70))
        assert (effect.clocks, effect.left) == (0, 1)
        assert legal().due_at == WAS

    def test_what_would_be_overdue_at_once_is_counted(self, maria, ingest):
        ingest(one_denial())
        effect = effect_of(proposed(maria, days=10), BEGINNING)
        assert (effect.clocks, effect.passed) == (1, 1)

    def test_another_effect_than_the_one_seen_does_nothing(self, maria, david, ingest):
        version = proposed(maria, days=70)
        seen = effect_of(version, BEGINNING).key
        ingest(one_denial())
        with pytest.raises(Conflict, match="Look again") as refused:
            approve(actor=david, slug=MEDICARE, number=2, looked=seen)
        assert refused.value.code == "effect_changed"
        assert states() == [(1, "in_force"), (2, "proposed")]
        assert legal().due_at == WAS

    def test_rungs_that_fired_stay_fired_and_the_next_one_is_aimed_anew(
        self, maria, david, ingest
    ):
        ingest(one_denial())
        policy = legal().policy
        for position, days in ((1, -14), (2, -7)):
            LadderStep.objects.create(
                policy=policy, clock_kind="legal", position=position,
                offset_hours=days * 24, tell="lead",
            )  # fmt: skip
        vars(policy).pop("_ladders", None)
        approved(david, proposed(maria, days=35))
        # Due on 30 November: 14 days before is past, so the first rung fires now.
        due = legal().due_at
        assert due == datetime(2026, 12, 1, 5, 59, 59, tzinfo=UTC)
        assert legal().next_step_at == datetime(2026, 11, 17, 5, 59, 59, tzinfo=UTC)
        assert sweep(TODAY)["escalated"] >= 1
        assert legal().escalations.values_list("step", flat=True)[0] == 1
        approved(maria, proposed(david, days=36))
        assert legal().next_step == 2
        assert legal().next_step_at == datetime(2026, 11, 25, 5, 59, 59, tzinfo=UTC)
        assert legal().escalations.count() == 1


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("medicare-ffs v12 level 3 (2026-11-21)", Source("medicare-ffs", 12, 3)),
        ("medicare-ffs level 1 (not verified)", Source("medicare-ffs", 1, 1)),
        ("standard v1", None),
        ("", None),
    ],
)
def test_a_source_is_read_back(text, source):
    assert read_source(text) == source
