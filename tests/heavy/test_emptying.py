"""An emptied database begins its ids anew, and nothing remembers the old ones."""

import pytest

from denials.selectors.taxonomy import table_of
from tests.denials.conftest import load_taxonomy
from tests.factories import EvidenceTemplateFactory
from tests.heavy.emptying import empty_database
from worklists.selectors.evidence import fields_of

pytestmark = [pytest.mark.heavy, pytest.mark.django_db(transaction=True)]
OTHER = [{"name": "other", "label": "Other", "type": "text", "required": True}]


def test_versions_of_before_are_not_taken_for_those_of_after():
    empty_database()
    form, taxonomy = EvidenceTemplateFactory(), load_taxonomy()
    assert fields_of(form.pk)[0].name == "decision"
    before = table_of(taxonomy.pk, 1)
    empty_database()
    again, anew = EvidenceTemplateFactory(fields=OTHER), load_taxonomy()
    assert (again.pk, anew.pk) == (form.pk, taxonomy.pk)
    assert [field.name for field in fields_of(again.pk)] == ["other"]
    assert table_of(anew.pk, 1) is not before
