"""The first password is changed before anything else; a change ends the other sessions."""

import pytest
from axes.models import AccessAttempt, AccessFailureLog
from django.urls import reverse

from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
PAGE = "/accounts/password/"
NEW = "Lanzhou-2023-new"


def change(client, old=PASSWORD, new=NEW, again=None):
    return client.post(PAGE, {"old_password": old, "new_password1": new, "new_password2": again or new})


@pytest.fixture
def newcomer(client_for):
    return client_for(UserFactory(must_change_password=True))


@pytest.mark.parametrize("name", ["portal:home", "portal:inbox", "casework:case_list", "accounts:profile"])
def test_a_first_password_opens_only_the_page_that_changes_it(newcomer, name):
    response = newcomer.get(reverse(name))
    assert (response.status_code, response.url) == (302, PAGE)


def test_health_language_and_sign_out_stay_open_to_a_newcomer(newcomer):
    assert newcomer.get("/health/live/").status_code == 200
    assert newcomer.post("/language/", {"language": "en"}).url == "/"
    assert newcomer.post("/accounts/sign-out/").status_code == 302


def test_after_the_change_the_site_is_open(newcomer):
    assert newcomer.get(PAGE).status_code == 200
    assert change(newcomer).url == "/"
    assert newcomer.get("/").status_code == 200


def test_a_change_ends_the_other_sessions_and_keeps_this_one(client_for):
    user = UserFactory()
    here, elsewhere = client_for(user), client_for(user)
    change(here)
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


@pytest.mark.parametrize(
    ("new", "again"),
    [
        ("Short-1", None),
        ("1234567890123", None),
        ("onlylettershere", None),
        ("password123", None),
        ("zhangsan-zhangsan", None),
        (PASSWORD, None),
        (NEW, "Lanzhou-2023-typo"),
        (NEW + "x" * (129 - len(NEW)), None),
        ("", None),
    ],
)
def test_a_weak_old_or_mistyped_password_is_refused(client_for, new, again):
    user = UserFactory(username="zhangsan-zhangsan")
    response = change(client_for(user), new=new, again=again)
    assert response.status_code == 200
    assert response.context["form"].errors
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_the_longest_password_that_is_taken_signs_in(client_for, client):
    user, longest = UserFactory(), NEW + "x" * (128 - len(NEW))
    assert change(client_for(user), new=longest).url == "/"
    assert client.post("/accounts/sign-in/", {"username": user.username, "password": longest}).url == "/"


def test_the_old_password_is_asked_for(client_for):
    response = change(client_for(UserFactory()), old="wrong-1")
    assert response.context["form"].errors["old_password"]


def test_guesses_at_the_old_password_are_limited_and_written_down_as_at_sign_in(client_for):
    user = UserFactory()
    client = client_for(user)
    codes = [change(client, old=f"wrong-{n}").status_code for n in range(5)]
    assert codes == [200, 200, 200, 200, 429]
    locked = change(client)
    assert locked.status_code == 429
    assert 'href="/"' in locked.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    failures = AccessFailureLog.objects.filter(username=user.username, path_info=PAGE)
    assert failures.count() == 6
    assert (
        client.post("/accounts/sign-in/", {"username": user.username, "password": PASSWORD}).status_code
        == 302
    )
    client.logout()
    assert (
        client.post("/accounts/sign-in/", {"username": user.username, "password": PASSWORD}).status_code
        == 429
    )


def test_nothing_typed_into_the_password_fields_is_kept_with_the_failure(client_for):
    change(client_for(UserFactory()), old="guess-at-the-old-1", new="Wanted-2023-new")
    kept = AccessAttempt.objects.get().post_data
    assert "guess-at" not in kept
    assert "Wanted" not in kept


def test_the_field_of_the_new_password_does_not_tell_whether_a_guess_is_the_old_one(client_for):
    client = client_for(UserFactory())
    pages = [change(client, old="wrong-1", new=guess) for guess in (PASSWORD, NEW)]
    assert [list(page.context["form"].errors) for page in pages] == [["old_password"]] * 2


@pytest.mark.parametrize(
    "new",
    [
        "weiwang11weiwang11",
        "WeiWang11-weiwang11",
        "weiwang11.weiwang11.1",
        "１weiwang11weiwang11",
        "13800138000-13800138000-a",
        "13800138000-weiwang11",
        "邹楼长邹楼长邹楼长邹楼长1",
        "DEMO-016-demo-016",
    ],
)
def test_a_password_that_repeats_the_name_is_refused(client_for, new):
    user = UserFactory(username="weiwang11", name="邹楼长", phone="13800138000", employee_no="DEMO-016")
    assert change(client_for(user), new=new).context["form"].errors


def test_a_name_beside_enough_else_is_taken(client_for):
    user = UserFactory(username="li", name="李")
    assert change(client_for(user), new="liberty-alive-99").status_code == 302
