"""Every refusal is a page in the site's look with a next step, and tells nothing of what it hides."""

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, connection
from django.test import Client, RequestFactory
from django.utils import translation

from portal.views import errors
from tests.factories.accounts import UserFactory


@pytest.mark.parametrize(
    ("view", "arguments", "status"),
    [
        (errors.bad_request, (SuspiciousOperation("secret detail"),), 400),
        (errors.bad_request, (RequestDataTooBig("secret detail"),), 413),
        (errors.permission_denied, (PermissionDenied("secret detail"),), 403),
        (errors.csrf_failure, ("secret detail",), 403),
        (errors.page_not_found, (Exception("secret detail"),), 404),
        (errors.server_error, (), 500),
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_refusal_is_a_page_made_without_the_database(view, arguments, status, language):
    # No database mark: a query would fail this test.
    with translation.override(language):
        response = view(RequestFactory().get("/x/"), *arguments)
    text = response.content.decode()
    assert response.status_code == status
    assert f'<html lang="{language}"' in text
    assert 'href="/"' in text
    assert "secret detail" not in text


@pytest.mark.django_db
def test_an_unknown_address_is_not_found_in_the_site_s_look(client_for):
    response = client_for(UserFactory()).get("/no/such/page/")
    assert response.status_code == 404
    assert "wg-public-card" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/?after=%00", "/%00/", "/search/?q=a&%00=1"])
def test_nul_in_an_address_is_refused(client_for, path):
    assert client_for(UserFactory()).get(path).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "django_language", "messages"])
def test_nul_in_a_cookie_is_as_none(name):
    client = Client(headers={"cookie": f'{name}="\\000aaaaaaaa"'})
    assert client.get("/").url == "/accounts/sign-in/?next=/"
    assert client.get("/accounts/sign-in/").status_code == 200


@pytest.mark.django_db
def test_a_form_without_token_says_that_it_expired(client_for):
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(), backend="accounts.backends.RoleBackend")
    response = client.post("/inbox/read-all/")
    assert response.status_code == 403
    assert "wg-public-card" in response.content.decode()


@pytest.mark.django_db
def test_too_many_fields_are_too_much(client_for):
    response = client_for(UserFactory()).post("/language/", {f"f{n}": "" for n in range(2100)})
    assert response.status_code == 413


@pytest.mark.django_db
def test_a_failure_inside_is_a_page_without_details(client_for):
    client = client_for(UserFactory())
    client.raise_request_exception = False

    def broken(execute, sql, params, many, context):
        if "casework_case" in sql:
            raise DatabaseError("secret detail")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(broken):
        response = client.get("/search/", {"q": "踏步"})
    assert response.status_code == 500
    assert "secret detail" not in response.content.decode()
    assert "wg-public-card" in response.content.decode()
