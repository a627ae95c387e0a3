"""Verification looks for the files of evidence, and reads some of them each day."""

import json
from datetime import date, timedelta

import pytest

from audits.services.file_checks import ROUND, check_files
from audits.services.verification import verify_trail
from tests.factories import make_site, open_item, take
from worklists.services.attachments import NewFile, attach
from worklists.services.uploads import place_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(settings, tmp_path):
    """A site with an item in hand."""
    settings.MEDIA_ROOT = tmp_path
    made = make_site()
    made.item = take(open_item(made.queue, made.facility), made.coder)
    return made


@pytest.fixture
def row(site):
    """A text file on the item."""
    file = NewFile([b"Seen at noon.\n"], "note.txt", "note", "EHR")
    return attach(item_id=site.item.pk, actor=site.coder, file=file).attachment


def test_every_file_has_its_turn_on_work_days_alone():
    days = (date(2026, 1, 1) + timedelta(days=n) for n in range(366))
    worked = [day for day in days if day.weekday() < 5]
    assert {day.toordinal() % ROUND for day in worked} == set(range(ROUND))


def test_verification_names_the_item_of_what_is_gone(site, row):
    assert verify_trail().faults == []
    place_of(row.sha256).unlink()
    verdict = verify_trail()
    [fault] = verdict.faults
    assert (fault.code, fault.subject, fault.message) == (
        "file_gone", f"item:{site.item.pk}", f"file {row.pk} is missing from the store"
    )  # fmt: skip
    assert json.dumps(verdict.as_json())


def test_every_file_is_read_once_in_a_round(site, row):
    place_of(row.sha256).write_bytes(b"Seen at ten!!\n")
    days = [date(2026, 3, 2) + timedelta(days=n) for n in range(ROUND)]
    found = [check_files(day) for day in days]
    assert [one.files for one in found] == [1] * ROUND
    assert sum(one.read for one in found) == 1
    assert [len(one.faults) for one in found] == [one.read for one in found]
