"""Who is told, as SQL: for a case `c` the ids of the people behind each audience, in the database and not in Python.

Planning a hundred thousand reminders must not fetch a hundred thousand cases. The rules are those of grids/posts.py,
accounts.User.objects.acting_for and, for secret cases, casework/scope.py; a test compares them.
"""

from collections.abc import Sequence

from casework.choices import Audience

# The handler, or everybody who acts for the handling organisation.
_HANDLER = """
    SELECT u.id FROM accounts_user u
    WHERE u.is_active AND (u.id = c.handler_user_id
        OR (u.organisation_id = c.handler_org_id AND u.role <> 'leader_view'))"""
# SECURITY: a secret case is told only to those who may see it.
_MAY_SEE = """(NOT c.is_secret OR {person} = c.reporter_id OR EXISTS (
        SELECT 1 FROM casework_caseperson named
        WHERE named.case_id = c.id AND named.user_id = {person} AND named.kind = 'named'))"""
# Whoever holds the duty over the case's place; of a secret case the secretary, not a deputy, in any case.
_DUTY = """
    SELECT post.user_id FROM grids_area area
    JOIN grids_areaassignment post ON post.area_id = area.id
    JOIN accounts_user u ON u.id = post.user_id AND u.is_active
    WHERE area.code IN (c.path, c.grid, c.community, c.subdistrict, c.district)
        AND post.duty = {duty} AND post.from_on <= %(today)s
        AND (post.to_on IS NULL OR post.to_on > %(today)s)
        AND ((post.duty = 'community_secretary' AND NOT post.is_deputy) OR {may_see})"""
_SHEET_LEADER = """
    SELECT u.id FROM casework_supervision sheet JOIN accounts_user u ON u.id = sheet.leader_id AND u.is_active
    WHERE sheet.case_id = c.id AND sheet.lifted_at IS NULL AND {may_see}"""
# Who dispatches and reviews at the case's level.
_DESK_DUTY = """CASE c.handling_level WHEN 'grid' THEN 'grid_leader' WHEN 'community' THEN 'community_officer'
    ELSE 'subdistrict_admin' END"""


def _holders(duty: str) -> str:
    return _DUTY.format(duty=duty, may_see=_MAY_SEE.format(person="post.user_id"))


_SPECIAL = {
    Audience.HANDLER: _HANDLER,
    Audience.DESK: _holders(_DESK_DUTY),
    Audience.SHEET_LEADER: _SHEET_LEADER.format(may_see=_MAY_SEE.format(person="u.id")),
}
_ABOVE = (
    Audience.DESK,
    Audience.COMMUNITY_OFFICER,
    Audience.COMMUNITY_SECRETARY,
    Audience.SUBDISTRICT_ADMIN,
)


def people_sql(tell: Sequence[str]) -> str:
    """A query of user ids of these audiences for the case `c`; it takes the parameter `today`.

    ValueError for an audience nobody knows.
    """
    return " UNION ".join(
        _SPECIAL.get(audience) or _holders(f"'{audience.value}'") for audience in map(Audience, tell)
    )


def somebody_sql(tell: Sequence[str]) -> str:
    """As `people_sql`; when nobody is behind these audiences, the desk of the case and those above it."""
    people = people_sql(tell)
    return f"{people} UNION SELECT * FROM ({people_sql(_ABOVE)}) above WHERE NOT EXISTS ({people})"  # noqa: S608  ours
