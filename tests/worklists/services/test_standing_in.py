"""Who stands in is told of what passes to them; drafts stay with who typed them."""

import pytest

from tests.factories import GOOD_EVIDENCE, make_site
from tests.worklists.services.covering import (
    BACK,
    EARLY,
    away,
    do,
    fresh,
    hold,
    stands,
    team_up,
)
from tests.worklists.services.timekeeping import HOUR
from worklists.models import Absence, Draft, Notice, User, WorkItem
from worklists.selectors.item import item_view
from worklists.services.absences import cover
from worklists.services.drafts import save_draft
from worklists.services.injected_time import at
from worklists.services.sweep import sweep

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
MINE, THEIRS = "The note supports it on page 3.", "I would ask the payer first."


@pytest.fixture
def site():
    return team_up(make_site())


def told(person, item=None):
    """Return what a person was told, oldest first: of one item, or of none."""
    rows = Notice.objects.filter(user=person, item=item).order_by("pk")
    return [notice.code for notice in rows]


def typed(item, person, words):
    """Let a person type into an item without saving it."""
    version = WorkItem.objects.get(pk=item.pk).version
    save_draft(
        item_id=item.pk,
        actor=fresh(person),
        answers={"why": words},
        read_version=version,
    )


def draft_of(item, person):
    """Return what a person sees of drafts on an item's page."""
    draft = item_view(fresh(person), item.pk).draft
    return draft.answers if draft else None


class TestNotices:
    """Of everything that passes to them, once each."""

    def test_of_the_hand_over_as_one(self, site):
        items = hold(site, 2)
        away(site)
        cover(EARLY)

        assert told(site.other_coder) == ["covering"]
        assert [told(site.other_coder, item) for item in items] == [[], []]

    def test_of_a_return_and_so_is_who_is_away(self, site):
        (item,) = hold(site)
        User.objects.filter(pk=site.coder.pk).update(tier="apprentice")
        with at(EARLY - HOUR):
            do(item, "submit", site.coder, evidence=GOOD_EVIDENCE)
        assert stands(item)[0] == "in_review"
        away(site)
        cover(EARLY)
        with at(EARLY + HOUR):
            do(item, "return", site.reviewer, {"reason_code": "other"})

        assert stands(item) == ("returned", "other_coder")
        assert told(site.other_coder, item) == ["assigned"]
        assert told(site.coder, item) == ["returned"]

    def test_of_what_comes_back_from_deferral(self, site):
        (item,) = hold(site)
        with at(EARLY - HOUR):
            do(item, "pend", site.coder, {"until": "2026-03-04T12:00:00Z"})
        away(site, "pool")  # a deferred item cannot go there, so it stays
        cover(EARLY)
        assert stands(item) == ("pending", "coder")
        Absence.objects.update(backup=site.other_coder)

        sweep(EARLY + 72 * HOUR)

        assert stands(item) == ("in_progress", "other_coder")
        assert told(site.other_coder, item) == ["assigned"]
        assert told(site.coder, item) == ["resumed"]

    def test_of_the_end(self, site):
        hold(site)
        away(site)
        cover(EARLY)
        cover(BACK)

        assert told(site.other_coder) == ["covering", "cover_over"]
        assert told(site.coder) == ["handed_away", "came_back"]


class TestDrafts:
    """What is typed and not saved is its author's, like a private note."""

    def test_one_left_by_who_is_away_waits_for_them(self, site):
        (item,) = hold(site)
        with at(EARLY - HOUR):
            typed(item, site.coder, MINE)
        away(site)
        cover(EARLY)

        assert stands(item) == ("in_progress", "other_coder")
        assert draft_of(item, site.other_coder) is None

        cover(BACK)
        assert stands(item) == ("in_progress", "coder")
        assert draft_of(item, site.coder) == {"why": MINE}

    def test_one_of_who_stands_in_is_no_work_and_stays_theirs(self, site):
        (item,) = hold(site)
        away(site)
        cover(EARLY)
        with at(EARLY + HOUR):
            typed(item, site.other_coder, THEIRS)
        cover(BACK)

        assert stands(item) == ("in_progress", "coder")
        assert draft_of(item, site.coder) is None
        kept = Draft.objects.get(item=item)
        assert (kept.user, kept.answers) == (site.other_coder, {"why": THEIRS})

    def test_what_was_saved_meanwhile_is_shown_beside_it(self, site):
        (item,) = hold(site)
        with at(EARLY - HOUR):
            typed(item, site.coder, MINE)
        away(site)
        cover(EARLY)
        with at(EARLY + HOUR):
            do(item, "save_evidence", site.other_coder, evidence={"why": THEIRS})
            do(item, "assign", site.manager, {"to": "coder", "even_away": "yes"})

        assert draft_of(item, site.coder) == {"why": MINE}
        (field,) = (
            one
            for one in item_view(fresh(site.coder), item.pk).fields
            if one.field.name == "why"
        )
        assert (field.value, field.saved_by) == (THEIRS, "other_coder")
