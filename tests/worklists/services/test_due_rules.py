"""Approved rules begin on their day; one that cannot is told to people, the rest begin."""

from datetime import date, datetime

import pytest
import time_machine
from django.db import IntegrityError, OperationalError

from tests.factories import grant, make_site, person
from tests.worklists.services.timekeeping import issue_queue
from worklists.enums import Role, RuleKind, RuleState
from worklists.errors import Conflict
from worklists.models import BusinessCalendar, RuleVersion, WorkItem
from worklists.selectors import rules as selectors
from worklists.services import rules
from worklists.services.due_rules import begin_due

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
NOON = datetime.fromisoformat("2026-11-23T18:00:00+00:00")
DAY = date(2026, 11, 25)
ON_THE_DAY = datetime.fromisoformat("2026-11-25T18:00:00+00:00")


@pytest.fixture
def site(db):
    """A small site with a calendar and a service level that change on a later day."""
    site = make_site()
    site.second = person(Role.MANAGER, username="second")
    grant(site.second, site.queue, "manage")
    site.slugs = {
        RuleKind.CALENDAR: site.facility.calendar.slug,
        RuleKind.SLA: site.queue.sla_policy.slug,
    }
    with time_machine.travel(NOON, tick=False):
        site.reports = issue_queue(site)
        grant(site.manager, site.reports, "manage")
        for kind, slug in site.slugs.items():
            content = selectors.live_content(kind, slug) | {"name": "Changed"}
            asked = {"kind": kind, "slug": slug}
            version = rules.propose(
                actor=site.administrator,
                content=content,
                effective_from=DAY,
                reason="So it is.",
                **asked,
            )
            rules.approve(actor=site.second, number=version.number, **asked)
    return site


def begin():
    """Let the worker begin what is due on the day."""
    with time_machine.travel(ON_THE_DAY, tick=False):
        return begin_due()


def states():
    """Return the state of each second version by its kind of rule."""
    rows = RuleVersion.objects.filter(number=2)
    return dict(rows.values_list("rule__kind", "state"))


def break_calendars(monkeypatch, fault):
    """Let no calendar begin."""
    work = rules.put_to_work

    def refuse(version):
        if version.rule.kind == RuleKind.CALENDAR:
            raise fault
        return work(version)

    monkeypatch.setattr(rules, "put_to_work", refuse)


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (TypeError("broken"), "TypeError"),
        (IntegrityError("broken"), "IntegrityError"),
        (Conflict("No.", code="no"), "no"),
    ],
)
def test_one_that_fails_is_reported_once_and_the_others_begin(
    site, monkeypatch, fault, cause
):
    break_calendars(monkeypatch, fault)

    assert (begin(), begin()) == (1, 0)

    assert states() == {"calendar": RuleState.APPROVED, "sla": RuleState.IN_FORCE}
    report = WorkItem.objects.get(kind="issue_report")
    assert (report.queue, report.reason_code) == (site.reports, "rule_failed")
    slug = site.slugs[RuleKind.CALENDAR]
    assert report.reason_label == (
        f"Calendar {slug}, version 2 could not begin ({cause})"
    )


def test_it_is_reported_again_once_the_report_has_ended(site, monkeypatch):
    break_calendars(monkeypatch, TypeError("broken"))
    begin()
    WorkItem.objects.filter(kind="issue_report").update(state="completed")

    begin()

    assert WorkItem.objects.filter(kind="issue_report").count() == 2


def test_the_log_says_where_it_failed_and_not_with_which_words(
    site, monkeypatch, caplog
):
    break_calendars(monkeypatch, TypeError("Jane Doe"))

    begin()

    [line] = [r.getMessage() for r in caplog.records if "rule version" in r.msg]
    assert "TypeError" in line
    assert "in refuse" in line
    assert "Jane Doe" not in line


@pytest.mark.parametrize("fault", [OperationalError("gone"), TimeoutError("over")])
def test_a_lost_connection_or_a_time_that_is_over_ends_the_run(
    site, monkeypatch, fault
):
    break_calendars(monkeypatch, fault)

    with pytest.raises(type(fault)), time_machine.travel(ON_THE_DAY, tick=False):
        begin_due(ending=(TimeoutError,))

    assert not WorkItem.objects.filter(kind="issue_report").exists()


def test_a_change_beside_the_page_since_the_approval_is_not_written_over(site):
    slug = site.slugs[RuleKind.CALENDAR]
    BusinessCalendar.objects.filter(slug=slug).update(name="By hand")

    assert begin() == 1

    assert BusinessCalendar.objects.get(slug=slug).name == "By hand"
    assert states() == {"calendar": RuleState.APPROVED, "sla": RuleState.IN_FORCE}
    report = WorkItem.objects.get(kind="issue_report")
    assert report.reason_label == (
        f"Calendar {slug}, version 2 could not begin (changed_since)"
    )
