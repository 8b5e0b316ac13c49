"""A limit that was missed before its clock stopped stays missed, and what it used before the stop is kept.

Of limits that ran on before this version with nothing left, the moment they had been missed was overwritten by the
moment they went on: they count as missed since then.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F
from datetime import timedelta


def keep(apps, schema_editor):
    missed = apps.get_model("casework", "Deadline").objects.filter(left=timedelta())
    missed.filter(ended_at__isnull=True).update(missed_at=F("due_at"))
    missed.filter(result="met").exclude(step="return").update(result="missed")


class Migration(migrations.Migration):
    dependencies = [("casework", "0011_time_to_accept")]
    operations = [
        migrations.AddField(
            model_name="deadline",
            name="missed_at",
            field=models.DateTimeField(
                blank=True,
                help_text="It had run out before its clock was stopped: nothing moves it any more.",
                null=True,
                verbose_name="missed at",
            ),
        ),
        migrations.CreateModel(
            name="LimitPeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("began_at", models.DateTimeField(verbose_name="began at")),
                ("stopped_at", models.DateTimeField(verbose_name="suspended at")),
                (
                    "extra_workdays",
                    models.PositiveSmallIntegerField(default=0, verbose_name="workdays added"),
                ),
                (
                    "deadline",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="periods",
                        to="casework.deadline",
                        verbose_name="deadline",
                    ),
                ),
            ],
            options={
                "verbose_name": "period of a deadline",
                "verbose_name_plural": "periods of deadlines",
                "ordering": ("deadline", "began_at", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(stopped_at__gte=F("began_at")), name="casework_limitperiod_valid"
                    )
                ],
            },
        ),
        migrations.RunPython(keep, migrations.RunPython.noop, elidable=False),
    ]
