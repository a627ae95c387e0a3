"""Ladders put in force, and how far running clocks follow them by now."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("worklists", "0017_evidence_in_depth"),
    ]

    operations = [
        migrations.CreateModel(
            name="LadderSwitch",
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
                ("seen_at", models.DateTimeField(null=True)),
                ("past_item", models.BigIntegerField(default=0)),
                ("clocks", models.PositiveIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ladder_switch",
                        to="worklists.ruleversion",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at", None)),
                        fields=["id"],
                        name="ladder_switch_under_way",
                    )
                ],
            },
        ),
    ]
