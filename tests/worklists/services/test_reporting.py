"""An issue report about the product itself: once while it is worked, known by its trouble."""

import pytest

from tests.factories import make_site, open_item
from tests.worklists.services.timekeeping import issue_queue
from worklists.errors import BadInput
from worklists.models import Facility, WorkItem
from worklists.services.reporting import report_once

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site(db):
    """A small site whose issue reports have a queue."""
    site = make_site()
    site.reports = issue_queue(site)
    return site


def labels():
    """Return the labels of all reports, oldest first."""
    reports = WorkItem.objects.filter(kind="issue_report").order_by("pk")
    return list(reports.values_list("reason_label", flat=True))


def test_it_is_opened_at_the_sites_own_facility_and_names_the_cause(site):
    item_id = report_once(code="absence_failed", trouble="Absence 7", more=" (gone)")

    report = WorkItem.objects.get(pk=item_id)
    assert (report.queue, report.facility) == (site.reports, site.facility)
    assert (report.reason_code, report.reason_label) == (
        "absence_failed",
        "Absence 7 (gone)",
    )


def test_the_same_trouble_is_told_once_whatever_its_cause_by_now(site):
    report_once(code="rule_failed", trouble="Calendar x", more=" (one)")

    assert report_once(code="rule_failed", trouble="Calendar x", more=" (two)") is None
    assert labels() == ["Calendar x (one)"]


@pytest.mark.parametrize("ended", ["completed", "cancelled"])
def test_it_is_told_again_when_the_report_has_ended(site, ended):
    report_once(code="rule_failed", trouble="Calendar x")
    WorkItem.objects.filter(kind="issue_report").update(state=ended)

    assert report_once(code="rule_failed", trouble="Calendar x") is not None
    assert labels() == ["Calendar x", "Calendar x"]


def test_another_trouble_or_another_code_is_another_report(site):
    report_once(code="rule_failed", trouble="Calendar x")
    report_once(code="rule_failed", trouble="Calendar y")
    report_once(code="sweep_failed", trouble="Calendar x")

    assert labels() == ["Calendar x", "Calendar y", "Calendar x"]


def test_about_an_item_it_stands_beside_its_claim(site):
    item = open_item(site.queue, site.facility)

    report = WorkItem.objects.get(
        pk=report_once(code="sweep_failed", trouble=f"{item.number} stuck", item=item)
    )

    assert (report.facility_id, report.claim_id, report.payer_id) == (
        item.facility_id,
        item.claim_id,
        item.payer_id,
    )


def test_a_label_is_cut_to_what_the_field_holds(site):
    longest = WorkItem._meta.get_field("reason_label").max_length
    report_once(code="rule_failed", trouble="Calendar x", more="y" * longest)

    assert labels() == [("Calendar x" + "y" * longest)[:longest]]


def test_a_site_without_a_facility_gets_none(db):
    assert not Facility.objects.exists()

    assert report_once(code="trail_broken", trouble="The trail") is None
    assert not WorkItem.objects.exists()


def test_without_a_queue_it_is_refused_and_nothing_is_opened(db):
    make_site()

    with pytest.raises(BadInput):
        report_once(code="trail_broken", trouble="The trail")
    assert not WorkItem.objects.exists()
