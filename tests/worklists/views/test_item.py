"""The page of one item: what it shows, what reading it leaves, what is offered."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import (
    GOOD_EVIDENCE,
    EvidenceTemplateFactory,
    QueueFactory,
    grant,
    open_item,
    take,
)
from tests.factories.queues import FIELDS
from tests.worklists.services.classes import choose
from tests.worklists.services.timekeeping import CHICAGO
from tests.worklists.views.conftest import HTMX, fresh, give_back, submit
from tests.worklists.views.conftest import text_of as body
from worklists.context import now
from worklists.enums import State
from worklists.models import Event, Queue, WorkItem
from worklists.services.perform import perform
from worklists.templatetags.codetrail import day

pytestmark = pytest.mark.django_db


def test_the_page_shows_claim_form_and_history(site, as_person, held):
    page = body(as_person(site.coder).get(f"/items/{held.pk}/"))

    for words in (
        *(held.number, "CO-97 · M15", "J***n D***", "Locked to you"),
        *("Bites first", "2 missing: decision, why", "took it", "Also in"),
    ):
        assert words in page
    assert "DOE, JORDAN" not in page
    assert "JORDAN" not in page


def test_opening_an_item_is_an_event_of_the_reader(site, as_person, held):
    as_person(site.auditor).get(f"/items/{held.pk}/")

    event = Event.objects.get(action="read.item")
    assert (event.subject_kind, event.subject_id) == ("user", site.auditor.pk)
    assert (event.object_kind, event.object_id) == ("item", held.pk)
    assert event.source == "page"


def test_the_name_is_shown_by_a_logged_click_only(site, as_person, held):
    client = as_person(site.coder)

    answer = client.post(f"/items/{held.pk}/name/", **HTMX)

    assert "DOE, JORDAN" in body(answer)
    event = Event.objects.get(action="read.name")
    assert event.object_id == held.pk
    assert "DOE, JORDAN" not in event.facts
    assert client.get(f"/items/{held.pk}/name/").status_code == 405


def test_an_administrator_sees_no_item(site, as_person, held):
    answer = as_person(site.administrator).get(f"/items/{held.pk}/")

    assert answer.status_code == 403
    assert not Event.objects.filter(action="read.item").exists()


def test_who_reads_sees_answers_in_words_and_no_form(site, as_person, held):
    perform(
        item_id=held.pk,
        action="save_evidence",
        actor=site.coder,
        expected_version=held.version,
        evidence={"decision": "accept", "why": "The note supports it."},
    )
    page = body(as_person(site.auditor).get(f"/items/{held.pk}/"))

    assert "Accept it" in page
    assert "You read this item" in page
    assert "data-autosave-url" not in page
    assert "In use by" in page


def test_refused_acts_stand_with_their_reason(site, as_person, held):
    page = body(as_person(site.coder).get(f"/items/{held.pk}/"))

    assert "Only a manager of" in page
    assert 'data-dialog-open="pend"' in page
    assert 'id="assign"' not in page


def test_an_open_item_of_a_next_only_queue_says_why_it_cannot_be_taken(site, as_person):
    site.queue.hand_out = "next_only"
    site.queue.save()
    item = open_item(site.queue, site.facility)

    page = body(as_person(site.coder).get(f"/items/{item.pk}/"))

    assert "hands out by Next, so nobody picks" in page


def test_what_is_assigned_to_them_is_taken_from_the_page_of_a_next_only_queue(
    site, as_person
):
    site.queue.hand_out = "next_only"
    site.queue.save()
    item = open_item(site.queue, site.facility)
    WorkItem.objects.filter(pk=item.pk).update(assignee=site.coder)
    client = as_person(site.coder)

    page = body(client.get(f"/items/{item.pk}/"))
    assert "nobody picks" not in page
    client.post(f"/items/{item.pk}/do/claim/", {"version": item.version})

    item.refresh_from_db()
    assert (item.state, item.assignee) == ("in_progress", site.coder)


def test_a_manager_is_offered_people_to_give_it_to(site, as_person, held):
    page = body(as_person(site.manager).get(f"/items/{held.pk}/"))

    assert f'<option value="{site.other_coder.username}">' in page
    assert f'<option value="{site.outsider.username}">' not in page


def test_history_shows_one_sort_at_a_time(site, as_person, held):
    client = as_person(site.coder)
    client.get(f"/items/{held.pk}/")

    reads = body(client.get(f"/items/{held.pk}/history/?show=reads", **HTMX))
    decisions = body(client.get(f"/items/{held.pk}/history/?show=decisions", **HTMX))

    assert "read the item" in reads
    assert "took it" not in reads
    assert "No event of this sort yet" in decisions


def test_reading_the_history_is_no_second_read(site, as_person, held):
    client = as_person(site.coder)
    client.get(f"/items/{held.pk}/")

    client.get(f"/items/{held.pk}/history/")

    assert Event.objects.filter(action="read.item").count() == 1


def test_other_items_of_the_claim_are_named(site, as_person, held):
    other = open_item(site.queue, site.facility, claim=held.claim)

    assert other.number in body(as_person(site.coder).get(f"/items/{held.pk}/"))


QUERIES = 26


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_the_same_number_of_queries(
    site, as_person, held, django_assert_num_queries, count
):
    for _ in range(count):
        open_item(site.queue, site.facility, claim=held.claim)
        version = fresh(held).version
        perform(
            item_id=held.pk,
            action="save_evidence",
            actor=site.coder,
            expected_version=version,
            evidence={"why": f"The note supports it, version {version}."},
        )
    client = as_person(site.coder)
    client.get(f"/items/{held.pk}/")

    with django_assert_num_queries(QUERIES):
        client.get(f"/items/{held.pk}/")


def test_an_exception_item_shows_the_raw_segments(site, as_person):
    from worklists.models import ExceptionDetail, IngestBatch

    form = EvidenceTemplateFactory(kind="ingest_exception")
    queue = QueueFactory(kind="ingest_exception", template=form, team=site.queue.team)
    grant(site.coder, queue, "work")
    item = open_item(queue, site.facility)
    batch = IngestBatch.objects.create(
        file_name="remit.835", sha256="0" * 64, size=9, created_at=item.opened_at
    )
    ExceptionDetail.objects.create(
        item=item,
        batch=batch,
        code="se_missing",
        message="SE is missing.",
        segment=12,
        position=340,
        raw="CLP*PCN1*4~NM1*QC*1*WARD*UMA~SVC*HC:99213",
    )
    grant(site.manager, queue, "manage")

    page = body(as_person(site.coder).get(f"/items/{item.pk}/"))

    assert "CLP*PCN1*4~NM1*QC*1*…*…~SVC*HC:99213" in page
    assert "WARD" not in page
    assert "remit.835" in page
    link = f'href="/ingest/{batch.pk}/"'
    assert link not in page
    assert link in body(as_person(site.manager).get(f"/items/{item.pk}/"))
    assert "SE is missing." in page
    assert "What to do" in page


def test_an_item_about_no_claim_has_a_page(site, as_person):
    item = open_item(site.queue, site.facility)
    WorkItem.objects.filter(pk=item.pk).update(claim=None, payer=None)
    page = body(as_person(site.manager).get(f"/items/{item.pk}/"))
    assert item.number in page
    assert "payer not known" in page


def test_a_cancelled_item_is_shown_at_rest(site, as_person, held):
    perform(
        item_id=held.pk,
        action="cancel",
        actor=site.manager,
        expected_version=held.version,
        reason="Opened twice.",
    )

    page = body(as_person(site.coder).get(f"/items/{held.pk}/"))

    assert "This item was cancelled" in page
    assert WorkItem.objects.get(pk=held.pk).state == State.CANCELLED
    assert "“Opened twice.”" in page


def test_a_returned_item_shows_the_reviewers_words(site, as_person):
    item = open_item(site.queue, site.facility)
    give_back(site, item)

    page = body(as_person(site.apprentice).get(f"/items/{item.pk}/"))

    assert "“Say on which page.”" in page
    assert "evidence not specific" in page


def test_an_assigned_item_says_whose_it_is_until_it_is_taken(site, as_person):
    item = open_item(site.queue, site.facility)
    perform(
        item_id=item.pk,
        action="assign",
        actor=site.manager,
        expected_version=item.version,
        options={"to": site.coder.username},
    )

    theirs = body(as_person(site.auditor).get(f"/items/{item.pk}/"))
    assert f"Assigned to {site.coder}, and not taken yet." in theirs
    assert "In use by" not in theirs
    assert "Assigned to you" in body(as_person(site.coder).get(f"/items/{item.pk}/"))


@pytest.mark.parametrize(
    ("hours", "until"),
    [
        (18, "Released by itself after 18 business hours without work"),
        (1, "Released by itself after 1 business hour without work"),
        (0, "Yours until you submit it or give it back"),
    ],
)
def test_a_locked_item_says_until_when(site, as_person, held, hours, until):
    Queue.objects.filter(pk=site.queue.pk).update(release_after_hours=hours)

    page = body(as_person(site.coder).get(f"/items/{held.pk}/"))

    assert re.search(r"Locked to you since \d\d:\d\d", page)
    assert f"<span>{until}</span>" in page
    theirs = body(as_person(site.auditor).get(f"/items/{held.pk}/"))
    assert re.search(rf"In use by {site.coder} since \d\d:\d\d", theirs)
    assert until not in theirs


def test_no_release_is_announced_where_the_site_leaves_it_to_people(
    site, as_person, held
):
    Queue.objects.filter(pk=site.queue.pk).update(release_after_hours=18)
    choose(release_idle="human_only")
    page = body(as_person(site.coder).get(f"/items/{held.pk}/"))
    assert "Released by itself" not in page
    assert "<span>Yours until you submit it or give it back</span>" in page


def test_what_came_back_is_locked_until_it_is_submitted(site, as_person):
    Queue.objects.filter(pk=site.queue.pk).update(release_after_hours=18)
    item = give_back(site, open_item(site.queue, site.facility))

    page = body(as_person(fresh(item).assignee).get(f"/items/{item.pk}/"))

    assert "<span>Yours until you submit it or give it back</span>" in page


def test_an_item_in_review_is_not_in_use_by_its_coder(site, as_person):
    item = submit(site, open_item(site.queue, site.facility), by=site.apprentice)
    assert item.state == State.IN_REVIEW

    theirs = body(as_person(site.manager).get(f"/items/{item.pk}/"))
    assert f"Worked by {site.apprentice}" in theirs
    assert "In use by" not in theirs
    ours = body(as_person(site.apprentice).get(f"/items/{item.pk}/"))
    assert "Worked by you" in ours
    assert "Locked to you" not in ours


def test_the_list_of_acts_begins_with_what_can_be_done(site, as_person, held):
    page = body(as_person(site.manager).get(f"/items/{held.pk}/"))

    can, cannot = page.index("What you may do now"), page.index("What not, and why")
    assert can < page.index("Move to another queue", can) < cannot
    assert can < page.index('data-dialog-open="cancel"', can) < cannot
    assert "Senior reviewers of" in page[cannot:]
    assert "Senior reviewers of" not in page[can:cannot]


def test_the_claim_is_a_region_of_its_own_that_a_keyboard_can_scroll(
    site, as_person, held
):
    page = body(as_person(site.coder).get(f"/items/{held.pk}/"))

    assert 'role="region" aria-label="Claim and documents" tabindex="0"' in page


@pytest.mark.parametrize(
    ("role", "shown"), [("auditor", True), ("manager", True), ("coder", False)]
)
def test_who_reads_the_trail_gets_to_it_from_the_item(
    site, as_person, held, role, shown
):
    page = body(as_person(getattr(site, role)).get(f"/items/{held.pk}/"))

    assert (f"/audit/?subject=item:{held.pk}" in page) is shown


def test_a_deferred_item_says_until_when_and_why(site, as_person, held):
    back = now() + timedelta(days=8)
    perform(
        item_id=held.pk,
        action="pend",
        actor=site.coder,
        expected_version=held.version,
        reason="The signed note.",
        options={"until": back.isoformat(), "reason_code": "provider"},
    )

    page = body(as_person(site.coder).get(f"/items/{held.pk}/"))
    of_others = body(as_person(site.auditor).get(f"/items/{held.pk}/"))

    with timezone.override(CHICAGO):
        until = " ".join(day(back).split())
    rests = f"This item rests until {until}: waiting for the provider."
    assert rests in page
    assert f"This item rests until {until}. Resume it to work on it now." in page
    assert rests in of_others
    assert "Resume it" not in of_others


def test_a_completed_item_says_who_ended_it_and_how(site, as_person):
    item = open_item(site.queue, site.facility)
    submit(site, item)
    perform(
        item_id=item.pk,
        action="reject",
        actor=site.reviewer,
        expected_version=fresh(item).version,
        reason="The record does not show it.",
    )

    page = body(as_person(site.apprentice).get(f"/items/{item.pk}/"))

    assert f"This item is completed, rejected by {site.reviewer}" in page
    assert "What it proposed is not carried out." in page


def test_who_cannot_take_an_open_item_is_not_told_to(site, as_person):
    item = open_item(site.queue, site.facility)

    managers = body(as_person(site.manager).get(f"/items/{item.pk}/"))
    auditors = body(as_person(site.auditor).get(f"/items/{item.pk}/"))

    assert "Assign it to somebody who works the queue." in managers
    for page in (managers, auditors):
        assert "Take it to work on it" not in page
    assert "Take:" not in managers


def test_where_no_file_is_asked_for_the_page_says_why(site, as_person):
    form = EvidenceTemplateFactory(fields=[f for f in FIELDS if f["name"] != "note"])
    queue = QueueFactory(template=form)
    grant(site.coder, queue, "work")
    item = open_item(queue, site.facility)
    take(item, site.coder)

    page = body(as_person(site.coder).get(f"/items/{item.pk}/"))

    assert "The form of this queue asks for none." in page


def test_people_stand_with_their_full_names(site, as_person):
    item = take(open_item(site.queue, site.facility), site.coder)
    perform(
        item_id=item.pk,
        action="assign",
        actor=site.manager,
        expected_version=item.version,
        options={"to": site.other_coder.username},
    )

    page = body(as_person(site.manager).get(f"/items/{item.pk}/"))

    assert f"assigned it, to {site.other_coder}, was with {site.coder}" in page


class TestSubmittingWhatOthersAnswered:
    """A form that is complete already is not sent by one key."""

    ASKS = "You have changed nothing on this item since you took it."

    @pytest.fixture
    def reopened(self, site):
        item = take(open_item(site.queue, site.facility), site.apprentice)
        acts = [
            ("submit", site.apprentice, {"evidence": GOOD_EVIDENCE}),
            ("approve", site.reviewer, {}),
            ("reopen", site.manager, {"reason": "Approved by mistake."}),
        ]
        for action, actor, more in acts:
            item = perform(
                item_id=item.pk,
                action=action,
                actor=actor,
                expected_version=item.version,
                **more,
            )
        return take(item, site.coder)

    def test_it_asks_until_something_is_changed(self, site, as_person, reopened):
        client = as_person(site.coder)
        assert self.ASKS in client.get(f"/items/{reopened.pk}/").text

        perform(
            item_id=reopened.pk,
            action="save_evidence",
            actor=site.coder,
            expected_version=reopened.version,
            evidence={"why": "Read anew: page four says so."},
        )

        assert self.ASKS not in client.get(f"/items/{reopened.pk}/").text

    def test_ones_own_answers_ask_nothing(self, site, as_person):
        item = take(open_item(site.queue, site.facility), site.coder)
        perform(
            item_id=item.pk,
            action="save_evidence",
            actor=site.coder,
            expected_version=item.version,
            evidence=GOOD_EVIDENCE,
        )
        assert self.ASKS not in as_person(site.coder).get(f"/items/{item.pk}/").text

    def test_gaps_ask_nothing(self, site, as_person):
        item = take(open_item(site.queue, site.facility), site.coder)
        assert self.ASKS not in as_person(site.coder).get(f"/items/{item.pk}/").text
