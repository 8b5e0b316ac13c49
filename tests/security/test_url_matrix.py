"""Every address × every kind of account × own or foreign area. An address without a row fails."""

import uuid
from dataclasses import dataclass, field

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from casework.models import InboxItem
from casework.photos import stage_photo
from casework.reminders import deliver_all
from casework.services import add_note
from tests.factories.measures import supervise
from tests.factories.requests import picture, report

pytestmark = pytest.mark.django_db

# The kinds of account, in the order of the codes in a row. `own` serves the place, `foreign` another community.
ROLES = ("anonymous", "own_worker", "own_officer", "foreign", "department", "leader_view", "admin")
OUT = 302  # to the sign-in page
EVERYBODY = (200,) * 7
SIGNED_IN = (OUT, 200, 200, 200, 200, 200, 200)
POST_ONLY = (OUT, 405, 405, 405, 405, 405, 405)


@dataclass(frozen=True)
class Row:
    """Codes of GET per role, and of an empty POST where the address takes one; `args` names what stands in it."""

    get: tuple[int, ...]
    post: tuple[int, ...] | None = None
    args: tuple[str, ...] = ()
    query: dict[str, str] = field(default_factory=dict)


CASE = (OUT, 200, 200, 404, 404, 404, 200)
VIEW = {"bbox": "103.83,36.03,103.85,36.05", "zoom": "15", "level": "micro_grid"}
AREA = (OUT, 200, 200, 404, 404, 200, 200)
# Kept by whoever stands one level above.
KEPT = (OUT, 403, 403, 404, 404, 403, 200)
KEPT_POST = (OUT, 403, 403, 404, 404, 403, 400)
MATRIX = {
    "portal:home": Row(SIGNED_IN),
    "portal:inbox": Row(SIGNED_IN),
    "portal:preferences": Row(SIGNED_IN, post=(OUT, 400, 400, 400, 400, 400, 400)),
    "portal:inbox_read_all": Row(POST_ONLY, post=(OUT, 302, 302, 302, 302, 302, 302)),
    # The entry is the grid leader's: nobody else finds it.
    "portal:inbox_read": Row(POST_ONLY, post=(OUT, 404, 404, 404, 404, 404, 404), args=("inbox_pk",)),
    "portal:search": Row(SIGNED_IN, query={"q": "踏步"}),
    "portal:summary": Row((OUT, 403, 200, 200, 403, 200, 200)),
    "portal:map": Row((OUT, 200, 200, 200, 200, 200, 200)),
    "portal:cases_geojson": Row(SIGNED_IN, query=VIEW),
    "portal:health_live": Row(EVERYBODY),
    "portal:health_ready": Row((503,) * 7),  # no worker runs in this test
    "accounts:sign_in": Row((200, 302, 302, 302, 302, 302, 302)),
    "accounts:sign_out": Row(POST_ONLY, post=(OUT, 302, 302, 302, 302, 302, 302)),
    "accounts:change_password": Row(SIGNED_IN),
    "accounts:verify": Row((OUT, 302, 302, 302, 302, 302, 302)),
    "accounts:set_up_device": Row((OUT, 302, 302, 302, 302, 302, 302)),
    "accounts:profile": Row(SIGNED_IN),
    "favicon": Row((302,) * 7),
    "set_language": Row((405,) * 7, post=(302,) * 7),
    "grids:area_list": Row(SIGNED_IN),
    "grids:coverage": Row((OUT, 403, 200, 200, 403, 200, 200)),
    "grids:import": Row((OUT, 403, 403, 403, 403, 403, 200)),
    "grids:import_confirm": Row(POST_ONLY, post=(OUT, 403, 403, 403, 403, 403, 404), args=("unknown_key",)),
    "grids:export": Row((OUT, 403, 403, 403, 403, 403, 200)),
    "grids:locate": Row(SIGNED_IN, query={"lat": "36.041", "lng": "103.8405"}),
    "grids:areas_geojson": Row(SIGNED_IN, query=VIEW),
    "grids:area_detail": Row(AREA, args=("area",)),
    "grids:notice_board": Row(AREA, args=("grid",)),
    "grids:split": Row(KEPT, args=("area",)),
    "grids:merge": Row(KEPT, args=("area",)),
    "grids:posts": Row(KEPT, post=KEPT_POST, args=("area",)),
    "grids:post_hand_over": Row(KEPT, post=KEPT_POST, args=("area", "post_pk")),
    "grids:post_end": Row(KEPT, post=KEPT_POST, args=("area", "post_pk")),
    "casework:case_list": Row(SIGNED_IN),
    "casework:case_export": Row(SIGNED_IN),
    "casework:bulk_dispatch": Row((OUT, 302, 302, 302, 302, 302, 302)),
    "casework:filter_save": Row(POST_ONLY, post=(OUT, 302, 302, 302, 302, 302, 302)),
    "casework:filter_delete": Row(POST_ONLY, post=(OUT, 404, 404, 404, 404, 404, 404)),
    "casework:staged_photo": Row((OUT, 404, 404, 404, 404, 404, 404), args=("staged_key",)),
    "casework:case_detail": Row(CASE, args=("number",)),
    "casework:case_sheet": Row(CASE, args=("number",)),
    "casework:supervision_sheet": Row(CASE, args=("number", "sheet")),
    "casework:case_note": Row(POST_ONLY, post=(OUT, 400, 400, 404, 404, 404, 403), args=("number",)),
    "casework:case_watch": Row(POST_ONLY, post=(OUT, 302, 302, 404, 404, 404, 302), args=("number",)),
    "casework:case_reveal": Row(POST_ONLY, post=(OUT, 400, 400, 404, 404, 404, 403), args=("number",)),
    "casework:case_do": Row(
        (OUT, 403, 200, 404, 404, 404, 403),
        post=(OUT, 403, 400, 404, 404, 404, 403),
        args=("number", "verb"),
    ),
    "casework:attachment": Row(CASE, args=("number", "photo_key")),
    "casework:thumbnail": Row(CASE, args=("number", "photo_key")),
    "requests:ticket_report": Row(
        (OUT, 200, 200, 200, 403, 403, 403), post=(OUT, 400, 400, 400, 403, 403, 403)
    ),
    "requests:tickets_nearby": Row((OUT, 200, 200, 200, 403, 403, 403)),
}


