"""Calendars in set-up: the first one is made here, every other under Rules."""

import pytest

from tests.factories.reference import FacilityFactory
from tests.worklists.admin.posting import HERE, events
from worklists.errors import NotPermitted
from worklists.models import (
    BusinessCalendar,
)
from worklists.selectors.rules import calendar_content
from worklists.services.setting_up import save_row

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.mark.parametrize(
    "hours", ["{}", '{"9": []}', '{"1": [["17:00", "08:00"]]}', '["x"]', '{"1": 5}']
)
def test_hours_no_clock_can_run_by_are_refused(at_new_site, hours):
    form = {
        "slug": "ours", "name": "Ours", "time_zone": "America/Chicago",
        "weekly_hours": hours,
        "holidays-TOTAL_FORMS": "0", "holidays-INITIAL_FORMS": "0",
    }  # fmt: skip

    answer = at_new_site.post(f"{HERE}/businesscalendar/add/", form)

    assert answer.status_code == 200
    assert not BusinessCalendar.objects.filter(slug="ours").exists()
    assert events("setup.added") == []


def test_a_second_calendar_begins_under_rules_and_nothing_is_kept(admin):
    form = {
        "slug": "ours", "name": "Ours", "time_zone": "America/Chicago",
        "weekly_hours": '{"1": [["08:00", "17:00"]]}',
        "holidays-TOTAL_FORMS": "0", "holidays-INITIAL_FORMS": "0",
    }  # fmt: skip
    path = f"{HERE}/businesscalendar/add/"

    asked = admin.get(path)
    refused = admin.post(path, form, follow=True).content.decode()

    assert asked.url == "/rules/calendar/new/"
    assert "A site&#x27;s first calendar is made in set-up" in refused
    assert not BusinessCalendar.objects.filter(slug="ours").exists()
    assert events("setup.added") == []


def test_set_up_changes_no_calendar_by_any_door(site):
    calendar = FacilityFactory().calendar
    before = calendar_content(calendar)
    calendar.weekly_hours = {"1": [["09:00", "10:00"]]}

    with pytest.raises(NotPermitted) as refused:
        save_row(actor=site.administrator, row=calendar)

    assert refused.value.code == "two_people"
    kept = BusinessCalendar.objects.get(pk=calendar.pk)
    assert calendar_content(kept) == before


def test_a_sites_first_calendar_is_added_with_its_days(at_new_site):
    form = {
        "slug": "ours", "name": "Ours", "time_zone": "America/Chicago",
        "weekly_hours": '{"1": [["08:00", "17:00"]]}',
        "holidays-TOTAL_FORMS": "1", "holidays-INITIAL_FORMS": "0",
        "holidays-0-day": "2026-12-24", "holidays-0-name": "Christmas Eve",
        "holidays-0-hours": "[]",
    }  # fmt: skip

    assert at_new_site.get(f"{HERE}/businesscalendar/add/").status_code == 200
    at_new_site.post(f"{HERE}/businesscalendar/add/", form)

    calendar = BusinessCalendar.objects.get(slug="ours")
    assert calendar.weekly_hours == {"1": [["08:00", "17:00"]]}
    assert [str(d.day) for d in calendar.holidays.all()] == ["2026-12-24"]


def test_a_calendar_that_works_is_read_here_and_changed_under_rules(admin):
    calendar = FacilityFactory().calendar
    before = calendar_content(calendar)
    form = {
        "slug": calendar.slug, "name": "Mine", "time_zone": "America/Denver",
        "weekly_hours": "{}",
        "holidays-TOTAL_FORMS": "1", "holidays-INITIAL_FORMS": "0",
        "holidays-0-day": "2026-12-24", "holidays-0-name": "Off",
        "holidays-0-hours": "[]",
    }  # fmt: skip
    path = f"{HERE}/businesscalendar/{calendar.pk}/change/"

    page = admin.get(path).content.decode()
    answer = admin.post(path, form)

    assert f"href='/rules/calendar/{calendar.slug}/'" in page
    assert 'name="weekly_hours"' not in page
    assert 'name="holidays-0-day"' not in page
    assert answer.status_code == 403
    kept = BusinessCalendar.objects.get(pk=calendar.pk)
    assert calendar_content(kept) == before
    assert events("setup.changed") == []
