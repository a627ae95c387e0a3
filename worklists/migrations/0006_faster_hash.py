"""The trail's functions, so declared that the server puts them in place."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent / "sql" / "0006_faster_hash.sql"


class Migration(migrations.Migration):
    dependencies = [("worklists", "0005_fewer_indexes")]

    operations = [
        migrations.RunSQL(
            sql=SQL.read_text(encoding="utf-8"),
            reverse_sql=migrations.RunSQL.noop,  # the old ones say the same bytes
            elidable=False,
        ),
    ]
