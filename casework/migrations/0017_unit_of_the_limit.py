"""The unit of the limit stands on the case's row, so that lists say what is left in it without a second table."""

from django.db import migrations, models

FILL = """
    UPDATE casework_case c SET due_unit = d.unit FROM casework_deadline d
    WHERE d.case_id = c.id AND c.due_at IS NOT NULL AND (
        (c.closed_at IS NULL AND d.is_main AND d.ended_at IS NULL)
        OR (c.closed_at IS NOT NULL AND d.step = 'handle' AND d.due_at = c.due_at)
    )"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0016_many_messages")]
    operations = [
        migrations.AddField(
            model_name="case",
            name="due_unit",
            field=models.CharField(
                blank=True,
                choices=[
                    ("minute", "minutes"),
                    ("calendar_hour", "hours, day and night"),
                    ("working_hour", "office hours"),
                    ("workday", "workdays"),
                    ("calendar_day", "days"),
                ],
                default="",
                max_length=14,
                verbose_name="unit of the limit",
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop, elidable=False),
    ]
