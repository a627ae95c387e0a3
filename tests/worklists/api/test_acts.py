"""Acting on items through the API: effects, refusals in one shape, nothing changed."""

from datetime import date

import pytest

from tests.factories import (
    GOOD_EVIDENCE,
    QueueFactory,
    ReviewPolicyFactory,
    make_site,
    open_item,
    open_many,
    take,
)
from tests.factories.guidance import make_guidance
from worklists.enums import HandOut
from worklists.models import Answer, Draft, Event, Queue, WorkItem
from worklists.services.drafts import save_draft

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def act(client, item, action, **body):
    """Post an action."""
    address = f"/api/v1/items/{item.pk}/actions/{action}/"
    return client.post(address, body, format="json")


def unchanged(item, version=1):
    """Assert that an item is as it was."""
    item.refresh_from_db()
    assert item.version == version
    assert Event.objects.filter(subject_kind="item").count() == version


def test_claim_save_submit(site, as_person):
    item = open_item(site.queue, site.facility)
    client = as_person(site.coder)

    claimed = act(client, item, "claim", version=1)
    saved = act(
        client, item, "save_evidence", version=2, evidence={"decision": "accept"}
    )
    done = act(client, item, "submit", version=3, evidence={"why": "The note says so."})

    assert [a.status_code for a in (claimed, saved, done)] == [200, 200, 200]
    assert (claimed.json()["state"], claimed.json()["assignee"]) == (
        "in_progress",
        "coder",
    )
    assert [gap["field"] for gap in saved.json()["gaps"]] == ["why"]
    assert (done.json()["state"], done.json()["outcome"]) == ("completed", "completed")
    assert done.json()["version"] == 4
    item.refresh_from_db()
    assert item.state == "completed"
    assert Answer.objects.filter(item=item).count() == 2
    actions = Event.objects.filter(subject_kind="item").order_by("seq")
    assert [(e.action, e.source) for e in actions][1:] == [
        ("item.claimed", "api"),
        ("item.evidence_saved", "api"),
        ("item.submitted", "api"),
    ]


def test_review_and_return(as_person):
    site = make_site(review_policy=ReviewPolicyFactory(amount_from=1))
    item = take(open_item(site.queue, site.facility), site.coder)

    sent = act(as_person(site.coder), item, "submit", version=2, evidence=GOOD_EVIDENCE)
    back = act(
        as_person(site.reviewer),
        item,
        "return",
        version=3,
        reason="Say on which page.",
        reason_code="evidence_not_specific",
    )

    assert sent.json()["state"] == "in_review"
    assert back.json()["state"] == "returned"
    assert back.json()["returned"]["words"] == "Say on which page."
    assert back.json()["assignee"] == "coder"


def test_a_return_names_guidance(as_person):
    site = make_site(review_policy=ReviewPolicyFactory(amount_from=1))
    make_guidance("rp", date(2025, 1, 1), name="RP-114")
    item = take(open_item(site.queue, site.facility), site.coder)
    act(as_person(site.coder), item, "submit", version=2, evidence=GOOD_EVIDENCE)
    client, words = as_person(site.reviewer), {"version": 3, "reason": "Read it."}

    wrong = act(client, item, "return", **words, guidance="rp@2")
    unchanged(item, version=3)
    back = act(client, item, "return", **words, guidance="rp")

    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["guidance"])
    [review] = back.json()["reviews"]
    assert review["cites"] == {"source": "rp", "version": 1, "name": "RP-114"}


def test_all_gaps_at_once_and_only_the_draft_is_kept(site, as_person):
    item = take(open_item(site.queue, site.facility), site.coder)

    answer = act(
        as_person(site.coder),
        item,
        "submit",
        version=2,
        evidence={"decision": "correct", "why": "short"},
    )

    assert answer.status_code == 422
    body = answer.json()
    assert body["code"] == "evidence_missing"
    assert set(body["fields"]) == {"why", "corrected_on"}
    assert "1 missing: corrected on" in body["detail"]
    unchanged(item, 2)
    assert Answer.objects.count() == 0
    assert Draft.objects.get().answers == {"decision": "correct", "why": "short"}


def test_stale_version(site, as_person):
    item = take(open_item(site.queue, site.facility), site.coder)

    answer = act(as_person(site.coder), item, "release", version=1)

    assert answer.status_code == 409
    assert answer.json()["code"] == "stale_version"
    assert answer.json()["version"] == 2
    unchanged(item, 2)


