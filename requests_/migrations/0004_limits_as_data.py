"""The default limits of tickets, whom lateness reaches, and the numbers of the rules; administrators edit all three.

What was given as plain hours of a category becomes workdays of its own limit; what was the default follows the level.
"""

from datetime import date, timedelta

from django.db import migrations

VALID_FROM = date(2020, 1, 1)
PROPOSED = "参照 12345 工单办理与城市管理处置时限惯例拟定，可修改"
# step, subject, urgency, level, amount, unit, basis
LIMITS = [
    ("sign", "", "", "", 2, "working_hour", PROPOSED),
    ("sign", "", "urgent", "", 30, "minute", PROPOSED),
    ("sign", "", "emergency", "", 30, "minute", PROPOSED),
    ("first_contact", "", "", "", 24, "calendar_hour", "24 小时内首次联系诉求人；" + PROPOSED),
    ("handle", "", "urgent", "", 24, "calendar_hour", "紧急事项 24 小时，夜间和节假日连续计算；" + PROPOSED),
    ("handle", "", "emergency", "", 12, "calendar_hour", "特急事项当日办结；" + PROPOSED),
    ("handle", "type:consult", "", "", 3, "workday", PROPOSED),
    ("handle", "", "", "grid", 5, "workday", PROPOSED),
    ("handle", "", "", "community", 7, "workday", PROPOSED),
    ("handle", "", "", "subdistrict", 15, "workday", PROPOSED),
    ("handle", "", "", "district", 15, "workday", PROPOSED),
    ("rework", "", "", "", 5, "workday", PROPOSED),
    ("review", "", "", "", 2, "workday", "内部约定，可修改"),
    ("callback", "", "", "", 2, "workday", "核查后 2 个工作日内回访；" + PROPOSED),
    ("return", "", "", "", 2, "workday", "不属于本单位职责的，2 个工作日内说明理由退回；" + PROPOSED),
]
DEFAULT_HANDLE_HOURS, DEFAULT_SIGN_HOURS = 120, 2
# step, workdays late, tells, basis
ESCALATION = [
    ("handle", -1, "handler", "临期提醒承办人"),
    ("handle", -1, "grid_leader", "临期提醒网格长"),
    ("review", -1, "grid_leader", "临期提醒核查人"),
    ("callback", -1, "community_officer", "临期提醒回访人"),
    ("sign", 0, "handler", "签收超时即提醒承办人"),
    ("handle", 0, "handler", "超期即提醒承办人"),
    ("handle", 0, "grid_leader", "超期即提醒网格长"),
    ("handle", 3, "community_secretary", "超期 3 个工作日提醒社区书记"),
    ("handle", 6, "subdistrict_admin", "超期 6 个工作日提醒街道"),
    ("first_contact", 0, "handler", "未按时首次联系即提醒承办人"),
    ("review", 0, "grid_leader", "核查超时即提醒"),
    ("review", 0, "community_officer", "核查超时即提醒"),
    ("review", 3, "community_secretary", "核查超时 3 个工作日提醒社区书记"),
    ("callback", 0, "community_officer", "回访超时即提醒"),
    ("callback", 3, "community_secretary", "回访超时 3 个工作日提醒社区书记"),
]
# key, what it governs, value, basis
PARAMETERS = [
    ("extension_max_workdays", "每次延期最多工作日", 10, "参照 12345 工单延期惯例，可修改"),
    ("suspension_max_days", "挂账后最长多少天内复核", 90, "内部约定，可修改"),
    ("repeat_days", "多少天内同类诉求算重复反映", 90, "内部约定，可修改"),
    ("topic_count", "未诉先办：同一地点同类诉求达到几件立专题", 3, "未诉先办惯例，可修改"),
    ("topic_days", "未诉先办：在多少天内", 30, "未诉先办惯例，可修改"),
]


def fill(apps, schema_editor):
    ServiceLevel, EscalationStep, Parameter = (
        apps.get_model("casework", name) for name in ("ServiceLevel", "EscalationStep", "Parameter")
    )
    rows = list(LIMITS)
    for category in apps.get_model("requests", "Category").objects.filter(parent__isnull=False).order_by("pk"):
        basis = category.basis or PROPOSED
        if category.handle_hours != DEFAULT_HANDLE_HOURS:
            rows.append(("handle", category.code, "", "", -(-category.handle_hours // 24), "workday", basis))
        if category.sign_hours != DEFAULT_SIGN_HOURS:
            rows.append(("sign", category.code, "", "", category.sign_hours, "working_hour", basis))
    for step, subject, urgency, level, amount, unit, basis in rows:
        ServiceLevel.objects.create(
            kind="ticket", step=step, subject=subject, urgency=urgency, level=level, amount=min(max(amount, 1), 400),
            unit=unit, basis=basis, valid_from=VALID_FROM,
        )
    for step, after, tell, basis in ESCALATION:
        EscalationStep.objects.create(kind="ticket", step=step, after_workdays=after, tell=tell, basis=basis)
    for row in apps.get_model("requests", "Parameter").objects.all():
        Parameter.objects.create(key=row.key, name=row.name, value=row.value, basis=row.basis)
    for key, name, value, basis in PARAMETERS:
        Parameter.objects.create(key=key, name=name, value=value, basis=basis)


def carry_over(apps, schema_editor):
    """Signing limits that run when this version is installed.

    An upgrade may bring casework to its newest columns first; casework.0009 filled them only for rows that were there.
    """
    Deadline = apps.get_model("casework", "Deadline")
    has_half_over_at = any(field.name == "half_over_at" for field in Deadline._meta.get_fields())
    waiting = apps.get_model("requests", "Ticket").objects.filter(status="to_sign", sign_due_at__isnull=False)
    for ticket in waiting.iterator():
        start = ticket.dispatched_at or ticket.status_since
        hours = min(max(round((ticket.sign_due_at - start) / timedelta(hours=1)), 1), 400)
        newer = {}
        if has_half_over_at:
            half_over_at = ticket.sign_due_at + (ticket.sign_due_at - start) / 2
            newer = {"half_over_at": half_over_at, "limit_step": "sign"}
        Deadline.objects.create(
            case_id=ticket.pk, step="sign", amount=hours, unit="calendar_hour", counted_from=start,
            due_at=ticket.sign_due_at, yellow_at=ticket.sign_due_at - (ticket.sign_due_at - start) / 5, **newer,
        )


def empty(apps, schema_editor):
    for name in ("ServiceLevel", "EscalationStep", "Parameter"):
        apps.get_model("casework", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("requests", "0003_time")]
    operations = [
        migrations.RunPython(fill, empty),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
    ]
