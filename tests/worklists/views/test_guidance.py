"""Guidance to read: beside an item, on the shelf, and one source with its versions."""

from datetime import UTC, date, datetime

import pytest

from tests.factories import EvidenceTemplateFactory, open_item, take
from tests.factories.guidance import make_guidance
from tests.factories.queues import FIELDS
from tests.factories.reference import PayerFactory
from tests.worklists.views.conftest import GOOD, HTMX, fresh, text_of
from worklists.models import Event, Guidance, GuidanceVersion, User
from worklists.selectors.guidance import offered_to
from worklists.services.injected_time import at

pytestmark = pytest.mark.django_db

SERVED = date(2026, 3, 5)
OLD, NEW = date(2025, 1, 1), date(2026, 7, 1)
RULE = {"name": "rule", "label": "Rule", "type": "policy", "required": True}


def add_version(slug: str, body: str) -> None:
    """Let a source with one version say something else from the summer on."""
    GuidanceVersion.objects.create(
        guidance=Guidance.objects.get(slug=slug),
        number=2,
        effective_from=NEW,
        source="Manual, chapter 2",
        body=body,
        checked_on=NEW,
        written_at=datetime(2026, 7, 2, tzinfo=UTC),
    )


@pytest.fixture
def payer(db):
    return PayerFactory(name="Meridian PPO", slug="meridian")


@pytest.fixture
def item(site, payer):
    make_guidance("every", OLD, name="Any denial")
    make_guidance("rp", OLD, NEW, name="RP-114", payer=payer, kind="payer_policy")
    make_guidance("ortho", OLD, name="Bones", specialty="Orthopedics")
    new = open_item(
        site.queue,
        site.facility,
        service_on=SERVED,
        payer_id=payer.pk,
        specialty="Orthopedics",
    )
    return take(new, site.coder)


def panel_of(page: str) -> str:
    return page.partition('id="rules"')[2].partition("</section>")[0]


class TestTheItem:
    """What the rules say, in a list beside what failed."""

    def test_its_own_come_first_with_the_version_of_the_day(
        self, site, as_person, item
    ):
        make_guidance("other", OLD, name="Another payer’s", payer=PayerFactory())
        make_guidance("late", NEW, name="Newcomer")
        make_guidance("gone", OLD, name="Retired", retired_on=NEW)
        said = panel_of(text_of(as_person(site.coder).get(f"/items/{item.pk}/")))
        places = [said.index(n) for n in ("RP-114", "Bones", "Any denial", "Newcomer")]
        assert places == sorted(places)
        assert "Another payer’s" not in said
        assert "Retired" not in said
        assert "payer policy, this payer’s own · version 1" in said
        assert "today version 2" in said
        assert "playbook, Orthopedics · version 1" in said
        assert "none in force on 03/05/2026" in said
        assert "In our own words." not in said
        assert said.count('data-key="p"') == 1

    def test_one_opens_in_place_as_of_the_day_and_is_a_read(
        self, site, as_person, item
    ):
        add_version("every", "Send every record at once.")
        client = as_person(site.coder)
        page = text_of(client.get(f"/items/{item.pk}/guidance/every/", **HTMX))
        head, _, rest = page.partition("</section>")
        assert '<dialog class="ct-drawer" id="guidance"' in head
        assert "<b>Version 1</b>" in head
        assert "In force on 03/05/2026" in head
        assert "In our own words." in head
        assert "Manual, chapter 1" in head
        assert "Jan 1, 2025 to Jun 30, 2026" in head
        assert "<b>Version 2</b>" in rest
        assert "Send every record at once." in rest
        assert "Not yet in force on 03/05/2026" in rest
        assert Event.objects.get(action="read.item").object_id == item.pk

    def test_a_version_that_is_asked_for_comes_first(self, site, as_person, item):
        address = f"/items/{item.pk}/guidance/rp/?version=2"
        page = text_of(as_person(site.coder).get(address, **HTMX))
        assert "<b>Version 2</b>" in page.partition("</section>")[0]

    def test_without_script_the_sources_own_page_opens(self, site, as_person, item):
        answer = as_person(site.coder).get(f"/items/{item.pk}/guidance/rp/")
        assert (answer.status_code, answer.url) == (302, "/guidance/rp/?version=1")

    @pytest.mark.parametrize("slug", ["none", "rp"])
    def test_what_one_does_not_see_is_not_there(self, site, as_person, item, slug):
        who = site.outsider if slug == "rp" else site.coder
        answer = as_person(who).get(f"/items/{item.pk}/guidance/{slug}/", **HTMX)
        assert answer.status_code == 404
        assert not Event.objects.filter(action="read.item").exists()

    def test_what_is_cited_can_be_read_from_its_field(self, site, as_person):
        site.queue.template = EvidenceTemplateFactory(fields=[RULE, *FIELDS])
        site.queue.save()
        make_guidance("rp", OLD, NEW, name="RP-114")
        held = take(open_item(site.queue, site.facility, service_on=SERVED), site.coder)
        client = as_person(site.coder)
        address = f'hx-get="/items/{held.pk}/guidance/rp/?version=1"'
        assert address not in text_of(client.get(f"/items/{held.pk}/"))
        client.post(
            f"/items/{held.pk}/save/",
            {"version": fresh(held).version, "rule__source": "rp@1", **GOOD},
        )
        assert address in text_of(client.get(f"/items/{held.pk}/"))

    def test_none_is_said(self, site, as_person, held):
        page = text_of(as_person(site.coder).get(f"/items/{held.pk}/"))
        assert "No guidance is kept for this queue, payer and specialty." in page


