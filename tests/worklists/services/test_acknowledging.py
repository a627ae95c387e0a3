"""Answering many escalations: as if each was answered alone, and who may not."""

import json

import pytest

from audits.services.verification import verify_trail
from tests.factories import QueueFactory, grant, make_site, open_item, open_many, take
from worklists.enums import Action, State
from worklists.errors import BadInput, WrongState
from worklists.models import BulkAct, Escalation, Event, Notice, Reason, WorkItem
from worklists.services import acknowledging
from worklists.services.acknowledging import (
    ANSWERED_BY_NOW,
    GONE,
    answer_many,
    preview_answers,
)
from worklists.services.bulk import cancel_items
from worklists.services.effects.escalating import NOT_GIVEN
from worklists.services.perform import perform
from worklists.services.taking_back import take_back

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site():
    return make_site()


def call(site, item):
    """Let the coder call for help; return the escalation."""
    item.refresh_from_db()
    perform(
        item_id=item.pk,
        action=Action.ESCALATE,
        actor=site.coder,
        expected_version=item.version,
        reason="Which system counts?",
        options={"tell": "lead"},
    )
    return Escalation.objects.filter(item=item).order_by("-pk").first()


def calls(site, count):
    items = open_many(site.queue, site.facility, count)
    return [call(site, take(item, site.coder)) for item in items]


def answer(site, those, actor=None, outcome="worked", reason="Looked together."):
    return answer_many(
        actor=actor or site.manager,
        chosen=[one.pk for one in those],
        outcome=outcome,
        reason=reason,
    )


def written():
    return (
        BulkAct.objects.count(),
        Event.objects.count(),
        Escalation.objects.exclude(outcome="").count(),
    )


def test_given_to_somebody_else_is_answered_only_where_it_was(site):
    given, kept, ended = calls(site, 3)
    WorkItem.objects.filter(pk=ended.item_id).update(state=State.CANCELLED)
    item = WorkItem.objects.get(pk=given.item_id)
    perform(
        item_id=item.pk,
        action=Action.ASSIGN,
        actor=site.manager,
        expected_version=item.version,
        reason="She has time.",
        options={"to": site.other_coder.username},
    )
    looked = preview_answers(
        actor=site.manager,
        chosen=[given.pk, kept.pk, ended.pk],
        outcome="reassigned",
    )
    assert [(left.id, left.why) for left in looked.left] == [(kept.item_id, NOT_GIVEN)]

    done = answer(site, [given, kept, ended], outcome="reassigned")

    rows = (given, kept, ended)
    for row in rows:
        row.refresh_from_db()
    assert [row.outcome for row in rows] == ["reassigned", "", "reassigned"]
    assert (done.act.done, done.act.refused) == (2, 1)


def test_one_answer_that_is_not_so_is_refused_and_the_call_waits_on(site):
    (call,) = calls(site, 1)
    item = WorkItem.objects.get(pk=call.item_id)
    events = Event.objects.count()

    with pytest.raises(BadInput) as refused:
        perform(
            item_id=item.pk,
            action=Action.ACKNOWLEDGE_ESCALATION,
            actor=site.manager,
            expected_version=item.version,
            reason="Jin takes it tomorrow.",
            options={"outcome": "reassigned", "escalation": call.pk},
        )

    assert refused.value.fields == {"outcome": [NOT_GIVEN]}
    call.refresh_from_db()
    assert (call.outcome, call.acknowledged_at) == ("", None)
    assert Event.objects.count() == events


def test_it_is_as_if_each_was_answered_alone(site):
    one, alone = calls(site, 2)
    item = WorkItem.objects.get(pk=alone.item_id)
    perform(
        item_id=item.pk,
        action=Action.ACKNOWLEDGE_ESCALATION,
        actor=site.manager,
        expected_version=item.version,
        reason="Looked together.",
        options={"outcome": "worked", "escalation": alone.pk},
    )

    done = answer(site, [one])

    rows = [WorkItem.objects.values().get(pk=c.item_id) for c in (one, alone)]
    same = ("state", "assignee_id", "version", "trail_seq", "priority")
    assert {n: rows[0][n] for n in same} == {n: rows[1][n] for n in same}
    assert (rows[0]["state"], rows[0]["version"]) == ("in_progress", 4)
    events = Event.objects.filter(action="item.escalation_acknowledged")
    assert [
        (e.subject_id, json.loads(e.facts), e.from_state, e.to_state, e.object_kind)
        for e in events.order_by("subject_id")
    ] == [
        (
            one.item_id,
            {"escalation": one.pk, "outcome": "worked", "version": 4},
            "in_progress",
            "in_progress",
            "bulk_act",
        ),
        (
            alone.item_id,
            {"escalation": alone.pk, "outcome": "worked", "version": 4},
            "in_progress",
            "in_progress",
            None,
        ),
    ]
    said = Reason.objects.filter(action="item.escalation_acknowledged")
    assert [row.value for row in said] == ["Looked together."] * 2
    one.refresh_from_db()
    assert (one.outcome, one.acknowledged_by) == ("worked", site.manager)
    assert one.acknowledged_at is not None
    assert (done.act.kind, done.act.done, done.act.refused) == ("answered", 1, 0)
    assert verify_trail().whole


