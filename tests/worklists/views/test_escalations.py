"""Escalations in quantity: ordered, narrowed, answered together; finished ones apart."""

import re
from datetime import timedelta

import pytest

from tests.factories import QueueFactory, grant, open_item, take
from tests.worklists.views.conftest import fresh, text_of
from worklists.context import now
from worklists.models import BulkAct, Escalation, Event, Reason, WorkItem
from worklists.services.bulk import cancel_items
from worklists.services.perform import perform
from worklists.templatetags.wording import day, hour_minute
from worklists.views.escalating import called

pytestmark = pytest.mark.django_db
URL = "/escalations/"
ANSWER = "/escalations/answer/"


def call(site, item):
    """Let the coder call the manager for an item."""
    perform(
        item_id=item.pk,
        action="escalate",
        actor=site.coder,
        expected_version=fresh(item).version,
        reason="Which system counts?",
        options={"tell": "manager"},
    )
    return Escalation.objects.get(item=item)


def called_item(site, queue=None, **given):
    item = take(open_item(queue or site.queue, site.facility, **given), site.coder)
    return call(site, item)


def by_rung(site, row, step, **fields):
    """Make an escalation one that a clock's rung set off, hours ago."""
    clock = row.item.clocks.first()
    Escalation.objects.filter(pk=row.pk).update(
        raised_by=None, clock=clock, step=step, **fields
    )


def shown(client, query=""):
    page = client.get(f"{URL}{query}").text
    return [int(n) for n in re.findall(r'data-dialog-open="answer-(\d+)"', page)]


@pytest.mark.parametrize(
    ("hours", "said"), [(-1, "clock ran out {} as it then was"),
                        (20, "clock was to run out {} as it then was")],
)  # fmt: skip
def test_an_escalation_says_the_date_it_was_fired_for(site, hours, said):
    row = called_item(site)
    then = now() + timedelta(hours=hours)
    by_rung(site, row, 4, fired_at=now(), clock_due_at=then)
    row.item.clocks.update(due_at=now() + timedelta(days=13))

    (said_so,) = called(site.manager, [Escalation.objects.get(pk=row.pk)])
    what = said_so.what

    label = row.item.clocks.get().label
    assert what == f"{label} {said.format(f'{day(then)} {hour_minute(then)}')}"


@pytest.fixture
def three(site):
    """A cheap call for help; two of the ladder, the dearer one younger and due later."""
    cheap = called_item(site, amount=10)
    first = called_item(site, amount=500)
    second = called_item(site, amount=900)
    out = now() - timedelta(hours=5)
    by_rung(site, first, 1, fired_at=now() - timedelta(hours=9))
    by_rung(site, second, 2, fired_at=out, due_at=out, clock_due_at=out)
    for row, hours in ((cheap, 30), (first, 3), (second, 6)):
        at = now() + timedelta(hours=hours)
        WorkItem.objects.filter(pk=row.item_id).update(internal_due_at=at)
    return cheap, first, second


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", (0, 1, 2)),
        ("?ordering=oldest", (1, 2, 0)),
        ("?ordering=due", (1, 2, 0)),
        ("?ordering=dollars", (2, 1, 0)),
    ],
)
def test_orders(site, as_person, three, query, order):
    assert shown(as_person(site.manager), query) == [three[n].pk for n in order]


def test_an_order_that_there_is_not_is_refused(site, as_person):
    answer = as_person(site.manager).get(f"{URL}?ordering=patient")

    assert answer.status_code == 400
    assert "choose one of oldest, due, dollars" in text_of(answer)


def test_narrowed_by_queue_what_set_it_off_and_who_was_told(site, as_person, three):
    other = QueueFactory(team=site.queue.team, name="Another queue")
    grant(site.manager, other, "manage")
    cheap, first, second = three
    elsewhere = called_item(site)
    WorkItem.objects.filter(pk=elsewhere.item_id).update(queue=other)
    client = as_person(site.manager)

    assert shown(client, f"?queue={other.slug}") == [elsewhere.pk]
    assert shown(client, "?by=warning") == [first.pk]
    assert shown(client, "?by=person&ordering=oldest") == [cheap.pk, elsewhere.pk]
    told = site.manager.username
    assert len(shown(client, f"?told={told}")) == 4
    assert shown(client, "?by=step-9") == []
    page = text_of(client.get(f"{URL}?by=step-9"))
    assert "No escalation matches these filters" in page
    page = text_of(client.get(URL))
    for offered in (
        "Another queue",
        "a clock that runs out soon",
        "a clock that ran out",
        "a call for help",
    ):
        assert offered in page
    assert shown(client, "?by=breach") == [second.pk]


def test_those_of_finished_items_stand_last_under_their_own_words(site, as_person):
    ended, going = called_item(site), called_item(site)
    cancel_items([ended.item_id], reason_code="not_needed")
    client = as_person(site.manager)

    assert shown(client) == [going.pk, ended.pk]
    assert shown(client, "?ordering=oldest") == [going.pk, ended.pk]
    assert shown(client, "?item=finished") == [ended.pk]
    assert shown(client, "?item=active") == [going.pk]
    said = "The item is finished; the call still wants an answer"
    for address in (URL, "/manage/", "/"):
        page = text_of(client.get(address))
        assert page.count(said) == 1
        assert page.index(going.item.number) < page.index(said)
    assert said not in text_of(client.get(f"{URL}?item=active"))


