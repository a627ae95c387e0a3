"""Every state × action × role: what is allowed, and that a refusal changes nothing.

One sign a state, in the order of ``STATES``: ``+`` done, ``3`` not permitted (403),
``4`` not visible (404), ``9`` not in this state (409). The same table holds for what
the item page and the API offer.
"""

import pytest
from django.db import transaction
from django.forms.models import model_to_dict
from django.utils import timezone

from tests.factories import GOOD_EVIDENCE, QueueFactory, make_site, open_item, person
from tests.factories import ReviewPolicyFactory
from worklists.enums import Action, Role, State
from worklists.errors import NotPermitted, NotVisible, WrongState
from worklists.models import (
    Answer,
    Draft,
    Escalation,
    Event,
    ItemClock,
    Notice,
    Reason,
    Review,
    User,
    WorkItem,
)
from worklists.selectors.item import item_for
from worklists.selectors.offered import offered
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

STATES = [
    State.OPEN,
    State.IN_PROGRESS,
    State.PENDING,
    State.IN_REVIEW,
    State.RETURNED,
    State.COMPLETED,
    State.CANCELLED,
]
# holder: holds the item. senior: works and reviews the queue, and saved evidence in an
# earlier turn, so four eyes bar them. manager, reviewer: of this queue.
ROLES = [
    *("holder", "other", "reviewer", "senior"),
    *("manager", "auditor", "admin", "outsider"),
]
MATRIX = """
"""


def cells():
    """Return the table as {(action, role): signs}."""
    rows = [line.split() for line in MATRIX.strip().splitlines()]
    return {
        (action, role): signs
        for action, *row in rows
        for role, signs in zip(ROLES, row, strict=True)
    }


@pytest.fixture
def world():
    """A site whose every submission is reviewed, and one item in a person's hand."""
    site = make_site(review_policy=ReviewPolicyFactory(amount_from=1))
    elsewhere = QueueFactory(team=site.queue.team)
    senior = person(
        Role.CODER,
        Role.REVIEWER,
        username="senior",
        works=[site.queue],
        reviews=[site.queue],
        facilities=[site.facility],
    )
    item = open_item(site.queue, site.facility)
    people = {
        "holder": site.coder,
        "other": site.other_coder,
        "reviewer": site.reviewer,
        "senior": senior,
        "manager": site.manager,
        "auditor": site.auditor,
        "admin": site.administrator,
        "outsider": site.outsider,
    }
    act(item, Action.CLAIM, senior)
    act(item, Action.SAVE_EVIDENCE, senior, evidence={"why": "A first look at it."})
    act(item, Action.RELEASE, senior)
    act(item, Action.ESCALATE, senior, reason="Who knows this payer?")
    return item, people, elsewhere


def act(item, action, actor, **more):
    """Act on an item as it stands now."""
    version = WorkItem.objects.get(pk=item.pk).version
    fresh = User.objects.get(pk=actor.pk)
    return perform(
        item_id=item.pk, action=action, actor=fresh, expected_version=version, **more
    )


def bring_to(state, item, people):
    """Bring the item to a state by acts that lead there."""
    holder, reviewer, manager = (people[k] for k in ("holder", "reviewer", "manager"))
    if state == State.OPEN:
        return
    act(item, Action.CLAIM, holder)
    if state == State.PENDING:
        act(item, Action.PEND, holder, **given(Action.PEND))
    if state == State.CANCELLED:
        act(item, Action.CANCEL, manager, reason="Not needed.")
    if state in {State.IN_REVIEW, State.RETURNED, State.COMPLETED}:
        act(item, Action.SUBMIT, holder, evidence=GOOD_EVIDENCE)
    if state == State.RETURNED:
        act(item, Action.RETURN, reviewer, reason="Say on which page.")
    if state == State.COMPLETED:
        act(item, Action.APPROVE, reviewer)


def given(action, elsewhere=None):
    """Return what an action needs so that only state and role can refuse it."""
    options = {
        Action.ASSIGN: {"to": "other_coder"},
        Action.PEND: {"until": (timezone.now() + timezone.timedelta(days=3)).isoformat()},
        Action.REROUTE: {"queue": elsewhere.slug if elsewhere else ""},
        Action.ACKNOWLEDGE_ESCALATION: {"outcome": "worked"},
    }.get(action)
    evidence = {
        Action.SAVE_EVIDENCE: {"why": "Another sentence about it."},
        Action.SUBMIT: GOOD_EVIDENCE,
        Action.FIX_AND_APPROVE: {"why": "The senior knows it better."},
    }.get(action)
    return {"reason": "Because it is so.", "options": options, "evidence": evidence}


KEPT = (Event, Notice, Review, Reason, Answer, Escalation, ItemClock, Draft)


def everything(item):
    """Return all that an act could leave behind."""
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in KEPT}
    return model_to_dict(WorkItem.objects.get(pk=item.pk)), rows


def outcome(item, action, actor, elsewhere):
    """Try an action, undo it, and return its sign."""
    before = everything(item)
    try:
        with transaction.atomic():
            act(item, action, actor, **given(action, elsewhere))
            transaction.set_rollback(True)
        return "+"
    except NotPermitted:
        sign = "3"
    except NotVisible:
        sign = "4"
    except WrongState:
        sign = "9"
    assert everything(item) == before, f"{action} was refused and left something"
    return sign


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
def test_matrix(world, state, role):
    item, people, elsewhere = world
    bring_to(state, item, people)
    actor = people[role]

    found = {action: outcome(item, action, actor, elsewhere) for action in Action}

    table = cells()
    wanted = {a: table[a.value, role][STATES.index(state)] for a in Action}
    assert found == wanted


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", [role for role in ROLES if role != "outsider"])
def test_offered_is_what_is_done(world, state, role):
    item, people, _ = world
    bring_to(state, item, people)
    actor = User.objects.get(pk=people[role].pk)

    offers = offered(item_for(actor, item.pk), actor)

    table, place = cells(), STATES.index(state)
    found = {offer.action: _sign(offer) for offer in offers}
    assert found == {a: table[a.value, role][place] for a in Action}


def _sign(offer):
    if offer.allowed:
        return "+"
    assert offer.why_not.endswith((".", "?")), offer
    return "9" if offer.code == "wrong_state" else "3"


def test_every_transition_has_a_row():
    assert {action for action, _ in cells()} == {action.value for action in Action}
