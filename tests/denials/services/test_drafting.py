"""Writing a version: a copy of the one in force, whose author alone edits it."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from denials.enums import StartEvent, VersionState
from denials.models import AppealLevel, AppealProfile, MoneyFloor, ProfileVersion
from denials.services.approving import propose
from denials.services.drafting import (
    FloorRow,
    LevelRow,
    add_profile,
    begin_draft,
    save_draft,
)
from tests.factories import person
from tests.factories.profiles import make_level, make_profile, make_version
from worklists.enums import Role
from worklists.errors import BadInput, Conflict, NotPermitted, WrongState
from worklists.models import Event

pytestmark = pytest.mark.django_db
SOURCE = "Provider manual, page 12"
CHECKED = date(2026, 10, 1)
SAME = LevelRow(
    1, "Reconsideration", SOURCE, days=60, decided_by="The plan", verified_on=CHECKED
)


@pytest.fixture
def maria():
    return person(Role.MANAGER, first_name="Maria", last_name="Santos")


@pytest.fixture
def david():
    return person(Role.MANAGER, first_name="David", last_name="Chen")


def save(actor, *levels, floors=(), note=""):
    return save_draft(
        actor=actor, slug="northgate", note=note, levels=levels, floors=floors
    )


def rows(version):
    return list(version.levels.values_list("level", "days", "months", "verified_on"))


def test_a_draft_begins_as_a_copy_of_what_is_in_force(maria):
    first = make_profile(days=60, floors={2026: "200.00"})
    draft = begin_draft(actor=maria, slug="northgate")
    assert (draft.number, draft.state, draft.proposed_by) == (2, "draft", maria)
    assert draft.effective_from is None
    assert rows(draft) == rows(first) == [(1, 60, None, CHECKED)]
    assert list(
        MoneyFloor.objects.order_by("pk").values_list(
            "level__version__number", "year", "amount"
        )
    ) == [(1, 2026, Decimal("200.00")), (2, 2026, Decimal("200.00"))]
    assert not Event.objects.filter(action__startswith="profile.").exists()


def test_beginning_again_goes_on_with_ones_own_draft(maria):
    make_profile()
    first = begin_draft(actor=maria, slug="northgate")
    assert begin_draft(actor=maria, slug="northgate").pk == first.pk
    assert ProfileVersion.objects.count() == 2


def test_one_change_at_a_time(maria, david):
    make_profile()
    begin_draft(actor=maria, slug="northgate")
    with pytest.raises(Conflict, match="Maria Santos writes this version"):
        begin_draft(actor=david, slug="northgate")
    save(maria, LevelRow(1, "Reconsideration", SOURCE, days=65))
    propose(actor=maria, slug="northgate", effective_from=None, reason="New manual")
    with pytest.raises(WrongState, match="Version 2 waits for approval"):
        begin_draft(actor=maria, slug="northgate")
    assert ProfileVersion.objects.count() == 2


@pytest.mark.parametrize("role", [Role.CODER, Role.REVIEWER, Role.AUDITOR])
def test_who_changes_no_profiles_writes_none(role):
    make_profile()
    with pytest.raises(NotPermitted, match="managers and administrators"):
        begin_draft(actor=person(role), slug="northgate")
    with pytest.raises(NotPermitted):
        add_profile(actor=person(role), slug="own", name="Own")
    assert ProfileVersion.objects.count() == AppealProfile.objects.count() == 1


def test_an_unchanged_row_keeps_who_verified_it(maria):
    make_profile()
    begin_draft(actor=maria, slug="northgate")
    draft = save(maria, SAME, note="As before")
    level = draft.levels.get()
    assert (level.verified_on, level.verified_by) == (CHECKED, "Maria Santos")
    assert draft.note == "As before"


def test_a_changed_figure_is_unverified_until_its_day_is_given_anew(maria):
    make_profile(verified_by="Somebody else")
    begin_draft(actor=maria, slug="northgate")
    changed = LevelRow(1, "Reconsideration", SOURCE, days=65, decided_by="The plan",
                       verified_on=CHECKED)  # fmt: skip
    level = save(maria, changed).levels.get()
    assert (level.days, level.verified_on, level.verified_by) == (65, None, "")
    anew = LevelRow(1, "Reconsideration", SOURCE, days=65, decided_by="The plan",
                    verified_on=date(2026, 11, 20))  # fmt: skip
    level = save(maria, anew).levels.get()
    assert level.verified_on == date(2026, 11, 20)
    assert level.verified_by == "Maria Santos"


def test_floors_are_rows_by_year_verified_each(maria):
    make_profile(floors={2026: "200.00"})
    begin_draft(actor=maria, slug="northgate")
    save(
        maria,
        SAME,
        floors=(
            FloorRow(1, 2026, Decimal("200.00"), "Notice", CHECKED),
            FloorRow(1, 2027, Decimal("210.00"), "91 FR 1", date(2026, 11, 20)),
            FloorRow(1, 2028, Decimal("220.00"), "A guess"),
        ),
    )
    floors = MoneyFloor.objects.filter(level__version__number=2)
    assert list(floors.values_list("year", "amount", "verified_on")) == [
        (2026, Decimal("200.00"), CHECKED),
        (2027, Decimal("210.00"), date(2026, 11, 20)),
        (2028, Decimal("220.00"), None),
    ]


def test_saving_takes_the_place_of_the_rows_before(maria):
    make_profile(floors={2026: "200.00"})
    begin_draft(actor=maria, slug="northgate")
    filing = LevelRow(0, "Filing", SOURCE, months=12, start_event="service_through")
    assert rows(save(maria, filing, SAME)) == [
        (0, None, 12, None),
        (1, 60, None, CHECKED),
    ]
    assert rows(save(maria, SAME)) == [(1, 60, None, CHECKED)]
    assert MoneyFloor.objects.filter(level__version__number=2).count() == 0


def test_nobody_else_saves_a_draft(maria, david):
    make_profile()
    begin_draft(actor=maria, slug="northgate")
    with pytest.raises(NotPermitted, match="Maria Santos writes this version"):
        save(david, LevelRow(1, "Mine", SOURCE, days=10))
    assert rows(ProfileVersion.objects.get(number=2)) == [(1, 60, None, CHECKED)]


def test_a_proposed_version_is_closed(maria):
    make_profile()
    begin_draft(actor=maria, slug="northgate")
    save(maria, LevelRow(1, "Reconsideration", SOURCE, days=65))
    propose(actor=maria, slug="northgate", effective_from=None, reason="New manual")
    with pytest.raises(WrongState, match="proposed already"):
        save(maria, LevelRow(1, "Reconsideration", SOURCE, days=5))
    assert rows(ProfileVersion.objects.get(number=2)) == [(1, 65, None, None)]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (LevelRow(1, "A", SOURCE), "days or in months"),
        (LevelRow(1, "A", SOURCE, days=1, months=1), "days or in months"),
        (LevelRow(1, "A", SOURCE, days=3_651), "at most 3,650 days"),
        (LevelRow(1, "A", SOURCE, months=121), "1 to 120 months"),
        (LevelRow(1, "A", SOURCE, months=0), "1 to 120 months"),
        (LevelRow(1, "A", SOURCE, months=3, count="business"), "calendar months"),
        (LevelRow(1, "A", "  ", days=60), "Say where the figure stands"),
        (LevelRow(0, "A", SOURCE, days=60), "Level 0 is filing"),
        (
            LevelRow(1, "A", SOURCE, days=60, start_event=StartEvent.SERVICE_THROUGH),
            "Level 0 is filing",
        ),
    ],
)
def test_a_row_nobody_can_count_from_is_refused(maria, row, said):
    make_profile()
    begin_draft(actor=maria, slug="northgate")
    with pytest.raises(BadInput, match=said) as refusal:
        save(maria, row)
    assert list(refusal.value.fields) == [f"level {row.level}"]
    assert rows(ProfileVersion.objects.get(number=2)) == [(1, 60, None, CHECKED)]


def test_rows_and_floors_that_clash_are_refused(maria):
    make_profile()
    begin_draft(actor=maria, slug="northgate")
    with pytest.raises(BadInput, match="Two rows have this level"):
        save(maria, SAME, SAME)
    one = FloorRow(1, 2027, Decimal(1), "x")
    with pytest.raises(BadInput, match="two floors for 2027"):
        save(maria, SAME, floors=(one, one))
    with pytest.raises(BadInput, match="no level 3"):
        save(maria, SAME, floors=(FloorRow(3, 2027, Decimal(1), "x"),))


def test_a_new_profile_begins_with_an_empty_draft(maria):
    draft = add_profile(
        actor=maria, slug="acme", name="Acme", plan_type="commercial",
        contract="contracted",
    )  # fmt: skip
    assert (draft.number, draft.state, draft.proposed_by) == (1, "draft", maria)
    profile = AppealProfile.objects.get()
    assert (profile.slug, profile.plan_type, profile.contract) == (
        "acme", "commercial", "contracted",
    )  # fmt: skip
    with pytest.raises(BadInput, match="already"):
        add_profile(actor=maria, slug="acme", name="Again")
    assert AppealProfile.objects.count() == 1


class TestTheDatabase:
    """What holds also where no service was asked."""

    def test_rows_of_a_version_in_force_stay(self):
        version = make_profile(floors={2026: "200.00"})
        for change in (
            lambda: AppealLevel.objects.update(days=61),
            lambda: AppealLevel.objects.update(source="Mine"),
            lambda: MoneyFloor.objects.update(amount=1),
            lambda: MoneyFloor.objects.all().delete(),
            lambda: make_level(version, level=2),
        ):
            with (
                pytest.raises(IntegrityError, match="propose a new version"),
                transaction.atomic(),
            ):
                change()
        assert rows(version) == [(1, 60, None, CHECKED)]

    def test_only_the_verification_of_a_row_goes_on(self):
        version = make_profile()
        day = date(2026, 11, 20)
        assert AppealLevel.objects.update(verified_on=day, verified_by="Me") == 1
        assert rows(version) == [(1, 60, None, day)]

    @pytest.mark.parametrize(
        "fields", [{"note": "x"}, {"effective_from": date(2026, 1, 1)}, {"number": 9}]
    )
    def test_a_version_in_force_stays_as_it_was_approved(self, fields):
        make_profile()
        with (
            pytest.raises(IntegrityError, match="is in_force, UPDATE is refused"),
            transaction.atomic(),
        ):
            ProfileVersion.objects.update(**fields)

    def test_a_superseded_version_never_comes_back(self):
        version = make_profile()
        ProfileVersion.objects.update(state=VersionState.SUPERSEDED)
        with pytest.raises(IntegrityError), transaction.atomic():
            ProfileVersion.objects.update(state=VersionState.IN_FORCE)
        version.refresh_from_db()
        assert version.state == "superseded"

    def test_one_person_alone_puts_nothing_in_force(self, maria):
        profile = AppealProfile.objects.create(slug="acme", name="Acme")
        draft = make_version(profile, number=1, state="draft", proposed_by=maria)
        for decider in (maria, None):
            with (
                pytest.raises(IntegrityError, match="profile_version_"),
                transaction.atomic(),
            ):
                ProfileVersion.objects.filter(pk=draft.pk).update(
                    state=VersionState.IN_FORCE, decided_by=decider
                )
        draft.refresh_from_db()
        assert draft.state == "draft"
