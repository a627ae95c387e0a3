"""Guidance is read by whoever is logged in, with every version it ever had."""

from datetime import date

import pytest

from tests.factories.guidance import make_guidance
from tests.factories.reference import PayerFactory

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
OLD, NEW = date(2025, 1, 1), date(2026, 7, 1)


@pytest.fixture(autouse=True)
def sources(db):
    payer = PayerFactory(slug="meridian")
    make_guidance("rp", OLD, NEW, payer=payer, kind="payer_policy")
    make_guidance("gone", OLD, retired_on=NEW)


def test_the_list_says_what_holds_today(site, as_person):
    [row] = as_person(site.coder).get("/api/v1/guidance/").json()["results"]
    assert row == {
        "slug": "rp",
        "name": "Rp",
        "kind": "payer_policy",
        "payer": "meridian",
        "specialty": "",
        "review_on": "2027-01-15",
        "stale": False,
        "retired_on": None,
        "in_force": 2,
    }


def test_one_has_all_versions_with_their_days(
    site, as_person, django_assert_num_queries
):
    client = as_person(site.coder)
    client.get("/api/v1/guidance/rp/")
    with django_assert_num_queries(5):  # person, access, source, versions, day
        said = client.get("/api/v1/guidance/rp/").json()
    new, old = said["versions"]
    assert (said["in_force"], new["number"], new["effective_to"]) == (2, 2, None)
    assert old == {
        "number": 1,
        "effective_from": "2025-01-01",
        "effective_to": "2026-06-30",
        "source": "Manual, chapter 1",
        "body": "In our own words.",
        "checked_on": "2025-01-01",
        "written_by": None,
        "written_at": "2026-01-01T00:00:00Z",
    }


def test_a_retired_one_is_read_alone(site, as_person):
    said = as_person(site.auditor).get("/api/v1/guidance/gone/").json()
    assert (said["retired_on"], said["payer"]) == ("2026-07-01", None)


def test_no_such_source_and_no_such_person(site, as_person):
    assert as_person(site.coder).get("/api/v1/guidance/none/").status_code == 404
    assert as_person().get("/api/v1/guidance/").status_code == 401
