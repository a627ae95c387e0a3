"""Notices: in words, read by opening, one's own only."""

import pytest

from tests.factories import QueueFactory, open_item, open_many
from tests.worklists.views.conftest import give_back, text_of
from worklists.context import now
from worklists.models import Notice, WorkItem
from worklists.services import notices
from worklists.views.inbox import _WORDS, told

pytestmark = pytest.mark.django_db


def test_a_return_is_told_with_its_reason(site, as_person):
    item = open_item(site.queue, site.facility)
    give_back(site, item)

    page = text_of(as_person(site.apprentice).get("/inbox/"))

    assert f"{site.reviewer} returned it, evidence not specific." in page
    assert item.number in page


def test_opening_a_notice_marks_it_read_and_leads_to_its_item(site, as_person):
    item = open_item(site.queue, site.facility)
    give_back(site, item)
    notice = Notice.objects.get()

    answer = as_person(site.apprentice).post("/inbox/read/", {"notice": notice.pk})

    assert answer.url == f"/items/{item.pk}/"
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_all_are_marked_read_at_once(site, as_person):
    for item in open_many(site.queue, site.facility, 2):
        give_back(site, item)

    assert as_person(site.apprentice).post("/inbox/read/").url == "/inbox/"
    assert not Notice.objects.filter(read_at=None).exists()


def test_somebody_elses_notice_stays_unread(site, as_person):
    item = open_item(site.queue, site.facility)
    give_back(site, item)
    notice = Notice.objects.get()

    answer = as_person(site.coder).post("/inbox/read/", {"notice": notice.pk})

    assert answer.url == "/inbox/"
    assert Notice.objects.get().read_at is None


def test_an_empty_inbox_says_what_will_come(site, as_person):
    assert "Nothing was told to you yet" in text_of(
        as_person(site.coder).get("/inbox/")
    )


@pytest.mark.parametrize("code", sorted(_WORDS))
def test_one_item_is_never_said_in_the_plural(code):
    assert "1 items" not in told(Notice(code=code, facts={"items": 1})).words


@pytest.mark.parametrize(
    ("code", "facts", "words"),
    [
        ("assigned", {"by": "Grace"}, "Grace gave it to you."),
        ("escalated", {"by": "Ana"}, "Ana called you for help."),
        ("fixed", {"by": "Teresa"}, "Teresa fixed and approved it."),
        ("resumed", {}, "It came back from deferral"),
        ("released", {"hours": 8}, "It went back to its queue"),
        (
            "ladder",
            {
                "clock": "Internal",
                "overdue": True,
                "clock_due_at": "2026-11-18T18:00:00+00:00",
            },
            "Its clock “Internal” ran out Wed Nov",
        ),
        ("something_new", {}, "something new"),
        (
            "assigned_many",
            {"by": "Grace", "items": 1},
            "Grace gave you 1 item. See Mine.",
        ),
        ("assigned_many", {"by": "Grace", "items": 12}, "Grace gave you 12 items."),
        (
            "came_back",
            {"items": 1, "stayed": 0, "to": "the pool"},
            "You are back: 1 item came back to you, 0 stayed with the pool.",
        ),
        (
            "left_cancel_reversed",
            {"items": 1},
            "The payer reversed every denial of 1 item. The system does not cancel",
        ),
    ],
)
def test_every_code_has_words(code, facts, words):
    notice = Notice(code=code, facts=facts, created_at=now())

    assert told(notice).words.startswith(words)


@pytest.mark.parametrize("code", ["escalated", "ladder"])
def test_a_call_says_whether_it_waits_or_who_answered_it(code):
    asked = {"by": "Ana", "clock": "Internal", "needs_acknowledgement": True}
    answer = {"answered_by": "Maria Santos", "outcome": "reassigned"}

    waits = told(Notice(code=code, facts=asked, created_at=now())).words
    answered = told(Notice(code=code, facts=asked | answer, created_at=now())).words

    assert waits.endswith(" It waits for your answer.")
    assert answered.endswith(" Maria Santos answered: given to somebody else.")
    assert "waits" not in answered


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_with_more_notices(
    site, as_person, django_assert_num_queries, count
):
    item = open_item(site.queue, site.facility)
    for number in range(count):
        notices.tell(
            user_id=site.coder.pk, code="assigned", item=item, dedupe=str(number)
        )
    client = as_person(site.coder)
    client.get("/inbox/")

    with django_assert_num_queries(4):
        client.get("/inbox/")


def test_a_number_without_end_names_no_notice(site, as_person):
    give_back(site, open_item(site.queue, site.facility))
    client = as_person(site.apprentice)

    assert client.post("/inbox/read/", {"notice": "9" * 5000}).status_code == 400
    assert Notice.objects.get().read_at is None


def test_where_an_item_went_is_not_for_whoever_does_not_see_it_there(site, as_person):
    item = open_item(site.queue, site.facility)
    give_back(site, item)
    client = as_person(site.apprentice)
    hidden = QueueFactory(team=site.queue.team, name="High-dollar denials")
    assert site.queue.name in text_of(client.get("/inbox/"))

    WorkItem.objects.filter(pk=item.pk).update(queue=hidden)

    page = text_of(client.get("/inbox/"))
    assert item.number in page
    assert hidden.name not in page
    mail = notices.compose(Notice.objects.get())
    assert "another queue" in mail.body
    assert hidden.name not in mail.subject + mail.body
