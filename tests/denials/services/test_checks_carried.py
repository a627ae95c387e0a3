"""Who verified a row stays with it, also while somebody writes a new version."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from denials.models import AppealLevel, MoneyFloor, ProfileVersion
from denials.selectors.recounting import effect_of
from denials.services.approving import approve, propose
from denials.services.drafting import FloorRow, LevelRow, begin_draft, save_draft
from denials.services.verifying import verify_again
from tests.factories import person
from tests.factories.profiles import make_profile
from worklists.enums import Role
from worklists.errors import BadInput
from worklists.services import injected_time

pytestmark = pytest.mark.django_db
SLUG, SOURCE = "northgate", "Provider manual, page 12"
CHECKED, TODAY = date(2026, 10, 1), date(2026, 11, 22)
BEFORE, CAROL = (CHECKED, "Maria Santos"), (TODAY, "Carol Diaz")


@pytest.fixture(autouse=True)
def _today():
    with injected_time.at(datetime(2026, 11, 22, 18, tzinfo=UTC)):
        yield


@pytest.fixture
def ann():
    return person(Role.MANAGER, first_name="Ann", last_name="Lee")


@pytest.fixture
def carol():
    return person(Role.MANAGER, first_name="Carol", last_name="Diaz")


@pytest.fixture
def begun(ann):
    """Version 1 in force, and a draft of Ann's begun from it."""
    version = make_profile(SLUG, floors={2026: "200.00"})
    return version, begin_draft(actor=ann, slug=SLUG)


def check(actor, version, *, floor=False):
    level = version.levels.get()
    verify_again(
        actor=actor, slug=SLUG, level_id=level.pk, verified_on=TODAY, source="Page 12",
        floor_id=level.floors.get().pk if floor else None,
    )  # fmt: skip


def row(days=60, on=CHECKED):
    return LevelRow(1, "Reconsideration", SOURCE, days=days, decided_by="The plan",
                    verified_on=on)  # fmt: skip


def save(actor, level, *, amount="200.00", on=CHECKED, note=""):
    floor = FloorRow(1, 2026, Decimal(amount), "Notice", on)
    save_draft(actor=actor, slug=SLUG, note=note, levels=[level], floors=[floor])


def checks(number=2):
    """Who verified the level and its floor, and when."""
    level = AppealLevel.objects.get(version__number=number)
    floor = MoneyFloor.objects.get(level=level)
    return [(r.verified_on, r.verified_by) for r in (level, floor)]


class TestSaving:
    def test_a_day_that_stood_there_is_nobodys_anew(self, ann, carol, begun):
        check(carol, begun[0])
        check(carol, begun[0], floor=True)
        save(ann, row())
        assert checks() == [CAROL, CAROL]

    def test_a_changed_figure_takes_no_day_that_stood_there(self, ann, carol, begun):
        check(carol, begun[0])
        check(carol, begun[0], floor=True)
        save(ann, row(days=65), amount="210.00")
        assert checks() == [(None, ""), (None, "")]
        own = date(2026, 11, 20)
        save(ann, row(days=65, on=own), amount="210.00", on=own)
        assert checks() == [(own, "Ann Lee"), (own, "Ann Lee")]

    @pytest.mark.usefixtures("begun")
    def test_a_day_of_ones_own_is_ones_own_until_the_figure_changes(self, ann):
        save(ann, row(days=65, on=TODAY))
        assert checks() == [(TODAY, "Ann Lee"), BEFORE]
        save(ann, row(days=65, on=TODAY), note="Again")
        assert checks() == [(TODAY, "Ann Lee"), BEFORE]
        save(ann, row(days=66, on=TODAY))
        assert checks() == [(None, ""), BEFORE]

    def test_who_takes_a_change_back_has_the_last_verification(self, ann, carol, begun):
        check(carol, begun[0])
        save(ann, row(days=65, on=None))
        save(ann, row())
        assert checks() == [CAROL, BEFORE]


class TestDeciding:
    def approved(self, by):
        version = ProfileVersion.objects.get(number=2)
        key = effect_of(version, version.effective_from).key
        approve(actor=by, slug=SLUG, number=2, looked=key)

    def propose(self, by):
        return propose(actor=by, slug=SLUG, effective_from=None, reason="New manual")

    def test_what_was_verified_since_is_proposed(self, ann, carol, begun):
        save(ann, row(), note="Another note")
        check(carol, begun[0])
        self.propose(ann)
        assert checks() == [CAROL, BEFORE]

    def test_what_was_verified_while_it_waited_is_approved(self, ann, carol, begun):
        save(ann, row(days=65, on=None))
        self.propose(ann)
        check(carol, begun[0])
        check(carol, begun[0], floor=True)
        self.approved(carol)
        assert checks() == [(None, ""), CAROL]
        assert checks(1) == [CAROL, CAROL]

    def test_a_later_day_of_the_authors_stays(self, ann, carol, begun):
        save(ann, row(on=TODAY), amount="210.00", on=None)
        check(carol, begun[0])
        self.propose(ann)
        self.approved(carol)
        assert checks() == [(TODAY, "Ann Lee"), (None, "")]

    def test_a_verification_alone_is_no_difference(self, ann, carol, begun):
        check(carol, begun[0])
        with pytest.raises(BadInput, match="Nothing differs from version 1"):
            self.propose(ann)
        assert ProfileVersion.objects.get(number=2).state == "draft"
