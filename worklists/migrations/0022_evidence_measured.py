"""Guidance that decisions cite, in versions; what stopped submits."""

from pathlib import Path

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent / "sql" / "0022_evidence_measured.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("worklists", "0021_task_classes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Guidance",
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
                ("slug", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=160)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("payer_policy", "Payer policy"),
                            ("playbook", "Playbook"),
                            ("guideline", "Coding guideline"),
                        ],
                        max_length=16,
                    ),
                ),
                ("specialty", models.CharField(blank=True, max_length=80)),
                (
                    "review_on",
                    models.DateField(help_text="When somebody looks at it again."),
                ),
                ("retired_on", models.DateField(null=True)),
                (
                    "payer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="guidance",
                        to="worklists.payer",
                    ),
                ),
                (
                    "retired_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "guidance",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="GuidanceVersion",
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
                ("number", models.PositiveIntegerField()),
                (
                    "effective_from",
                    models.DateField(
                        help_text="By the source itself, not the day it is written here.",
                        verbose_name="in force from",
                    ),
                ),
                (
                    "effective_to",
                    models.DateField(
                        blank=True,
                        help_text="Its last day, if the source names one. A later version ends it too.",
                        null=True,
                        verbose_name="in force to",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        help_text="Where it stands: document, chapter, address.",
                        max_length=400,
                    ),
                ),
                ("body", models.TextField(help_text="What it says, in our own words.")),
                (
                    "checked_on",
                    models.DateField(
                        help_text="When somebody compared this with the source.",
                        verbose_name="checked on",
                    ),
                ),
                ("written_at", models.DateTimeField()),
                (
                    "guidance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="worklists.guidance",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["guidance", "-number"],
            },
        ),
        migrations.AddConstraint(
            model_name="guidance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["payer_policy", "playbook", "guideline"])
                ),
                name="guidance_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="guidanceversion",
            constraint=models.UniqueConstraint(
                fields=("guidance", "number"), name="guidance_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="guidanceversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("effective_to", None),
                    ("effective_to__gte", models.F("effective_from")),
                    _connector="OR",
                ),
                name="guidance_version_days_in_order",
            ),
        ),
        migrations.CreateModel(
            name="SubmitTry",
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
                ("tried_at", models.DateTimeField()),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), size=None
                    ),
                ),
                ("is_first", models.BooleanField()),
                (
                    "facility",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="worklists.facility",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="worklists.workitem",
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="worklists.queue",
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="worklists.evidencetemplate",
                    ),
                ),
                (
                    "tried_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        fields=["queue", "-tried_at"], name="submit_try_queue"
                    ),
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["tried_at"], name="submit_try_at"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_first", True)),
                        fields=("item",),
                        name="submit_try_first_once",
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
