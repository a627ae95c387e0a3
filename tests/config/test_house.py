"""The files around the product: targets, requirements, containers, licence."""

import re
import subprocess
import sys
import tomllib
from itertools import pairwise

import pytest

from config.embedded.places import CHECKOUT
from config.requirements import __main__ as requirements

pytestmark = pytest.mark.unit
# The design card of the product names these nine; requirements.txt must hold them.
NINE = {
    "django",
    "djangorestframework",
    "django-filter",
    "django-guardian",
    "celery",
    "redis",
    "psycopg",
    "pytest-django",
    "factory-boy",
}


def read(name):
    return (CHECKOUT / name).read_text()


@pytest.mark.parametrize(
    "target",
    ["venv", "demo", "test", "test-heavy", "lint", "bench", "reset", "requirements"],
)
def test_target_exists_and_says_what_it_does(target):
    assert re.search(rf"^{target}:.*## \S", read("Makefile"), re.MULTILINE)


def test_every_requirement_is_pinned():
    lines = [
        line for line in read("requirements.txt").splitlines() if line[:1].isalpha()
    ]
    assert [line for line in lines if "==" not in line] == []
    assert {re.split(r"[=\[ ]", line)[0] for line in lines} >= NINE


def test_requirements_name_no_address():
    text = read("requirements.txt")
    assert "://" not in text
    assert " @ " not in text


@pytest.mark.parametrize("name", requirements.SOURCES)
def test_every_requirement_has_its_line_of_why(name):
    lines = (CHECKOUT / "config/requirements" / name).read_text().splitlines()
    bare = [
        line
        for before, line in pairwise(lines)
        if line[:1].isalpha() and not before.startswith("# ")
    ]
    assert bare == []


def test_drift_check_refuses_a_requirement_that_is_not_compiled(tmp_path, monkeypatch):
    stale = tmp_path / "requirements.txt"
    kept = [
        line for line in read("requirements.txt").splitlines() if "honcho" not in line
    ]
    stale.write_text("\n".join(kept))
    monkeypatch.setattr(requirements, "COMPILED", stale)
    monkeypatch.setattr(requirements, "compile_into", pretend_compile)
    assert requirements.check() == 1
    assert "honcho" not in stale.read_text()


def pretend_compile(target, *_options):
    target.write_text(read("requirements.txt"))


def test_drift_check_accepts_what_its_pins_give(monkeypatch):
    monkeypatch.setattr(requirements, "compile_into", pretend_compile)
    assert requirements.check() == 0


def test_requirements_command_explains_itself(capsys):
    assert requirements.main(["sing"]) == 2
    assert "check|compile" in capsys.readouterr().err


def test_compose_file_has_the_shape_that_compose_accepts():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    done = subprocess.run(
        [*command, "vendor.compose-spec", "compose.yaml"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_compose_file_has_the_five_parts_and_no_password():
    text = read("compose.yaml")
    services = re.findall(r"^  ([a-z]+):$", text.split("services:")[1], re.MULTILINE)
    assert {"web", "worker", "beat", "database", "valkey"} <= set(services)
    passwords = re.findall(r"^ *\w*(?:PASSWORD|SECRET_KEY): (.*)$", text, re.MULTILINE)
    assert [value for value in passwords if not value.startswith("${")] == []


@pytest.mark.parametrize("name", re.findall(r"\./(config/\S+?):", read("compose.yaml")))
def test_files_that_compose_mounts_exist(name):
    assert (CHECKOUT / name).is_file()


def test_image_copies_every_room():
    copied = set(re.findall(r"^COPY (\w+) \w+$", read("Dockerfile"), re.MULTILINE))
    rooms = {"config", "worklists", "denials", "audits", "training", "seeds"}
    assert copied == rooms | {"templates"}


@pytest.mark.parametrize("name", [".ci/run", ".ci/on-postgresql-15"])
def test_ci_scripts_stop_at_the_first_fault(name):
    assert "set -euo pipefail" in read(name)
    subprocess.run(["bash", "-n", CHECKOUT / name], check=True)


def test_licence_is_apache_2():
    assert read("LICENSE").split()[:4] == ["Apache", "License", "Version", "2.0,"]


def test_settings_file_stays_readable():
    assert len(read("config/settings.py").splitlines()) < 300


def test_warnings_are_errors_and_markers_are_strict():
    options = tomllib.loads(read("pyproject.toml"))["tool"]["pytest"]["ini_options"]
    assert options["filterwarnings"][0] == "error"
    assert "--strict-markers" in options["addopts"]
