"""Offers that depend on more than state and role."""

import pytest

from tests.factories import make_site, open_item, open_many, take
from worklists import kinds
from worklists.enums import Action, HandOut
from worklists.errors import NotPermitted, WrongState
from worklists.models import Queue
from worklists.selectors.item import item_for
from worklists.selectors.offered import offered
from worklists.services.perform import perform
from worklists.workflow import Workflow

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def offer(item, user, action):
    """Return one offer."""
    return next(o for o in offered(item_for(user, item.pk), user) if o.action == action)


def test_claim_is_not_offered_where_next_hands_out():
    site = make_site(hand_out=HandOut.NEXT_ONLY)
    item = open_item(site.queue, site.facility)

    found = offer(item, site.coder, Action.CLAIM)

    assert (found.allowed, found.code) == (False, "next_only")
    with pytest.raises(NotPermitted) as refusal:
        take(item, site.coder)
    assert (refusal.value.code, refusal.value.detail) == (found.code, found.why_not)


def test_claim_is_not_offered_to_full_hands(site):
    Queue.objects.update(max_in_hand=1)
    first, second = open_many(site.queue, site.facility, 2)
    take(first, site.coder)

    found = offer(second, site.coder, Action.CLAIM)

    assert (found.allowed, found.code) == (False, "max_in_hand")
    with pytest.raises(NotPermitted) as refusal:
        take(second, site.coder)
    assert (refusal.value.code, refusal.value.detail) == (found.code, found.why_not)


def test_four_eyes_is_said(site):
    site.reviewer.groups.set(site.coder.groups.all() | site.reviewer.groups.all())
    item = open_item(site.queue, site.facility)
    take(item, site.apprentice)
    perform(
        item_id=item.pk,
        action="submit",
        actor=site.apprentice,
        expected_version=2,
        evidence={"decision": "accept", "why": "The note supports it."},
    )

    assert offer(item, site.reviewer, Action.APPROVE).allowed
    assert offer(item, site.apprentice, Action.APPROVE).code == "not_permitted"


def test_acknowledging_is_offered_while_an_escalation_waits(site):
    item = open_item(site.queue, site.facility)
    found = offer(item, site.manager, Action.ACKNOWLEDGE_ESCALATION)
    assert (found.allowed, found.code) == (False, "wrong_state")

    perform(
        item_id=item.pk,
        action="escalate",
        actor=site.coder,
        expected_version=1,
        reason="Nobody answers there.",
    )

    assert offer(item, site.manager, Action.ACKNOWLEDGE_ESCALATION).allowed


def test_what_a_kind_forbids_is_not_offered(site, monkeypatch):
    plain = kinds.get(site.queue.kind)
    fixed = Workflow(plain.slug, forbidden=[Action.REROUTE])
    monkeypatch.setitem(kinds._kinds, plain.slug, _with(plain, fixed))
    item = open_item(site.queue, site.facility)

    found = offer(item, site.manager, Action.REROUTE)

    assert found.why_not == "“Reroute” is not used for this kind of work."
    with pytest.raises(WrongState):
        perform(
            item_id=item.pk,
            action="reroute",
            actor=site.manager,
            expected_version=1,
            reason="Elsewhere.",
        )


def _with(kind, workflow):
    fields = {name: getattr(kind, name) for name in kind.__slots__}
    return type(kind)(**fields | {"workflow": workflow})


def test_offers_say_which_need_a_reason(site):
    item = open_item(site.queue, site.facility)

    asking = {
        o.name
        for o in offered(item_for(site.coder, item.pk), site.coder)
        if o.needs_reason
    }

    assert asking == {
        *("pend", "fix_and_approve", "return", "reject", "escalate"),
        *("acknowledge_escalation", "reroute", "reopen", "cancel", "prioritize"),
    }
