"""Which cases a person sees: the one rule behind list, detail, search, map, counts and files."""

from typing import Any

from django.apps import apps
from django.db.models import Q

from accounts.permissions import serves_an_organisation, takes_cases_on
from casework.choices import PersonKind
from grids.choices import CODE_LENGTH, Duty, Level
from grids.scope import posts_of

COLUMN_OF_LENGTH = {6: "district", 9: "subdistrict", 12: "community", 15: "grid", 17: "path"}
# A leader's view holds figures only, never single cases.
READING_DUTIES = frozenset(d.value for d in Duty) - {Duty.LEADER_VIEW.value}


def _history_column(code: str, path: str) -> str:
    """A retired grid may have been shared out: its cases count by the micro-grids that followed, each its own code."""
    is_whole = max(len(code), len(path)) <= CODE_LENGTH[Level.COMMUNITY]
    return COLUMN_OF_LENGTH[len(code)] if is_whole else "path"


def case_filter(user: Any) -> Q:
    """Cases in the areas of the person's posts and in what these replaced, dispatched to them or their organisation,
    reported or watched.

    A secret case is seen only by the people named on it, its reporter, its handler and the secretary of its
    community (domain page 7: when in doubt, do not show). The three administrators see none by their role.
    """
    if not user.is_authenticated:
        return Q(pk__in=[])
    own = Q(reporter=user) | Q(handler_user=user)
    if takes_cases_on(user):
        own |= Q(handler_org=user.organisation_id)
    if serves_an_organisation(user):
        # A department that was called to the spot sees what it was called for.
        calls = apps.get_model("casework", "WhistleCall").objects.filter(organisation=user.organisation_id)
        own |= Q(is_secret=False, pk__in=calls.values("case_id"))
    named = apps.get_model("casework", "CasePerson").objects.filter(user=user, kind=PersonKind.NAMED)
    involved = own | Q(is_secret=True, pk__in=named.values("case_id"))
    area = Q(pk__in=[])
    secrets = Q(pk__in=[])
    by_column: dict[str, list[str]] = {}
    for post in posts_of(user):
        if post.duty in READING_DUTIES:
            by_column.setdefault(COLUMN_OF_LENGTH[len(post.path)], []).append(post.path)
            for code in post.history:
                by_column.setdefault(_history_column(code, post.path), []).append(code)
        if post.duty == Duty.COMMUNITY_SECRETARY and not post.is_deputy:
            secrets |= Q(community=post.path)
    for column, codes in by_column.items():
        area |= Q(**{f"{column}__in": sorted(set(codes))})
    return (Q(is_secret=False) & area) | involved | secrets
