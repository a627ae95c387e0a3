"""A draft that a form could hold is drawn whatever its field; no other is kept."""

import pytest

from tests.factories import EvidenceTemplateFactory, open_item, take
from tests.worklists.views.conftest import text_of
from worklists.evidence.shapes import _SHAPES
from worklists.models import Draft

pytestmark = pytest.mark.django_db

CHOICES = [["a", "One"], ["b", "Other"]]
ODD = [
    "2026-1",
    "12,5",
    7,
    0.5,
    True,
    ["a", "zz"],
    [],
    {"state": "odd"},
    {"cite": 3},
]


@pytest.fixture
def item(site):
    """An item with a field of every kind, held by the coder."""
    fields = [
        {
            "name": f"f_{kind}",
            "label": f"The {kind}",
            "type": kind,
            **({"choices": CHOICES} if "choice" in kind else {}),
        }
        for kind in _SHAPES
    ]
    site.queue.template = EvidenceTemplateFactory(fields=fields)
    site.queue.save()
    return take(open_item(site.queue, site.facility), site.coder)


@pytest.mark.parametrize("value", ODD)
def test_the_page_draws_what_a_form_can_hold(site, as_person, item, value):
    client = as_person(site.coder)
    answers = {f"f_{kind}": value for kind in _SHAPES}

    kept = client.put(
        f"/api/v1/items/{item.pk}/draft/",
        {"answers": answers},
        content_type="application/json",
    )

    assert kept.status_code == 200, kept.content
    assert Draft.objects.get().answers == answers
    page = client.get(f"/items/{item.pk}/")
    assert page.status_code == 200
    assert "The text" in text_of(page)


@pytest.mark.parametrize(
    "value", [[[]], [{"a": 1}], [1], {"a": []}, {"a": {"b": 1}}, ["a"] * 201]
)
def test_what_no_form_holds_is_refused(site, as_person, item, value):
    answer = as_person(site.coder).put(
        f"/api/v1/items/{item.pk}/draft/",
        {"answers": {"f_text": "kept out too", "f_step": value}},
        content_type="application/json",
    )

    assert answer.status_code == 400
    assert answer.json()["fields"] == {"f_step": ["No form holds this."]}
    assert not Draft.objects.exists()
