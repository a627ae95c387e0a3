"""Who may do what, on plain facts: no database."""

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from worklists import policies
from worklists.enums import Action, HandOut, Role, State
from worklists.policies import POLICIES, Access
from worklists.review import Authority
from worklists.rule_policies import may_decide_rule

pytestmark = pytest.mark.unit
ME, OTHER = 1, 2
QUEUE, FACILITY = 10, 20


def access(*roles, **held):
    """Return what a person holds; ``works=True`` grants the queue, and so on."""
    grants = {
        verb: frozenset({QUEUE} if held.pop(verb, False) else ())
        for verb in ("view", "work", "review", "manage")
    }
    return Access(ME, "ana", frozenset(r.value for r in roles), **grants, **held)


def item(*, state=State.OPEN, assignee=None, **queue):
    """Return an item of the queue."""
    fields = {
        "pk": QUEUE,
        "name": "Charges",
        "clearance_id": None,
        "clearance": "Denials I",
        "hand_out": HandOut.PICK,
        "max_in_hand": 0,
        "supervisor_id": OTHER,
        "team": SimpleNamespace(lead_id=OTHER, manager_id=OTHER + 1),
        "__str__": lambda: "Charges",
    } | queue
    return SimpleNamespace(
        queue=SimpleNamespace(**fields),
        queue_id=QUEUE,
        facility_id=FACILITY,
        state=state,
        assignee=assignee,
        assignee_id=assignee,
    )


CODER = access(Role.CODER, work=True)
MANAGER = access(Role.MANAGER, manage=True)
REVIEWER = access(Role.REVIEWER, review=True)
NOBODY = access()


def code(barred):
    """Return the code of a refusal, or nothing."""
    return barred.code if barred else None


def test_every_action_has_a_policy():
    assert set(POLICIES) == set(Action)


@pytest.mark.parametrize("action", Action)
def test_somebody_without_grants_may_do_nothing(action):
    assert policies.barred(NOBODY, action, item(assignee=ME), ())


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", Role)
def test_a_role_without_a_grant_opens_nothing(role, action):
    assert policies.barred(access(role), action, item(assignee=ME), ())


@pytest.mark.parametrize("action", Action)
def test_being_superuser_is_asked_by_no_policy(action):
    assert "is_superuser" not in POLICIES[action].__code__.co_names


@pytest.mark.parametrize(
    ("who", "fields", "wanted"),
    [
        (CODER, {}, None),
        (CODER, {"assignee": ME}, None),
        (CODER, {"assignee": OTHER}, "held_by_other"),
        (CODER, {"clearance_id": 5}, "clearance"),
        (CODER, {"hand_out": HandOut.NEXT_ONLY}, "next_only"),
        (CODER, {"hand_out": HandOut.NEXT_ONLY, "assignee": ME}, None),
        (
            CODER,
            {"hand_out": HandOut.NEXT_ONLY, "assignee": ME, "clearance_id": 5},
            "clearance",
        ),
        (
            CODER,
            {"hand_out": HandOut.NEXT_ONLY, "assignee": OTHER},
            "held_by_other",
        ),
        (REVIEWER, {}, "not_permitted"),
        (access(Role.CODER, view=True), {}, "not_permitted"),
        (
            access(Role.CODER, work=True, clearances=frozenset({5})),
            {"clearance_id": 5},
            None,
        ),
        (
            access(Role.MANAGER, work=True, manage=True),
            {"hand_out": HandOut.NEXT_ONLY},
            None,
        ),
    ],
)
def test_may_take(who, fields, wanted):
    assert code(policies.may_take(who, item(**fields))) == wanted


@pytest.mark.parametrize(
    ("state", "who", "wanted"),
    [
        (State.IN_PROGRESS, CODER, None),
        (State.IN_PROGRESS, REVIEWER, "not_permitted"),
        (State.IN_REVIEW, REVIEWER, None),
        (State.IN_REVIEW, CODER, "not_permitted"),
    ],
)
def test_may_draft(state, who, wanted):
    assert code(policies.may_draft(who, item(state=state, assignee=ME))) == wanted


def test_may_put_back_is_for_holder_and_manager():
    assert policies.may_put_back(CODER, item(assignee=ME)) is None
    assert policies.may_put_back(MANAGER, item(assignee=OTHER)) is None
    assert code(policies.may_put_back(CODER, item(assignee=OTHER))) == "held_by_other"


@pytest.mark.parametrize("lead", ["supervisor_id", "team"])
def test_may_acknowledge_as_lead_or_supervisor(lead):
    mine = ME if lead == "supervisor_id" else SimpleNamespace(lead_id=ME, manager_id=0)

    assert policies.may_acknowledge(CODER, item(**{lead: mine})) is None
    assert policies.may_acknowledge(CODER, item())


