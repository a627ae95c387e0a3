"""A dump restored into a fresh cluster: trail and seals hold, and go on there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from audits.models import Seal
from audits.services.copying import copy_seals
from audits.services.sealing import seal_trail
from audits.services.verification import verify_trail
from tests.audits.conftest import act, place  # noqa: F401 - fixtures
from tests.factories import make_site, open_many, take
from tests.heavy.cluster import dump_and_restore, fresh_cluster, url_of

pytestmark = [pytest.mark.heavy, pytest.mark.django_db(transaction=True)]
CHECKOUT = Path(__file__).resolve().parents[2]
ACT = """
from worklists.services import site_acts
for n in range(7):
    site_acts.record(action="setup.changed", facts={"n": n})
"""


def test_dump_restore_verify_go_on_and_verify_again(place, act):  # noqa: F811 - fixtures
    site = make_site()
    for item in open_many(site.queue, site.facility, 5):
        take(item, site.coder)
    act(200)
    _burn_transaction_ids(3000)
    act(20)
    seal_trail(size=50)
    copy_seals()
    act(5)  # not sealed when the dump is made
    before = verify_trail()
    assert (before.whole, before.seals > 3) == (True, True)
    sealed = before.sealed

    with fresh_cluster() as there:
        dump_and_restore(connection.settings_dict["NAME"], there)
        assert _highest_xid(there) > _next_xid(there), "its transaction ids begin anew"

        there_env = _environment(there, place)
        told = _verify(there_env)
        assert told["ok"], told
        assert told["events"] == before.events
        assert (told["seals"]["checked"], told["seals"]["events"]) == (
            before.seals,
            sealed,
        )

        _manage(there_env, "shell", "-c", ACT)
        said = _manage(there_env, "seal_trail")
        assert said.startswith("12 events sealed, 1 seals copied"), said
        _manage(there_env, "shell", "-c", ACT)
        assert _manage(there_env, "seal_trail").startswith("7 events sealed")
        assert _manage(there_env, "seal_trail").startswith("0 events sealed")

        told = _verify(there_env | {"SEAL_LAG_MINUTES": "1"})
        assert told["ok"], told
        assert told["events"] == told["seals"]["events"] == before.events + 14
        assert _sealed_once(there)
        _refused(there)
    assert Seal.objects.count() == before.seals, "the first cluster was left alone"


def _environment(there, place):  # noqa: F811 - a fixture's name
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    return kept | {
        "DATABASE_URL": url_of(there, "app"),
        "DATABASE_OWNER_URL": url_of(there, "owner"),
        "CODETRAIL_DB_ROLE": "app",
        "SEAL_KEY_FILE": str(place.key),
        "SEAL_STORE": place.name,
    }


def _manage(environment, *command):
    line = [sys.executable, str(CHECKOUT / "manage.py"), *command]
    done = subprocess.run(
        line, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _verify(environment):
    return json.loads(_manage(environment, "verify_trail", "--json"))


def _burn_transaction_ids(count):
    with connection.cursor() as cursor:
        for _ in range(count):
            cursor.execute("SELECT pg_current_xact_id()")


def _ask(there, sql, role="superuser"):
    with psycopg.connect(url_of(there, role), autocommit=True) as other:
        return other.execute(sql).fetchone()


def _highest_xid(there):
    return _ask(there, "SELECT max(xid::text::bigint) FROM trail_event")[0]


def _next_xid(there):
    return _ask(there, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")[
        0
    ]


def _sealed_once(there):
    sql = (
        "SELECT (SELECT count(*) FROM trail_event) = count(*)"
        " AND count(*) = count(DISTINCT id)"
        " FROM (SELECT unnest(event_ids) AS id FROM audits_seal) s"
    )
    return _ask(there, sql)[0]


def _refused(there):
    """Triggers are always on there, and the product's role may only add."""
    always = "SELECT bool_and(tgenabled = 'A') FROM pg_trigger WHERE tgname = 'trail_no_change'"
    assert _ask(there, always)[0]
    for sql in ("UPDATE audits_seal SET total = 1", "DELETE FROM audits_seal"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            _ask(there, sql, role="app")
