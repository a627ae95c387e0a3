"""How many items the taking back of an act on many put back."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql" / "0036_part_taken_back.sql"
BEFORE = SQL.with_name("0036_part_taken_back_reverse.sql")


class Migration(migrations.Migration):
    dependencies = [
        ("worklists", "0035_guidance_of_queues"),
    ]

    operations = [
        migrations.AddField(
            model_name="bulkact",
            name="put_back",
            field=models.PositiveIntegerField(
                help_text="How many items the taking back put back; others stayed.",
                null=True,
            ),
        ),
        migrations.RunSQL(
            sql=SQL.read_text(encoding="utf-8"),
            reverse_sql=BEFORE.read_text(encoding="utf-8"),
        ),
    ]
