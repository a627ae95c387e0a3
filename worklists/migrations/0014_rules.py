"""Versions of rules, days with hours of their own, and the trail by time."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("worklists", "0013_saved_views"),
    ]

    operations = [
        migrations.AddField(
            model_name="holiday",
            name="hours",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.CreateModel(
            name="Rule",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("queue", "Queue"),
                            ("sla", "Service level"),
                            ("review", "Review policy"),
                            ("template", "Evidence template"),
                            ("routing", "Routing"),
                            ("calendar", "Calendar"),
                        ],
                        max_length=10,
                    ),
                ),
                ("slug", models.SlugField()),
            ],
            options={
                "ordering": ["kind", "slug"],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "slug"), name="rule_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleVersion",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Waits for approval"),
                            ("approved", "Approved, begins later"),
                            ("in_force", "In force"),
                            ("superseded", "Superseded"),
                            ("sent_back", "Sent back"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
                ("content", models.JSONField()),
                ("effective_from", models.DateField(null=True)),
                ("alone", models.BooleanField(default=False)),
                ("proposed_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("in_force_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="worklists.rule",
                    ),
                ),
            ],
            options={
                "ordering": ["rule", "-number"],
            },
        ),
        migrations.CreateModel(
            name="RuleWords",
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
                    "content",
                    models.TextField(
                        help_text="Canonical JSON: exactly the bytes committed to.",
                        null=True,
                    ),
                ),
                ("salt", models.BinaryField(max_length=32, null=True)),
                ("commitment", models.BinaryField(max_length=32)),
                ("redacted_at", models.DateTimeField(null=True)),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("approved", "Approved"),
                            ("put_in_force", "Put in force"),
                            ("sent_back", "Sent back"),
                            ("withdrawn", "Withdrawn"),
                            ("changed", "Changed"),
                        ],
                        max_length=12,
                    ),
                ),
                ("said_at", models.DateTimeField()),
                (
                    "said_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="words",
                        to="worklists.ruleversion",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddIndex(
            model_name="ruleversion",
            index=models.Index(
                condition=models.Q(("state", "approved")),
                fields=["effective_from"],
                name="rule_version_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.UniqueConstraint(
                fields=("rule", "number"), name="rule_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("proposed", "approved"))),
                fields=("rule",),
                name="rule_version_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "in_force")),
                fields=("rule",),
                name="rule_version_one_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("alone", True),
                    ("decided_by", None),
                    models.Q(("proposed_by", models.F("decided_by")), _negated=True),
                    _connector="OR",
                ),
                name="rule_version_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("alone", True),
                    models.Q(
                        ("state__in", ["approved", "in_force", "superseded"]),
                        _negated=True,
                    ),
                    ("decided_by__isnull", False),
                    _connector="OR",
                ),
                name="rule_version_approved_by_somebody",
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "0014_rules.sql").read_text(encoding="utf-8"),
            reverse_sql="DROP FUNCTION rule_version_guard CASCADE",
            elidable=False,
        ),
        migrations.RunSQL(
            sql=(SQL / "0014_trail_by_time.sql").read_text(encoding="utf-8"),
            reverse_sql="DROP INDEX trail_event_occurred",
            elidable=False,
        ),
    ]
