"""Every finished event is sealed exactly once, whoever commits when."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from audits import merkle
from audits.models import Seal, SealKey
from audits.selectors import unsealed
from audits.selectors.keys import signed_by
from audits.services import sealing
from audits.services.verification import verify_trail
from tests.audits.sealing import seal_passed_over, seal_trail
from worklists.models import Event
from worklists.services import site_acts

pytestmark = [pytest.mark.integration, pytest.mark.django_db(transaction=True)]


def sealed_ids():
    return [number for seal in Seal.objects.all() for number in seal.event_ids]


def every_id():
    return list(Event.objects.values_list("pk", flat=True))


class Writer:
    """Somebody else who writes an event and commits it when told."""

    def __init__(self):
        self.wrote, self.go_on = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        assert self.wrote.wait(20)

    def _run(self):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO trail_event (subject_kind, subject_id, seq, action,"
                    " actor_name, actor_role, source, request_id, facts, commitments,"
                    " occurred_at) VALUES ('late', 1, 1, 'x', 'w', 's', 'worker', '',"
                    " '{}', '{}', now()) RETURNING id"
                )
                self.id = cursor.fetchone()[0]
                self.wrote.set()
                self.go_on.wait(20)
        finally:
            connection.close()

    def commit(self):
        self.go_on.set()
        self.thread.join(20)


def test_finished_events_are_sealed_in_order_and_signed(place, act):
    act(5)

    assert seal_trail() == 6  # the key's own event is one of them

    seal = Seal.objects.get()
    events = list(Event.objects.order_by("pk"))
    assert seal.event_ids == [event.pk for event in events]
    assert (seal.number, seal.previous, seal.tree_size, seal.total) == (1, None, 6, 6)
    assert bytes(seal.root) == merkle.root([bytes(event.hash) for event in events])
    key = SealKey.objects.get()
    text = seal.facts().signed_bytes()
    assert signed_by(bytes(key.public_key), bytes(seal.signature), text)
    assert not signed_by(bytes(key.public_key), bytes(seal.signature), text + b"x")


def test_a_second_run_seals_only_what_is_new_and_carries_the_hash_before(place, act):
    act(2)
    seal_trail()
    assert seal_trail() == 0
    assert Seal.objects.count() == 1

    act(3)

    assert seal_trail() == 3
    first, second = Seal.objects.all()
    assert bytes(second.previous) == bytes(first.hash)
    assert (second.number, second.total) == (2, 6)
    assert sealed_ids() == every_id()
    assert verify_trail().whole


def test_a_backlog_is_sealed_in_batches_of_a_size(place, act):
    act(9)

    assert seal_trail(size=4) == 10

    assert [seal.tree_size for seal in Seal.objects.all()] == [4, 4, 2]
    assert sealed_ids() == every_id()


def test_an_event_of_a_running_transaction_is_sealed_after_it_ended(place, act):
    seal_trail()
    writer = Writer()
    act(3)
    try:
        assert seal_trail() == 0, "younger ones wait for the older transaction"
        assert Seal.objects.count() == 1
    finally:
        writer.commit()

    assert seal_trail() == 4
    assert writer.id == Seal.objects.get(number=2).first_event
    assert sealed_ids() == every_id()


def test_an_event_committed_late_with_a_lower_id_is_sealed_by_a_later_batch(place, act):
    """Its transaction began after the ones above it had ended: the id alone is low."""
    seal_trail()
    drawn = _draw_ids(1)
    act(3)
    assert seal_trail() == 3
    above = Seal.objects.get(number=2)

    _insert(drawn[0])

    assert unsealed.position().complete_to < drawn[0]
    assert seal_trail() == 1
    late = Seal.objects.get(number=3)
    assert late.event_ids == drawn
    assert late.last_event < above.first_event
    act()
    assert seal_trail() == 1
    assert sorted(sealed_ids()) == every_id()


def test_the_mark_never_passes_a_transaction_that_still_runs(place, act):
    seal_trail()
    writer = Writer()
    try:
        act(2)
        seal_trail()
        marks = [seal.complete_to for seal in Seal.objects.all()]
        assert max(marks) < writer.id
        with transaction.atomic():
            own = sealing._own_xid()
            assert unsealed.decided_to(own) < writer.id
    finally:
        writer.commit()
    for _ in range(3):
        act()
        seal_trail()
    assert Seal.objects.last().complete_to >= writer.id
    assert sorted(sealed_ids()) == every_id()


def test_no_mark_is_taken_while_a_writer_has_no_transaction_id_yet(place, act):
    act()
    assert unsealed.drawn_to() == every_id()[-1]
    holds, let_go = threading.Event(), threading.Event()

    def lock():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("LOCK TABLE trail_event IN ROW EXCLUSIVE MODE")
                holds.set()
                let_go.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=lock)
    thread.start()
    assert holds.wait(20)
    try:
        assert unsealed.drawn_to() is None
        assert seal_trail() == 2, "what is finished is sealed all the same"
        assert Seal.objects.get().drawn_to == 0
    finally:
        let_go.set()
        thread.join(20)
    assert unsealed.drawn_to() == every_id()[-1]


def test_events_of_another_cluster_count_as_finished(place, act, by_force):
    act(2)
    by_force("UPDATE trail_event SET xid = '4000000000'")

    assert seal_trail() == 3
    assert sealed_ids() == every_id()


def test_a_mark_of_another_cluster_is_believed(place, act, by_force):
    act(2)
    seal_trail()
    by_force("UPDATE audits_seal SET next_xid = 4000000000")
    with transaction.atomic():
        own = sealing._own_xid()
        assert unsealed.decided_to(own) == Seal.objects.get().drawn_to
    act(2)
    assert seal_trail() == 2
    assert sealed_ids() == every_id()


def test_two_sealers_at_once_seal_each_event_once(place, act):
    act(30)
    seal_trail(size=1, seconds=0)
    sealed = []

    def run():
        try:
            sealed.extend(seal_trail(size=2) for _ in range(30))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sum(sealed) == 30
    assert sealed_ids() == every_id()
    assert [seal.number for seal in Seal.objects.all()] == list(
        range(1, Seal.objects.count() + 1)
    )


def test_many_writers_and_a_sealer_lose_nothing(place, act):
    stop = threading.Event()

    def write(subject):
        try:
            for n in range(40):
                with transaction.atomic():
                    site_acts.record(action="setup.changed", facts={"n": n})
        finally:
            connection.close()

    def seal():
        try:
            while not stop.is_set():
                seal_trail(size=7)
        finally:
            connection.close()

    seal_trail()
    writers = [threading.Thread(target=write, args=(n,)) for n in range(3)]
    sealer = threading.Thread(target=seal)
    for thread in [*writers, sealer]:
        thread.start()
    for thread in writers:
        thread.join(60)
    stop.set()
    sealer.join(60)
    seal_trail()

    assert sorted(sealed_ids()) == every_id()
    assert len(sealed_ids()) == 121
    assert verify_trail().whole


def test_what_was_put_below_the_mark_by_hand_is_named_and_then_sealed(place, act):
    low = _draw_ids(1)[0]
    for _ in range(4):
        act()
        seal_trail()
    assert unsealed.position().complete_to > low
    _insert(low)

    assert seal_trail() == 0
    assert ("event_unsealed", low) in [(f.code, f.event) for f in verify_trail().faults]

    assert seal_passed_over() == 1
    assert "event_unsealed" not in [f.code for f in verify_trail().faults]
    assert seal_passed_over() == 0


@pytest.mark.parametrize("table", ["seal", "sealkey", "sealcopy", "verification"])
@pytest.mark.parametrize(
    "verb", ["UPDATE audits_{0} SET {1} = {1}", "DELETE FROM audits_{0}"]
)
def test_a_stored_row_is_never_changed(place, act, table, verb):
    from audits.services.copying import copy_seals
    from audits.services.watching import verify_when_due

    act()
    seal_trail()
    copy_seals()
    verify_when_due()
    column = {"seal": "root", "sealkey": "since", "sealcopy": "place"}.get(
        table, "faults"
    )
    before = _rows(table)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        _run(verb.format(table, column))
    assert _rows(table) == before


def _rows(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM audits_{table}")  # noqa: S608
        return cursor.fetchall()


def _run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _draw_ids(count):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('trail_event_id_seq') FROM generate_series(1, %s)", [count]
        )
        return [row[0] for row in cursor.fetchall()]


def _insert(event_id):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO trail_event (id, subject_kind, subject_id, seq, action,"
            " actor_name, actor_role, source, request_id, facts, commitments,"
            " occurred_at) OVERRIDING SYSTEM VALUE VALUES (%s, 'late', 1, 1, 'x', 'w',"
            " 's', 'worker', '', '{}', '{}', now())",
            [event_id],
        )


def test_the_second_sealer_returns_at_once(place, act):
    act()
    seal_trail()
    act()
    with transaction.atomic():
        assert sealing._alone()
        others = []

        def run():
            try:
                others.append(seal_trail())
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(20)
        assert others == [0]
    assert seal_trail() == 1
