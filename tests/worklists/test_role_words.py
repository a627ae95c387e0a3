"""Roles in words, the same on every page."""

import pytest

from worklists.role_words import role_words


@pytest.mark.parametrize(
    ("roles", "tier", "said"),
    [
        (["coder"], "", "Coder"),
        (["coder"], "apprentice", "Coder (apprentice)"),
        (["manager", "coder"], "independent", "Coder (independent), Manager"),
        (["manager"], "apprentice", "Manager"),
        (["system"], "", "System"),
        (["gone", "auditor"], "", "Auditor, gone"),
        ([], "apprentice", ""),
    ],
)
def test_roles_are_said_by_one_function(roles, tier, said):
    assert role_words(roles, tier) == said
