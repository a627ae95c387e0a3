"""The counts on the rail."""

import pytest

from tests.factories import GOOD_EVIDENCE, open_item, open_many, take
from worklists.models import User
from worklists.selectors import shell, shell_counts
from worklists.services.notices import tell
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
NOTHING = {"mine": 0, "returned": 0, "review": 0, "inbox": 0}


def test_counts_of_a_day(site):
    held, back = open_many(site.queue, site.facility, 2)
    take(held, site.apprentice)
    take(back, site.apprentice)
    perform(
        item_id=back.pk,
        action="submit",
        actor=site.apprentice,
        expected_version=2,
        evidence=GOOD_EVIDENCE,
    )
    assert shell_counts(site.reviewer) == NOTHING | {"review": 1}
    assert shell_counts(site.apprentice) == NOTHING | {"mine": 1}

    perform(
        item_id=back.pk,
        action="return",
        actor=site.reviewer,
        expected_version=3,
        reason="Say on which page.",
    )

    counts = shell_counts(User.objects.get(pk=site.apprentice.pk))
    assert counts == {"mine": 2, "returned": 1, "review": 0, "inbox": 1}
    assert shell_counts(site.reviewer) == NOTHING


def test_counts_of_somebody_without_anything(site):
    open_item(site.queue, site.facility)

    assert shell_counts(site.outsider) == NOTHING


def test_counts_are_bounded_and_cost_one_query(
    site, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(shell, "MOST_COUNTED", 2)
    for n in range(3):
        tell(user_id=site.coder.pk, code="assigned", dedupe=str(n))
    shell_counts(site.coder)

    with django_assert_num_queries(1):
        assert shell_counts(site.coder) == NOTHING | {"inbox": 2}
