"""Chinese or English, kept for the person; one's own page."""

import pytest
from django.conf import settings as site

from tests.factories.accounts import PASSWORD, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db
COOKIE = site.LANGUAGE_COOKIE_NAME


def test_the_choice_is_kept_on_the_account_and_in_the_browser(client_for):
    user = UserFactory()
    client = client_for(user)
    response = client.post("/language/", {"language": "en", "next": "/inbox/"})
    assert response.url == "/inbox/"
    assert client.cookies[COOKIE].value == "en"
    user.refresh_from_db()
    assert user.language == "en"
    assert '<html lang="en"' in client.get("/").content.decode()


def test_the_page_is_chinese_unless_somebody_chose(client_for):
    assert '<html lang="zh-hans"' in client_for(UserFactory()).get("/").content.decode()


@pytest.mark.parametrize("language", ["xx", "", "en\x00", "<script>"])
def test_an_unknown_language_changes_nothing(client_for, language):
    user = UserFactory()
    assert client_for(user).post("/language/", {"language": language}).status_code == 302
    user.refresh_from_db()
    assert user.language == "zh-hans"


def test_the_switch_leads_to_no_other_site(client):
    response = client.post("/language/", {"language": "en", "next": "https://evil.example/"})
    assert response.url == "/"


def test_the_account_s_language_comes_back_at_sign_in(client):
    user = UserFactory(language="en")
    client.post("/accounts/sign-in/", {"username": user.username, "password": PASSWORD})
    assert client.cookies[COOKIE].value == "en"


def test_a_choice_on_the_sign_in_page_is_kept(client):
    user = UserFactory()
    client.post("/language/", {"language": "en"})
    client.post("/accounts/sign-in/", {"username": user.username, "password": PASSWORD})
    user.refresh_from_db()
    assert user.language == "en"


def test_the_next_person_at_this_machine_does_not_inherit_it(client):
    user = UserFactory(language="en")
    client.post("/accounts/sign-in/", {"username": user.username, "password": PASSWORD})
    client.post("/accounts/sign-out/")
    assert client.cookies[COOKIE].value == ""


def test_my_page_shows_posts_and_organisation_and_masks_the_phone(client_for, grid_leader):
    grid_leader.phone = "09311234567"
    grid_leader.organisation = OrganisationFactory(name="社区居委会")
    grid_leader.save()
    text = client_for(grid_leader).get("/accounts/me/").content.decode()
    assert "093****4567" in text
    assert "09311234567" not in text
    assert "社区居委会" in text
    assert "辖区620102017005001" in text
