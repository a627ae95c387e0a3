"""The margin of the safety net on the profile's pages, in the API and on the item."""

from datetime import timedelta

import pytest

from denials.models import AppealLevel
from tests.denials.views.test_profiles import form_of, logged_in
from tests.factories import make_site, open_item, person
from tests.factories.profiles import make_profile
from tests.worklists.views.conftest import text_of
from worklists.context import now
from worklists.enums import Role

pytestmark = pytest.mark.django_db
LEVEL = {
    "level": 1,
    "name": "Reconsideration",
    "days": 60,
    "count": "calendar",
    "start_event": "notice",
    "source": "Provider manual, page 12",
}


@pytest.fixture
def maria():
    return person(Role.MANAGER, username="maria")


@pytest.mark.parametrize(
    ("margin", "words"),
    [(21, "safety net 21 days before"), (None, "safety net as the service level says")],
)
def test_the_profile_shows_it_and_the_api_names_it(maria, margin, words):
    make_profile("northgate", margin_days=margin)
    client = logged_in(maria)
    assert words in text_of(client.get("/payer-profiles/northgate/"))
    (found,) = client.get("/api/v1/payer-profiles/").json()["results"]
    assert found["levels"][0]["margin_days"] == margin


def test_a_draft_is_written_with_it(maria):
    make_profile("northgate")
    client = logged_in(maria)
    client.post("/payer-profiles/northgate/begin/")
    page = client.get("/payer-profiles/northgate/edit/")
    assert "Safety net (days before)" in text_of(page)
    answer = client.post(
        "/payer-profiles/northgate/edit/", form_of(LEVEL | {"margin_days": 21})
    )
    assert answer.status_code == 302, text_of(answer)
    drafted = AppealLevel.objects.get(version__number=2)
    assert (drafted.days, drafted.margin_days) == (60, 21)


def test_the_items_clock_shows_it():
    site = make_site()
    item = open_item(
        site.queue,
        site.facility,
        legal_due_at=now() + timedelta(days=40),
        margin_days=21,
    )
    client = logged_in(site.coder)
    assert "safety net 21 days before" in text_of(client.get(f"/items/{item.pk}/"))
    clocks = client.get(f"/api/v1/items/{item.pk}/").json()["clocks"]
    assert {c["kind"]: c["margin_days"] for c in clocks} == {
        "legal": 21,
        "internal": None,
    }
