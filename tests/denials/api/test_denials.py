"""The list of denials: shapes, filters, who sees what."""

import pytest

from denials.models import Denial
from tests.denials.remit import clp, interchange, payment, svc

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
DENIALS = "/api/v1/denials/"
BUNDLED = svc(
    "HC:45380:59", "300", cas=[("CO", "97", "300")], remarks=["M15"], control="7"
)


def file(*numbers):
    """Return a file with one denied claim a number."""
    claims = (clp(f"PCN{n}", BUNDLED, charge="300", control=f"I{n}") for n in numbers)
    return interchange(payment(*claims))


def test_a_denial(people, ingest, as_person):
    ingest(file(1))
    row = Denial.objects.get()

    body = as_person(people["coder"]).get(DENIALS).json()

    assert (body["next"], body["previous"]) == (None, None)
    (denial,) = body["results"]
    assert {
        "id": row.pk,
        "claim": row.claim_id,
        "item": row.item_id,
        "kind": "denial",
        "code": "CO-97",
        "group": "CO",
        "carc": "97",
        "remarks": ["M15"],
        "amount": "300.00",
        "line": 1,
        "procedure": "45380",
        "payer_name": "MERIDIAN PPO",
        "paid_on": "2026-10-21",
        "round": 1,
        "previous": None,
        "status": "open",
        "decision": "",
        "decided_by": None,
    }.items() <= denial.items()


def test_denials_are_filtered(people, ingest, as_person):
    ingest(file(1, 2))
    first, second = Denial.objects.order_by("pk")
    client = as_person(people["coder"])

    def ids(**params):
        return [row["id"] for row in client.get(DENIALS, params).json()["results"]]

    assert ids() == [second.pk, first.pk]
    assert ids(item=first.item_id) == [first.pk]
    assert ids(claim=second.claim_id) == [second.pk]
    assert ids(carc="97", status="open", kind="denial") == [second.pk, first.pk]
    assert ids(carc="16") == []
    assert ids(defect_class=first.defect_class) == [second.pk, first.pk]


def test_denials_in_pages(people, ingest, as_person):
    ingest(file(1, 2, 3))
    client, address, found = as_person(people["coder"]), f"{DENIALS}?size=2", []

    while address:
        body = client.get(address).json()
        found.append(len(body["results"]))
        address = body["next"]

    assert found == [2, 1]


def test_who_sees_denials(people, ingest, as_person):
    ingest(file(1))

    seen = {
        name: as_person(user).get(DENIALS).json().get("results")
        for name, user in people.items()
    }

    assert [len(seen[name]) for name in ("coder", "manager", "auditor")] == [1, 1, 1]
    assert seen["stranger"] == []
    assert as_person(people["admin"]).get(DENIALS).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_denials_cost_the_same(
    people, ingest, as_person, count, django_assert_num_queries
):
    ingest(file(*range(count)))
    client = as_person(people["coder"])
    client.get(DENIALS)

    with django_assert_num_queries(3):  # person, access, rows
        assert len(client.get(DENIALS).json()["results"]) == count


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"kind": "x"}, "kind"),
        ({"status": "x"}, "status"),
        ({"item": "x"}, "item"),
        ({"claim": "9" * 30}, "claim"),
        ({"carc": "\x00"}, "carc"),
        ({"payer": "x"}, "payer"),
        ({"cursor": "x"}, "cursor"),
    ],
)
def test_denials_refuse_what_cannot_be_read(people, as_person, params, named):
    answer = as_person(people["coder"]).get(DENIALS, params)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, [named])
