"""Where data lies, and whose folders we touch."""

import os
import stat
from pathlib import Path

import pytest

from config.embedded import secrets
from config.embedded.errors import EmbeddedError
from config.embedded.places import Places, digest_of, ensure_folder

pytestmark = pytest.mark.unit


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_two_checkouts_share_no_path():
    first, second = (
        Places("demo", checkout=Path(path), as_root=True) for path in ("/a", "/b")
    )
    assert first.folder != second.folder
    assert first.sockets != second.sockets


def test_two_instances_share_no_path():
    demo, test = (Places(name, as_root=True) for name in ("demo", "test"))
    assert {demo.folder, demo.cluster, demo.valkey, demo.sockets}.isdisjoint(
        {test.folder, test.cluster, test.valkey, test.sockets}
    )


def test_root_keeps_data_under_var_lib():
    found = Places("demo", checkout=Path("/srv/codetrail"), as_root=True)
    digest = digest_of(Path("/srv/codetrail"))
    assert found.folder == Path(f"/var/lib/codetrail/{digest}/demo")


def test_anybody_else_keeps_data_in_the_checkout():
    found = Places("demo", checkout=Path("/srv/codetrail"), as_root=False)
    assert found.folder == Path("/srv/codetrail/.local/embedded/demo")


def test_socket_folder_is_short_even_in_a_deep_checkout():
    deep = Path("/home/somebody") / ("long-folder-name/" * 8)
    found = Places("demo", checkout=deep, as_root=False).sockets
    assert len(str(found / ".s.PGSQL.5432")) < 100


@pytest.mark.parametrize("name", ["", "Demo", "a b", "../etc", "x" * 17])
def test_instance_name_is_plain(name):
    with pytest.raises(EmbeddedError, match="CODETRAIL_INSTANCE is"):
        Places(name)


def test_folder_is_made_with_its_mode_whatever_the_umask(tmp_path):
    before = os.umask(0o077)
    try:
        made = ensure_folder(tmp_path / "open", 0o755)
    finally:
        os.umask(before)
    assert mode(made) == 0o755


def test_folder_that_exists_keeps_its_mode(tmp_path):
    ours = tmp_path / "ours"
    ours.mkdir()
    ours.chmod(0o750)
    ensure_folder(ours, 0o700)
    assert mode(ours) == 0o750


def test_folder_of_somebody_else_is_refused_and_kept(tmp_path):
    with pytest.raises(EmbeddedError, match="is not a folder of user 12345"):
        ensure_folder(tmp_path, 0o700, owner=12345)


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_is_no_folder_is_refused(tmp_path, kind):
    path = tmp_path / "taken"
    if kind == "file":
        path.touch()
    else:
        path.symlink_to(tmp_path)
    with pytest.raises(EmbeddedError, match="is not a folder of user"):
        ensure_folder(path, 0o700)


def in_tmp(tmp_path):
    return Places("demo", checkout=tmp_path, as_root=False)


def test_secrets_are_made_once(tmp_path):
    first = secrets.read_or_create(in_tmp(tmp_path))
    assert secrets.read_or_create(in_tmp(tmp_path)) == first
    assert set(first) == set(secrets.NAMES)
    assert len(set(first.values())) == len(secrets.NAMES)


def test_secrets_are_closed_from_the_first_moment(tmp_path):
    places = in_tmp(tmp_path)
    secrets.read_or_create(places)
    assert mode(places.secrets) == 0o600
    assert [path.name for path in places.folder.iterdir()] == ["secrets.json"]


def test_secrets_that_others_could_read_are_refused(tmp_path):
    places = in_tmp(tmp_path)
    secrets.read_or_create(places)
    places.secrets.chmod(0o644)
    with pytest.raises(EmbeddedError, match="mode 0600"):
        secrets.read_or_create(places)


def test_second_maker_reads_the_first_ones_secrets(tmp_path):
    places = in_tmp(tmp_path)
    first = secrets.read_or_create(places)
    secrets._create(places.secrets)
    assert secrets.read_or_create(places) == first
