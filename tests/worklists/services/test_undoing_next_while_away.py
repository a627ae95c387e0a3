"""Somebody goes away between Next and its undoing: nothing is lost, nothing comes twice."""

import pytest

from tests.factories import make_site, open_item
from tests.worklists.services.covering import fresh, team_up
from worklists.enums import POOL
from worklists.errors import NotPermitted, WrongState
from worklists.models import Draft, Event, WorkItem
from worklists.selectors.access import today_of
from worklists.services.absences import end_absence, record_absence
from worklists.services.drafts import save_draft
from worklists.services.next_item import next_item
from worklists.services.undoing_next import undo_next

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site(db):
    return team_up(make_site())


@pytest.fixture
def got(site):
    """The item that Next handed to the coder."""
    open_item(site.queue, site.facility)
    return next_item(actor=site.coder).item


def leave(site, backup):
    """Record the coder as away from today on; what they hold is handed over."""
    today = today_of(site.coder)
    absence, _ = record_absence(
        actor=site.manager,
        user_id=site.coder.pk,
        starts_on=today,
        ends_on=today,
        backup=backup,
    )
    return absence


def whole(item):
    """Return an item to the last field, with how many events it has."""
    events = Event.objects.filter(subject_kind="item", subject_id=item.pk)
    return WorkItem.objects.filter(pk=item.pk).values().get(), events.count()


def undo(item, person):
    version = WorkItem.objects.get(pk=item.pk).version
    return undo_next(item_id=item.pk, actor=fresh(person), expected_version=version)


def refused(item, person, error, code):
    before = whole(item)
    with pytest.raises(error) as refusal:
        undo(item, person)
    assert refusal.value.code == code
    assert whole(item) == before


@pytest.mark.parametrize(
    ("backup", "error", "code"),
    [
        ("other_coder", NotPermitted, "held_by_other"),
        (POOL, WrongState, "not_next"),
    ],
)
def test_what_was_handed_over_meanwhile_stays_where_it_went(
    site, got, backup, error, code
):
    save_draft(item_id=got.pk, actor=site.coder, answers={"why": "Half a thought."})
    leave(site, backup)

    refused(got, site.coder, error, code)

    if backup == POOL:
        assert next_item(actor=fresh(site.other_coder)).item.pk == got.pk
    item = WorkItem.objects.get(pk=got.pk)
    assert (item.state, item.assignee) == ("in_progress", site.other_coder)
    assert Draft.objects.get(item=got, user=site.coder).answers["why"]


def test_after_the_return_it_is_theirs_and_is_released_not_undone(site, got):
    absence = leave(site, "other_coder")
    refused(got, site.coder, NotPermitted, "held_by_other")
    end_absence(actor=site.manager, absence_id=absence.pk)

    item = WorkItem.objects.get(pk=got.pk)
    assert (item.state, item.assignee) == ("in_progress", site.coder)
    refused(got, site.coder, WrongState, "changed")


def test_who_works_while_away_puts_back_what_next_gave_them(site):
    """Away is no lock: what came after the hand-over is not part of it."""
    item = open_item(site.queue, site.facility)
    absence = leave(site, "other_coder")
    got = next_item(actor=fresh(site.coder)).item
    assert got.pk == item.pk

    undo(got, site.coder)

    item.refresh_from_db()
    assert (item.state, item.assignee) == ("open", None)
    assert next_item(actor=fresh(site.other_coder)).item.pk == item.pk
    _, plan = end_absence(actor=site.manager, absence_id=absence.pk)
    assert [placing.row.pk for placing in plan.placings] == []
    assert WorkItem.objects.get().assignee == site.other_coder
