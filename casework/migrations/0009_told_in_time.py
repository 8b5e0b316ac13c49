"""When half as long again as a limit is over, and whose limit it is; whom lateness may reach; calls that end.

Of limits that were counted before, half as long again is put where time on the wall would put it.
"""

from django.db import migrations, models
from django.db.models import F


def fill(apps, schema_editor):
    Deadline = apps.get_model("casework", "Deadline")
    half_over_at = F("due_at") + (F("due_at") - F("counted_from")) / 2
    Deadline.objects.update(half_over_at=half_over_at, limit_step=F("step"))


def end_calls(apps, schema_editor):
    calls = apps.get_model("casework", "WhistleCall").objects.filter(case__closed_at__isnull=False)
    calls.filter(state__in=("called", "reported_in")).update(state="ended")


class Migration(migrations.Migration):
    dependencies = [("casework", "0008_queue_export_rows")]
    operations = [
        migrations.AddField(
            model_name="deadline",
            name="half_over_at",
            field=models.DateTimeField(null=True, verbose_name="half as long again is over"),
        ),
        migrations.AddField(
            model_name="deadline",
            name="limit_step",
            field=models.CharField(
                choices=[
                    ("sign", "Signing"),
                    ("first_contact", "First contact"),
                    ("handle", "Handling"),
                    ("rework", "Rework"),
                    ("review", "Review"),
                    ("callback", "Callback"),
                    ("return", "Sending back"),
                ],
                default="",
                max_length=16,
                verbose_name="limit of",
            ),
            preserve_default=False,
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
        migrations.AlterField(
            model_name="escalationstep",
            name="tell",
            field=models.CharField(
                choices=[
                    ("handler", "Handler"),
                    ("grid_leader", "Grid leader"),
                    ("community_officer", "Community officer"),
                    ("community_secretary", "Community secretary"),
                    ("subdistrict_admin", "Subdistrict administrator"),
                    ("desk", "Desk of the handling level"),
                    ("sheet_leader", "Leader named on the supervision sheet"),
                ],
                max_length=20,
                verbose_name="tells",
            ),
        ),
        migrations.AlterField(
            model_name="whistlecall",
            name="state",
            field=models.CharField(
                choices=[
                    ("called", "Called"),
                    ("reported_in", "Reported in"),
                    ("handled", "Dealt with"),
                    ("rated", "Rated"),
                    ("ended", "Ended with the case"),
                ],
                default="called",
                max_length=12,
                verbose_name="state",
            ),
        ),
        migrations.RemoveConstraint(model_name="whistlecall", name="casework_whistle_one_open"),
        migrations.RunPython(end_calls, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="whistlecall",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["rated", "ended"]), _negated=True),
                fields=("case", "organisation"),
                name="casework_whistle_one_open",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True), models.Q(("urgency", "normal"), _negated=True)),
                fields=["path"],
                name="casework_open_urgent",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="state",
            field=models.CharField(
                choices=[
                    ("planned", "Planned"),
                    ("claimed", "Being sent"),
                    ("sent", "Sent"),
                    ("noted", "Only noted in the log"),
                    ("dropped", "No longer needed"),
                    ("dead", "Given up"),
                ],
                default="planned",
                max_length=8,
                verbose_name="state",
            ),
        ),
    ]
