"""Giving selected items away on pages: choose, look, do, undo."""

import re
from datetime import timedelta

import pytest

from tests.factories import open_item, open_many, take
from tests.worklists.views.conftest import text_of
from worklists.context import now
from worklists.enums import POOL
from worklists.models import Absence, BulkAct, Queue, User, WorkItem
from worklists.selectors.access import today_of
from worklists.selectors.takers import takers_of_any
from worklists.services.injected_time import at
from worklists.services.reassigning import preview, reassign
from worklists.views.bulk_acts import asked_of
from worklists.views.reassigning import takers

pytestmark = pytest.mark.django_db
ASSIGN = "/items/bulk/assign/"


@pytest.fixture
def chosen(site):
    """Two open items as a list posts them, with their queue."""
    items = open_many(site.queue, site.facility, 2)
    return {"items": [f"{i.pk}:{i.version}" for i in items], "queue": site.queue.slug}


def holders():
    return list(WorkItem.objects.order_by("pk").values_list("assignee__username"))


def test_managers_are_offered_to_assign_and_others_are_not(site, as_person):
    open_item(site.queue, site.facility)
    address = f"/queues/{site.queue.slug}/"
    assert f'formaction="{ASSIGN}"' in as_person(site.manager).get(address).text
    assert f'formaction="{ASSIGN}"' not in as_person(site.coder).get(address).text


def test_who_can_take_them_is_shown_with_what_they_carry(site, as_person, chosen):
    take(open_item(site.queue, site.facility), site.coder)
    page = as_person(site.manager).post(ASSIGN, chosen)
    assert 'value="other_coder"' in page.text
    assert 'value="outsider"' not in page.text
    assert page.text.index('value="other_coder"') < page.text.index('value="coder"')
    assert "Choose who gets the items." in text_of(page)
    assert 'name="confirm"' not in page.text
    assert holders()[:2] == [(None,), (None,)]


def test_the_whole_effect_stands_before_the_button(site, as_person, chosen):
    refused = take(open_item(site.queue, site.facility), site.other_coder)
    items = [*chosen["items"], f"{refused.pk}:2"]
    form = chosen | {"items": items, "people": ["other_coder"]}

    page = as_person(site.manager).post(ASSIGN, form)

    assert "Move 2 items" in text_of(page)
    kept = text_of(page).split("These stay as they are.")[1]
    assert f"{site.other_coder} has it already." in kept
    assert f'href="/items/{refused.pk}/">{refused.number}</a>' in kept
    assert "You can undo this for 30 minutes." in text_of(page)
    assert holders() == [(None,), (None,), ("other_coder",)]
    assert BulkAct.objects.count() == 0


def test_what_each_would_have_then_and_the_limit_stand_before_the_button(
    site, as_person, chosen
):
    Queue.objects.filter(pk=site.queue.pk).update(max_in_hand=1)
    held = take(open_item(site.queue, site.facility), site.coder)
    form = chosen | {"people": ["coder", "other_coder"]}

    page = text_of(as_person(site.manager).post(ASSIGN, form))

    assert f"1 of 1 in “{site.queue}”, full" in page
    assert f"0 of 1 in “{site.queue}”" in page
    assert "1 item of 2 selected. Not moved: 1, each with its reason below." in page
    assert "Move 1 item" in page
    assert f"have 1 of “{site.queue}”, its limit. It stays in the pool." in page
    assert holders() == [(None,), (None,), ("coder",)]
    held.refresh_from_db()
    assert held.assignee == site.coder


def test_what_people_have_then_counts_what_is_taken_from_them(site):
    held = take(open_item(site.queue, site.facility), site.coder)
    plan = preview(actor=site.manager, chosen=[held.pk], to="other_coder")

    able = takers_of_any(site.manager, [held.pk])
    found = takers(site.manager, [held.pk], able, ["other_coder"], plan)

    by_name = {one.person.username: one for one in found}
    coder, other = by_name["coder"], by_name["other_coder"]
    assert (coder.carries, coder.gets, coder.after) == (1, 0, 0)
    assert (other.carries, other.gets, other.after) == (0, 1, 1)
    assert (coder.limits, other.limits) == ([], [])


