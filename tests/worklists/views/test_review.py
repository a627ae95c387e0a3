"""Senior review: the list, what changed, why it came, deciding by key."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.factories import PayerFactory, grant, open_item, open_many
from tests.factories.guidance import make_guidance
from tests.factories.queues import KIND
from tests.worklists.views.conftest import HTMX, fresh, give_back, submit, text_of
from worklists import kinds
from worklists.context import now
from worklists.enums import Role, State
from worklists.forms import tell_choices
from worklists.kinds import PayerOutcome, PayerOutcomes
from worklists.models import Event, Review, User, WorkItem
from worklists.selectors.access import today_of
from worklists.selectors.queues import Figure
from worklists.selectors.reviews import ReviewGroup
from worklists.services import absences
from worklists.templatetags.codetrail import day
from worklists.views.review import oldest_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(site):
    """An item of an apprentice that waits for a senior."""
    item = open_item(site.queue, site.facility)
    submit(site, item)
    return fresh(item)


def decide(client, item, action, data=None, **more):
    """Send a decision as the review page would."""
    values = {"version": fresh(item).version, "then": "review"} | (data or {})
    return client.post(f"/items/{item.pk}/do/{action}/", values, **more)


def test_the_page_leads_to_the_first_that_waits(site, as_person, waiting):
    answer = as_person(site.reviewer).get("/review/")

    assert answer.url == f"/review/{waiting.pk}/"


def test_nothing_waiting_is_an_empty_state(site, as_person):
    page = text_of(as_person(site.reviewer).get("/review/"))

    assert "No review is open for you" in page


def test_the_page_shows_changes_reason_and_five_equal_ways(site, as_person, waiting):
    page = text_of(as_person(site.reviewer).get(f"/review/{waiting.pk}/"))

    for words in (
        *("What Ana says", "<td> Accept it </td>", "2 answers"),
        *("Every item, apprentice", "A senior looks at every item of an apprentice."),
        *("Approve", "Fix and approve", "Return", "Reject", "Escalate"),
        *("apprentice", "round 1", "1, oldest"),
    ):
        assert words in page
    decisions = page[
        page.index("ct-decisions") : page.index(
            "</section>", page.index("ct-decisions")
        )
    ]
    assert "btn-primary" not in decisions
    assert "checked" not in decisions
    assert [f'data-key="{n}"' in decisions for n in range(1, 6)] == [True] * 5


def test_the_oldest_is_the_one_that_waited_longest_not_the_longest_word():
    groups = [
        ReviewGroup("amount", "over $2,000", Figure(1), now() - timedelta(days=1)),
        ReviewGroup("random", "random", Figure(1), now() - timedelta(minutes=3)),
    ]

    assert oldest_of(groups) == "1 d"
    assert oldest_of([]) == ""


def test_opening_it_is_an_event(site, as_person, waiting):
    as_person(site.reviewer).get(f"/review/{waiting.pk}/")

    event = Event.objects.get(action="read.item")
    assert (event.actor_id, event.object_id) == (site.reviewer.pk, waiting.pk)


def test_approving_goes_on_with_the_next_one(site, as_person, waiting):
    other = open_item(site.queue, site.facility)
    submit(site, other)
    client = as_person(site.reviewer)

    answer = decide(client, waiting, "approve", **HTMX)

    assert answer["HX-Redirect"] == "/review/"
    assert client.get("/review/").url == f"/review/{other.pk}/"
    assert fresh(waiting).state == State.COMPLETED
    assert Review.objects.get(item=waiting).reviewer_id == site.reviewer.pk
    assert (
        Event.objects.filter(action="item.approved", actor=site.reviewer).count() == 1
    )


def test_returning_needs_a_reason_and_goes_to_the_same_coder(site, as_person, waiting):
    client = as_person(site.reviewer)
    form = {"reason_code": "root_cause", "reason": "It is the payer’s policy."}

    assert (
        decide(client, waiting, "return", {"reason_code": "root_cause"}).status_code
        == 400
    )
    assert fresh(waiting).state == State.IN_REVIEW
    assert decide(client, waiting, "return", form).url == "/review/"
    assert fresh(waiting).state == State.RETURNED
    assert fresh(waiting).assignee_id == site.apprentice.pk


def test_rejecting_and_escalating(site, as_person, waiting):
    client = as_person(site.reviewer)

    decide(client, waiting, "escalate", {"tell": "manager", "reason": "Which policy?"})
    assert fresh(waiting).state == State.IN_REVIEW
    decide(client, waiting, "reject", {"reason": "The payer is right."})
    assert (fresh(waiting).state, fresh(waiting).outcome) == (
        State.COMPLETED,
        "rejected",
    )


def test_a_second_decision_is_a_conflict(site, as_person, waiting):
    version = waiting.version
    decide(as_person(site.reviewer), waiting, "approve")

    form = {"version": version, "reason": "No."}
    answer = decide(as_person(site.other_reviewer), waiting, "reject", form)

    assert answer.status_code == 409
    assert fresh(waiting).outcome == "approved"


def test_nobody_decides_their_own_work(site, as_person):
    from django.contrib.auth.models import Group

    site.coder.groups.add(Group.objects.get(name=Role.REVIEWER))
    site.queue.review_policy.amount_from = 1
    site.queue.review_policy.save()
    grant(site.coder, site.queue, "review")
    item = open_item(site.queue, site.facility)
    submit(site, item, by=site.coder)
    client = as_person(site.coder)

    assert "No review is open for you" in text_of(client.get("/review/"))
    own = text_of(client.get(f"/review/{item.pk}/"))
    assert "You worked on this item" in own
    assert "You have not worked on this item" not in own
    assert decide(client, item, "approve").status_code == 403
    assert fresh(item).state == State.IN_REVIEW


def test_an_item_that_waits_for_no_review_leads_to_its_own_page(site, as_person, held):
    answer = as_person(site.reviewer).get(f"/review/{held.pk}/", follow=True)

    assert answer.redirect_chain == [(f"/items/{held.pk}/", 302)]
    assert f"{held} waits for no review: it is in progress." in text_of(answer)


def test_an_item_that_was_decided_says_by_whom_and_when(site, as_person, waiting):
    client = as_person(site.reviewer)
    decide(client, waiting, "approve")

    answer = client.get(f"/review/{waiting.pk}/", follow=True)

    said = f"it is completed. It was approved by {site.reviewer}, Today"
    assert f"{waiting} waits for no review: {said}" in text_of(answer)


def test_a_senior_who_has_not_worked_on_it_is_told_so(site, as_person):
    item = open_item(site.queue, site.facility)
    submit(site, item)

    senior = text_of(as_person(site.reviewer).get(f"/review/{item.pk}/"))

    assert "You have not worked on this item" in senior


def test_the_second_round_compares_with_the_first(site, as_person):
    item = open_item(site.queue, site.facility)
    give_back(site, item)
    client = as_person(site.apprentice)
    client.post(
        f"/items/{item.pk}/submit/",
        {
            "version": fresh(item).version,
            "decision": "accept",
            "why": "The note supports it on page 4.",
        },
    )

    page = text_of(as_person(site.reviewer).get(f"/review/{item.pk}/"))

    assert "<del>The note supports it on page 3.</del>" in page
    assert "<ins>The note supports it on page 4.</ins>" in page
    assert "1 field changed, 1 the same" in page
    whole = text_of(as_person(site.reviewer).get(f"/review/{item.pk}/?only=all"))
    assert "<ins>The note supports it on page 4.</ins>" in whole
    assert 'class="same"' in whole
    assert 'class="same"' not in page
    assert "round 2" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_with_more_waiting(
    site, as_person, waiting, django_assert_num_queries, count
):
    for item in open_many(site.queue, site.facility, count):
        submit(site, item)
    client = as_person(site.reviewer)
    client.get(f"/review/{waiting.pk}/")

    with django_assert_num_queries(26):
        client.get(f"/review/{waiting.pk}/")


def test_a_second_round_shows_what_was_said_and_the_payers_last_ten(site, as_person):
    site.queue.review_policy.amount_from = 1
    site.queue.review_policy.save()
    payer = PayerFactory(name="Meridian PPO")
    done = open_item(site.queue, site.facility, payer_id=payer.pk)
    submit(site, done)
    client = as_person(site.reviewer)
    decide(client, done, "approve")
    item = open_item(site.queue, site.facility, payer_id=payer.pk)
    submit(site, item)
    assert "Returned before" not in text_of(client.get(f"/review/{item.pk}/"))
    form = {"reason_code": "root_cause", "reason": "It is the payer’s own policy."}
    decide(client, item, "return", form | {"points_at": ["decision", "why"]})
    assert Review.objects.get(item=item).points_at == ["decision", "why"]
    submit(site, item, **{"return_reply.1": "Their manual of May says otherwise."})

    page = text_of(client.get(f"/review/{item.pk}/"))

    for words in (
        *("Returned before", "Root cause", "It is the payer’s own policy."),
        *(
            "Return disputed",
            f"<b>{site.apprentice} answers:</b> Their manual of May says otherwise.",
        ),
        *("Our reviews, Meridian PPO, any class", "1 of 1 approved as submitted"),
        "as decided in round 1",
    ):
        assert words in page


def test_a_return_names_guidance_that_the_coder_reads_in_place(site, as_person):
    make_guidance("rp", date(2025, 1, 1), date(2026, 7, 1), name="RP-114")
    item = open_item(site.queue, site.facility, service_on=date(2026, 3, 5))
    submit(site, item)
    senior = as_person(site.reviewer)
    page = text_of(senior.get(f"/review/{item.pk}/"))
    assert '<option value="rp@1">RP-114, version 1</option>' in page
    assert "rp@2" not in page
    form = {"reason_code": "rule_cited", "reason": "Read the rule."}
    decide(senior, item, "return", form | {"guidance": "rp@1"})

    client, link = (
        as_person(site.apprentice),
        f"/items/{item.pk}/guidance/rp/?version=1",
    )
    note = text_of(client.get(f"/items/{item.pk}/")).partition("Read the rule.")[2]
    assert f'hx-get="{link}"' in note.partition("</div>")[0]
    assert "RP-114, version 1</a>" in note.partition("</div>")[0]
    listed = text_of(client.get("/returned/"))
    assert '<a href="/guidance/rp/?version=1">RP-114</a>' in listed

    submit(site, item, **{"return_reply.1": "The manual of May says otherwise."})
    again = text_of(senior.get(f"/review/{item.pk}/"))
    assert f'It rests on <a href="{link}" hx-get="{link}"' in again


def test_without_guidance_in_force_none_is_asked_for(site, as_person, waiting):
    page = text_of(as_person(site.reviewer).get(f"/review/{waiting.pk}/"))
    assert "Which guidance" not in page


def test_a_return_points_at_what_it_is_about(site, as_person):
    item = open_item(site.queue, site.facility)
    submit(site, item)
    senior = as_person(site.reviewer).get(f"/review/{item.pk}/").content.decode()
    assert re.findall(r'name="points_at"\s+value="(\w+)"', senior) == [
        *("decision", "why", "note")
    ]
    form = {"reason_code": "other", "reason": "Say on which page."}
    decide(as_person(site.reviewer), item, "return", form | {"points_at": ["why"]})

    client = as_person(site.apprentice)
    page = client.get(f"/items/{item.pk}/")
    words = text_of(page)
    assert 'It is about <a href="#ev-why">why</a>.' in words
    assert '<a href="#ev-return_reply-1">say why it stands</a>' in words
    assert "asks you to look at this again" in frame_of(page, "ev-why")
    assert "look at this again" not in frame_of(page, "ev-decision")
    assert "1 missing: answer to the return" in words
    listed = text_of(client.get("/returned/"))
    assert 'Other, said in words<span class="two">Why</span>' in listed

    version = fresh(item).version
    changed = {
        "version": version,
        "why": "It stands on page four.",
        "decision": "accept",
    }
    client.post(f"/items/{item.pk}/draft/", changed)
    page = client.get(f"/items/{item.pk}/")
    assert "Another answer than the one that was returned" in frame_of(page, "ev-why")
    assert "missing: answer to the return" not in text_of(page)


def test_what_it_is_about_is_named_in_the_words_of_the_form_that_was_returned(
    site, as_person
):
    item = open_item(site.queue, site.facility)
    submit(site, item)
    form = {"reason_code": "other", "reason": "Say.", "points_at": ["why"]}
    decide(as_person(site.reviewer), item, "return", form)
    other = item.template
    fields = [one for one in other.fields if one["name"] != "why"]
    other.pk, other.version, other.fields = None, other.version + 1, fields
    other.save(force_insert=True)
    WorkItem.objects.filter(pk=item.pk).update(template=other)

    listed = text_of(as_person(site.apprentice).get("/returned/"))
    assert '<span class="two">Why</span>' in listed


def frame_of(page, name):
    """Return the part of a page from the frame of a field to the next one."""
    html = page.content.decode()
    return html.partition(f'id="{name}"')[2].partition('class="ct-ev')[0]


def test_what_is_over_its_time_is_said_on_list_and_start(site, as_person):
    policy = site.queue.review_policy
    policy.review_hours = 8
    policy.save()
    submit(site, item := open_item(site.queue, site.facility))
    client = as_person(site.reviewer)
    assert "over time" not in text_of(client.get("/"))
    Review.objects.filter(item=item).update(due_at=now() - timedelta(minutes=1))

    assert "1 review of these should have been decided" in text_of(client.get("/"))
    assert "1 over time" in text_of(client.get(f"/review/{item.pk}/"))
    manage = text_of(as_person(site.manager).get("/manage/"))
    assert "Reviews that wait" in manage
    assert "Over time" in manage


def away(site, backup):
    """The apprentice is away today, with somebody who stands in, work handed over."""
    site.queue.team.members.add(site.apprentice)
    today = today_of(site.apprentice)
    absence, _ = absences.record_absence(
        actor=site.manager,
        user_id=site.apprentice.pk,
        starts_on=today,
        ends_on=today + timedelta(days=9),
        backup=backup,
    )
    return absence


def test_the_dialog_says_who_gets_a_returned_item(site, as_person, waiting):
    page = text_of(as_person(site.reviewer).get(f"/review/{waiting.pk}/"))

    assert f"It goes back to {site.apprentice}, first in line, with your words." in page


def test_a_return_to_somebody_who_is_away_says_so_before_it_is_done(
    site, as_person, waiting
):
    absence = away(site, "other_coder")
    client = as_person(site.reviewer)

    page = text_of(client.get(f"/review/{waiting.pk}/"))

    until = " ".join(day(absence.ends_on).split())
    said = f"{site.apprentice} is away until {until}"
    assert f"{said}: it goes to {site.other_coder}, who stands in" in page
    decide(client, waiting, "return", {"reason_code": "other", "reason": "Page?"})
    assert fresh(waiting).assignee == site.other_coder


def test_a_return_to_the_pool_is_said_before_it_is_done(site, as_person, waiting):
    away(site, "pool")
    client = as_person(site.reviewer)

    page = text_of(client.get(f"/review/{waiting.pk}/"))

    assert "it goes to the pool, open to everybody cleared" in page
    decide(client, waiting, "return", {"reason_code": "other", "reason": "Page?"})
    assert (fresh(waiting).assignee, fresh(waiting).state) == (None, State.OPEN)


def test_a_return_to_who_may_not_have_it_is_said_before_it_is_done(
    site, as_person, waiting
):
    User.objects.filter(pk=site.apprentice.pk).update(is_active=False)
    client = as_person(site.reviewer)

    page = text_of(client.get(f"/review/{waiting.pk}/"))

    assert f"{site.apprentice} may not be given this item any more" in page
    decide(client, waiting, "return", {"reason_code": "other", "reason": "Page?"})
    assert (fresh(waiting).assignee, fresh(waiting).state) == (None, State.OPEN)


@pytest.fixture
def reserved(site):
    """An older item that a manager alone approves, and one that any senior may."""
    first, second = open_many(site.queue, site.facility, 2)
    for item in (first, second):
        submit(site, item)
    Review.objects.filter(item=first).update(
        approver_role=Role.MANAGER,
        triggers=[{"code": "approval", "label": "a manager", "words": "Kind and sum."}],
    )
    return fresh(first), fresh(second)


def test_what_a_person_may_approve_comes_before_what_they_may_not(
    site, as_person, reserved
):
    beyond, own = reserved
    client = as_person(site.reviewer)

    assert client.get("/review/").url == f"/review/{own.pk}/"

    page = text_of(client.get(f"/review/{own.pk}/"))
    listed = page[page.index("To review") :]
    assert listed.index(str(own)) < listed.index("Beyond your level")
    assert listed.index("Beyond your level") < listed.index(str(beyond))
    assert "This kind and sum is approved by a manager of the queue." in listed


def test_the_start_page_lists_what_is_beyond_a_person_last(site, as_person, reserved):
    beyond, own = reserved

    page = text_of(as_person(site.reviewer).get("/"))

    panel = page[page.index("To review") :]
    assert panel.index(str(own)) < panel.index(str(beyond))
    assert "approved by a manager of the queue" in panel


def test_a_manager_is_led_to_what_is_reserved_for_them(site, as_person, reserved):
    beyond, _ = reserved

    page = as_person(site.manager).get("/review/")

    assert page.url == f"/review/{beyond.pk}/"
    assert "Beyond your level" not in text_of(as_person(site.manager).get(page.url))


class TestALaterRound:
    """What came of a return: first what changed, and what nobody asked to change."""

    def rework(self, site, as_person, points_at, code="root_cause", **answers):
        item = open_item(site.queue, site.facility)
        submit(site, item)
        client = as_person(site.reviewer)
        form = {"reason_code": code, "reason": "Say more."}
        decide(client, item, "return", form | {"points_at": points_at})
        submit(site, item, **answers)
        return item, client

    def test_what_changed_unasked_is_named(self, site, as_person):
        changed = {"why": "Another reason, told at length.", "decision": "correct"}
        changed["corrected_on"] = "2026-02-03"
        item, client = self.rework(site, as_person, ["why"], **changed)

        page = text_of(client.get(f"/review/{item.pk}/"))

        assert "changed beside it" in page
        assert "Decision, Corrected on: the return did not point there." in page

    @pytest.mark.parametrize("points_at", [["why"], []])
    def test_nothing_is_said_of_what_was_asked(self, site, as_person, points_at):
        changed = {"why": "Another reason, told at length."}
        item, client = self.rework(site, as_person, points_at, **changed)

        page = text_of(client.get(f"/review/{item.pk}/"))

        assert "Returned before" in page
        assert "changed beside it" not in page

    def test_it_begins_with_the_changes_alone(self, site, as_person):
        changed = {"why": "Another reason, told at length."}
        item, client = self.rework(site, as_person, ["why"], **changed)

        first = client.get(f"/review/{item.pk}/")
        whole = client.get(f"/review/{item.pk}/?only=all")

        assert [row.kind for row in first.context["rows"]] == ["changed"]
        assert {row.kind for row in whole.context["rows"]} >= {"changed", "same"}

    def test_what_the_reasons_name_is_not_unasked(self, site, as_person):
        changed = {"why": "Another reason, told at length.", "decision": "correct"}
        changed["corrected_on"] = "2026-02-03"
        item, client = self.rework(
            site, as_person, ["why"], code="wrong_decision", **changed
        )

        page = text_of(client.get(f"/review/{item.pk}/"))

        assert "Corrected on: the return did not point there." in page

    def test_what_it_points_at_is_shown_also_where_nothing_changed(
        self, site, as_person
    ):
        changed = {"decision": "correct", "corrected_on": "2026-02-03"}
        item, client = self.rework(site, as_person, ["why"], **changed)

        answer = client.get(f"/review/{item.pk}/")

        rows = [(row.name, row.kind) for row in answer.context["rows"]]
        changes = [("decision", "changed"), ("corrected_on", "added")]
        assert sorted(rows) == sorted([*changes, ("why", "same")])
        assert 'Why <span class="again"> returned, not changed' in text_of(answer)


def test_what_the_payer_made_of_the_same_reason_is_drawn(site, as_person, monkeypatch):
    at = datetime(2026, 11, 3, 15, tzinfo=UTC)
    rows = [
        PayerOutcome("waits", at, Decimal("90.00")),
        PayerOutcome("reversed", at, Decimal("210.50")),
        PayerOutcome("upheld", at, Decimal("80.00")),
    ]
    found = PayerOutcomes("Meridian PPO, CO-97", rows)
    kind = replace(kinds.get(KIND), payer_outcomes=lambda _user, _item: found)
    monkeypatch.setitem(kinds._kinds, KIND, kind)
    item = open_item(site.queue, site.facility)
    payer = PayerFactory(name="Meridian PPO")
    WorkItem.objects.filter(pk=item.pk).update(payer=payer)
    submit(site, item)

    page = text_of(as_person(site.reviewer).get(f"/review/{item.pk}/"))

    panel = page.partition('id="answered-h"')[2].partition("</section>")[0]
    assert "Meridian PPO, CO-97, last ten" in panel
    assert re.findall(
        r'<li class="(\w*)"> <span aria-hidden="true">(\w)</span>', panel
    ) == [*(("", "W"), ("won", "R"), ("lost", "U"))]
    assert "1 of 2 answered" in panel
    assert "$210.50" in panel


class TestWhomACallReaches:
    """Everybody once, and never who calls."""

    def choices(self, site, caller):
        item = open_item(site.queue, site.facility)
        return tell_choices(item, caller)

    def test_one_person_with_two_duties_stands_once(self, site):
        team, queue = site.queue.team, site.queue
        team.lead, team.manager = site.reviewer, site.manager
        queue.supervisor = site.manager
        team.save()
        queue.save()

        assert self.choices(site, site.coder) == [
            ("lead", f"{site.reviewer}, team lead"),
            ("supervisor", f"{site.manager}, queue supervisor and team manager"),
        ]

    def test_nobody_calls_themselves(self, site):
        team, queue = site.queue.team, site.queue
        team.lead, team.manager = site.reviewer, site.manager
        queue.supervisor = site.manager
        team.save()
        queue.save()

        assert self.choices(site, site.reviewer) == [
            ("supervisor", f"{site.manager}, queue supervisor and team manager"),
        ]
