"""A seal, a key, a copy or a sealed event that was tampered with is named."""

import json
from pathlib import Path
from threading import Thread

import pytest
from django.core.management import call_command
from django.db import connection

from audits.models import Seal, SealKey
from audits.seal_format import key_name, seal_name
from audits.selectors.seal_checks import unsealed_faults
from audits.selectors.verification import CANONICAL
from audits.services.copying import copy_seals
from audits.services.keys import create_key, retire_key, rotate_key
from audits.services.verification import verify_trail
from tests.audits.sealing import seal_trail
from worklists.models import Event

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def three(place, act):
    """Three seals of two, two and one events, each copied."""
    act(3)
    seal_trail(size=2)
    act()
    seal_trail()
    copy_seals()
    assert verify_trail().whole
    return place


def found():
    return [(f.code, f.number) for f in verify_trail().seal_faults]


def test_whole_seals_are_counted(three):
    verdict = verify_trail()
    assert (verdict.seals, verdict.sealed, verdict.place) == (3, 5, three.name)
    assert verdict.as_json()["seals"] == {
        "checked": 3,
        "events": 5,
        "second_place": three.name,
        "waiting_since": None,
        "first_bad": None,
        "faults": [],
    }


def test_a_rewritten_event_breaks_the_root_though_its_chain_is_mended(three, by_force):
    """Only a superuser can; heads and hashes are made to fit, the seal is not."""
    last = Event.objects.last()
    by_force("UPDATE trail_event SET source = 'api' WHERE id = %s", last.pk)
    rehash = f"UPDATE trail_event e SET hash = sha256({CANONICAL}) WHERE id = %s"  # noqa: S608
    by_force(rehash, last.pk)
    by_force(
        "UPDATE worklists_chainhead SET hash ="
        " (SELECT hash FROM trail_event WHERE id = %s)",
        last.pk,
    )
    verdict = verify_trail()
    assert verdict.faults == []
    assert [(f.code, f.number) for f in verdict.seal_faults] == [("root_mismatch", 3)]


def test_a_seal_with_a_late_event_far_below_is_checked_as_any_other(
    three, act, by_force, monkeypatch
):
    monkeypatch.setattr("audits.selectors.seal_checks.WIDE", 0)
    assert found() == []
    second = Seal.objects.get(number=2).first_event
    by_force("UPDATE trail_event SET hash = sha256(hash) WHERE id = %s", second)
    assert found() == [("root_mismatch", 2)]


def test_a_removed_event_is_named_with_its_seal(three, by_force):
    first = Event.objects.first()
    by_force("DELETE FROM trail_event WHERE id = %s", first.pk)
    fault = verify_trail().seal_faults[0]
    assert (fault.code, fault.number, fault.event) == (
        "seal_event_missing",
        1,
        first.pk,
    )


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ("root = decode(repeat('00', 32), 'hex')", {"seal_changed", "signature_wrong"}),
        ("sealed_at = sealed_at + interval '1 s'", {"seal_changed", "signature_wrong"}),
        ("complete_to = complete_to + 1", {"seal_changed", "signature_wrong"}),
        ("drawn_to = drawn_to + 1", {"seal_changed", "signature_wrong"}),
        ("signature = decode(repeat('00', 64), 'hex')", {"signature_wrong"}),
        ("hash = decode(repeat('00', 32), 'hex')", {"seal_changed"}),
        ("event_ids = event_ids[1:1]", {"seal_changed", "root_mismatch"}),
        ("total = total + 1", {"seal_changed", "seal_link_broken"}),
        ("previous = decode(repeat('00', 32), 'hex')", {"seal_link_broken"}),
    ],
)
def test_a_changed_seal_is_named(three, by_force, change, codes):
    by_force(f"UPDATE audits_seal SET {change} WHERE number = 2")  # noqa: S608
    wrong = found()
    assert codes <= {code for code, number in wrong if number == 2}
    assert (("copy_differs", 2) in wrong) != change.startswith("hash")
    assert 1 not in {number for _, number in wrong}


@pytest.mark.parametrize("number", [1, 2])
def test_a_missing_seal_is_named(three, by_force, number):
    by_force("DELETE FROM audits_sealcopy")
    by_force("DELETE FROM audits_seal WHERE number = %s", number)
    verdict = verify_trail()
    assert (verdict.seal_faults[0].code, verdict.seal_faults[0].number) == (
        "seal_missing",
        number,
    )


def test_a_last_seal_that_is_gone_is_named_by_its_copy(three, by_force):
    by_force("DELETE FROM audits_sealcopy")
    by_force("DELETE FROM audits_seal WHERE number = 3")
    assert found() == [("copy_ahead", 3)]


@pytest.fixture
def meanwhile(monkeypatch):
    """Do something on another connection when the snapshot is taken, not yet walked."""

    def arrange(work):
        def run():
            try:
                work()
            finally:
                connection.close()

        def interrupted():
            beside = Thread(target=run)
            beside.start()
            beside.join(timeout=60)
            return unsealed_faults()

        monkeypatch.setattr("audits.services.verification.unsealed_faults", interrupted)

    return arrange


