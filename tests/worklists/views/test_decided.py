"""“Decided by me”: a senior's own decisions, the newest first."""

from datetime import timedelta

import pytest

from tests.factories import grant, open_item, person
from tests.worklists.views.conftest import fresh, give_back, submit, text_of
from worklists.context import moment_context, now
from worklists.enums import Role
from worklists.models import Review
from worklists.selectors.decided import decided_by, with_what_came
from worklists.services.perform import perform

pytestmark = pytest.mark.django_db
PAGE = "/review/decided/"


def approved(site):
    """Return an item that the reviewer approved."""
    item = open_item(site.queue, site.facility)
    submit(site, item)
    perform(
        item_id=item.pk,
        action="approve",
        actor=site.reviewer,
        expected_version=fresh(item).version,
    )
    return fresh(item)


def test_the_newest_stands_first_with_what_was_done(site, as_person):
    first, last = approved(site), open_item(site.queue, site.facility)
    give_back(site, last)

    page = text_of(as_person(site.reviewer).get(PAGE))

    assert page.index(f"/items/{last.pk}/") < page.index(f"/items/{first.pk}/")
    assert "Approved" in page
    assert "not back yet" in page


def test_after_a_return_it_says_what_changed_and_what_came_of_it(site):
    item = open_item(site.queue, site.facility)
    give_back(site, item)
    submit(site, item, why="The note says so on page 4.")

    page = decided_by(site.reviewer, since=now() - timedelta(days=1))
    [row] = with_what_came(page.rows)

    assert row.then == Review.objects.get(item=item, round=2)
    assert row.changed == ("Why",)


def test_what_somebody_else_decided_is_not_among_it(site, as_person):
    item = approved(site)
    other = person(Role.REVIEWER)
    for place in (site.queue, site.facility):
        grant(other, place, "view")
    grant(other, site.queue, "review")

    page = text_of(as_person(other).get(PAGE))

    assert f"/items/{item.pk}/" not in page
    assert "You decided no review in this time" in page


def test_the_days_asked_for_bound_it(site, as_person):
    with moment_context(now() - timedelta(days=10)):
        item = approved(site)
    client = as_person(site.reviewer)

    found = {
        days: f"/items/{item.pk}/" in text_of(client.get(f"{PAGE}?days={days}"))
        for days in ("today", "7", "30", "odd")
    }

    assert found == {"today": False, "7": False, "30": True, "odd": False}


def test_it_is_for_reviewers(site, as_person):
    assert as_person(site.coder).get(PAGE).status_code == 403


def test_a_page_costs_the_same_for_one_and_for_many(
    site, as_person, django_assert_max_num_queries
):
    client = as_person(site.reviewer)
    for _ in range(3):
        give_back(site, open_item(site.queue, site.facility))
    client.get(PAGE)

    with django_assert_max_num_queries(25):
        client.get(PAGE)
