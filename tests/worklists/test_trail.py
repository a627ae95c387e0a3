"""The trail: its format, its chains, and what the database refuses."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from config import embedded
from worklists import trail
from worklists.context import act_context, moment_context, now
from worklists.models import Event, Installation, User
from worklists.services import reading
from worklists.services.injected_time import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return User.objects.create(username="ana")


def record_two(ana: User) -> list[Event]:
    reading.record(actor=ana, action="login")
    reading.record(actor=ana, action="search.items", facts={"rows": 3, "kind": "é"})
    return list(Event.objects.order_by("seq"))


def row_of(event_id: int) -> dict[str, object]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM trail_event WHERE id = %s", [event_id])
        names = [column[0] for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def test_each_event_carries_the_hash_of_the_one_before(ana: User) -> None:
    first, second = record_two(ana)
    assert (first.seq, first.prev_hash) == (1, None)
    assert (second.seq, bytes(second.prev_hash)) == (2, bytes(first.hash))


def test_python_and_sql_make_the_same_bytes(ana: User) -> None:
    for event in record_two(ana):
        row = row_of(event.pk)
        made = hashlib.sha256(trail.canonical_bytes(row)).digest()
        assert made == bytes(event.hash)


WRITTEN_DOWN = {
    "subject_kind": "item", "subject_id": 7, "seq": 2, "prev_hash": b"\x01" * 32,
    "action": "item.claimed", "actor_id": 5, "actor_name": "ana",
    "actor_role": "coder", "source": "page", "request_id": "r1",
    "object_kind": None, "object_id": None, "facility_id": 3, "queue_id": 4,
    "from_state": "open", "to_state": "in_progress", "facts": "{}",
    "commitments": [b"\x02" * 32], "xid": 99,
    "occurred_at": datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    "recorded_at": datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC),
}  # fmt: skip
DIGEST = "b195564c41ad2581b70ed6850206d2a0d3379aa0a6f76a1d6c27b99e6f64fbe7"
_NOTHING = {
    name: None
    for name, value in WRITTEN_DOWN.items()
    if name not in {"commitments", "occurred_at", "recorded_at", "xid"}
}


def test_the_format_is_the_one_written_down() -> None:
    made = hashlib.sha256(trail.canonical_bytes(WRITTEN_DOWN)).hexdigest()
    assert made == DIGEST
    assert hashlib.sha256(sql_bytes(WRITTEN_DOWN)).hexdigest() == DIGEST


@pytest.mark.parametrize(
    "more",
    [
        {"commitments": []},
        {"commitments": [b"\x03" * 32, b"\x02" * 32, b"\x04" * 32]},
        {"actor_name": "", "facts": '{"wörter":"“so”"}', "request_id": "x" * 300},
        {"occurred_at": datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC)},
        {"occurred_at": datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)},
        _NOTHING,
    ],
    ids=["no commitment", "three", "words", "before 1970", "the last moment", "NULLs"],
)
def test_the_database_says_the_same_bytes_of_any_row(more: dict[str, Any]) -> None:
    row = WRITTEN_DOWN | more
    assert sql_bytes(row) == trail.canonical_bytes(row)


def sql_bytes(row: dict[str, Any]) -> bytes:
    """Return what the canonical function of the database makes of a row."""
    numbers = ("subject_id", "actor_id", "object_id", "facility_id", "queue_id")
    types = dict.fromkeys(numbers, "bigint") | {
        "seq": "int",
        "prev_hash": "bytea",
        "commitments": "bytea[]",
        "occurred_at": "timestamptz",
        "recorded_at": "timestamptz",
        "xid": "text::xid8",
    }
    called = ", ".join(f"{n} => %({n})s::{types.get(n, 'text')}" for n in row)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT trail_canonical({called})", row | {"xid": str(row["xid"])}
        )
        return bytes(cursor.fetchone()[0])


def test_a_field_cannot_borrow_from_its_neighbour() -> None:
    assert trail._field(b"ab") + trail._field(b"c") != trail._field(
        b"a"
    ) + trail._field(b"bc")
    assert trail._field(None) != trail._field(b"")


def test_an_unregistered_action_is_refused(ana: User) -> None:
    with pytest.raises(ValueError, match="does not know the action 'item\\.eaten'"):
        reading.record(actor=ana, action="item.eaten")
    assert Event.objects.count() == 0


def test_the_door_and_the_request_are_on_the_event(ana: User) -> None:
    with act_context(source="api", request_id="req-7"):
        reading.record(actor=ana, action="login")
    event = Event.objects.get()
    assert (event.source, event.request_id, event.actor_role) == (
        "api",
        "req-7",
        "none",
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail_event SET action = 'login'",
        "DELETE FROM trail_event",
        "UPDATE trail_event SET recorded_at = recorded_at - interval '1 year'",
    ],
)
def test_changing_or_deleting_is_refused_by_the_database(
    ana: User, statement: str
) -> None:
    record_two(ana)
    before = list(Event.objects.order_by("id").values_list("id", "action", "hash"))
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    after = list(Event.objects.order_by("id").values_list("id", "action", "hash"))
    assert after == before


def test_recorded_at_and_hash_cannot_be_handed_in(ana: User) -> None:
    before = now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO trail_event (subject_kind, subject_id, seq, hash, action,"
            " actor_name, actor_role, source, request_id, facts, commitments,"
            " occurred_at, recorded_at, xid) VALUES ('user', %s, 1, %s, 'login', 'ana',"
            " '', 'page', '', '{}', '{}', now(), now() - interval '2 seconds', '3')",
            [ana.pk, b"\x00" * 32],
        )
    row = row_of(Event.objects.get().pk)
    assert row["recorded_at"] >= before - timedelta(seconds=1)
    assert int(str(row["xid"])) != 3
    assert bytes(row["hash"]) == hashlib.sha256(trail.canonical_bytes(row)).digest()


def test_an_injected_clock_dates_the_act_and_not_the_record(ana: User) -> None:
    then = datetime(2026, 8, 1, 8, 0, tzinfo=UTC)
    with at(then):
        reading.record(actor=ana, action="login")
    event = Event.objects.get()
    assert event.occurred_at == then
    assert event.recorded_at - then > timedelta(days=30)


def test_a_production_database_refuses_an_injected_clock(ana: User) -> None:
    Installation.objects.update(purpose="production")
    with (
        pytest.raises(DatabaseError, match="demo and test databases only"),
        transaction.atomic(),
        moment_context(datetime(2026, 8, 1, tzinfo=UTC)),
    ):
        reading.record(actor=ana, action="login")
    assert Event.objects.count() == 0


def test_a_temporary_table_does_not_say_what_the_database_is_for(ana: User) -> None:
    Installation.objects.update(purpose="production")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE worklists_installation ON COMMIT DROP AS"
            " SELECT 1::smallint AS id, 'demo'::text AS purpose"
        )
    with (
        pytest.raises(DatabaseError, match="demo and test databases only"),
        transaction.atomic(),
        moment_context(datetime(2026, 8, 1, tzinfo=UTC)),
    ):
        reading.record(actor=ana, action="login")
    assert Event.objects.count() == 0


def test_a_temporary_type_is_not_run_by_the_owner_of_the_trail() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE run_by (who text) ON COMMIT DROP")
        cursor.execute(
            "CREATE FUNCTION pg_temp.look(d pg_catalog.date) RETURNS boolean"
            " LANGUAGE plpgsql AS $$ BEGIN"
            " INSERT INTO pg_temp.run_by VALUES (current_user); RETURN true;"
            " END $$"
        )
        cursor.execute(
            "CREATE DOMAIN pg_temp.date AS pg_catalog.date CHECK (pg_temp.look(VALUE))"
        )
        cursor.execute("SELECT public.trail_make_partitions(0)")
        cursor.execute("SELECT count(*) FROM pg_temp.run_by")
        assert cursor.fetchone() == (0,)


class TestSuperuser:
    """What even the superuser cannot do while the triggers stand."""

    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.mark.parametrize("mode", ["origin", "replica"])
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE trail_event SET action = 'login'",
            "DELETE FROM trail_event",
            "TRUNCATE trail_event",
        ],
    )
    def test_is_refused(self, ana: User, mode: str, statement: str) -> None:
        record_two(ana)
        tables = protect_again()
        try:
            with psycopg.connect(
                embedded.superuser_dsn(connection.settings_dict["NAME"])
            ) as other:
                other.execute(f"SET session_replication_role = {mode}")
                with pytest.raises(
                    psycopg.errors.RestrictViolation, match="append-only"
                ):
                    other.execute(statement)
        finally:
            unprotect(tables)
        assert Event.objects.count() == 2

    def test_truncating_one_partition_is_refused(self, ana: User) -> None:
        record_two(ana)
        tables = protect_again()
        partition = next(t for t in tables if "q" in t.removeprefix("trail_event_"))
        try:
            with (
                psycopg.connect(
                    embedded.superuser_dsn(connection.settings_dict["NAME"])
                ) as other,
                pytest.raises(psycopg.errors.RestrictViolation, match="append-only"),
            ):
                other.execute(f"TRUNCATE {partition}")
        finally:
            unprotect(tables)
        assert Event.objects.count() == 2


def protect_again() -> list[str]:
    """Switch the TRUNCATE triggers on as they are outside tests; return the tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger"
            " WHERE tgname = 'trail_no_truncate' AND NOT tgisinternal"
        )
        tables = [row[0] for row in cursor.fetchall()]
        for table in tables:
            cursor.execute(
                f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER trail_no_truncate"
            )
    return tables


