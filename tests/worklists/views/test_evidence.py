"""The decision form: drafts, gaps, submitting, staleness, fixing."""

import re
from datetime import timedelta

import pytest

from tests.factories import open_item, open_many, take
from tests.worklists.views.conftest import GOOD, HTMX, fresh, submit, text_of
from worklists.context import now
from worklists.enums import State
from worklists.models import Answer, Draft, Event, Review
from worklists.services import drafts
from worklists.services.perform import perform

pytestmark = pytest.mark.django_db


def post(client, item, what, data=None, **more):
    """Send the form of an item as its page would."""
    values = {"version": fresh(item).version, "_shown": ["decision", "why"]}
    return client.post(f"/items/{item.pk}/{what}/", values | (data or {}), **more)


def state_of(item):
    """Return state and version as stored."""
    row = fresh(item)
    return row.state, row.version


def test_a_draft_is_kept_and_the_states_answered(site, as_person, held):
    answer = post(as_person(site.coder), held, "draft", GOOD | {"why": "too short"})

    page = text_of(answer)
    assert answer.status_code == 200
    assert answer["X-Saved-At"]
    assert 'id="ev-decision-state" data-ev-state="complete"' in page
    assert 'id="ev-why-state" data-ev-state="not_accepted"' in page
    assert "1 missing: why" in page
    assert Draft.objects.get().answers == {"decision": "accept", "why": "too short"}
    assert not Answer.objects.exists()
    assert state_of(held) == (State.IN_PROGRESS, held.version)


def test_a_field_that_is_asked_since_comes_with_the_draft(site, as_person, held):
    client = as_person(site.coder)

    page = text_of(post(client, held, "draft", {"decision": "correct"}))

    assert '<div id="slot-corrected_on" hx-swap-oob="true">' in page
    assert 'name="corrected_on"' in page


def test_a_draft_over_an_older_version_is_kept_and_says_what_changed(
    site, as_person, held
):
    answer = post(as_person(site.coder), held, "draft", {"version": 1, **GOOD}, **HTMX)

    page = text_of(answer)
    assert answer.status_code == 200
    assert '<div id="meanwhile" role="status" hx-swap-oob="true">' in page
    assert "This item changed while you had it open" in page
    assert f"{site.coder} took it" in page
    assert 'id="decide-foot"' not in page
    kept = Draft.objects.get()
    assert (kept.answers, kept.item_version) == (GOOD, 1)
    assert not Answer.objects.exists()
    assert state_of(held) == (State.IN_PROGRESS, held.version)


def seen_by(client, item):
    """Return which state of the draft the form of an item was drawn from."""
    page = text_of(client.get(f"/items/{item.pk}/"))
    return re.search(r'name="draft_seen" value="([^"]*)"', page)[1]


@pytest.mark.parametrize("what", ["draft", "save", "submit"])
def test_a_form_never_drops_what_was_typed_in_another_window(
    site, as_person, held, what
):
    client = as_person(site.coder)
    older = seen_by(client, held)
    post(client, held, "draft", {"why": "Typed in the other window.", "draft_seen": ""})

    mine = {"decision": "accept", "why": "", "draft_seen": older}
    answer = post(client, held, what, mine, **HTMX)

    assert answer.status_code == 409
    assert 'data-error="newer_draft"' in text_of(answer)
    assert Draft.objects.get().answers == {"why": "Typed in the other window."}
    assert not Answer.objects.exists()
    assert state_of(held) == (State.IN_PROGRESS, held.version)


def test_a_form_that_saw_the_draft_may_change_it(site, as_person, held):
    client = as_person(site.coder)
    post(client, held, "draft", {"why": "First words.", "draft_seen": ""})
    seen = seen_by(client, held)

    answer = post(client, held, "draft", {"why": "Other words.", "draft_seen": seen})

    kept = Draft.objects.get()
    assert kept.answers == {"why": "Other words."}
    assert f'value="{drafts.stamp(kept)}" id="decide-draft"' in text_of(answer)


def test_a_draft_still_on_its_way_does_not_hold_up_its_own_submit(
    site, as_person, held
):
    client = as_person(site.coder)
    post(client, held, "draft", GOOD | {"draft_seen": ""})

    post(client, held, "submit", GOOD | {"draft_seen": ""})

    assert state_of(held)[0] == State.COMPLETED


def test_the_draft_stands_in_the_form_again(site, as_person, held):
    client = as_person(site.coder)
    post(client, held, "draft", {"why": "Half a thought"})

    assert "Half a thought" in text_of(client.get(f"/items/{held.pk}/"))


def test_nobody_else_sees_a_draft(site, as_person, held):
    post(as_person(site.coder), held, "draft", {"why": "Half a thought"})

    page = text_of(as_person(site.manager).get(f"/items/{held.pk}/"))
    assert "Half a thought" not in page


