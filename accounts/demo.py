"""The demonstration's people: invented names, employee numbers that say so, no private phone numbers."""

from dataclasses import dataclass

from accounts.choices import OrganisationKind, Role
from accounts.models import Organisation, User

# Public on purpose: it opens a demonstration with invented data on the loopback address only.
PASSWORD = "Weige-2023-demo"  # noqa: S105
OFFICE_PHONE = "0931-0000000"
ORGANISATIONS = (
    ("一只船社区居委会", OrganisationKind.COMMUNITY, False),
    ("东岗西路街道办事处", OrganisationKind.SUBDISTRICT, True),
    ("街道综合执法中队", OrganisationKind.ENFORCEMENT, True),
    ("区住建局（演示）", OrganisationKind.DEPARTMENT, True),
    ("供热公司（演示）", OrganisationKind.DEPARTMENT, True),
    ("旧改施工项目部（演示）", OrganisationKind.CONTRACTOR, True),
    ("示例社区居委会", OrganisationKind.COMMUNITY, False),
)


@dataclass(frozen=True)
class Part:
    """One member of the cast. `shown`: listed on the sign-in page of the demonstration."""

    username: str
    name: str
    role: Role
    organisation: str
    note: str = ""
    shown: bool = False


HOUSE, STREET, SQUAD = "一只船社区居委会", "东岗西路街道办事处", "街道综合执法中队"
STAFF = (
    Part("shuji", "秦书记", Role.COMMUNITY_SECRETARY, HOUSE, "社区书记、网格总长", shown=True),
    Part("zhuangan", "苏专干", Role.COMMUNITY_OFFICER, HOUSE, "社区工作者", shown=True),
    Part("zhuangan2", "何专干", Role.COMMUNITY_OFFICER, HOUSE, "社区工作者（关怀专干）"),
    Part("wangzhang1", "罗网格长", Role.GRID_LEADER, HOUSE, "第1–3网格网格长", shown=True),
    Part("wangzhang2", "梁网格长", Role.GRID_LEADER, HOUSE, "第4–6网格网格长"),
    Part("wangzhang3", "宋网格长", Role.GRID_LEADER, HOUSE, "第7–9网格网格长"),
    Part("wanggeyuan1", "许网格员", Role.GRID_WORKER, HOUSE, "第1–3网格专职网格员", shown=True),
    Part("wanggeyuan2", "邓网格员", Role.GRID_WORKER, HOUSE, "第4–6网格专职网格员"),
    Part("wanggeyuan3", "冯网格员", Role.GRID_WORKER, HOUSE, "第7–9网格专职网格员"),
    Part("jiedao", "程主任", Role.SUBDISTRICT_ADMIN, STREET, "街道管理员", shown=True),
    Part("lingdao", "曹领导", Role.LEADER_VIEW, STREET, "只看数字"),
    Part("zhifa", "彭队员", Role.ENFORCEMENT_OFFICER, SQUAD, "执法队员"),
    Part("zhujian", "曾科员", Role.DEPARTMENT_HANDLER, "区住建局（演示）", "部门承办人", shown=True),
    Part("admin", "系统管理员", Role.SYSTEM_ADMIN, HOUSE, "系统管理员（后台，看不到事项）", shown=True),
)
MICRO_GRID_SURNAMES = "邹熊金陆郝孔白崔康毛邱秦江"
MICRO_GRID_WORKERS = tuple(
    Part(f"weiwang{n}", f"{surname}楼长", Role.MICRO_GRID_WORKER, HOUSE, f"第{n}微网格微网格员", shown=n == 1)
    for n, surname in enumerate(MICRO_GRID_SURNAMES, start=1)
)
NEIGHBOURS = (
    Part(
        "shili",
        "史专干",
        Role.COMMUNITY_OFFICER,
        "示例社区居委会",
        "示例社区工作者（看不到一只船社区）",
        shown=True,
    ),
    Part("shiliwang", "顾网格员", Role.GRID_WORKER, "示例社区居委会", "示例社区网格员"),
)
AUDITORS = (Part("shenji", "韩审计", Role.AUDITOR, STREET, "审计员（后台：管理操作、导出记录）", shown=True),)
CAST = STAFF + MICRO_GRID_WORKERS + NEIGHBOURS + AUDITORS


def make_people() -> dict[str, User]:
    """The cast and their organisations, saved; keyed by sign-in name."""
    organisations = {
        name: Organisation.objects.create(name=name, kind=kind, takes_cases=takes, phone=OFFICE_PHONE)
        for name, kind, takes in ORGANISATIONS
    }
    return {
        part.username: User.objects.create_user(
            part.username,
            PASSWORD,
            name=part.name,
            role=part.role,
            employee_no=f"DEMO-{number:03d}",
            organisation=organisations[part.organisation],
            # A domain that is nobody's; the demonstration writes its letters to the worker's log.
            email=f"{part.username}@example.org",
            is_care_officer=part.username == "zhuangan2",
            must_change_password=False,
        )
        for number, part in enumerate(CAST, start=1)
    }
