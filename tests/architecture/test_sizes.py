"""The house style in numbers (``ARCHITECTURE`` 7, ``models.md`` 8)."""

from statistics import median, quantiles

import pytest

from tests.architecture.sources import ROOT, functions, length, modules

pytestmark = pytest.mark.unit


def test_functions_are_small():
    sizes = {
        f"{path}:{function.name}": length(function) for path, function in functions()
    }

    assert {name: size for name, size in sizes.items() if size > 60} == {}
    assert median(sizes.values()) <= 8
    assert quantiles(sizes.values(), n=20)[-1] <= 35


def test_files_are_small():
    sizes = {path: len((ROOT / path).read_text().splitlines()) for path in modules()}

    assert {path: size for path, size in sizes.items() if size > 600} == {}
    assert quantiles(sizes.values(), n=20)[-1] <= 350
