"""Composes the demonstration: areas, people, posts, tickets. Everything invented is marked synthetic."""

from datetime import date, datetime

from django.db import transaction

from accounts.demo import make_people
from accounts.models import User
from grids.choices import Duty, Level
from grids.demo import load_demo_areas
from grids.models import Area, AreaAssignment
from requests_.demo import make_tickets

COMMUNITY, NEIGHBOUR, SUBDISTRICT = "620102017005", "620102017006", "620102017"
# The crew of the story moved in on 2023-02-20; posts are held since the year began.
POSTS_FROM = date(2023, 1, 1)
GRIDS_PER_PERSON = 3


def is_empty() -> bool:
    """Whether nobody and nothing is there yet, so that the demonstration may be built."""
    return not User.objects.exists() and not Area.objects.exists()


@transaction.atomic
def build(*, now: datetime, scale: float = 1.0) -> int:
    """Builds the whole demonstration relative to `now`; returns the number of tickets."""
    load_demo_areas(now=now)
    give_posts(make_people())
    return make_tickets(community=COMMUNITY, now=now, scale=scale)


def give_posts(people: dict[str, User]) -> None:
    """Each grid has a leader and a worker with a neighbour as deputy, each micro-grid its worker."""
    areas = {area.code: area for area in Area.objects.all()}

    def post(username: str, code: str, duty: Duty, deputy: bool = False) -> AreaAssignment:
        return AreaAssignment(
            user=people[username], area=areas[code], duty=duty, is_deputy=deputy, from_on=POSTS_FROM
        )

    grids = sorted(c for c, a in areas.items() if a.level == Level.GRID and c.startswith(COMMUNITY))
    micro_grids = sorted(
        c for c, a in areas.items() if a.level == Level.MICRO_GRID and c.startswith(COMMUNITY)
    )
    posts = [
        post("shuji", COMMUNITY, Duty.COMMUNITY_SECRETARY),
        post("zhuangan", COMMUNITY, Duty.COMMUNITY_OFFICER),
        post("zhuangan2", COMMUNITY, Duty.COMMUNITY_OFFICER),
        post("jiedao", SUBDISTRICT, Duty.SUBDISTRICT_ADMIN),
        post("lingdao", SUBDISTRICT, Duty.LEADER_VIEW),
        post("shili", NEIGHBOUR, Duty.COMMUNITY_OFFICER),
    ]
    for place, code in enumerate(grids):
        team = place // GRIDS_PER_PERSON + 1
        deputy = team % 3 + 1
        posts += [
            post(f"wangzhang{team}", code, Duty.GRID_LEADER),
            post(f"wangzhang{deputy}", code, Duty.GRID_LEADER, deputy=True),
            post(f"wanggeyuan{team}", code, Duty.GRID_WORKER),
            post(f"wanggeyuan{deputy}", code, Duty.GRID_WORKER, deputy=True),
        ]
    posts += [
        post(f"weiwang{n}", code, Duty.MICRO_GRID_WORKER) for n, code in enumerate(micro_grids, start=1)
    ]
    posts += [
        post("shiliwang", code, Duty.GRID_WORKER)
        for code, area in sorted(areas.items())
        if area.level == Level.GRID and code.startswith(NEIGHBOUR)
    ]
    AreaAssignment.objects.bulk_create(posts)
