"""Versions of payer profiles; what is stored becomes version 1, in force."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

BEGINNING = "1900-01-01"
# What the last release shipped; a site's own profiles carry no edition.
SHIPPED = "medicare-ffs"


def carry_forward(apps: Any, _editor: Any) -> None:
    """What each profile says becomes its version 1, in force for every decision."""
    profile_model = apps.get_model("denials", "AppealProfile")
    version_model = apps.get_model("denials", "ProfileVersion")
    level_model = apps.get_model("denials", "AppealLevel")
    floor_model = apps.get_model("denials", "MoneyFloor")
    for profile in profile_model.objects.order_by("pk"):
        version = version_model.objects.create(
            profile=profile,
            number=1,
            state="in_force",
            effective_from=BEGINNING,
            note=profile.note,
            edition=1 if profile.slug == SHIPPED else 0,
        )
        for level in level_model.objects.filter(profile=profile):
            level.version = version
            level.save(update_fields=["version"])
            if level.money_floor is not None:
                floor_model.objects.create(
                    level=level,
                    year=_year(level),
                    amount=level.money_floor,
                    source=level.source,
                    verified_on=level.verified_on,
                    verified_by=level.verified_by,
                )


def _year(level: Any) -> int:
    checked = level.verified_on.year if level.verified_on else 2026
    return level.floor_year or checked


class Migration(migrations.Migration):
    dependencies = [
        ("denials", "0002_fewer_indexes"),
        ("worklists", "0002_trail"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MoneyFloor",
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
                ("year", models.PositiveSmallIntegerField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("source", models.CharField(max_length=200)),
                ("verified_on", models.DateField(null=True)),
                ("verified_by", models.CharField(blank=True, max_length=120)),
            ],
            options={
                "ordering": ["level", "year"],
            },
        ),
        migrations.CreateModel(
            name="ProfileVersion",
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
                            ("draft", "Draft"),
                            ("proposed", "Waits for approval"),
                            ("in_force", "In force"),
                            ("superseded", "Superseded"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                (
                    "effective_from",
                    models.DateField(
                        help_text="Holds for decisions dated on or after this day.",
                        null=True,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("edition", models.PositiveSmallIntegerField(default=0)),
                ("proposed_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["profile", "-number"],
            },
        ),
        migrations.CreateModel(
            name="Verification",
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
                ("verified_on", models.DateField()),
                ("source", models.CharField(max_length=200)),
                ("said_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="VersionWords",
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
                            ("sent_back", "Sent back"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=12,
                    ),
                ),
                ("said_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="appeallevel",
            name="months",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="appealprofile",
            name="contract",
            field=models.CharField(
                choices=[
                    ("any", "With or without a contract"),
                    ("contracted", "With a contract"),
                    ("non_contracted", "Without a contract"),
                ],
                default="any",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="appeallevel",
            name="days",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="appeallevel",
            name="start_event",
            field=models.CharField(
                choices=[
                    ("received", "Receipt of the decision"),
                    ("presumed_receipt", "Presumed receipt of the decision"),
                    ("notice", "Date of the notice"),
                    ("remittance", "Date of the remittance"),
                    ("service_through", "Last day of service"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="moneyfloor",
            name="level",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="floors",
                to="denials.appeallevel",
            ),
        ),
        migrations.AddField(
            model_name="profileversion",
            name="decided_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="profileversion",
            name="profile",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="denials.appealprofile",
            ),
        ),
        migrations.AddField(
            model_name="profileversion",
            name="proposed_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="appeallevel",
            name="version",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="levels",
                to="denials.profileversion",
            ),
        ),
        migrations.AddField(
            model_name="verification",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="verification",
            name="floor",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="verifications",
                to="denials.moneyfloor",
            ),
        ),
        migrations.AddField(
            model_name="verification",
            name="level",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="verifications",
                to="denials.appeallevel",
            ),
        ),
        migrations.AddField(
            model_name="versionwords",
            name="said_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="versionwords",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="words",
                to="denials.profileversion",
            ),
        ),
        migrations.AddConstraint(
            model_name="moneyfloor",
            constraint=models.UniqueConstraint(
                fields=("level", "year"), name="money_floor_once_a_year"
            ),
        ),
        migrations.AddConstraint(
            model_name="moneyfloor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("verified_on", None),
                    models.Q(("verified_by", ""), _negated=True),
                    _connector="OR",
                ),
                name="money_floor_verified_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="profileversion",
            constraint=models.UniqueConstraint(
                fields=("profile", "number"), name="profile_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="profileversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("draft", "proposed"))),
                fields=("profile",),
                name="profile_version_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="profileversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("proposed_by", None),
                    ("decided_by", None),
                    models.Q(("proposed_by", models.F("decided_by")), _negated=True),
                    _connector="OR",
                ),
                name="profile_version_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="profileversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("in_force", "superseded")), _negated=True),
                    ("effective_from__isnull", False),
                    _connector="OR",
                ),
                name="profile_version_in_force_from_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="profileversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("in_force", "superseded")), _negated=True),
                    ("proposed_by", None),
                    ("decided_by__isnull", False),
                    _connector="OR",
                ),
                name="profile_version_approved_by_somebody",
            ),
        ),
        migrations.RunPython(carry_forward, migrations.RunPython.noop),
    ]
