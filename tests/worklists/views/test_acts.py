"""Acts without answers: each one form, one act, one way on; refusals change nothing."""

from datetime import timedelta

import pytest

from tests.factories import QueueFactory, grant, open_item, open_many
from tests.worklists.views.conftest import HTMX, fresh, text_of
from worklists.context import now
from worklists.enums import State
from worklists.models import Escalation, Event, Notice
from worklists.selectors.access import today_of

pytestmark = pytest.mark.django_db


def act(client, item, action, data=None, **more):
    """Send the form of an act as its page would."""
    values = {"version": fresh(item).version} | (data or {})
    return client.post(f"/items/{item.pk}/do/{action}/", values, **more)


def tomorrow() -> str:
    """Return a day ahead as a date input gives it."""
    return (now() + timedelta(days=2)).date().isoformat()


def test_taking_an_item_leads_to_it(site, as_person):
    item = open_item(site.queue, site.facility)
    client = as_person(site.coder)

    answer = act(client, item, "claim")

    assert answer.url == f"/items/{item.pk}/"
    assert fresh(item).assignee_id == site.coder.pk
    assert f"{item.number} is yours." in text_of(client.get(answer.url))


def test_releasing_gives_it_back(site, as_person, held):
    answer = act(as_person(site.coder), held, "release", {"then": "queue"})

    assert answer.url == f"/queues/{site.queue.slug}/"
    assert fresh(held).state == State.OPEN


def test_deferring_and_resuming(site, as_person, held):
    client = as_person(site.coder)
    form = {
        "reason_code": "payer",
        "until": tomorrow(),
        "reason": "Asked the payer.",
        "then": "start",
    }

    assert act(client, held, "pend", form).url == "/"
    assert fresh(held).state == State.PENDING
    assert "This item rests" in text_of(client.get(f"/items/{held.pk}/"))
    assert act(client, held, "resume").url == f"/items/{held.pk}/"
    assert fresh(held).state == State.IN_PROGRESS


def test_deferring_without_a_day_is_refused_in_the_dialog(site, as_person, held):
    answer = act(as_person(site.coder), held, "pend", {"reason": "Later."}, **HTMX)

    assert answer.status_code == 400
    assert "Give a date" in text_of(answer)
    assert fresh(held).state == State.IN_PROGRESS


def test_escalating_and_answering(site, as_person, held):
    coder, manager = as_person(site.coder), as_person(site.manager)
    act(coder, held, "escalate", {"tell": "manager", "reason": "Which system counts?"})
    called = Escalation.objects.get()

    assert "Waits for an answer." in text_of(coder.get(f"/items/{held.pk}/"))
    form = {
        "escalation": called.pk,
        "outcome": "worked",
        "reason": "Both.",
        "then": "manage",
    }
    assert act(manager, held, "acknowledge_escalation", form).url == "/manage/"
    called.refresh_from_db()
    assert (called.outcome, called.acknowledged_by_id) == ("worked", site.manager.pk)
    assert "Waits for an answer." not in text_of(coder.get(f"/items/{held.pk}/"))


def test_a_coder_does_not_answer_an_escalation(site, as_person, held):
    coder = as_person(site.coder)
    act(coder, held, "escalate", {"tell": "lead", "reason": "Help."})

    answer = act(
        coder, held, "acknowledge_escalation", {"outcome": "worked", "reason": "Me."}
    )

    assert answer.status_code == 403
    assert Escalation.objects.get().outcome == ""


def test_assigning_tells_the_person(site, as_person, held):
    answer = act(
        as_person(site.manager), held, "assign", {"to": site.other_coder.username}
    )

    assert answer.url == f"/items/{held.pk}/"
    assert fresh(held).assignee_id == site.other_coder.pk
    assert Notice.objects.get(user=site.other_coder).code == "assigned"


def test_assigning_to_somebody_who_cannot_is_refused(site, as_person, held):
    answer = act(
        as_person(site.manager), held, "assign", {"to": site.outsider.username}
    )

    assert answer.status_code == 403
    assert fresh(held).assignee_id == site.coder.pk


