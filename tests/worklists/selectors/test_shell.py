"""The counts on the rail."""

from datetime import timedelta

import pytest
import time_machine

from tests.factories import GOOD_EVIDENCE, open_item, open_many, person, take
from worklists.context import now
from worklists.enums import Role, RuleKind
from worklists.models import Banner, Review, User
from worklists.selectors import shell, waiting_for
from worklists.selectors.reviews import to_approve
from worklists.selectors.rules import live_content
from worklists.selectors.site import site_today
from worklists.services import rules
from worklists.services.notices import tell
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
NOTHING = {"mine": 0, "returned": 0, "review": 0, "inbox": 0, "rules": 0}


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
    assert waiting_for(site.reviewer).counts == NOTHING | {"review": 1}
    assert waiting_for(site.apprentice).counts == NOTHING | {"mine": 1}

    perform(
        item_id=back.pk,
        action="return",
        actor=site.reviewer,
        expected_version=3,
        reason="Say on which page.",
    )

    counts = waiting_for(User.objects.get(pk=site.apprentice.pk)).counts
    assert counts == NOTHING | {"mine": 2, "returned": 1, "inbox": 1}
    assert waiting_for(site.reviewer).counts == NOTHING


def test_what_is_reserved_for_a_manager_waits_for_no_senior(site):
    item = take(open_item(site.queue, site.facility), site.apprentice)
    perform(
        item_id=item.pk,
        action="submit",
        actor=site.apprentice,
        expected_version=item.version,
        evidence=GOOD_EVIDENCE,
    )
    Review.objects.filter(item=item).update(approver_role="manager")

    assert waiting_for(site.reviewer).counts["review"] == 0
    assert waiting_for(site.manager).counts["review"] == 1
    assert list(to_approve(site.reviewer)) == []
    assert [row.item_id for row in to_approve(site.manager)] == [item.pk]


def test_counts_of_somebody_without_anything(site):
    open_item(site.queue, site.facility)

    assert waiting_for(site.outsider).counts == NOTHING


def test_counts_are_bounded_and_cost_one_query(
    site, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(shell, "MOST_COUNTED", 2)
    for n in range(3):
        tell(user_id=site.coder.pk, code="assigned", dedupe=str(n))
    waiting_for(site.coder)

    with django_assert_num_queries(1):
        assert waiting_for(site.coder).counts == NOTHING | {"inbox": 2}


def banner(text, *roles, begins=-1, ends=1, tone="accent"):
    """Put a banner up, days from now."""
    return Banner.objects.create(
        text=text,
        tone=tone,
        roles=list(roles),
        begins_at=now() + timedelta(days=begins),
        ends_at=now() + timedelta(days=ends),
    )


def texts(user):
    """Return the banners somebody sees, the newest first."""
    return [one.text for one in waiting_for(user).banners]


def test_banners_are_for_their_roles_and_for_everybody(site):
    banner("For all", begins=-3)
    banner("For coders and auditors", "coder", "auditor", begins=-2)

    assert texts(site.coder) == ["For coders and auditors", "For all"]
    assert texts(site.auditor) == ["For coders and auditors", "For all"]
    assert texts(site.manager) == ["For all"]


def test_banners_stand_from_their_first_moment_until_their_last(site):
    one = banner("Tonight", begins=1, ends=2)

    for moment, seen in (
        (one.begins_at - timedelta(seconds=1), []),
        (one.begins_at, ["Tonight"]),
        (one.ends_at - timedelta(seconds=1), ["Tonight"]),
        (one.ends_at, []),
    ):
        with time_machine.travel(moment, tick=False):
            assert texts(site.coder) == seen


def test_of_many_banners_the_newest_three_stand(site, django_assert_num_queries):
    for n in range(5):
        banner(f"Number {n}", begins=n - 9)
    waiting_for(site.coder)

    with django_assert_num_queries(1):
        assert texts(site.coder) == ["Number 4", "Number 3", "Number 2"]


def test_changes_of_rules_wait_for_another_person_who_decides(site):
    second = person(Role.MANAGER, username="second")
    content = live_content(RuleKind.SLA, site.queue.sla_policy.slug)
    rules.propose(
        actor=site.administrator,
        kind=RuleKind.SLA,
        slug=site.queue.sla_policy.slug,
        content=content | {"name": "Five days"},
        effective_from=site_today(),
        reason="So it is.",
    )

    waits = {
        who.username: waiting_for(who).counts["rules"]
        for who in (second, site.administrator, site.coder)
    }
    assert waits == {"second": 1, site.administrator.username: 0, "coder": 0}
