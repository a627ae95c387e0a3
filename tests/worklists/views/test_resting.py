"""Reasons for deferring on pages, in set-up and in the API; which clock is paused."""

from datetime import timedelta

import pytest

from tests.factories import open_item, take
from tests.worklists.views.conftest import text_of
from tests.worklists.views.test_acts import act, tomorrow
from worklists.context import now
from worklists.models import Event, PendReason

pytestmark = pytest.mark.django_db
HERE = "/admin/worklists/pendreason"


@pytest.fixture
def hearing():
    return PendReason.objects.create(
        code="hearing",
        label="Waiting for a hearing",
        waits_for="payer",
        pauses_internal=False,
        longest_days=10,
    )


@pytest.fixture
def held(site):
    item = open_item(site.queue, site.facility, legal_due_at=now() + timedelta(days=40))
    return take(item, site.coder)


def rest(client, item, code):
    form = {"reason_code": code, "until": tomorrow(), "reason": "So it is."}
    assert act(client, item, "pend", form).status_code == 302
    return text_of(client.get(f"/items/{item.pk}/"))


def test_the_dialog_says_what_each_reason_does(site, as_person, held, hearing):
    page = text_of(as_person(site.coder).get(f"/items/{held.pk}/"))
    assert (
        '<option value="hearing">Waiting for a hearing, 10 days at most, '
        "the internal clock goes on</option>" in page
    )
    assert "Waiting for the payer, 90 days at most</option>" in page


def test_the_item_says_which_clock_is_paused_and_which_goes_on(site, as_person, held):
    page = rest(as_person(site.coder), held, "payer")
    assert ": waiting for the payer." in page
    assert "Paused meanwhile: Internal." in page
    assert "Goes on: Payer appeal, level 1." in page


def test_where_nothing_pauses_all_go_on(site, as_person, held, hearing):
    page = rest(as_person(site.coder), held, "hearing")
    assert ": waiting for a hearing." in page
    assert "Paused meanwhile" not in page
    assert "Goes on: Internal, Payer appeal, level 1." in page
    assert "the internal clock goes on" in page  # in its history
    PendReason.objects.update(is_active=False)
    again = text_of(as_person(site.coder).get(f"/items/{held.pk}/"))
    assert ": waiting for a hearing." in again


def test_many_are_deferred_by_the_sites_own_reasons(site, as_person, held, hearing):
    client = as_person(site.coder)
    page = text_of(
        client.post("/items/bulk/defer/", {"items": [f"{held.pk}:{held.version}"]})
    )
    assert "Waiting for a hearing, 10 days at most" in page


def test_the_api_names_what_pend_takes(site, as_person, hearing):
    PendReason.objects.get_or_create(
        code="later", defaults={"label": "To be looked at later"}
    )
    PendReason.objects.filter(code="later").update(is_active=False)
    found = as_person(site.coder).get("/api/v1/pend-reasons/").json()["results"]
    assert found[-1] == {
        "code": "hearing",
        "label": "Waiting for a hearing",
        "waits_for": "payer",
        "pauses_internal": False,
        "longest_days": 10,
    }
    assert "later" not in [row["code"] for row in found]


class TestSetUp:
    """The list is kept in set-up."""

    FORM = {
        "code": "tumor_board",
        "label": "Waiting for the tumor board",
        "waits_for": "team",
        "longest_days": "30",
        "is_active": "on",
    }

    def test_a_reason_is_added_and_retired_with_an_event_each(self, site, as_person):
        client = as_person(site.administrator)
        client.post(f"{HERE}/add/", self.FORM)
        row = PendReason.objects.get(code="tumor_board")
        assert (row.longest_days, row.pauses_internal) == (30, False)
        form = {k: v for k, v in self.FORM.items() if k != "is_active"}
        client.post(f"{HERE}/{row.pk}/change/", form | {"code": "another"})
        row.refresh_from_db()
        assert (row.code, row.is_active) == ("tumor_board", False)
        acts = Event.objects.filter(action__startswith="setup.").order_by("pk")
        assert [(e.action, e.object_kind) for e in acts] == [
            ("setup.added", "pendreason"),
            ("setup.changed", "pendreason"),
        ]

    @pytest.mark.parametrize("days", ["0", "367", "x"])
    def test_days_no_calendar_should_hold_are_refused(self, site, as_person, days):
        client = as_person(site.administrator)
        client.post(f"{HERE}/add/", self.FORM | {"longest_days": days})
        assert not PendReason.objects.filter(code="tumor_board").exists()

    def test_only_administrators_keep_it(self, site, as_person):
        as_person(site.manager).post(f"{HERE}/add/", self.FORM)
        assert not PendReason.objects.filter(code="tumor_board").exists()
