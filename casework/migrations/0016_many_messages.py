"""How many messages of their own one person gets in ten minutes before they come as one list."""

from django.db import migrations

KEY = "single_messages"


def fill(apps, schema_editor):
    apps.get_model("casework", "Parameter").objects.create(
        key=KEY,
        name="同一人同一渠道十分钟内单独发送消息的上限（条），超出的合并为一份清单",
        value=5,
        basis="内部约定：集中超期时避免逐条打扰，可修改",
    )


def empty(apps, schema_editor):
    apps.get_model("casework", "Parameter").objects.filter(key=KEY).delete()


class Migration(migrations.Migration):
    dependencies = [("casework", "0015_export_record")]
    operations = [migrations.RunPython(fill, empty, elidable=False)]
