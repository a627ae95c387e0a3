"""Approving several reviews at once: what may, what stays and why, and the traces."""

import json
import re
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
from worklists.enums import State
from worklists.errors import BadInput, WrongState
from worklists.models import (
    BulkAct,
    BulkActItem,
    Event,
    Reason,
    Review,
    User,
    WorkItem,
)
from worklists.services.approving import approve_many, preview_approval
from worklists.services.perform import perform
from worklists.services.taking_back import take_back

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site():
    policy = ReviewPolicyFactory(amount_from=1000, risk_classes=["bundling"])
    return make_site(review_policy=policy)


def submitted(site, by=None, **facts):
    by = User.objects.get(pk=(by or site.apprentice).pk)
    item = take(open_item(site.queue, site.facility, **facts), by)
    return perform(
        item_id=item.pk,
        action="submit",
        actor=by,
        expected_version=WorkItem.objects.get(pk=item.pk).version,
        evidence=GOOD_EVIDENCE,
    )


def approve(site, *items, reason="Checked each of them.", actor=None):
    return approve_many(
        actor=actor or site.reviewer,
        chosen={item.pk: item.version for item in items},
        reason=reason,
    )


def state(item):
    return WorkItem.objects.get(pk=item.pk).state


def why(done):
    return {left.id: left.why for left in done.plan.left}


def test_each_is_approved_as_if_alone_and_names_the_act(site):
    items = [submitted(site), submitted(site)]

    done = approve(site, *items)

    assert (done.act.kind, done.act.done, done.act.refused) == ("approved", 2, 0)
    for item in items:
        after = WorkItem.objects.get(pk=item.pk)
        assert (after.state, after.outcome) == (State.COMPLETED, "approved")
        assert after.version == item.version + 1
        review = Review.objects.get(item=item)
        assert (review.outcome, review.reviewer) == ("approved", site.reviewer)
        event = Event.objects.get(action="item.approved", subject_id=item.pk)
        assert json.loads(event.facts)["bulk_act"] == done.act.pk
        assert Reason.objects.get(item=item).value == "Checked each of them."
    assert BulkActItem.objects.filter(state=State.IN_REVIEW).count() == 2
    own = Event.objects.get(action="bulk.approved")
    assert (own.actor, json.loads(own.facts)["items"]) == (site.reviewer, 2)


def test_what_was_flagged_is_decided_one_at_a_time(site):
    plain = submitted(site)
    dear = submitted(site, amount=Decimal(1000))
    risky = submitted(site, risk_class="bundling")

    done = approve(site, plain, dear, risky)

    assert why(done) == {
        dear.pk: "It was flagged (over $1,000), so it is decided one at a time.",
        risky.pk: "It was flagged (bundling), so it is decided one at a time.",
    }
    assert [state(i) for i in (plain, dear, risky)] == [
        State.COMPLETED,
        State.IN_REVIEW,
        State.IN_REVIEW,
    ]


def test_ones_own_work_stays(site):
    site.apprentice.groups.add(site.reviewer.groups.get())
    grant(site.apprentice, site.queue, "review")
    item = submitted(site)

    done = approve(site, item, actor=User.objects.get(pk=site.apprentice.pk))

    assert why(done) == {
        item.pk: "You worked on this item, so another senior must decide it."
    }
    assert done.act is None
    assert not BulkAct.objects.exists()


def test_what_changed_since_it_was_read_stays(site):
    item = submitted(site)
    perform(
        item_id=item.pk,
        action="escalate",
        actor=site.reviewer,
        expected_version=item.version,
        reason="Which policy?",
    )

    done = approve(site, item)

    assert "changed since you looked" in why(done)[item.pk]
    assert state(item) == State.IN_REVIEW


def test_what_waits_for_nobody_and_what_is_not_there_stays(site):
    open_ = open_item(site.queue, site.facility)

    plan = preview_approval(actor=site.reviewer, chosen={open_.pk: None, 10**8: None})

    assert [left.id for left in plan.left] == [open_.pk, 10**8]
    assert "no such item" in plan.left[1].why
    assert plan.placings == []