def test_saving_writes_versions_and_leads_back(site, as_person, held):
    answer = post(as_person(site.coder), held, "save", {"decision": "accept"})

    assert answer.url == f"/items/{held.pk}/"
    assert [(a.field, a.version) for a in Answer.objects.all()] == [("decision", 1)]
    assert state_of(held) == (State.IN_PROGRESS, held.version + 1)


def test_clearing_an_answer_is_a_version_of_its_own(site, as_person, held):
    client = as_person(site.coder)
    post(client, held, "save", GOOD)

    post(client, held, "save", {"decision": "accept", "why": ""})

    assert Answer.objects.get(field="why", version=2).value == ""


def test_a_complete_submit_closes_and_goes_on_with_the_next_item(site, as_person, held):
    following = open_item(site.queue, site.facility)

    answer = post(as_person(site.coder), held, "submit", GOOD)

    assert answer.url == f"/items/{following.pk}/"
    assert state_of(held)[0] == State.COMPLETED
    assert fresh(following).assignee_id == site.coder.pk
    assert Event.objects.filter(action="item.submitted", actor=site.coder).count() == 1


def test_without_a_next_item_the_start_page_says_so(site, as_person, held):
    client = as_person(site.coder)

    answer = post(client, held, "submit", GOOD)

    assert answer.url == "/"
    assert f"{held.number} is done. Nothing is waiting" in text_of(client.get("/"))


def test_a_submit_through_htmx_redirects_the_whole_page(site, as_person, held):
    answer = post(as_person(site.coder), held, "submit", GOOD, **HTMX)

    assert answer["HX-Redirect"] == "/"


def test_a_trigger_leads_to_senior_review(site, as_person):
    item = open_item(site.queue, site.facility)
    take(item, site.apprentice)
    client = as_person(site.apprentice)

    assert "Then to senior review" in text_of(client.get(f"/items/{item.pk}/"))
    post(client, item, "submit", GOOD)

    assert state_of(item)[0] == State.IN_REVIEW
    assert "went to senior review" in text_of(client.get("/"))


def test_gaps_come_all_at_once_in_the_form_and_store_only_the_draft(
    site, as_person, held
):
    answer = post(as_person(site.coder), held, "submit", {"why": "short"}, **HTMX)

    page = text_of(answer)
    assert answer.status_code == 422
    assert page.lstrip().startswith('<form class="ct-panel ct-decide')
    assert "2 missing: decision, why" in page
    assert "short" in page
    assert Draft.objects.get().answers["why"] == "short"
    assert not Answer.objects.exists()
    assert state_of(held) == (State.IN_PROGRESS, held.version)


def test_gaps_without_script_come_as_the_whole_page(site, as_person, held):
    answer = post(as_person(site.coder), held, "submit", {})

    assert answer.status_code == 422
    assert b"<!DOCTYPE html>" in answer.content


def test_a_stale_submit_keeps_what_was_typed_beside_the_new_version(
    site, as_person, held
):
    client = as_person(site.coder)
    perform(
        item_id=held.pk,
        action="save_evidence",
        actor=site.coder,
        expected_version=held.version,
        evidence={"why": "Saved in another window."},
    )

    answer = post(client, held, "submit", GOOD | {"version": held.version}, **HTMX)

    page = text_of(answer)
    assert answer.status_code == 409
    assert "The item changed while you had it open" in page
    assert "<del>Saved in another window.</del>" in page
    assert "<ins>The note supports it on page 3.</ins>" in page
    assert f'name="version" value="{held.version + 1}"' in page
    assert Draft.objects.get().answers == GOOD
    assert state_of(held) == (State.IN_PROGRESS, held.version + 1)


def test_after_a_stale_submit_the_page_still_shows_both_versions(site, as_person, held):
    client = as_person(site.coder)
    perform(
        item_id=held.pk,
        action="save_evidence",
        actor=site.coder,
        expected_version=held.version,
        evidence={"why": "Saved in another window."},
    )
    post(client, held, "submit", GOOD | {"version": held.version}, **HTMX)

    page = text_of(client.get(f"/items/{held.pk}/"))

    assert "<del>Saved in another window.</del>" in page
    assert "<ins>The note supports it on page 3.</ins>" in page


def test_what_a_stale_form_held_is_not_dropped_from_another_window(
    site, as_person, held
):
    client = as_person(site.coder)
    perform(
        item_id=held.pk,
        action="save_evidence",
        actor=site.coder,
        expected_version=held.version,
        evidence={"why": "Saved in another window."},
    )
    other = {"why": "Typed here.", "draft_seen": seen_by(client, held)}
    post(client, held, "submit", GOOD | {"version": held.version}, **HTMX)

    answer = post(client, held, "save", other, **HTMX)

    assert answer.status_code == 409
    assert 'data-error="newer_draft"' in text_of(answer)
    assert Draft.objects.get().answers == GOOD


