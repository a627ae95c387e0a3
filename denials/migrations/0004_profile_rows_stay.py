"""The old columns go; rows of a version that is no draft stay as they are."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent / "sql" / "0004_profile_rows_stay.sql"


class Migration(migrations.Migration):
    dependencies = [("denials", "0003_profile_versions")]

    operations = [
        migrations.AlterModelOptions(
            name="appeallevel",
            options={"ordering": ["version", "level"]},
        ),
        migrations.RemoveConstraint(
            model_name="appeallevel",
            name="appeal_level_once",
        ),
        migrations.RemoveField(
            model_name="appeallevel",
            name="floor_year",
        ),
        migrations.RemoveField(
            model_name="appeallevel",
            name="money_floor",
        ),
        migrations.RemoveField(
            model_name="appeallevel",
            name="profile",
        ),
        migrations.AlterField(
            model_name="appeallevel",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="levels",
                to="denials.profileversion",
            ),
        ),
        migrations.RemoveField(
            model_name="appealprofile",
            name="note",
        ),
        migrations.AddConstraint(
            model_name="appeallevel",
            constraint=models.UniqueConstraint(
                fields=("version", "level"), name="appeal_level_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="appeallevel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("days__isnull", False), ("months", None)),
                    models.Q(("count", "calendar"), ("days", None), ("months__gt", 0)),
                    _connector="OR",
                ),
                name="appeal_level_days_or_months",
            ),
        ),
        migrations.AddConstraint(
            model_name="appeallevel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("level", 0), ("start_event", "service_through")),
                    models.Q(
                        ("level__gt", 0),
                        models.Q(("start_event", "service_through"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="appeal_level_filing_from_service",
            ),
        ),
        migrations.RunSQL(
            sql=SQL.read_text(encoding="utf-8"),
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
