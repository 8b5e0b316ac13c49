"""The roles of the field (domain page 12.2) and the kinds of organisation."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What kind of account this is. What a person may do to a case also needs a post (`grids.AreaAssignment`)."""

    SYSTEM_ADMIN = "system_admin", _("System administrator")
    SECURITY_ADMIN = "security_admin", _("Security administrator")
    AUDITOR = "auditor", _("Auditor")
    LEADER_VIEW = "leader_view", _("Leader (figures only)")
    SUBDISTRICT_ADMIN = "subdistrict_admin", _("Subdistrict administrator")
    COMMUNITY_SECRETARY = "community_secretary", _("Community secretary")
    COMMUNITY_OFFICER = "community_officer", _("Community officer")
    GRID_LEADER = "grid_leader", _("Grid leader")
    GRID_WORKER = "grid_worker", _("Grid worker")
    MICRO_GRID_WORKER = "micro_grid_worker", _("Micro-grid worker")
    DEPARTMENT_HANDLER = "department_handler", _("Department handler")
    ENFORCEMENT_OFFICER = "enforcement_officer", _("Enforcement officer")
    PARTNER_CONTACT = "partner_contact", _("Partner contact")
    SITE_MANAGER = "site_manager", _("Site manager")


# The three administrators (三员): they keep the system, its people and the record of both. By their role they see no
# case and no figure of cases (docs/decisions/0016-administrators.md).
ADMIN_SITE_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
# To belong to an organisation gives these no case of it: leaders see figures, administrators not even those.
NO_CASES_OF_AN_ORGANISATION = ADMIN_SITE_ROLES | {Role.LEADER_VIEW}
# Roles that serve an organisation, not an area: they see what was dispatched to them.
ORGANISATION_ROLES = frozenset(
    {Role.DEPARTMENT_HANDLER, Role.ENFORCEMENT_OFFICER, Role.PARTNER_CONTACT, Role.SITE_MANAGER}
)


class OrganisationKind(models.TextChoices):
    SUBDISTRICT = "subdistrict", _("Subdistrict office")
    COMMUNITY = "community", _("Community committee")
    DEPARTMENT = "department", _("Government department")
    ENFORCEMENT = "enforcement", _("Enforcement squad")
    PROPERTY = "property", _("Property management")
    PARTNER = "partner", _("Partner unit")
    CONTRACTOR = "contractor", _("Contractor")
