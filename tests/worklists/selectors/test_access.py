"""What is visible is the same to a list and to the statement that locks an item."""

from decimal import Decimal

import pytest

from tests.factories import (
    ClearanceFactory,
    FacilityFactory,
    QueueFactory,
    clear_for,
    grant,
    make_site,
    open_item,
    person,
)
from worklists.enums import Role
from worklists.models import Queue, User, WorkItem
from worklists.selectors.access import (
    today_of,
    visible_q,
    visible_slots,
    visible_to,
    visible_values,
)
from worklists.services.delegating import lend
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


def test_a_statement_sees_what_lent_authority_opens_and_no_more():
    site = make_site()
    both, borrowers = site.facility, FacilityFactory()
    plain = QueueFactory()
    borrower = person(Role.REVIEWER, views=[plain], facilities=[both, borrowers])
    _lend(site.reviewer, borrower)
    opened = {open_item(site.queue, both).pk, open_item(plain, borrowers).pk}
    open_item(site.queue, borrowers)

    seen = Statement(lambda: WorkItem.objects.filter(visible_slots()))
    rows = seen.rows(**visible_values(_afresh(borrower)))
    assert {item.pk for item in rows} == opened
    listed = visible_to(_afresh(borrower)).values_list("pk", flat=True)
    assert set(listed) == opened
    queues = Queue.objects.filter(visible_q(_afresh(borrower), "items__"))
    assert set(queues) == {site.queue, plain}


def _lend(lender: User, borrower: User) -> None:
    lend(
        actor=lender,
        delegator_id=lender.pk,
        to=borrower.username,
        starts_on=today_of(lender),
        ends_on=today_of(lender),
        amount_limit=Decimal(500),
    )


def test_the_condition_of_a_list_goes_through_a_relation(everybody):
    coder = _afresh(everybody[0])
    rows = Queue.objects.filter(visible_q(coder, "items__"))
    assert list(rows) == [visible_to(coder).get().queue]


def _afresh(user: User) -> User:
    return User.objects.get(pk=user.pk)