def test_a_second_click_is_a_conflict_and_no_second_act(site, as_person, held):
    client, version = as_person(site.coder), held.version

    post(client, held, "submit", GOOD | {"version": version})
    answer = post(client, held, "submit", GOOD | {"version": version})

    assert answer.status_code == 409
    assert Event.objects.filter(action="item.submitted").count() == 1


def test_a_draft_of_an_earlier_version_is_compared_on_the_page(site, as_person, held):
    client = as_person(site.coder)
    post(client, held, "draft", {"why": "What I had typed."})
    perform(
        item_id=held.pk,
        action="assign",
        actor=site.manager,
        expected_version=held.version,
        options={"to": site.coder.username},
    )

    page = text_of(client.get(f"/items/{held.pk}/"))

    assert "The item changed while you had it open" in page
    assert ">What I had typed.</textarea>" in page


def test_somebody_elses_item_is_not_submitted(site, as_person, held):
    answer = post(as_person(site.other_coder), held, "submit", GOOD)

    assert answer.status_code == 403
    assert state_of(held) == (State.IN_PROGRESS, held.version)
    assert not Answer.objects.exists()


def test_an_answer_that_cannot_be_one_is_refused(site, as_person, held):
    answer = post(as_person(site.coder), held, "submit", GOOD | {"decision": "burn it"})

    assert answer.status_code == 400
    assert not Answer.objects.exists()


def test_a_form_without_its_version_is_refused(site, as_person, held):
    answer = as_person(site.coder).post(f"/items/{held.pk}/submit/", GOOD)

    assert answer.status_code == 400
    assert state_of(held) == (State.IN_PROGRESS, held.version)


@pytest.fixture
def reviewed(site):
    """An item that waits for a senior."""
    item = open_item(site.queue, site.facility, legal_due_at=now() + timedelta(days=9))
    submit(site, item)
    return fresh(item)


def test_a_fix_is_approved_with_the_difference_kept(site, as_person, reviewed):
    changed = GOOD | {"why": "The note supports it on page 4.", "reason": "Wrong page."}

    answer = post(as_person(site.reviewer), reviewed, "fix", changed)

    assert answer.url == "/review/"
    review = Review.objects.get()
    assert (review.outcome, review.changes) == ("fixed", ["why"])
    assert state_of(reviewed)[0] == State.COMPLETED


def test_a_fix_that_changes_nothing_is_refused_in_the_dialog(site, as_person, reviewed):
    same = GOOD | {"reason": "None really."}

    answer = post(as_person(site.reviewer), reviewed, "fix", same, **HTMX)

    assert answer.status_code == 400
    assert b"data-error" in answer.content
    assert state_of(reviewed) == (State.IN_REVIEW, reviewed.version)


def test_a_fix_with_gaps_says_them_in_the_dialog(site, as_person, reviewed):
    gap = {"decision": "accept", "why": "no", "reason": "Shorter."}

    answer = post(as_person(site.reviewer), reviewed, "fix", gap, **HTMX)

    assert answer.status_code == 422
    assert b"data-error" in answer.content
    assert state_of(reviewed)[0] == State.IN_REVIEW


def test_the_draft_costs_the_same_with_many_items(
    site, as_person, held, django_assert_max_num_queries
):
    open_many(site.queue, site.facility, 3)
    client = as_person(site.coder)

    with django_assert_max_num_queries(32):
        post(client, held, "draft", GOOD)


def test_submitting_and_stopping_takes_no_other(site, as_person, held):
    waiting = open_item(site.queue, site.facility)
    client = as_person(site.coder)
    form = {"version": held.version, **GOOD, "stop": "1"}

    assert "Submit and stop, taking no other" in client.get(f"/items/{held.pk}/").text
    answer = client.post(f"/items/{held.pk}/submit/", form)

    assert answer.url == "/"
    assert fresh(held).state != State.IN_PROGRESS
    assert (fresh(waiting).state, fresh(waiting).assignee) == (State.OPEN, None)


def test_next_says_how_to_give_the_item_back(site, as_person):
    item = open_item(site.queue, site.facility)

    page = as_person(site.coder).post("/next/", follow=True)

    assert f"{item} is yours. Undo puts it back as it was." in page.text


def test_next_after_a_submit_says_which_item_undo_is_about(site, as_person, held):
    item = open_item(site.queue, site.facility)

    page = post(as_person(site.coder), held, "submit", GOOD, follow=True)

    assert (
        f"{held} is done. Next: {item}. Undo puts only {item} back as it was."
        in text_of(page)
    )
