"""The registry of what ships: one of each, known again by its digest."""

import pytest

from worklists import shipped
from worklists.enums import RuleKind, Standing
from worklists.selectors.shipped import standing_of
from worklists.shipped import Shipped, digest

pytestmark = pytest.mark.unit
STEP = {"position": 1, "clock_kind": "internal", "offset_hours": 0, "tell": "lead",
        "needs_acknowledgement": True}  # fmt: skip
LADDER = {"name": "Days", "business_hours": 40, "steps": [STEP]}
BEFORE = LADDER | {"business_hours": 90}
ONE = Shipped(RuleKind.SLA, "days", 2, LADDER, {digest("sla", BEFORE): 1})


@pytest.fixture(autouse=True)
def _empty(monkeypatch):
    monkeypatch.setattr(shipped, "_shipped", {})


def test_it_is_found_by_kind_and_short_name():
    shipped.register(ONE)
    shipped.register(ONE)  # again: nothing happens
    assert shipped.all_shipped() == (ONE,)
    assert shipped.find("sla", "days") is ONE
    assert shipped.find("template", "days") is None


def test_two_contents_under_one_name_are_a_mistake():
    shipped.register(ONE)
    with pytest.raises(ValueError, match="'days' ships twice"):
        shipped.register(Shipped(RuleKind.SLA, "days", 2, BEFORE))
    assert shipped.all_shipped() == (ONE,)


def test_what_a_site_is_does_not_ship():
    with pytest.raises(ValueError, match="queue is not shipped"):
        shipped.register(Shipped(RuleKind.QUEUE, "x", 1, {"name": "X"}))


def test_numbers_of_steps_and_fields_that_say_nothing_are_no_difference():
    renumbered = LADDER | {"steps": [STEP | {"position": 9}], "later_field": []}
    assert digest("sla", renumbered) == digest("sla", LADDER)
    told = LADDER | {"steps": [STEP | {"tell": "manager"}]}
    assert digest("sla", told) != digest("sla", LADDER)
    assert digest("review", {"a": False}) != digest("review", {})


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (None, (Standing.MISSING, None)),
        (LADDER | {"steps": [STEP | {"position": 7}]}, (Standing.AS_SHIPPED, 2)),
        (BEFORE, (Standing.OLDER, 1)),
        (LADDER | {"name": "Ours"}, (Standing.OWN, None)),
    ],
)
def test_a_site_stands_to_it_in_one_of_four_ways(content, found):
    assert standing_of(ONE, content) == found
