"""Absences that move work: what was handed over, when it ended, and no two at once."""

from pathlib import Path

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent / "sql" / "0009_absences.sql"

# Absences recorded before this version were a note to read. Those that began move
# nothing by the upgrade; of two on the same days the first one recorded counts. One
# by one, since an absence that is closed here shares its days with nobody any more.
CARRY_OVER = """
UPDATE worklists_absence SET closed_at = now() WHERE ends_on < CURRENT_DATE - 1;
DO $$
DECLARE
    a record;
BEGIN
    FOR a IN SELECT id, user_id, starts_on, ends_on FROM worklists_absence
              WHERE closed_at IS NULL ORDER BY id LOOP
        UPDATE worklists_absence SET closed_at = now()
         WHERE id = a.id AND EXISTS (
               SELECT 1 FROM worklists_absence b
                WHERE b.user_id = a.user_id AND b.id < a.id AND b.closed_at IS NULL
                  AND b.starts_on <= a.ends_on AND b.ends_on >= a.starts_on);
    END LOOP;
END $$;
UPDATE worklists_absence SET handed_over_at = now()
 WHERE closed_at IS NULL AND starts_on <= CURRENT_DATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("worklists", "0008_acts_on_many"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="absence",
            options={"ordering": ["-starts_on", "-id"]},
        ),
        migrations.AddField(
            model_name="absence",
            name="closed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="absence",
            name="hand_over",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="absence",
                to="worklists.bulkact",
            ),
        ),
        migrations.AddField(
            model_name="absence",
            name="handed_over_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="absence",
            name="recorded_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AlterField(
            model_name="absence",
            name="backup",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="covers",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="bulkact",
            name="actor",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="absence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("hand_over", None),
                    ("handed_over_at__isnull", False),
                    _connector="OR",
                ),
                name="absence_hand_over_has_moment",
            ),
        ),
        migrations.RunSQL(sql=CARRY_OVER, reverse_sql=migrations.RunSQL.noop),
        migrations.RunSQL(
            sql=SQL.read_text(encoding="utf-8"),
            reverse_sql="DROP TRIGGER absence_alone ON worklists_absence;"
            " DROP FUNCTION absence_alone();",
            elidable=False,
        ),
    ]
