"""What is reported has a limit too: until when somebody takes it up, and whom it reaches when nobody does.

Tickets that wait already when this version is installed get theirs from requests.0014.
"""

from datetime import date

from django.db import migrations

VALID_FROM = date(2020, 1, 1)
BASIS = "内部约定：半个工作日内受理，紧急的立即受理；可修改"
# urgency, amount, unit
LIMITS = [("", 4, "working_hour"), ("urgent", 30, "minute"), ("emergency", 30, "minute")]
# workdays late, tells, basis
ESCALATION = [
    (0, "grid_leader", "受理超时即提醒网格长"),
    (0, "community_officer", "受理超时即提醒社区专干"),
    (1, "community_secretary", "受理超时 1 个工作日提醒社区书记"),
]


def fill(apps, schema_editor):
    ServiceLevel, EscalationStep = (
        apps.get_model("casework", name) for name in ("ServiceLevel", "EscalationStep")
    )
    for urgency, amount, unit in LIMITS:
        ServiceLevel.objects.create(
            kind="ticket", step="accept", urgency=urgency, amount=amount, unit=unit, basis=BASIS,
            valid_from=VALID_FROM,
        )
    for after, tell, basis in ESCALATION:
        EscalationStep.objects.create(
            kind="ticket", step="accept", after_workdays=after, tell=tell, basis=basis
        )


def empty(apps, schema_editor):
    for name in ("ServiceLevel", "EscalationStep"):
        apps.get_model("casework", name).objects.filter(kind="ticket", step="accept").delete()


class Migration(migrations.Migration):
    dependencies = [("requests", "0009_default_limits"), ("casework", "0011_time_to_accept")]
    operations = [migrations.RunPython(fill, empty)]
