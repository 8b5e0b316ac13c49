"""After areas were merged or split, whoever serves the ground now sees its history, under the areas of that time."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casework.exporting import queue_file
from casework.filters import CaseFilter
from casework.models import Case
from casework.selectors import area_choices, visible_cases
from grids.choices import Duty
from grids.models import Area
from grids.reshape import Part, merge_areas, split_area
from grids.scope import posts_of
from portal.metrics import summary_of
from portal.searching import search_cases
from tests.factories.accounts import UserFactory
from tests.factories.grids import AssignmentFactory, box
from tests.factories.requests import report, take

pytestmark = pytest.mark.django_db
COMMUNITY = "620102017005"


@pytest.fixture
def closed(tree, officer, micro_grid_worker, secretary):
    """A closed ticket in each of the three micro-grids, and an open one in the first."""
    tickets = {}
    for code in ("00500101", "00500102", "00500201"):
        ticket = report(officer, tree[code], description=f"楼道灯{code}")
        tickets[code] = take(ticket, "cancel", officer, reason="误报")
    tickets["open"] = report(officer, tree["00500101"], description="楼道灯还不亮")
    Case.objects.update(reporter=secretary)
    return tickets


def again(person):
    """The person in a new request."""
    return type(person).objects.get(pk=person.pk)


def seen(person):
    return set(visible_cases(again(person)).values_list("number", flat=True))


def all_of(closed):
    return {ticket.number for ticket in closed.values()}


@pytest.fixture
def merged(tree, closed, grid_leader, neighbour, secretary, micro_grid_worker):
    """Both grids of the community made one."""
    codes = [tree["005001"].code, tree["005002"].code]
    merge_areas(actor=secretary, codes=codes, name="大网格", now=timezone.now())
    return Area.objects.get(name="大网格")


def test_the_leader_of_a_merged_grid_sees_what_was_closed_in_both(merged, closed, grid_leader):
    assert seen(grid_leader) == all_of(closed)


def test_the_worker_of_a_micro_grid_with_a_new_code_sees_what_was_closed_under_the_old(
    merged, closed, micro_grid_worker
):
    assert seen(micro_grid_worker) == {closed["00500101"].number, closed["open"].number}


def test_history_is_in_the_queue_its_export_and_the_search_with_the_name_of_that_time(
    merged, closed, grid_leader, tree, client_for
):
    person, old = again(grid_leader), tree["00500201"]
    today = timezone.localdate().isoformat()
    data = QueryDict("status=done")
    rows = list(CaseFilter(data, queryset=visible_cases(person), user=person).qs)
    assert {row.number for row in rows} == all_of(closed) - {closed["open"].number}
    assert f"{old.name}（至{today}）" in queue_file(person, rows, now=timezone.now()).decode()
    assert sum(map(len, search_cases(person, "楼道灯", now=timezone.now()).values())) == 4
    html = client_for(person).get("/cases/?status=done").content.decode()
    assert f"{old.name}（至{today}）" in html
    assert client_for(person).get(f"/cases/{closed['00500201'].number}/").status_code == 200


def test_a_retired_area_can_be_chosen_as_such(merged, closed, grid_leader, secretary, tree):
    today = timezone.localdate().isoformat()
    for person in (again(grid_leader), again(secretary)):
        choices = dict(area_choices(person))
        for code in ("005001", "005002"):
            assert choices[tree[code].code].strip("\u3000") == f"{tree[code].name}（至{today}）"
        data = QueryDict(f"status=any&area={tree['005002'].code}")
        found = CaseFilter(data, queryset=visible_cases(person), user=person)
        assert found.is_valid()
        assert [row.number for row in found.qs] == [closed["00500201"].number]
    assert next(iter(dict(area_choices(again(secretary))))) == COMMUNITY


def test_summary_lines_carry_the_old_name_and_add_up(tree, merged, closed, grid_leader, grid_worker, officer):
    Area.objects.filter(pk=tree["005001"].pk).update(active_to=date(2026, 3, 1))
    Case.objects.filter(pk=closed["open"].pk).update(path=tree["00500101"].code)
    summary = summary_of(tree["005"], now=timezone.now())
    names = {line.code: line.name for line in summary.lines}
    assert names[tree["005001"].code] == f"{tree['005001'].name}（至2026-03-01）"
    assert names[merged.code] == "大网格"
    assert tree["005"].name not in names.values()
    assert summary.open == sum(line.open for line in summary.lines) == 1


def test_a_split_grid_shares_its_history_out_by_the_micro_grids(
    tree, closed, secretary, grid_leader, micro_grid_worker
):
    parts = [Part(f"第{n}网格", children=(tree[f"0050010{n}"].code,)) for n in (1, 2)]
    split_area(actor=secretary, code=tree["005001"].code, parts=parts, now=timezone.now())
    east = UserFactory()
    AssignmentFactory(user=east, area=Area.objects.get(name="第2网格"), duty=Duty.GRID_LEADER, is_deputy=True)
    assert seen(east) == {closed["00500102"].number}
    assert seen(grid_leader) == all_of(closed) - {closed["00500201"].number}
    assert seen(micro_grid_worker) == {closed["00500101"].number, closed["open"].number}


def test_both_parts_of_a_split_micro_grid_see_its_history(tree, closed, secretary):
    parts = [Part("西", box(2, 0, 3, 2)), Part("东", box(3, 0, 4, 2))]
    split_area(actor=secretary, code=tree["00500201"].code, parts=parts, now=timezone.now())
    for name in ("西", "东"):
        person = UserFactory()
        AssignmentFactory(user=person, area=Area.objects.get(name=name), duty=Duty.MICRO_GRID_WORKER)
        assert seen(person) == {closed["00500201"].number}


def test_history_is_followed_over_several_changes(tree, closed, secretary, merged, grid_leader, neighbour):
    children = Area.objects.in_force().filter(parent=merged).order_by("code")
    first, second, third = (child.code for child in children)
    parts = [Part("北", children=(first, second)), Part("南", children=(third,))]
    split_area(actor=secretary, code=merged.code, parts=parts, now=timezone.now())
    south = UserFactory()
    AssignmentFactory(user=south, area=Area.objects.get(name="南"), duty=Duty.GRID_LEADER, is_deputy=True)
    assert seen(south) == {closed["00500201"].number}


def test_nobody_else_sees_the_history(merged, closed, foreign_officer, tree):
    assert seen(foreign_officer) == set()
    person = UserFactory()
    AssignmentFactory(user=person, area=tree["006001"], duty=Duty.GRID_LEADER)
    assert seen(person) == set()


def test_a_secret_case_of_the_history_stays_as_it_was(merged, closed, grid_leader, secretary):
    Case.objects.filter(pk=closed["00500101"].pk).update(is_secret=True)
    assert closed["00500101"].number not in seen(grid_leader)
    assert closed["00500101"].number in seen(secretary)


def test_rights_are_by_the_area_now(merged, closed, grid_leader, client_for):
    Case.objects.filter(pk=closed["00500101"].pk).update(status="closed")
    page = client_for(again(grid_leader)).get(f"/cases/{closed['00500101'].number}/")
    assert [step.verb for step in page.context["others"]] == []
    assert not page.context["may_reveal"]


def test_posts_and_their_history_are_read_in_one_statement_and_cases_by_an_index(merged, closed, grid_leader):
    person = again(grid_leader)
    with CaptureQueriesContext(connection) as captured:
        assert posts_of(person)[0].history
        sql = str(visible_cases(person).order_by("-opened_at")[:50].query)
    assert len(captured) == 1
    assert "LIKE" not in sql
    newer = Case.objects.get(pk=closed["open"].pk).opened_at + timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = visible_cases(person).filter(opened_at__lt=newer).order_by("-opened_at")[:50].explain()
    assert "Seq Scan on casework_case" not in plan
