"""The signing key: made once, kept by one, never replaced in silence."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from django.core.management import CommandError, call_command

from audits.errors import KeyTrouble
from audits.models import Seal, SealKey, SealKeyEnd
from audits.services.keys import check_key, create_key, retire_key, rotate_key, signer
from audits.services.verification import verify_trail
from tests.audits.sealing import seal_trail
from worklists.models import Event

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]


def acts():
    return list(Event.objects.order_by("pk").values_list("action", flat=True))


def test_the_embedded_database_makes_its_first_key_by_itself(place):
    made = signer()

    assert place.key.stat().st_mode & 0o777 == 0o600
    assert SealKey.objects.get() == made.key
    assert acts() == ["seal_key.created"]
    assert signer().key == made.key
    assert SealKey.objects.count() == 1


def test_a_site_of_its_own_is_told_to_make_one(place, act, settings):
    settings.EMBEDDED_DATABASE = False
    act()
    with pytest.raises(KeyTrouble, match="seal_key create"):
        seal_trail()
    assert (SealKey.objects.count(), Seal.objects.count()) == (0, 0)
    assert not place.key.exists()

    create_key()
    assert seal_trail() == 2


def test_a_lost_key_is_never_replaced_in_silence(place, act):
    seal_trail()
    place.key.unlink()
    act()
    with pytest.raises(KeyTrouble, match="is missing, so nothing is sealed"):
        seal_trail()
    assert (SealKey.objects.count(), Seal.objects.count()) == (1, 1)
    assert not place.key.exists()

    retire_key(cause="lost")
    with pytest.raises(KeyTrouble, match="No key is registered"):
        seal_trail()
    new = create_key()
    assert new.key.vouched_by is None
    assert seal_trail() == 3
    assert verify_trail().whole
    assert acts()[-2:] == ["seal_key.ended", "seal_key.created"]


def test_another_key_in_the_file_seals_nothing(place, act):
    seal_trail()
    place.key.unlink()
    key = SealKey.objects.get()
    _write_key(place.key)
    act()
    with pytest.raises(KeyTrouble, match=f"registered is {key}"):
        seal_trail()
    assert Seal.objects.count() == 1


def test_a_key_that_others_can_read_is_refused(place, act):
    signer()
    place.key.chmod(0o640)
    with pytest.raises(KeyTrouble, match="mode 0600"):
        seal_trail()
    assert Seal.objects.count() == 0


@pytest.mark.parametrize("content", [b"", b"no key", "another kind"])
def test_a_file_that_is_no_key_is_refused(place, content):
    if content == "another kind":
        content = generate_private_key(SECP256R1()).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
    place.key.write_bytes(content)
    place.key.chmod(0o600)
    with pytest.raises(KeyTrouble):
        create_key()
    assert SealKey.objects.count() == 0
    assert acts() == []


def test_rotating_vouches_for_the_new_key_and_keeps_the_old_file_aside(place, act):
    old = signer().key
    act()
    seal_trail()

    new = rotate_key().key

    assert (new.vouched_by, SealKeyEnd.objects.get().cause) == (old, "rotated")
    assert [path.name for path in sorted(place.key.parent.glob("seal.key*"))] == [
        "seal.key",
        f"seal.key.{old}.old",
    ]
    assert acts()[-2:] == ["seal_key.ended", "seal_key.created"]
    assert seal_trail() == 2
    assert Seal.objects.last().key == new
    assert verify_trail().whole


def test_a_rotation_that_was_killed_before_the_files_were_moved_is_finished(place):
    old = signer().key
    before = place.key.read_bytes()
    new = rotate_key().key
    place.key.rename(place.key.with_name("seal.key.new"))
    place.key.write_bytes(before)
    place.key.chmod(0o600)

    assert check_key().key == new
    assert place.key.read_bytes() != before
    assert old.pk != new.pk


def test_a_sealer_that_read_the_old_key_makes_no_seal_with_it(place, act, monkeypatch):
    from audits.services import sealing

    old = signer()
    rotate_key()
    act()
    monkeypatch.setattr(sealing, "signer", lambda: old)
    assert seal_trail() == 0
    assert Seal.objects.count() == 0


def test_an_ended_key_signs_no_more(place):
    signer()
    content = place.key.read_bytes()
    retire_key(cause="compromised")
    assert not place.key.exists()
    place.key.write_bytes(content)
    place.key.chmod(0o600)
    with pytest.raises(KeyTrouble, match="has ended before"):
        create_key()
    assert SealKey.objects.count() == 1


def test_only_one_key_signs(place):
    create_key()
    with pytest.raises(KeyTrouble, match="seal_key rotate"):
        create_key()
    assert SealKey.objects.count() == 1
    retire_key(cause="retired")
    with pytest.raises(KeyTrouble, match="No key signs"):
        retire_key(cause="retired")


def test_the_command_makes_shows_rotates_and_retires(place, settings, capsys):
    settings.EMBEDDED_DATABASE = False
    with pytest.raises(CommandError, match="seal_key create"):
        call_command("seal_key", "show")
    call_command("seal_key", "create")
    first = SealKey.objects.get().fingerprint
    assert first in capsys.readouterr().out
    call_command("seal_key", "rotate")
    assert "destroy it" in capsys.readouterr().out
    call_command("seal_key", "show")
    shown = capsys.readouterr().out
    assert f"{first}  since" in shown
    assert "(rotated)" in shown
    assert "signs now" in shown
    call_command("seal_key", "retire", "--because", "compromised")
    assert "Nothing is sealed until" in capsys.readouterr().out
    assert Event.objects.filter(source="command").count() == 4


def _write_key(path):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    text = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    path.write_bytes(text)
    path.chmod(0o600)
