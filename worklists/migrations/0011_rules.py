"""An index of the trail by when things happened, and versions of rules."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("worklists", "0010_one_commitment")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "0011_trail_by_time.sql").read_text(encoding="utf-8"),
            reverse_sql="DROP INDEX trail_event_occurred",
            elidable=False,
        ),
    ]
