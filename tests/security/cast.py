"""Who the matrix asks as: every role in the place of the case, and the same role at the nearest other place."""

from typing import Any

from accounts.choices import ORGANISATION_ROLES, OrganisationKind, Role
from accounts.models import User
from grids.choices import Duty
from grids.models import Area
from tests.factories.accounts import OrganisationFactory, UserFactory
from tests.factories.grids import AssignmentFactory

ELSEWHERE = " elsewhere"
# The area of the post: above or at the case's micro-grid 00500101, and its neighbour of the same level.
POSTS = {
    Role.SUBDISTRICT_ADMIN: ("620102017", "620102018"),
    Role.LEADER_VIEW: ("620102017", "620102018"),
    Role.COMMUNITY_SECRETARY: ("620102017005", "620102017006"),
    Role.COMMUNITY_OFFICER: ("620102017005", "620102017006"),
    Role.GRID_LEADER: ("620102017005001", "620102017005002"),
    Role.GRID_WORKER: ("620102017005001", "620102017005002"),
    Role.MICRO_GRID_WORKER: ("62010201700500101", "62010201700500102"),
}
# They have no place: the first pair of organisations handles the case, the second does not.
KEEPERS = frozenset({"system_admin", "security_admin", "auditor"})
ANONYMOUS = frozenset({"anonymous"})


def own(*roles: str) -> frozenset[str]:
    """These roles where the case lies."""
    return frozenset(str(role) for role in roles)


def elsewhere(*roles: str) -> frozenset[str]:
    """These roles where the case does not lie."""
    return frozenset(f"{role}{ELSEWHERE}" for role in roles)


def both(*roles: str) -> frozenset[str]:
    return own(*roles) | elsewhere(*roles)


STAFF, ORGANISATIONS = tuple(POSTS), tuple(sorted(ORGANISATION_ROLES))
SIGNED_IN = both(*STAFF, *ORGANISATIONS) | KEEPERS
EVERYBODY = SIGNED_IN | ANONYMOUS


def people(department: Any) -> dict[str, User]:
    """An account for each name of `SIGNED_IN`; the department handles the case."""
    Area.objects.create(
        code="620102018", name="隔壁街道", level="subdistrict", parent=Area.objects.get(code="620102")
    )
    other = OrganisationFactory(name="别处的单位", kind=OrganisationKind.PROPERTY)
    cast = {name: UserFactory(username=name, name=name, role=name) for name in sorted(KEEPERS)}
    for role, codes in POSTS.items():
        for name, code in zip((str(role), f"{role}{ELSEWHERE}"), codes, strict=True):
            cast[name] = UserFactory(username=name.replace(" ", "-"), name=name, role=role)
            AssignmentFactory(user=cast[name], area=Area.objects.get(code=code), duty=Duty(role))
    for role in ORGANISATIONS:
        for name, organisation in ((str(role), department), (f"{role}{ELSEWHERE}", other)):
            username = name.replace(" ", "-")
            cast[name] = UserFactory(username=username, name=name, role=role, organisation=organisation)
    return cast
