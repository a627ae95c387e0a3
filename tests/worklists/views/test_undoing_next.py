"""Undoing Next on the item's page: offered while it can be done, with a key."""

import pytest
from django.utils import timezone

from tests.factories import open_item, take
from tests.worklists.views.conftest import fresh, text_of
from worklists.models import Event
from worklists.services.next_item import next_item
from worklists.services.notes import write_note
from worklists.services.taking_back import UNDO_FOR
from worklists.templatetags.wording import hour_minute

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def url(item):
    """Return the address that puts an item back."""
    return f"/items/{item.pk}/undo-next/"


def test_next_leads_to_an_item_that_can_be_put_back(site, as_person):
    item = open_item(site.queue, site.facility)
    client = as_person(site.coder)
    page = client.post("/next/", follow=True)
    text = text_of(page)
    assert f"{item} is yours. Undo puts it back as it was." in text
    with timezone.override(site.coder.time_zone):
        until = hour_minute(fresh(item).handed_at + UNDO_FOR)
    assert f"Next can be undone until {until}" in text
    assert f'action="{url(item)}"' in text
    assert 'data-key="z" data-key-label="undo next"' in text

    back = client.post(url(item), {"version": fresh(item).version}, follow=True)
    assert back.redirect_chain == [("/", 302)]
    assert f"Next is undone: {item} is in {item.queue} as it was." in text_of(back)
    assert (fresh(item).state, fresh(item).assignee) == ("open", None)
    again = text_of(client.get(f"/items/{item.pk}/"))
    assert "undo next" not in again
    assert "gave it back by undoing Next, to the queue" in again


def test_the_second_click_and_a_stale_form_are_told(site, as_person):
    item = open_item(site.queue, site.facility)
    client = as_person(site.coder)
    client.post("/next/")
    version = fresh(item).version
    client.post(url(item), {"version": version})
    second = client.post(url(item), {"version": version})
    assert second.status_code == 409
    assert "Somebody was faster" in text_of(second)
    assert fresh(item).version == version + 1
    assert Event.objects.filter(action="item.next_undone").count() == 1


def test_it_is_offered_to_nobody_else_and_not_after_a_note(site, as_person):
    item = open_item(site.queue, site.facility)
    next_item(actor=site.coder)
    assert "undo next" not in text_of(as_person(site.manager).get(f"/items/{item.pk}/"))
    write_note(item_id=item.pk, actor=site.manager, text="Look at page 3.")
    client = as_person(site.coder)
    assert "undo next" not in text_of(client.get(f"/items/{item.pk}/"))
    answer = client.post(url(item), {"version": fresh(item).version})
    assert answer.status_code == 409
    assert "release it instead" in text_of(answer)
    assert fresh(item).assignee == site.coder


def test_what_was_picked_is_released_not_undone(site, as_person):
    item = take(open_item(site.queue, site.facility), site.coder)
    page = text_of(as_person(site.coder).get(f"/items/{item.pk}/"))
    assert "Release" in page
    assert "undo next" not in page


def test_it_takes_the_version_and_a_post(site, as_person):
    item = open_item(site.queue, site.facility)
    next_item(actor=site.coder)
    client = as_person(site.coder)
    assert client.get(url(item)).status_code == 405
    assert client.post(url(item)).status_code == 400
    assert fresh(item).assignee == site.coder
