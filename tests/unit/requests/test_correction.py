"""更正地点/分类: all that depends on where a ticket lies and what it is about follows; the timeline says both."""

import pytest
from django.contrib.gis.geos import Point

from casework.errors import NotAllowed, NotOffered, RuleBroken
from casework.models import Reminder, ServiceLevel
from casework.registry import kind_of
from casework.timeline import sentence
from grids.models import AreaAssignment
from portal.queries import my_work
from requests_.models import Category, Ticket
from tests.factories.accounts import UserFactory
from tests.factories.grids import BuildingFactory, CompoundFactory
from tests.factories.measures import at, signed
from tests.factories.requests import accept, dispatch, due, finish, report, take

pytestmark = pytest.mark.django_db
INSIDE_2 = Point(103.843, 36.041, srid=4326)


def building_in(area, **fields):
    return BuildingFactory(compound=CompoundFactory(micro_grid=area, **fields))


@pytest.fixture
def here(tree):
    return building_in(tree["00500101"], name="一号院", point=Point(103.8405, 36.041, srid=4326))


@pytest.fixture
def there(tree):
    """A building of the other grid of the community."""
    return building_in(tree["00500201"], name="二号院", point=INSIDE_2)


@pytest.fixture
def other_leader(tree):
    user = UserFactory(username="other", role="grid_leader")
    AreaAssignment.objects.create(
        user=user, area=tree["005002"], duty="grid_leader", from_on=at(1, month=1).date()
    )
    return user


def correct(ticket, actor, building=None, category="", now=None, **more):
    if building is not None:
        more["place"] = (building.compound, building)
    if category:
        more["category"] = Category.objects.get(code=category)
    return take(ticket, "correct", actor, reason="报错楼栋", now=now, **more)


def sees(user, ticket):
    user = type(user).objects.get(pk=user.pk)
    return Ticket.objects.visible_to(user).filter(pk=ticket.pk).exists()


def told(ticket, verb):
    rows = Reminder.objects.filter(case_id=ticket.pk, facts__verb=verb)
    return sorted(rows.values_list("recipient__username", flat=True))


def words(ticket):
    return sentence(ticket.events.get(verb="correct"), kind_of("ticket"))


@pytest.fixture
def accepted(here, grid_worker, grid_leader, officer, neighbour, secretary):
    """At grid level, waiting to be dispatched by the leader of the first grid."""
    ticket = report(
        officer, here.compound.micro_grid, building=here, compound=here.compound, point=here.compound.point
    )
    return accept(ticket, grid_leader)


def test_a_corrected_building_moves_grid_path_point_desk_and_sight(
    accepted, there, officer, grid_leader, other_leader, grid_worker, neighbour
):
    assert sees(grid_worker, accepted)
    moved = correct(accepted, officer, there)
    fresh = Ticket.objects.get(pk=moved.pk)
    assert (fresh.area, fresh.path, fresh.grid) == (
        there.compound.micro_grid,
        fresh.area.code,
        fresh.path[:15],
    )
    assert (fresh.building, fresh.compound, fresh.point) == (there, there.compound, INSIDE_2)
    assert [sees(u, fresh) for u in (grid_worker, grid_leader, neighbour, other_leader)] == [
        False, False, True, True,
    ]  # fmt: skip
    assert my_work(other_leader).filter(pk=fresh.pk).exists()
    assert told(fresh, "correct") == ["other"]


def test_the_timeline_says_what_it_was_and_what_it_is(accepted, here, there, officer):
    text = words(correct(accepted, officer, there, "lighting"))
    for part in (str(here), str(there), "楼道踏步", "楼道、院内照明", here.compound.micro_grid.name):
        assert part in text


def test_a_corrected_category_takes_its_own_limit_from_the_same_beginning(accepted, officer, grid_leader):
    ServiceLevel.objects.create(
        kind="ticket", step="handle", subject="lighting", amount=1, unit="workday",
        valid_from=at(1, month=1).date(),
    )  # fmt: skip
    before = due(accepted, "handle")
    after = correct(accepted, officer, category="lighting")
    assert due(after, "handle") < before
    assert after.due_at == due(after, "handle")
    assert after.category.code == "lighting"
    assert "place" not in after.events.get(verb="correct").facts


