"""The default limits of proactive topics and whom lateness reaches; administrators edit both."""

from datetime import date

from django.db import migrations

VALID_FROM = date(2020, 1, 1)
PROPOSED = "未诉先办惯例，内部约定，可修改"
# step, amount, unit
LIMITS = [
    ("handle", 15, "workday"),
    ("review", 2, "workday"),
]
# step, workdays late, tells, basis
ESCALATION = [
    ("handle", -1, "handler", "临期提醒专题牵头人"),
    ("handle", -1, "community_officer", "临期提醒社区专干"),
    ("handle", 0, "handler", "超期即提醒专题牵头人"),
    ("handle", 0, "community_officer", "超期即提醒社区专干"),
    ("handle", 3, "community_secretary", "超期 3 个工作日提醒社区书记"),
    ("handle", 6, "subdistrict_admin", "超期 6 个工作日提醒街道"),
    ("review", 0, "community_secretary", "核查超时即提醒社区书记"),
    ("review", 3, "subdistrict_admin", "核查超时 3 个工作日提醒街道"),
]


def fill(apps, schema_editor):
    ServiceLevel, EscalationStep = (
        apps.get_model("casework", name) for name in ("ServiceLevel", "EscalationStep")
    )
    for step, amount, unit in LIMITS:
        ServiceLevel.objects.create(
            kind="topic", step=step, amount=amount, unit=unit, basis=PROPOSED, valid_from=VALID_FROM
        )
    for step, after, tell, basis in ESCALATION:
        EscalationStep.objects.create(kind="topic", step=step, after_workdays=after, tell=tell, basis=basis)


def empty(apps, schema_editor):
    for name in ("ServiceLevel", "EscalationStep"):
        apps.get_model("casework", name).objects.filter(kind="topic").delete()


class Migration(migrations.Migration):
    dependencies = [("requests", "0006_repeats")]
    operations = [migrations.RunPython(fill, empty)]
