"""The page of lent authority: see it, lend it, take it back."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import ReviewPolicyFactory, make_site, open_item, person
from tests.worklists.views.conftest import fresh, submit, text_of
from worklists.enums import Role
from worklists.models import Event, Review, ReviewDelegation, TeamMember, User
from worklists.selectors.access import today_of
from worklists.services.delegating import lend

pytestmark = pytest.mark.django_db
PAGE = "/review/authority/"


@pytest.fixture
def site():
    return make_site(review_policy=ReviewPolicyFactory(amount_from=1))


@pytest.fixture
def senior(site):
    return person(
        Role.REVIEWER,
        facilities=[site.facility],
        username="grace",
        first_name="Grace",
        last_name="Lind",
    )


def form(site, **changed):
    today = today_of(site.reviewer)
    return {
        "delegator": site.reviewer.pk,
        "to": "grace",
        "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=3)).isoformat(),
        "amount_limit": "1500",
    } | changed


def lent(site, to="grace"):
    today = today_of(site.reviewer)
    return lend(
        actor=User.objects.get(pk=site.reviewer.pk),
        delegator_id=site.reviewer.pk,
        to=to,
        starts_on=today,
        ends_on=today,
        amount_limit=Decimal(900),
    )


def test_nothing_lent_is_an_empty_state(site, as_person):
    page = text_of(as_person(site.reviewer).get(PAGE))

    assert "No authority is lent" in page
    assert "Take back" not in page


def test_lending_is_one_form(site, as_person, senior):
    client = as_person(site.reviewer)

    assert client.post(PAGE, form(site)).url == PAGE

    made = ReviewDelegation.objects.get()
    assert (made.delegator, made.delegate) == (site.reviewer, senior)
    assert made.amount_limit == Decimal(1500)
    page = text_of(client.get(PAGE))
    for words in ("Grace Lind may decide for", "$1,500.00", "every class", "In force"):
        assert words in page


def test_what_was_typed_stays_beside_the_refusal(site, as_person, senior):
    page = text_of(as_person(site.reviewer).post(PAGE, form(site, amount_limit="0")))

    assert "The limit is a sum above 0 dollars." in page
    assert 'value="grace" selected' in page
    assert not ReviewDelegation.objects.exists()


def test_one_that_adds_nothing_says_so(site, as_person):
    site.other_reviewer.username = "omar"
    site.other_reviewer.save()
    client = as_person(site.reviewer)
    client.post(PAGE, form(site, to="omar"))

    assert "adds nothing until that changes" in text_of(client.get(PAGE))


def test_the_lender_takes_it_back_and_the_borrower_cannot(site, as_person, senior):
    made = lent(site)
    end = f"{PAGE}{made.pk}/end/"

    assert "Take back from" not in text_of(as_person(senior).get(PAGE))
    assert as_person(senior).post(end).status_code == 403
    assert ReviewDelegation.objects.get().ended_at is None
    client = as_person(site.reviewer)
    assert "Take back from" in text_of(client.get(PAGE))
    assert client.post(end).url == PAGE
    assert "Taken back" in text_of(client.get(PAGE))


def test_a_page_from_before_somebody_took_it_back_changes_nothing(
    site, as_person, senior
):
    TeamMember.objects.create(team=site.queue.team, user=site.reviewer)
    end = f"{PAGE}{lent(site).pk}/end/"
    assert as_person(site.manager).post(end).url == PAGE
    before = ReviewDelegation.objects.values().get()

    stale = as_person(site.reviewer).post(end)

    assert stale.status_code == 409
    assert "This authority has ended already." in text_of(stale)
    assert ReviewDelegation.objects.values().get() == before
    assert before["ended_by_id"] == site.manager.pk
    assert Event.objects.filter(action="authority.ended").count() == 1


def test_a_coder_does_not_come_in(site, as_person):
    assert as_person(site.coder).get(PAGE).status_code == 403


def test_somebody_elses_delegation_is_not_shown(site, as_person, senior):
    lent(site)

    assert "No authority is lent" in text_of(as_person(site.other_reviewer).get(PAGE))


def test_the_borrower_reviews_and_is_told_for_whom(site, as_person, senior):
    lent(site)
    item = open_item(site.queue, site.facility)
    submit(site, item, by=site.coder)
    client = as_person(senior)

    page = text_of(client.get(f"/review/{item.pk}/"))
    assert f"You decide for {site.reviewer}" in page
    assert "$900.00" in page
    client.post(
        f"/items/{item.pk}/do/approve/", {"version": fresh(item).version, "then": ""}
    )
    assert Review.objects.get(item=item).on_behalf_of == site.reviewer


def test_the_list_takes_the_same_queries_however_many(
    site, as_person, senior, django_assert_max_num_queries
):
    client = as_person(site.reviewer)
    lent(site)
    client.get(PAGE)
    with django_assert_max_num_queries(40) as one:
        client.get(PAGE)
    for number in range(3):
        other = person(Role.REVIEWER, facilities=[site.facility], username=f"r{number}")
        lent(site, other.username)
    with django_assert_max_num_queries(len(one)):
        client.get(PAGE)


def test_who_reviews_the_same_queues_is_not_offered(site, senior, as_person):
    page = text_of(as_person(site.reviewer).get(PAGE))

    offered = page[
        page.index('id="to"') : page.index("</select>", page.index('id="to"'))
    ]
    assert 'value="grace"' in offered
    assert f'value="{site.other_reviewer.username}"' not in offered
    assert "Who reviews all these queues already is not offered." in page


def test_where_nobody_would_gain_it_is_said(site, as_person):
    page = text_of(as_person(site.reviewer).get(PAGE))

    assert "already, so nobody would gain by it" in page
