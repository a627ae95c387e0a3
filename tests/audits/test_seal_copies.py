"""Every seal comes to lie in the second place: a folder, and a real S3 server."""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from hashlib import sha256
from types import SimpleNamespace

import boto3
import pytest
from django.core.exceptions import ImproperlyConfigured

from audits.models import Seal, SealCopy, SealKey, SealKeyEnd
from audits.seal_format import key_name, seal_name
from audits.second_place import Differs, second_place
from audits.services.copying import copy_seals
from audits.services.keys import rotate_key
from audits.services.verification import verify_trail
from config.seals import store
from tests.audits.sealing import seal_trail

pytestmark = pytest.mark.integration
WITH_ROWS = pytest.mark.django_db(transaction=True)
KEY = {"access_key": "site", "secret_key": "made-up", "region": "us-east-1"}


@pytest.fixture(scope="module")
def server():
    """An S3 server of its own on this machine: moto, which speaks the protocol."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(
        line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(url, timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def s3(server, place, settings):
    """The second place is a bucket on that server."""
    client = boto3.client(
        "s3",
        endpoint_url=server,
        region_name=KEY["region"],
        aws_access_key_id=KEY["access_key"],
        aws_secret_access_key=KEY["secret_key"],
    )
    bucket = f"seals-{time.time_ns()}"
    client.create_bucket(Bucket=bucket)
    settings.SEAL_STORE = store(f"s3://{bucket}/site/one")
    settings.SEAL_STORE_S3 = {"endpoint": server, **KEY}
    return SimpleNamespace(client=client, bucket=bucket, prefix="site/one")


def copied():
    return list(SealCopy.objects.order_by("seal_id").values_list("seal_id", flat=True))


@WITH_ROWS
def test_seals_and_keys_are_copied_to_a_folder_once(place, act):
    act(3)
    seal_trail(size=2)

    assert copy_seals() == 2
    assert copy_seals() == 0

    assert copied() == [1, 2]
    names = sorted(
        str(path.relative_to(place.folder))
        for path in place.folder.rglob("*")
        if path.is_file()
    )
    key = SealKey.objects.get().fingerprint
    assert names == [key_name(key), seal_name(1), seal_name(2)]
    path = place.folder / seal_name(2)
    assert path.stat().st_mode & 0o777 == 0o444
    assert path.read_bytes() == Seal.objects.get(number=2).record()


@WITH_ROWS
def test_a_copy_holds_all_that_is_signed(place, act):
    act(2)
    seal_trail()
    copy_seals()
    seal = Seal.objects.get()

    told = json.loads((place.folder / seal_name(1)).read_bytes())

    assert told["format"] == "codetrail-seal-1"
    assert told["event_ids"] == seal.event_ids
    assert told["root"] == bytes(seal.root).hex()
    assert told["signature"] == bytes(seal.signature).hex()
    assert told["hash"] == sha256(seal.facts().signed_bytes()).hexdigest()
    assert set(told) >= {"number", "previous", "tree_size", "total", "key", "sealed_at"}


@WITH_ROWS
def test_the_end_of_a_key_is_copied(place, act):
    act()
    seal_trail()
    rotate_key()
    seal_trail()
    copy_seals()
    ended = SealKeyEnd.objects.get()
    told = json.loads((place.folder / key_name(ended.key_id, end=True)).read_bytes())
    assert (told["fingerprint"], told["cause"]) == (ended.key_id, "rotated")


@WITH_ROWS
def test_a_folder_that_is_not_there_is_not_made_and_tried_again(place, act):
    act()
    seal_trail()
    away = place.folder.rename(place.folder.with_name("unmounted"))

    assert copy_seals() == 0
    assert (copied(), place.folder.exists()) == ([], False)

    away.rename(place.folder)
    assert copy_seals() == 1
    assert copied() == [1]


@WITH_ROWS
def test_our_own_folder_is_made_with_the_first_copy(place, act, settings):
    place.folder.rmdir()
    settings.SEAL_STORE_IS_OURS = True
    act()
    seal_trail()
    assert verify_trail().whole, "nothing is copied yet, so nothing is missing"

    assert copy_seals() == 1
    assert (place.folder / seal_name(1)).exists()
    assert verify_trail().whole


@WITH_ROWS
def test_another_content_is_never_written_over(place, act):
    act()
    seal_trail()
    there = place.folder / seal_name(1)
    there.parent.mkdir(parents=True)
    there.write_bytes(b"an older seal 1")

    assert copy_seals() == 0
    assert there.read_bytes() == b"an older seal 1"
    assert copied() == []
    with pytest.raises(Differs):
        second_place().put(seal_name(1), b"x")
    assert [f.code for f in verify_trail().seal_faults] == ["copy_differs"]


@WITH_ROWS
def test_half_a_file_never_appears(place, monkeypatch):
    there = second_place()

    def full(*_args):
        raise OSError("the disk is full")

    monkeypatch.setattr("pathlib.Path.hardlink_to", full)
    with pytest.raises(OSError, match="full"):
        there.put("keys/a.json", b"content")
    assert [path for path in place.folder.rglob("*") if path.is_file()] == []


@WITH_ROWS
def test_a_new_place_gets_every_seal_again(place, act, settings, tmp_path):
    act()
    seal_trail()
    copy_seals()
    other = tmp_path / "other"
    other.mkdir()
    settings.SEAL_STORE = store(str(other))

    assert copy_seals() == 1
    assert (other / seal_name(1)).read_bytes() == Seal.objects.get().record()


@WITH_ROWS
def test_without_a_second_place_nothing_is_copied(place, act, settings):
    settings.SEAL_STORE = None
    act()
    seal_trail()
    assert copy_seals() == 0
    assert (copied(), verify_trail().place) == ([], None)


@WITH_ROWS
@pytest.mark.heavy
def test_seals_are_copied_to_s3_and_verified_there(s3, act):
    act(3)
    seal_trail(size=2)

    assert copy_seals() == 2
    assert copy_seals() == 0

    name = f"{s3.prefix}/{seal_name(1)}"
    body = s3.client.get_object(Bucket=s3.bucket, Key=name)["Body"].read()
    assert body == Seal.objects.get(number=1).record()
    verdict = verify_trail()
    assert verdict.whole
    assert verdict.place == f"s3://{s3.bucket}/site/one"

    s3.client.delete_object(Bucket=s3.bucket, Key=name)
    second = f"{s3.prefix}/{seal_name(2)}"
    s3.client.put_object(Bucket=s3.bucket, Key=second, Body=b"{}")
    found = [(f.code, f.number) for f in verify_trail().seal_faults]
    assert found == [("copy_missing", 1), ("copy_differs", 2)]


@WITH_ROWS
@pytest.mark.heavy
def test_an_s3_that_is_away_or_refuses_is_tried_again(s3, act, settings):
    act()
    seal_trail()
    right = settings.SEAL_STORE_S3
    settings.SEAL_STORE_S3 = right | {"endpoint": "http://127.0.0.1:9"}
    assert copy_seals() == 0
    settings.SEAL_STORE_S3 = right
    bucket = settings.SEAL_STORE
    settings.SEAL_STORE = store("s3://no-such-bucket-here")
    assert copy_seals() == 0
    assert copied() == []
    settings.SEAL_STORE = bucket
    assert copy_seals() == 1
    assert copied() == [1]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("/mnt/worm", "/mnt/worm"),
        ("s3://bucket", "s3://bucket"),
        ("s3://bucket/a/b/", "s3://bucket/a/b"),
    ],
)
def test_a_place_is_a_folder_or_a_bucket(value, name):
    assert store(value)["name"] == name


@pytest.mark.parametrize("value", ["", "none"])
def test_there_may_be_no_place(value):
    assert store(value) is None


@pytest.mark.parametrize(
    "value",
    ["seals", "ftp://host/x", "s3://", "s3://key:secret@bucket/x", "s3://b/?x=1"],
)
def test_another_place_is_refused(value):
    with pytest.raises(ImproperlyConfigured, match="SEAL_STORE"):
        store(value)
