"""Releasing several at once on pages and in the API."""

import pytest

from tests.factories import open_item, open_many, take
from tests.worklists.views.conftest import fresh, text_of
from worklists.models import BulkAct

pytestmark = pytest.mark.django_db
RELEASE = "/items/bulk/release/"


@pytest.fixture
def two(site):
    return [take(item, site.coder) for item in open_many(site.queue, site.facility, 2)]


def test_a_coder_looks_says_why_and_gives_back(site, as_person, two):
    theirs = take(open_item(site.queue, site.facility), site.other_coder)
    client = as_person(site.coder)
    chosen = [f"{item.pk}:{item.version}" for item in (*two, theirs)]
    looked = text_of(client.post(RELEASE, {"items": chosen}))
    assert "2 items of 3 selected." in looked
    assert "Release 2 items" in looked
    assert f"{site.other_coder} holds this item." in looked
    assert f'href="/items/{theirs.pk}/">{theirs.number}</a>' in looked
    assert fresh(two[0]).state == "in_progress"

    form = {
        "chosen": ",".join(str(item.pk) for item in (*two, theirs)),
        "looked": "release",
        "confirm": "1",
        "reason": "I am called away.",
    }
    done = client.post(RELEASE, form, follow=True)

    act = BulkAct.objects.get()
    assert done.redirect_chain == [(f"/bulk-acts/{act.pk}/", 302)]
    assert "2 items released" in text_of(done)
    assert [fresh(item).state for item in two] == ["open", "open"]
    back = client.post(f"/bulk-acts/{act.pk}/undo/", follow=True)
    assert "2 items put back as before." in text_of(back)
    assert [fresh(item).assignee_id for item in two] == [site.coder.pk] * 2


def test_without_a_reason_it_is_refused(site, as_person, two):
    form = {"chosen": str(two[0].pk), "looked": "release", "confirm": "1"}
    assert as_person(site.coder).post(RELEASE, form).status_code == 400
    assert fresh(two[0]).state == "in_progress"


def test_the_bar_of_selected_rows_leads_there(site, as_person, two):
    assert f'formaction="{RELEASE}"' in text_of(as_person(site.coder).get("/mine/"))
    one = {"items": [f"{two[0].pk}:2"], "action": "release"}
    assert as_person(site.coder).post("/items/bulk/", one).status_code == 400
    assert fresh(two[0]).state == "in_progress"


def test_the_api_looks_does_and_undoes(site, as_person, two):
    client = as_person(site.coder)
    body = {"items": [item.pk for item in two], "reason": "I am called away."}

    def post(path, said):
        return client.post(path, said, "application/json")

    looked = post("/api/v1/items/bulk/release/?preview=1", body).json()
    assert (looked["done"], looked["bulk_act"]) == (2, None)
    done = post("/api/v1/items/bulk/release/", body).json()
    assert done == looked | {"bulk_act": BulkAct.objects.get().pk}
    assert [fresh(item).state for item in two] == ["open", "open"]
    post(f"/api/v1/bulk-acts/{done['bulk_act']}/undo/", {})
    assert [fresh(item).state for item in two] == ["in_progress", "in_progress"]
