"""Banners above every page, by role and with dates."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("worklists", "0018_ladder_switch"),
    ]

    operations = [
        migrations.CreateModel(
            name="Banner",
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
                    "text",
                    models.CharField(
                        help_text="One or two sentences, without patient data.",
                        max_length=240,
                    ),
                ),
                (
                    "tone",
                    models.CharField(
                        choices=[
                            ("accent", "For information"),
                            ("soon", "Take care"),
                            ("over", "Urgent"),
                        ],
                        default="accent",
                        max_length=8,
                    ),
                ),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("coder", "Coder"),
                                ("reviewer", "Senior reviewer"),
                                ("manager", "Manager"),
                                ("auditor", "Auditor"),
                                ("educator", "Educator"),
                                ("provider", "Provider"),
                                ("administrator", "Administrator"),
                            ],
                            max_length=16,
                        ),
                        blank=True,
                        default=list,
                        help_text="Who sees it. Choose none for everybody.",
                        size=None,
                    ),
                ),
                ("begins_at", models.DateTimeField(help_text="In your time zone.")),
                ("ends_at", models.DateTimeField(help_text="From then on it is gone.")),
            ],
            options={
                "ordering": ["-begins_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("begins_at"))),
                        name="banner_ends_after_it_begins",
                        violation_error_message="A banner ends after it begins.",
                    )
                ],
            },
        ),
    ]