def test_the_handler_keeps_it_and_the_timeline_says_that_the_place_is_not_theirs(
    tree, here, there, officer, grid_worker, neighbour
):
    ticket = signed(tree["00500101"], officer, grid_worker, now=at(1), building=here, compound=here.compound)
    moved = correct(ticket, officer, there, now=at(2))
    assert (moved.handler_user, moved.status) == (grid_worker, "handling")
    assert sees(grid_worker, moved)
    assert "王工" in words(moved)
    assert told(moved, "correct") == ["worker"]


def test_one_who_serves_the_new_place_too_is_not_called_out_of_place(tree, here, officer):
    ticket = signed(tree["00500101"], officer, officer, now=at(1), building=here, compound=here.compound)
    assert "赵专干" not in words(correct(ticket, officer, building_in(tree["00500201"]), now=at(2)))


def test_the_place_in_words_alone_can_be_corrected_and_what_is_not_said_stays(accepted, here, officer):
    after = correct(accepted, officer, place_text="三单元二楼")
    assert (after.place_text, after.building, after.path, after.point) == (
        "三单元二楼", here, accepted.path, here.compound.point,
    )  # fmt: skip
    assert after.events.get(verb="correct").facts.keys() == {"reason", "was_place", "place"}


def test_a_position_alone_finds_the_micro_grid(accepted, tree, officer):
    after = correct(accepted, officer, place=(None, None), position=INSIDE_2)
    assert (after.path, after.point, after.building) == (tree["00500201"].code, INSIDE_2, None)


def test_a_micro_grid_chosen_elsewhere_drops_a_point_that_lies_outside_of_it(accepted, tree, officer):
    after = correct(accepted, officer, area=tree["00500201"])
    assert (after.path, after.point) == (tree["00500201"].code, None)


def test_nothing_changed_nowhere_and_another_community_are_refused(accepted, tree, here, officer):
    with pytest.raises(RuleBroken, match="没有任何改动"):
        correct(accepted, officer, here)
    with pytest.raises(RuleBroken):
        correct(accepted, officer, place=(None, None))
    with pytest.raises(RuleBroken, match="其他社区"):
        correct(accepted, officer, building_in(tree["00600101"]))
    with pytest.raises(RuleBroken, match="其他社区"):
        correct(accepted, officer, area=tree["00600101"])


def test_the_office_corrects_at_every_level_the_leader_at_grid_level_nobody_else(
    accepted, there, officer, secretary, grid_leader, grid_worker, subdistrict_admin, foreign_officer
):
    for user in (grid_worker, subdistrict_admin, foreign_officer):
        with pytest.raises(NotAllowed):
            correct(accepted, user, there)
    assert correct(accepted, grid_leader, there).building == there
    raised = take(accepted, "escalate", officer, reason="超出网格")
    with pytest.raises(NotAllowed):
        correct(raised, grid_leader, category="lighting")
    assert correct(raised, secretary, category="lighting").category.code == "lighting"


def test_what_is_closed_is_corrected_no_more(accepted, there, officer, grid_leader, grid_worker):
    dispatch(accepted, grid_leader, grid_worker)
    take(accepted, "sign", grid_worker)
    finish(accepted, grid_worker)
    closed = take(accepted, "pass_review", grid_leader)
    assert closed.closed_at is not None
    with pytest.raises(NotOffered):
        correct(closed, officer, there)


def test_before_it_is_accepted_the_category_brings_its_usual_level(here, officer, grid_leader):
    ticket = report(officer, here.compound.micro_grid, building=here, compound=here.compound)
    after = correct(ticket, officer, category="noise")
    assert after.handling_level == Category.objects.get(code="noise").default_level != ticket.handling_level


def test_repeats_follow_the_place_and_the_category(tree, here, there, officer):
    def reported(building):
        return report(officer, building.compound.micro_grid, building=building, compound=building.compound)

    first, second, elsewhere = reported(here), reported(here), reported(there)
    third = reported(here)
    assert (third.repeat_of_id, third.repeat_number) == (first.pk, 3)
    moved = correct(third, officer, there)
    assert (moved.repeat_of_id, moved.repeat_number) == (elsewhere.pk, 2)
    # The first one was somewhere else altogether: the second becomes the first of what is left.
    correct(first, officer, category="lighting")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.repeat_of_id, second.repeat_of_id, second.repeat_number) == (None, None, 1)


def test_a_ticket_leaves_the_topic_of_its_old_place(topics, tree, here, there, officer, secretary):
    tickets = [
        report(officer, here.compound.micro_grid, building=here, compound=here.compound) for _n in range(3)
    ]
    last = Ticket.objects.get(pk=tickets[-1].pk)
    assert last.topic is not None
    assert correct(last, officer, there).topic is None
