"""Each figure of a queue leads to the list it counts, with the same number there."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import open_item, take
from tests.worklists.views.conftest import submit, text_of
from worklists.context import now
from worklists.models import Review, User, WorkItem
from worklists.selectors.queues import Figure, queue_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(site):
    """A queue with an item of every sort."""
    old = [open_item(site.queue, site.facility) for _ in range(5)]
    first, second, third, fourth, fifth = old
    at = now()
    items = WorkItem.objects
    items.filter(pk=first.pk).update(internal_due_at=at - timedelta(hours=3))
    items.filter(pk=second.pk).update(internal_due_at=at + timedelta(hours=30))
    items.filter(pk=third.pk).update(
        legal_due_at=at + timedelta(days=9),
        due_rank=at + timedelta(days=9),
        amount=Decimal("1250.00"),
    )
    take(fourth, site.coder)
    items.filter(pk=fourth.pk).update(touched_at=at - timedelta(days=8))
    items.filter(pk=fifth.pk).update(opened_at=at - timedelta(days=40))
    submit(site, open_item(site.queue, site.facility))
    gone = open_item(site.queue, site.facility)
    items.filter(pk=gone.pk).update(state="cancelled", completed_at=at)
    return site


def figures_of(page, slug):
    """Return what leads from a queue's row, by what the link asks for."""
    row = page[page.index(f'href="/queues/{slug}/"') :]
    row = row[: row.index("</tr>")]
    found = re.findall(rf'href="/queues/{slug}/\?([^"]+)"[^>]*>(.*?)</a>', row)
    return {
        query: re.sub(r"<svg.*?</svg>|<[^>]+>", "", text).strip()
        for query, text in found
    }


@pytest.mark.parametrize("path", ["/manage/", "/queues/"])
def test_each_figure_of_a_queue_opens_so_many_items(busy, as_person, path):
    client = as_person(busy.manager)
    slug = busy.queue.slug

    found = figures_of(text_of(client.get(path)), slug)

    counted = {
        query: len(re.findall(r"<tr data-row data-amount", page))
        for query in found
        if (page := text_of(client.get(f"/queues/{slug}/?{query}")))
    }
    money = found.pop("assignee=any&deadline_within=14")
    assert money == "1,250.00"
    assert counted.pop("assignee=any&deadline_within=14") == 1
    found.pop("assignee=any&ordering=-age")
    counted.pop("assignee=any&ordering=-age")
    assert {query: int(text) for query, text in found.items()} == counted
    assert counted == {
        "assignee=any": 6,
        "assignee=any&state=open": 4,
        "assignee=any&overdue=true": 1,
        "assignee=any&due_within=3": counted["assignee=any&due_within=3"],
        "assignee=any&untouched=5": 1,
        "assignee=any&state=in_review": 1,
        "assignee=any&state=any&today=arrived": 6,
        "assignee=any&state=any&today=ended": 1,
    }


def test_what_lies_beyond_what_was_counted_is_led_to(busy, as_person, monkeypatch):
    monkeypatch.setattr("worklists.selectors.queues.WINDOW", 2)
    figures = queue_for(busy.manager, busy.queue.slug).figures
    assert (figures.in_review.value, figures.in_review.more) == (0, True)

    found = figures_of(
        text_of(as_person(busy.manager).get("/queues/")), busy.queue.slug
    )

    assert found["assignee=any&state=in_review"] == "0+"
    assert found["assignee=any&untouched=5"] == "0+"


def test_reviews_over_their_time_are_a_list_of_their_own(busy, as_person):
    Review.objects.update(due_at=now() - timedelta(hours=1))
    client, slug = as_person(busy.manager), busy.queue.slug

    page = text_of(client.get("/manage/"))

    assert f'href="/queues/{slug}/?assignee=any&review=over"' in page
    listed = text_of(client.get(f"/queues/{slug}/?assignee=any&review=over"))
    assert len(re.findall(r"<tr data-row data-amount", listed)) == 1
    Review.objects.update(due_at=now() + timedelta(hours=1))
    listed = text_of(client.get(f"/queues/{slug}/?assignee=any&review=over"))
    assert "No item matches" in listed


def test_a_person_of_the_load_leads_to_their_page(busy, as_person):
    busy.queue.team.members.add(busy.coder)

    page = text_of(as_person(busy.manager).get("/manage/"))

    link = f'<a href="/manage/people/{busy.coder.pk}/">{busy.coder}</a>'
    assert link in page[page.index('id="loads"') :]


def test_the_load_says_how_much_of_a_day_it_is(busy, as_person):
    busy.queue.team.members.add(busy.coder)
    User.objects.filter(pk=busy.coder.pk).update(daily_capacity=40)
    client = as_person(busy.manager)

    for path in ("/manage/", "/manage/people/", f"/manage/people/{busy.coder.pk}/"):
        assert "1 of 40" in text_of(client.get(path)), path


def test_a_queue_names_its_evidence_form_and_leads_to_it(site, as_person):
    template = site.queue.template
    client = as_person(site.coder)

    page = text_of(client.get(f"/queues/{site.queue.slug}/"))

    href = f"/rules/template/{template.slug}/"
    assert f'<a href="{href}">{template.name} v{template.version}</a>' in page
    assert client.get(href).status_code == 200


def test_a_managers_start_leads_to_what_comes_first_in_one_click(busy, as_person):
    client = as_person(busy.manager)

    page = text_of(client.get("/"))

    strip = page[page.index('aria-label="What needs a manager first') :]
    strip = strip[: strip.index("</ul>")]
    found = {
        href: int(re.sub(r"<svg.*?</svg>|<[^>]+>", "", value))
        for href, value in re.findall(r'<a href="([^"]+)">.*?<b>(.*?)</b>', strip)
    }
    assert found == {
        "/escalations/?of=own": 0,
        "/items/?assignee=any&amp;overdue=true": 1,
        "/items/?assignee=none&amp;deadline_within=14": 1,
    }
    for href, count in found.items():
        listed = text_of(client.get(href.replace("&amp;", "&")))
        assert len(re.findall(r"<tr data-row data-amount", listed)) == count, href
    assert 'href="/manage/"' in page[page.index("What needs a manager first") :]


def test_what_somebody_holds_is_not_with_nobody(busy, as_person):
    taken = WorkItem.objects.get(amount=Decimal("1250.00"))
    take(taken, busy.coder)

    figures = queue_for(busy.manager, busy.queue.slug).figures

    assert figures.unassigned == Figure(0)
    assert figures.at_risk == Figure(Decimal("1250.00"))


def test_figures_are_added_up():
    assert Figure.sum([Figure(2), Figure(3)]) == Figure(5)
    assert Figure.sum([Figure(2), Figure(3, more=True)]) == Figure(5, more=True)
    assert Figure.sum([]) == Figure(0)
