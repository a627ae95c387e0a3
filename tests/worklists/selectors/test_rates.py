"""The rate of review in the work itself: proof, rate, what is picked, where it shows."""

import pytest

from tests.factories import (
    GOOD_EVIDENCE,
    ReviewPolicyFactory,
    make_site,
    open_item,
    take,
)
from worklists.models import Review, ReviewBlock, User, WorkItem
from worklists.selectors.review_facts import proof_of, rates_of
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site():
    policy = ReviewPolicyFactory(
        random_per_block=1, autonomy=[[3, 100, 1]], miss_reviews=2
    )
    return make_site(review_policy=policy)


def act(item, actor, action, **more):
    return perform(
        item_id=item.pk,
        action=action,
        actor=User.objects.get(pk=actor.pk),
        expected_version=WorkItem.objects.get(pk=item.pk).version,
        **more,
    )


def submitted(site):
    item = take(open_item(site.queue, site.facility), site.apprentice)
    return act(item, site.apprentice, "submit", evidence=GOOD_EVIDENCE)


def rate(site):
    ((queue, found),) = rates_of(User.objects.get(pk=site.apprentice.pk))
    assert queue == site.queue
    return found


def test_at_the_full_rate_everything_is_proof_and_says_one_reason(site):
    item = submitted(site)

    review = Review.objects.get(item=item)
    assert review.random_pick is True
    assert [t["code"] for t in review.triggers] == ["apprentice"]
    assert ReviewBlock.objects.get().picks == list(range(20))


def test_proof_is_what_stood_of_what_the_rate_picked(site):
    for action, more in (
        ("approve", {}),
        ("reject", {"reason": "No."}),
        ("return", {"reason": "Say the page."}),
    ):
        act(submitted(site), site.reviewer, action, **more)
    submitted(site)  # not decided yet
    picked = submitted(site)
    Review.objects.filter(item=picked).update(random_pick=False)
    act(picked, site.reviewer, "approve")

    proof = proof_of(site.apprentice.pk, [site.queue.pk])
    assert proof == {site.queue.pk: [False, False, True]}


def test_the_rate_falls_with_the_next_block_and_comes_back_at_once(site):
    for _ in range(3):
        act(submitted(site), site.reviewer, "approve")
    assert rate(site).per_block == 1
    # The block that was drawn at the full rate is looked at to its end.
    in_block = submitted(site)
    (trigger,) = Review.objects.get(item=in_block).triggers
    assert (trigger["code"], trigger["figures"]) == ("random", {"picked": 1, "of": 20})
    ReviewBlock.objects.update(used=20)
    submitted(site)
    newest = ReviewBlock.objects.latest("number")
    assert (newest.number, len(newest.picks)) == (2, 1)

    act(in_block, site.reviewer, "reject", reason="It is another payer’s.")

    assert (rate(site).per_block, rate(site).missed) == (20, True)
    after = Review.objects.get(item=submitted(site))
    assert "apprentice" in [t["code"] for t in after.triggers]


def test_each_queue_and_person_has_its_own_record(site):
    act(submitted(site), site.reviewer, "approve")

    assert proof_of(site.coder.pk, [site.queue.pk]) == {site.queue.pk: []}
    assert rates_of(site.reviewer) == []


def test_coder_manager_and_api_see_the_same_sentence(site, client):
    site.queue.team.members.add(site.apprentice)
    words = rate(site).words
    assert words.startswith("A senior looks at every submission.")
    client.force_login(site.apprentice)

    assert words in client.get("/").content.decode()
    (row,) = client.get("/api/v1/me/review-rates/").json()["results"]
    assert (row["queue"], row["per_block"], row["words"]) == (
        site.queue.slug,
        20,
        words,
    )
    client.force_login(site.manager)
    page = client.get(f"/manage/people/{site.apprentice.pk}/").content.decode()
    assert words in page


def test_a_queues_rates_cost_two_queries(site, django_assert_num_queries):
    person = User.objects.get(pk=site.apprentice.pk)
    rates_of(person)
    with django_assert_num_queries(2):
        rates_of(person)
