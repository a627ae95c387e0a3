"""A form whose item changed while it was open: the warning, the choice, going on."""

import re

import pytest

from tests.worklists.views.conftest import GOOD, HTMX, fresh, text_of
from worklists.enums import State
from worklists.models import Answer, Draft, Event
from worklists.services import bulk
from worklists.services.perform import perform

pytestmark = pytest.mark.django_db

THEIRS = "Saved in another window."
WHY = GOOD["why"]


def save(item, user, **answers):
    perform(
        item_id=item.pk,
        action="save_evidence",
        actor=user,
        expected_version=fresh(item).version,
        evidence=answers,
    )


def told(item, **changes):
    """A file changes facts of the item."""
    bulk.append_events({item.pk: {"changes": changes}}, action="item.changed")


def post(client, item, what, data, **more):
    values = {"version": fresh(item).version, "_shown": ["decision", "why"]}
    return client.post(f"/items/{item.pk}/{what}/", values | data, **more)


def test_coming_back_to_an_unchanged_item_says_nothing(site, as_person, held):
    client = as_person(site.coder)

    answer = client.get(f"/items/{held.pk}/changed/?version={held.version}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert not Event.objects.filter(action="read.item").exists()


def test_coming_back_names_what_a_file_changed(site, as_person, held):
    told(held, amount=["412.30", "512.30"], reason_code=["CO-97", "CO-97 · CO-50"])

    answer = as_person(site.coder).get(
        f"/items/{held.pk}/changed/?version={held.version}"
    )

    page = text_of(answer)
    assert "At stake" in page
    assert "<del>$412.30</del>" in page
    assert "<ins>$512.30</ins>" in page
    assert "<ins>CO-97 · CO-50</ins>" in page
    assert "Worker took in a change from a file" in page
    assert f'hx-post="/items/{held.pk}/merge/"' in page
    assert Event.objects.get(action="read.item").object_id == held.pk


def test_coming_back_names_people_and_queues(site, as_person, held):
    read = held.version
    to = {"to": site.other_coder.username}
    perform(
        item_id=held.pk,
        action="assign",
        actor=site.manager,
        expected_version=read,
        reason="She knows it.",
        options=to,
    )

    page = text_of(
        as_person(site.coder).get(f"/items/{held.pk}/changed/?version={read}")
    )

    assert (
        f"{site.manager} assigned it, to {site.other_coder}, was with {site.coder}"
        in page
    )


def test_coming_back_needs_a_version_and_an_item_that_is_seen(site, as_person, held):
    address = f"/items/{held.pk}/changed/"

    assert as_person(site.coder).get(address).status_code == 400
    assert as_person(site.outsider).get(f"{address}?version=1").status_code == 404


def test_a_submit_after_a_change_of_facts_asks_to_look_then_goes(site, as_person, held):
    client, read = as_person(site.coder), held.version
    told(held, amount=["412.30", "512.30"])

    answer = post(client, held, "submit", GOOD | {"version": read}, **HTMX)

    page = text_of(answer)
    assert answer.status_code == 409
    assert "<ins>$512.30</ins>" in page
    assert "Look at it, then go on." in page
    assert WHY in page
    assert not Answer.objects.exists()

    post(client, held, "submit", GOOD)
    assert fresh(held).state == State.COMPLETED


def clashing(client, site, held):
    """Save elsewhere, then submit a form that was read before."""
    read = held.version
    save(held, site.coder, why=THEIRS)
    return post(client, held, "submit", GOOD | {"version": read}, **HTMX)


def test_a_clash_shows_both_and_three_choices(site, as_person, held):
    page = text_of(clashing(as_person(site.coder), site, held))

    assert f"<del>{THEIRS}</del>" in page
    assert f"<ins>{WHY}</ins>" in page
    for choice in ("mine", "theirs", "both"):
        assert f'value="{choice}:why"' in page
    assert 'value="mine:decision"' not in page


def test_nothing_is_submitted_before_the_choice(site, as_person, held):
    client = as_person(site.coder)
    clashing(client, site, held)

    answer = post(client, held, "submit", GOOD, **HTMX)

    assert answer.status_code == 409
    assert 'value="theirs:why"' in text_of(answer)
    assert fresh(held).state == State.IN_PROGRESS
    assert [a.value for a in Answer.objects.all()] == [THEIRS]


@pytest.mark.parametrize(
    ("choice", "stands"),
    [("mine", WHY), ("theirs", THEIRS), ("both", f"{THEIRS}\n\n{WHY}")],
)
def test_a_choice_is_drawn_and_then_submitted(site, as_person, held, choice, stands):
    client = as_person(site.coder)
    clashing(client, site, held)

    answer = post(client, held, "merge", GOOD | {"choose": f"{choice}:why"}, **HTMX)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert f">{stands}</textarea>" in page
    assert 'value="mine:why"' not in page

    post(client, held, "submit", GOOD | {"why": stands})
    assert fresh(held).state == State.COMPLETED
    newest = Answer.objects.filter(field="why").order_by("version").last()
    assert newest.value == stands


def test_without_script_a_choice_comes_as_the_whole_page(site, as_person, held):
    client = as_person(site.coder)
    clashing(client, site, held)

    answer = post(client, held, "merge", GOOD | {"choose": "theirs:why"})

    assert answer.status_code == 200
    assert b"<!DOCTYPE html>" in answer.content
    assert Draft.objects.get().answers == GOOD | {"why": THEIRS}


def test_an_unknown_choice_is_refused(site, as_person, held):
    client = as_person(site.coder)
    clashing(client, site, held)

    answer = post(client, held, "merge", GOOD | {"choose": "burn:why"}, **HTMX)

    assert answer.status_code == 400
    assert Draft.objects.get().answers == GOOD


def test_what_they_changed_and_i_did_not_touch_is_taken_over(site, as_person, held):
    client, read = as_person(site.coder), held.version
    save(held, site.coder, decision="accept")

    typed = {"version": read, "why": WHY, "decision": ""}
    page = text_of(post(client, held, "merge", typed, **HTMX))

    assert "<ins>Accept it</ins>" in page
    assert 'value="mine:decision"' not in page
    assert re.search(r'value="accept"[^>]* checked', page)


def test_who_lost_the_item_still_reads_what_was_typed(site, as_person, held):
    client, read = as_person(site.coder), held.version
    perform(item_id=held.pk, action="release", actor=site.coder, expected_version=read)

    answer = post(client, held, "save", GOOD | {"version": read}, **HTMX)

    assert answer.status_code in (403, 409)
    assert not Answer.objects.exists()
