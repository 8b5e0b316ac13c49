"""The figures of an area: open work live, closed work from the tallies, shares with what they are taken of."""

from datetime import UTC, datetime, timedelta

import pytest

from casework.models import Case
from portal.metrics import area_lights, coverage_of, figures_of, lines_of, summary_of
from portal.queries import map_areas, summary_area, summary_areas
from portal.rates import Share
from tests.factories.grids import CompoundFactory
from tests.factories.measures import at, signed, supervise, suspend
from tests.factories.requests import COMMUNITY, accept, dispatch, finish, report, take

pytestmark = pytest.mark.django_db
NOON = datetime(2023, 2, 20, 4, tzinfo=UTC)


@pytest.fixture
def closed_in_grid(micro_grid_worker, grid_leader, grid_worker):
    """Closes a ticket of that micro-grid at grid level, at that moment."""

    def close(area, *, at=NOON):
        ticket = report(micro_grid_worker, area, now=at)
        accept(ticket, grid_leader, now=at)
        dispatch(ticket, grid_leader, grid_worker, now=at)
        take(ticket, "sign", grid_worker, now=at)
        finish(ticket, grid_worker, now=at)
        return take(ticket, "pass_review", grid_leader, now=at)

    return close


def line(summary, code):
    return next(line for line in summary.lines if line.code.endswith(code))


def test_a_share_of_nothing_has_no_percentage():
    assert Share(0, 0).percent is None
    assert Share(2, 3).percent == 67


def test_open_due_soon_and_overdue_are_counted_by_grid(tree, officer, grid_leader, micro_grid_worker):
    late, soon, fresh = (report(micro_grid_worker, tree["00500101"], now=NOON) for _n in range(3))
    for ticket in (late, soon):
        accept(ticket, grid_leader, now=NOON)
    Case.objects.filter(pk=late.pk).update(due_at=NOON - timedelta(hours=1))
    Case.objects.filter(pk=soon.pk).update(
        yellow_at=NOON - timedelta(hours=9), due_at=NOON + timedelta(hours=1)
    )
    Case.objects.filter(pk=fresh.pk).update(due_at=None, yellow_at=None)
    summary = summary_of(tree["005"], now=NOON)
    assert (summary.open, summary.yellow, summary.red) == (3, 1, 1)
    assert (line(summary, "005001").open, line(summary, "005001").light) == (3, "red")
    assert (line(summary, "005002").open, line(summary, "005002").light) == (0, "")
    assert area_lights(officer, [tree["005001"].code, tree["005002"].code]) == {tree["005001"].code: "red"}


def test_suspended_and_supervised_are_counted_by_grid(tree, officer, secretary, grid_worker):
    held, watched = (signed(tree["00500101"], officer, grid_worker, now=at(1)) for _n in range(2))
    suspend(held, officer, secretary, now=at(2))
    supervise(watched, secretary, officer, now=at(2))
    supervise(held, secretary, officer, now=at(2))
    summary = summary_of(tree["005"], now=at(20))
    assert (summary.open, summary.red, summary.suspended, summary.supervised) == (2, 1, 1, 2)
    there = line(summary, "005001")
    assert (there.suspended, there.supervised, there.light) == (1, 2, "red")
    assert line(summary, "005002").suspended == 0


def test_the_principle_is_a_number(
    tree, officer, micro_grid_worker, closed_in_grid, department, department_handler
):
    for _n in range(3):
        closed_in_grid(tree["00500101"])
    ticket = report(micro_grid_worker, tree["00500101"], category=COMMUNITY, now=NOON)
    accept(ticket, officer, level="community", now=NOON)
    dispatch(ticket, officer, organisation=department, now=NOON)
    take(ticket, "sign", department_handler, now=NOON)
    finish(ticket, department_handler, now=NOON)
    take(ticket, "pass_review", officer, now=NOON)
    summary = summary_of(tree["005"], now=NOON)
    assert (summary.in_grid, summary.within, summary.closed) == (Share(3, 4), Share(4, 4), 4)
    assert line(summary, "005001").in_time == Share(4, 4)


def test_what_was_declined_merged_or_cancelled_is_no_work_done(tree, officer, micro_grid_worker):
    ticket = report(micro_grid_worker, tree["00500101"], now=NOON)
    take(ticket, "cancel", officer, reason="误报", now=NOON)
    assert summary_of(tree["005"], now=NOON).closed == 0


