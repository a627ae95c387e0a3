"""Before and after of any answer, on a page and beside the form."""

import pytest

from tests.worklists.views.conftest import HTMX, fresh, give_back, text_of
from worklists.models import Event
from worklists.services.perform import perform

pytestmark = pytest.mark.django_db

FIRST, SECOND = "The note supports it on page 3.", "The note supports it on page 4."


def save(item, user, **answers):
    perform(
        item_id=item.pk,
        action="save_evidence",
        actor=user,
        expected_version=fresh(item).version,
        evidence=answers,
    )


def test_an_answered_field_leads_to_its_history(site, as_person, held):
    client = as_person(site.coder)
    assert "?field=why" not in text_of(client.get(f"/items/{held.pk}/"))
    save(held, site.coder, why=FIRST)
    save(held, site.coder, why=SECOND)

    page = text_of(client.get(f"/items/{held.pk}/"))

    assert f'hx-get="/items/{held.pk}/answers/?field=why"' in page
    assert f"2 versions, last by {site.coder} Today" in page
    assert "?field=decision" not in page


def test_beside_the_form_it_is_a_drawer_with_the_words_marked(site, as_person, held):
    save(held, site.coder, why=FIRST, decision="accept")
    save(held, site.coder, why=SECOND)

    answer = as_person(site.manager).get(f"/items/{held.pk}/answers/?field=why", **HTMX)

    page = answer.content.decode()
    assert '<dialog class="ct-drawer"' in page
    assert "page </span><del>3.</del><ins>4.</ins>" in page
    assert f"<ins>{FIRST}</ins>" in page
    assert "Accept it" not in page
    read = Event.objects.get(action="read.item")
    assert (read.actor_id, read.object_id) == (site.manager.pk, held.pk)


def test_the_page_shows_every_field_in_the_order_of_the_form(site, as_person):
    from tests.factories import open_item

    item = open_item(site.queue, site.facility)
    give_back(site, item)

    page = text_of(as_person(site.auditor).get(f"/items/{item.pk}/answers/"))

    assert page.index(">Decision</h2>") < page.index(">Why</h2>")
    assert "<ins>Accept it</ins>" in page
    assert f"{site.apprentice}, coder" in page
    assert "with the submit" in page


def test_nothing_saved_says_what_will_stand_there(site, as_person, held):
    page = text_of(as_person(site.coder).get(f"/items/{held.pk}/answers/"))

    assert "Nothing was saved here yet" in page


def test_who_does_not_see_the_item_reads_no_history(site, as_person, held):
    answer = as_person(site.outsider).get(f"/items/{held.pk}/answers/")

    assert answer.status_code == 404
    assert not Event.objects.filter(action="read.item").exists()
