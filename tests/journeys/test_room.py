"""Lists and panels fit their page: no column is cut off, nothing vanishes when it is narrow."""

import pytest

from tests.journeys.clinic import item_of, make_clinic
from worklists.models import TeamMember, WorkItem
from worklists.services.perform import perform

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

LARGE = "2026-0814-4471"
LONG = {
    "reason_code": "CO-16 · MA130 · N290, CO-252 · N706",
    "reason_label": "Information missing or billing error, documentation asked for",
}
CUT = "box => box.scrollWidth > box.clientWidth"


@pytest.fixture
def clinic(transactional_db, tmp_path, settings):
    """A site with one file's denials."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return make_clinic(tmp_path)


@pytest.mark.heavy
@pytest.mark.parametrize("path", ["/", "/mine/"])
def test_no_column_of_a_coders_list_is_cut_off(clinic, signed_in, path):
    item = item_of(LARGE)
    perform(
        item_id=item.pk, action="claim", actor=clinic.apprentice, expected_version=1
    )
    WorkItem.objects.filter(pk=item.pk).update(**LONG)
    page = signed_in(clinic.apprentice)
    page.goto(path)
    table = page.locator(".ct-tablewrap", has_text=item.number)

    for width in (1440, 1280, 1024):
        page.set_viewport_size({"width": width, "height": 800})
        assert not table.evaluate(CUT), width


@pytest.mark.heavy
def test_the_list_to_review_stays_when_the_page_is_narrow(clinic, signed_in):
    item = item_of(LARGE)
    part = item.denials.get().pk
    for version, action, evidence in (
        (1, "claim", None),
        (
            2,
            "submit",
            {
                f"decision.{part}": "write_off",
                f"root_cause.{part}": "knowledge",
                "why": "Two sites are documented on page 3.",
                "policy": {"cite": "RP-114", "edition": "2026"},
            },
        ),
    ):
        perform(
            item_id=item.pk,
            action=action,
            actor=clinic.apprentice,
            expected_version=version,
            evidence=evidence,
        )
    page = signed_in(clinic.reviewer)
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(f"/review/{item.pk}/")

    assert page.get_by_role("navigation", name="Review queue").is_visible()
    for button in page.locator(".ct-decisions .btn").all():
        assert not button.evaluate(CUT)


AT_200_PERCENT = {"width": 720, "height": 450}
PAGES = {
    "apprentice": "/ /mine/ /returned/ /queues/ {queue} {item} {item}history/ "
    "{item}answers/ /inbox/ /settings/ /exports/ /search/ /password/ /bulk-acts/",
    "reviewer": "/ /review/ {item} /review/authority/",
    "manager": "/ /manage/ /manage/people/ {person} {person}absence/ /aging/ /rules/ {rule} "
    "{rule}change/ /payer-profiles/ /ingest/ /audit/",
    "auditor": "/ /audit/ /audit/seals/",
    "administrator": "/ /rules/ /payer-profiles/new/ /admin/",
}


@pytest.mark.heavy
@pytest.mark.parametrize("role", sorted(PAGES))
def test_at_200_percent_nothing_lies_beside_the_page(clinic, signed_in, role):
    item = item_of(LARGE)
    perform(
        item_id=item.pk, action="claim", actor=clinic.apprentice, expected_version=1
    )
    WorkItem.objects.filter(pk=item.pk).update(**LONG)
    address = {
        "queue": f"/queues/{clinic.queue.slug}/?assignee=any",
        "item": f"/items/{item.pk}/",
        "person": f"/manage/people/{clinic.apprentice.pk}/",
        "rule": f"/rules/sla/{clinic.queue.sla_policy.slug}/",
    }
    TeamMember.objects.create(team=clinic.queue.team, user=clinic.apprentice)
    page = signed_in(getattr(clinic, role))
    page.set_viewport_size(AT_200_PERCENT)

    wide = []
    for path in PAGES[role].format(**address).split():
        assert page.goto(path).status == 200, path
        if page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        ):
            wide.append(path)
    assert wide == []
