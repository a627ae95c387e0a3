"""Verifying a row again: a day, a person, a source; the figure stays."""

import json
from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from denials.models import AppealLevel, MoneyFloor, SourceCheck
from denials.services.verifying import verify_again
from tests.factories import person
from tests.factories.profiles import make_profile, make_version
from worklists.enums import Role
from worklists.errors import BadInput, NotPermitted, NotVisible
from worklists.models import Event
from worklists.services import injected_time

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 11, 22, 15, tzinfo=UTC)
DAY = date(2026, 11, 20)


@pytest.fixture
def david():
    return person(Role.MANAGER, first_name="David", last_name="Chen")


def verify(actor, level, verified_on=DAY, source="Manual of November", **more):
    with injected_time.at(TODAY):
        return verify_again(
            actor=actor, slug="northgate", level_id=level.pk,
            verified_on=verified_on, source=source, **more,
        )  # fmt: skip


def test_a_row_says_who_verified_it_and_the_trail_too(david):
    version = make_profile()
    level = version.levels.get()
    done = verify(david, level)
    level.refresh_from_db()
    assert (level.verified_on, level.verified_by, level.days) == (DAY, "David Chen", 60)
    assert level.source == "Provider manual, page 12"
    assert (done.by, done.source, done.said_at, done.floor) == (
        david, "Manual of November", TODAY, None,
    )  # fmt: skip
    event = Event.objects.get(action="profile.verified")
    assert (event.subject_kind, event.subject_id) == ("profile", version.profile_id)
    assert json.loads(event.facts) == {
        "profile": "northgate", "version": 1, "level": 1, "verified_on": "2026-11-20",
    }  # fmt: skip


def test_a_money_floor_is_verified_by_itself(david):
    level = make_profile(floors={2026: "200.00", 2025: "190.00"}).levels.get()
    floor = MoneyFloor.objects.get(year=2026)
    verify(david, level, floor_id=floor.pk)
    days = dict(MoneyFloor.objects.values_list("year", "verified_on"))
    assert days == {2025: date(2026, 10, 1), 2026: DAY}
    level.refresh_from_db()
    assert level.verified_on == date(2026, 10, 1)
    assert (
        json.loads(Event.objects.get(action="profile.verified").facts)["year"] == 2026
    )


@pytest.mark.parametrize(
    ("day", "source", "said"),
    [
        (date(2026, 11, 23), "Manual", "day to come"),
        (date(2026, 9, 30), "Manual", "verified on 2026-10-01 already"),
        (DAY, "  ", "Say what you read"),
        (DAY, "x" * 201, "1 to 200 characters"),
    ],
)
def test_what_cannot_be_is_refused(david, day, source, said):
    level = make_profile().levels.get()
    with pytest.raises(BadInput, match=said):
        verify(david, level, day, source)
    level.refresh_from_db()
    assert level.verified_on == date(2026, 10, 1)
    assert not SourceCheck.objects.exists()
    assert not Event.objects.filter(action="profile.verified").exists()


def test_a_row_of_a_draft_or_of_another_profile_is_not_there(david):
    other = make_profile("other").levels.get()
    profile = make_profile().profile
    draft = make_version(profile, number=2, state="draft").levels.get()
    for level in (other, draft):
        with pytest.raises(NotVisible):
            verify(david, level)
    with pytest.raises(NotVisible):
        verify(david, AppealLevel.objects.get(version__profile=profile,
                                              version__number=1), floor_id=99)  # fmt: skip


def test_a_coder_verifies_nothing():
    level = make_profile().levels.get()
    with pytest.raises(NotPermitted):
        verify(person(Role.CODER), level)
    assert not SourceCheck.objects.exists()


def test_a_verification_stays(david):
    verify(david, make_profile().levels.get())
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        SourceCheck.objects.update(source="another")
