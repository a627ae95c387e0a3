"""Taking, releasing, assigning, moving, deferring, ending and calling for help."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction

from tests.factories import (
    GOOD_EVIDENCE,
    ClearanceFactory,
    QueueFactory,
    ReviewPolicyFactory,
    clear_for,
    grant,
    make_site,
    open_item,
    open_many,
    person,
    take,
)
from tests.locks import until_one_waits
from worklists.context import now
from worklists.enums import HandOut, ReviewOutcome, Role, State
from worklists.errors import BadInput, NotPermitted, Refusal, WrongState
from worklists.models import (
    Draft,
    Escalation,
    Event,
    ItemClock,
    Notice,
    Queue,
    Review,
    User,
    WorkItem,
)
from worklists.selectors.item import item_view
from worklists.services import notices
from worklists.services.drafts import save_draft
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site():
    return make_site()


def act(item: WorkItem, actor: User | None, action: str, **more) -> WorkItem:
    version = item.version if actor else None
    return perform(
        item_id=item.pk, action=action, actor=actor, expected_version=version, **more
    )


def test_taking_locks_the_item_to_the_person(site) -> None:
    item = take(open_item(site.queue, site.facility), site.coder)
    assert (item.state, item.assignee) == (State.IN_PROGRESS, site.coder)
    assert item.handed_at is not None
    with pytest.raises(NotPermitted) as refused:
        take(item, site.other_coder)
    assert refused.value.code == "held_by_other"


def test_a_next_only_queue_lets_nobody_pick() -> None:
    site = make_site(hand_out=HandOut.NEXT_ONLY)
    item = open_item(site.queue, site.facility)
    with pytest.raises(NotPermitted) as refused:
        take(item, site.coder)
    assert refused.value.code == "next_only"
    assert WorkItem.objects.get(pk=item.pk).state == State.OPEN


def test_what_is_assigned_to_a_person_is_taken_where_nobody_picks() -> None:
    site = make_site(hand_out=HandOut.NEXT_ONLY, max_in_hand=1)
    first, second = open_many(site.queue, site.facility, 2)
    for item in (first, second):
        act(item, site.manager, "assign", options={"to": site.coder.username})
    for item in (first, second):
        item.refresh_from_db()
    with pytest.raises(NotPermitted) as refused:
        act(first, site.other_coder, "claim")
    assert refused.value.code == "held_by_other"

    taken = act(first, site.coder, "claim")

    assert (taken.state, taken.assignee) == (State.IN_PROGRESS, site.coder)
    with pytest.raises(NotPermitted) as refused:
        act(second, site.coder, "claim")
    assert refused.value.code == "max_in_hand"
    second.refresh_from_db()
    assert (second.state, second.assignee, second.version) == ("open", site.coder, 2)


def test_a_full_hand_takes_no_more() -> None:
    site = make_site(max_in_hand=1)
    take(open_item(site.queue, site.facility), site.coder)
    with pytest.raises(NotPermitted) as refused:
        take(open_item(site.queue, site.facility), site.coder)
    assert refused.value.code == "max_in_hand"


def test_releasing_gives_it_back_to_everybody(site) -> None:
    item = take(open_item(site.queue, site.facility), site.coder)
    item = act(item, site.coder, "release")
    assert (item.state, item.assignee, item.wake_at) == (State.OPEN, None, None)
    assert '"was_with":"coder"' in Event.objects.get(action="item.released").facts


def test_assigning_keeps_the_state_and_tells_the_person(site) -> None:
    item = open_item(site.queue, site.facility)
    item = act(item, site.manager, "assign", options={"to": "coder"})
    assert (item.state, item.assignee) == (State.OPEN, site.coder)
    assert Notice.objects.get(code="assigned").user == site.coder
    item = act(item, site.manager, "assign", options={"to": "pool"})
    assert item.assignee is None


@pytest.mark.parametrize("to", ["nobody", "", "auditor", "outsider"])
def test_assigning_to_somebody_who_cannot_work_it_is_refused(site, to) -> None:
    item = open_item(site.queue, site.facility)
    with pytest.raises((BadInput, NotPermitted)):
        act(item, site.manager, "assign", options={"to": to})
    fresh = WorkItem.objects.get(pk=item.pk)
    assert (fresh.assignee, fresh.version) == (None, item.version)


def test_an_item_that_needs_a_clearance_is_not_assigned_without_it() -> None:
    clearance = ClearanceFactory()
    site = make_site(clearance=clearance)
    item = open_item(site.queue, site.facility)
    with pytest.raises(NotPermitted, match="lacks the clearance"):
        act(item, site.manager, "assign", options={"to": "coder"})
    clear_for(site.coder, clearance)
    item = act(item, site.manager, "assign", options={"to": "coder"})
    assert item.assignee == site.coder


def test_moving_needs_another_queue_of_the_same_kind(site) -> None:
    item = open_item(site.queue, site.facility)
    other = QueueFactory(team=site.queue.team)
    foreign = QueueFactory(kind="issue_report")
    grant(site.manager, other, "manage")
    for slug in ("none", site.queue.slug, foreign.slug):
        with pytest.raises(BadInput, match="not another active queue"):
            act(item, site.manager, "reroute", reason="r", options={"queue": slug})
    due = item.internal_due_at
    options = {"queue": other.slug}
    item = act(item, site.manager, "reroute", reason="Belongs there.", options=options)
    assert (item.queue, item.state, item.assignee) == (other, State.OPEN, None)
    assert item.template == other.template
    assert item.internal_due_at == due
    assert item.why_here["by"] == "hand"


def test_deferring_pauses_the_internal_clock_until_the_day(site) -> None:
    item = take(open_item(site.queue, site.facility), site.coder)
    until = (now() + timedelta(days=4)).date().isoformat()
    item = act(
        item,
        site.coder,
        "pend",
        reason="Asked for the note.",
        options={"until": until, "reason_code": "records"},
    )
    assert (item.state, item.pend_reason) == (State.PENDING, "records")
    assert item.wake_at is not None
    assert ItemClock.objects.get(item=item).paused_at is not None
    item = act(item, site.coder, "resume")
    assert (item.state, item.pend_reason) == (State.IN_PROGRESS, "")
    assert ItemClock.objects.get(item=item).paused_at is None


@pytest.mark.parametrize(
    ("until", "why"),
    [
        ("", "date or a time"),
        ("yesterday", "date or a time"),
        ("2026-02-31", "date or a time"),
        ("2020-01-01", "lie ahead"),
        ("2099-01-01", "90 days at most"),
        ("0001-01-01", "lie ahead"),
        ("9999-12-31", "90 days at most"),
        ("2026-12-01T10:00:00", "date or a time"),
    ],
)
def test_a_deferral_needs_a_sensible_moment(site, until, why) -> None:
    item = take(open_item(site.queue, site.facility), site.coder)
    with pytest.raises(BadInput, match=why):
        act(item, site.coder, "pend", reason="r", options={"until": until})
    assert WorkItem.objects.get(pk=item.pk).state == State.IN_PROGRESS


def test_nothing_is_deferred_past_the_payer_s_deadline(site) -> None:
    due = now() + timedelta(days=3)
    item = open_item(site.queue, site.facility, legal_due_at=due)
    item = take(item, site.coder)
    until = (now() + timedelta(days=10)).date().isoformat()
    with pytest.raises(BadInput, match="payer's deadline"):
        act(item, site.coder, "pend", reason="r", options={"until": until})


def test_cancelling_in_review_withdraws_the_review(site) -> None:
    item = take(open_item(site.queue, site.facility), site.apprentice)
    item = act(item, site.apprentice, "submit", evidence=GOOD_EVIDENCE)
    item = act(
        item,
        site.manager,
        "cancel",
        reason="Twice.",
        options={"reason_code": "duplicate"},
    )
    review = Review.objects.get(item=item)
    assert (item.state, item.outcome) == (State.CANCELLED, "duplicate")
    assert (review.outcome, review.reviewer) == (ReviewOutcome.WITHDRAWN, None)
    assert ItemClock.objects.get(item=item).stopped_at is not None


def test_nobody_s_draft_outlives_a_cancelled_item(site) -> None:
    item = take(open_item(site.queue, site.facility), site.coder)
    save_draft(item_id=item.pk, actor=site.coder, answers={"why": "Half a sen"})
    act(item, site.manager, "cancel", reason="Twice.")
    assert not Draft.objects.exists()


def test_the_oldest_call_is_answered_where_none_is_named(site) -> None:
    item = take(open_item(site.queue, site.facility), site.coder)
    item = act(item, site.coder, "escalate", reason="Which is right?")
    item = act(item, site.coder, "escalate", reason="Nobody came.")
    answer = {"outcome": "worked"}
    act(item, site.manager, "acknowledge_escalation", reason="r", options=answer)
    older, newer = Escalation.objects.filter(item=item).order_by("pk")
    assert (older.outcome, newer.outcome) == ("worked", "")


def test_what_will_go_to_a_senior_is_foreseen_anew_elsewhere(site) -> None:
    dear = QueueFactory(review_policy=ReviewPolicyFactory(amount_from=100))
    grant(site.manager, dear, "manage")
    grant(site.coder, dear, "work")
    item = open_item(site.queue, site.facility, amount=200)
    assert item.review_because == ""
    to = {"queue": dear.slug}
    item = act(item, site.manager, "reroute", reason="It is dear.", options=to)
    assert item.review_because == "over $100"
    coder = User.objects.get(pk=site.coder.pk)
    item = act(take(item, coder), coder, "submit", evidence=GOOD_EVIDENCE)
    item = act(item, reviewer_of(dear, site), "approve")
    Queue.objects.filter(pk=dear.pk).update(review_policy=site.queue.review_policy)
    manager = User.objects.get(pk=site.manager.pk)
    item = act(item, manager, "reopen", reason="The payer wrote again.")
    assert item.review_because == ""


def reviewer_of(queue: Queue, site) -> User:
    """Return a senior who decides reviews of a queue."""
    return person(Role.REVIEWER, reviews=[queue], facilities=[site.facility])


def test_reopening_starts_the_internal_clock_anew(site) -> None:
    item = take(open_item(site.queue, site.facility), site.coder)
    item = act(item, site.coder, "submit", evidence=GOOD_EVIDENCE)
    item = act(item, site.manager, "reopen", reason="The payer wrote again.")
    assert (item.state, item.assignee, item.outcome) == (State.OPEN, None, "")
    assert item.completed_at is None
    assert ItemClock.objects.filter(item=item, met_at=None).count() == 1
    assert item.internal_due_at is not None


def test_an_escalation_waits_until_it_is_answered_with_an_outcome(site) -> None:
    item = take(open_item(site.queue, site.facility), site.coder)
    item = act(item, site.coder, "escalate", reason="Which is right?")
    escalation = Escalation.objects.get(item=item)
    assert (escalation.to, escalation.raised_by) == (site.queue.team.lead, site.coder)
    assert Notice.objects.get(code="escalated").user == site.queue.team.lead
    with pytest.raises(BadInput, match="what was done"):
        act(item, site.manager, "acknowledge_escalation", reason="r")
    item = act(
        item,
        site.manager,
        "acknowledge_escalation",
        reason="Looked together.",
        options={"outcome": "worked", "escalation": escalation.pk},
    )
    escalation.refresh_from_db()
    assert (escalation.outcome, escalation.acknowledged_by) == ("worked", site.manager)
    with pytest.raises(WrongState, match="No escalation"):
        act(
            item,
            site.manager,
            "acknowledge_escalation",
            reason="again",
            options={"outcome": "worked"},
        )


def test_an_answer_is_told_to_everybody_who_was_called(site) -> None:
    item = take(open_item(site.queue, site.facility), site.coder)
    item = act(item, site.coder, "escalate", reason="Which is right?")
    escalation = Escalation.objects.get(item=item)
    called = Notice.objects.get(code="escalated")
    backup = {"user": site.other_coder, "dedupe": called.dedupe, "item": item}
    read_at = now() - timedelta(hours=1)
    Notice.objects.create(
        code="escalated", created_at=now(), read_at=read_at, facts={}, **backup
    )
    notices.tell(
        user_id=site.queue.team.lead_id, code="assigned", item=item, dedupe="else"
    )

    act(
        item,
        site.manager,
        "acknowledge_escalation",
        reason="Looked together.",
        options={"outcome": "worked", "escalation": escalation.pk},
    )

    told = {n.user: n for n in Notice.objects.filter(code="escalated")}
    lead = told[site.queue.team.lead]
    assert lead.read_at is not None
    assert (lead.by_mail, lead.mail_after) == (True, None)
    assert lead.facts == {
        "by": str(site.coder),
        "escalation": escalation.pk,
        "answered_by": str(site.manager),
        "outcome": "worked",
    }
    assert told[site.other_coder].read_at == read_at
    assert Notice.objects.get(dedupe="else").read_at is None


def test_nobody_unknown_can_be_called(site) -> None:
    item = take(open_item(site.queue, site.facility), site.coder)
    with pytest.raises(BadInput, match="cannot be called"):
        act(item, site.coder, "escalate", reason="r", options={"tell": "assignee"})
    assert Escalation.objects.count() == 0


def test_the_worker_takes_no_item_and_writes_no_evidence(site) -> None:
    item = open_item(site.queue, site.facility)
    with pytest.raises(NotPermitted, match="“Take” takes a person"):
        act(item, None, "claim")
    item = take(item, site.coder)
    with pytest.raises(NotPermitted, match="“Save evidence” takes a person"):
        act(item, None, "save_evidence", evidence=GOOD_EVIDENCE)


@pytest.mark.django_db(transaction=True)
def test_an_item_moved_while_one_waits_for_it_is_stale_and_not_gone() -> None:
    site = make_site()
    elsewhere = QueueFactory(team=site.queue.team)
    grant(site.manager, elsewhere, "manage")
    item = open_item(site.queue, site.facility)
    said: list[str] = []

    def late() -> None:
        try:
            act(item, site.manager, "cancel", reason="Twice.")
        except Refusal as refusal:
            said.append(refusal.code)
        finally:
            connection.close()

    waiting = Thread(target=late)
    with transaction.atomic():
        act(
            item, site.manager, "reroute", reason="r", options={"queue": elsewhere.slug}
        )
        waiting.start()
        until_one_waits()
    waiting.join(timeout=20)

    assert said == ["stale_version"]


def deferred(item: WorkItem, actor: User) -> WorkItem:
    until = (now() + timedelta(days=3)).isoformat()
    options = {"until": until, "reason_code": "payer"}
    return act(item, actor, "pend", reason="They look.", options=options)


def test_what_was_deferred_is_not_resumed_into_full_hands() -> None:
    site = make_site(max_in_hand=1)
    first, second = open_many(site.queue, site.facility, 2)
    first = deferred(take(first, site.coder), site.coder)
    second = take(second, site.coder)

    with pytest.raises(NotPermitted) as refused:
        act(first, site.coder, "resume")

    assert refused.value.code == "max_in_hand"
    first.refresh_from_db()
    assert first.state == State.PENDING
    assert item_view(site.coder, first.pk).offer("resume").code == "max_in_hand"
    act(second, site.coder, "release")
    assert act(first, site.coder, "resume").state == State.IN_PROGRESS


def test_a_manager_resumes_whatever_its_holder_holds() -> None:
    site = make_site(max_in_hand=1)
    first, second = open_many(site.queue, site.facility, 2)
    first = deferred(take(first, site.coder), site.coder)
    take(second, site.coder)

    assert act(first, site.manager, "resume").state == State.IN_PROGRESS
