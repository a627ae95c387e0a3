"""Where a return would lead: what is foreseen is what the return then does."""

from datetime import timedelta

import pytest

from tests.factories import grant, make_site, open_item
from tests.worklists.services.classes import choose
from tests.worklists.views.conftest import fresh, submit
from worklists.models import Absence, Review
from worklists.selectors.access import today_of
from worklists.services.absences import record_absence
from worklists.services.perform import perform
from worklists.services.returning import foresee_return

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site(db):
    site = make_site()
    site.queue.team.members.add(site.apprentice)
    return site


def away(site, backup):
    """The apprentice is away today; somebody stands in."""
    today = today_of(site.apprentice)
    return record_absence(
        actor=site.manager,
        user_id=site.apprentice.pk,
        starts_on=today,
        ends_on=today + timedelta(days=9),
        backup=backup,
    )[0]


def backup(site):
    away(site, "other_coder")


def pool(site):
    away(site, "pool")


def not_handed_over(site):
    absence = away(site, "other_coder")
    Absence.objects.filter(pk=absence.pk).update(hand_over=None)


def left_to_people(site):
    away(site, "other_coder")
    choose(hand_over="assisted")


def reviewer_stands_in(site):
    grant(site.reviewer, site.queue, "work")
    away(site, site.reviewer.username)


@pytest.mark.parametrize(
    ("arrange", "to", "stays"),
    [
        (None, "apprentice", ""),
        (backup, "other_coder", ""),
        (pool, None, ""),
        (
            not_handed_over,
            "apprentice",
            "What they hold has not been handed over.",
        ),
        (left_to_people, "apprentice", "Handing over is left to people here."),
        (reviewer_stands_in, None, ""),
    ],
)
def test_what_is_foreseen_is_what_happens(site, arrange, to, stays):
    item = open_item(site.queue, site.facility)
    submit(site, item)
    if arrange:
        arrange(site)

    seen = foresee_return(fresh(item), Review.objects.get(item=item), by=site.reviewer)
    perform(
        item_id=item.pk,
        action="return",
        actor=type(site.reviewer).objects.get(pk=site.reviewer.pk),
        expected_version=fresh(item).version,
        reason="Say on which page.",
        options={"reason_code": "other"},
    )

    went = fresh(item).assignee
    assert (seen.to, seen.stays) == (went, stays)
    assert (went.username if went else None) == to
