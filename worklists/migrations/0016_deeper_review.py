"""Deeper review: triggers with figures, lent authority, the terms of approval."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent / "sql" / "0016_lent_authority.sql"
BACK = """
DROP TRIGGER review_on_behalf_guard ON worklists_review;
DROP FUNCTION review_on_behalf_guard();
DROP TRIGGER delegation_guard ON worklists_reviewdelegation;
DROP FUNCTION delegation_guard();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("worklists", "0015_trail_recorded_brin"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReviewDelegation",
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
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("amount_limit", models.DecimalField(decimal_places=2, max_digits=12)),
                (
                    "risk_classes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        default=list,
                        size=None,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="bulkact",
            name="bulk_act_kind",
        ),
        migrations.AddField(
            model_name="defect",
            name="payer",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="worklists.payer",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="approver_role",
            field=models.CharField(
                blank=True,
                choices=[
                    ("coder", "Coder"),
                    ("reviewer", "Senior reviewer"),
                    ("manager", "Manager"),
                    ("auditor", "Auditor"),
                    ("educator", "Educator"),
                    ("provider", "Provider"),
                    ("administrator", "Administrator"),
                ],
                help_text="Who alone approves it, with a written reason; empty for any senior.",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="due_at",
            field=models.DateTimeField(
                help_text="By when a senior decides: the policy's business hours.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="on_behalf_of",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="payer",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="worklists.payer",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="risk_classes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="reviewpolicy",
            name="approval_from",
            field=models.DecimalField(decimal_places=2, max_digits=12, null=True),
        ),
        migrations.AddField(
            model_name="reviewpolicy",
            name="approvals",
            field=models.JSONField(
                default=list,
                help_text="Judgements that only the approver's role approves.",
            ),
        ),
        migrations.AddField(
            model_name="reviewpolicy",
            name="approver_role",
            field=models.CharField(
                blank=True,
                choices=[
                    ("coder", "Coder"),
                    ("reviewer", "Senior reviewer"),
                    ("manager", "Manager"),
                    ("auditor", "Auditor"),
                    ("educator", "Educator"),
                    ("provider", "Provider"),
                    ("administrator", "Administrator"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="reviewpolicy",
            name="autonomy",
            field=models.JSONField(
                default=list,
                help_text="Steps [reviews, percent that stood, looked at of 20]; see autonomy.",
            ),
        ),
        migrations.AddField(
            model_name="reviewpolicy",
            name="judgements",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="reviewpolicy",
            name="miss_reviews",
            field=models.PositiveSmallIntegerField(
                default=5, help_text="A miss among so many brings the full rate back."
            ),
        ),
        migrations.AddField(
            model_name="reviewpolicy",
            name="recurring_days",
            field=models.PositiveSmallIntegerField(default=60),
        ),
        migrations.AddField(
            model_name="reviewpolicy",
            name="recurring_from",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="reviewpolicy",
            name="review_hours",
            field=models.PositiveSmallIntegerField(
                help_text="Business hours in which a senior decides; null is none.",
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
                ],
                default="reassigned",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="review",
            name="triggers",
            field=models.JSONField(
                help_text="Which fired: code, label, words, figures, the policy's version."
            ),
        ),
        migrations.AddIndex(
            model_name="defect",
            index=models.Index(
                condition=models.Q(("payer__isnull", False)),
                fields=["payer", "defect_class", "seen_at"],
                name="defect_payer_class_seen",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["reassigned", "deferred", "prioritized", "approved"])
                ),
                name="bulk_act_kind",
            ),
        ),
        migrations.AddField(
            model_name="reviewdelegation",
            name="delegate",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="borrows",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="reviewdelegation",
            name="delegator",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lends",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="reviewdelegation",
            name="ended_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="reviewdelegation",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="delegation",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reviews",
                to="worklists.reviewdelegation",
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(
                    ("decided_at__isnull", False), ("payer__isnull", False)
                ),
                fields=["payer", "-decided_at"],
                name="review_payer_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("on_behalf_of", None),
                    models.Q(
                        ("workers__contains", [models.F("on_behalf_of")]), _negated=True
                    ),
                    _connector="OR",
                ),
                name="review_four_eyes_on_behalf",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("delegation", None), ("on_behalf_of", None)),
                    models.Q(
                        ("delegation__isnull", False),
                        ("on_behalf_of__isnull", False),
                        ("reviewer__isnull", False),
                        models.Q(("reviewer", models.F("on_behalf_of")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="review_on_behalf_is_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="reviewdelegation",
            index=models.Index(
                condition=models.Q(("ended_at", None)),
                fields=["delegate", "ends_at"],
                name="delegation_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewdelegation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("delegate", models.F("delegator")), _negated=True),
                    models.Q(("made_by", models.F("delegate")), _negated=True),
                ),
                name="delegation_to_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewdelegation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_limit__gt", 0), ("ends_at__gt", models.F("starts_at"))
                ),
                name="delegation_has_span_and_limit",
            ),
        ),
        migrations.RunSQL(
            sql=SQL.read_text(encoding="utf-8"), reverse_sql=BACK, elidable=False
        ),
    ]
