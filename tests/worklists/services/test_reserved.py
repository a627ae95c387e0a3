"""Decisions a policy reserves for a role: who approves them, and the written reason."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.factories import (
    GOOD_EVIDENCE,
    ReviewPolicyFactory,
    grant,
    make_site,
    open_item,
    take,
)
from tests.factories.queues import KIND
from worklists import kinds
from worklists.enums import State
from worklists.errors import BadInput, NotPermitted
from worklists.models import Answer, Reason, Review, User, WorkItem
from worklists.selectors.access import today_of
from worklists.selectors.item import item_view
from worklists.selectors.offered import offered
from worklists.selectors.reviews import reviews_for
from worklists.selectors.shell import waiting_for
from worklists.services.delegating import lend
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
JUDGED = {**GOOD_EVIDENCE, "decision": "correct", "corrected_on": "2026-11-02"}


def policy(**changed):
    return ReviewPolicyFactory(
        **{
            "amount_from": 1,
            "approvals": ["decision:correct"],
            "approval_from": 1000,
            "approver_role": "manager",
        }
        | changed
    )


@pytest.fixture
def site():
    return make_site(review_policy=policy())


def fresh(user):
    return User.objects.get(pk=user.pk)


def act(item, actor, action, **more):
    return perform(
        item_id=item.pk,
        action=action,
        actor=fresh(actor),
        expected_version=WorkItem.objects.get(pk=item.pk).version,
        **more,
    )


def submitted(site, evidence=JUDGED, amount="1000.00"):
    item = open_item(site.queue, site.facility, amount=Decimal(amount))
    take(item, fresh(site.coder))
    return act(item, site.coder, "submit", evidence=evidence)


def refused(item, actor, action, **more):
    with pytest.raises(NotPermitted) as error:
        act(item, actor, action, **more)
    assert WorkItem.objects.get(pk=item.pk).state == State.IN_REVIEW
    assert Review.objects.get(item=item).reviewer is None
    return error.value


def test_the_role_stands_on_the_review_with_its_figures(site):
    review = Review.objects.get(item=submitted(site))

    assert review.approver_role == "manager"
    first = review.triggers[0]
    assert (first["code"], first["label"]) == ("approval", "approval by a manager")
    assert first["words"] == (
        "“Correct it” of $1,000: from $1,000 on a manager approves it, with a "
        "written reason."
    )
    assert first["figures"] == {
        "chosen": ["decision:correct"],
        "amount": "1000.00",
        "from": "1000.00",
        "role": "manager",
    }


@pytest.mark.parametrize(
    ("evidence", "amount"), [(JUDGED, "999.99"), (GOOD_EVIDENCE, "5000")]
)
def test_below_the_sum_or_another_decision_any_senior_approves(site, evidence, amount):
    item = submitted(site, evidence, amount)

    assert Review.objects.get(item=item).approver_role == ""
    assert act(item, site.reviewer, "approve").state == State.COMPLETED


def test_it_goes_to_review_though_nothing_else_fires():
    site = make_site(review_policy=policy(amount_from=None))

    review = Review.objects.get(item=submitted(site))

    assert [trigger["code"] for trigger in review.triggers] == ["approval"]


def test_a_senior_without_the_role_approves_neither_as_it_is_nor_fixed(site):
    item = submitted(site)

    for action, more in (
        ("approve", {"reason": "Fine."}),
        ("fix_and_approve", {"reason": "p", "evidence": {"why": "On page four."}}),
    ):
        error = refused(item, site.reviewer, action, **more)
        assert error.code == "approver_role"
        assert "approved by a manager of" in error.detail
    assert Answer.objects.filter(item=item, saved_by=site.reviewer).count() == 0


@pytest.mark.parametrize("action", ["return", "reject"])
def test_a_senior_still_returns_and_rejects(site, action):
    item = act(submitted(site), site.reviewer, action, reason="Not this way.")

    assert Review.objects.get(item=item).reviewer == site.reviewer


@pytest.fixture
def gives_up(monkeypatch):
    """Let closing without a decision be as the judgement that the policy reserves."""
    kind = replace(kinds.get(KIND), given_up="decision:correct")
    monkeypatch.setitem(kinds._kinds, KIND, kind)


@pytest.mark.usefixtures("gives_up")
def test_what_a_manager_alone_gives_up_is_not_rejected_by_a_senior(site):
    item = submitted(site, GOOD_EVIDENCE, "1000.00")  # nothing reserved is proposed
    assert Review.objects.get(item=item).approver_role == ""

    error = refused(item, site.reviewer, "reject", reason="It stays denied.")

    assert error.code == "approver_role"
    assert "takes a manager of the queue" in error.detail
    offer = {o.name: o for o in offered(item, fresh(site.reviewer))}["reject"]
    assert (offer.allowed, offer.why_not) == (False, error.detail)
    done = act(item, site.manager, "reject", reason="It stays denied.")
    assert (done.state, done.outcome) == (State.COMPLETED, "rejected")


@pytest.mark.usefixtures("gives_up")
def test_below_the_sum_a_senior_rejects(site):
    item = submitted(site, GOOD_EVIDENCE, "999.99")
    done = act(item, site.reviewer, "reject", reason="It stays denied.")
    assert (done.state, done.outcome) == (State.COMPLETED, "rejected")


def test_denials_are_given_up_as_write_offs_are():
    assert kinds.get("denial").given_up == "decision:write_off"


def test_the_manager_approves_with_a_written_reason_only(site):
    item = submitted(site)
    for reason in ("", "   "):
        with pytest.raises(BadInput, match="needs a reason") as error:
            act(item, site.manager, "approve", reason=reason)
        assert list(error.value.fields) == ["reason"]
        assert Review.objects.get(item=item).decided_at is None

    done = act(item, site.manager, "approve", reason="No appeal is left.")

    assert (done.state, done.outcome) == (State.COMPLETED, "approved")
    assert Review.objects.get(item=item).reviewer == site.manager
    said = Reason.objects.get(item=item, action="item.approved")
    assert (said.value, said.said_by) == ("No appeal is left.", site.manager)


def test_a_manager_of_other_queues_does_not(site):
    other = make_manager_elsewhere(site)

    assert list(reviews_for(other)) == []
    refused(submitted(site), other, "approve", reason="Fine.")


def make_manager_elsewhere(site):
    """A manager who sees the queue and manages another one."""
    grant(site.auditor, site.queue, "view")
    site.auditor.groups.set(site.manager.groups.all())
    return fresh(site.auditor)


def test_a_manager_who_worked_on_it_does_not(site):
    site.manager.groups.add(site.coder.groups.get())
    grant(site.manager, site.queue, "work")
    item = open_item(site.queue, site.facility, amount=Decimal(2000))
    take(item, fresh(site.manager))
    item = act(item, site.manager, "submit", evidence=JUDGED)

    assert refused(item, site.manager, "approve", reason="Fine.").code == "four_eyes"


def test_a_manager_sees_what_is_reserved_and_nothing_else(site):
    reserved = submitted(site)
    submitted(site, GOOD_EVIDENCE)

    manager = fresh(site.manager)
    assert [row.item_id for row in reviews_for(manager)] == [reserved.pk]
    assert waiting_for(manager).counts["review"] == 1
    assert len(reviews_for(fresh(site.reviewer))) == 2


def test_a_fix_may_not_make_a_reserved_decision(site):
    item = submitted(site, GOOD_EVIDENCE, "2000")
    change = {"decision": "correct", "corrected_on": "2026-11-02"}

    error = refused(
        item, site.reviewer, "fix_and_approve", reason="Better.", evidence=change
    )

    assert error.code == "approver_role"
    assert Answer.objects.filter(item=item, saved_by=site.reviewer).count() == 0


def test_where_the_role_is_the_seniors_own_only_the_reason_is_asked():
    site = make_site(review_policy=policy(approver_role="reviewer"))
    item = submitted(site)

    with pytest.raises(BadInput, match="needs a reason"):
        act(item, site.reviewer, "approve")
    assert act(item, site.reviewer, "approve", reason="It is.").state == State.COMPLETED


@pytest.mark.parametrize("action", ["approve", "return"])
def test_what_ones_own_role_decides_is_on_nobody_elses_behalf(site, client, action):
    """A reviewer never approves it, so a manager who borrows decides as a manager."""
    item, plain = submitted(site), submitted(site, GOOD_EVIDENCE)
    site.manager.groups.add(site.reviewer.groups.get())
    lend(
        actor=fresh(site.reviewer),
        delegator_id=site.reviewer.pk,
        to=site.manager.username,
        starts_on=today_of(site.reviewer),
        ends_on=today_of(site.reviewer),
        amount_limit=Decimal(5000),
    )
    client.force_login(site.manager)
    assert client.get(f"/review/{item.pk}/").context["behalf"] is None

    act(item, site.manager, action, reason="No appeal is left.")
    act(plain, site.manager, "approve")

    review = Review.objects.get(item=item)
    assert (review.reviewer, review.on_behalf_of) == (site.manager, None)
    assert review.delegation is None
    assert Review.objects.get(item=plain).on_behalf_of == site.reviewer


def test_the_offer_says_who_and_that_it_takes_a_reason(site):
    item = submitted(site)

    senior = item_view(fresh(site.reviewer), item.pk).offer("approve")
    manager = item_view(fresh(site.manager), item.pk).offer("approve")

    assert (senior.allowed, senior.code) == (False, "approver_role")
    assert (manager.allowed, manager.needs_reason) == (True, True)
    plain = submitted(site, GOOD_EVIDENCE)
    assert not item_view(fresh(site.reviewer), plain.pk).offer("approve").needs_reason


def test_the_page_asks_the_manager_for_the_reason(site, client):
    item = submitted(site)
    client.force_login(site.manager)

    assert client.get("/review/").url == f"/review/{item.pk}/"
    page = client.get(f"/review/{item.pk}/").content.decode()
    assert 'data-dialog-open="approve"' in page
    assert "approved with a written reason" in page
    form = {"version": item.version, "then": "review"}
    url = f"/items/{item.pk}/do/approve/"
    assert client.post(url, form).status_code == 400
    client.post(url, form | {"reason": "No appeal is left."})
    assert WorkItem.objects.get(pk=item.pk).state == State.COMPLETED


def test_one_decision_is_one_reason():
    """What is reserved is not said again as a judgement that is always looked at."""
    site = make_site(
        review_policy=policy(amount_from=None, judgements=["decision:correct"])
    )

    dear = Review.objects.get(item=submitted(site))
    cheap = Review.objects.get(item=submitted(site, JUDGED, "10"))

    assert [trigger["code"] for trigger in dear.triggers] == ["approval"]
    assert [trigger["code"] for trigger in cheap.triggers] == ["judgement"]
