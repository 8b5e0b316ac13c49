"""The limits as delivered are the default table; a category has a limit of its own only where a standard gives one.

The first catalogue's plain hours had become a limit of almost every category (0004), which went before type and level.
Those rows go, as long as nobody edited them; limits that run keep what they were counted by.
"""

from datetime import date

from django.db import migrations
from django.db.models import Q

VALID_FROM = date(2020, 1, 1)
HOURS_BASIS = "参照城市管理立案结案标准与 12345 办理惯例拟定，可修改"
# What 0004 made of the first catalogue: step, amount, unit, categories.
FROM_HOURS = [
    ("handle", 1, "workday", "manhole lift parking ebike-charging heating elderly-help"),
    ("handle", 2, "workday", "fire-lane"),
    ("handle", 3, "workday", "lighting water-drain piled-goods small-ads construction-waste noise pets"),
    ("handle", 3, "workday", "house-safety social-help renovation-works"),
    ("sign", 1, "working_hour", "fire-lane house-safety elderly-help"),
]
# What a standard gives, which 0004 had right; code, workdays, basis.
BY_STANDARD = [
    ("illegal-building", 15, "城市管理处置时限标准：违法搭建 15 个工作日，可修改"),
    ("exposed-rubbish", 1, "城市管理处置时限标准：暴露垃圾 1 个工作日，可修改"),
]
GREENERY = {
    "code": "greenery", "name": "绿化养护", "photo_needed": True, "default_level": "community", "order": 50,
    "boundary_note": "院内草坪、树木枯死、倾倒、遮挡；市政绿地和古树名木归园林部门", "basis": HOURS_BASIS,
}  # fmt: skip
GREENERY_BASIS = "城市管理处置时限标准：绿地养护 5 个工作日，可修改"


def settle(apps, schema_editor):
    ServiceLevel = apps.get_model("casework", "ServiceLevel")
    rows = ServiceLevel.objects.filter(kind="ticket", level="", cut_off=None, valid_from=VALID_FROM)
    of_hours = rows.filter(urgency="", basis=HOURS_BASIS)
    for step, amount, unit, codes in FROM_HOURS:
        of_hours.filter(step=step, amount=amount, unit=unit, subject__in=codes.split()).delete()
    for code, amount, basis in BY_STANDARD:
        of_hours.filter(step="handle", amount=amount, unit="workday", subject=code).update(basis=basis)
    if add_greenery(apps.get_model("requests", "Category")):
        ServiceLevel.objects.create(
            kind="ticket", step="handle", subject="greenery", amount=5, unit="workday", basis=GREENERY_BASIS,
            valid_from=VALID_FROM,
        )  # fmt: skip


def add_greenery(Category):
    """The catalogue had no category for what the standard says of greenery; False where there is one, or no group."""
    group = Category.objects.filter(code="appearance", parent=None).first()
    same = Q(code=GREENERY["code"]) | Q(parent=group, name=GREENERY["name"])
    if group is None or Category.objects.filter(same).exists():
        return False
    Category.objects.create(parent=group, **GREENERY)
    return True


class Migration(migrations.Migration):
    dependencies = [("requests", "0008_desks_are_told")]
    operations = [migrations.RunPython(settle, migrations.RunPython.noop)]
