"""First values of the ticket rules and a first catalogue of categories; administrators edit both."""

from django.db import migrations

PARAMETERS = [
    # key, what it governs (shown in the administration), value, basis
    ("archive_days", "办结后多少天自动归档", 30, "内部约定，可修改"),
    ("reopen_days", "办结后多少天内可以重开", 30, "内部约定，可修改"),
    ("callback_tries", "未联系上办结前至少回访次数", 3, "12345 回访惯例，可修改"),
    ("callback_days", "未联系上办结前回访至少分布在几天", 2, "12345 回访惯例，可修改"),
    ("spot_check_percent", "即办即结工单抽查比例（%）", 10, "内部约定，可修改"),
    ("duplicate_radius_m", "上报前提示附近同类工单的半径（米）", 100, "内部约定，可修改"),
]
BASIS = "参照城市管理立案结案标准与 12345 办理惯例拟定，可修改"
# group code, group name, [(code, name, small, photo, sign h, handle h, level, what belongs here)]
CATEGORIES = [
    ("public-facility", "公共设施", [
        ("stairs-handrail", "楼道踏步、扶手破损", True, True, 2, 120, "grid", "楼道内踏步、扶手、墙皮；主体结构安全走“房屋安全”"),
        ("lighting", "楼道、院内照明", True, True, 2, 72, "grid", "声控灯、庭院灯；市政路灯归城管"),
        ("manhole", "井盖缺损", False, True, 2, 24, "community", "院内各类井盖；道路上的按井盖标识找产权单位"),
        ("water-drain", "上下水、堵漏", False, True, 2, 72, "community", "公共管道；户内管道由住户自理"),
        ("lift", "电梯故障", False, False, 2, 24, "community", "困人请同时拨打 96333 或物业电话"),
    ]),
    ("appearance", "环境卫生", [
        ("exposed-rubbish", "暴露垃圾", True, True, 2, 24, "grid", "散落、堆放的生活垃圾"),
        ("piled-goods", "楼道堆物", True, True, 2, 72, "grid", "占用楼道、消防通道的杂物"),
        ("small-ads", "小广告", True, True, 2, 72, "grid", "楼道、外墙张贴喷涂"),
        ("construction-waste", "装修垃圾", False, True, 2, 72, "community", "未按点堆放或未清运"),
    ]),
    ("order", "秩序与噪声", [
        ("parking", "乱停车、占用通道", True, True, 2, 24, "grid", "院内；道路违停归交警"),
        ("noise", "噪声扰民", False, False, 2, 72, "community", "装修、广场舞、商铺；夜间施工归城管"),
        ("pets", "宠物扰民", True, False, 2, 72, "grid", "犬只不牵绳、粪便"),
    ]),
    ("safety", "安全隐患", [
        ("fire-lane", "消防通道、设施", False, True, 1, 48, "community", "堵占、损坏；火情先拨 119"),
        ("ebike-charging", "电动车进楼、飞线充电", True, True, 2, 24, "grid", "楼内停放充电、私拉电线"),
        ("house-safety", "房屋安全", False, True, 1, 72, "subdistrict", "裂缝、脱落、下沉；先设警示再上报"),
        ("illegal-building", "疑似违法建设", False, True, 2, 360, "community", "登记线索；认定与处置按旧改和执法程序"),
    ]),
    ("livelihood", "民生服务", [
        ("heating", "供暖", False, False, 2, 24, "community", "不热、漏水；热力公司承办"),
        ("social-help", "低保、救助咨询", False, False, 2, 72, "community", "只登记诉求，不记录病情等敏感信息"),
        ("elderly-help", "老人求助", False, False, 1, 24, "grid", "送餐、代办、走访"),
        ("dispute", "邻里纠纷", False, False, 2, 120, "grid", "先由网格调解"),
        ("renovation-works", "旧改施工", False, True, 2, 72, "community", "扰民、漏水、管线、停水停电、垃圾清运、承诺未兑现"),
        ("other", "其他", False, False, 2, 120, "community", "以上都不合适时使用"),
    ]),
]


def fill(apps, schema_editor):
    Parameter = apps.get_model("requests", "Parameter")
    Category = apps.get_model("requests", "Category")
    for key, name, value, basis in PARAMETERS:
        Parameter.objects.create(key=key, name=name, value=value, basis=basis)
    for place, (code, name, rows) in enumerate(CATEGORIES, start=1):
        group = Category.objects.create(code=code, name=name, order=place * 10, basis=BASIS)
        for order, (sub, label, small, photo, sign, handle, level, note) in enumerate(rows, start=1):
            Category.objects.create(
                parent=group, code=sub, name=label, is_small=small, photo_needed=photo, sign_hours=sign,
                handle_hours=handle, default_level=level, boundary_note=note, basis=BASIS, order=order * 10,
            )


def empty(apps, schema_editor):
    Category = apps.get_model("requests", "Category")
    Category.objects.filter(parent__isnull=False).delete()
    Category.objects.all().delete()
    apps.get_model("requests", "Parameter").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("requests", "0001_initial")]
    operations = [migrations.RunPython(fill, empty)]
