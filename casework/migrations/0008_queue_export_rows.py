"""How many cases one file of the queue holds."""

from django.db import migrations

KEY = "queue_export_rows"


def add(apps, schema_editor):
    apps.get_model("casework", "Parameter").objects.get_or_create(
        key=KEY, defaults={"name": "工作台一次最多导出多少件", "value": 5000, "basis": "保证页面几秒内完成，可修改"}
    )


def remove(apps, schema_editor):
    apps.get_model("casework", "Parameter").objects.filter(key=KEY).delete()


class Migration(migrations.Migration):
    dependencies = [("casework", "0007_rule_names")]
    operations = [migrations.RunPython(add, remove)]
