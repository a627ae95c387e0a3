"""Sources in set-up: added in versions, checked, retired."""

from datetime import date

import pytest

from tests.factories.guidance import make_guidance
from tests.worklists.admin.posting import HERE, events
from worklists.models import (
    Guidance,
)

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


class TestGuidance:
    """Sources are added in set-up, in versions, and retired."""

    VERSION = {
        "effective_from": "2026-01-01",
        "effective_to": "",
        "source": "Manual, chapter 1",
        "body": "In our own words.",
        "checked_on": "2026-01-05",
    }

    def form(self, *versions, known=0, **changes):
        """Return what the form of a source posts."""
        posted = {
            "name": "RP-114",
            "slug": "rp-114",
            "kind": "payer_policy",
            "payer": "",
            "specialty": "",
            "review_on": "2027-01-15",
            "versions-TOTAL_FORMS": known + len(versions),
            "versions-INITIAL_FORMS": known,
        }
        for place, version in enumerate(versions, start=known):
            posted |= {f"versions-{place}-{k}": v for k, v in version.items()}
        return posted | changes

    def test_a_source_is_added_with_its_first_version(self, site, admin):
        admin.post(f"{HERE}/guidance/add/", self.form(self.VERSION))
        source = Guidance.objects.get()
        version = source.versions.get()
        assert (source.slug, version.number) == ("rp-114", 1)
        assert version.written_by == site.administrator
        ((_, who, about, _),) = events("setup.added")
        assert (who, about) == ("admin", ("guidance", source.pk))

    def test_a_version_is_added_and_none_is_changed(self, admin):
        source = make_guidance("rp-114", date(2025, 1, 1))
        kept = source.versions.get()
        page = admin.get(f"{HERE}/guidance/{source.pk}/change/")
        assert page.status_code == 200
        assert b"In our own words." in page.content
        posted = self.form(self.VERSION, known=0, name="RP-114, new name")
        answer = admin.post(f"{HERE}/guidance/{source.pk}/change/", posted)
        assert answer.status_code == 302
        numbers = source.versions.order_by("number").values_list("number", "body")
        assert list(numbers) == [(1, kept.body), (2, "In our own words.")]
        source.refresh_from_db()
        assert (source.slug, source.name) == ("rp-114", "RP-114, new name")

    def test_a_check_ahead_of_time_is_said_and_nothing_is_kept(self, admin):
        wrong = self.VERSION | {"checked_on": "2099-01-01"}
        answer = admin.post(f"{HERE}/guidance/add/", self.form(wrong), follow=True)
        assert "It was checked today or before." in answer.content.decode()
        assert not Guidance.objects.exists()

    def test_sources_are_retired_from_the_list(self, admin):
        source = make_guidance("rp-114", date(2025, 1, 1))
        chosen = {"action": "retire", "_selected_action": [source.pk]}
        admin.post(f"{HERE}/guidance/", chosen)
        source.refresh_from_db()
        assert source.retired_on is not None
        again = admin.post(f"{HERE}/guidance/", chosen, follow=True)
        assert "was retired on" in again.content.decode()
