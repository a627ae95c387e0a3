"""Rules about which room may do what, read from the sources."""

import ast
import re

import pytest

from tests.architecture.sources import ROOT, functions, modules, rooms
from worklists.trail_words import ACTIONS

pytestmark = pytest.mark.unit
WRITES = {"save", "delete", "bulk_create", "bulk_update", "update_or_create", "create"}
ORM = {"objects", "filter", "exclude", "all"}
EVENT = re.compile(r"(item|read|search|export|batch|trail|clearance|token)\.[a-z_]+")


def test_views_and_api_ask_selectors():
    found = [
        (path, node.lineno)
        for path, tree in rooms("views", "api")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "objects"
    ]
    assert found == []


def _writes(node):
    """Tell whether a call writes rows: ``x.save()``, ``rows.filter(…).update(a=1)``."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    name, named_only = node.func.attr, not node.args and bool(node.keywords)
    of_rows = any(
        isinstance(n, ast.Attribute) and n.attr in ORM for n in ast.walk(node)
    )
    if name == "update":
        return named_only and of_rows
    return name in {"save", "bulk_create", "bulk_update"} or (
        name in WRITES and of_rows
    )


def test_rows_are_written_by_services_only():
    reading = ("selectors", "policies", "views", "api", "tasks", "filters", "models")
    found = [
        (path, node.lineno)
        for path, tree in rooms(*reading, "forms", "kinds", "trail", "context")
        for node in ast.walk(tree)
        if _writes(node)
    ]
    assert found == []


def test_every_act_of_the_trail_has_words():
    said = {
        node.value
        for path, tree in rooms("services", "commands")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and EVENT.fullmatch(node.value)
    }
    assert said - set(ACTIONS) == set()
    assert all(words.strip() for words in ACTIONS.values())


def test_an_import_inside_a_function_says_why():
    bare = [
        (path, node.lineno)
        for path, function in functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and not _reason(path, node.lineno)
    ]
    assert bare == []


def _reason(path, line):
    return re.search(
        r"PLC0415\b.* - \w+", (ROOT / path).read_text().splitlines()[line - 1]
    )


def test_nobody_asks_for_superusers():
    allowed = {"worklists/services/people.py"}
    found = [
        path
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "is_superuser"
    ]
    assert set(found) - allowed == set()