def test_moving_out_of_sight_leads_to_the_start_page(site, as_person, held):
    elsewhere = QueueFactory(team=site.queue.team)
    form = {"queue": elsewhere.slug, "reason": "It belongs there."}

    answer = act(as_person(site.manager), held, "reroute", form)

    assert answer.url == "/"
    assert fresh(held).queue_id == elsewhere.pk


def test_moving_within_sight_leads_back(site, as_person, held):
    elsewhere = QueueFactory(team=site.queue.team)
    grant(site.manager, elsewhere, "view")
    client = as_person(site.manager)

    assert elsewhere.name in text_of(client.get(f"/items/{held.pk}/"))
    form = {"queue": elsewhere.slug, "reason": "It belongs there."}
    assert act(client, held, "reroute", form).url == f"/items/{held.pk}/"


def test_cancelling_and_reopening(site, as_person, held):
    manager = as_person(site.manager)
    form = {"reason_code": "duplicate", "reason": "Opened twice."}

    act(manager, held, "cancel", form)
    assert fresh(held).state == State.CANCELLED
    assert act(manager, held, "reopen", {"reason": "No."}).status_code == 409


def test_an_act_without_its_words_is_refused(site, as_person, held):
    answer = act(as_person(site.manager), held, "cancel", {"reason": " "}, **HTMX)

    assert answer.status_code == 400
    assert "needs a reason" in text_of(answer)
    assert fresh(held).state == State.IN_PROGRESS


@pytest.mark.parametrize(
    "action", ["burn", "submit", "save_evidence", "fix_and_approve"]
)
def test_only_known_acts_without_answers_are_taken(site, as_person, held, action):
    assert act(as_person(site.coder), held, action).status_code == 400
    assert fresh(held).version == held.version


def test_a_stale_act_changes_nothing(site, as_person, held):
    answer = act(as_person(site.coder), held, "release", {"version": 1})

    assert answer.status_code == 409
    assert b"<!DOCTYPE html>" in answer.content
    assert fresh(held).state == State.IN_PROGRESS


def test_a_double_click_is_one_act_and_one_conflict(site, as_person, held):
    client, version = as_person(site.coder), held.version

    first = act(client, held, "release", {"version": version})
    second = act(client, held, "release", {"version": version})

    assert (first.status_code, second.status_code) == (302, 409)
    assert Event.objects.filter(action="item.released").count() == 1


def test_a_way_on_that_nobody_knows_is_refused(site, as_person, held):
    answer = act(
        as_person(site.coder), held, "release", {"then": "https://evil.example"}
    )

    assert answer.status_code == 400
    assert fresh(held).state == State.IN_PROGRESS


def test_next_hands_out_the_best_item(site, as_person):
    items = open_many(site.queue, site.facility, 2)

    answer = as_person(site.coder).post("/next/")

    assert answer.url == f"/items/{items[0].pk}/"


def test_next_of_one_queue(site, as_person):
    other = QueueFactory(team=site.queue.team)
    grant(site.coder, other, "work")
    open_item(site.queue, site.facility)
    item = open_item(other, site.facility)

    answer = as_person(site.coder).post(f"/queues/{other.slug}/next/")

    assert answer.url == f"/items/{item.pk}/"


def test_next_with_nothing_waiting_says_why(site, as_person):
    client = as_person(site.coder)

    assert client.post("/next/").url == "/"
    assert "Nothing is waiting in your queues." in text_of(client.get("/"))


