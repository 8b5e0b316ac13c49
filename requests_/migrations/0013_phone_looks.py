"""How many phone numbers one person may try on the report form in an hour."""

from django.db import migrations

KEY = "phone_looks_per_hour"


def fill(apps, schema_editor):
    apps.get_model("casework", "Parameter").objects.create(
        key=KEY,
        name="每人每小时可在上报页核对多少个电话号码是否反映过",
        value=30,
        basis="内部约定：防止批量试探居民电话，可修改",
    )


def empty(apps, schema_editor):
    apps.get_model("casework", "Parameter").objects.filter(key=KEY).delete()


class Migration(migrations.Migration):
    dependencies = [("requests", "0012_limit_periods")]
    operations = [migrations.RunPython(fill, empty)]
