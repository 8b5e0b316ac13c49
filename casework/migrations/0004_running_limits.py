"""Limits that run when this version is installed become deadlines, in the hours they were given."""

from datetime import timedelta

from django.db import migrations

STATUSES = ("to_dispatch", "to_sign", "handling")


def carry_over(apps, schema_editor):
    Case, Deadline = apps.get_model("casework", "Case"), apps.get_model("casework", "Deadline")
    running = Case.objects.filter(status__in=STATUSES, due_at__isnull=False, closed_at__isnull=True)
    for case in running.only("due_at", "limit_from", "opened_at").iterator():
        start = case.limit_from or case.opened_at
        hours = min(max(round((case.due_at - start) / timedelta(hours=1)), 1), 400)
        yellow_at = case.due_at - (case.due_at - start) / 5
        Deadline.objects.create(
            case=case, step="handle", is_main=True, amount=hours, unit="calendar_hour", counted_from=start,
            due_at=case.due_at, yellow_at=yellow_at,
        )
        Case.objects.filter(pk=case.pk).update(yellow_at=yellow_at)


class Migration(migrations.Migration):
    dependencies = [("casework", "0003_time")]
    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]