class TestTheShelf:
    """Every source, found by words and by what it counts for."""

    @pytest.fixture(autouse=True)
    def sources(self, payer):
        make_guidance("rp", OLD, NEW, name="RP-114", payer=payer, kind="payer_policy")
        make_guidance("bones", OLD, name="Bones", specialty="Orthopedics")
        make_guidance("old", OLD, name="Overlooked", review_on=date(2026, 1, 1))
        make_guidance("gone", OLD, name="Laid down", retired_on=NEW)
        add_version("bones", "Name the implant’s lot number.")

    def found(self, client, query: str) -> set[str]:
        page = client.get(f"/guidance/?{query}").content.decode()
        names = {"RP-114", "Bones", "Overlooked", "Laid down"}
        return {name for name in names if f">{name}</a>" in page}

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", {"RP-114", "Bones", "Overlooked"}),
            ("q=implant+NUMBER", {"Bones"}),
            ("q=implant+absent", set()),
            ("q=rp-114", {"RP-114"}),
            ("q=100%25", set()),
            ("kind=payer_policy", {"RP-114"}),
            ("kind=nonsense", {"RP-114", "Bones", "Overlooked"}),
            ("payer=meridian", {"RP-114"}),
            ("payer=everybody", {"Bones", "Overlooked"}),
            ("specialty=Orthopedics", {"Bones"}),
            ("specialty=everybody", {"RP-114", "Overlooked"}),
            ("stale=1", {"Overlooked"}),
            ("retired=1", {"Laid down"}),
        ],
    )
    def test_what_is_looked_for_is_found(self, site, as_person, query, names):
        assert self.found(as_person(site.coder), query) == names

    def test_it_says_what_holds_today_and_what_is_stale(self, site, as_person):
        page = text_of(as_person(site.coder).get("/guidance/"))
        assert "3 sources, 1 to be looked at again." in page
        assert 'Version 2 <span class="two">since Jul 1, 2026' in page
        assert "Write in set-up" not in page
        own = text_of(as_person(site.administrator).get("/guidance/"))
        assert "Write in set-up" in own

    def test_nothing_found_says_what_to_do(self, site, as_person):
        page = text_of(as_person(site.coder).get("/guidance/?q=xyz"))
        assert "Nothing found" in page

    def test_more_sources_cost_no_more(
        self, site, as_person, django_assert_num_queries
    ):
        client = as_person(site.coder)
        client.get("/guidance/")
        with django_assert_num_queries(8) as first:
            client.get("/guidance/")
        for number in range(3):
            make_guidance(f"more-{number}", OLD, NEW)
        with django_assert_num_queries(len(first)):
            client.get("/guidance/")

    def test_it_is_found_from_the_rules(self, site, as_person):
        assert 'href="/guidance/"' in text_of(as_person(site.coder).get("/rules/"))

    def test_a_source_shows_its_versions_and_what_changed(self, site, as_person):
        client = as_person(site.coder)
        page = text_of(client.get("/guidance/bones/"))
        said, _, versions = page.partition('id="versions"')
        assert "Name the implant’s lot number." in said
        assert "In force today" in said
        assert "<ins>Name</ins>" in versions
        assert "<del>In</del>" in versions
        earlier = text_of(client.get("/guidance/bones/?version=1"))
        assert "In our own words." in earlier.partition('id="versions"')[0]
        assert "No longer in force today" in earlier

    def test_a_retired_one_is_read_and_said_to_be(self, site, as_person):
        page = text_of(as_person(site.auditor).get("/guidance/gone/"))
        assert "cited no more" in page

    def test_one_without_a_version_says_so(self, site, as_person):
        make_guidance("fresh")
        page = text_of(as_person(site.coder).get("/guidance/fresh/"))
        assert "No version yet" in page

    def test_no_such_source(self, site, as_person):
        assert as_person(site.coder).get("/guidance/none/").status_code == 404


def test_a_version_is_in_force_on_the_day_of_the_site_wherever_one_reads(
    site, as_person
):
    """The evening of the 23rd in New York is the 24th in UTC and in Berlin."""
    make_guidance("night", date(2026, 11, 1), date(2026, 11, 24))
    item = take(open_item(site.queue, site.facility), site.coder)
    User.objects.filter(pk=site.coder.pk).update(time_zone="Europe/Berlin")
    client = as_person(site.coder)
    versions = []
    for hour, day in ((1, 24), (6, 24)):  # 20:00 and 01:00 in New York
        with at(datetime(2026, 11, day, hour, tzinfo=UTC)):
            number = offered_to(item)[0].today_number
            [line] = client.get("/api/v1/guidance/").json()["results"]
            assert line["in_force"] == number
            assert f"Version {number}" in text_of(client.get("/guidance/"))
            versions.append(number)
    assert versions == [1, 2]
