"""Drafts that know what somebody else saved meanwhile; notes on items; the same
work open once."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent / "sql" / "0017_notes.sql"


def _person() -> models.ForeignKey:
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


def _id() -> models.BigAutoField:
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


class Migration(migrations.Migration):
    dependencies = [("worklists", "0016_deeper_review")]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="unsettled",
            field=models.JSONField(
                default=dict,
                help_text="Fields that somebody else saved meanwhile, with the version of the "
                "answer that the person's words were typed on: a choice is still to be made.",
            ),
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", _id()),
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
                ("role", models.CharField(max_length=120)),
                ("private", models.BooleanField(default=False)),
                ("seq", models.IntegerField()),
                ("said_at", models.DateTimeField()),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="worklists.workitem",
                    ),
                ),
                ("said_by", _person()),
            ],
            options={
                "indexes": [models.Index(fields=["item", "id"], name="note_item")]
            },
        ),
        migrations.CreateModel(
            name="NoteWithdrawal",
            fields=[
                ("id", _id()),
                (
                    "seq",
                    models.IntegerField(help_text="Of its event on the item's chain."),
                ),
                ("withdrawn_at", models.DateTimeField()),
                (
                    "note",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawal",
                        to="worklists.note",
                    ),
                ),
                ("withdrawn_by", _person()),
            ],
        ),
        migrations.AddField(
            model_name="workitem",
            name="same_key",
            field=models.CharField(
                max_length=64,
                blank=True,
                default="",
                db_default="",
                help_text="What makes it the same work as another (a digest, by its kind).",
            ),
        ),
        migrations.AddConstraint(
            model_name="workitem",
            constraint=models.UniqueConstraint(
                fields=["same_key"],
                condition=~models.Q(same_key="")
                & ~models.Q(state__in=["completed", "cancelled"]),
                name="item_same_work_open_once",
            ),
        ),
        migrations.RunSQL(
            sql=SQL.read_text(encoding="utf-8"),
            reverse_sql=migrations.RunSQL.noop,
            elidable=False,
        ),
    ]