def test_the_person_has_one_event_and_everybody_called_reads_the_answer(site):
    those = calls(site, 3)

    done = answer(site, those, outcome="accepted")

    event = Event.objects.get(action="bulk.answered")
    assert (event.subject_kind, event.subject_id) == ("user", site.manager.pk)
    assert (event.object_kind, event.object_id) == ("bulk_act", done.act.pk)
    assert json.loads(event.facts) == {
        "escalations": 3,
        "items": 3,
        "outcome": "accepted",
        "refused": 0,
    }
    notices = Notice.objects.filter(code="escalated")
    assert {(n.facts["outcome"], n.facts["answered_by"]) for n in notices} == {
        ("accepted", str(site.manager))
    }
    assert [n.mail_after for n in notices] == [None] * 3
    assert all(n.read_at for n in notices)


def test_two_calls_of_one_item_are_two_events_on_its_chain(site):
    item = take(open_item(site.queue, site.facility), site.coder)
    older, newer = call(site, item), call(site, item)
    (other,) = calls(site, 1)

    done = answer(site, [newer, other, older])

    events = Event.objects.filter(
        action="item.escalation_acknowledged", subject_id=item.pk
    ).order_by("seq")
    assert [json.loads(e.facts) for e in events] == [
        {"escalation": older.pk, "outcome": "worked", "version": 5},
        {"escalation": newer.pk, "outcome": "worked", "version": 6},
    ]
    item.refresh_from_db()
    assert item.version == 6
    assert (done.act.done, done.act.items.count()) == (3, 2)
    assert json.loads(Event.objects.get(action="bulk.answered").facts)["items"] == 2
    assert verify_trail().whole


def test_a_call_of_a_finished_item_is_answered_and_the_item_stays_as_it_is(site):
    (one,) = calls(site, 1)
    cancel_items([one.item_id], reason_code="not_needed")

    answer(site, [one])

    one.refresh_from_db()
    assert (one.outcome, one.item.state) == ("worked", State.CANCELLED)


def test_what_cannot_be_answered_is_named_and_stays(site):
    answered, gone, foreign, good = calls(site, 4)
    answer(site, [answered], outcome="extended")
    elsewhere = QueueFactory(team=site.queue.team)
    WorkItem.objects.filter(pk=gone.item_id).update(queue=elsewhere)
    read_only = QueueFactory()
    grant(site.manager, read_only, "work")
    WorkItem.objects.filter(pk=foreign.item_id).update(queue=read_only)
    chosen = [one.pk for one in (answered, gone, foreign, good)]
    before = written()

    looked = preview_answers(
        actor=site.manager, chosen=[*chosen, 999_999], outcome="worked"
    )

    assert written() == before
    assert [p.item.pk for p in looked.placings] == [good.item_id]
    assert {(left.id, left.why) for left in looked.left} == {
        (answered.item_id, ANSWERED_BY_NOW),
        (
            foreign.item_id,
            "Escalations are answered by the queue's lead, supervisor or manager.",
        ),
        (gone.pk, GONE),
        (999_999, GONE),
    }
    done = answer(site, [answered, gone, foreign, good])
    assert (done.act.done, done.act.refused) == (1, 3)
    for one in (answered, gone, foreign):
        one.refresh_from_db()
    assert (answered.outcome, gone.outcome, foreign.outcome) == ("extended", "", "")


def test_a_coder_answers_nothing(site):
    those = calls(site, 2)
    before = written()

    done = answer(site, those, actor=site.coder)

    assert (done.act, len(done.plan.left), done.plan.placings) == (None, 2, [])
    assert written() == before


@pytest.mark.parametrize(
    ("outcome", "reason", "said"),
    [
        ("", "Looked.", "Say what was done"),
        ("whatever", "Looked.", "Say what was done"),
        ("worked", "  ", "needs a reason"),
    ],
)
def test_without_an_outcome_or_words_nothing_is_answered(site, outcome, reason, said):
    those = calls(site, 1)
    before = written()

    with pytest.raises(BadInput, match=said):
        answer(site, those, outcome=outcome, reason=reason)

    assert written() == before


@pytest.mark.parametrize("count", [0, 3])
def test_too_many_or_none_are_refused(site, monkeypatch, count):
    monkeypatch.setattr(acknowledging, "MOST", 2)
    before = written()

    with pytest.raises(BadInput, match="Choose 1 to 2 escalations"):
        answer_many(
            actor=site.manager, chosen=range(count), outcome="worked", reason="All."
        )

    assert written() == before


def test_answers_are_not_taken_back(site):
    (one,) = calls(site, 1)
    done = answer(site, [one])

    with pytest.raises(WrongState, match="not taken back"):
        take_back(actor=site.manager, bulk_act_id=done.act.pk)

    one.refresh_from_db()
    assert one.outcome == "worked"


def test_as_many_statements_for_many_as_for_few(site, django_assert_max_num_queries):
    few, many = calls(site, 1), calls(site, 6)
    with django_assert_max_num_queries(100) as counted:
        answer(site, few)
    with django_assert_max_num_queries(len(counted)):
        answer(site, many)