def test_a_seal_made_and_copied_during_the_walk_is_no_fault(three, act, meanwhile):
    def work():
        act()
        seal_trail()
        copy_seals()

    meanwhile(work)
    verdict = verify_trail()
    assert (verdict.whole, verdict.seals, verdict.sealed) == (True, 3, 5)
    assert (three.folder / seal_name(4)).exists()
    assert Seal.objects.count() == 4


def test_a_last_seal_made_anew_during_the_walk_is_named(
    three, act, by_force, meanwhile
):
    by_force("DELETE FROM audits_sealcopy")
    by_force("DELETE FROM audits_seal WHERE number = 3")

    def work():
        act()
        seal_trail()

    meanwhile(work)
    assert found() == [("copy_differs", 3)]
    assert Seal.objects.count() == 3


def test_seals_of_a_foreign_key_are_named(three, by_force):
    """Who puts their own key in its place is named by the key's copy, and the seals'."""
    other = b"\x07" * 32
    by_force("UPDATE audits_sealkey SET public_key = %s", other)
    codes = {code for code, _ in found()}
    assert {"key_changed", "key_copy_differs", "signature_wrong"} <= codes


def test_a_seal_made_after_its_key_ended_is_named(three, act):
    act()
    seal_trail()
    retire_key(cause="compromised")
    create_key()
    act()
    seal_trail()
    copy_seals()
    assert verify_trail().whole


def test_a_seal_outside_its_keys_time_is_named(three, by_force):
    by_force("UPDATE audits_sealkey SET since = since + interval '1 hour'")
    assert {("key_out_of_time", n) for n in (1, 2, 3)} <= set(found())


def test_a_voucher_that_was_changed_is_named(three, act, by_force):
    rotate_key()
    assert verify_trail().whole
    by_force(
        "UPDATE audits_sealkey SET voucher = decode(repeat('00', 64), 'hex')"
        " WHERE voucher IS NOT NULL"
    )
    assert found() == [("key_changed", None)]


def test_a_copy_that_is_missing_or_differs_is_named(three):
    (three.folder / seal_name(1)).unlink()
    second = three.folder / seal_name(2)
    second.chmod(0o600)
    second.write_bytes(
        second.read_bytes().replace(b"codetrail-seal-1", b"codetrail-seal-2")
    )
    assert found() == [("copy_missing", 1), ("copy_differs", 2)]


def test_a_public_key_without_its_copy_is_named(three):
    key = three.folder / key_name(SealKey.objects.get().fingerprint)
    key.chmod(0o600)
    key.write_bytes(b"{}")
    assert found() == [("key_copy_differs", None)]
    key.unlink()
    assert found() == [("key_copy_missing", None)]


def test_a_second_place_that_is_away_is_named_once(three):
    three.folder.rename(three.folder.with_name("away"))
    assert found() == [("place_away", 1)]


def test_a_seal_may_wait_for_its_copy_until_it_was_copied(place, act):
    act()
    seal_trail()
    assert verify_trail().whole
    copy_seals()
    (path,) = Path(place.name).rglob(seal_name(1))
    path.unlink()
    assert found() == [("copy_missing", 1)]


def test_events_may_wait_for_their_seal_and_are_said(place, act):
    act(2)
    first = Event.objects.earliest("pk")
    verdict = verify_trail()
    assert (verdict.whole, verdict.waiting_since) == (True, first.recorded_at)
    seal_trail()
    verdict = verify_trail()
    # The key's own beginning is an event too.
    assert (verdict.whole, verdict.waiting_since) == (True, None)


def test_an_event_below_the_mark_without_a_seal_is_named(place, act, by_force):
    for _ in range(4):
        act()
        seal_trail()
    low = Event.objects.earliest("pk").pk
    by_force(
        "UPDATE audits_seal SET event_ids = event_ids[2:] WHERE number = 1",
    )
    faults = verify_trail().faults
    assert [(f.code, f.event) for f in faults] == [("event_unsealed", low)]


def test_the_command_exits_1_and_names_the_first_bad_seal(three, by_force, capsys):
    by_force("UPDATE audits_seal SET total = 9 WHERE number = 2")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_trail", "--json")
    assert ended.value.code == 1
    out = capsys.readouterr()
    told = json.loads(out.out)
    assert (told["ok"], told["first_bad"]) == (False, None)
    assert told["seals"]["first_bad"]["number"] == 2
    assert "seal 2: seal_link_broken" in out.err


def test_the_command_says_what_is_sealed(three, capsys):
    call_command("verify_trail")
    assert capsys.readouterr().out == (
        "The trail is whole: 5 events in 1 chains.\n"
        "0 files of evidence, 0 of them read.\n"
        f"3 seals hold 5 of the events, copies in {three.name}.\n"
    )
    assert Seal.objects.count() == 3
