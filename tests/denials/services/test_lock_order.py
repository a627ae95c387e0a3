"""What a file changes of items that people work on just now: nobody waits in a ring."""

from threading import Thread

import pytest
from django.db import connection, transaction

from denials.models import Denial
from tests.denials.remit import clp, interchange, payment, svc
from tests.locks import until_one_waits
from worklists.models import WorkItem

pytestmark = pytest.mark.django_db(transaction=True)

DENIED = svc("HC:45380", "300", cas=[("CO", "97", "300")], control="L1")
BACK = svc("HC:45380", "-300", cas=[("CO", "97", "-300")], control="L1")


def paid(on, *claims):
    return interchange(payment(*(claims or (clp("PCN1", DENIED),)), trace=on, on=on))


LATER = {
    "an earlier round": paid("20260901"),
    "a reversal": paid(
        "20261118", clp("PCN1", BACK, status="22", charge="-100", paid="0")
    ),
}


@pytest.mark.parametrize("content", LATER.values(), ids=LATER)
def test_a_file_waits_for_an_item_before_it_takes_its_denials(site, ingest, content):
    ingest(paid("20261021"))
    denial, said = Denial.objects.get(), []

    def read():
        try:
            said.append(ingest(content)["status"])
        finally:
            connection.close()

    reading = Thread(target=read)
    with transaction.atomic():
        WorkItem.objects.select_for_update(no_key=True).get(pk=denial.item_id)
        reading.start()
        until_one_waits()
        # What a submit does next, with the item in its hands.
        free = Denial.objects.select_for_update(no_key=True, skip_locked=True)
        assert free.filter(pk=denial.pk).exists()
    reading.join(timeout=30)

    assert said == ["accepted"]