@pytest.mark.parametrize("covered", [OTHER, OTHER + 1])
def test_may_acknowledge_for_whom_one_stands_in(covered):
    standing_in = access(Role.CODER, work=True, covers=frozenset({covered}))

    assert policies.may_acknowledge(standing_in, item()) is None
    nobody_here = access(Role.CODER, work=True, covers=frozenset({ME}))
    assert policies.may_acknowledge(nobody_here, item())


def test_people_are_for_managers_and_leads():
    lead = access(Role.REVIEWER, teams=frozenset({3}))

    assert policies.may_see_people(lead) is None
    assert policies.may_see_people(access(Role.MANAGER)) is None
    for role in (Role.CODER, Role.REVIEWER, Role.AUDITOR, Role.ADMINISTRATOR):
        assert code(policies.may_see_people(access(role))) == "not_permitted"


def test_absences_are_kept_by_those_above_and_nobodys_own():
    may = policies.may_keep_absence
    for role in (Role.MANAGER, Role.REVIEWER, Role.ADMINISTRATOR):
        assert may(access(role), OTHER, {OTHER}) is None
        assert code(may(access(role), ME, {OTHER, ME})) == "own_absence"
    assert may(access(Role.ADMINISTRATOR), OTHER, ()) is None
    assert code(may(access(Role.MANAGER), OTHER, ())) == "not_permitted"


def test_people_are_changed_by_their_manager_and_nobody_changes_themselves():
    may = policies.may_change_person
    assert may(access(Role.MANAGER), OTHER, {OTHER}) is None
    assert code(may(access(Role.MANAGER), ME, {ME})) == "own_grants"
    assert code(may(access(Role.MANAGER), OTHER, ())) == "not_permitted"
    for role in (Role.REVIEWER, Role.ADMINISTRATOR, Role.AUDITOR):
        assert code(may(access(role), OTHER, {OTHER})) == "not_permitted"


@pytest.mark.parametrize("action", sorted(policies.REVIEW_ACTIONS))
def test_four_eyes(action):
    reviewed = item(state=State.IN_REVIEW)

    assert policies.barred(REVIEWER, action, reviewed, [OTHER]) is None
    barred = policies.barred(REVIEWER, action, reviewed, [OTHER, ME])
    assert code(barred) == "four_eyes"


@pytest.mark.parametrize("action", sorted(policies.REVIEW_ACTIONS))
def test_four_eyes_take_who_had_the_account_for_its_holder(action):
    reviewed = item(state=State.IN_REVIEW)
    held = replace(REVIEWER, one_with=frozenset({OTHER}))

    assert policies.barred(held, action, reviewed, [OTHER + 1]) is None
    barred = policies.barred(held, action, reviewed, [OTHER + 1, OTHER])
    assert code(barred) == "four_eyes"
    assert "in the last 30 days" in barred.why


def test_a_queue_is_not_given_to_whose_account_one_had():
    held = access(Role.ADMINISTRATOR, one_with=frozenset({OTHER}))

    assert may_decide_rule(held, (), 3, None) is None
    assert may_decide_rule(held, (), None, None) is None
    assert code(may_decide_rule(held, (), 3, OTHER)) == "two_people"
    assert code(may_decide_rule(held, (), OTHER, 3)) == "two_people"


def test_four_eyes_bars_review_actions_only():
    both = access(Role.CODER, Role.REVIEWER, work=True, review=True)

    assert policies.barred(both, Action.ESCALATE, item(), [ME]) is None


@pytest.mark.parametrize(
    ("limit", "held", "wanted"), [(0, 99, None), (2, 1, None), (2, 2, "max_in_hand")]
)
def test_full_hands(limit, held, wanted):
    queue = item(max_in_hand=limit).queue

    assert code(policies.full_hands(queue, held)) == wanted


@pytest.mark.parametrize(
    ("policy", "roles"),
    [
        (policies.may_read_items, {"coder", "reviewer", "manager", "auditor"}),
        (policies.may_read_trail, {"auditor", "manager"}),
        (policies.may_upload, {"manager", "administrator"}),
        (policies.anyone, set(Role.values)),
    ],
)
def test_policies_of_places(policy, roles):
    assert {role.value for role in Role if policy(access(role)) is None} == roles


def test_the_review_page_takes_role_and_grant():
    assert policies.may_see_review_page(REVIEWER) is None
    assert policies.may_see_review_page(BORROWER) is None
    assert policies.may_see_review_page(MANAGER) is None
    assert policies.may_see_review_page(access(Role.MANAGER))
    assert policies.may_see_review_page(access(Role.REVIEWER))
    assert policies.may_see_review_page(access(Role.CODER, review=True))


HERE, THERE = frozenset({QUEUE}), frozenset({FACILITY})
BORROWER = access(
    Role.REVIEWER,
    lent=(
        Authority(7, OTHER, "omar", HERE, THERE, Decimal(500)),
        Authority(8, 3, "vera", HERE, THERE, Decimal(900), frozenset({"cob"})),
    ),
)


