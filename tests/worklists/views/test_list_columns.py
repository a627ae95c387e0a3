"""Columns of a list: pinned ones first, and those that only managers see."""

import csv
import io
import json
import re

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from tests.factories import QueueFactory, grant, open_item, take
from tests.worklists.views.conftest import fresh, submit, text_of
from worklists.errors import BadInput
from worklists.models import Event, SavedView
from worklists.selectors.access import access_of
from worklists.selectors.item_pasts import Past, pasts_of
from worklists.services.perform import perform
from worklists.views import list_look

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

FOR_MANAGERS = "columns=payer,reassigned,returned,held_before"


@pytest.fixture
def url(site) -> str:
    """The address of the site's queue."""
    return f"/queues/{site.queue.slug}/"


def heads(page):
    """Return the heads of the table in order, without their marks."""
    cells = re.findall(r"<th [^>]*>(.*?)</th>", page)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells][1:]


def look(site, query, user=None, queue_id=None):
    """Return the look of a list for somebody."""
    access = access_of(user or site.coder)
    return list_look.look_of(QueryDict(query), access, queue_id)


def menu_of(site, query):
    """Return the menu of columns of the coder's own list, by label."""
    shown, access = look(site, query), access_of(site.coder)
    rows = list_look.column_menu(QueryDict(query), shown, access, None)
    return {row["label"]: row for row in rows}


class TestPins:
    """A pinned column stands first, in the head and in every row alike."""

    def test_pinned_columns_come_first_in_the_order_of_their_pins(
        self, site, as_person, url
    ):
        item = open_item(site.queue, site.facility)
        page = text_of(as_person(site.coder).get(f"{url}?pins=amount,item"))
        assert heads(page)[:3] == ["Dollars", "Item", "Priority, why"]
        assert heads(page).count("Dollars") == 1
        row = re.search(r"<tr data-row.*?</tr>", page)[0]
        cells = re.findall(r"<td[^>]*>", row)
        assert cells[:3] == [
            '<td class="sel">',
            '<td class="ct-pin ct-pin-1 ct-num">',
            '<td class="ct-pin ct-pin-2">',
        ]
        assert "ct-pin" not in "".join(cells[3:])
        assert len(cells) == len(heads(page)) + 1
        assert row.index("412.30</td>") < row.index(f">{item.number}<")

    def test_a_pinned_column_stays_where_the_window_is_narrow(
        self, site, as_person, url
    ):
        open_item(site.queue, site.facility)
        page = text_of(as_person(site.coder).get(f"{url}?pins=age"))
        cell = re.search(r'<td class="ct-pin ct-pin-1[^"]*"', page)[0]
        assert "ct-hide-md" not in cell
        assert "ct-hide-md" in page  # that of the columns that are not pinned

    def test_chosen_columns_stay_where_the_window_is_narrow(self, site, as_person, url):
        open_item(site.queue, site.facility)
        client = as_person(site.coder)
        usual = text_of(client.get(f"{url}?assignee=any"))
        assert (
            usual.count("hidden, this window is narrow") == 3
        )  # age, specialty, review
        table = re.search(r"<table.*?</table>", usual)[0]
        assert table.count("ct-hide-md") == 6  # head and row of each
        chosen = text_of(client.get(f"{url}?columns=age,specialty,review"))
        assert "hidden, this window is narrow" not in chosen
        table = re.search(r"<table.*?</table>", chosen)[0]
        assert {"Age", "Specialty", "Review because"} <= set(heads(chosen))
        assert "ct-hide-md" not in table

    def test_a_click_in_a_narrow_window_changes_the_column_it_names(self, site):
        menu = menu_of(site, "state=open")
        assert QueryDict(menu["Age"]["narrow"][1:])["columns"] == (
            "age,payer,amount,evidence"
        )
        assert QueryDict(menu["Payer"]["narrow"][1:])["columns"] == "amount,evidence"
        wide = QueryDict(menu["Age"]["href"][1:])["columns"]
        assert wide == "payer,amount,specialty,evidence,review"
        chosen = menu_of(site, "columns=age,payer,amount,evidence")
        assert [row["narrow"] for row in chosen.values() if row["narrow"]] == []
        assert [row["label"] for row in chosen.values() if row["leaves"]] == []

    def test_a_pin_that_finds_no_room_can_say_so(self, site, as_person, url):
        open_item(site.queue, site.facility)
        page = text_of(as_person(site.coder).get(f"{url}?pins=amount,item"))
        assert re.findall(r'data-pin-place="(\d)" hidden', page) == ["2", "1"]

    @pytest.mark.parametrize(
        ("query", "why"),
        [
            ("pins=nose", "Columns are: priority, due, age, item, reason, payer"),
            ("pins=item,item", "Pin up to 4 columns, each once."),
            ("pins=item,due,age,payer,state", "Pin up to 4 columns, each once."),
        ],
    )
    def test_pins_that_are_none_are_refused(self, site, as_person, url, query, why):
        with pytest.raises(BadInput, match=why) as refusal:
            look(site, query)
        assert set(refusal.value.fields) == {"pins"}
        assert "reassigned" not in refusal.value.detail
        assert as_person(site.coder).get(f"{url}?{query}").status_code == 400

    def test_the_menu_pins_and_lets_go(self, site):
        def menu(query):
            return menu_of(site, query)

        plain = menu("state=open")
        assert plain["Item"]["pin"] == "?state=open&pins=item"
        assert plain["Item"]["always"]
        assert plain["Facility"]["pin"] is None  # not shown, so there is nothing to pin
        second = menu("state=open&pins=item")
        assert second["Item"]["pin"] == "?state=open"
        assert second["Item"]["pinned"] == 1
        assert second["Payer"]["pin"] == "?state=open&pins=item%2Cpayer"
        full = menu("pins=item,due,age,payer")
        assert full["State"]["pin"] is None
        hidden = QueryDict(full["Payer"]["href"].removeprefix("?"))
        assert hidden["pins"] == "item,due,age"
        assert "payer" not in hidden["columns"]

    def test_a_pin_waits_for_its_column(self, site):
        assert look(site, "pins=facility").pins == []
        assert look(site, "pins=facility&columns=facility").pins == ["facility"]

    def test_pins_are_kept_with_a_view_and_with_the_list_as_left(
        self, site, as_person, url
    ):
        open_item(site.queue, site.facility)
        client = as_person(site.coder)
        posted = {"queue": site.queue.slug, "name": "Pinned", "query": "pins=item"}
        client.post("/views/save/", posted)
        assert SavedView.objects.get().query == "pins=item"
        client.get(f"{url}?pins=item,due")
        assert client.get(url)["Location"] == f"{url}?pins=item%2Cdue"

    def test_pins_are_no_filter(self, site, as_person, url):
        open_item(site.queue, site.facility)
        page = text_of(as_person(site.coder).get(f"{url}?pins=item&state=open"))
        assert 'name="matching" value="state=open' in page


