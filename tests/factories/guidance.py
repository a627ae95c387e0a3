"""Guidance with versions."""

from datetime import UTC, date, datetime

from worklists.models import Guidance, GuidanceVersion

REVIEW_ON = date(2027, 1, 15)


def make_guidance(slug: str, *since: date, **more) -> Guidance:
    """Return a source with one version from each of these days on."""
    source = Guidance.objects.create(
        slug=slug,
        **{"name": slug.title(), "kind": "playbook", "review_on": REVIEW_ON, **more},
    )
    for number, day in enumerate(since, start=1):
        GuidanceVersion.objects.create(
            guidance=source,
            number=number,
            effective_from=day,
            source="Manual, chapter 1",
            body="In our own words.",
            checked_on=day,
            written_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
    return source