def test_the_year_begins_on_new_year_s_day_in_shanghai(tree, officer, closed_in_grid):
    closed_in_grid(tree["00500101"], at=datetime(2022, 12, 31, 15, 59, tzinfo=UTC))
    closed_in_grid(tree["00500101"], at=datetime(2022, 12, 31, 16, 1, tzinfo=UTC))
    assert summary_of(tree["005"], now=NOON).closed == 1


def test_a_secret_case_is_in_no_figure_whoever_looks(
    client_for, tree, officer, secretary, leader_view, micro_grid_worker
):
    report(micro_grid_worker, tree["00500101"], now=NOON)
    secret = report(micro_grid_worker, tree["00500102"], now=NOON)
    Case.objects.filter(pk=secret.pk).update(is_secret=True, due_at=NOON)
    assert summary_of(tree["005"], now=NOON).open == 1
    for person in (officer, secretary, leader_view):
        figures = client_for(person).get("/summary/", {"area": tree["005"].code}).context["figures"]
        assert [figure.value for figure in figures][:3] == ["1", "0", "1"]
        assert sum(line.open for line in client_for(person).get("/map/").context["lines"]) == 1
        assert area_lights(person, [tree["00500102"].code]) == {}
    rows = client_for(secretary).get(client_for(secretary).get("/summary/").context["figures"][0].url)
    assert [row.case.is_secret for row in rows.context["rows"]] == [False]
    assert len(client_for(secretary).get("/cases/").context["rows"]) == 2
    assert len(client_for(secretary).get("/cases/?secret=yes").context["rows"]) == 1


def test_an_area_that_reaches_beyond_one_s_posts_has_no_light(tree, grid_leader, officer, micro_grid_worker):
    report(micro_grid_worker, tree["00500201"], now=NOON)
    assert area_lights(grid_leader, [tree["005"].code]) == {}
    assert area_lights(grid_leader, [tree["005002"].code]) == {}
    assert set(area_lights(officer, [tree["005"].code])) == {tree["005"].code}


def test_a_leader_sees_the_counts_of_what_no_leader_may_open(tree, leader_view, micro_grid_worker):
    report(micro_grid_worker, tree["00500101"], now=NOON)
    summary = summary_of(tree["005"], now=NOON)
    assert summary.open == 1
    assert {figure.url for figure in figures_of(summary, may_open=False)} == {""}


def test_a_case_in_no_grid_is_counted_under_the_community_itself(tree, officer, micro_grid_worker):
    report(micro_grid_worker, tree["00500101"], now=NOON)
    Case.objects.update(path=tree["005"].code)
    summary = summary_of(tree["005"], now=NOON)
    assert summary.open == 1
    assert (line(summary, "017005").name, line(summary, "017005").open) == (tree["005"].name, 1)


def test_the_division_is_counted_as_it_stands(tree, officer):
    CompoundFactory(micro_grid=tree["00500101"])
    CompoundFactory(micro_grid=tree["00600101"])
    summary = summary_of(tree["005"], now=NOON)
    assert [count for _name, count in summary.division] == [1, 2, 3]


def test_coverage_is_asked_of_a_community_only(tree):
    assert coverage_of(tree[""]) is None
    assert coverage_of(tree["005"]).is_whole is False  # nobody serves these areas


def test_the_list_beside_the_map_has_the_most_urgent_area_first(
    tree, officer, grid_leader, micro_grid_worker
):
    ticket = accept(report(micro_grid_worker, tree["00500201"], now=NOON), officer, now=NOON)
    later = ticket.due_at + timedelta(hours=1)
    assert [area.code[-6:] for area in map_areas(officer)] == ["005001", "005002"]
    lines = lines_of(map_areas(officer), now=later)
    assert [(found.code[-6:], found.red) for found in lines] == [("005002", 1), ("005001", 0)]
    assert lines_of([], now=later) == []


def test_summaries_are_open_for_the_own_areas_only(
    tree, officer, subdistrict_admin, leader_view, system_admin, grid_leader, foreign_officer
):
    mine, street, foreign = tree["005"].code, tree[""].code, tree["006"].code
    opened = {
        user.username: [code for code in (mine, street, foreign) if summary_area(user, code)]
        for user in (officer, subdistrict_admin, leader_view, system_admin, grid_leader, foreign_officer)
    }
    everything = [mine, street, foreign]
    assert opened == {
        "officer": [mine],
        "street": everything,
        "chief": everything,
        "admin": [],
        "leader": [],
        "foreign": [foreign],
    }
    assert summary_areas(system_admin) == summary_areas(grid_leader) == []
