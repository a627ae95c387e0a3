"""Rules are read by whoever is logged in: what is in force, what waits, what was said."""

import pytest

from tests.worklists.services.test_shipping import LADDER, ship
from worklists import shipped
from worklists.enums import RuleKind
from worklists.selectors import rules as selectors
from worklists.selectors.site import site_today
from worklists.services import rules
from worklists.services.shipping import propose_shipped

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def slug(site):
    """A service level with a proposed version 2."""
    slug = site.queue.sla_policy.slug
    content = selectors.live_content(RuleKind.SLA, slug) | {"business_hours": 45}
    rules.propose(
        actor=site.administrator,
        kind=RuleKind.SLA,
        slug=slug,
        content=content,
        effective_from=site_today(),
        reason="People say days.",
    )
    return slug


def test_the_index_names_what_is_in_force_and_what_waits(site, slug, as_person):
    answer = as_person(site.coder).get("/api/v1/rules/")

    assert answer.status_code == 200
    rows = {(row["kind"], row["slug"]): row for row in answer.json()["results"]}
    sla = rows["sla", slug]
    assert (sla["version"], sla["waiting"], sla["used_by"]) == (1, 2, 1)
    assert rows["queue", site.queue.slug]["waiting"] is None


def test_a_rule_has_all_its_versions_with_their_reasons(
    site, slug, as_person, django_assert_max_num_queries
):
    with django_assert_max_num_queries(22):
        answer = as_person(site.auditor).get(f"/api/v1/rules/sla/{slug}/")

    said = answer.json()
    assert (said["in_force"], [v["number"] for v in said["versions"]]) == (1, [2, 1])
    new, old = said["versions"]
    assert (new["state"], new["content"]["business_hours"]) == ("proposed", 45)
    assert new["proposed_by"] == site.administrator.username
    assert [(w["act"], w["words"]) for w in new["said"]] == [
        ("proposed", "People say days.")
    ]
    assert (old["state"], old["proposed_by"], old["said"]) == ("in_force", None, [])


def test_one_whose_first_version_waits_is_read_too(site, as_person, monkeypatch):
    monkeypatch.setattr(shipped, "_shipped", {})
    ship(RuleKind.SLA, "fresh", LADDER)
    propose_shipped(
        actor=site.administrator,
        kind=RuleKind.SLA,
        slug="fresh",
        effective_from=site_today(),
        reason="The release has it.",
    )
    answer = as_person(site.coder).get("/api/v1/rules/sla/fresh/")
    said = answer.json()
    assert (said["in_force"], [v["state"] for v in said["versions"]]) == (
        None,
        ["proposed"],
    )
    rows = as_person(site.coder).get("/api/v1/rules/").json()["results"]
    [line] = [row for row in rows if row["slug"] == "fresh"]
    assert (line["name"], line["version"], line["waiting"]) == ("One week", 0, 1)


@pytest.mark.parametrize("path", ["sla/none/", "strange/none/"])
def test_what_is_not_there_is_not_found(site, slug, as_person, path):
    assert as_person(site.coder).get(f"/api/v1/rules/{path}").status_code == 404


def test_nothing_is_written_here(site, slug, as_person):
    answer = as_person(site.administrator).post(f"/api/v1/rules/sla/{slug}/", {})
    assert answer.status_code == 405
