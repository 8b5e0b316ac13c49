"""The frame around every page: what is open to this person, where they are, and what waits unread."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.permissions import sees_every_area
from grids.choices import Duty
from grids.permissions import can_see_coverage
from grids.scope import posts_of
from portal import permissions
from portal.queries import unread_by_topic
from portal.topics import LOOKS, Look
from requests_.permissions import can_report


@dataclass(frozen=True)
class Entry:
    """One way of the navigation."""

    label: Any
    url: str
    icon: str
    is_here: bool = False


@dataclass(frozen=True)
class PostLine:
    """One post in words."""

    name: str
    duty: Any
    is_deputy: bool
    url: str
    code: str = ""


# view name, label, icon, who; "here" is any view of the same name or, for whole apps, the same namespace.
ENTRIES = (
    ("portal:home", _("Today"), "calendar-check", lambda user: True),
    ("casework:case_list", _("Work queue"), "list-check", permissions.can_see_cases),
    ("requests:ticket_report", _("Report"), "camera-plus", can_report),
    ("portal:map", _("Map"), "map-2", permissions.can_see_map),
    ("grids:area_list", _("Areas"), "sitemap", permissions.can_see_areas),
    ("grids:coverage", _("Coverage check"), "shield-check", can_see_coverage),
    ("portal:summary", _("Summary"), "chart-bar", permissions.can_see_summary),
    ("portal:inbox", _("Inbox"), "inbox", lambda user: True),
    ("admin:index", _("Administration"), "settings", permissions.can_open_admin),
)
# The first three that are open; the queue stands in for the report where one may not report.
BOTTOM = ("portal:home", "requests:ticket_report", "portal:map", "casework:case_list")
BOTTOM_SHOWN = 3


class Frame:
    """Computed when the base template asks for it; a fragment pays nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user = request.user
        match = request.resolver_match
        self.here = match.view_name if match else ""

    is_demo = property(lambda self: settings.DEMO)

    @cached_property
    def open_entries(self) -> dict[str, Entry]:
        return {
            name: Entry(label, reverse(name), icon, is_here=self.here == name)
            for name, label, icon, may in ENTRIES
            if may(self.user)
        }

    @property
    def nav(self) -> list[Entry]:
        return list(self.open_entries.values())

    @property
    def bottom(self) -> list[Entry]:
        """Three open ways and one's own page: what a thumb reaches."""
        shown = [self.open_entries[name] for name in BOTTOM if name in self.open_entries][:BOTTOM_SHOWN]
        profile = Entry(
            pgettext_lazy("navigation", "Me"),
            reverse("accounts:profile"),
            "user",
            is_here=self.here == "accounts:profile",
        )
        return [*shown, profile]

    @cached_property
    def posts(self) -> list[PostLine]:
        return [
            PostLine(
                name=post.name,
                duty=Duty(post.duty).label,
                is_deputy=post.is_deputy,
                url=reverse("grids:area_detail", args=[post.path]),
            )
            for post in posts_of(self.user)
        ]

    @cached_property
    def areas(self) -> list[PostLine]:
        """The areas one may look at alone, own ones first: the switch in the header."""
        entry = "casework:case_list" if self.may_search else "portal:summary"
        main_first = sorted(posts_of(self.user), key=lambda post: (post.is_deputy, post.path))
        names = {post.path: post.name for post in main_first}
        return [
            PostLine(name, "", False, f"{reverse(entry)}?area={code}", code) for code, name in names.items()
        ]

    @property
    def area_name(self) -> Any:
        """The area one looks at: the chosen one, else the first post's, the organisation, or everything."""
        chosen = self.request.GET.get("area")
        for area in self.areas:
            if area.code == chosen:
                return area.name
        if self.areas:
            return self.areas[0].name
        return _("All areas") if sees_every_area(self.user) else self.user.organisation or ""

    @property
    def may_report(self) -> bool:
        return can_report(self.user)

    @property
    def may_search(self) -> bool:
        return permissions.can_see_cases(self.user)

    @cached_property
    def unread_topics(self) -> list[tuple[str, Look, int]]:
        """Each topic of the inbox with its look and how many entries are unread."""
        counts = unread_by_topic(self.user)
        return [(topic, look, counts[topic]) for topic, look in LOOKS.items()]

    @property
    def unread(self) -> int:
        return sum(count for _topic, _look, count in self.unread_topics)