def test_moved_items_are_listed_with_the_way_back(site, as_person, chosen):
    client = as_person(site.manager)
    people = {"people": ["coder", "other_coder"], "looked": "coder,other_coder"}
    form = chosen | people | {"confirm": "1"}

    answer = client.post(ASSIGN, form, follow=True)

    act = BulkAct.objects.get()
    assert answer.redirect_chain == [(f"/bulk-acts/{act.pk}/", 302)]
    assert "2 items moved" in text_of(answer)
    assert sorted(holders()) == [("coder",), ("other_coder",)]

    back = client.post(f"/bulk-acts/{act.pk}/undo/", follow=True)
    assert "2 items put back as before." in text_of(back)
    assert "2 items moved and taken back" in text_of(back)
    assert "Undo" not in text_of(back).replace("undo this", "")
    assert holders() == [(None,), (None,)]


def test_the_list_of_acts_says_what_to_whom_and_until_when(site, as_person, chosen):
    client = as_person(site.manager)
    items = [int(pair.partition(":")[0]) for pair in chosen["items"]]
    held = take(open_item(site.queue, site.facility), site.other_coder)
    with at(now() - timedelta(minutes=31)):
        reassign(actor=site.manager, chosen=[*items, held.pk], to="other_coder")
    reassign(actor=site.manager, chosen=[items[0]], to=POOL, reason="Back.")
    second = BulkAct.objects.latest("pk")

    page = text_of(client.get("/bulk-acts/"))

    rows = [re.sub(r"<[^>]+>|\s+", " ", row) for row in page.split("<tr")[2:]]
    newest, older = (" ".join(row.split()) for row in rows[:2])
    assert f"{site.manager} Moved to the pool 1 0 possible until" in newest
    assert f"{site.manager} Moved to {site.other_coder} 2 1 not any more" in older
    client.post(f"/bulk-acts/{second.pk}/undo/")
    assert "undone" in text_of(client.get("/bulk-acts/"))


@pytest.mark.parametrize(
    ("kind", "target", "words"),
    [
        ("reassigned", "pool", "to the pool"),
        ("reassigned", {"round_robin": ["b", "a"]}, "to Ana Ruiz, b"),
        ("deferred", {"until": "2026-12-04", "reason_code": "x"}, "until Fri Dec"),
        ("prioritized", {"level": "raised"}, "raised"),
        ("answered", {"outcome": "reassigned"}, "given to somebody else"),
        ("approved", {}, ""),
    ],
)
def test_what_an_act_was_asked_to_do_in_words(kind, target, words):
    act = BulkAct(kind=kind, target=target)

    assert asked_of(act, {"a": "Ana Ruiz"}).startswith(words)
    assert bool(asked_of(act, {})) is bool(words)


def test_the_pool_is_a_choice_of_its_own(site, as_person, chosen):
    held = take(open_item(site.queue, site.facility), site.coder)
    form = {"items": [f"{held.pk}:2"], "queue": "", "pool": "1"}
    form |= {"looked": "pool", "confirm": "1"}
    as_person(site.manager).post(ASSIGN, form)
    held.refresh_from_db()
    assert (held.state, held.assignee) == ("open", None)


def test_where_nothing_can_move_it_is_said_on_the_list(site, as_person):
    held = take(open_item(site.queue, site.facility), site.coder)
    form = {
        "items": [f"{held.pk}:2"],
        "queue": site.queue.slug,
        "people": ["coder"],
        "looked": "coder",
        "confirm": "1",
    }
    page = as_person(site.manager).post(ASSIGN, form, follow=True)
    assert page.redirect_chain == [(f"/queues/{site.queue.slug}/", 302)]
    assert f"{held.number}: {site.coder} has it already." in text_of(page)


def test_only_what_was_looked_at_is_done(site, as_person, chosen):
    form = chosen | {"people": ["other_coder"], "looked": "coder", "confirm": "1"}
    page = as_person(site.manager).post(ASSIGN, form)
    assert "Move 2 items" in text_of(page)
    assert 'name="looked" value="other_coder"' in page.text
    assert holders() == [(None,), (None,)]