def addresses(resolver=None, namespace=""):
    """Names of every address of ours; the administration site is tested by its own rights."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            inner = ":".join(x for x in (namespace, pattern.namespace) if x)
            if inner != "admin":
                yield from addresses(pattern, inner)
        else:
            yield f"{namespace}:{pattern.name}" if namespace else pattern.name


@pytest.fixture
def clients(
    micro_grid_worker, officer, foreign_officer, department_handler, leader_view, system_admin, client_for
):
    people = (micro_grid_worker, officer, foreign_officer, department_handler, leader_view, system_admin)
    return dict(zip(ROLES, [Client(), *[client_for(person) for person in people]], strict=True))


@pytest.fixture
def things(tree, micro_grid_worker, grid_leader, officer, secretary, settings):
    settings.ADMIN_SECOND_FACTOR = False
    photo = stage_photo(owner=micro_grid_worker, upload=picture())
    ticket = report(micro_grid_worker, tree["00500101"], caller_phone="09310000000")
    add_note(number=ticket.number, actor=micro_grid_worker, text="附图", key=uuid.uuid4(), photos=[photo])
    supervise(ticket, secretary, officer)
    kept = stage_photo(owner=grid_leader, upload=picture())
    return {
        "number": ticket.number,
        "verb": "cancel",
        "sheet": ticket.supervisions.get().number,
        "photo_key": ticket.attachments.get().key,
        "staged_key": kept.key,
        "unknown_key": uuid.uuid4(),
        "inbox_pk": inbox_pk(grid_leader),
        "area": tree["00500101"].code,
        "grid": tree["005001"].code,
        "post_pk": tree["00500101"].assignments.get().pk,
    }


def code_of(response):
    if response.streaming:
        b"".join(response.streaming_content)  # a photo's file is closed when it was sent
    return response.status_code


def inbox_pk(user):
    deliver_all(now=timezone.now())
    return InboxItem.objects.filter(recipient=user).values_list("pk", flat=True)[0]


def test_every_address_has_a_row():
    assert set(addresses()) == set(MATRIX)


@pytest.mark.parametrize("name", MATRIX)
def test_each_kind_of_account_gets_the_answer_written_down(name, clients, things):
    row = MATRIX[name]
    url = reverse(name, args=[things[arg] for arg in row.args])
    seen = {role: code_of(clients[role].get(url, row.query)) for role in ROLES}
    assert seen == dict(zip(ROLES, row.get, strict=True))


@pytest.mark.parametrize("name", [name for name, row in MATRIX.items() if row.post])
def test_an_empty_post_is_answered_the_same_careful_way(name, clients, things):
    row = MATRIX[name]
    url = reverse(name, args=[things[arg] for arg in row.args])
    seen = {role: code_of(clients[role].post(url)) for role in ROLES}
    assert seen == dict(zip(ROLES, row.post, strict=True))


def test_the_administration_opens_to_administrators_only(clients, things):
    url = reverse("admin:index")
    seen = {role: client.get(url).status_code for role, client in clients.items()}
    assert seen == dict.fromkeys(ROLES, 302) | {"admin": 200}
    ends = {role: client.get(url, follow=True).status_code for role, client in clients.items()}
    assert ends == dict.fromkeys(ROLES, 403) | {"anonymous": 200, "admin": 200}


def test_a_page_that_refuses_tells_nothing_of_what_it_hides(clients, things):
    url = reverse("casework:case_detail", args=[things["number"]])
    page = clients["foreign"].get(url).content.decode()
    assert "踏步" not in page
    assert "103.8" not in page
