"""Searching by a number: what matches, for whom, and what the trail keeps of it."""

import json

import pytest

from tests.factories import ClaimFactory, open_item
from worklists.errors import BadInput
from worklists.models import Event
from worklists.selectors import search as search_room
from worklists.selectors.search import search
from worklists.services.searching import search_items

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def item(site):
    """An item about the claim ACCT-2026-0814."""
    claim = ClaimFactory(
        facility=site.facility, patient_control_number="ACCT-2026-0814"
    )
    return open_item(site.queue, site.facility, claim=claim)


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("{number}", "number"),
        ("cr{id}", "number"),
        (" CR {id} ", "number"),
        ("{id:02d}", "number"),
        ("ACCT-2026-0814", "claim"),
        ("acct-2026-0814", "claim"),
        ("ACCT-2026", "claim_prefix"),
        ("acct", "claim_prefix"),
    ],
)
def test_search_finds_the_item(site, item, text, matched):
    found = search(site.coder, text.format(number=item.number, id=item.pk))

    assert (found.matched, found.items, found.more) == (matched, [item], False)


@pytest.mark.parametrize(
    "text", ["DN-{id}", "CR-999999", "ACCT-2026-08149", "%", "ACCT_2026", "DOE"]
)
def test_search_finds_nothing(site, item, text):
    if len(text) < 2:
        text += "%"

    found = search(site.coder, text.format(id=item.pk))

    assert (found.matched, found.items, found.claims) == ("nothing", [], [])


def test_search_shows_only_what_the_person_sees(site, item):
    for text in (item.number, f"{item.pk:02d}", "ACCT-2026-0814", "ACCT"):
        assert search(site.outsider, text).matched == "nothing"


def test_search_shows_auditors_claims_without_items(site):
    claim = ClaimFactory(facility=site.facility, patient_control_number="BARE-1")

    assert search(site.auditor, "BARE-1").claims == [claim]
    assert search(site.coder, "BARE-1").matched == "nothing"


def test_search_is_cut_off(site, monkeypatch):
    monkeypatch.setattr(search_room, "MOST_FOUND", 2)
    for n in range(3):
        claim = ClaimFactory(facility=site.facility, patient_control_number=f"MANY-{n}")
        open_item(site.queue, site.facility, claim=claim)

    found = search(site.coder, "MANY")

    assert (len(found.items), found.more) == (2, True)


@pytest.mark.parametrize("text", ["", "x", "x" * 81, "ab\x00c", "ab\ncd"])
def test_search_refuses(site, text):
    with pytest.raises(BadInput) as refusal:
        search_items(actor=site.coder, text=text)

    assert list(refusal.value.fields) == ["text"]
    assert not Event.objects.filter(action="search.items").exists()


def test_search_items_records_that_but_not_what(site, item):
    search_items(actor=site.coder, text="ACCT-2026-0814")

    event = Event.objects.get(action="search.items")
    assert (event.subject_kind, event.subject_id) == ("user", site.coder.pk)
    assert json.loads(event.facts) == {"matched": "claim", "items": 1, "more": False}


@pytest.mark.parametrize("count", [1, 3])
def test_search_costs_the_same(site, count, django_assert_num_queries):
    for n in range(count):
        claim = ClaimFactory(facility=site.facility, patient_control_number=f"ACCT-{n}")
        open_item(site.queue, site.facility, claim=claim)
    search(site.coder, "ACCT")

    with django_assert_num_queries(4):  # exactly, by its beginning, items, clocks
        assert len(search(site.coder, "ACCT").items) == count


def test_a_claim_of_the_same_digits_comes_before_an_item(site, item):
    claim = ClaimFactory(
        facility=site.facility, patient_control_number=f"{item.pk:02d}"
    )
    other = open_item(site.queue, site.facility, claim=claim)

    found = search(site.coder, f"{item.pk:02d}")

    assert (found.matched, found.items) == ("claim", [other])