def test_several_are_looked_at_then_answered_together(site, as_person):
    rows = [called_item(site) for _ in range(3)]
    Escalation.objects.filter(pk=rows[2].pk).update(
        acknowledged_by=site.manager, acknowledged_at=now(), outcome="worked"
    )
    client = as_person(site.manager)
    events = Event.objects.count()

    first = text_of(client.post(ANSWER, {"calls": [row.pk for row in rows]}))
    assert "3 escalations selected." in first
    kept = first.split("These stay as they are.")[1]
    assert "It waits for no answer any more." in kept
    assert f'href="/items/{rows[2].item_id}/">{rows[2].item}</a>' in kept

    form = {"chosen": ",".join(str(row.pk) for row in rows), "outcome": "accepted"}
    looked = text_of(client.post(ANSWER, form))
    assert "Answer 2 escalations" in looked
    assert "2 escalations of 3 selected." in looked
    assert BulkAct.objects.count() == 0
    assert Event.objects.filter(action__startswith="item.esc").count() == 3
    assert Event.objects.count() == events

    done = {**form, "looked": "accepted", "confirm": "1", "reason": "Looked at all."}
    answer = client.post(ANSWER, done, follow=True)
    page = text_of(answer)
    assert "2 escalations answered, 1 stayed as they were" in page
    assert "Answers are not undone." in page
    assert "· Accepted as it is" in page
    outcomes = Escalation.objects.order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["accepted", "accepted", "worked"]


def test_another_outcome_than_the_one_looked_at_is_shown_anew(site, as_person):
    row = called_item(site)
    form = {
        "chosen": str(row.pk),
        "outcome": "worked",
        "looked": "accepted",
        "confirm": "1",
        "reason": "All fine.",
    }

    page = text_of(as_person(site.manager).post(ANSWER, form))

    assert "Answer 1 escalation" in page
    row.refresh_from_db()
    assert row.outcome == ""


def test_all_that_the_filters_find_are_answered(site, as_person, three):
    cheap, first, second = three
    client = as_person(site.manager)
    picked = {"calls": [first.pk], "matching": "1", "look": "of=own&by=breach"}

    page = client.post(ANSWER, picked).text

    assert f'name="chosen" value="{second.pk}"' in page
    assert "/escalations/?of=own&amp;by=breach" in page
    nothing = client.post(ANSWER, {**picked, "look": "of=own&by=step-7"})
    assert nothing.status_code == 400
    assert "No escalation matches these filters any more." in text_of(nothing)

    done = {"chosen": str(second.pk), "outcome": "accepted", "looked": "accepted"}
    done |= {"confirm": "1", "reason": "Looked at it.", "look": picked["look"]}
    assert client.post(ANSWER, done).status_code == 302
    rows = Escalation.objects.in_bulk([cheap.pk, first.pk, second.pk])
    assert [rows[one.pk].outcome for one in three] == ["", "", "accepted"]


def test_nothing_selected_is_said(site, as_person):
    answer = as_person(site.manager).post(ANSWER, {})

    assert answer.status_code == 400
    assert "Select at least one escalation." in text_of(answer)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_with_more_rows(
    site, as_person, django_assert_num_queries, count
):
    for _ in range(count):
        called_item(site)
    client = as_person(site.manager)
    client.get(URL)

    with django_assert_num_queries(12):
        client.get(URL)


def test_one_answer_leaves_the_list_as_it_was_looked_at(site, as_person, three):
    client = as_person(site.manager)
    page = client.get(f"{URL}?of=own&ordering=dollars&queue={site.queue.slug}").text
    look = f"of=own&queue={site.queue.slug}&ordering=dollars"
    assert f'name="look" value="{look.replace("&", "&amp;")}"' in page
    row = Escalation.objects.latest("pk")
    form = {"version": fresh(row.item).version, "escalation": row.pk}
    form |= {"outcome": "accepted", "reason": "On it.", "then": "escalations"}
    done = f"/items/{row.item_id}/do/acknowledge_escalation/"
    assert client.post(done, form | {"look": look}).url == f"{URL}?{look}"
    row.refresh_from_db()
    assert row.acknowledged_by == site.manager


def test_the_words_of_a_call_stand_where_it_is_listed(site, as_person):
    row = called_item(site)
    by_rung(site, called_item(site), 4)
    words = Reason.objects.get(item=row.item, action="item.escalated").value

    rows = called(site.manager, Escalation.objects.order_by("pk"))

    assert [one.words for one in rows] == [words, ""]
    assert f"“{words}”" in as_person(site.manager).get(URL).text
    assert f"“{words}”" in as_person(site.manager).get("/").text
    assert f"“{words}”" in as_person(site.coder).get(f"/items/{row.item_id}/").text


def test_the_words_are_those_of_its_own_call(site):
    row = called_item(site)
    item = WorkItem.objects.get(pk=row.item_id)
    perform(
        item_id=item.pk,
        action="escalate",
        actor=site.coder,
        expected_version=item.version,
        reason="Nobody came.",
        options={"tell": "manager"},
    )
    first, second = Escalation.objects.filter(item=item).order_by("pk")

    said = {
        one.escalation.pk: one.words for one in called(site.manager, [second, first])
    }

    assert said[second.pk] == "Nobody came."
    assert said[first.pk] not in {"", "Nobody came."}