@pytest.fixture
def moved(site):
    """An item that went from hand to hand and was returned once."""
    item = submit(site, open_item(site.queue, site.facility))
    perform(
        item_id=item.pk,
        action="return",
        actor=site.reviewer,
        expected_version=fresh(item).version,
        reason="The note does not say so.",
    )
    perform(
        item_id=item.pk,
        action="assign",
        actor=site.manager,
        expected_version=fresh(item).version,
        reason="Balance.",
        options={"to": site.coder.username},
    )
    return fresh(item)


class TestManagersColumns:
    """They are offered to managers of the queue, and nobody else reads them anywhere."""

    def test_a_manager_of_the_queue_reads_them(self, site, as_person, url, moved):
        never = open_item(site.queue, site.facility)
        page = text_of(as_person(site.manager).get(f"{url}?{FOR_MANAGERS}"))
        at = heads(page).index("Reassigned")
        assert heads(page)[at : at + 3] == ["Reassigned", "Returned", "Held before by"]
        assert "Left out here" not in page
        rows = {
            number: re.sub(r"<[^>]+>", "|", row)
            for row in re.findall(r"<tr data-row.*?</tr>", page)
            for number in (moved.number, never.number)
            if f">{number}<" in row
        }
        assert f"|1||1||{site.apprentice}|" in rows[moved.number]
        assert "|0||0||" in rows[never.number]
        assert "|nobody|" in rows[never.number]

    def test_the_past_is_read_from_the_trail(self, site, moved):
        never = open_item(site.queue, site.facility)
        pasts = pasts_of([moved.pk, never.pk])
        assert pasts[moved.pk] == Past(1, 1, str(site.apprentice))
        assert pasts[never.pk] == Past(0, 0, "")
        assert pasts_of([]) == {}

    def test_from_one_person_to_another_is_a_reassignment_and_nothing_else(self, site):
        item = open_item(site.queue, site.facility)
        coder, other = site.coder, site.other_coder

        def after(to):
            perform(
                item_id=item.pk,
                action="assign",
                actor=site.manager,
                expected_version=fresh(item).version,
                reason="Balance.",
                options={"to": to},
            )
            return pasts_of([item.pk])[item.pk]

        assert after(coder.username) == Past(0, 0, "")
        assert after("pool") == Past(0, 0, str(coder))
        assert after(coder.username) == Past(0, 0, str(coder))
        assert after(coder.username) == Past(0, 0, str(coder))
        assert after(other.username) == Past(1, 0, str(coder))

    def test_who_had_what_went_to_another_queue_held_it_before(self, site):
        item = take(open_item(site.queue, site.facility), site.coder)
        away = QueueFactory(kind=site.queue.kind)
        grant(site.manager, away, "manage")
        perform(
            item_id=item.pk,
            action="reroute",
            actor=site.manager,
            expected_version=fresh(item).version,
            reason="Not ours.",
            options={"queue": away.slug},
        )
        assert pasts_of([item.pk])[item.pk] == Past(0, 0, str(site.coder))

    @pytest.mark.parametrize("who", ["coder", "reviewer", "auditor"])
    def test_others_get_the_list_without_them_and_are_told(
        self, site, as_person, url, moved, who
    ):
        page = text_of(
            as_person(getattr(site, who)).get(f"{url}?assignee=any&{FOR_MANAGERS}")
        )
        assert f">{moved.number}<" in page
        assert "Payer" in heads(page)
        assert not {"Reassigned", "Returned", "Held before by"} & set(heads(page))
        assert "Left out here: times reassigned, times returned from review" in page
        usual = text_of(as_person(getattr(site, who)).get(f"{url}?assignee=any"))
        assert "Left out here" not in usual
        assert "Times reassigned" not in usual  # nor offered

    @pytest.mark.usefixtures("moved")
    def test_a_kept_view_of_a_manager_leaves_them_out_for_others(
        self, site, as_person, url
    ):
        client = as_person(site.coder)
        query = f"assignee=any&{FOR_MANAGERS}&pins=reassigned,item"
        posted = {"queue": site.queue.slug, "name": "Hers", "query": query}
        assert client.post("/views/save/", posted | {"opens": "1"}).status_code == 302
        page = text_of(client.get(client.get(url)["Location"]))
        assert heads(page)[0] == "Item"
        assert "Reassigned" not in heads(page)

    def test_a_manager_of_another_queue_does_not_read_them_here(self, site):
        elsewhere = QueueFactory()
        grant(site.outsider, elsewhere, "manage")
        look = list_look.look_of(
            QueryDict(FOR_MANAGERS), access_of(site.manager), elsewhere.pk
        )
        assert look.names == ["payer"]
        assert len(look.kept_back) == 3

    def test_a_list_over_queues_has_none(self, site, as_person):
        take(open_item(site.queue, site.facility), site.coder)
        page = text_of(as_person(site.manager).get(f"/mine/?{FOR_MANAGERS}"))
        assert "Times reassigned" not in page
        assert "Left out here" in page

    @pytest.mark.parametrize("name", ["reassigned", "returned", "held_before"])
    def test_nobody_orders_or_filters_by_them(self, site, as_person, url, name):
        open_item(site.queue, site.facility)
        for who in (site.coder, site.manager):
            client = as_person(who)
            assert client.get(f"{url}?ordering=-{name}").status_code == 400
            assert client.get(f"{url}?ordering=amount,{name}").status_code == 400
            assert client.get(f"{url}?{name}=1").status_code == 400
            for query in (f"ordering={name}", f"{name}=1", f"columns={name}"):
                assert client.get(f"/api/v1/items/?{query}").status_code == 400

    @pytest.mark.usefixtures("moved")
    def test_the_api_carries_none(self, site, as_person):
        for who in (site.coder, site.manager):
            rows = as_person(who).get("/api/v1/items/").json()["results"]
            assert rows
            assert not {"reassigned", "returned", "held_before"} & set(rows[0])

    def test_one_statement_more_whatever_the_rows(self, site, as_person, url):
        def count(query):
            with CaptureQueriesContext(connection) as asked:
                assert client.get(f"{url}?{query}").status_code == 200
            return [one["sql"] for one in asked if "array_agg(e.facts" in one["sql"]]

        client = as_person(site.manager)
        open_item(site.queue, site.facility)
        assert len(count(FOR_MANAGERS)) == 1
        open_item(site.queue, site.facility)
        assert len(count(FOR_MANAGERS)) == 1
        assert count("columns=payer") == []
        assert count("columns=payer&pins=reassigned") == []


