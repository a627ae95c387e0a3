"""The database moves who had an account in hand forward alone."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0037_in_hand_moves_forward.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("worklists", "0036_part_taken_back"),
    ]

    operations = [
        migrations.RunSQL(
            sql=SQL.read_text(encoding="utf-8"),
            reverse_sql="""
                DROP TRIGGER set_up_by_guard ON worklists_setupby;
                DROP FUNCTION set_up_by_guard();
            """,
        ),
    ]
