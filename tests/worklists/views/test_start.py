"""The start page: what to do now, by role, in sentences made from live numbers."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.factories import (
    GOOD_EVIDENCE,
    UserFactory,
    open_item,
    open_many,
    person,
    take,
)
from tests.worklists.views.conftest import fresh, give_back, submit, text_of
from worklists.context import now
from worklists.enums import Purpose, Role
from worklists.models import Installation, Review, Team, User, WorkItem
from worklists.selectors.pages.start import days_of, pressing
from worklists.services import injected_time
from worklists.services.perform import perform
from worklists.views import sentences
from worklists.views.start import day_word

pytestmark = pytest.mark.django_db


def start(client) -> str:
    """Return the start page as text."""
    return text_of(client.get("/"))


class TestCoder:
    """One next item with its reason, what came back, what is theirs."""

    def test_the_next_item_with_the_reason(self, site, as_person):
        items = open_many(site.queue, site.facility, 2)
        large = open_item(site.queue, site.facility, amount=Decimal(9000))

        page = start(as_person(site.coder))

        assert f'Next for you</h2> <p class="what">{large.number},' in page
        assert "$5,000 or more at stake" in page
        assert page.index(large.number) < page.index(items[0].number)
        assert "Take the next item." in page
        assert "DOE, JORDAN" not in page

    def test_looking_takes_nothing(self, site, as_person):
        item = open_item(site.queue, site.facility)

        start(as_person(site.coder))

        assert fresh(item).assignee is None

    def test_what_came_back_stands_first_in_the_reviewers_words(self, site, as_person):
        open_item(site.queue, site.facility, amount=Decimal(9000))
        item = open_item(site.queue, site.facility)
        give_back(site, item)

        page = start(as_person(site.apprentice))

        assert f'<p class="what">{item.number},' in page
        assert "One item came back to you" in page
        assert "“Say on which page.”" in page

    def test_what_was_assigned_says_that_it_comes_before_the_rest(
        self, site, as_person
    ):
        open_item(site.queue, site.facility, amount=Decimal(9000))
        item, then = open_many(site.queue, site.facility, 2)
        ids = [item.pk, then.pk]
        WorkItem.objects.filter(pk__in=ids).update(assignee=site.coder)

        page = start(as_person(site.coder))

        assert f'<p class="what">{item.number},' in page
        assert "<b>Assigned to you</b> before what nobody has" in page
        assert f"{then.number}</b> assigned" in page

    def test_ones_own_item_that_bites_first_is_one_click_away(self, site, as_person):
        calm, late, later = (
            take(item, site.coder) for item in open_many(site.queue, site.facility, 3)
        )
        for item, hours in ((calm, 90), (late, -5), (later, 3)):
            at = now() + timedelta(hours=hours)
            WorkItem.objects.filter(pk=item.pk).update(internal_due_at=at)
        client = as_person(site.coder)

        page = start(client)

        words = page[page.index("Of yours this bites first:") :][:400]
        assert f'href="/items/{late.pk}/">{late.number}</a>' in words
        assert later.number not in words
        assert page.index("Of yours this bites first:") < page.index("Next for you")

        WorkItem.objects.filter(pk=late.pk).update(state="in_review")
        words = start(client).split("Of yours this bites first:")[1][:400]
        assert f'href="/items/{later.pk}/">{later.number}</a>' in words
        WorkItem.objects.filter(pk=later.pk).update(state="in_review")
        assert "Of yours this bites first:" not in start(client)

    def test_also_what_came_back_and_what_stands_behind_many_reviews(
        self, site, as_person
    ):
        """Who submits the most urgent first has eight in review and one left."""
        late, *others = open_many(site.queue, site.facility, 10)
        for hours, item in enumerate([late, *others]):
            take(item, site.coder)
            at = now() - timedelta(hours=1 if item == late else 20 + hours)
            state = "returned" if item == late else "in_review"
            WorkItem.objects.filter(pk=item.pk).update(internal_due_at=at, state=state)
        words = start(as_person(site.coder)).split("Of yours this bites first:")[1]
        assert f'href="/items/{late.pk}/">{late.number}</a>' in words[:400]

    def test_what_presses_is_said(self, site, as_person):
        item = open_item(
            site.queue, site.facility, legal_due_at=now() + timedelta(hours=5)
        )
        take(item, site.coder)
        old = open_item(site.queue, site.facility, at=now() - timedelta(days=40))
        take(old, site.coder)

        page = start(as_person(site.coder))

        assert "One item is overdue and one item has to leave by tomorrow." in page

    def test_feedback_shows_what_seniors_decided(self, site, as_person):
        item = open_item(site.queue, site.facility)
        submit(site, item)
        perform(
            item_id=item.pk,
            action="reject",
            actor=site.reviewer,
            expected_version=fresh(item).version,
            reason="The payer is right here.",
        )

        page = start(as_person(site.apprentice))

        assert "rejected" in page
        assert "“The payer is right here.”" in page

    def test_an_empty_day_says_so(self, site, as_person):
        page = start(as_person(site.coder))

        assert "Nothing waits in your queues" in page
        assert "You hold no item" in page

    def test_yesterday_is_counted_in_the_persons_zone(self, site, as_person):
        Installation.objects.update_or_create(pk=1, defaults={"purpose": Purpose.TEST})
        item = open_item(site.queue, site.facility)
        late = datetime(
            2026, 11, 18, 4, 30, tzinfo=UTC
        )  # 22:30 the day before in Chicago
        with injected_time.at(late):
            submit(site, item)
        with injected_time.at(datetime(2026, 11, 18, 15, tzinfo=UTC)):
            page = start(as_person(site.apprentice))

        assert "Yesterday: 1 submitted" in page
        assert "Good morning, " in page

    @pytest.mark.parametrize(
        ("days", "word"),
        [(0, "Today"), (1, "Yesterday"), (3, "Sunday"), (7, "Wed Nov\xa011")],
    )
    def test_the_last_day_is_called_as_people_call_it(self, days, word):
        today = date(2026, 11, 18)
        assert day_word(today - timedelta(days=days), today) == word

    def test_the_last_day_with_work_and_today_stand_side_by_side(self, site, as_person):
        Installation.objects.update_or_create(pk=1, defaults={"purpose": Purpose.TEST})
        for moment in (
            datetime(2026, 11, 2, 15, tzinfo=UTC),  # too long ago
            datetime(2026, 11, 12, 15, tzinfo=UTC),
            datetime(2026, 11, 13, 15, tzinfo=UTC),  # Friday
            datetime(2026, 11, 16, 15, tzinfo=UTC),
        ):
            with injected_time.at(moment):
                submit(site, open_item(site.queue, site.facility))
        with injected_time.at(datetime(2026, 11, 16, 20, tzinfo=UTC)):
            days = days_of(User.objects.get(pk=site.apprentice.pk))
            page = start(as_person(site.apprentice))

        assert [(one.on, one.counts) for one in days] == [
            (date(2026, 11, 13), (1, 0, 0)),
            (date(2026, 11, 16), (1, 0, 0)),
        ]
        assert "Friday: 1 submitted, 0 approved, 0 returned" in page
        assert "Today: 1 submitted" in page


def test_a_reviewer_sees_what_waits_by_reason(site, as_person):
    for item in open_many(site.queue, site.facility, 2):
        submit(site, item)

    page = start(as_person(site.reviewer))

    assert "Two items wait for your decision." in page
    assert "Every item, apprentice" in page


def test_a_manager_sees_escalations_then_queues(site, as_person, held):
    perform(
        item_id=held.pk,
        action="escalate",
        actor=site.coder,
        expected_version=held.version,
        reason="Help.",
        options={"tell": "manager"},
    )

    page = start(as_person(site.manager))

    assert "One escalation waits for your answer." in page
    assert page.index("Escalations without an answer") < page.index(site.queue.name)


def test_a_lead_sees_who_waits_for_their_answer(site, as_person, held):
    Team.objects.filter(pk=site.queue.team_id).update(lead=site.reviewer)
    perform(
        item_id=held.pk,
        action="escalate",
        actor=site.coder,
        expected_version=held.version,
        reason="Help.",
        options={"tell": "lead"},
    )

    page = start(as_person(site.reviewer))

    assert "One escalation waits for your answer." in page
    assert f"{site.coder} called for help" in page


def test_a_reviewer_who_leads_nobody_reads_of_no_escalation(site, as_person):
    page = start(as_person(site.reviewer))

    assert "escalation" not in page.lower()


def test_a_manager_is_told_exactly_how_many_wait(site, as_person, held):
    for version in (held.version, held.version + 1):
        perform(
            item_id=held.pk,
            action="escalate",
            actor=site.coder,
            expected_version=version,
            reason="Help.",
            options={"tell": "manager"},
        )
    page = start(as_person(site.manager))

    assert "Two escalations wait for your answer." in page


def test_an_auditor_sees_the_newest_decisions_of_their_scope(site, as_person):
    item = open_item(site.queue, site.facility)
    submit(site, item)

    page = start(as_person(site.auditor))

    assert item.number in page
    assert "to senior review" in page


def test_an_administrator_gets_links_and_no_item(site, as_person):
    item = open_item(site.queue, site.facility)

    page = start(as_person(site.administrator))

    assert "Set-up" in page
    assert item.number not in page


def test_somebody_without_a_role_is_told(as_person):
    assert "You hold no role yet" in start(as_person(UserFactory()))


def test_a_role_without_a_list_is_told(site, as_person):
    educator = person(Role.EDUCATOR)

    assert "Your role has no list of its own here yet." in start(as_person(educator))


@pytest.mark.parametrize("count", [1, 3])
def test_the_coders_page_costs_the_same_with_more_rows(
    site, as_person, django_assert_num_queries, count
):
    for item in open_many(site.queue, site.facility, count):
        give_back(site, item)
    for item in open_many(site.queue, site.facility, count):
        take(item, site.apprentice)
    open_many(site.queue, site.facility, count)
    client = as_person(site.apprentice)
    client.get("/")

    with django_assert_num_queries(24):
        client.get("/")


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "no items"), (1, "one item"), (12, "twelve items"), (1204, "1,204 items")],
)
def test_counts_are_written_as_people_say_them(count, words):
    assert sentences.things(count, "item") == words


def test_what_a_senior_looks_at_is_not_overdue_with_its_coder(site):
    late = open_many(site.queue, site.facility, 2, at=now() - timedelta(days=60))
    for item in late:
        take(item, site.coder)
    assert pressing(site.coder) == (2, 0)

    WorkItem.objects.filter(pk=late[0].pk).update(state="in_review")

    assert pressing(site.coder) == (1, 0)


def test_what_is_beyond_a_seniors_level_is_nothing_to_begin_with(site, as_person):
    item = take(open_item(site.queue, site.facility), site.apprentice)
    perform(
        item_id=item.pk,
        action="submit",
        actor=site.apprentice,
        expected_version=item.version,
        evidence=GOOD_EVIDENCE,
    )
    client = as_person(site.reviewer)
    assert "Begin with the first" in client.get("/").text
    Review.objects.filter(item=item).update(approver_role="manager")

    page = client.get("/").text

    assert "Begin with the first" not in page
    assert 'href="/review/decided/"' in page


def test_a_manager_finds_at_once_what_is_reserved_for_them(site, as_person):
    item = take(open_item(site.queue, site.facility), site.apprentice)
    assert "Begin with the first" not in as_person(site.manager).get("/").text
    perform(
        item_id=item.pk,
        action="submit",
        actor=site.apprentice,
        expected_version=item.version,
        evidence=GOOD_EVIDENCE,
    )
    Review.objects.filter(item=item).update(approver_role="manager")

    page = as_person(site.manager).get("/")

    assert page.context["to_review"] == 1
    assert "Begin with the first" in page.text
    assert f"/review/{item.pk}/" in page.text
