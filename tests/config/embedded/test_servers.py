"""The servers are real, closed to everybody else, and gone with their last user."""

import contextlib
import os
import signal
import stat
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from config import embedded
from config.embedded import postgres, valkey

pytestmark = [pytest.mark.integration, pytest.mark.heavy]


def up(places):
    return postgres.is_running(places), valkey.is_running(places)


def ask(url, query):
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()[0]


def leave(process):
    process.communicate(timeout=30)
    assert process.returncode == 0


def test_servers_are_up_inside_the_block_and_down_after_it(instance):
    with embedded.servers():
        assert up(instance) == (True, True)
    assert up(instance) == (False, False)


@pytest.mark.parametrize(
    ("role", "name", "superuser", "may_create_databases"),
    [
        ("app", "codetrail_app", False, False),
        ("owner", "codetrail_owner", False, True),
        ("superuser", "codetrail_superuser", True, True),
    ],
)
def test_roles_have_what_they_need_and_no_more(
    instance, role, name, superuser, may_create_databases
):
    with embedded.servers(), psycopg.connect(embedded.database_url(role)) as connection:
        found = connection.execute(
            "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolreplication"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    more = superuser
    assert found == (name, superuser, may_create_databases, more, more)


def test_app_may_use_the_owners_tables_but_make_none(instance):
    with embedded.servers():
        with psycopg.connect(embedded.database_url("owner")) as owner:
            owner.execute("CREATE TABLE thing (id bigint GENERATED ALWAYS AS IDENTITY)")
        with psycopg.connect(embedded.database_url("app")) as app:
            app.execute("INSERT INTO thing DEFAULT VALUES")
            assert app.execute("DELETE FROM thing").rowcount == 1
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("TRUNCATE thing")
        with (
            psycopg.connect(embedded.database_url("app")) as app,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            app.execute("CREATE TABLE other (id int)")


def test_new_databases_carry_the_default_privileges(instance):
    with embedded.servers():
        with psycopg.connect(embedded.database_url("owner"), autocommit=True) as owner:
            owner.execute("CREATE DATABASE later")
        with psycopg.connect(embedded.database_url("owner", "later")) as owner:
            owner.execute("CREATE TABLE thing (id int)")
        assert (
            ask(embedded.database_url("app", "later"), "SELECT count(*) FROM thing")
            == 0
        )


@pytest.mark.parametrize("role", ["app", "owner", "superuser"])
def test_wrong_password_is_refused_for_every_role(instance, role):
    with embedded.servers():
        wrong = psycopg.conninfo.make_conninfo(
            embedded.database_url(role), password="wrong"
        )
        with pytest.raises(psycopg.OperationalError, match="password authentication"):
            psycopg.connect(wrong)


def test_nothing_listens_on_the_network(instance):
    with embedded.servers():
        owner = embedded.database_url("owner")
        assert ask(owner, "SHOW listen_addresses") == ""
        with redis.Redis.from_url(embedded.redis_url()) as client:
            assert client.config_get("port") == {"port": "0"}


def test_valkey_asks_for_its_password(instance):
    with (
        embedded.servers(),
        redis.Redis(unix_socket_path=str(valkey.socket_of(instance))) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


def test_passwords_are_readable_only_by_us(instance):
    with embedded.servers():
        facts = instance.secrets.stat()
    assert stat.S_IMODE(facts.st_mode) == 0o600
    assert facts.st_uid == os.geteuid()


def test_folders_of_the_servers_are_closed(instance):
    with embedded.servers():
        folders = [instance.cluster.parent, instance.valkey, instance.sockets]
        modes = {stat.S_IMODE(folder.stat().st_mode) for folder in folders}
        owners = {folder.stat().st_uid for folder in folders}
    assert modes == {0o700}
    assert owners == {instance.service_uid}


def test_no_password_on_any_command_line(instance):
    with embedded.servers():
        lines = " ".join(
            " ".join(process.info["cmdline"] or [])
            for process in psutil.process_iter(["cmdline"])
        )
        secrets = embedded.secrets.read_or_create(instance).values()
    assert not [secret for secret in secrets if secret in lines]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("timezone", "UTC"),
        ("jit", "off"),
        ("idle_in_transaction_session_timeout", "2min"),
        ("password_encryption", "scram-sha-256"),
        ("data_checksums", "on"),
        ("log_min_error_statement", "panic"),
        ("fsync", "on"),
    ],
)
def test_settings_are_those_of_the_documented_file(instance, setting, value):
    with embedded.servers():
        assert ask(embedded.database_url("owner"), f"SHOW {setting}") == value


def test_data_outlives_a_stop(instance):
    with embedded.servers():
        with psycopg.connect(embedded.database_url("owner")) as owner:
            owner.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS n")
        with redis.Redis.from_url(embedded.redis_url()) as client:
            client.set("kept", "8")
    with embedded.servers():
        assert ask(embedded.database_url("owner"), "SELECT n FROM kept") == 7
        with redis.Redis.from_url(embedded.redis_url()) as client:
            assert client.get("kept") == b"8"


def test_servers_stay_until_the_last_user_leaves(instance, use):
    first, second = use(), use()
    leave(first)
    assert up(instance) == (True, True)
    leave(second)
    assert up(instance) == (False, False)


def test_user_that_started_nothing_stops_nothing(instance, use):
    starter = use()
    with embedded.servers():
        pass
    assert up(instance) == (True, True)
    leave(starter)


def test_several_starting_at_once_share_one_server(instance, use):
    users = [use(wait=False) for _ in range(5)]
    assert [user.stdout.readline() for user in users] == ["up\n"] * 5
    masters = [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if str(instance.cluster) in (process.info["cmdline"] or [])
    ]
    assert len(masters) == 1
    for user in users:
        leave(user)
    assert up(instance) == (False, False)


def test_killed_user_leaves_the_servers_to_the_next_who_stops_them(instance, use):
    user = use()
    user.send_signal(signal.SIGKILL)
    user.wait()
    assert up(instance) == (True, True)
    with embedded.servers():
        assert ask(embedded.database_url("app"), "SELECT 1") == 1
    assert up(instance) == (False, False)


def kill_servers(instance):
    with redis.Redis.from_url(embedded.redis_url()) as client:
        broker = client.info("server")["process_id"]
    master = psutil.Process(
        int((instance.cluster / "postmaster.pid").read_text().split()[0])
    )
    backends = master.children()
    for process in [psutil.Process(broker), master, *backends]:
        # A backend may have ended of itself since it was listed.
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(backends, timeout=10)


def test_killed_servers_start_again_with_their_data(instance, use):
    user = use()
    with psycopg.connect(embedded.database_url("owner")) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS survives AS SELECT 9 AS n")
    kill_servers(instance)
    with embedded.servers():
        assert ask(embedded.database_url("owner"), "SELECT n FROM survives") == 9
        leave(user)
    assert up(instance) == (False, False)


def test_process_number_of_a_stranger_is_no_server(instance):
    with embedded.servers():
        pass
    lines = [str(os.getpid()), str(instance.cluster), "1", "5432", "", "", "", "ready"]
    (instance.cluster / "postmaster.pid").write_text("\n".join(lines))
    assert not postgres.is_running(instance)
    with embedded.servers():
        assert ask(embedded.database_url("app"), "SELECT 1") == 1


def test_sockets_left_by_a_reboot_are_no_servers(instance):
    with embedded.servers():
        pass
    for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock", "valkey.sock"):
        (instance.sockets / name).write_text("left over")
    with embedded.servers():
        assert up(instance) == (True, True)


def test_remove_refuses_while_somebody_uses_the_servers(instance, use):
    user = use()
    with pytest.raises(embedded.EmbeddedError, match="in use by another command"):
        embedded.remove(instance)
    assert up(instance) == (True, True)
    leave(user)


def test_unfinished_cluster_is_made_again(instance):
    with embedded.servers():
        pass
    embedded.remove(instance)
    instance.create()
    instance.create_service_folders()
    half = instance.cluster.parent / "new-1"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    with embedded.servers():
        assert ask(embedded.database_url("app"), "SELECT 1") == 1
    assert not half.exists()


def test_given_addresses_start_nothing(monkeypatch, instance):
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/trail")
    monkeypatch.setenv("REDIS_URL", "redis://broker.example")
    with embedded.servers():
        assert up(instance) == (False, False)


def test_given_database_starts_only_valkey(monkeypatch, instance):
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/trail")
    with embedded.servers():
        assert up(instance) == (False, True)


def test_superuser_of_a_given_database_must_be_named(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/trail")
    monkeypatch.delenv("DATABASE_SUPERUSER_URL", raising=False)
    with pytest.raises(embedded.EmbeddedError, match="DATABASE_SUPERUSER_URL"):
        embedded.superuser_dsn()
    monkeypatch.setenv("DATABASE_SUPERUSER_URL", "postgresql://root@db.example/trail")
    found = psycopg.conninfo.conninfo_to_dict(embedded.superuser_dsn("other"))
    assert found == {"user": "root", "host": "db.example", "dbname": "other"}


def test_checkout_folder_keeps_its_permissions(instance):
    watched = [Path(part) for part in ("/", "/var", "/var/lib")]
    before = [path.stat().st_mode for path in watched]
    with embedded.servers():
        pass
    assert [path.stat().st_mode for path in watched] == before