class TestSelected:
    """Several items at once from a list."""

    def send(self, client, items, action, **more):
        """Send the bar of selected rows."""
        chosen = [f"{item.pk}:{fresh(item).version}" for item in items]
        return client.post("/items/bulk/", {"items": chosen, "action": action, **more})

    def test_each_is_an_act_of_its_own(self, site, as_person):
        items = open_many(site.queue, site.facility, 3)

        answer = self.send(as_person(site.coder), items, "claim", queue=site.queue.slug)

        assert answer.url == f"/queues/{site.queue.slug}/"
        assert {fresh(item).assignee_id for item in items} == {site.coder.pk}
        assert Event.objects.filter(action="item.claimed").count() == 3

    def test_refusals_are_named_and_the_rest_is_done(self, site, as_person, held):
        mine = open_item(site.queue, site.facility)
        client = as_person(site.other_coder)

        answer = self.send(client, [held, mine], "claim", queue=site.queue.slug)

        page = text_of(client.get(answer.url))
        assert "1 item taken." in page
        assert f"{held.number}: {site.coder} holds this item." in page
        assert fresh(held).assignee_id == site.coder.pk

    @pytest.mark.parametrize(
        ("shown", "back"),
        [
            ("/queues/{0}/?state=open&cursor=x", "/queues/{0}/?state=open&cursor=x"),
            ("/queues/{0}/", "/queues/{0}/"),
            ("/mine/?state=open", "/queues/{0}/"),
            ("//elsewhere.example/queues/{0}/", "/queues/{0}/"),
        ],
    )
    def test_a_list_drawn_anew_in_place_stands_as_it_is_shown(
        self, site, as_person, shown, back
    ):
        item, slug = open_item(site.queue, site.facility), site.queue.slug
        address = shown.format(slug)
        if address.startswith(("/q", "/m")):
            address = f"http://testserver{address}"
        client = as_person(site.coder)
        chosen = {
            "items": f"{item.pk}:{item.version}",
            "action": "claim",
            "queue": slug,
        }

        answer = client.post(
            "/items/bulk/", chosen, **HTMX, HTTP_HX_CURRENT_URL=address
        )

        assert answer.url == back.format(slug)
        assert fresh(item).assignee_id == site.coder.pk

    def test_nothing_selected_is_refused(self, site, as_person):
        answer = as_person(site.coder).post("/items/bulk/", {"action": "release"})

        assert answer.status_code == 400

    def test_other_acts_are_refused(self, site, as_person, held):
        assert self.send(as_person(site.coder), [held], "cancel").status_code == 400
        assert fresh(held).state == State.IN_PROGRESS

    @pytest.mark.parametrize("queue", ["no such queue!", "//elsewhere.example/", "a\0"])
    def test_a_page_to_return_to_that_is_none_is_refused_before_anything(
        self, site, as_person, queue
    ):
        item = open_item(site.queue, site.facility)

        answer = self.send(as_person(site.coder), [item], "claim", queue=queue)

        assert answer.status_code == 400
        assert fresh(item).state == State.OPEN

    def test_a_number_without_end_names_no_item(self, site, as_person):
        client = as_person(site.coder)

        for chosen in (f"{'9' * 5000}:1", f"1:{'9' * 5000}"):
            form = {"items": [chosen], "action": "claim"}
            assert client.post("/items/bulk/", form).status_code == 400


@pytest.mark.parametrize(
    ("action", "form"),
    [
        ("assign", {"to": "cod\0er"}),
        ("reroute", {"queue": "a\0b", "reason": "r"}),
        (
            "acknowledge_escalation",
            {"outcome": "worked", "escalation": "9" * 5000, "reason": "r"},
        ),
    ],
)
def test_words_no_database_keeps_are_refused(site, as_person, held, action, form):
    before = fresh(held).version

    answer = act(as_person(site.manager), held, action, form)

    assert answer.status_code == 400
    assert fresh(held).version == before


def test_a_refusal_is_said_once(site, as_person, held):
    form = {"version": held.version, "until": "2020-01-01", "reason": "The note."}

    answer = as_person(site.coder).post(f"/items/{held.pk}/do/pend/", form, **HTMX)

    assert answer.status_code == 400
    assert text_of(answer).count("must lie ahead") == 1


def test_a_day_that_has_begun_is_not_offered_for_deferring(site, as_person, held):
    first = today_of(site.coder) + timedelta(days=1)

    page = text_of(as_person(site.coder).get(f"/items/{held.pk}/"))

    assert f'name="until" min="{first.isoformat()}"' in page
