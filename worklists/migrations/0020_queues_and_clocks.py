"""Overlay flags found by an index, releasing many, reasons for deferring as data,
the margin of the safety net."""

from pathlib import Path

import django.contrib.postgres.indexes
import django.core.validators
from django.db import migrations, models

SQL = Path(__file__).resolve().parent / "sql" / "0020_pend_reasons.sql"
BACK = "DROP FUNCTION IF EXISTS pend_reason_guard() CASCADE"


class Migration(migrations.Migration):
    dependencies = [
        ("worklists", "0019_banners"),
    ]

    operations = [
        migrations.CreateModel(
            name="PendReason",
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
                (
                    "code",
                    models.SlugField(
                        help_text="Stays for good: history names it.",
                        max_length=40,
                        unique=True,
                    ),
                ),
                (
                    "label",
                    models.CharField(help_text="As people choose it.", max_length=80),
                ),
                (
                    "waits_for",
                    models.CharField(
                        choices=[
                            ("provider", "The provider"),
                            ("records", "Medical records"),
                            ("payer", "The payer"),
                            ("team", "Another team"),
                            ("patient", "The patient"),
                            ("nobody", "Nobody"),
                        ],
                        default="nobody",
                        max_length=12,
                    ),
                ),
                (
                    "pauses_internal",
                    models.BooleanField(
                        default=True,
                        help_text="Whether the internal clock pauses. A payer’s limit never does.",
                    ),
                ),
                (
                    "longest_days",
                    models.PositiveSmallIntegerField(
                        default=90,
                        help_text="For so many days ahead at most.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(366),
                        ],
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Without it nobody can choose it; history keeps it.",
                    ),
                ),
            ],
            options={
                "verbose_name": "reason for deferring",
                "verbose_name_plural": "reasons for deferring",
                "ordering": ["id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="bulkact",
            name="bulk_act_kind",
        ),
        migrations.RemoveConstraint(
            model_name="workitem",
            name="item_lift_known",
        ),
        migrations.AddField(
            model_name="itemclock",
            name="margin_days",
            field=models.PositiveSmallIntegerField(
                help_text="Days before the limit at which the safety net catches the item; none: as the service level says.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="bulkact",
            name="kind",
            field=models.CharField(
                choices=[
                    ("reassigned", "Moved"),
                    ("deferred", "Deferred"),
                    ("prioritized", "Priority set"),
                    ("approved", "Approved"),
                    ("released", "Released"),
                ],
                default="reassigned",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="bulkactitem",
            name="lift",
            field=models.SmallIntegerField(
                choices=[
                    (-1, "Lowered"),
                    (0, "Normal"),
                    (1, "Raised"),
                    (2, "Caught by the safety net"),
                ],
                db_default=0,
            ),
        ),
        migrations.AlterField(
            model_name="workitem",
            name="lift",
            field=models.SmallIntegerField(
                choices=[
                    (-1, "Lowered"),
                    (0, "Normal"),
                    (1, "Raised"),
                    (2, "Caught by the safety net"),
                ],
                db_default=0,
                default=0,
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(
                    models.Q(("state__in", ("completed", "cancelled")), _negated=True),
                    models.Q(("flags", []), _negated=True),
                ),
                fastupdate=False,
                fields=["flags"],
                name="item_flagged",
                opclasses=["jsonb_path_ops"],
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "reassigned",
                            "deferred",
                            "prioritized",
                            "approved",
                            "released",
                        ],
                    )
                ),
                name="bulk_act_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="itemclock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("margin_days", None),
                    models.Q(("kind", "legal"), ("margin_days__range", (1, 180))),
                    _connector="OR",
                ),
                name="item_clock_margin",
            ),
        ),
        migrations.AddConstraint(
            model_name="workitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("lift__in", [-1, 0, 1, 2])), name="item_lift_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="pendreason",
            constraint=models.CheckConstraint(
                condition=models.Q(("longest_days__range", (1, 366))),
                name="pend_reason_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="pendreason",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "waits_for__in",
                        ["provider", "records", "payer", "team", "patient", "nobody"],
                    )
                ),
                name="pend_reason_waits_for",
            ),
        ),
        migrations.RunSQL(
            sql=SQL.read_text(encoding="utf-8"), reverse_sql=BACK, elidable=False
        ),
    ]