def test_a_stale_version_says_what_changed(site, as_person):
    item = take(open_item(site.queue, site.facility), site.coder)
    api = as_person(site.coder)
    act(api, item, "save_evidence", version=2, evidence={"why": "As it was at first."})
    act(api, item, "save_evidence", version=3, evidence={"why": "As it is by now."})

    answer = act(api, item, "save_evidence", version=3, evidence={"why": "My words."})

    assert answer.status_code == 409
    [change] = answer.json()["changes"]
    assert change.pop("at")
    assert change == {
        "kind": "answer",
        "name": "why",
        "before": "As it was at first.",
        "now": "As it is by now.",
        "by": site.coder.username,
    }
    assert Answer.objects.count() == 2
    unchanged(item, 4)


def test_a_draft_by_api_keeps_a_clash_that_is_not_settled(site, as_person):
    item = take(open_item(site.queue, site.facility), site.coder)
    api = as_person(site.coder)
    save_draft(
        item_id=item.pk, actor=site.coder, answers={"why": "Mine."}, read_version=2
    )
    act(api, item, "save_evidence", version=2, evidence={"why": "Theirs, saved."})
    save_draft(
        item_id=item.pk, actor=site.coder, answers={"why": "Mine."}, read_version=2
    )

    api.put(f"/api/v1/items/{item.pk}/draft/", {"answers": {"why": "Mine, longer."}})

    kept = Draft.objects.get()
    assert (kept.item_version, kept.unsettled) == (3, {"why": 0})


def test_wrong_state_names_what_can_be_done(site, as_person):
    item = open_item(site.queue, site.facility)

    answer = act(as_person(site.coder), item, "submit", version=1)

    assert answer.status_code == 409
    assert answer.json() == {
        "code": "wrong_state",
        "detail": "Nobody has taken this item yet. Take it first, then work on it.",
        "actions": [
            *("claim", "assign", "escalate"),
            *("acknowledge_escalation", "reroute", "cancel", "prioritize"),
            *("flag", "unflag"),
        ],
    }
    unchanged(item)


def test_not_permitted_not_visible_and_next_only(as_person):
    site = make_site(hand_out=HandOut.NEXT_ONLY)
    item = open_item(site.queue, site.facility)

    barred = act(as_person(site.coder), item, "claim", version=1)
    auditor = act(as_person(site.auditor), item, "cancel", version=1, reason="No.")
    stranger = act(as_person(site.outsider), item, "claim", version=1)

    assert (barred.status_code, barred.json()["code"]) == (403, "next_only")
    assert (auditor.status_code, auditor.json()["code"]) == (403, "not_permitted")
    assert (stranger.status_code, stranger.json()["code"]) == (404, "not_found")
    unchanged(item)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "version"),
        ({"version": "x"}, "version"),
        ({"version": None}, "version"),
        ({"version": True}, "version"),
        ({"version": 0}, "version"),
        ({"version": -1}, "version"),
        ({"version": 2**31}, "version"),
        ({"version": 1.5}, "version"),
        ({"version": [1]}, "version"),
        ({"version": 1, "reason": ["x"]}, "reason"),
        ({"version": 1, "reason": "x" * 4001}, "reason"),
        ({"version": 1, "evidence": []}, "evidence"),
        ({"version": 1, "evidence": "x"}, "evidence"),
        ({"version": 1, "surprise": 1}, "surprise"),
        ({"version": 1, "to": {"a": 1}}, "to"),
        ({"version": 1, "escalation": "x"}, "escalation"),
    ],
)
def test_a_body_of_the_wrong_shape(site, as_person, body, named):
    item = open_item(site.queue, site.facility)

    answer = act(as_person(site.coder), item, "claim", **body)

    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] == "bad_input"
    assert named in answer.json()["fields"]
    unchanged(item)


def test_evidence_of_the_wrong_shape_is_named_by_field(site, as_person):
    item = take(open_item(site.queue, site.facility), site.coder)
    wrong = {"decision": "perhaps", "why": 5, "stranger": "x", "note": "words"}

    answer = act(
        as_person(site.coder), item, "save_evidence", version=2, evidence=wrong
    )

    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == set(wrong)
    unchanged(item, 2)


def test_an_act_nobody_knows(site, as_person):
    item = open_item(site.queue, site.facility)

    answer = act(as_person(site.coder), item, "explode", version=1)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    unchanged(item)


