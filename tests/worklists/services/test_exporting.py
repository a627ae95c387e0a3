"""Files that leave: no cell runs, nothing is given out without its event."""

import csv
import hashlib
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from tests.factories import person
from worklists.enums import Role
from worklists.errors import BadInput
from worklists.models import Event
from worklists.selectors import exports
from worklists.services.exporting import export_rows

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
EVIL = (
    *('=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)", "|calc", "%0A"),
    *("\t=1+1", "\r=1+1", "\n=1+1", "\t", "  =1+1", "\u00a0@SUM(A1)", "\t-2+3"),
    *("＝1+1", "＋1", "－1", "＠SUM(A1)"),
)
NUMBERS = (0, -3, 12, Decimal("-12.50"), Decimal("0.00"), 0.5, -0.25)


@pytest.fixture
def actor(db):
    """A coder."""
    return person(Role.CODER)


def export(actor, rows, form="csv", **more):
    """Export rows of one column; return the export and its bytes."""
    asked = {"what": "items", "columns": ["It"], "filters": {}} | more
    given = export_rows(actor=actor, rows=rows, form=form, **asked)
    with given.file:
        return given, given.file.read()


def text_of(actor, rows):
    """Return rows as the text of a CSV."""
    return export(actor, rows)[1].decode("utf-8-sig")


def sheet_of(actor, rows):
    """Return rows as the sheet of a workbook."""
    return load_workbook(io.BytesIO(export(actor, rows, "xlsx")[1])).active


@pytest.mark.parametrize("evil", EVIL)
def test_no_cell_of_a_csv_runs_as_a_formula(actor, evil):
    text = io.StringIO(text_of(actor, [[evil]]), newline="")
    [_, [cell]] = csv.reader(text)

    assert cell.startswith("'")
    assert cell.replace("\\|", "|") == f"'{evil}"


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_stay_numbers(actor, number):
    assert text_of(actor, [[number]]).splitlines()[1] == str(number)
    cell = sheet_of(actor, [[number]])["A2"]
    assert (cell.data_type, Decimal(str(cell.value))) == ("n", Decimal(str(number)))


@pytest.mark.parametrize("text", ["O'Neil", "a=b", "10-12", "x@y.example", "Ana +1"])
def test_what_is_no_formula_leaves_as_it_is(actor, text):
    assert text_of(actor, [[text]]).splitlines()[1] == text


@pytest.mark.parametrize("evil", EVIL)
def test_no_head_of_a_column_runs_either(actor, evil):
    sheet = load_workbook(
        io.BytesIO(export(actor, [], "xlsx", columns=[evil])[1])
    ).active
    assert sheet["A1"].data_type == "s"
    head = export(actor, [], columns=[evil])[1].decode("utf-8-sig")
    assert head.lstrip('"').startswith("'")


@pytest.mark.parametrize("evil", EVIL)
def test_no_cell_of_a_workbook_runs_as_a_formula(actor, evil):
    cell = sheet_of(actor, [[evil]])["A2"]

    assert cell.data_type == "s"
    assert cell.value.replace("\r", "\n") == evil.replace("\r", "\n")


def test_values_keep_their_kind(actor):
    at = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
    row = [12, Decimal("1200.50"), at, date(2026, 11, 2), None, "Muñoz\x00"]

    text, sheet = text_of(actor, [row]), sheet_of(actor, [row])

    assert text.splitlines()[1].split(",")[:5] == [
        *("12", "1200.50", "2026-11-02T02:30:00-06:00", "2026-11-02", "")
    ]
    found = [cell.value for cell in sheet[2]]
    assert [str(value) for value in found[2:4]] == [
        *("2026-11-02 02:30:00", "2026-11-02 00:00:00")
    ]
    assert found[:2] + found[4:] == [12, 1200.5, None, "Muñoz"]
    assert [cell.number_format for cell in sheet[2]][1:4] == [
        *('"$"#,##0.00', "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd")
    ]
    assert [cell.is_date for cell in sheet[2]][1:4] == [False, True, True]


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("America/New_York", "2026-11-02T03:30:00-05:00"),
        ("America/Phoenix", "2026-11-02T01:30:00-07:00"),
        ("UTC", "2026-11-02T08:30:00+00:00"),
    ],
)
def test_moments_are_those_of_the_persons_clock_with_the_offset(actor, zone, said):
    actor.time_zone = zone
    row = [datetime(2026, 11, 2, 8, 30, tzinfo=UTC)]

    assert text_of(actor, [row]).splitlines()[1] == said
    book = load_workbook(io.BytesIO(export(actor, [row], "xlsx")[1]))
    assert book["Rows"]["A2"].value == datetime.fromisoformat(said).replace(tzinfo=None)
    assert book["About"]["A1"].value == f"Times are those of the clock in {zone}."


def test_a_workbook_opens_ready_to_work_with(actor):
    columns = ["Item", "Dollars", "Opened on that day"]
    rows = [["DN-1", Decimal("1.00"), date(2026, 11, 2)], ["x" * 200, None, None]]

    body = export(actor, rows, "xlsx", columns=columns)[1]

    sheet = load_workbook(io.BytesIO(body)).active
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:C3")
    widths = [sheet.column_dimensions[name].width for name in "ABC"]
    assert widths == [60, 15, 22]
    assert [cell.font.b for cell in sheet[1]] == [True, True, True]


def test_a_workbook_of_no_rows_has_its_head_and_no_sheet_of_zones(actor):
    book = load_workbook(io.BytesIO(export(actor, [], "xlsx")[1]))

    assert book.sheetnames == ["Rows"]
    assert [cell.value for cell in book["Rows"][1]] == ["It"]
    assert book["Rows"].auto_filter.ref == "A1:A1"


def test_a_day_before_spreadsheets_count_stays_text(actor):
    assert sheet_of(actor, [[date(1850, 2, 3)]])["A2"].value == "1850-02-03"


def test_what_a_workbook_holds_beyond_the_rows_looked_at(actor):
    rows = [[n] for n in range(450)]

    sheet = sheet_of(actor, rows)

    assert [cell.value for cell in sheet["A"]] == ["It", *range(450)]


def test_the_event_carries_the_hash_of_exactly_what_is_given_out(actor):
    given, body = export(actor, [["a"], ["b"]], filters={"state": "open"})

    event = Event.objects.get(action="export.rows", actor=actor)
    assert json.loads(event.facts) == {
        "what": "items",
        "form": "csv",
        "rows": 2,
        "sha256": hashlib.sha256(body).hexdigest(),
        "filters": {"state": "open"},
    }
    assert given.rows == 2


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_as_many_rows_as_a_file_holds_go_and_one_more_does_not(
    actor, monkeypatch, form
):
    monkeypatch.setattr(exports, "MOST_ROWS", 2)

    assert export(actor, [["a"], ["b"]], form)[0].rows == 2
    with pytest.raises(BadInput, match="more than 2 rows") as refused:
        export(actor, [["a"], ["b"], ["c"]], form)

    assert refused.value.code == "too_many_rows"
    assert Event.objects.filter(action="export.rows").count() == 1


def test_rows_are_asked_for_one_by_one(actor, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 3)
    asked = []

    def endless():
        while True:
            asked.append(1)
            yield ["x"]

    with pytest.raises(BadInput):
        export(actor, endless())
    assert len(asked) == 4


def test_an_unknown_form_is_refused(actor):
    with pytest.raises(BadInput, match="csv or xlsx"):
        export(actor, [], "pdf")
    assert not Event.objects.exists()


def test_an_empty_list_gives_its_head(actor):
    assert text_of(actor, []) == "It\r\n"
