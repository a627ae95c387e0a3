"""What ships is in the registry, in one copy, with every version it ever had."""

import pytest

from seeds.reference.queues import REVIEWS, SLAS
from seeds.reference.templates import TEMPLATES
from seeds.shipped import all_shipped, read_ledger
from worklists import shipped
from worklists.rule_words import faults_of
from worklists.shipped import digest

pytestmark = pytest.mark.unit
SHIPPED = list(all_shipped())
IDS = [f"{one.kind} {one.slug}" for one in SHIPPED]


def test_everything_of_the_tables_is_registered_once():
    names = [(one.kind, one.slug) for one in shipped.all_shipped()]
    assert names == [
        *(("template", slug) for slug in TEMPLATES),
        *(("review", row.slug) for row in REVIEWS),
        *(("sla", row.slug) for row in SLAS),
    ]


@pytest.mark.parametrize("one", SHIPPED, ids=IDS)
def test_it_can_work(one):
    assert faults_of(one.kind, one.content) == []


@pytest.mark.parametrize("one", SHIPPED, ids=IDS)
def test_the_ledger_has_its_version(one):
    """A change of what ships takes a new version and a new line in ``shipped.csv``."""
    known = read_ledger().get((one.kind, one.slug), {})
    digits = digest(one.kind, one.content)
    line = f"shipped.csv lacks: {one.kind},{one.slug},{one.version},{digits}"
    assert known.get(digits) == one.version == max(known.values()), line


def test_the_ledger_is_added_to_and_never_shortened():
    numbers = {name: sorted(known.values()) for name, known in read_ledger().items()}
    assert all(each == list(range(1, len(each) + 1)) for each in numbers.values())
    older = {name for name, each in numbers.items() if each != [1]}
    assert older >= {
        *(("review", slug) for slug in ("standard", "coding", "high-dollar")),
        ("review", "write-off"),
        *(("sla", slug) for slug in ("standard", "urgent")),
    }