def test_a_coder_approves_nothing(site):
    item = submitted(site)

    done = approve(site, item, actor=site.coder)

    assert "Senior reviewers of" in why(done)[item.pk]
    assert state(item) == State.IN_REVIEW


def test_it_takes_a_reason_and_no_more_than_a_hundred(site):
    item = submitted(site)
    with pytest.raises(BadInput, match="needs a reason"):
        approve(site, item, reason="  ")
    with pytest.raises(BadInput, match="1 to 100"):
        approve_many(
            actor=site.reviewer, chosen=dict.fromkeys(range(1, 102)), reason="r"
        )
    with pytest.raises(BadInput, match="1 to 100"):
        preview_approval(actor=site.reviewer, chosen={})
    assert state(item) == State.IN_REVIEW


def test_looking_changes_nothing(site):
    item = submitted(site)
    events = Event.objects.count()

    plan = preview_approval(actor=site.reviewer, chosen={item.pk: item.version})

    assert [placing.item.pk for placing in plan.placings] == [item.pk]
    assert (state(item), Event.objects.count()) == (State.IN_REVIEW, events)


def test_it_is_not_taken_back(site):
    item = submitted(site)
    done = approve(site, item)

    with pytest.raises(WrongState, match="Reopen") as refused:
        take_back(actor=site.reviewer, bulk_act_id=done.act.pk)
    assert refused.value.code == "approved"
    assert state(item) == State.COMPLETED


def test_the_page_is_choose_look_do(site, client):
    plain, dear = submitted(site), submitted(site, amount=Decimal(5000))
    client.force_login(site.reviewer)
    url = "/review/together/"
    page = client.get(url).content.decode()
    assert f'value="{plain.pk}:{plain.version}"' in page
    assert f'value="{dear.pk}:{dear.version}"' not in page
    assert "flagged, decided one at a time" in page
    assert page.count("<td>\n        Accept it\n") == 2
    nothing = client.post(url, {"confirm": "1"}, follow=True)
    assert nothing.redirect_chain == [(url, 302)]
    assert "Select at least one item." in nothing.content.decode()
    pairs = [f"{i.pk}:{i.version}" for i in (plain, dear)]

    look = client.post(url, {"items": pairs}).content.decode()
    assert "Approve 1 item" in look
    table = look.partition("<tbody>")[2].partition("</table>")[0]
    assert re.findall(r"[A-Z]{2}-\d+", table) == [str(plain)]
    assert "Accept it" in table
    assert str(plain.amount) in table.partition("<tfoot>")[2]
    assert "You can undo" not in look
    assert state(plain) == State.IN_REVIEW
    changed = {"items": pairs, "confirm": "1", "looked": "1:1", "reason": "r"}
    assert client.post(url, changed).status_code == 200
    assert state(plain) == State.IN_REVIEW
    sent = {
        "items": pairs,
        "confirm": "1",
        "looked": ",".join(pairs),
        "reason": "Seen.",
    }
    answer = client.post(url, sent)

    assert (state(plain), state(dear)) == (State.COMPLETED, State.IN_REVIEW)
    act = client.get(answer.url).content.decode()
    assert "1 item approved, 1 stayed as they were" in act
    assert "undo this until" not in act
    assert "Approvals are not undone" in act


def test_the_api_looks_and_does(site, client):
    plain, dear = submitted(site), submitted(site, amount=Decimal(5000))
    client.force_login(site.reviewer)
    url = "/api/v1/items/bulk/approve/"
    body = {"items": [plain.pk, dear.pk], "reason": "Seen."}

    look = client.post(f"{url}?preview=1", body, content_type="application/json").json()
    assert (look["done"], look["bulk_act"]) == (1, None)
    assert [left["id"] for left in look["refused"]] == [dear.pk]
    assert state(plain) == State.IN_REVIEW
    done = client.post(url, body, content_type="application/json").json()
    assert (done["done"], state(plain)) == (1, State.COMPLETED)


def test_a_hundred_cost_no_more_each_than_a_few(site, django_assert_max_num_queries):
    items = [submitted(site) for _ in range(4)]
    with django_assert_max_num_queries(100) as two:
        approve(site, *items[:2])
    with django_assert_max_num_queries(len(two)):
        approve(site, *items[2:])
