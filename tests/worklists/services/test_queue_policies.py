"""A queue takes another ladder or review policy by two people; clocks that run stay."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import transaction

from tests.factories import (
    GOOD_EVIDENCE,
    EvidenceTemplateFactory,
    QueueFactory,
    ReviewPolicyFactory,
    SlaPolicyFactory,
    grant,
    make_site,
    open_item,
    person,
    take,
)
from tests.factories.queues import FIELDS
from tests.worklists.services.covering import until_somebody_waits
from tests.worklists.services.test_queue_forms import beside
from worklists.enums import Action, Role, RuleKind
from worklists.errors import BadInput, Conflict, NotPermitted
from worklists.models import (
    Event,
    ItemClock,
    LadderSwitch,
    Queue,
    Review,
    RuleVersion,
    WorkItem,
)
from worklists.selectors import rules as selectors
from worklists.selectors.queue_effect import queue_effect
from worklists.services import due_rules, rules
from worklists.services.ladders import follow_ladders
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
TODAY = date(2026, 11, 23)
DECISION, *REST = FIELDS


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
        yield


@pytest.fixture
def site(db):
    """A site with a second manager, and another ladder, form and review policy."""
    site = make_site()
    site.second = person(Role.MANAGER, username="second")
    grant(site.second, site.queue, "manage")
    site.fast = SlaPolicyFactory(slug="fast", name="Two days", business_hours=16)
    site.strict = ReviewPolicyFactory(
        slug="strict", name="Strict", judgements=["decision:accept"]
    )
    site.short = EvidenceTemplateFactory(
        slug="short",
        name="Short",
        fields=[DECISION | {"choices": [["correct", "Correct it"]]}, *REST],
    )
    return site


def propose(site, actor=None, slug=None, **changes):
    slug = slug or site.queue.slug
    day = changes.pop("effective_from", TODAY)
    return rules.propose(
        actor=actor or site.manager,
        kind=RuleKind.QUEUE,
        slug=slug,
        content=selectors.live_content(RuleKind.QUEUE, slug) | changes,
        effective_from=day,
        reason="It is work of another pace.",
    )


def approve(site, actor=None, number=2, **more):
    return rules.approve(
        actor=actor or site.second,
        kind=RuleKind.QUEUE,
        slug=site.queue.slug,
        number=number,
        **more,
    )


def fewer_in_hand(site):
    content = selectors.live_content(RuleKind.QUEUE, site.queue.slug)
    return rules.change_queue(
        actor=site.manager, slug=site.queue.slug,
        content=content | {"max_in_hand": 4}, reason="Too many.",
    )  # fmt: skip


def live(site):
    return Queue.objects.get(pk=site.queue.pk)


def stands_on(site):
    queue = live(site)
    return tuple(
        str(one) for one in (queue.sla_policy, queue.template, queue.review_policy)
    )


def facts(action):
    return json.loads(Event.objects.filter(action=action).latest("pk").facts)


def ladders_of(item):
    clocks = ItemClock.objects.filter(item=item).order_by("pk")
    return [str(clock.policy) for clock in clocks.select_related("policy")]


def test_one_proposal_takes_one_of_them_or_all(site):
    before = live(site)
    propose(site, sla="fast")
    assert facts("rule.proposed")["fields"] == ["sla"]
    with pytest.raises(NotPermitted, match="You proposed this version"):
        approve(site, site.manager)
    assert live(site).sla_policy == before.sla_policy

    approve(site)

    assert stands_on(site) == (
        "fast v1",
        str(before.template),
        str(before.review_policy),
    )
    said = facts("rule.put_in_force")
    assert (said["ladder"], said["ladder_before"]) == (
        "fast v1",
        str(before.sla_policy),
    )
    assert "form" not in said
    assert "review_policy" not in said

    other = EvidenceTemplateFactory(slug="other", fields=FIELDS)
    propose(site, sla=before.sla_policy.slug, template="other", review="strict")
    approve(site, number=3)

    assert stands_on(site) == (str(before.sla_policy), str(other), "strict v1")
    said = facts("rule.put_in_force")
    assert {name: said[name] for name in ("ladder", "form", "review_policy")} == {
        "ladder": str(before.sla_policy),
        "form": "other v1",
        "review_policy": "strict v1",
    }
    third, second, _ = selectors.versions_of(RuleKind.QUEUE, site.queue.slug)
    changes = rules.difference(RuleKind.QUEUE, second.content, third.content)
    assert [(c.field, c.before, c.after) for c in changes] == [
        ("Service level", "fast", before.sla_policy.slug),
        ("Evidence template", before.template.slug, "other"),
        ("Review policy", before.review_policy.slug, "strict"),
    ]
    assert selectors.as_found(RuleKind.QUEUE, site.queue.slug) == []


def test_two_queues_that_shared_a_ladder_part(site):
    other = QueueFactory(sla_policy=site.queue.sla_policy)
    before = str(other.sla_policy)
    propose(site, sla="fast")
    approve(site)
    other.refresh_from_db()
    assert (str(live(site).sla_policy), str(other.sla_policy)) == ("fast v1", before)


class TestClocks:
    def test_those_that_run_stay_and_those_that_begin_have_the_other(self, site):
        before = str(site.queue.sla_policy)
        here = open_item(site.queue, site.facility)
        due = here.clocks.get().due_at
        propose(site, sla="fast")
        approve(site)
        arrived = open_item(site.queue, site.facility)

        assert not LadderSwitch.objects.exists()
        assert follow_ladders() == 0
        assert (ladders_of(here), ladders_of(arrived)) == ([before], ["fast v1"])
        assert here.clocks.get().due_at == due
        assert arrived.clocks.get().due_at < due

    def test_one_that_is_moved_here_keeps_its_clock(self, site):
        away = QueueFactory(sla_policy=site.queue.sla_policy)
        grant(site.manager, away, "manage")
        item = open_item(away, site.facility)
        propose(site, sla="fast")
        approve(site)

        perform(
            item_id=item.pk, action=Action.REROUTE, actor=site.manager,
            expected_version=item.version, reason="It belongs there.",
            options={"queue": site.queue.slug},
        )  # fmt: skip

        assert ladders_of(item) == [str(away.sla_policy)]
        assert WorkItem.objects.get(pk=item.pk).queue == site.queue

    def test_what_is_opened_again_begins_one_under_the_other(self, site):
        before = str(site.queue.sla_policy)
        item = take(open_item(site.queue, site.facility), site.coder)
        item = perform(
            item_id=item.pk, action=Action.SUBMIT, actor=site.coder,
            expected_version=item.version, evidence=GOOD_EVIDENCE,
        )  # fmt: skip
        propose(site, sla="fast")
        approve(site)

        perform(
            item_id=item.pk, action=Action.REOPEN, actor=site.manager,
            expected_version=item.version, reason="It was not right.",
        )  # fmt: skip

        assert ladders_of(item) == [before, "fast v1"]

    def test_a_version_of_the_ladder_they_keep_still_reaches_them(self, site):
        item = open_item(site.queue, site.facility)
        slug = site.queue.sla_policy.slug
        propose(site, sla="fast")
        approve(site)

        newer = propose_of(site, RuleKind.SLA, slug, name="Said better")
        approve_of(site, newer)

        assert follow_ladders() == 1
        assert ladders_of(item) == [f"{slug} v2"]
        assert str(live(site).sla_policy) == "fast v1"


def propose_of(site, kind, slug, **change):
    return rules.propose(
        actor=site.administrator, kind=kind, slug=slug,
        content=selectors.live_content(kind, slug) | change,
        effective_from=TODAY, reason="Said better.",
    )  # fmt: skip


def approve_of(site, version):
    return rules.approve(
        actor=site.second, kind=version.rule.kind, slug=version.rule.slug,
        number=version.number,
    )  # fmt: skip


def test_a_review_policy_counts_from_the_next_submit(site):
    sent, held = (
        take(open_item(site.queue, site.facility), site.apprentice) for _ in range(2)
    )
    before = site.queue.review_policy

    def submit(item):
        return perform(
            item_id=item.pk, action=Action.SUBMIT, actor=site.apprentice,
            expected_version=item.version, evidence=GOOD_EVIDENCE,
        )  # fmt: skip

    submit(sent)
    propose(site, review="strict")
    approve(site)
    submit(held)

    policies = {review.item_id: review.policy for review in Review.objects.all()}
    assert policies == {sent.pk: before, held.pk: site.strict}


class TestFitting:
    def test_a_policy_names_only_answers_that_the_form_has(self, site):
        lost = ReviewPolicyFactory(
            slug="lost", name="Lost", approvals=["outcome:closed", "decision:accept"]
        )
        with pytest.raises(BadInput) as refused:
            propose(site, review=lost.slug)
        assert refused.value.fields == {"review": [refused.value.detail]}
        assert refused.value.detail.startswith(
            "The review policy “Lost” names outcome:closed, which the form “Charge "
            "review” does not have."
        )
        assert not RuleVersion.objects.exists()

    def test_a_form_keeps_what_the_policy_of_today_names(self, site):
        policy = site.queue.review_policy
        policy.judgements = ["decision:accept"]
        policy.save()
        with pytest.raises(BadInput, match="names decision:accept, which this form"):
            propose(site, template="short")
        assert not RuleVersion.objects.exists()

        plain = ReviewPolicyFactory(slug="plain", judgements=["decision:correct"])
        propose(site, template="short", review=plain.slug)
        approve(site)

        assert stands_on(site)[1:] == ("short v1", "plain v1")

    def test_a_form_and_a_policy_that_come_together_fit(self, site):
        with pytest.raises(BadInput, match="names decision:accept, which the form “S"):
            propose(site, template="short", review="strict")
        assert not RuleVersion.objects.exists()

    def test_a_policy_that_names_more_already_stays_beside_another_ladder(self, site):
        policy = site.queue.review_policy
        policy.judgements = ["outcome:closed"]
        policy.save()
        propose(site, sla="fast")
        approve(site)
        assert stands_on(site)[0] == "fast v1"

    @pytest.mark.parametrize("name", ["sla", "review"])
    def test_what_is_not_there_is_refused_at_its_field(self, site, name):
        with pytest.raises(BadInput, match="There is no “nothing”") as refused:
            propose(site, **{name: "nothing"})
        assert list(refused.value.fields) == [name]
        assert not RuleVersion.objects.exists()

    def test_one_that_came_not_to_fit_is_not_approved(self, site):
        before = stands_on(site)
        propose(site, review="strict")
        site.strict.judgements = ["decision:gone"]
        site.strict.save()
        with pytest.raises(BadInput, match="names decision:gone"):
            approve(site)
        assert stands_on(site) == before
        assert RuleVersion.objects.get(number=2).state == "proposed"


@pytest.mark.parametrize("who", ["coder", "reviewer", "auditor", "administrator"])
def test_its_managers_propose_it(site, who):
    with pytest.raises(NotPermitted, match="by its managers"):
        propose(site, actor=getattr(site, who), sla="fast")
    assert not RuleVersion.objects.exists()


@pytest.mark.parametrize("name", ["sla", "review"])
def test_the_settings_page_changes_none_of_it(site, name):
    other = {"sla": "fast", "review": "strict"}[name]
    before = stands_on(site)
    content = selectors.live_content(RuleKind.QUEUE, site.queue.slug)
    with pytest.raises(BadInput, match="takes two people"):
        rules.change_queue(
            actor=site.manager, slug=site.queue.slug,
            content=content | {name: other}, reason="Quickly.",
        )  # fmt: skip
    assert stands_on(site) == before
    assert not RuleVersion.objects.exists()


@pytest.mark.parametrize(
    "change", [{"max_in_hand": 3}, {"name": "Else"}, {"clearance": ""}]
)
def test_settings_are_not_proposed_with_it(site, change):
    with pytest.raises(BadInput, match="are changed at once"):
        propose(site, sla="fast", **change)
    assert not RuleVersion.objects.exists()


def test_a_second_proposal_waits_for_the_first(site):
    propose(site, sla="fast")
    with pytest.raises(Conflict, match="waits already"):
        propose(site, review="strict")
    assert list(RuleVersion.objects.order_by("number").values_list("state")) == [
        ("in_force",),
        ("proposed",),
    ]


def test_settings_that_changed_meanwhile_stay_and_both_stand_together(site):
    later = date(2026, 11, 30)
    propose(site, sla="fast", review="strict", effective_from=later)
    approve(site)
    content = selectors.live_content(RuleKind.QUEUE, site.queue.slug)
    fewer_in_hand(site)
    waiting = selectors.open_of(selectors.versions_of(RuleKind.QUEUE, site.queue.slug))
    assert waiting.content == content | {
        "max_in_hand": 4, "sla": "fast", "review": "strict",
    }  # fmt: skip

    with time_machine.travel("2026-11-30T18:00:00Z", tick=False):
        assert due_rules.begin_due() == 1

    queue = live(site)
    assert queue.max_in_hand == 4
    assert (queue.sla_policy, queue.review_policy) == (site.fast, site.strict)
    joined = RuleVersion.objects.get(number=4)
    assert joined.content == selectors.queue_content(queue)
    assert facts("rule.put_in_force")["joins"] == [3, 2]


def test_who_approves_is_told_the_version_that_holds(site):
    """Settings changed since the proposal: a version of both holds, not the approved."""
    propose(site, sla="fast")
    fewer_in_hand(site)
    holds = approve(site)
    assert (holds.number, holds.state) == (4, "in_force")
    assert list(RuleVersion.objects.order_by("number").values_list("state")) == [
        *[("superseded",)] * 3,
        ("in_force",),
    ]


@pytest.mark.django_db(transaction=True)
class TestTogether:
    """A version of what the queue takes, keeps or leaves comes at the same moment."""

    def both(self, first, second):
        """Do one deed, hold it open until the other waits for it, and let both end."""
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                first()
                begun = pool.submit(beside(second))
                until_somebody_waits()
            return begun.result(30)

    @pytest.mark.parametrize(
        ("name", "slug", "kind"),
        [("sla", "fast", RuleKind.SLA), ("review", "strict", RuleKind.REVIEW)],
    )
    def test_a_version_of_what_it_takes_leaves_it_not_behind(
        self, site, name, slug, kind
    ):
        propose(site, **{name: slug})
        newer = propose_of(site, kind, slug, name="Newer")
        self.both(lambda: approve(site), lambda: approve_of(site, newer).state)
        assert f"{slug} v2" in stands_on(site)

    def test_settings_that_change_at_that_moment_are_read_before_it_is_approved(
        self, site
    ):
        propose(site, sla="fast")
        before = stands_on(site)
        with pytest.raises(Conflict) as refused:
            self.both(lambda: fewer_in_hand(site), lambda: approve(site, read=1))
        assert refused.value.code == "stale_version"
        assert (stands_on(site), live(site).max_in_hand) == (before, 4)

    def test_a_version_of_the_ladder_it_leaves_does_not_take_it_back(self, site):
        propose(site, sla="fast")
        newer = propose_of(site, RuleKind.SLA, site.queue.sla_policy.slug, name="Newer")
        self.both(lambda: approve(site), lambda: approve_of(site, newer).state)
        assert stands_on(site)[0] == "fast v1"

    def without_accept(self, site):
        choices = DECISION | {"choices": [["correct", "Correct it"]]}
        slug = site.queue.template.slug
        return propose_of(site, RuleKind.TEMPLATE, slug, fields=[choices, *REST])

    def test_a_version_of_the_form_it_keeps_is_held_against_the_policy_it_takes(
        self, site
    ):
        propose(site, review="strict")
        newer = self.without_accept(site)
        with pytest.raises(BadInput, match="name decision:accept, which this form"):
            self.both(lambda: approve(site), lambda: approve_of(site, newer))
        assert stands_on(site)[1:] == (str(site.queue.template), "strict v1")

    def test_the_policy_it_takes_is_held_against_a_version_of_the_form_it_keeps(
        self, site
    ):
        before = str(site.queue.review_policy)
        propose(site, review="strict")
        newer = self.without_accept(site)
        with pytest.raises(BadInput, match="names decision:accept, which the form"):
            self.both(lambda: approve_of(site, newer), lambda: approve(site))
        assert stands_on(site)[1:] == (f"{site.queue.template.slug} v2", before)


class TestWhatItMeans:
    def content(self, site, **changes):
        return selectors.live_content(RuleKind.QUEUE, site.queue.slug) | changes

    def test_clocks_that_run_are_counted_with_their_items(self, site):
        open_item(QueueFactory(), site.facility)
        for _ in range(2):
            open_item(site.queue, site.facility)
        due = datetime(2027, 3, 1, 18, tzinfo=UTC)
        open_item(site.queue, site.facility, legal_due_at=due)
        done = take(open_item(site.queue, site.facility), site.coder)
        perform(
            item_id=done.pk, action=Action.SUBMIT, actor=site.coder,
            expected_version=done.version, evidence=GOOD_EVIDENCE,
        )  # fmt: skip

        found = queue_effect(site.queue.slug, self.content(site, sla="fast"))

        assert (found.form, found.review) == (None, None)
        ladder = found.ladder
        assert (ladder.clocks, ladder.items, ladder.is_more) == (4, 3, False)
        assert (ladder.before, ladder.after) == (
            str(site.queue.sla_policy),
            "fast v1",
        )
        assert [(c.field, c.before, c.after) for c in ladder.changes] == [
            ("Name", "One week", "Two days"),
            ("Time given", "40 business hours", "16 business hours"),
        ]

    def test_work_under_way_goes_by_the_policy_and_what_is_in_review_stays(self, site):
        open_item(site.queue, site.facility)
        sent = take(open_item(site.queue, site.facility), site.apprentice)
        perform(
            item_id=sent.pk, action=Action.SUBMIT, actor=site.apprentice,
            expected_version=sent.version, evidence=GOOD_EVIDENCE,
        )  # fmt: skip

        found = queue_effect(site.queue.slug, self.content(site, review="strict"))

        review = found.review
        assert (found.ladder, found.form) == (None, None)
        assert (review.items, review.in_review, review.is_more) == (2, 1, False)
        assert [(c.field, c.before, c.after) for c in review.changes] == [
            ("Name", "Review", "Strict"),
            ("Kind of judgement", "none", "decision accept"),
        ]

    def test_it_asks_a_fixed_number_of_queries(self, site, django_assert_num_queries):
        content = self.content(site, sla="fast", review="strict")
        for number in (1, 3):
            for _ in range(number):
                open_item(site.queue, site.facility)
            with django_assert_num_queries(9):
                queue_effect(site.queue.slug, content)