def unprotect(tables: list[str]) -> None:
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER trail_no_truncate")


def test_the_product_s_role_may_only_add_and_read(ana: User) -> None:
    from django.conf import settings

    if settings.DATABASE_APP_ROLE == settings.DATABASE_OWNER_ROLE:
        pytest.skip(
            "this site runs with one role: the triggers protect, not privileges"
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p, has_table_privilege(%s, 'trail_event', p)"
            " FROM unnest(ARRAY['SELECT','INSERT','UPDATE','DELETE','TRUNCATE']) AS p",
            [settings.DATABASE_APP_ROLE],
        )
        held = dict(cursor.fetchall())
    assert held == {
        "SELECT": True, "INSERT": True, "UPDATE": False, "DELETE": False,
        "TRUNCATE": False,
    }  # fmt: skip


def test_what_the_database_is_for_is_the_owner_s_word() -> None:
    from django.conf import settings

    if settings.DATABASE_APP_ROLE == settings.DATABASE_OWNER_ROLE:
        pytest.skip("this site runs with one role: it has the owner's word")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a, has_any_column_privilege(%(app)s, 'worklists_installation', a)"
            "  FROM unnest(ARRAY['SELECT', 'INSERT']) AS a UNION ALL "
            "SELECT c, has_column_privilege(%(app)s, 'worklists_installation', c,"
            " 'UPDATE') FROM unnest(ARRAY['purpose', 'marked_at', 'name']) AS c",
            {"app": settings.DATABASE_APP_ROLE},
        )
        held = dict(cursor.fetchall())
    assert held == {
        "SELECT": True, "INSERT": False, "purpose": False, "marked_at": False,
        "name": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("table", "kept"),
    [
        ("trail_event", {"SELECT", "INSERT"}),
        ("trail_event_default", {"SELECT", "INSERT"}),
        ("worklists_answer", {"SELECT", "INSERT", "UPDATE"}),
        ("worklists_note", {"SELECT", "INSERT", "UPDATE"}),
        ("worklists_notewithdrawal", {"SELECT", "INSERT"}),
        ("worklists_timecorrection", {"SELECT", "INSERT"}),
        ("worklists_defect", {"SELECT", "INSERT"}),
    ],
)
def test_privileges_are_taken_back_whatever_the_role_is_called(
    table: str, kept: set[str]
) -> None:
    taken = {"UPDATE", "DELETE", "TRUNCATE"} - kept
    with connection.cursor() as cursor:
        cursor.execute(
            f"GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON {table} TO pg_monitor"
        )
        cursor.execute("SELECT trail_take_back(%s, %s)", [table, ", ".join(taken)])
        cursor.execute(
            "SELECT a.privilege_type FROM pg_class c, aclexplode(c.relacl) AS a"
            " WHERE c.oid = %s::regclass AND a.grantee = 'pg_monitor'::regrole",
            [table],
        )
        assert {row[0] for row in cursor.fetchall()} == kept


