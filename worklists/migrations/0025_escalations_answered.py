"""Escalations that were answered together are one more act on many."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("worklists", "0024_returns_point_at"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="bulkact",
            name="bulk_act_kind",
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
                    ("answered", "Escalations answered"),
                ],
                default="reassigned",
                max_length=12,
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
                            "answered",
                        ],
                    )
                ),
                name="bulk_act_kind",
            ),
        ),
    ]
