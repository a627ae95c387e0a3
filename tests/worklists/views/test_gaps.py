"""Evidence gaps: figures by hand, each opening its items, for managers and auditors."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from rest_framework.test import APIClient

from tests.factories import (
    EvidenceTemplateFactory,
    FacilityFactory,
    QueueFactory,
    grant,
    open_item,
    take,
)
from tests.factories.queues import FIELDS
from tests.worklists.views.conftest import GOOD, text_of
from worklists.context import now
from worklists.errors import EvidenceMissing
from worklists.models import Event, Queue, User
from worklists.selectors import gaps as selectors
from worklists.selectors.gaps import InHand, gaps_for
from worklists.services.injected_time import at
from worklists.services.perform import perform

pytestmark = pytest.mark.django_db
URL = "/manage/evidence/"
STEP = {"name": "read", "label": "Note read", "type": "step", "required": True}


def try_submit(item, actor, **evidence) -> bool:
    """Submit; return whether it went through."""
    item.refresh_from_db()
    try:
        perform(
            item_id=item.pk,
            action="submit",
            actor=actor,
            expected_version=item.version,
            evidence=evidence,
        )
    except EvidenceMissing:
        return False
    return True


def held(site, **more):
    return take(open_item(more.pop("queue", site.queue), site.facility), site.coder)


@pytest.fixture
def work(site):
    """Three items: one clean, one refused twice then done, one refused and open."""
    clean, late, stuck = (held(site) for _ in range(3))
    assert try_submit(clean, site.coder, **GOOD)
    assert not try_submit(late, site.coder)
    assert not try_submit(late, site.coder, decision="accept")
    assert try_submit(late, site.coder, **GOOD)
    assert not try_submit(stuck, site.coder, decision="accept")
    return clean, late, stuck


def line_of(site, days=28):
    (line,) = gaps_for(site.manager, days=days).lines
    return line


def test_the_figures_of_a_queue(site, work):
    line = line_of(site)
    assert (line.first, line.clean, line.share) == (3, 1, 33)
    assert (line.refused, line.stopped) == (3, 2)
    named = [(m.name, m.label, m.submits, m.items) for m in line.missing]
    assert named == [("why", "Why", 3, 2), ("decision", "Decision", 1, 1)]
    assert line.hand == InHand(items=1, nothing=1, asked=2)


def test_work_in_hand_is_complete_in_part_or_not_begun(site):
    for evidence in ({}, {"decision": "accept"}, GOOD):
        item = held(site)
        perform(
            item_id=item.pk,
            action="save_evidence",
            actor=site.coder,
            expected_version=item.version,
            evidence=evidence,
        )
    open_item(site.queue, site.facility)  # nobody's: not in hand
    assert line_of(site).hand == InHand(3, 1, 1, 1, 3, 6)
    assert line_of(site).share is None


def test_a_window_counts_what_was_tried_in_it(site):
    with at(now() - timedelta(days=20)):
        try_submit(held(site), site.coder)
    assert line_of(site, 28).refused == 1
    assert line_of(site, 7).refused == 0
    assert line_of(site, 7).missing == []


def test_each_version_of_a_form_has_its_line_and_steps_are_marked(site):
    try_submit(held(site), site.coder, **GOOD)
    site.queue.template = EvidenceTemplateFactory(fields=[STEP, *FIELDS])
    site.queue.save()
    try_submit(held(site), site.coder, **GOOD)
    lines = gaps_for(site.manager, days=7).lines
    assert [(line.first, line.clean) for line in lines] == [(1, 0), (1, 1)]
    (step,) = lines[0].missing
    assert (step.label, step.is_step) == ("Note read", True)


def test_other_queues_and_facilities_are_not_counted(site, work):
    strange = QueueFactory()
    grant(site.coder, strange, "work")
    try_submit(held(site, queue=strange), site.coder)
    far = FacilityFactory(slug="far")
    grant(site.coder, far, "view")
    item = take(open_item(site.queue, far), site.coder)
    try_submit(item, site.coder)
    assert (line_of(site).first, line_of(site).hand.items) == (3, 1)


def test_a_queue_with_more_tries_is_named_and_costs_no_more(site, work, monkeypatch):
    monkeypatch.setattr(selectors, "MOST_TRIES", 2)
    found = gaps_for(site.manager, days=28)
    assert found.cut == [site.queue]
    assert found.lines[0].refused + found.lines[0].clean <= 2


def test_the_same_queries_whatever_there_is(site, work, django_assert_num_queries):
    manager = fresh_manager(site)
    with django_assert_num_queries(6):  # one of them for what the person may
        assert len(gaps_for(manager, days=28).lines) == 1
    for _ in range(3):
        another = QueueFactory()
        for who, verb in ((site.coder, "work"), (site.manager, "manage")):
            grant(who, another, verb)
        site.coder = User.objects.get(pk=site.coder.pk)
        try_submit(held(site, queue=another), site.coder)
    manager = fresh_manager(site)
    with django_assert_num_queries(6):
        assert len(gaps_for(manager, days=28).lines) == 4


def fresh_manager(site):
    """Return the manager without what was kept of their grants."""
    return User.objects.get(pk=site.manager.pk)


def test_every_figure_opens_its_items(site, as_person, work):
    clean, late, stuck = work
    client = as_person(site.manager)
    page = text_of(client.get(URL))
    assert "33&nbsp;%" in page
    addresses = {
        href.replace("&amp;", "&"): re.sub(r"\D", "", number)
        for href, number in re.findall(r'<a href="(/queues/[^"]+)">(\d+)</a>', page)
    }
    assert sorted(addresses.values()) == ["1", "1", "1", "2", "3"]
    for href, number in addresses.items():
        opened = text_of(client.get(href))
        shown = {item for item in work if f">{item.number}<" in opened}
        assert len(shown) == int(number), href
        expected = {
            "first_try": {clean, late, stuck},
            "first_clean": {clean},
            "stopped": {late, stuck},
            "evidence=nothing": {stuck},
            "state=in_progress": {stuck},
        }
        assert any(shown == items for word, items in expected.items() if word in href)


def test_a_field_opens_the_items_it_stopped(site, as_person, work):
    clean, late, stuck = work
    client = as_person(site.manager)
    page = text_of(client.get(URL))
    (href,) = re.findall(r'href="([^"]*stopped_by=decision[^"]*)"', page)
    opened = text_of(client.get(href.replace("&amp;", "&")))
    assert f">{late.number}<" in opened
    assert f">{stuck.number}<" not in opened
    assert f">{clean.number}<" not in opened
    assert "Stopped by" in opened, "the filter that holds is named"


def test_before_any_submit_it_says_what_will_appear(site, as_person):
    page = text_of(as_person(site.manager).get(URL))
    assert "Nothing was submitted or taken yet" in page


def test_both_truths_say_how_they_are_counted(site, as_person, work):
    page = text_of(as_person(site.manager).get(f"{URL}?days=7"))
    assert "Counted in the last 7 days" in page
    assert "Drafts do not count: only what is saved is evidence." in page


@pytest.mark.parametrize("query", ["days=8", "days=all", "days=", "colour=red"])
def test_what_cannot_be_read_is_refused_by_name(site, as_person, query):
    expected = 200 if query == "days=" else 400
    assert as_person(site.manager).get(f"{URL}?{query}").status_code == expected


def test_an_auditor_reads_what_they_see_and_each_look_is_an_event(
    site, as_person, work
):
    QueueFactory(team=site.queue.team, name="Not theirs")
    client = as_person(site.auditor)

    page = client.get(f"{URL}?days=7")

    assert page.status_code == 200
    assert site.queue.name in text_of(page)
    assert 'href="/manage/"' not in page.text
    event = Event.objects.get(action="read.gaps")
    assert (event.subject_id, json.loads(event.facts)) == (site.auditor.pk, {"days": 7})
    opened = re.search(r'href="(/queues/[^"]*stopped=7[^"]*)"', page.text)
    assert client.get(unescape(opened[1])).status_code == 200

    api = APIClient()
    api.force_login(site.auditor)
    assert api.get("/api/v1/evidence-gaps/").status_code == 200
    assert Event.objects.filter(action="read.gaps").count() == 2
    as_person(site.manager).get(URL)
    assert Event.objects.filter(action="read.gaps").count() == 2
    assert client.post(URL).status_code == 405


@pytest.mark.parametrize("who", ["coder", "reviewer", "administrator"])
def test_nobody_else(site, as_person, who):
    assert as_person(getattr(site, who)).get(URL).status_code == 403
    client = APIClient()
    client.force_login(getattr(site, who))
    assert client.get("/api/v1/evidence-gaps/").status_code == 403


def test_the_api_says_the_same(site, work):
    client = APIClient()
    client.force_login(site.manager)
    body = client.get("/api/v1/evidence-gaps/?days=7").json()
    assert (body["days"], body["cut"]) == (7, [])
    (line,) = body["lines"]
    assert line == {
        "queue": site.queue.slug,
        "template": site.queue.template.slug,
        "version": 1,
        "first": 3,
        "clean": 1,
        "share": 33,
        "refused": 3,
        "stopped": 2,
        "missing": [
            {"field": n, "label": n.title(), "step": False, "submits": s, "items": i}
            for n, s, i in (("why", 3, 2), ("decision", 1, 1))
        ],
        "in_hand": {
            "items": 1,
            "complete": 0,
            "part": 0,
            "nothing": 1,
            "done": 0,
            "asked": 2,
        },
    }
    assert client.get("/api/v1/evidence-gaps/?days=8").status_code == 400
    found = client.get(
        f"/api/v1/items/?queue={site.queue.slug}&state=any&stopped=7&stopped_by=decision"
    ).json()
    assert [row["id"] for row in found["results"]] == [work[1].pk]


@pytest.mark.parametrize("query", ["evidence=lots", "stopped=-1", "template=%00"])
def test_filters_that_cannot_be_read_are_refused(site, query):
    client = APIClient()
    client.force_login(site.manager)
    assert client.get(f"/api/v1/items/?{query}").status_code == 400


def test_a_form_nobody_has_opens_an_empty_list(site, work):
    client = APIClient()
    client.force_login(site.manager)
    for name in ("nothing:1", "nothing", f"{site.queue.template.slug}:x"):
        found = client.get(f"/api/v1/items/?state=any&template={name}").json()
        assert found["results"] == []
    assert Queue.objects.count() == 1
