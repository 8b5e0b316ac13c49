"""Every address × every role × own or foreign area, once to look and once to change. An address without a row fails."""

import json
import uuid

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts.choices import Role
from casework.models import InboxItem
from casework.reminders import deliver_all
from casework.saved_filters import save_filter
from casework.services import add_note
from grids.importing import stage_import
from tests.factories.grids import box
from tests.factories.measures import supervise
from tests.factories.requests import accept, dispatch, report, staged
from tests.security.cast import ELSEWHERE, KEEPERS, people
from tests.security.matrix import MATRIX, PLACELESS, SEES_AREA, SEES_DISPATCHED, SEES_WAITING, SIGNED_IN
from tests.security.posting import posted

pytestmark = pytest.mark.django_db


def addresses(resolver=None, namespace=""):
    """Names of every address of ours; the administration's are in test_admin_matrix.py."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            inner = ":".join(x for x in (namespace, pattern.namespace) if x)
            if inner != "admin":
                yield from addresses(pattern, inner)
        else:
            yield f"{namespace}:{pattern.name}" if namespace else pattern.name


@pytest.fixture
def cast(tree, department, settings):
    settings.ADMIN_SECOND_FACTOR = False
    return people(department)


@pytest.fixture
def things(tree, cast, department):
    """What the addresses name: a case at the department under supervision, one reported, one to be dispatched."""
    worker, officer, leader = cast["micro_grid_worker"], cast["community_officer"], cast["grid_leader"]
    place = {"point": Point(103.8405, 36.041, srid=4326), "caller_phone": "09310000000"}
    case = report(worker, tree["00500101"], **place)
    note = {"actor": worker, "text": "附图", "key": uuid.uuid4()}
    add_note(number=case.number, photos=[staged(worker)], **note)
    accept(case, officer, "community")
    dispatch(case, officer, organisation=department)
    case = supervise(case, cast["community_secretary"], officer)
    reported = report(worker, tree["00500101"], **place)
    waiting = accept(report(worker, tree["00500101"], **place), leader)
    save_filter(user=leader, name="红灯", query="light=red")
    deliver_all(now=timezone.now())
    return {
        "number": case.number,
        "version": case.version,
        "sheet": case.supervisions.get().number,
        "photo_key": case.attachments.get().key,
        "reported": reported.number,
        "waiting": waiting.number,
        "staged_key": staged(leader).key,
        "inbox_pk": InboxItem.objects.filter(recipient=leader).values_list("pk", flat=True)[0],
        "area": tree["00500101"].code,
        "sibling": tree["00500102"].code,
        "community": tree["005"].code,
        "post_pk": tree["00500101"].assignments.get().pk,
        "leader_pk": leader.pk,
        "worker_choice": f"person:{cast['grid_worker'].pk}",
        "upload_key": upload_of(cast["community_secretary"]).key,
        "today": timezone.localdate().isoformat(),
        "new_key": uuid.uuid4(),
    }


def upload_of(user):
    """A sound file with a new name for a micro-grid, which waits to be confirmed."""
    named = {"level": "micro_grid", "code": "62010201700500201", "name": "改名"}
    outline = {"type": "Feature", "properties": named, "geometry": json.loads(box(2, 0, 4, 2).geojson)}
    content = json.dumps({"type": "FeatureCollection", "features": [outline]}).encode()
    return stage_import(actor=user, content=content, file_name="x.json", crs="wgs84", repair=False).upload


def named(values, things):
    return {name: things.get(value, value) for name, value in values.items()}


def url_of(name, things):
    row = MATRIX[name]
    return reverse(name.split(" ")[0], args=[things.get(arg, arg) for arg in row.args])


def code_of(response):
    if response.streaming:
        b"".join(response.streaming_content)  # a photo's file is closed when it was sent
    return response.status_code


def asked(codes, name):
    """The code written down for this account."""
    return next(code for code, who in codes.items() if name in who)


def test_every_address_has_a_row():
    assert set(addresses()) == {name.split(" ")[0] for name in MATRIX}


def test_every_row_has_one_answer_for_every_account():
    for name, row in MATRIX.items():
        for codes in filter(None, (row.get, row.post)):
            assert sorted(who for group in codes.values() for who in group) == sorted(
                SIGNED_IN | {"anonymous"}
            ), name


def accounts_of(role):
    """The account of the role where the case lies, and the one elsewhere; administrators are everywhere."""
    return [role] if role in KEEPERS or role == "anonymous" else [role, f"{role}{ELSEWHERE}"]


@pytest.mark.parametrize("role", ["anonymous", *Role])
def test_each_role_gets_the_answers_written_down_and_finds_nothing_else(role, cast, things, client_for):
    for name in accounts_of(role):
        client = client_for(cast[name]) if name in cast else Client()
        rows = {a: row for a, row in MATRIX.items() if ELSEWHERE not in name or a not in PLACELESS}
        urls = {address: url_of(address, things) for address in rows}
        pages = {a: client.get(urls[a], named(row.query, things)) for a, row in rows.items()}
        codes = {a: code_of(page) for a, page in pages.items()}
        assert codes == {a: asked(row.get, name) for a, row in rows.items()}, name
        for address, page in pages.items():
            assert {"no-store", "private"} <= set(page.headers["Cache-Control"].split(", ")), address
        if name in cast:
            pages["casework:case_export"] = client.post(urls["casework:case_export"])
            assert_it_finds_what_it_may_open(name, pages, things)
        for address, row in rows.items():
            if row.post is None:
                continue
            answer, changed = posted(client, urls[address], named(row.data, things))
            assert answer.status_code == asked(row.post, name), (name, address)
            may_change = name in (row.post.get(302, ()) if row.changes is None else row.changes)
            assert may_change or not changed, (name, address)


def assert_it_finds_what_it_may_open(name, pages, things):
    """Lists, exports, search and the map hold the cases this account may open, and the counts count no more."""
    numbers = {things["number"]} if name in SEES_DISPATCHED else set()
    numbers |= {things["reported"], things["waiting"]} if name in SEES_WAITING else set()

    def shown(address):
        text = pages[address].content.decode()
        return {n for n in (things["number"], things["reported"], things["waiting"]) if n in text}

    for address in ("casework:case_list", "casework:case_export", "portal:search", "portal:cases_geojson"):
        assert shown(address) == numbers, (name, address)
    assert shown("portal:home") <= numbers, name
    counted = 3 if name == Role.LEADER_VIEW else len(numbers)
    if pages["portal:map"].status_code == 200:
        lines = pages["portal:map"].context["lines"]
        assert sum(line.open for line in lines) == (counted if lines else 0), name
    if pages["portal:summary"].status_code == 200:
        assert pages["portal:summary"].context["summary"].open == counted, name
    layer = pages["grids:areas_geojson"].json()
    outlines = {feature["properties"]["code"] for feature in layer["features"]}
    assert (things["area"] in outlines) == (name in SEES_AREA), name
    if name in KEEPERS:
        assert not any(feature["properties"].get("light") for feature in layer["features"]), name


def test_a_page_that_refuses_tells_nothing_of_what_it_hides(cast, things, client_for):
    for name in ("community_officer elsewhere", "leader_view", "partner_contact elsewhere"):
        page = client_for(cast[name]).get(url_of("casework:case_detail", things)).content.decode()
        assert "踏步" not in page
        assert "103.8" not in page
