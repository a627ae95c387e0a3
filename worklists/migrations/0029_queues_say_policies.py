"""Versions of queues say what the queue stands on, also those from before."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0029_queues_say_policies.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("worklists", "0028_returns_keep_their_form"),
    ]

    operations = [
        migrations.RunSQL(
            sql=SQL.read_text(encoding="utf-8"),
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