def test_item_that_leaves_ones_sight_by_ones_own_act(site, as_person):
    hidden = QueueFactory(team=site.queue.team)
    item = open_item(site.queue, site.facility)

    answer = act(
        as_person(site.manager),
        item,
        "reroute",
        version=1,
        reason="It belongs there.",
        queue=hidden.slug,
    )

    assert answer.status_code == 200
    assert answer.json() == {
        "id": item.pk,
        "number": f"CR-{item.pk}",
        "state": "open",
        "version": 2,
    }
    item.refresh_from_db()
    assert item.queue == hidden


def test_next_hands_out_the_best(site, as_person):
    first, second = open_many(site.queue, site.facility, 2)
    client = as_person(site.coder)

    one = client.post("/api/v1/items/next/")
    two = client.post(f"/api/v1/queues/{site.queue.slug}/next/", {}, format="json")
    none = client.post("/api/v1/items/next/")

    assert (one.status_code, one.json()["id"]) == (200, first.pk)
    assert (two.status_code, two.json()["id"]) == (200, second.pk)
    assert one.json()["state"] == "in_progress"
    assert (none.status_code, none["X-Reason"], none.content) == (204, "empty", b"")


def test_next_stops_at_full_hands(site, as_person):
    Queue.objects.update(max_in_hand=1)
    open_many(site.queue, site.facility, 2)
    client = as_person(site.coder)
    client.post("/api/v1/items/next/")

    answer = client.post("/api/v1/items/next/")

    assert (answer.status_code, answer["X-Reason"]) == (204, "max_in_hand")
    assert WorkItem.objects.filter(state="open").count() == 1


def test_next_of_a_queue_one_does_not_work(site, as_person):
    open_item(site.queue, site.facility)
    slug = site.queue.slug

    seen = as_person(site.auditor).post(f"/api/v1/queues/{slug}/next/")
    unseen = as_person(site.outsider).post(f"/api/v1/queues/{slug}/next/")
    nothing = as_person(site.outsider).post("/api/v1/items/next/")

    assert (seen.status_code, seen.json()["code"]) == (403, "not_permitted")
    assert (unseen.status_code, unseen.json()["code"]) == (404, "not_found")
    assert (nothing.status_code, nothing["X-Reason"]) == (204, "no_queue")
    assert WorkItem.objects.get().state == "open"


def test_draft_is_kept_and_says_what_would_be_missing(site, as_person):
    item = take(open_item(site.queue, site.facility), site.coder)
    client = as_person(site.coder)
    address = f"/api/v1/items/{item.pk}/draft/"

    answer = client.put(address, {"answers": {"decision": "correct"}}, format="json")

    assert answer.status_code == 200
    body = answer.json()
    assert (body["answers"], body["item_version"]) == ({"decision": "correct"}, 2)
    assert [gap["field"] for gap in body["gaps"]] == ["why", "corrected_on"]
    unchanged(item, 2)
    assert Answer.objects.count() == 0
    shown = client.get(f"/api/v1/items/{item.pk}/").json()["draft"]
    assert shown["answers"] == {"decision": "correct"}


def test_draft_of_somebody_elses_item(site, as_person):
    item = take(open_item(site.queue, site.facility), site.coder)
    address = f"/api/v1/items/{item.pk}/draft/"

    answer = as_person(site.other_coder).put(address, {"answers": {}}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (403, "held_by_other")
    assert Draft.objects.count() == 0


def test_next_is_taken_back_once(site, as_person):
    item = open_item(site.queue, site.facility)
    client = as_person(site.coder)
    handed = client.post("/api/v1/items/next/", {}, format="json").json()
    address = f"/api/v1/items/{item.pk}/undo-next/"

    assert client.post(address, {}, format="json").status_code == 400
    body = {"version": handed["version"]}
    assert (
        as_person(site.outsider).post(address, body, format="json").status_code == 404
    )
    other = as_person(site.other_coder).post(address, body, format="json")
    assert (other.status_code, other.json()["code"]) == (403, "held_by_other")
    unchanged(item, version=2)

    back = client.post(address, body, format="json")
    assert back.status_code == 200
    assert (back.json()["state"], back.json()["assignee"]) == ("open", None)
    again = client.post(address, body, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "stale_version")
    unchanged(item, version=3)
    now_read = client.post(address, {"version": 3}, format="json")
    assert (now_read.status_code, now_read.json()["code"]) == (409, "not_next")
    unchanged(item, version=3)
