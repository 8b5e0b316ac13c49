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
# Whoever holds the duty over the case's place. SECURITY: a secret case is told only to those who may see it.
_DUTY = """
    SELECT post.user_id FROM grids_area area
    JOIN grids_areaassignment post ON post.area_id = area.id
    JOIN accounts_user u ON u.id = post.user_id AND u.is_active
    WHERE area.code IN (c.path, c.grid, c.community, c.subdistrict, c.district)
        AND post.duty = '{duty}' AND post.from_on <= %(today)s
        AND (post.to_on IS NULL OR post.to_on > %(today)s)
        AND (NOT c.is_secret OR (post.duty = 'community_secretary' AND NOT post.is_deputy)
            OR post.user_id = c.reporter_id OR EXISTS (
                SELECT 1 FROM casework_caseperson named
                WHERE named.case_id = c.id AND named.user_id = post.user_id AND named.kind = 'named'))"""


def people_sql(tell: Sequence[str]) -> str:
    """A query of user ids of these audiences for the case `c`; it takes the parameter `today`.

    ValueError for an audience nobody knows.
    """
    parts = [
        _HANDLER if Audience(name) == Audience.HANDLER else _DUTY.format(duty=Audience(name).value)
        for name in tell
    ]
    return " UNION ".join(parts)
