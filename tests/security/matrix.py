"""What every address answers to every role, written by hand; tests/security/test_url_matrix.py asks.

The case lies in micro-grid 00500101. Who serves another place (tests/security/cast.py) finds neither it nor what
belongs to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from accounts.choices import Role as R
from tests.security.cast import (
    ANONYMOUS,
    EVERYBODY,
    KEEPERS,
    ORGANISATIONS,
    SIGNED_IN,
    STAFF,
    both,
    elsewhere,
    own,
)

OUT = 302  # to the sign-in page
Codes = Mapping[int, frozenset[str]]

# --- who may what; the rest of the signed-in are refused ---------------------------------------------------------
WORKERS = (R.GRID_LEADER, R.GRID_WORKER, R.MICRO_GRID_WORKER)
OFFICE = (R.COMMUNITY_OFFICER, R.COMMUNITY_SECRETARY)
# The case that was dispatched to a department, and the two that the grid has not let go of. The three administrators
# (KEEPERS) see none, no figure and no map of them.
SEES_DISPATCHED = own(*OFFICE, *WORKERS, R.SUBDISTRICT_ADMIN, *ORGANISATIONS)
SEES_WAITING = SEES_DISPATCHED - own(*ORGANISATIONS)
SEES_AREA = own(*STAFF) | KEEPERS
DIVIDES = own(R.COMMUNITY_SECRETARY, R.SUBDISTRICT_ADMIN) | {"system_admin"}
KEEPS_BOUNDARIES = both(R.COMMUNITY_SECRETARY, R.SUBDISTRICT_ADMIN) | {"system_admin"}
ANSWERS_FOR_MORE = (*OFFICE, R.SUBDISTRICT_ADMIN, R.LEADER_VIEW)
REPORTS = both(*OFFICE, *WORKERS, R.SUBDISTRICT_ADMIN)
REPORTS_HERE = own(*OFFICE, *WORKERS, R.SUBDISTRICT_ADMIN) | elsewhere(*WORKERS)  # same community
DISPATCHES = own(R.GRID_LEADER, *OFFICE, R.SUBDISTRICT_ADMIN)
REVEALS = own(R.GRID_LEADER, *OFFICE, R.SUBDISTRICT_ADMIN, R.MICRO_GRID_WORKER, *ORGANISATIONS)


def codes(otherwise: int, **found: frozenset[str]) -> Codes:
    """`codes(404, _200=SEES)`: 200 for those, 404 for the rest of the signed-in, the door for who is not."""
    answers = {int(name.removeprefix("_")): who for name, who in found.items()}
    rest = SIGNED_IN.difference(*answers.values())
    answers[otherwise] = answers.get(otherwise, frozenset()) | rest
    answers[OUT] = answers.get(OUT, frozenset()) | ANONYMOUS
    return answers


@dataclass(frozen=True)
class Row:
    """Who gets which code of GET, and of POST with `data` where the address takes one.

    `args` and values of `data` and `query` name what stands there (see `things`). `changes`: whose POST may change
    anything; without it those who are sent on.
    """

    get: Codes
    post: Codes | None = None
    args: tuple[str, ...] = ()
    query: dict[str, str] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    changes: frozenset[str] | None = None


OPEN_TO_ALL = codes(200)
POST_ONLY = codes(405)
SENT_ON = codes(302)
VIEW = {"bbox": "103.83,36.03,103.85,36.05", "zoom": "15", "level": "micro_grid"}
WHISTLES = codes(403, _200=both(*OFFICE, R.SUBDISTRICT_ADMIN))
CASE = codes(404, _200=SEES_DISPATCHED)
AREA = codes(404, _200=SEES_AREA)
KEPT = codes(404, _200=DIVIDES, _403=SEES_AREA - DIVIDES)
KEPT_POST = codes(404, _302=DIVIDES, _403=SEES_AREA - DIVIDES)
SUMMED = codes(403, _200=own(*ANSWERS_FOR_MORE), _404=elsewhere(*ANSWERS_FOR_MORE))
COVERED = codes(403, _200=own(*ANSWERS_FOR_MORE) | KEEPERS, _404=elsewhere(*ANSWERS_FOR_MORE))
SIGNS = own(*ORGANISATIONS)
ACCEPTS = own(R.GRID_LEADER, *OFFICE)
MATRIX = {
    "portal:home": Row(OPEN_TO_ALL),
    "portal:inbox": Row(OPEN_TO_ALL),
    "portal:preferences": Row(OPEN_TO_ALL, post=codes(400)),
    "portal:inbox_read_all": Row(POST_ONLY, post=SENT_ON),
    # The entry is the grid leader's: nobody else finds it.
    "portal:inbox_read": Row(POST_ONLY, post=codes(404, _302=own(R.GRID_LEADER)), args=("inbox_pk",)),
    "portal:search": Row(OPEN_TO_ALL, query={"q": "踏步"}),
    "portal:summary": Row(SUMMED, query={"area": "community"}),
    "portal:map": Row(codes(200, _403=KEEPERS)),
    "portal:cases_geojson": Row(OPEN_TO_ALL, query=VIEW),
    "portal:health_live": Row({200: EVERYBODY}),
    "portal:health_ready": Row({503: EVERYBODY}),  # no worker runs in this test
    "accounts:sign_in": Row({200: ANONYMOUS, 302: SIGNED_IN}, post={200: ANONYMOUS, 302: SIGNED_IN}),
    "accounts:change_password": Row(OPEN_TO_ALL, post=OPEN_TO_ALL),
    "accounts:verify": Row(SENT_ON, post=SENT_ON),
    "accounts:set_up_device": Row(SENT_ON, post=SENT_ON),
    "accounts:profile": Row(OPEN_TO_ALL),
    "favicon": Row({302: EVERYBODY}),
    "set_language": Row({405: EVERYBODY}, post={302: EVERYBODY}),
    "grids:area_list": Row(AREA, query={"under": "area"}),
    "grids:coverage": Row(COVERED, query={"community": "community"}),
    "grids:import": Row(codes(403, _200=KEEPS_BOUNDARIES), post=codes(403, _400=KEEPS_BOUNDARIES)),
    # The upload is the secretary's: nobody else confirms it.
    "grids:import_confirm": Row(
        POST_ONLY,
        post=codes(403, _302=own(R.COMMUNITY_SECRETARY), _404=KEEPS_BOUNDARIES - own(R.COMMUNITY_SECRETARY)),
        args=("upload_key",),
    ),
    "grids:import_reading": Row(
        codes(403, _200=own(R.COMMUNITY_SECRETARY), _404=KEEPS_BOUNDARIES - own(R.COMMUNITY_SECRETARY)),
        post=codes(403, _400=own(R.COMMUNITY_SECRETARY), _404=KEEPS_BOUNDARIES - own(R.COMMUNITY_SECRETARY)),
        args=("upload_key",),
    ),
    "grids:export": Row(
        codes(403, _200=DIVIDES, _400=KEEPS_BOUNDARIES - DIVIDES),
        query={"area": "community", "crs": "wgs84"},
    ),
    # In which micro-grid a point lies is no secret: whoever found a fault must learn whose it is.
    "grids:locate": Row(OPEN_TO_ALL, query={"lat": "36.041", "lng": "103.8405"}),
    "grids:areas_geojson": Row(OPEN_TO_ALL, query=VIEW),
    "grids:area_detail": Row(AREA, args=("area",)),
    "grids:notice_board": Row(AREA, args=("area",)),
    "grids:split": Row(
        KEPT,
        post=KEPT_POST,
        args=("area",),
        data={"line": "103.8405,36.039\n103.8405,36.043", "first": "西", "second": "东", "confirm": "1"},
    ),
    "grids:merge": Row(
        KEPT, post=KEPT_POST, args=("area",), data={"others": "sibling", "name": "合", "confirm": "1"}
    ),
    "grids:posts": Row(
        KEPT,
        post=KEPT_POST,
        args=("area",),
        data={"user": "leader_pk", "duty": "micro_grid_worker", "is_deputy": "on", "on": "today"},
    ),
    "grids:post_hand_over": Row(
        KEPT, post=KEPT_POST, args=("area", "post_pk"), data={"to": "leader_pk", "on": "today"}
    ),
    "grids:post_end": Row(KEPT, post=KEPT_POST, args=("area", "post_pk"), data={"on": "today"}),
    "casework:case_list": Row(OPEN_TO_ALL, query={"area": "area"}),
    # Everybody may take what they see; each file is written down.
    "casework:case_export": Row(POST_ONLY, post=OPEN_TO_ALL, changes=SIGNED_IN),
    "casework:whistle_list": Row(WHISTLES),
    "casework:whistle_export": Row(POST_ONLY, post=WHISTLES, changes=both(*OFFICE, R.SUBDISTRICT_ADMIN)),
    "casework:bulk_dispatch": Row(
        codes(302, _200=DISPATCHES),
        post=SENT_ON,
        query={"number": "waiting"},
        data={"number": "waiting", "handler": "worker_choice", "opinion": "请处理"},
        changes=DISPATCHES,
    ),
    "casework:filter_save": Row(POST_ONLY, post=SENT_ON, data={"name": "我的", "query": "light=red"}),
    # The filter is the grid leader's.
    "casework:filter_delete": Row(
        POST_ONLY, post=codes(404, _302=own(R.GRID_LEADER)), data={"name": "红灯"}
    ),
    "casework:staged_photo": Row(codes(404, _200=own(R.GRID_LEADER)), args=("staged_key",)),
    "casework:case_detail": Row(CASE, args=("number",)),
    "casework:case_sheet": Row(CASE, args=("number",)),
    "casework:supervision_sheet": Row(CASE, args=("number", "sheet")),
    "casework:case_note": Row(
        POST_ONLY,
        post=codes(404, _302=SEES_DISPATCHED),
        args=("number",),
        data={"text": "已到现场", "key": "new_key"},
    ),
    "casework:case_watch": Row(
        POST_ONLY, post=codes(404, _302=SEES_DISPATCHED), args=("number",), data={"watching": "1"}
    ),
    "casework:case_reveal": Row(
        POST_ONLY,
        post=codes(404, _200=REVEALS, _403=SEES_DISPATCHED - REVEALS),
        args=("number",),
        data={"reason": "联系居民"},
        changes=REVEALS,
    ),
    "casework:case_do": Row(
        codes(404, _200=SIGNS, _403=SEES_DISPATCHED - SIGNS),
        post=codes(404, _302=SIGNS, _403=SEES_DISPATCHED - SIGNS),
        args=("number", "sign"),
        data={"version": "version"},
    ),
    "casework:case_do of another's turn": Row(
        codes(404, _200=ACCEPTS, _403=SEES_WAITING - ACCEPTS),
        post=codes(404, _302=ACCEPTS, _403=SEES_WAITING - ACCEPTS),
        args=("reported", "accept"),
        data={"version": "1", "urgency": "normal", "handling_level": "grid"},
    ),
    "casework:attachment": Row(CASE, args=("number", "photo_key")),
    "casework:thumbnail": Row(CASE, args=("number", "photo_key")),
    "requests:ticket_report": Row(
        codes(403, _200=REPORTS),
        post=codes(403, _302=REPORTS_HERE, _400=REPORTS - REPORTS_HERE),
        data={
            "description": "夜间噪声扰民", "category": "noise", "area": "area", "urgency": "normal", "type": "help",
            "source": "patrol", "key": "new_key",
        },
        query={"form": "new_key"},
    ),
    "requests:tickets_nearby": Row(
        codes(403, _200=REPORTS), query={"category": "stairs-handrail", "area": "area"}
    ),
    # The last one: whoever signs out is out.
    "accounts:sign_out": Row(POST_ONLY, post=SENT_ON),
}  # fmt: skip
# Nothing of any place is on them: an account elsewhere is the same account there.
PLACELESS = {name for name in MATRIX if name.startswith(("accounts:", "portal:health"))} | {
    "favicon",
    "set_language",
    "portal:preferences",
    "portal:inbox_read_all",
}
