"""When half as long again as a limit is over stands beside it, as for the yellow light.

Of limits that were counted before, it is put where time on the wall would put it.
"""

from django.db import migrations, models
from django.db.models import F


def fill(apps, schema_editor):
    Deadline = apps.get_model("casework", "Deadline")
    Deadline.objects.update(half_over_at=F("due_at") + (F("due_at") - F("counted_from")) / 2)


class Migration(migrations.Migration):
    dependencies = [("casework", "0008_queue_export_rows")]
    operations = [
        migrations.AddField(
            model_name="deadline",
            name="half_over_at",
            field=models.DateTimeField(null=True, verbose_name="half as long again is over"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="deadline",
            name="half_over_at",
            field=models.DateTimeField(verbose_name="half as long again is over"),
        ),
        migrations.AddIndex(
            model_name="deadline",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True), ("paused_at__isnull", True), ("step", "sign")),
                fields=["half_over_at"],
                name="casework_deadline_unsigned",
            ),
        ),
        migrations.RemoveIndex(model_name="deadline", name="casework_deadline_span"),
        migrations.AddIndex(
            model_name="deadline",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True), ("paused_at__isnull", True)),
                fields=["counted_from", "half_over_at"],
                name="casework_deadline_span",
            ),
        ),
    ]