def dear(amount):
    """Return an item in review with so many dollars at stake."""
    found = item(state=State.IN_REVIEW)
    found.amount = Decimal(amount)
    return found


@pytest.mark.parametrize(
    ("amount", "workers", "classes", "wanted"),
    [
        (500, (), (), 7),
        (501, (), (), 8),
        (501, (), ("cob",), 8),
        (501, (), ("cob", "bundling"), None),
        (901, (), (), None),
        (500, (OTHER,), ("cob",), 8),
        (500, (OTHER, 3), (), None),
    ],
)
def test_authority_is_the_first_that_reaches(amount, workers, classes, wanted):
    found = policies.authority_for(BORROWER, dear(amount), workers, classes)
    assert (found.delegation_id if found else None) == wanted
    barred = policies.barred(BORROWER, Action.APPROVE, dear(amount), workers, classes)
    assert (barred is None) == (wanted is not None)


def test_why_authority_does_not_reach():
    beyond = policies.barred(BORROWER, Action.APPROVE, dear(901), ())
    worked = policies.barred(BORROWER, Action.RETURN, dear(500), (OTHER, 3))
    assert (code(beyond), code(worked)) == ("beyond_authority", "four_eyes")
    assert "$900.00" in beyond.why


def test_authority_holds_at_the_lenders_facilities_only():
    elsewhere = dear(10)
    elsewhere.facility_id = FACILITY + 1

    assert policies.authority_for(BORROWER, elsewhere, ()) is None
    assert code(policies.may_review(BORROWER, elsewhere)) == "not_permitted"
    assert policies.may_review(BORROWER, dear(10)) is None


def test_ones_own_right_goes_first_and_a_coder_borrows_nothing():
    own = replace(BORROWER, review=frozenset({QUEUE}))
    assert policies.authority_for(own, dear(10), ()) is None
    assert policies.barred(own, Action.APPROVE, dear(10**6), ()) is None
    coder = replace(BORROWER, roles=frozenset({"coder"}))
    assert policies.authority_for(coder, dear(10), ()) is None
    assert policies.barred(coder, Action.APPROVE, dear(10), ())


@pytest.mark.parametrize(
    ("who", "delegator", "delegate", "wanted"),
    [
        (REVIEWER, ME, OTHER, None),
        (REVIEWER, ME, ME, "own_authority"),
        (REVIEWER, OTHER, 3, "not_permitted"),
        (MANAGER, OTHER, 3, None),
        (MANAGER, OTHER, ME, "own_authority"),
        (MANAGER, 4, 3, "not_permitted"),
        (CODER, ME, OTHER, "not_permitted"),
    ],
)
def test_who_lends(who, delegator, delegate, wanted):
    assert code(policies.may_lend(who, delegator, delegate, {OTHER})) == wanted


def test_a_refusal_is_raised_as_it_is_said():
    error = policies.may_take(REVIEWER, item()).error()

    assert (error.status, error.code) == (403, "not_permitted")
    assert error.detail == (
        "You do not work the queue “Charges”. It takes the role “Coder”, which an "
        "administrator gives."
    )


@pytest.mark.parametrize(
    ("roles", "manages", "said"),
    [
        ("coder", False, "Your manager can grant it to you."),
        ("coder reviewer", False, "Your manager can grant it to you."),
        ("coder manager", True, "You manage it, and a manager above you can grant it"),
        ("manager", True, "It takes the role “Coder”, which an administrator gives."),
        ("auditor", False, "It takes the role “Coder”, which an administrator gives."),
    ],
)
def test_who_can_give_a_queue_is_named_and_may_do_it(roles, manages, said):
    one = item()
    held = frozenset({one.queue.pk}) if manages else frozenset()
    access = Access(ME, "me", frozenset(roles.split()), manage=held)

    why = policies.may_take(access, one).why

    assert said in why
    assert "lead" not in why


class Charges(str):
    """A queue as sentences write it, with its clearance."""

    clearance = "Denials I"


@pytest.mark.parametrize(
    ("held", "why"),
    [
        ({}, None),
        ({"there": False}, "Ana Ruiz does not work for Main."),
        ({"works": False}, "Ana Ruiz does not work the queue “Charges”."),
        ({"cleared": False}, "Ana Ruiz lacks the clearance “Denials I”."),
        # The facility comes first: without it nothing of the queue is said.
        (
            {"there": False, "works": False, "cleared": False},
            "Ana Ruiz does not work for Main.",
        ),
        (
            {"works": False, "cleared": False},
            "Ana Ruiz lacks the clearance “Denials I”.",
        ),
    ],
)
def test_an_item_is_given_to_who_works_there_and_is_cleared(held, why):
    given = SimpleNamespace(queue=Charges("Charges"), facility="Main")

    said = policies.may_be_given(
        given, "Ana Ruiz", **{"there": True, "works": True, "cleared": True} | held
    )

    assert (said and (said.why, said.code)) == (why and (why, "not_eligible"))
