"""Rules are changed by who read them: stale versions, blind supervisors, odd characters."""

import pytest
import time_machine

from tests.factories import grant, make_site, person
from worklists.enums import Role, RuleKind
from worklists.errors import BadInput, Conflict
from worklists.models import Event, RuleVersion
from worklists.selectors import rules as selectors
from worklists.selectors.site import site_today
from worklists.services import rules

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
        yield


@pytest.fixture
def site(db):
    """A small site with a second manager of the queue."""
    site = make_site()
    site.slug = site.queue.sla_policy.slug
    site.second = person(Role.MANAGER, username="second")
    grant(site.second, site.queue, "manage")
    return site


def renamed(site, name):
    """Return the service level under another name."""
    return selectors.live_content(RuleKind.SLA, site.slug) | {"name": name}


def propose(site, name="Five days", **more):
    """Propose the service level under another name."""
    return rules.propose(
        actor=site.manager,
        kind=RuleKind.SLA,
        slug=site.slug,
        content=renamed(site, name),
        effective_from=site_today(),
        reason="People say days.",
        **more,
    )


def queue_content(site, **changes):
    """Return the settings of the queue with changes."""
    return selectors.live_content(RuleKind.QUEUE, site.queue.slug) | changes


def test_settings_that_somebody_else_changed_meanwhile_are_not_written_over(site):
    asked = {"slug": site.queue.slug, "reason": "So it is."}
    rules.change_queue(
        actor=site.second, content=queue_content(site, max_in_hand=7), read=1, **asked
    )

    with pytest.raises(Conflict) as refused:
        rules.change_queue(
            actor=site.manager,
            content=queue_content(site, max_in_hand=0, purpose="Only words."),
            read=1,
            **asked,
        )

    assert refused.value.code == "stale_version"
    site.queue.refresh_from_db()
    assert (site.queue.max_in_hand, site.queue.purpose) != (0, "Only words.")
    assert site.queue.max_in_hand == 7


def test_a_proposal_against_a_version_that_is_over_is_refused(site):
    first = propose(site)
    asked = {"kind": RuleKind.SLA, "slug": site.slug, "number": first.number}
    rules.approve(actor=site.second, **asked)

    with pytest.raises(Conflict) as refused:
        propose(site, name="Mine", read=1)

    assert refused.value.code == "stale_version"
    assert not RuleVersion.objects.filter(state="proposed").exists()
    assert Event.objects.filter(action="rule.proposed").count() == 1


@pytest.mark.parametrize(
    "who",
    ["coder", "apprentice", "reviewer", "auditor", "administrator", "outsider"],
)
def test_nobody_but_a_manager_who_sees_it_supervises_a_queue(site, who):
    name = getattr(site, who).username
    before = site.queue.supervisor

    with pytest.raises(BadInput) as refused:
        rules.change_queue(
            actor=site.manager,
            slug=site.queue.slug,
            content=queue_content(site, supervisor=name),
            reason="So it is.",
        )

    assert "supervisor" in refused.value.fields
    site.queue.refresh_from_db()
    assert site.queue.supervisor == before
    assert not Event.objects.filter(action="rule.changed").exists()


def test_a_manager_who_sees_nothing_of_a_queue_does_not_supervise_it(site):
    blind = person(Role.MANAGER)

    with pytest.raises(BadInput, match="sees no item of this queue"):
        rules.change_queue(
            actor=site.manager,
            slug=site.queue.slug,
            content=queue_content(site, supervisor=blind.username),
            reason="So it is.",
        )

    assert not Event.objects.filter(action="rule.changed").exists()


@pytest.mark.parametrize("purpose", ["a\x01b", "\u202egnp.exe", "a\0b"])
def test_words_that_cannot_be_shown_are_refused(site, purpose):
    with pytest.raises(BadInput) as refused:
        rules.change_queue(
            actor=site.manager,
            slug=site.queue.slug,
            content=queue_content(site, purpose=purpose),
            reason="So it is.",
        )

    assert "cannot be shown" in refused.value.detail
    before = site.queue.purpose
    site.queue.refresh_from_db()
    assert site.queue.purpose == before
    assert not Event.objects.filter(action="rule.changed").exists()
