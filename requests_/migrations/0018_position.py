"""How exact a position is when the browser does not say, and from how far away a position is asked about."""

from django.db import migrations

PARAMETERS = [
    # key, what it governs, value, basis
    ("position_accuracy_m", "定位精度（米）：此范围内有几个微网格时由上报人选定", 15, "参照手机卫星定位的一般精度，可修改"),
    ("position_far_m", "位置距所选微网格超过多少米须确认", 1000, "内部约定：防止误选位置，可修改"),
]


def fill(apps, schema_editor):
    Parameter = apps.get_model("casework", "Parameter")
    for key, name, value, basis in PARAMETERS:
        Parameter.objects.create(key=key, name=name, value=value, basis=basis)


def empty(apps, schema_editor):
    apps.get_model("casework", "Parameter").objects.filter(key__in=[row[0] for row in PARAMETERS]).delete()


class Migration(migrations.Migration):
    dependencies = [("requests", "0017_phone_numbers")]
    operations = [migrations.RunPython(fill, empty)]
