"""Rows nobody verified, or long ago, warn on the item whose clock they made."""

from datetime import UTC, date, datetime

import pytest

from denials.freshness import NOBODY, floor_for, row_warning
from denials.models import AppealLevel, AppealProfile, MoneyFloor, ProfileVersion
from denials.selectors.profile_warnings import warnings_of
from tests.denials.remit import clp, interchange, payment, svc
from tests.factories import grant, person
from tests.factories.profiles import make_profile, make_version
from worklists.enums import Role
from worklists.models import ItemClock, WorkItem
from worklists.selectors.item import item_view
from worklists.services import injected_time

TODAY = datetime(2026, 11, 22, 15, tzinfo=UTC)
OLD = "Last verified 366 days ago: check it with the payer again."


def level(verified_on: date | None) -> AppealLevel:
    return AppealLevel(level=1, verified_on=verified_on)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("verified_on", "said"),
    [
        (None, NOBODY),
        (date(2025, 11, 21), OLD),
        (date(2025, 11, 22), ""),
        (date(2026, 11, 22), ""),
    ],
)
def test_a_row_warns_after_a_year(verified_on, said):
    assert row_warning(level(verified_on), date(2026, 11, 22)) == said


@pytest.mark.unit
def test_a_site_says_how_long_a_verification_holds(settings):
    settings.PROFILE_STALE_DAYS = 30
    row = level(date(2026, 10, 22))
    assert row_warning(row, date(2026, 11, 21)) == ""
    assert row_warning(row, date(2026, 11, 22)).startswith("Last verified 31 days ago")


@pytest.mark.unit
def test_a_floor_is_looked_up_by_year_and_verified_in_it():
    floors = [
        MoneyFloor(year=2025, amount=190, verified_on=date(2025, 2, 1)),
        MoneyFloor(year=2026, amount=200, verified_on=date(2025, 12, 31)),
        MoneyFloor(year=2028, amount=220),
    ]
    assert floor_for(floors, 2025) == (floors[0], "")
    assert floor_for(floors, 2026) == (
        floors[1], "Verified before 2026 began: check the notice for 2026.",
    )  # fmt: skip
    assert floor_for(floors, 2027) == (
        None, "No floor known for 2027: look it up and propose it.",
    )  # fmt: skip
    assert floor_for(floors, 2028) == (floors[2], NOBODY)
    assert floor_for([], 2027) == (None, "")


@pytest.mark.django_db
class TestOnItems:
    """``medicare-ffs`` is the profile of the payer; its rows were verified in 2026."""

    @pytest.fixture(autouse=True)
    def _denial(self, site, ingest):
        self.payer = site.payer
        line = svc("HC:45380:59", "2140", cas=[("CO", "97", "2140")], remarks=["M15"])
        ingest(interchange(payment(clp("PCN1", line, charge="2140"))))
        self.item = WorkItem.objects.get()
        self.coder = person(
            Role.CODER, works=[self.item.queue], facilities=[self.item.facility]
        )

    def shown(self, at=TODAY) -> dict[str, str]:
        with injected_time.at(at):
            view = item_view(self.coder, self.item.pk)
        return {clock.kind: clock.warning for clock in view.clocks}

    def test_a_verified_row_warns_of_nothing(self):
        assert self.shown() == {"legal": "", "internal": ""}

    def test_an_unverified_row_warns(self):
        AppealLevel.objects.filter(level=1).update(verified_on=None, verified_by="")
        assert self.shown() == {"legal": NOBODY, "internal": ""}

    def test_a_row_grows_stale_while_the_item_waits(self):
        later = datetime(2027, 11, 22, 15, tzinfo=UTC)
        assert self.shown(later) == {"legal": OLD, "internal": ""}

    def test_a_clock_that_ended_warns_of_nothing(self):
        AppealLevel.objects.filter(level=1).update(verified_on=None, verified_by="")
        ItemClock.objects.filter(kind="legal").update(met_at=TODAY)
        assert self.shown()["legal"] == ""

    def test_a_later_version_that_carries_the_figure_vouches_for_it(self):
        AppealLevel.objects.filter(level=1).update(verified_on=None, verified_by="")
        profile = AppealProfile.objects.get(slug="medicare-ffs")
        same = {"level": 1, "days": 120, "start_event": "received",
                "presumed_receipt_days": 5}  # fmt: skip
        version = make_version(profile, number=2, levels=(same,), state="draft")
        assert self.shown()["legal"] == NOBODY
        ProfileVersion.objects.filter(pk=version.pk).update(state="in_force")
        assert self.shown()["legal"] == ""
        make_version(profile, number=3, levels=({**same, "days": 100},))
        AppealLevel.objects.filter(version=version).update(
            verified_on=None, verified_by=""
        )
        assert self.shown()["legal"] == NOBODY

    def test_a_clock_of_the_last_release_names_no_version(self):
        text = "medicare-ffs level 1 (2026-11-21)"
        ItemClock.objects.filter(kind="legal").update(source=text)
        AppealLevel.objects.filter(level=1).update(verified_on=None, verified_by="")
        assert self.shown()["legal"] == NOBODY

    def test_another_profile_of_a_like_name_says_nothing_here(self):
        make_profile("medicare", verified_on=None, verified_by="")
        assert self.shown()["legal"] == ""

    def test_the_page_says_it_in_place(self, client):
        AppealLevel.objects.filter(level=1).update(verified_on=None, verified_by="")
        grant(self.coder, self.item.queue, "work")
        client.force_login(self.coder)
        assert NOBODY in client.get(f"/items/{self.item.pk}/").text

    def test_all_clocks_of_an_item_cost_one_query(self, django_assert_num_queries):
        clocks = list(ItemClock.objects.all())
        with django_assert_num_queries(1):
            warnings_of([*clocks, *clocks])
        with django_assert_num_queries(0):
            warnings_of([c for c in clocks if c.kind == "internal"])
