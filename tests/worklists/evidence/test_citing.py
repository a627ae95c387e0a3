"""Citing guidance: the version in force on the date of service, refusals with reasons."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from worklists.evidence import (
    Field,
    Held,
    HeldVersion,
    completed,
    gaps,
    parse_template,
    shape_errors,
    uncitable_gaps,
)

pytestmark = pytest.mark.unit

TODAY = date(2026, 11, 2)
SERVED = date(2026, 3, 5)
OLD = HeldVersion("rp", 1, "RP-114", date(2025, 1, 1), date(2026, 6, 30))
NEW = HeldVersion("rp", 2, "RP-114", date(2026, 7, 1))
HELD = Held({"rp": (OLD, NEW)}, SERVED)
FIELD = Field("rule", "Rule", "policy", required=True)
LENIENT = Field("rule", "Rule", "policy", required=True, not_in_force="with_reason")


def said(answer: Any, held: Held = HELD, field: Field = FIELD) -> str:
    found = gaps([field], {"rule": answer}, {}, on=TODAY, held=held)
    return found[0].message if found else ""


def cite(version: int, **more: Any) -> dict[str, Any]:
    return {"source": "rp", "version": version, **more}


def test_the_version_of_the_day_of_service_carries_the_decision() -> None:
    assert said(cite(1)) == ""


def test_another_version_is_refused_and_the_right_one_named() -> None:
    assert said(cite(2)) == (
        "Version 2 of “RP-114” was not in force on 03/05/2026, version 1 was. "
        "Cite version 1."
    )
    assert said(cite(2, reason="Applied backwards.")) != ""


def test_where_the_form_allows_it_another_version_takes_a_reason() -> None:
    assert said(cite(2), field=LENIENT).endswith("Say why it is cited all the same.")
    assert said(cite(2, reason=" "), field=LENIENT) != ""
    assert said(cite(2, reason="It applies backwards."), field=LENIENT) == ""


def test_without_a_date_of_service_today_counts() -> None:
    undated = Held({"rp": (OLD, NEW)}, None)
    assert said(cite(2), undated) == ""
    assert "was not in force on 11/02/2026, version 2 was" in said(cite(1), undated)


@pytest.mark.parametrize(
    ("day", "fits"),
    [
        (date(2024, 12, 31), False),
        (date(2025, 1, 1), True),
        (date(2026, 6, 30), True),
        (date(2026, 7, 1), False),
    ],
)
def test_both_ends_of_a_version_belong_to_it(day: date, fits: bool) -> None:
    assert (said(cite(1), Held({"rp": (OLD, NEW)}, day)) == "") is fits


def test_before_the_first_version_nothing_is_in_force() -> None:
    early = Held({"rp": (OLD, NEW)}, date(2024, 5, 1))
    assert said({"source": "rp"}, early) == (
        "No version of “rp” was in force on 05/01/2024."
    )
    assert said(cite(1), early).endswith("no version was. Cite another source.")


def test_what_we_do_not_hold_is_named() -> None:
    assert said({"source": "xy"}) == (
        "We hold no source “xy”. Choose one that is offered."
    )
    assert said(cite(9)) == (
        "We hold no version 9 of “rp”. Choose one that is offered."
    )


def test_a_retired_source_is_not_newly_cited_and_stays_where_it_was() -> None:
    retired = {"rp": (OLD._replace(retired_on=date(2026, 8, 1)),)}
    fresh = Held(retired, SERVED, frozenset({"rule"}))
    assert said(cite(1), fresh) == (
        "“RP-114” was retired on Aug\N{NO-BREAK SPACE}1, 2026 and is not cited any more. "
        "Choose another source."
    )
    assert said(cite(1), Held(retired, SERVED)) == ""
    assert [gap.field for gap in uncitable_gaps([FIELD], {"rule": cite(1)}, fresh)] == [
        "rule"
    ]
    assert uncitable_gaps([FIELD], {"rule": cite(1)}, Held(retired, SERVED)) == []


def test_what_is_not_in_force_may_be_saved_though_not_submitted() -> None:
    fresh = Held(HELD.versions, SERVED, frozenset({"rule"}))
    assert uncitable_gaps([FIELD], {"rule": cite(2)}, fresh) == []


def test_a_citation_is_completed_from_what_we_hold() -> None:
    whole = {
        "source": "rp",
        "version": 1,
        "cite": "RP-114",
        "edition": "version 1, since 01/01/2025",
    }
    assert completed({"source": "rp"}, HELD, TODAY) == whole
    assert completed(cite(1, cite="Something else"), HELD, TODAY) == whole
    assert completed(whole, HELD, TODAY) == whole
    why = completed(cite(2, reason=" Backwards. "), HELD, TODAY)
    assert (why["version"], why["reason"]) == (2, "Backwards.")


def test_what_cannot_be_completed_claims_no_words() -> None:
    assert completed(cite(9, cite="Made up"), HELD, TODAY) == cite(9)
    free = {"cite": "Contract, section 6", "edition": "2026"}
    assert completed(free, HELD, TODAY) == free
    assert completed("Contract", HELD, TODAY) == "Contract"


def test_free_words_are_taken_as_before() -> None:
    assert said({"cite": "Contract", "edition": "2026"}, Held()) == ""
    assert said("Contract", Held()) == ""
    assert said({"cite": " "}, Held()) == "Cite the rule or policy this rests on: rule."


@pytest.mark.parametrize(
    "value",
    [
        cite(0),
        cite(-1),
        {"source": "rp", "version": "1"},
        {"source": "rp", "version": True},
        {"source": 7},
        {"version": 1},
        {"cite": "x", "reason": "y"},
        cite(1, page=3),
        cite(1, reason=["x"]),
    ],
)
def test_what_cannot_be_a_citation(value: Any) -> None:
    assert list(shape_errors([FIELD], {"rule": value})) == ["rule"]


def test_the_key_is_read_strictly() -> None:
    raw = {"name": "rule", "label": "Rule", "type": "policy"}
    (field,) = parse_template([raw | {"not_in_force": "with_reason"}])
    assert field.not_in_force == "with_reason"
    assert parse_template([raw])[0].not_in_force == "refused"
    with pytest.raises(ValueError, match="rule: not_in_force is refused, with_reason"):
        parse_template([raw | {"not_in_force": "never"}])
    with pytest.raises(ValueError, match="rule: only a policy says not_in_force"):
        parse_template([raw | {"type": "text", "not_in_force": "refused"}])
