"""How long people spend on items: spells that are counted, corrections by themselves."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent / "sql" / "0026_time_on_items.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("worklists", "0025_escalations_answered"),
    ]

    operations = [
        migrations.CreateModel(
            name="TimeCorrection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("seconds", models.IntegerField()),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(help_text="In all, from then on."),
                ),
                (
                    "seq",
                    models.IntegerField(help_text="Of its event on the item's chain."),
                ),
                ("corrected_at", models.DateTimeField()),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="worklists.workitem",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["item", "user"], name="time_correction_item")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("seconds", 0), _negated=True),
                        name="time_correction_changes",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TimeSpell",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("begun_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("seconds", models.PositiveIntegerField(default=0)),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="worklists.workitem",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["user", "-last_seen_at"], name="time_spell_newest"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("item", "user", "begun_at"), name="time_spell_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(
            sql=SQL.read_text(encoding="utf-8"),
            reverse_sql=migrations.RunSQL.noop,
            elidable=False,
        ),
    ]