def test_a_refused_choice_of_people_is_said_in_place_of_the_plan(
    site, as_person, chosen
):
    today = today_of(site.coder)
    Absence.objects.create(
        user=site.coder, starts_on=today, ends_on=today, recorded_by=site.manager
    )
    form = chosen | {"people": ["coder", "other_coder"]}
    page = as_person(site.manager).post(ASSIGN, form)
    assert page.status_code == 200
    assert f"Away today: {site.coder}. Leave them out" in text_of(page)
    assert 'name="confirm"' not in page.text
    assert holders() == [(None,), (None,)]


def test_another_persons_act_does_not_exist(site, as_person, chosen):
    as_person(site.manager).post(
        ASSIGN, chosen | {"people": ["coder"], "looked": "coder", "confirm": "1"}
    )
    act = BulkAct.objects.get()
    client = as_person(site.reviewer)
    assert client.get(f"/bulk-acts/{act.pk}/").status_code == 404
    assert client.post(f"/bulk-acts/{act.pk}/undo/").status_code == 404
    assert holders() == [("coder",), ("coder",)]


def test_who_is_missing_is_named_with_the_reason(site, as_person, chosen):
    site.queue.team.members.add(site.outsider)
    why = f"{site.outsider} does not work the queue “{site.queue}”."

    page = text_of(as_person(site.manager).post(ASSIGN, chosen))
    dialog = text_of(
        as_person(site.manager).get(f"/items/{chosen['items'][0].split(':')[0]}/")
    )

    assert "Not shown:" in page
    assert why in page
    assert why in dialog


def test_a_full_hand_is_said_beside_the_name(site, as_person, chosen):
    site.queue.max_in_hand = 1
    site.queue.save()
    take(open_item(site.queue, site.facility), site.coder)
    bulk = text_of(as_person(site.manager).post(ASSIGN, chosen))
    assert f"1 of 1 in “{site.queue}”, full" in bulk
    item_id = chosen["items"][0].split(":")[0]
    words = f"holds 1 already, the limit of “{site.queue}”"
    assert f"{site.coder}, {words}" in text_of(
        as_person(site.manager).get(f"/items/{item_id}/")
    )


def test_two_people_of_one_name_stand_apart(site, as_person, chosen):
    User.objects.filter(username__in=["coder", "other_coder"]).update(
        first_name="Ana", last_name="Ruiz"
    )
    people = {"people": ["coder", "other_coder"], "look": "1"}

    page = as_person(site.manager).post(ASSIGN, chosen | people)

    assert [(one.who, one.items) for one in page.context["shares"]] == [
        ("Ana Ruiz", 1),
        ("Ana Ruiz", 1),
    ]


def test_a_choice_changes_the_plan_and_the_figures_of_the_list(site, as_person):
    item = open_item(site.queue, site.facility)
    page = text_of(
        as_person(site.manager).post(
            "/items/bulk/assign/",
            {"chosen": str(item.pk), "queue": "", "people": ["coder"]},
        )
    )

    panel = page[page.index('id="takers"') :]
    asked = re.search(r'hx-select-oob="([^"]+)"', page)[1].split(",")
    cells = {f"#{cell}" for cell in re.findall(r'id="((?:gets|then)-\d+)"', panel)}
    assert set(asked) == cells
    assert f"#gets-{site.coder.pk}" in cells
    assert f'id="gets-{site.coder.pk}">+1</td>' in panel
    assert f'id="then-{site.coder.pk}"><b>1</b></td>' in panel
    assert 'hx-target="#plan"' in page


def test_a_part_that_was_taken_back_is_said_as_a_part(site, as_person, chosen):
    client = as_person(site.manager)
    people = {"people": ["coder", "other_coder"], "looked": "coder,other_coder"}
    client.post(ASSIGN, chosen | people | {"confirm": "1"})
    act = BulkAct.objects.get()
    begun = WorkItem.objects.get(assignee=site.coder)
    take(begun, site.coder)

    back = text_of(client.post(f"/bulk-acts/{act.pk}/undo/", follow=True))

    assert "2 items moved, 1 of them taken back; the others had gone on" in back
    assert sorted(holders(), key=str) == [("coder",), (None,)]
    assert ", 1 of 2" in text_of(client.get("/bulk-acts/"))
