"""The workday calendar up to 2027 and the hours of offices without their own; administrators edit both."""

import csv
from pathlib import Path

from django.db import migrations

FILE = Path(__file__).resolve().parents[1] / "data" / "workdays.csv"
BASIS = "办公时间按兰州市机关通行作息填写，免打扰与每日清单时间为内部约定；请按本地正式文件核对修改"


def fill(apps, schema_editor):
    Workday = apps.get_model("grids", "Workday")
    with FILE.open(encoding="utf-8", newline="") as file:
        Workday.objects.bulk_create(
            Workday(
                date=row["date"], is_workday=row["is_workday"] == "1", name=row["name"], source=row["source"],
                is_provisional=row["provisional"] == "1",
            )
            for row in csv.DictReader(file)
        )
    apps.get_model("grids", "OfficeHours").objects.create(basis=BASIS)


def empty(apps, schema_editor):
    apps.get_model("grids", "OfficeHours").objects.all().delete()
    apps.get_model("grids", "Workday").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("grids", "0004_workday_calendar")]
    operations = [migrations.RunPython(fill, empty)]
