"""The only place of this app that reads roles."""

from typing import Any

from django.conf import settings

from accounts.choices import NO_CASES_OF_AN_ORGANISATION, ORGANISATION_ROLES, Role


def needs_second_factor(user: Any) -> bool:
    """Who keeps the system or its people shows one, unless the installation switches it off (demonstration)."""
    return bool(settings.ADMIN_SECOND_FACTOR) and user.role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)


def may_give_role(actor: Any, role: str) -> bool:
    """SECURITY: only a system administrator makes another one; a security administrator would rise by it."""
    return role != Role.SYSTEM_ADMIN or actor.role == Role.SYSTEM_ADMIN


def may_keep_account(actor: Any, person: Any) -> bool:
    """SECURITY: whoever may not give a role may neither change an account that has it: a new password would do."""
    return may_give_role(actor, person.role)


def serves_an_organisation(user: Any) -> bool:
    """Whether the account's cases are those dispatched to its organisation, not those of an area."""
    return user.role in ORGANISATION_ROLES


def takes_cases_on(user: Any) -> bool:
    """Whether the person acts for an organisation: leaders and administrators belong to one and take nothing on."""
    return bool(user.organisation_id) and user.role not in NO_CASES_OF_AN_ORGANISATION


def sees_every_area(user: Any) -> bool:
    """The three administrators keep areas, people and logs of the whole installation; of cases they see none by it."""
    return user.role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR)
