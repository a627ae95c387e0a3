"""Every state × action × role: what is allowed, and that a refusal changes nothing.

One sign a state, in the order of ``STATES``: ``+`` done, ``3`` not permitted (403),
``4`` not visible (404), ``9`` not in this state (409). The same table holds for what
the item page and the API offer.
"""

import pytest
from django.db import connection, transaction
from django.utils import timezone

from tests.factories import (
    GOOD_EVIDENCE,
    QueueFactory,
    ReviewPolicyFactory,
    make_site,
    open_item,
    person,
)
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
claim                  +999999 +333333 3333333 +333333 3333333 3333333 3333333 4444444
release                9+99+99 9333333 3333333 9333333 9+99+99 3333333 3333333 4444444
assign                 3333333 3333333 3333333 3333333 +++9+99 3333333 3333333 4444444
save_evidence          9+99+99 9333333 3333333 9333333 3333333 3333333 3333333 4444444
pend                   9+99999 9333333 3333333 9333333 9+99999 3333333 3333333 4444444
resume                 99+9999 9333333 3333333 9333333 99+9999 3333333 3333333 4444444
submit                 9+99+99 9333333 3333333 9333333 3333333 3333333 3333333 4444444
approve                3333333 3333333 999+999 9993999 3333333 3333333 3333333 4444444
fix_and_approve        3333333 3333333 999+999 9993999 3333333 3333333 3333333 4444444
return                 3333333 3333333 999+999 9993999 3333333 3333333 3333333 4444444
reject                 3333333 3333333 999+999 9993999 3333333 3333333 3333333 4444444
escalate               +++++99 +++++99 +++++99 +++++99 +++++99 3333333 3333333 4444444
acknowledge_escalation 3333333 3333333 3333333 3333333 +++++++ 3333333 3333333 4444444
reroute                3333333 3333333 +++9+99 +++9+99 +++9+99 3333333 3333333 4444444
reopen                 3333333 3333333 99999+9 99999+9 99999+9 3333333 3333333 4444444
cancel                 3333333 3333333 3333333 3333333 +++++99 3333333 3333333 4444444
prioritize             3333333 3333333 3333333 3333333 +++++99 3333333 3333333 4444444
flag                   3++++99 3333333 3333333 3333333 +++++99 3333333 3333333 4444444
unflag                 3++++99 3333333 3333333 3333333 +++++99 3333333 3333333 4444444
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
def world(db):
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
    act(item, Action.FLAG, senior, options={"flag": "watch"})
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
        Action.PEND: {
            "until": (timezone.now() + timezone.timedelta(days=3)).isoformat()
        },
        Action.REROUTE: {"queue": elsewhere.slug if elsewhere else ""},
        Action.ACKNOWLEDGE_ESCALATION: {"outcome": "worked"},
        Action.PRIORITIZE: {"level": "raised"},
        Action.FLAG: {"flag": "teaching"},
        Action.UNFLAG: {"flag": "watch"},
    }.get(action)
    evidence = {
        Action.SAVE_EVIDENCE: {"why": "Another sentence about it."},
        Action.SUBMIT: GOOD_EVIDENCE | {"why": "Looked at once more, page four."},
        Action.FIX_AND_APPROVE: {"why": "The senior knows it better."},
    }.get(action)
    return {"reason": "Because it is so.", "options": options, "evidence": evidence}


SIGNS = {NotPermitted: "3", NotVisible: "4", WrongState: "9"}
KEPT = (WorkItem, Event, Notice, Review, Reason, Answer, Escalation, ItemClock, Draft)
EVERYTHING = " UNION ALL ".join(  # our own table names
    f"SELECT '{kept.__name__}', md5(string_agg(t::text, '|' ORDER BY t.id))"  # noqa: S608
    f" FROM {kept._meta.db_table} t"
    for kept in KEPT
)


def everything():
    """Return a digest of each table that an act could leave something in."""
    with connection.cursor() as cursor:
        cursor.execute(EVERYTHING)
        return cursor.fetchall()


def outcome(item, action, actor, elsewhere, before):
    """Try an action on the item as it was read, undo it, and return its sign.

    What a refusal leaves is looked at where it would lie: before anything is undone.
    """
    tried = given(action, elsewhere) | {"expected_version": item.version}
    with transaction.atomic():
        try:
            perform(item_id=item.pk, action=action, actor=actor, **tried)
            sign = "+"
        except (NotPermitted, NotVisible, WrongState) as refusal:
            assert everything() == before, f"{action} was refused and left something"
            sign = SIGNS[type(refusal)]
        transaction.set_rollback(True)
    return sign


def of(state, *, roles=ROLES):
    """Return the table's column of one state."""
    place = STATES.index(state)
    return {cell: signs[place] for cell, signs in cells().items() if cell[1] in roles}


@pytest.mark.parametrize("state", STATES)
def test_matrix(world, state):
    """What is offered and what is done are the same table."""
    item, people, elsewhere = world
    bring_to(state, item, people)
    item.refresh_from_db()
    asking = {role: User.objects.get(pk=one.pk) for role, one in people.items()}
    seeing = [role for role in ROLES if role != "outsider"]
    before = everything()

    shown = {
        (offer.name, role): _sign(offer)
        for role in seeing
        for offer in offered(item_for(asking[role], item.pk), asking[role])
    }
    found = {
        (action.value, role): outcome(item, action, asking[role], elsewhere, before)
        for action in Action
        for role in ROLES
    }

    assert everything() == before
    assert found == of(state)
    assert shown == of(state, roles=seeing)


def _sign(offer):
    if offer.allowed:
        return "+"
    assert offer.why_not.endswith("."), offer
    return "9" if offer.code == "wrong_state" else "3"


def test_every_transition_has_a_row():
    assert {action for action, _ in cells()} == {action.value for action in Action}
