"""What the start page says besides the lists."""

from datetime import timedelta

import pytest

from tests.factories import GOOD_EVIDENCE, Site, open_item, take
from worklists.context import now
from worklists.models import User, WorkItem
from worklists.selectors.pages.start import feedback_on, recent_decisions
from worklists.services import injected_time
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


CODE = {"code": "not_needed"}


def act(item: WorkItem, actor: User, action: str, **more) -> None:
    version = WorkItem.objects.get(pk=item.pk).version
    perform(
        item_id=item.pk, action=action, actor=actor, expected_version=version, **more
    )


def test_each_decision_has_its_own_words(site: Site) -> None:
    item = take(open_item(site.queue, site.facility), site.apprentice)
    act(item, site.apprentice, "submit", evidence=GOOD_EVIDENCE)
    act(item, site.reviewer, "return", reason="Say on which page.")
    act(item, site.apprentice, "submit", evidence={"why": "On page four, below."})
    act(item, site.reviewer, "return", reason="And in which line.")
    act(item, site.apprentice, "submit", evidence={"why": "On page four, line 7."})
    act(item, site.reviewer, "approve")

    said = [(f.review.round, f.words) for f in feedback_on(site.apprentice)]

    assert said == [(3, None), (2, "And in which line."), (1, "Say on which page.")]


def test_the_newest_decision_is_the_one_that_happened_last(site: Site) -> None:
    late, early = (open_item(site.queue, site.facility) for _ in range(2))
    today = now()
    for item, moment in ((late, today), (early, today - timedelta(days=2))):
        with injected_time.at(moment):
            act(item, site.manager, "cancel", reason="Paid.", options=CODE)

    found = recent_decisions(site.auditor)

    assert [item for _, item in found] == [late, early]
    assert [event.occurred_at for event, _ in found] == [
        today,
        today - timedelta(days=2),
    ]
