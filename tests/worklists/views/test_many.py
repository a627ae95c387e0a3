"""Deferring and raising selected items on pages, all that match, one's own acts."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories import QueueFactory, grant, open_item, open_many, take
from tests.worklists.views.conftest import text_of
from worklists.context import now
from worklists.enums import Action
from worklists.models import BulkAct, Queue, WorkItem
from worklists.services import bulk_rows
from worklists.services.reassigning import reassign
from worklists.views import choosing

pytestmark = pytest.mark.django_db
DEFER, PRIORITY = "/items/bulk/defer/", "/items/bulk/priority/"
ASSIGN, RELEASE = "/items/bulk/assign/", "/items/bulk/release/"


def day_ahead(days):
    return (now() + timedelta(days=days)).date().isoformat()


@pytest.fixture
def held(site):
    return take(open_item(site.queue, site.facility), site.coder)


def asked_for(item, **more):
    return {"items": [f"{item.pk}:{item.version}"], "queue": item.queue.slug} | more


def lifts():
    return list(WorkItem.objects.order_by("pk").values_list("lift", flat=True))


def test_a_coder_looks_and_defers_what_they_hold(site, as_person, held):
    client, until = as_person(site.coder), day_ahead(5)
    first = client.post(DEFER, asked_for(held))
    assert "Say what the items wait for and until when." in text_of(first)
    assert 'name="confirm"' not in first.text

    asked = {
        "chosen": str(held.pk),
        "queue": "",
        "until": until,
        "reason_code": "payer",
    }
    looked = client.post(DEFER, asked)
    assert "Defer 1 item" in text_of(looked)
    assert f'value="payer {until}"' not in looked.text
    assert f'name="looked" value="{until} payer"' in looked.text
    held.refresh_from_db()
    assert held.state == "in_progress"

    sure = asked | {"looked": f"{until} payer", "confirm": "1", "reason": "Portal."}
    done = client.post(DEFER, sure, follow=True)
    act = BulkAct.objects.get()
    assert done.redirect_chain == [(f"/bulk-acts/{act.pk}/", 302)]
    assert "1 item deferred" in text_of(done)
    held.refresh_from_db()
    assert held.state == "pending"

    back = client.post(f"/bulk-acts/{act.pk}/undo/", follow=True)
    assert "1 item put back as before." in text_of(back)
    assert "1 item deferred and taken back" in text_of(back)


def test_what_cannot_rest_is_said_before_anything_is_asked_for(site, as_person, held):
    waiting = open_item(site.queue, site.facility)
    both = {"items": [f"{held.pk}:{held.version}", f"{waiting.pk}:{waiting.version}"]}
    why = "“Pend” is not possible now; this one is open."

    page = as_person(site.coder).post(DEFER, both)

    assert why.replace("Pend", Action.PEND.label) in text_of(page)
    kept = text_of(page).split("These stay as they are.")[1]
    assert f'href="/items/{waiting.pk}/">{waiting}</a>' in kept
    assert str(held) not in kept
    assert "Say what the items wait for and until when." in text_of(page)


def test_where_none_can_rest_nothing_is_asked_for(site, as_person):
    waiting = open_item(site.queue, site.facility)

    page = as_person(site.coder).post(DEFER, asked_for(waiting))

    assert "These stay as they are." in text_of(page)
    assert "Say what the items wait for" not in text_of(page)
    assert "Look first" not in text_of(page)
    waiting.refresh_from_db()
    assert waiting.state == "open"


@pytest.mark.parametrize("address", [DEFER, PRIORITY])
def test_the_answer_to_a_choice_draws_the_plan_alone_so_typed_words_stay(
    site, as_person, held, address
):
    page = as_person(site.manager).post(address, asked_for(held)).text

    assert 'hx-target="#plan" hx-select="#plan"' in " ".join(page.split())
    plan = page[page.index('id="plan"') :]
    assert 'name="looked"' in plan


def test_the_bar_knows_for_which_states_an_act_is(site, as_person, held):
    page = as_person(site.manager).get(f"/queues/{site.queue.slug}/?assignee=any").text

    page = " ".join(page.split())
    assert 'data-fits="in_progress" data-fits-why="none is in progress"' in page
    assert (
        'data-fits="in_progress returned" data-fits-why="none is in progress or returned"'
        in page
    )
    assert 'data-state="in_progress"' in page


def test_where_next_hands_out_the_bar_takes_what_is_assigned_to_the_person(
    site, as_person
):
    Queue.objects.update(hand_out="next_only")
    own, free = open_many(site.queue, site.facility, 2)
    WorkItem.objects.filter(pk=own.pk).update(assignee=site.coder)
    client = as_person(site.coder)

    page = " ".join(client.get(f"/queues/{site.queue.slug}/").text.split())
    fits = f'data-fits="open:{site.coder.pk}"'
    assert f'{fits} data-fits-why="none is assigned to you, use Next"' in page
    assert f'data-holder="{site.coder.pk}"' in page
    assert 'data-holder=""' in page

    chosen = {"action": "claim", "items": [f"{own.pk}:1", f"{free.pk}:1"]}
    said = text_of(client.post("/items/bulk/", chosen, follow=True))

    assert "1 item taken." in said
    assert f"{free.number}: “{site.queue.name}” hands out by Next" in said
    own.refresh_from_db()
    free.refresh_from_db()
    assert (own.state, own.assignee) == ("in_progress", site.coder)
    assert (free.state, free.assignee, free.version) == ("open", None, 1)


def test_another_choice_than_the_one_seen_is_shown_anew(site, as_person, held):
    form = {
        "chosen": str(held.pk),
        "until": day_ahead(9),
        "reason_code": "payer",
        "looked": f"{day_ahead(5)} payer",
        "confirm": "1",
        "reason": "Portal.",
    }
    page = as_person(site.coder).post(DEFER, form)
    assert "Defer 1 item" in text_of(page)
    held.refresh_from_db()
    assert held.state == "in_progress"


def test_a_refused_moment_is_said_in_place(site, as_person, held):
    form = asked_for(held, until="2020-01-01", reason_code="payer")
    page = as_person(site.coder).post(DEFER, form)
    assert page.status_code == 200
    assert "The moment to come back must lie ahead." in text_of(page)
    assert 'name="confirm"' not in page.text


def test_a_manager_looks_and_raises(site, as_person):
    items = open_many(site.queue, site.facility, 2)
    client = as_person(site.manager)
    chosen = ",".join(str(item.pk) for item in items)
    looked = client.post(PRIORITY, {"chosen": chosen, "level": "raised"})
    assert "Set priority of 2 items" in text_of(looked)
    assert lifts() == [0, 0]

    sure = {"chosen": chosen, "level": "raised", "looked": "raised", "confirm": "1"}
    client.post(PRIORITY, sure | {"reason": "Month end."})
    assert lifts() == [1, 1]
    page = client.get(f"/bulk-acts/{BulkAct.objects.get().pk}/")
    assert "2 items raised" in text_of(page)
    assert "open, normal" in text_of(page)
    assert "open, raised" in text_of(page)


def test_a_reason_is_asked_for_on_the_server_too(site, as_person):
    item = open_item(site.queue, site.facility)
    sure = {"chosen": str(item.pk), "level": "raised", "looked": "raised"}
    page = as_person(site.manager).post(PRIORITY, sure | {"confirm": "1"})
    assert page.status_code == 400
    assert lifts() == [0]


def test_coders_are_not_led_to_raise(site, as_person):
    item = open_item(site.queue, site.facility)
    client = as_person(site.coder)
    assert f'formaction="{PRIORITY}"' not in client.get("/mine/").text
    page = client.post(PRIORITY, asked_for(item, level="raised"))
    assert page.status_code == 403
    assert lifts() == [0]


def test_all_that_match_are_looked_at_by_the_filters_of_the_list(site, as_person):
    dear = open_item(site.queue, site.facility, amount=5000)
    open_many(site.queue, site.facility, 2)
    other = QueueFactory(team=site.queue.team)
    grant(site.manager, other, "view", "manage")
    open_item(other, site.facility, amount=5000)
    form = {"queue": site.queue.slug, "matching": "assignee=any&amount_from=1000"}
    page = as_person(site.manager).post(ASSIGN, form)
    assert "1 item selected." in text_of(page)
    assert f'name="chosen" value="{dear.pk}"' in page.text


def test_a_list_says_what_its_filters_are(site, as_person):
    open_item(site.queue, site.facility)
    address = f"/queues/{site.queue.slug}/?assignee=any&payer="
    page = as_person(site.manager).get(f"{address}&amount_from=100")
    assert 'name="matching"' in page.text
    assert 'value="payer=&amp;amount_from=100"' in page.text


def test_too_many_that_match_are_refused_with_what_to_do(site, as_person, monkeypatch):
    monkeypatch.setattr(choosing, "MOST", 1)
    monkeypatch.setattr(bulk_rows, "MOST", 1)
    open_many(site.queue, site.facility, 2)
    form = {"queue": site.queue.slug, "matching": "assignee=any"}
    page = as_person(site.manager).post(ASSIGN, form)
    assert page.status_code == 400
    assert "more than 1 items: narrow them" in text_of(page)


def test_more_rows_than_a_page_shows_are_refused_whole(site, as_person, monkeypatch):
    monkeypatch.setattr(choosing, "MOST_SELECTED", 1)
    open_many(site.queue, site.facility, 2)
    rows = [f"{row.pk}:{row.version}" for row in WorkItem.objects.order_by("pk")]
    form = {"queue": site.queue.slug, "items": rows}
    page = as_person(site.manager).post(ASSIGN, form)
    assert page.status_code == 400
    assert "Tick 1 rows at most, or take all that match" in text_of(page)
    assert not BulkAct.objects.exists()


@pytest.mark.parametrize("matching", ["state=completed", "amount_from=999999"])
def test_filters_that_find_nothing_any_more_are_said(site, as_person, matching):
    open_item(site.queue, site.facility)
    form = {"queue": site.queue.slug, "matching": matching}
    page = as_person(site.manager).post(ASSIGN, form)
    assert page.status_code == 400
    assert "No item matches these filters any more." in text_of(page)


def test_taking_is_for_selected_items(site, as_person):
    item = open_item(site.queue, site.facility)
    form = asked_for(item, action="claim", matching="assignee=any")
    page = as_person(site.coder).post("/items/bulk/", form)
    assert page.status_code == 400
    assert "“Take” is for selected items." in text_of(page)
    item.refresh_from_db()
    assert item.state == "open"


def test_own_acts_are_listed_and_nobody_elses(site, as_person):
    item = open_item(site.queue, site.facility)
    reassign(actor=site.manager, chosen=[item.pk], to="coder")
    page = as_person(site.manager).get("/bulk-acts/")
    assert f"to {site.coder}" in text_of(page)
    assert "possible until " in text_of(page)
    empty = as_person(site.reviewer).get("/bulk-acts/")
    assert "No act on many items yet" in text_of(empty)
    act = BulkAct.objects.get()
    assert as_person(site.reviewer).get(f"/bulk-acts/{act.pk}/").status_code == 404


@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = 0", "DELETE FROM {}"])
@pytest.mark.parametrize(
    ("table", "column"),
    [("worklists_bulkact", "refused"), ("worklists_bulkactitem", "version")],
)
def test_the_database_keeps_what_an_act_found(site, statement, table, column):
    item = open_item(site.queue, site.facility)
    reassign(actor=site.manager, chosen=[item.pk], to="coder")
    with (
        pytest.raises(DatabaseError, match="is refused"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table, column))
    assert BulkAct.objects.get().items.get().version == 2


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (DEFER, ("Defer", "The items rest and come back by themselves.")),
        (PRIORITY, ("Set priority", "A factor like any other")),
        (ASSIGN, ("Assign", "Nothing moves until you press the button.")),
        (RELEASE, ("Release", "The items are open again for everybody")),
    ],
)
def test_every_act_on_many_stands_in_one_frame(site, as_person, held, address, words):
    page = text_of(as_person(site.manager).post(address, asked_for(held)))

    title, says = words
    assert f'<span aria-current="page">{title}</span>' in page
    assert f'action="{address}" id="many"' in page
    assert (page.count("<h1"), page.count(says)) == (1, 1)
    inside = page[page.index("What will happen") :]
    assert 'name="looked"' in inside[: inside.index("</section>")]