class TestFiles:
    """A file has them where the list shows them, for whom they are."""

    def ask(self, client, site, **more):
        posted = {"form": "csv", "scope": "queue", "queue": site.queue.slug}
        return client.post("/exports/items/", posted | more)

    @pytest.mark.usefixtures("moved")
    def test_a_manager_takes_them_along(self, site, as_person, url):
        client = as_person(site.manager)
        page = text_of(client.get(f"{url}?{FOR_MANAGERS}"))
        assert 'name="columns" value="reassigned,returned,held_before"' in page
        answer = self.ask(client, site, columns="reassigned,held_before")
        text = answer.getvalue().decode("utf-8-sig")
        (row,) = csv.DictReader(io.StringIO(text))
        assert row["Times reassigned"] == "1"
        assert row["Held before by"] == str(site.apprentice)
        assert "Times returned from review" not in row
        event = Event.objects.filter(action="export.rows").latest("id")
        said = json.loads(event.facts)["filters"]["columns"]
        assert said == ["reassigned", "held_before"]

    @pytest.mark.usefixtures("moved")
    def test_nobody_else_does(self, site, as_person):
        for who in (site.coder, site.reviewer, site.auditor):
            answer = self.ask(as_person(who), site, columns="payer,reassigned")
            assert answer.status_code == 403
            assert "for managers of the queue" in text_of(answer)
        mine = as_person(site.manager).post(
            "/exports/items/", {"form": "csv", "scope": "mine", "columns": "returned"}
        )
        assert mine.status_code == 403
        assert not Event.objects.filter(action="export.rows").exists()

    def test_a_column_that_is_none_is_refused(self, site, as_person):
        answer = self.ask(as_person(site.manager), site, columns="nose")
        assert answer.status_code == 400
        assert "There is no column “nose”" in text_of(answer)

    @pytest.mark.usefixtures("moved")
    def test_others_files_are_as_they_were(self, site, as_person):
        text = self.ask(as_person(site.coder), site, columns="payer").getvalue()
        first = text.decode("utf-8-sig").splitlines()[0]
        assert first.endswith("Specialty,Service date,Review because")


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (
            "/queues/",
            "Show 3 columns more that this window is too narrow for: In review",
        ),
        (
            "/manage/",
            "Show 2 columns more that this window is too narrow for: In review",
        ),
        ("/manage/people/", "Show 3 columns more that this window is too narrow for:"),
        ("/audit/", "Show 2 columns more that this window is too narrow for: From, to"),
    ],
)
def test_a_table_names_the_columns_a_narrow_window_hides(site, as_person, path, names):
    site.queue.team.members.add(site.coder)

    page = text_of(as_person(site.manager).get(path))

    assert names in page
    frame = page[page.index('class="ct-tables"') : page.index("data-all-columns")]
    head = frame[: frame.index("</thead>")]
    assert head.count("ct-hide-md") == int(names.split()[1])


def test_the_columns_chip_counts_what_a_narrow_window_hides(site, as_person):
    open_item(site.queue, site.facility)
    client = as_person(site.manager)

    page = text_of(client.get(f"/queues/{site.queue.slug}/?assignee=any"))

    chip = page[page.index('id="look-columns"') :]
    chip = chip[: chip.index("</summary>")]
    [hidden] = re.findall(r'<span class="ct-only-md ct-meta">(\d+) hidden</span>', chip)
    head = page[page.index("<thead>") : page.index("</thead>")]
    assert int(hidden) == head.count("ct-hide-md") > 0
