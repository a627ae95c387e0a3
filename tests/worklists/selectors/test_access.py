"""What is visible is the same to a list and to the statement that locks an item."""

import pytest

from tests.factories import (
    ClearanceFactory,
    FacilityFactory,
    QueueFactory,
    clear_for,
    grant,
    make_site,
    open_item,
)
from worklists.models import Queue, User, WorkItem
from worklists.selectors.access import (
    visible_q,
    visible_slots,
    visible_to,
    visible_values,
)
from worklists.statements import Statement

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def everybody():
    """Five items in queues and facilities of all sorts, and who sees what of them."""
    clearance = ClearanceFactory()
    site = make_site(clearance=clearance)
    clear_for(site.other_coder, clearance)
    plain = QueueFactory()
    grant(site.coder, plain, "work")
    for queue in (site.queue, plain):
        open_item(queue, site.facility)
        open_item(queue, FacilityFactory())
    open_item(QueueFactory(), site.facility)
    return [site.coder, site.other_coder, site.reviewer, site.outsider]


def test_a_statement_sees_what_a_list_sees(everybody):
    seen = Statement(lambda: WorkItem.objects.filter(visible_slots()))
    counts = []
    for user in map(_afresh, everybody):
        found = {item.pk for item in seen.rows(**visible_values(user))}
        assert found == set(visible_to(user).values_list("pk", flat=True))
        counts.append(len(found))
    assert counts == [1, 1, 1, 0]


def test_the_condition_of_a_list_goes_through_a_relation(everybody):
    coder = _afresh(everybody[0])
    rows = Queue.objects.filter(visible_q(coder, "items__"))
    assert list(rows) == [visible_to(coder).get().queue]


def _afresh(user: User) -> User:
    return User.objects.get(pk=user.pk)
