"""The margin of the safety net in payer profiles: written, decided, put on clocks."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from denials.models import AppealLevel
from denials.profile_words import difference
from denials.selectors.recounting import effect_of
from denials.services.approving import approve, propose
from denials.services.drafting import LevelRow, begin_draft, save_draft
from denials.services.following import follow_profiles
from tests.denials.services.test_approving import (
    MEDICARE,
    TODAY,
    WAS,
    legal,
    one_denial,
)
from tests.factories import person
from tests.factories.profiles import make_level, make_profile, make_version
from worklists.enums import Role
from worklists.errors import BadInput, Conflict
from worklists.models import Escalation, Event, WorkItem
from worklists.services import injected_time
from worklists.services.sweep import sweep

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site")]
WHY = "We need three weeks for a packet"


@pytest.fixture(autouse=True)
def _today():
    with injected_time.at(TODAY):
        yield


@pytest.fixture
def maria():
    return person(Role.MANAGER, username="maria")


@pytest.fixture
def david():
    return person(Role.ADMINISTRATOR, username="david")


def shipped() -> AppealLevel:
    return AppealLevel.objects.get(
        version__profile__slug=MEDICARE, version__number=1, level=1
    )


def save(author, margin_days, **changes):
    """Write the first level as it stands, with another margin."""
    row, names = shipped(), LevelRow.__dataclass_fields__
    given = {name: getattr(row, name) for name in names} | changes
    begin_draft(actor=author, slug=MEDICARE)
    level = LevelRow(**given | {"margin_days": margin_days})
    return save_draft(actor=author, slug=MEDICARE, note="", levels=[level])


def proposed(author, margin_days, **changes):
    save(author, margin_days, **changes)
    return propose(actor=author, slug=MEDICARE, effective_from=None, reason=WHY)


def approved(by, version):
    key = effect_of(version, version.effective_from).key
    approve(actor=by, slug=MEDICARE, number=version.number, looked=key)
    follow_profiles()


def test_a_margin_is_no_figure_to_verify(maria):
    before = shipped()
    (row,) = save(maria, 21).levels.all()
    assert row.margin_days == 21
    assert (row.verified_on, row.verified_by) == (
        before.verified_on,
        before.verified_by,
    )


def test_it_stands_in_the_words_of_the_change(maria):
    version = proposed(maria, 21)
    before = shipped().version
    changed = [
        (c.field, c.before, c.after)
        for c in difference(before, version)
        if c.field.startswith("Level 1")
    ]
    assert changed == [
        (
            "Level 1, Redetermination: safety net",
            "as the service level says",
            "21 days before",
        )
    ]


@pytest.mark.parametrize("margin", [0, -1, 181])
def test_a_margin_out_of_bounds_is_refused_and_nothing_stored(maria, margin):
    with pytest.raises(BadInput) as refused:
        save(maria, margin)
    assert refused.value.fields == {
        "level 1": ["A safety net lies 1 to 180 days before the limit."]
    }
    drafted = AppealLevel.objects.filter(version__number=2, level=1)
    assert [row.margin_days for row in drafted] == [None]


def test_the_database_refuses_it_too():
    version = make_profile("acme").profile
    draft = make_version(version, number=2, levels=(), state="draft")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_level(draft, level=1, margin_days=181)


def test_a_file_gives_its_clocks_the_margin_of_their_row(maria, david, ingest):
    approved(david, proposed(maria, 21))
    ingest(one_denial())
    assert (legal().due_at, legal().margin_days) == (WAS, 21)


def test_approving_moves_margins_of_running_clocks_and_no_deadline(
    maria, david, ingest
):
    ingest(one_denial())
    version_before = WorkItem.objects.get().version
    version = proposed(maria, 21)
    effect = effect_of(version, version.effective_from)
    assert (effect.clocks, effect.sooner, effect.later, effect.margins) == (1, 0, 0, 1)
    assert effect.caught == 0

    approved(david, version)

    clock = legal()
    assert (clock.due_at, clock.margin_days) == (WAS, 21)
    assert WorkItem.objects.get().version == version_before
    (said,) = json.loads(Event.objects.get(action="item.clock_moved").facts)["clocks"]
    assert (said["was_margin_days"], said["margin_days"]) == (None, 21)
    assert said["due_at"] == said["was_due_at"] == WAS.isoformat()


def test_who_approves_sees_what_is_caught_at_once(maria, david, ingest):
    """Due on 23 February: 93 days from today, inside a net of 120."""
    ingest(one_denial())
    version = proposed(maria, 120)
    effect = effect_of(version, version.effective_from)
    assert (effect.margins, effect.caught) == (1, 1)
    with pytest.raises(Conflict):
        approve(
            actor=david,
            slug=MEDICARE,
            number=2,
            looked=effect.key.replace(":1:", ":0:"),
        )
    assert legal().margin_days is None

    approved(david, version)
    with injected_time.at(TODAY + timedelta(minutes=5)):
        sweep()
        sweep()

    item = WorkItem.objects.get()
    assert "near_limit" in item.flags
    fired = Escalation.objects.filter(item=item, clock__kind="legal", step=legal_net())
    assert fired.count() == 1


def legal_net() -> int:
    """Return the step that is the net of the clock's ladder, 0 where it has none."""
    steps = legal().policy.steps.filter(
        clock_kind="legal", needs_acknowledgement=True, offset_hours__lt=0
    )
    found = steps.order_by("offset_hours").first()
    return found.position if found else 0
