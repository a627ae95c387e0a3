"""The registry of rules is whole: a file, a function and a test for each."""

from __future__ import annotations

from pathlib import Path

import pytest

from worklists.evidence import rules
from worklists.evidence.fields import FILE_TYPES, TYPES
from worklists.evidence.rules import FILE_RULES, RULES

pytestmark = pytest.mark.unit

FOLDER = Path(rules.__file__).parent
HERE = Path(__file__).parent


@pytest.mark.parametrize("name", sorted(RULES))
def test_rule_file_function_and_test_have_one_name(name: str):
    assert RULES[name].test.__name__ == name
    assert RULES[name].test.__doc__
    assert FOLDER.joinpath(f"{name}.py").is_file()
    assert HERE.joinpath(f"test_{name}.py").is_file()
    assert RULES[name].types <= set(TYPES)


def test_no_rule_file_is_forgotten():
    files = {path.stem for path in FOLDER.glob("*.py")}
    assert files == {*RULES, "document_page", "given", "values", "__init__"}


def test_every_file_type_has_its_rule():
    assert set(FILE_RULES) == FILE_TYPES
    assert FILE_RULES["attachment"]([]) == ""