def test_a_new_partition_gives_nobody_more_than_reading_and_adding() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE"
            " ON TABLES TO pg_monitor"
        )
        cursor.execute("SELECT trail_make_partitions(9)")
        cursor.execute(
            "SELECT DISTINCT a.privilege_type"
            "  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid,"
            "       aclexplode(c.relacl) AS a"
            " WHERE i.inhparent = 'trail_event'::regclass AND a.grantee <> c.relowner"
        )
        assert {row[0] for row in cursor.fetchall()} == {"SELECT", "INSERT"}


def test_partitions_are_made_ahead_and_protected() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT trail_make_partitions(9)")
        made = cursor.fetchone()[0]
        cursor.execute("SELECT trail_make_partitions(9)")
        again = cursor.fetchone()[0]
        cursor.execute(
            "SELECT c.relname, array_agg(t.tgname::text || t.tgenabled::text ORDER BY t.tgname)"
            "  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            "  JOIN pg_trigger t ON t.tgrelid = c.oid"
            " WHERE i.inhparent = 'trail_event'::regclass"
            "   AND t.tgname <> 'trail_no_truncate'"
            " GROUP BY c.relname"
        )
        rows = dict(cursor.fetchall())
    assert (made, again) == (1, 0)
    assert len(rows) == 11
    assert set(map(tuple, rows.values())) == {("trail_no_changeA", "trail_seal_rowA")}
