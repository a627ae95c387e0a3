"""Versions of rules held against their events: gone, set back, redacted."""

import pytest
from django.db import connection

from audits.selectors.row_checks import destroyed, row_faults
from audits.services.verification import verify_trail
from tests.audits.test_row_checks import forced
from tests.worklists.laddering import KEPT, change, ladder_site, step
from worklists.models import Event, RuleVersion, RuleWords

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def codes():
    return [fault.code for fault in row_faults()]


@pytest.fixture
def version():
    """A version in force that two people brought there."""
    change(ladder_site(), KEPT, step(9, asks=True))
    assert codes() == []
    return RuleVersion.objects.get(state="in_force")


def test_words_that_were_redacted_are_said_and_no_tampering(version):
    count = RuleWords.objects.count()
    assert count > 0
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE worklists_rulewords SET content = NULL, salt = NULL, "
            "redacted_at = now()"
        )

    assert codes() == []
    assert verify_trail().whole
    assert [fault.code for fault in destroyed()] == ["words_destroyed_unsaid"] * count


def test_words_that_are_gone_are_tampering(version):
    forced("UPDATE worklists_rulewords SET content = NULL, salt = NULL")
    assert set(codes()) == {"words_missing"}


@pytest.mark.parametrize("state", ["withdrawn", "sent_back"])
def test_a_version_set_back_past_the_product_is_named(version, state):
    forced(
        "UPDATE worklists_ruleversion SET state = %s WHERE id = %s", state, version.pk
    )
    assert "rule_state_unsaid" in codes()


def test_a_version_that_is_gone_is_named_once(version):
    forced("DELETE FROM worklists_ladderswitch WHERE version_id = %s", version.pk)
    forced(
        "UPDATE worklists_rulewords SET version_id = (SELECT min(id) FROM "
        "worklists_ruleversion) WHERE version_id = %s",
        version.pk,
    )
    forced("DELETE FROM worklists_ruleversion WHERE id = %s", version.pk)

    found = [fault for fault in row_faults() if fault.code == "version_missing"]

    (fault,) = found
    first = Event.objects.filter(subject_kind="rule", pk=fault.event).get()
    assert f'"version":{version.number}' in first.facts.replace(" ", "")
