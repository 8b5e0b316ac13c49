"""A domain error that no view caught becomes a page with its sentence and status."""

import pytest
from django.test import RequestFactory

from core.errors import DomainError, NotAllowed, NotOffered, StalePage
from core.middleware import DomainErrorMiddleware
from tests.factories.accounts import UserFactory


@pytest.mark.parametrize(
    ("error", "status"), [(DomainError, 400), (NotAllowed, 403), (NotOffered, 409), (StalePage, 409)]
)
def test_the_sentence_and_the_status_of_the_error_reach_the_person(error, status):
    middleware = DomainErrorMiddleware(lambda request: None)
    response = middleware.process_exception(RequestFactory().post("/"), error("It is <b>late</b>."))
    assert response.status_code == status
    assert "It is &lt;b&gt;late&lt;/b&gt;." in response.content.decode()


def test_other_errors_are_left_to_the_page_of_failures():
    middleware = DomainErrorMiddleware(lambda request: None)
    assert middleware.process_exception(RequestFactory().get("/"), ValueError("x")) is None


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["username", "password"])
def test_nul_in_a_form_is_refused_beside_its_field(client, field):
    data = {"username": UserFactory().username, "password": "x", field: "a\x00b"}
    assert client.post("/accounts/sign-in/", data).context["form"].errors[field]
