"""Levels of the tree and the posts people hold in it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role


class Level(models.TextChoices):
    """Levels below the city; the length of the national code tells the level (6, 9, 12, 15, 17 digits)."""

    DISTRICT = "district", _("District")
    SUBDISTRICT = "subdistrict", _("Subdistrict")
    COMMUNITY = "community", _("Community")
    GRID = "grid", _("Grid")
    MICRO_GRID = "micro_grid", _("Micro-grid")


CODE_LENGTH = {
    Level.DISTRICT: 6,
    Level.SUBDISTRICT: 9,
    Level.COMMUNITY: 12,
    Level.GRID: 15,
    Level.MICRO_GRID: 17,
}
LEVEL_OF_LENGTH = {length: level for level, length in CODE_LENGTH.items()}
PARENT_LEVEL = {
    Level.SUBDISTRICT: Level.DISTRICT,
    Level.COMMUNITY: Level.SUBDISTRICT,
    Level.GRID: Level.COMMUNITY,
    Level.MICRO_GRID: Level.GRID,
}


class Duty(models.TextChoices):
    """What a person does in one area. The words equal the roles: a duty is a role held at a place."""

    SUBDISTRICT_ADMIN = Role.SUBDISTRICT_ADMIN.value, Role.SUBDISTRICT_ADMIN.label
    LEADER_VIEW = Role.LEADER_VIEW.value, Role.LEADER_VIEW.label
    COMMUNITY_SECRETARY = Role.COMMUNITY_SECRETARY.value, Role.COMMUNITY_SECRETARY.label
    COMMUNITY_OFFICER = Role.COMMUNITY_OFFICER.value, Role.COMMUNITY_OFFICER.label
    GRID_LEADER = Role.GRID_LEADER.value, Role.GRID_LEADER.label
    GRID_WORKER = Role.GRID_WORKER.value, Role.GRID_WORKER.label
    MICRO_GRID_WORKER = Role.MICRO_GRID_WORKER.value, Role.MICRO_GRID_WORKER.label


# At which level of the tree each duty is held.
DUTY_LEVELS = {
    Duty.SUBDISTRICT_ADMIN: frozenset({Level.SUBDISTRICT}),
    Duty.LEADER_VIEW: frozenset({Level.DISTRICT, Level.SUBDISTRICT}),
    Duty.COMMUNITY_SECRETARY: frozenset({Level.COMMUNITY}),
    Duty.COMMUNITY_OFFICER: frozenset({Level.COMMUNITY}),
    Duty.GRID_LEADER: frozenset({Level.GRID}),
    Duty.GRID_WORKER: frozenset({Level.GRID}),
    Duty.MICRO_GRID_WORKER: frozenset({Level.MICRO_GRID}),
}
# The posts without which an area is not served; the coverage check names them when nobody holds them.
NEEDED_DUTIES = {
    Level.GRID: (Duty.GRID_LEADER, Duty.GRID_WORKER),
    Level.MICRO_GRID: (Duty.MICRO_GRID_WORKER,),
}
# What residents may expect, as the notice board of a grid says it.
DUTY_NOTES = {
    Duty.COMMUNITY_SECRETARY: _(
        "Leads all grids of the community and answers for what a grid cannot settle."
    ),
    Duty.GRID_LEADER: _(
        "Leads the grid, sends matters to whoever can settle them and follows them to the end."
    ),
    Duty.GRID_WORKER: _("Walks the grid every day, takes up residents' matters and calls back."),
    Duty.MICRO_GRID_WORKER: _(
        "Your neighbour on the spot: hears first, helps at once, reports what is needed."
    ),
}
# One main holder per area at a time; deputies (AB posts) are free.
SINGLE_DUTIES = (Duty.GRID_LEADER, Duty.GRID_WORKER)


# Households the standard and practice advise (GB/T 34300; domain page 1.2): shown as a hint, never a rule, since
# real divisions follow walls and gates (17 compounds made 9 grids of 60 to 544 households).
ADVISED_HOUSEHOLDS = {Level.GRID: (300, 500), Level.MICRO_GRID: (30, 100)}


class Specialty(models.TextChoices):
    """A specialist role laid over the grids."""

    NONE = "", _("none")
    FINANCE = "finance", _("Finance")
    FIRE = "fire", _("Fire safety")
    LAW = "law", _("Law")
    COUNSELLING = "counselling", _("Counselling")


class PropertyKind(models.TextChoices):
    """Who keeps a compound."""

    MANAGED = "managed", _("Property company")
    SELF = "self", _("Self-managed")
    WORK_UNIT = "work_unit", _("Work unit")


class SourceCrs(models.TextChoices):
    """The coordinate system a file was made in; stored geometry is always WGS-84."""

    WGS84 = "wgs84", _("WGS-84 / CGCS2000")
    GCJ02 = "gcj02", _("GCJ-02 (Amap, Tencent)")
    BD09 = "bd09", _("BD-09 (Baidu)")
