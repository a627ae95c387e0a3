"""``manage.py appeal_deadline``: the contract's shape, its exit codes, its warnings."""

import json
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from denials.models import AppealProfile
from denials.services.profiles import load_shipped_profiles
from tests.factories import CalendarFactory, FacilityFactory
from tests.factories.profiles import make_profile, make_version
from worklists.services import injected_time

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 11, 22, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _site():
    load_shipped_profiles()
    FacilityFactory(slug="north", is_default=True)


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    code = 0
    try:
        with injected_time.at(TODAY):
            call_command("appeal_deadline", *arguments, stdout=out, stderr=err)
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, out.getvalue(), err.getvalue()


def medicare(level: str, notice: str, *more: str) -> tuple[int, str, str]:
    return run(
        "--json", "--payer-profile", "medicare-ffs", "--level", level,
        "--notice", notice, *more,
    )  # fmt: skip


def test_the_contractors_own_example():
    code, out, err = medicare("1", "2026-05-15")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "due_on": "2026-09-17",
        "act_by": "2026-09-17",
        "start_event": "presumed_receipt",
        "start_on": "2026-05-20",
        "days": 120,
        "basis": "120 calendar days",
        "source": "NGS Medicare, levels of appeals and time limits (42 CFR 405.942)",
        "verified_on": "2026-11-21",
    }


def test_a_receipt_starts_the_days():
    _, out, _ = medicare("2", "2026-05-15", "--received", "2026-05-22")
    said = json.loads(out)
    assert (said["start_event"], said["start_on"]) == ("received", "2026-05-22")
    assert (said["due_on"], said["days"]) == ("2026-11-18", 180)


def test_filing_is_level_0_and_counts_in_months():
    _, out, _ = medicare("0", "2024-02-29")
    said = json.loads(out)
    assert said["due_on"] == said["act_by"] == "2025-02-28"
    assert (said["start_event"], said["days"]) == ("service_through", 365)
    assert said["basis"] == "one calendar year"


def test_a_year_without_a_floor_warns_beside_the_answer():
    code, out, err = medicare("3", "2026-12-20")
    assert code == 0
    assert json.loads(out)["due_on"] == "2027-02-23"
    assert err == "Warning: No floor known for 2027: look it up and propose it.\n"


def test_an_unverified_row_warns_beside_the_answer():
    code, out, err = run(
        "--json", "--payer-profile", "ma-non-contract", "--level", "1",
        "--notice", "2026-05-15",
    )  # fmt: skip
    assert code == 0
    assert json.loads(out)["verified_on"] is None
    assert err.startswith("Warning: Not verified")


def test_the_version_that_holds_for_the_notice_counts():
    first = make_profile("northgate", days=60)
    make_version(
        AppealProfile.objects.get(pk=first.profile_id),
        number=2,
        levels=({"level": 1, "days": 65},),
        effective_from=date(2026, 12, 1),
    )
    days = [
        json.loads(
            run(
                "--json", "--payer-profile", "northgate", "--level", "1",
                "--notice", notice,
            )[1]
        )["days"]
        for notice in ("2026-11-30", "2026-12-01")
    ]  # fmt: skip
    assert days == [60, 65]


def test_business_days_are_those_of_the_facility_named():
    every_day = {str(day): [["08:00", "17:00"]] for day in range(1, 8)}
    calendar = CalendarFactory(weekly_hours=every_day, federal_holidays=False)
    FacilityFactory(slug="always", calendar=calendar)
    found = [
        json.loads(medicare("1", "2026-05-17", *more)[1])["act_by"]
        for more in ((), ("--facility", "always"))
    ]
    assert found == ["2026-09-18", "2026-09-19"]


@pytest.mark.parametrize(
    ("level", "notice", "more", "said"),
    [
        ("1", "2026-05-15", ("--received", "2026-05-14"), "before its notice"),
        ("7", "2026-05-15", (), "has no level 7; it has 0, 1, 2, 3, 4, 5"),
        ("1", "9999-12-30", (), "No deadline can be counted"),
        ("1", "1899-12-30", (), "No version of"),
        ("1", "2026-05-15", ("--facility", "south"), "no facility “south”"),
    ],
)
def test_what_cannot_be_counted_is_exit_1_and_says_why(level, notice, more, said):
    code, out, err = medicare(level, notice, *more)
    assert (code, out) == (1, "")
    assert said in err


def test_an_unknown_profile_names_those_there_are():
    code, out, err = run(
        "--json", "--payer-profile", "acme", "--level", "1", "--notice", "2026-05-15"
    )
    assert (code, out) == (1, "")
    assert "no payer profile “acme”" in err
    assert "medicare-ffs" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--level", "1", "--notice", "2026-05-15"),
        ("--payer-profile", "medicare-ffs", "--level", "1", "--notice", "15 May"),
        ("--payer-profile", "medicare-ffs", "--level", "x", "--notice", "2026-05-15"),
        ("--payer-profile", "medicare-ffs", "--level", "-1", "--notice", "2026-05-15"),
    ],
)
def test_wrong_usage_is_refused_by_the_parser(arguments):
    with pytest.raises(CommandError):  # exit code 2 from the command line
        call_command("appeal_deadline", *arguments)


def test_without_json_the_same_stands_in_lines():
    code, out, _ = run(
        "--payer-profile", "medicare-ffs", "--level", "1", "--notice", "2026-05-15"
    )
    assert code == 0
    assert "      due_on  2026-09-17" in out.splitlines()
