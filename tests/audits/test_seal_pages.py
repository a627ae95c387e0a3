"""The state of the seals on pages, each event's seal, and the proof of one event."""

import pytest
from django.test import Client

from audits import merkle
from audits.models import Seal
from audits.selectors.seals import proof_of, seals_of
from audits.services.copying import copy_seals
from audits.services.keys import retire_key
from audits.services.watching import verify_when_due
from tests.audits.sealing import seal_trail
from tests.factories import make_site
from worklists.errors import NotVisible
from worklists.models import Event

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(place):
    """A small site that seals."""
    return make_site()


def look(user, address):
    client = Client()
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200, address
    return " ".join(answer.content.decode().split())


def test_before_the_first_seal_the_page_says_how_one_comes(site):
    page = look(site.auditor, "/audit/seals/")
    assert "No seal yet" in page
    assert "no key" in page
    assert "verified, daily" in page


def test_the_trail_says_how_the_seals_stand(site, act):
    act(4)
    seal_trail(size=3)
    copy_seals()
    verify_when_due()

    page = look(site.auditor, "/audit/")

    assert "Seal 2" in page
    assert "5 events sealed" in page
    assert "all copied" in page
    assert "whole</b>" in page.replace("whole </b>", "whole</b>")
    assert Seal.objects.first().key_id[:8] in page


def test_what_is_wrong_is_said(site, act, settings, by_force):
    act()
    seal_trail()
    by_force("UPDATE audits_seal SET total = 9")
    retire_key(cause="lost")
    settings.SEAL_LAG_MINUTES = -1
    settings.VERIFY_EVERY_HOURS = 0
    verify_when_due()
    page = look(site.auditor, "/audit/seals/")
    assert "no key" in page
    assert "to copy, folder" in page
    assert "first: seal_link_broken" in page
    assert 'class="is-over"' in page


def test_each_event_leads_to_its_seal_or_says_that_it_waits(site, act):
    act()
    seal_trail()
    act()
    page = look(site.auditor, "/audit/?subject=site:1")
    assert page.count('href="/audit/seals/1/"') == 2
    assert page.count("not sealed yet") == 1


def test_one_seal_shows_what_it_binds_and_is_checked_at_once(site, act, by_force):
    act(2)
    seal_trail()
    copy_seals()
    seal = Seal.objects.get()

    page = look(site.auditor, "/audit/seals/1/")

    assert "This seal holds." in page
    assert bytes(seal.root).hex() in page
    assert bytes(seal.signature).hex() in page
    by_force("UPDATE trail_event SET hash = sha256(hash) WHERE seq = 2")
    page = look(site.auditor, "/audit/seals/1/")
    assert "This seal does not hold." in page
    assert "its events do not give its root" in page


def test_a_seal_that_is_not_there_is_404(site):
    client = Client()
    client.force_login(site.auditor)
    assert client.get("/audit/seals/9/").status_code == 404


@pytest.mark.parametrize("name", ["coder", "reviewer", "administrator"])
def test_others_are_refused(site, name):
    client = Client()
    client.force_login(getattr(site, name))
    assert client.get("/audit/seals/").status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same(site, act, count, django_assert_num_queries):
    act(count)
    seal_trail(size=1)
    client = Client()
    client.force_login(site.auditor)
    client.get("/audit/seals/")
    with django_assert_num_queries(QUERIES):
        client.get("/audit/seals/")


QUERIES = 11


def test_the_api_names_the_seal(site, act):
    act()
    seal_trail()
    act()
    client = Client()
    client.force_login(site.auditor)
    told = client.get("/api/v1/trail/?subject=site:1").json()
    assert [event["seal"] for event in told["results"]] == [None, 1, 1]


def test_every_event_is_proven(place, act):
    act(6)
    seal_trail(size=5)
    for event in Event.objects.all():
        proof = proof_of(event.pk)
        assert proof.holds()
        assert proof.event_hash == bytes(event.hash)
        assert proof.seal.event_ids[proof.index] == event.pk
        assert not merkle.includes(
            event_hash=b"x" * 32,
            index=proof.index,
            size=proof.seal.tree_size,
            path=proof.path,
            root=bytes(proof.seal.root),
        )


def test_what_is_not_sealed_has_no_proof(place, act, by_force):
    seal_trail()
    act()
    event = Event.objects.last()
    with pytest.raises(NotVisible, match="No seal holds"):
        proof_of(event.pk)
    assert seals_of([event.pk]) == {}
    seal_trail()
    assert seals_of([event.pk]) == {event.pk: 2}
    act()
    seal_trail()
    by_force("DELETE FROM trail_event WHERE id = %s", event.pk)
    with pytest.raises(NotVisible, match="are gone"):
        proof_of(event.pk)
