"""axe-core on every page, with rows and empty, light and dark: nothing found.

The pages most people have open all day are asked with every change; all of them, and
the dark theme, with the heavy tests.
"""

from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.factories.guidance import make_guidance
from tests.journeys.clinic import answers_of, item_of, make_clinic
from worklists.models import IngestBatch, WorkItem
from worklists.services.perform import perform
from worklists.services.reassigning import reassign

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
}
# The themes differ in colours alone, so the dark one is asked for those.
THEMES = {
    "light": RULES,
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast"]}},
}


@pytest.fixture
def clinic(transactional_db, tmp_path, settings):
    """A site with an item in review, one in hand that is escalated, and notices."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    clinic = make_clinic(tmp_path)
    small = item_of("2026-0814-4472")
    perform(
        item_id=small.pk, action="claim", actor=clinic.apprentice, expected_version=1
    )
    perform(
        item_id=small.pk,
        action="submit",
        actor=clinic.apprentice,
        expected_version=2,
        evidence=answers_of(
            small, "It is included in the other service, page 3 says so."
        ),
    )
    large = item_of("2026-0814-4471")
    perform(
        item_id=large.pk, action="claim", actor=clinic.apprentice, expected_version=1
    )
    perform(
        item_id=large.pk,
        action="escalate",
        actor=clinic.apprentice,
        expected_version=2,
        reason="Which system counts?",
        options={"tell": "manager"},
    )
    return clinic


EVERY = frozenset({"minor", "moderate", "serious", "critical", None})
GRAVE = frozenset({"serious", "critical"})


def faults(
    page, path: str, *, impacts=EVERY, themes=tuple(THEMES), **options
) -> list[str]:
    """Return what axe finds on a page, in these themes."""
    found = []
    page.emulate_media(reduced_motion="reduce")
    answer = page.goto(path)
    assert answer.status < 500, (path, answer.status)
    for theme in themes:
        rules = THEMES[theme]
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        seen = Axe().run(page, options=rules | options).response["violations"]
        for violation in (one for one in seen if one["impact"] in impacts):
            where = violation["nodes"][0]["html"][:160]
            found.append(f"{path} {theme} {violation['id']}: {where}")
    return found


def walk(page, paths, themes=tuple(THEMES)) -> list[str]:
    """Return what axe finds on these pages."""
    return [fault for path in paths for fault in faults(page, path, themes=themes)]


def test_pages_without_anybody(page, transactional_db):
    assert walk(page, ["/login/", "/logged-out/", "/logged-out/?idle=1"]) == []


@pytest.mark.heavy
def test_what_is_open_all_day(clinic, signed_in):
    item = item_of("2026-0814-4471")
    paths = ["/", f"/queues/{clinic.queue.slug}/", f"/items/{item.pk}/"]
    assert walk(signed_in(clinic.apprentice), paths, themes=["light"]) == []
    small = item_of("2026-0814-4472")
    paths = ["/manage/", f"/review/{small.pk}/"]
    assert walk(signed_in(clinic.manager), paths[:1], themes=["light"]) == []
    assert walk(signed_in(clinic.reviewer), paths[1:], themes=["light"]) == []


@pytest.mark.heavy
def test_the_coders_pages(clinic, signed_in):
    item = item_of("2026-0814-4471")
    exception = WorkItem.objects.get(kind="ingest_exception")
    page = signed_in(clinic.apprentice)

    paths = [
        *("/", "/mine/", "/returned/", "/queues/", "/inbox/", "/search/", "/password/"),
        *(
            f"/queues/{clinic.queue.slug}/",
            f"/queues/{clinic.queue.slug}/?payer=nobody",
        ),
        *(f"/items/{item.pk}/", f"/items/{exception.pk}/", "/items/999999/"),
        *("/guidance/", "/guidance/?q=nothing", "/guidance/rp/"),
    ]
    make_guidance("rp", date(2025, 1, 1), date(2026, 7, 1), review_on=date(2026, 1, 1))
    assert walk(page, paths) == []


@pytest.mark.heavy
def test_the_coders_dialogs(clinic, signed_in):
    page = signed_in(clinic.apprentice)
    page.goto(f"/items/{item_of('2026-0814-4471').pk}/")

    for dialog in ("acts", "pend", "escalate"):
        page.evaluate(f"document.getElementById('{dialog}').showModal()")
        found = Axe().run(page, options=RULES).response["violations"]
        assert [v["id"] for v in found] == [], dialog
        page.evaluate(f"document.getElementById('{dialog}').close()")


@pytest.mark.heavy
def test_what_the_rules_say(clinic, signed_in):
    make_guidance("rp", date(2025, 1, 1), date(2026, 7, 1))
    page = signed_in(clinic.apprentice)
    page.goto(f"/items/{item_of('2026-0814-4471').pk}/")
    page.locator(".ct-terms summary").first.click()
    page.keyboard.press("p")
    page.locator("dialog#guidance summary").first.click()
    for theme, rules in THEMES.items():
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        found = Axe().run(page, options=rules).response["violations"]
        assert [v["id"] for v in found] == [], theme


@pytest.mark.heavy
def test_the_seniors_pages(clinic, signed_in):
    small = item_of("2026-0814-4472")
    page = signed_in(clinic.reviewer)

    assert walk(page, ["/", f"/review/{small.pk}/", f"/items/{small.pk}/"]) == []
    perform(
        item_id=small.pk, action="approve", actor=clinic.reviewer, expected_version=3
    )
    assert walk(page, ["/review/"]) == []


@pytest.mark.heavy
def test_the_managers_pages(clinic, signed_in):
    batch = IngestBatch.objects.get()
    page = signed_in(clinic.manager)

    paths = ["/", "/manage/", "/ingest/", f"/ingest/{batch.pk}/", "/inbox/"]
    assert walk(page, paths) == []


@pytest.mark.heavy
def test_pages_of_auditor_and_administrator(clinic, signed_in):
    assert walk(signed_in(clinic.auditor), ["/", "/audit/"]) == []
    assert walk(signed_in(clinic.administrator), ["/", "/ingest/", "/manage/"]) == []


@pytest.mark.heavy
def test_pages_of_acts_on_many(clinic, signed_in):
    done = reassign(
        actor=clinic.manager,
        chosen=[item_of("2026-0814-4471").pk],
        to="okafor",
        reason="She knows the payer.",
    )
    assert done.act is None  # a reviewer works no queue: nothing to take back
    done = reassign(
        actor=clinic.manager, chosen=[item_of("2026-0814-4471").pk], to="pool"
    )
    page = signed_in(clinic.manager)
    assert walk(page, ["/bulk-acts/", f"/bulk-acts/{done.act.pk}/"]) == []
    taken = item_of("2026-0814-4471")  # in hand, or there is nothing to defer
    perform(
        item_id=taken.pk,
        action="claim",
        actor=clinic.apprentice,
        expected_version=taken.version,
    )

    for button, choose in (
        ("Assign", lambda: page.locator("[name=pool]").check()),
        ("Priority", lambda: page.locator("[name=level]").select_option("raised")),
        ("Defer", lambda: page.locator("[name=reason_code]").select_option("payer")),
    ):
        page.goto(f"/queues/{clinic.queue.slug}/?assignee=any")
        page.locator("tr", has_text=taken.number).locator("[name=items]").check()
        page.locator(".ct-bulk").get_by_role("button", name=button).click()
        page.wait_for_url("**/items/bulk/**")
        found = Axe().run(page, options=RULES).response["violations"]
        choose()
        page.wait_for_load_state("networkidle")
        found += Axe().run(page, options=RULES).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == [], button


SET_UP = "/admin/worklists"


@pytest.mark.heavy
def test_set_up(clinic, signed_in):
    """Django's pages in our colours: nothing serious, at the narrowest desk."""
    page = signed_in(clinic.administrator)
    page.set_viewport_size({"width": 1024, "height": 768})
    person, team = clinic.apprentice.pk, clinic.queue.team_id
    paths = [
        *("/user/", "/user/?q=nobody", "/user/add/", "/team/add/", "/absence/add/"),
        *(f"/user/{person}/change/", f"/user/{person}/password/"),
        *(f"/user/{person}/history/", f"/team/{team}/change/", "/clearancegrant/"),
        *("/businesscalendar/add/", f"/queue/{clinic.queue.pk}/change/"),
    ]
    # Axe would copy Django's style sheets into the page, which our policy forbids.
    found = faults(page, "/admin/", impacts=GRAVE, preload=False)
    for path in paths:
        found += faults(page, f"{SET_UP}{path}", impacts=GRAVE, preload=False)
    assert found == []


@pytest.mark.heavy
def test_empty_pages(transactional_db, signed_in):
    from tests.factories import make_site

    site = make_site()
    paths = ["/", "/mine/", "/returned/", "/queues/", "/inbox/"]
    assert walk(signed_in(site.outsider), paths) == []
    assert walk(signed_in(site.manager), ["/", "/manage/", "/ingest/"]) == []
