"""The periods in which the handling limits ran that were suspended before this version."""

from django.db import migrations
from django.db.models import Sum

HANDLED = ("to_dispatch", "to_sign", "handling", "suspended")


def fill(apps, schema_editor):
    models = ("Deadline", "LimitPeriod", "CaseEvent", "Suspension", "ExtensionRequest")
    Deadline, LimitPeriod, CaseEvent, Suspension, Extension = (
        apps.get_model("casework", name) for name in models
    )
    stopped = Deadline.objects.filter(step="handle", ended_at__isnull=True, left__isnull=False, missed_at=None)
    for deadline in stopped.iterator():
        own = {"case_id": deadline.case_id}
        begun = CaseEvent.objects.filter(**own, to_status__in=HANDLED).exclude(from_status__in=HANDLED)
        began_at = begun.order_by("-seq").values_list("at", flat=True).first()
        if began_at is None:
            continue
        stops = Suspension.objects.filter(**own, decided_at__gte=began_at).exclude(
            state="ended", ended_at__isnull=True
        )
        stops = stops.filter(state__in=("approved", "ended")).order_by("decided_at")
        for stopped_at, went_on_at in stops.values_list("decided_at", "ended_at"):
            granted = Extension.objects.filter(
                **own, state="approved", decided_at__gte=began_at, decided_at__lte=stopped_at
            )
            LimitPeriod.objects.create(
                deadline=deadline,
                began_at=began_at,
                stopped_at=stopped_at,
                extra_workdays=granted.aggregate(sum=Sum("workdays"))["sum"] or 0,
            )
            began_at = went_on_at


class Migration(migrations.Migration):
    dependencies = [("requests", "0011_thresholds_as_data"), ("casework", "0012_kept_lateness")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=False)]
