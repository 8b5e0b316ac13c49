"""Posts by the page: given, handed over, ended; one main holder at a time; only by the keeper of the level above."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from grids.choices import Duty
from grids.models import AreaAssignment
from tests.factories.accounts import UserFactory
from tests.factories.grids import AssignmentFactory, Tree

POSTS = "/areas/620102017005001/posts/"
TODAY = timezone.localdate()


@pytest.fixture
def helper(tree: Tree) -> Any:
    """Somebody of the same community, whom its secretary may choose."""
    user = UserFactory(name="何帮手")
    AssignmentFactory(user=user, area=tree["00500102"], duty=Duty.MICRO_GRID_WORKER.value)
    return user


def post_of(user: Any) -> AreaAssignment:
    return AreaAssignment.objects.get(user=user)


def give(client: Any, user: Any, **fields: Any) -> Any:
    data = {"user": getattr(user, "pk", user), "duty": "grid_worker", "on": TODAY.isoformat(), **fields}
    return client.post(POSTS, data)


def test_a_post_is_given_and_stands_in_the_list(
    client_for: Any, secretary: Any, helper: Any, tree: Tree
) -> None:
    client = client_for(secretary)
    assert give(client, helper).status_code == 302
    assert AreaAssignment.objects.filter(user=helper, area=tree["005001"], duty="grid_worker").exists()
    assert "何帮手" in client.get(POSTS).content.decode()


def test_a_second_main_worker_is_refused_and_a_deputy_is_not(
    client_for: Any, secretary: Any, grid_worker: Any, helper: Any
) -> None:
    client = client_for(secretary)
    response = give(client, helper)
    assert response.status_code == 400
    assert response.context["form"].non_field_errors()
    assert give(client, helper, is_deputy="on").status_code == 302


def test_a_form_sent_twice_gives_one_post(
    client_for: Any, secretary: Any, grid_worker: Any, helper: Any
) -> None:
    client = client_for(secretary)
    assert give(client, helper, is_deputy="on").status_code == 302
    again = give(client, helper, is_deputy="on")
    assert again.status_code == 400
    assert again.context["form"].non_field_errors()
    assert AreaAssignment.objects.filter(user=helper, is_deputy=True).count() == 1


def test_a_deputy_becomes_the_main_holder(
    client_for: Any, secretary: Any, grid_worker: Any, helper: Any
) -> None:
    client = client_for(secretary)
    give(client, helper, is_deputy="on")
    form = {"to": helper.pk, "on": TODAY.isoformat()}
    assert client.post(f"{POSTS}{post_of(grid_worker).pk}/hand-over/", form).status_code == 302
    assert AreaAssignment.objects.filter(user=helper, is_deputy=False, duty="grid_worker").exists()


def test_a_post_is_handed_over_from_a_day_on(
    client_for: Any, secretary: Any, grid_leader: Any, helper: Any, tree: Tree
) -> None:
    old, day = post_of(grid_leader), TODAY + timedelta(days=7)
    response = client_for(secretary).post(
        f"{POSTS}{old.pk}/hand-over/", {"to": helper.pk, "on": day.isoformat()}
    )
    assert response.status_code == 302
    old.refresh_from_db()
    new = AreaAssignment.objects.get(user=helper, area=tree["005001"])
    assert (old.to_on, new.from_on, new.duty) == (day, day, "grid_leader")


def test_a_post_is_not_handed_over_to_its_holder(client_for: Any, secretary: Any, grid_leader: Any) -> None:
    post = post_of(grid_leader)
    form = {"to": grid_leader.pk, "on": TODAY.isoformat()}
    assert client_for(secretary).post(f"{POSTS}{post.pk}/hand-over/", form).status_code == 400
    post.refresh_from_db()
    assert post.to_on is None


def test_a_post_is_ended_once(client_for: Any, secretary: Any, grid_leader: Any) -> None:
    client, post = client_for(secretary), post_of(grid_leader)
    address = f"{POSTS}{post.pk}/end/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"on": TODAY.isoformat()}).status_code == 302
    post.refresh_from_db()
    assert post.to_on == TODAY
    assert client.post(address, {"on": TODAY.isoformat()}).status_code == 404


def test_only_duties_of_the_level_are_offered(client_for: Any, secretary: Any, helper: Any) -> None:
    assert give(client_for(secretary), helper, duty="community_secretary").status_code == 400


def test_people_of_another_community_are_not_offered(
    client_for: Any, secretary: Any, foreign_officer: Any
) -> None:
    client = client_for(secretary)
    assert foreign_officer.name not in client.get(POSTS).content.decode()
    assert give(client, foreign_officer).status_code == 400


@pytest.mark.parametrize(
    "change", [{"on": ""}, {"on": "yesterday"}, {"who": "x"}, {"who": 10**30}, {"duty": ""}]
)
def test_input_that_does_not_fit_is_refused_beside_its_field(
    client_for: Any, secretary: Any, helper: Any, change: dict[str, Any]
) -> None:
    form = {"who": helper, **change}
    response = give(client_for(secretary), form.pop("who"), **form)
    assert response.status_code == 400
    assert response.context["form"].errors


def test_a_post_of_another_area_does_not_exist_here(
    client_for: Any, secretary: Any, foreign_officer: Any
) -> None:
    post = post_of(foreign_officer)
    assert client_for(secretary).get(f"{POSTS}{post.pk}/end/").status_code == 404


@pytest.mark.parametrize(
    ("who", "status"),
    [("officer", 403), ("grid_leader", 403), ("foreign_officer", 404), ("partner_contact", 404)],
)
def test_others_do_not_change_posts(
    client_for: Any, request: pytest.FixtureRequest, who: str, status: int, helper: Any
) -> None:
    client = client_for(request.getfixturevalue(who))
    assert client.get(POSTS).status_code == status
    assert give(client, helper).status_code == status
