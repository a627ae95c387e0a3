"""The OpenAPI description: complete, true, and what strangers make of it."""

import pytest

from tests.factories import make_site

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

# CONTRACT 4, as far as it is built.
PATHS = {
    *("me/", "queues/", "items/next/", "queues/{slug}/next/", "items/"),
    *("items/search/", "items/{item_id}/", "items/{item_id}/actions/{action}/"),
    *("items/{item_id}/attachments/", "items/{item_id}/trail/", "ingest/"),
    *("people/", "absences/", "absences/{absence_id}/end/"),
    *("ingest/{batch_id}/", "claims/{claim_id}/", "denials/", "trail/"),
}


def test_schema_names_every_address_of_the_contract(as_person, db):
    site = make_site()

    answer = as_person(site.coder).get(
        "/api/v1/schema/", HTTP_ACCEPT="application/vnd.oai.openapi+json"
    )

    assert answer.status_code == 200
    schema = answer.json()
    assert schema["openapi"].startswith("3.")
    assert {f"/api/v1/{path}" for path in PATHS} <= set(schema["paths"])
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert {"401", "403", "429"} <= set(operation["responses"]), (path, method)


def test_docs_are_served_by_us(as_person, db):
    site = make_site()

    page = as_person(site.coder).get("/api/v1/docs/")

    assert page.status_code == 200
    assert "https://" not in page.content.decode()


@pytest.mark.parametrize("path", ["schema/", "docs/"])
def test_the_description_is_for_people_who_are_logged_in(as_person, db, path):
    assert as_person().get(f"/api/v1/{path}").status_code == 401
