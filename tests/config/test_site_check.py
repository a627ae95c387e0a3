"""`check --deploy --database default` names what a new site still lacks."""

import pytest
from django.core import checks as django_checks
from django.db import connection

from config import checks
from tests.factories import FacilityFactory, QueueFactory
from worklists.models import Queue, RoutingRule, Taxonomy

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def lacking() -> list[str]:
    found = django_checks.run_checks(
        tags=["database"], include_deployment_checks=True, databases=["default"]
    )
    return [warning.msg for warning in found if warning.id == "config.W002"]


def test_everything_that_is_missing_is_named():
    assert lacking() == [
        "The site has not got a default facility.",
        "The site has not got a taxonomy in force.",
        *(
            f"The site has not got a routing rule without conditions for {kind}."
            for kind in ("denial", "ingest_exception", "issue_report")
        ),
    ]


def test_a_complete_site_is_fine_until_a_queue_is_closed():
    FacilityFactory(is_default=True)
    Taxonomy.objects.create(version=1, name="Ours", effective_from="2026-01-01")
    for kind in checks.OPENED_BY_ITSELF:
        QueueFactory(kind=kind)
    assert len(lacking()) == 3  # every rule asks for something
    RoutingRule.objects.update(conditions=[])
    assert lacking() == []
    Queue.objects.filter(kind="denial").update(is_active=False)
    assert lacking() == [
        "The site has not got a routing rule without conditions for denial."
    ]


def test_a_taxonomy_of_tomorrow_is_not_in_force():
    Taxonomy.objects.create(version=1, name="Ours", effective_from="2999-01-01")
    assert "The site has not got a taxonomy in force." in lacking()


def test_nothing_is_asked_without_a_database_or_before_migrations(monkeypatch):
    assert checks.site_is_set_up() == []
    monkeypatch.setattr(connection.introspection, "table_names", list)
    assert checks.site_is_set_up(databases=["default"]) == []
