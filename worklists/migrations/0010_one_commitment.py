"""The trail's canonical bytes, faster where an event binds one reason."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent / "sql" / "0010_one_commitment.sql"


class Migration(migrations.Migration):
    dependencies = [("worklists", "0009_absences")]

    operations = [
        migrations.RunSQL(
            sql=SQL.read_text(encoding="utf-8"),
            reverse_sql=migrations.RunSQL.noop,  # the old one says the same bytes
            elidable=False,
        ),
    ]
