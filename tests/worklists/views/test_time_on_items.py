"""The page counts its person's time quietly and lets them put their own right."""

from datetime import timedelta

import pytest

from tests.factories import open_item
from tests.worklists.views.conftest import HTMX, fresh, submit, text_of
from worklists.context import now
from worklists.models import Event, TeamMember, TimeCorrection, TimeSpell
from worklists.services.injected_time import at
from worklists.services.time_on_items import beat, correct_time

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

WHY = "The chart lay on paper."


def worked(item, user, minutes: int) -> None:
    start = now() - timedelta(minutes=minutes)
    for minute in range(minutes + 1):
        with at(start + timedelta(minutes=minute)):
            beat(item_id=item.pk, actor=user)


def test_a_beat_counts_and_answers_nothing(site, as_person, held):
    client = as_person(site.coder)
    events = Event.objects.count()

    answer = client.post(f"/items/{held.pk}/beat/", **HTMX)

    assert (answer.status_code, answer.content) == (204, b"")
    assert [(s.user, s.item, s.seconds) for s in TimeSpell.objects.all()] == [
        (site.coder, held, 0)
    ]
    assert Event.objects.count() == events
    assert client.get(f"/items/{held.pk}/beat/").status_code == 405


def test_a_beat_of_who_only_reads_is_refused(site, as_person, held):
    for user, status in (
        (site.manager, 403),
        (site.auditor, 403),
        (site.outsider, 404),
    ):
        answer = as_person(user).post(f"/items/{held.pk}/beat/", **HTMX)
        assert answer.status_code == status
    assert not TimeSpell.objects.exists()


def test_the_holders_page_counts_and_says_how_long(site, as_person, held):
    worked(held, site.coder, 12)
    page = text_of(as_person(site.coder).get(f"/items/{held.pk}/"))
    assert f'data-beat-url="/items/{held.pk}/beat/"' in page
    assert ">12 min</button>" in page
    assert 'id="own-time"' in page
    assert "js/beat" in page


def test_who_only_reads_is_not_counted_and_sees_nobodys_time(site, as_person, held):
    worked(held, site.coder, 12)
    for user in (site.manager, site.other_coder):
        page = text_of(as_person(user).get(f"/items/{held.pk}/"))
        assert "data-beat-url" not in page
        assert "12 min<" not in page
        assert 'id="own-time"' not in page


def test_an_auditor_reads_everybodys_time(site, as_person, held):
    worked(held, site.coder, 12)
    page = text_of(as_person(site.auditor).get(f"/items/{held.pk}/"))
    assert f"<b>Time</b> {site.coder} 12 min</span>" in page
    assert "data-beat-url" not in page


def test_the_senior_is_counted_on_the_page_of_the_review(site, as_person):
    item = open_item(site.queue, site.facility)
    submit(site, item)
    page = text_of(as_person(site.reviewer).get(f"/review/{item.pk}/"))
    assert f'data-beat-url="/items/{item.pk}/beat/"' in page
    assert 'name="then" value="review"' in page
    said = {"minutes": 4, "reason": WHY, "then": "review"}
    answer = as_person(site.reviewer).post(f"/items/{item.pk}/time/", said)
    assert answer.headers["Location"] == f"/review/{item.pk}/"


def test_a_correction_shows_in_the_history_with_its_reason(site, as_person, held):
    worked(held, site.coder, 2)
    version = fresh(held).version
    client = as_person(site.coder)

    said = {"minutes": 12, "reason": WHY}
    page = text_of(client.post(f"/items/{held.pk}/time/", said, follow=True))

    assert "Your time on it is 12 minutes now." in page
    words = "corrected their own time on it: “2 to 12 min: The chart"
    assert words in page
    assert ">12 min</button>" in page
    assert fresh(held).version == version


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"minutes": "", "reason": WHY}, "Say how many minutes it was in all."),
        ({"minutes": "1.5", "reason": WHY}, "whole minutes, such as 12"),
        ({"minutes": 2000, "reason": WHY}, "from 0 to 1,440"),
        ({"minutes": 5, "reason": " "}, "Say why"),
    ],
)
def test_a_correction_that_says_too_little_is_refused(
    site, as_person, held, said, words
):
    answer = as_person(site.coder).post(f"/items/{held.pk}/time/", said, **HTMX)
    assert answer.status_code == 400
    assert words in text_of(answer)
    assert not TimeCorrection.objects.exists()


def test_a_persons_page_sets_minutes_beside_what_was_missed(site, as_person):
    items = [open_item(site.queue, site.facility) for _ in range(5)]
    for item, minutes in zip(items, (10, 30, 10, 30, 30), strict=True):
        submit(site, item, by=site.coder)
        worked_on = TimeSpell(item=item, user=site.coder, seconds=minutes * 60)
        worked_on.begun_at = worked_on.last_seen_at = now()
        worked_on.save()
    correct_time(item_id=items[1].pk, actor=site.coder, minutes=20, reason=WHY)

    for user in (site.coder, site.other_coder):
        TeamMember.objects.create(team=site.queue.team, user=user)
    client = as_person(site.manager)
    page = text_of(client.get(f"/manage/people/{site.coder.pk}/"))

    assert "5 completed, median 20 min, 100 min in all" in page
    assert "No random check was decided yet" in page
    other = text_of(client.get(f"/manage/people/{site.other_coder.pk}/"))
    assert "Nothing was completed in the last 30 days." in other


def test_how_long_and_why_is_read_by_the_person_and_auditors_alone(
    site, as_person, held
):
    correct_time(item_id=held.pk, actor=site.coder, minutes=37, reason="Called twice.")
    words = "0 to 37 min: Called twice."
    pages = (f"/items/{held.pk}/", f"/api/v1/items/{held.pk}/trail/")
    for person, reads in (
        *((site.coder, True), (site.auditor, True)),
        *((site.other_coder, False), (site.reviewer, False), (site.manager, False)),
    ):
        client = as_person(person)
        for page in pages:
            said = client.get(page).content.decode()
            assert "corrected their own time" in said
            assert (words in said) is reads
            assert ("37 min" in said) is reads
    for person, reads in ((site.auditor, True), (site.manager, False)):
        for page in (
            f"/audit/?subject=item:{held.pk}",
            f"/api/v1/trail/?subject=item:{held.pk}",
        ):
            said = as_person(person).get(page).content.decode()
            assert ("Called twice." in said) is reads
