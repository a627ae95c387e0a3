"""A log line is one JSON object with its request, and without what it must not say."""

import json
import logging
import sys

import pytest

from config import logs

pytestmark = pytest.mark.unit


def line(**extra):
    record = logging.LogRecord("a.b", logging.INFO, "f", 1, "%s done", ("sweep",), None)
    vars(record).update(extra)
    return json.loads(logs.JsonFormatter().format(record))


def test_line_has_time_level_logger_and_message():
    found = line(created=1_795_302_000.5)
    assert found == {
        "time": "2026-11-21T23:00:00.500000+00:00",
        "level": "INFO",
        "logger": "a.b",
        "message": "sweep done",
    }


def test_line_carries_extras_and_writes_strange_ones_as_text():
    found = line(batch=7, where={1}, who=logs)
    assert found["batch"] == 7
    assert found["where"] == "{1}"


@pytest.mark.parametrize("name", ["request", "sql", "params", "data"])
def test_line_never_says_what_could_be_patient_data(name):
    assert name not in line(**{name: "Doe, Jane"})


def test_line_names_its_request():
    token = logs.request_id.set("abc")
    try:
        assert line()["request_id"] == "abc"
    finally:
        logs.request_id.reset(token)


def fail():
    raise ValueError("two\nlines")


def test_line_stays_one_line_with_an_exception():
    try:
        fail()
    except ValueError:
        record = logging.makeLogRecord({"exc_info": sys.exc_info()})
    written = logs.JsonFormatter().format(record)
    assert "\n" not in written
    assert "ValueError: two\nlines" in json.loads(written)["exception"]


def test_a_traceback_leaves_out_the_row_that_the_database_quotes():
    said = "duplicate key\nDETAIL:  Key (name)=(DOE) exists.\nHINT: none"
    try:
        raise ValueError(said)  # noqa: TRY301 - a traceback is wanted
    except ValueError:
        record = logging.LogRecord("x", 40, "f", 1, "m", (), sys.exc_info())
    text = json.loads(logs.JsonFormatter().format(record))["exception"]
    assert "DOE" not in text
    assert "DETAIL: left out" in text
    assert "HINT: none" in text
