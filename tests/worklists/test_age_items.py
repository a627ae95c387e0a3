"""``age_items``: one sweep from the command line."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.worklists.services.test_aging import refuse_updates_of
from tests.worklists.services.timekeeping import (
    DAY,
    HOUR,
    MONDAY,
    actions,
    held,
    opened,
    pend,
    read,
    timed_site,
)
from worklists.context import now
from worklists.models import Escalation, Event, Installation

pytestmark = pytest.mark.django_db
WEEK_LATER = "2026-03-09T08:00:00-05:00"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("age_items", *arguments, stdout=out)
    return out.getvalue()


def test_json_says_when_and_what_by_kind() -> None:
    site = timed_site()
    opened(site)
    pend(site.coder, held(site), MONDAY, MONDAY + DAY)
    assert json.loads(run("--json", "--at", WEEK_LATER)) == {
        "at": WEEK_LATER,
        "changes": {
            "reaged": 1, "resumed": 1, "released": 0, "escalated": 6, "failed": 0,
            "review_overdue": 0, "left_to_people": 0,
        },
    }  # fmt: skip


def test_the_table_says_it_in_words() -> None:
    opened(timed_site())
    assert run("--at", WEEK_LATER).splitlines() == [
        "       1  re-aged",
        "       0  came back from deferral",
        "       0  released after no work",
        "       0  lie idle and are left to people",
        "       3  ladder steps fired",
        "       0  reviews escalated that nobody decided in their time",
        "       0  could not be brought up to date",
    ]


def test_acts_are_dated_by_the_time_given() -> None:
    item = opened(timed_site())
    run("--at", WEEK_LATER)
    event = Event.objects.filter(action="item.ladder_fired").first()
    assert event.occurred_at.isoformat() == "2026-03-09T13:00:00+00:00"
    assert event.recorded_at > event.occurred_at
    assert Escalation.objects.filter(item=item).count() == 3


def test_without_a_time_it_is_now() -> None:
    before = now()
    item = opened(timed_site(), before - 20 * DAY)
    said = json.loads(run("--json"))
    assert said["changes"]["escalated"] == 3
    assert said["at"] >= before.isoformat()
    assert actions(item)[-1] == "item.ladder_fired"


def test_a_second_run_changes_nothing() -> None:
    opened(timed_site())
    run("--at", WEEK_LATER)
    changes = json.loads(run("--json", "--at", WEEK_LATER))["changes"]
    assert set(changes.values()) == {0}


def test_a_real_site_takes_no_time_from_outside() -> None:
    item = opened(timed_site())
    Installation.objects.update(purpose="production")
    with pytest.raises(CommandError, match="demo or test database only"):
        run("--at", WEEK_LATER)
    assert actions(item) == ["item.opened"]
    assert read(item).age_bucket == 0


@pytest.mark.parametrize("text", ["soon", "2026-03-09T08:00:00", "2026-13-01T00:00Z"])
def test_a_time_that_cannot_be_read_is_wrong_usage(text: str) -> None:
    item = opened(timed_site())
    with pytest.raises(CommandError, match="is no time"):
        run("--at", text)
    assert actions(item) == ["item.opened"]


def test_an_item_that_failed_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    site = timed_site()
    item = pend(site.coder, held(site), MONDAY, MONDAY + HOUR)
    with refuse_updates_of(item), pytest.raises(SystemExit) as ended:
        run("--at", (MONDAY + 2 * HOUR).isoformat())
    assert ended.value.code == 1
    assert "failed item" in capsys.readouterr().err
