"""The trail: its partitioned table, its functions, triggers and privileges."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent / "sql" / "0002_trail.sql"


class Migration(migrations.Migration):
    dependencies = [("worklists", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql=SQL.read_text(encoding="utf-8"),
            reverse_sql=migrations.RunSQL.noop,
            elidable=False,
        ),
        migrations.RunSQL(
            sql="""
            ALTER TABLE worklists_chainhead ALTER COLUMN hash DROP NOT NULL;
            ALTER TABLE worklists_workitem
                SET (fillfactor = 85,
                     autovacuum_vacuum_scale_factor = 0.02,
                     autovacuum_analyze_scale_factor = 0.02);
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
