"""The trail's trigger, so said that sealing a row runs no query."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent / "sql" / "0023_plainer_seal.sql"


class Migration(migrations.Migration):
    dependencies = [("worklists", "0022_evidence_measured")]

    operations = [
        migrations.RunSQL(
            sql=SQL.read_text(encoding="utf-8"),
            reverse_sql=migrations.RunSQL.noop,  # the old one says the same
            elidable=False,
        ),
    ]
