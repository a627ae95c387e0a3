"""Who decided a version of a rule is written with the decision and never after it."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0033_who_decided.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("worklists", "0032_one_clock_asks_once"),
    ]

    operations = [
        migrations.RunSQL(
            sql=SQL.read_text(encoding="utf-8"),
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
