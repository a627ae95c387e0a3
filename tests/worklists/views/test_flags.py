"""Flags on pages and in the API: a mark, a column, a filter that holds in saved views."""

import pytest
from django.db import connection

from tests.factories import open_many
from tests.worklists.views.conftest import fresh, text_of
from tests.worklists.views.test_acts import act
from tests.worklists.views.test_lists import numbers
from worklists.models import WorkItem
from worklists.selectors.items import flagged

pytestmark = pytest.mark.django_db
WATCH = "Somebody follows how this one goes."


@pytest.fixture
def three(site):
    """Items with two flags, with one of the system, with none."""
    both, unsure, none = open_many(site.queue, site.facility, 3)
    WorkItem.objects.filter(pk=both.pk).update(flags=["watch", "sensitive"])
    WorkItem.objects.filter(pk=unsure.pk).update(flags=["unverified_deadline"])
    return both, unsure, none


def test_the_item_carries_its_flags_and_what_they_mean(site, as_person, held):
    client = as_person(site.coder)
    page = text_of(client.get(f"/items/{held.pk}/"))
    assert WATCH in page  # to choose from
    assert 'id="unflag"' not in page

    answer = act(client, held, "flag", {"flag": "watch"})

    assert answer.url == f"/items/{held.pk}/"
    assert fresh(held).flags == ["watch"]
    page = text_of(client.get(answer.url))
    assert f"{held.number} is flagged." in page
    assert f'<span title="{WATCH}">' in page
    assert f'Watch</span><span class="ct-vh">{WATCH}</span>' in page
    assert 'id="unflag"' in page
    assert "flagged it, “Watch”" in page

    act(client, held, "unflag", {"flag": "watch"})
    assert fresh(held).flags == []


def test_who_only_sees_the_item_is_not_offered_flags(site, as_person, held):
    page = text_of(as_person(site.other_coder).get(f"/items/{held.pk}/"))
    assert 'id="flag"' not in page
    assert (
        act(as_person(site.other_coder), held, "flag", {"flag": "watch"}).status_code
        == 403
    )
    assert fresh(held).flags == []


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("flag=watch", [0]),
        ("flag=unverified_deadline", [1]),
        ("flag=watch,unverified_deadline", [0, 1]),
        ("flag=watch&flag=unverified_deadline", [0, 1]),
        ("flag=teaching", []),
        ("flag=sensitive&state=open", [0]),
    ],
)
def test_lists_of_the_page_and_the_api_are_narrowed(
    site, as_person, three, query, shown
):
    client = as_person(site.manager)
    page = text_of(client.get(f"/queues/{site.queue.slug}/?{query}"))
    assert numbers(page, three) == [three[n].number for n in shown]
    found = client.get(f"/api/v1/items/?{query}").json()["results"]
    assert [row["id"] for row in found] == [three[n].pk for n in shown]


def test_a_flag_nobody_knows_is_refused(site, as_person, three):
    client = as_person(site.manager)
    answer = client.get("/api/v1/items/?flag=gold")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["flag"]
    assert client.get(f"/queues/{site.queue.slug}/?flag=gold").status_code == 400


def test_flags_stand_in_the_row_or_in_a_column_of_their_own(site, as_person, three):
    client = as_person(site.manager)
    plain = text_of(client.get(f"/queues/{site.queue.slug}/"))
    column = text_of(client.get(f"/queues/{site.queue.slug}/?columns=flags"))
    assert ">Flags</th>" not in plain
    assert ">Flags</th>" in column
    for page in (plain, column):
        assert page.count('#flag"></use></svg>Watch</span>') == 1
        assert page.count('#flag"></use></svg>Unverified deadline</span>') == 1


def test_a_chip_drops_the_flag(site, as_person, three):
    page = text_of(
        as_person(site.manager).get(f"/queues/{site.queue.slug}/?flag=teaching")
    )
    assert "Teaching example" in page
    assert "No item matches this filter" in page


def test_a_kept_view_holds_a_flag(site, as_person, three):
    client = as_person(site.manager)
    query = "assignee=any&columns=flags&flag=watch"
    kept = {"queue": site.queue.slug, "name": "Watched", "query": query}
    assert client.post("/views/save/", kept).status_code == 302
    page = text_of(client.get(f"/queues/{site.queue.slug}/?{query}"))
    assert numbers(page, three) == [three[0].number]


def test_the_api_sets_and_clears(site, as_person, held):
    client = as_person(site.coder)
    path = f"/api/v1/items/{held.pk}/actions"
    answer = client.post(
        f"{path}/flag/", {"version": 2, "flag": "watch"}, "application/json"
    )
    assert (answer.status_code, answer.json()["flags"]) == (200, ["watch"])
    again = client.post(
        f"{path}/flag/", {"version": 3, "flag": "watch"}, "application/json"
    )
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    wrong = client.post(
        f"{path}/flag/", {"version": 3, "flag": "payer_reversed"}, "application/json"
    )
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["flag"])
    off = client.post(
        f"{path}/unflag/", {"version": 3, "flag": "watch"}, "application/json"
    )
    assert off.json()["flags"] == []


def test_the_index_of_flags_can_serve_the_filter(site):
    """The words of the filter are those of the partial index, or it is never used.

    Asked of an empty copy of the table that has no other index to choose.
    """
    rows = WorkItem.objects.filter(flagged(["watch"])).exclude(
        state__in=["completed", "cancelled"]
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'item_flagged'"
        )
        (definition,) = cursor.fetchone()
        cursor.execute(
            "CREATE TEMPORARY TABLE worklists_workitem (LIKE worklists_workitem)"
            " ON COMMIT DROP"
        )
        cursor.execute(definition.replace(" public.", " pg_temp."))
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "item_flagged" in rows.order_by("pk").explain()
    unmarked = WorkItem.objects.exclude(state__in=["completed", "cancelled"])
    assert "item_flagged" not in unmarked.order_by("pk").explain()
