"""People and organisations by themselves."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.choices import Role
from accounts.models import Organisation, User
from accounts.permissions import needs_second_factor, sees_every_area, serves_an_organisation
from accounts.validators import MixedCharactersValidator
from tests.factories.accounts import OrganisationFactory, UserFactory


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("09311234567", "093****4567"), ("12345678", "123****5678"), ("12345", "12345"), ("", "")],
)
def test_a_phone_is_shown_with_its_middle_hidden(phone, shown):
    assert User(phone=phone).masked_phone == shown


@pytest.mark.parametrize("password", ["onlyletters", "1234567890", "只有汉字没有别的东西"])
def test_letters_alone_or_digits_alone_are_no_password(password):
    with pytest.raises(ValidationError):
        MixedCharactersValidator().validate(password)


def test_letters_with_digits_are_a_password():
    MixedCharactersValidator().validate("letters-and-1")


@pytest.mark.django_db
def test_an_unknown_role_is_refused_by_the_database():
    with pytest.raises(IntegrityError, match="accounts_user_role_known"):
        UserFactory(role="king")


@pytest.mark.django_db
def test_two_people_without_an_employee_number_do_not_collide():
    for user in (UserFactory(employee_no=None), UserFactory(employee_no="")):
        user.clean()
        user.save()
        assert user.employee_no is None


@pytest.mark.django_db
def test_the_first_administrator_needs_no_change_of_password():
    user = User.objects.create_superuser("root", "First-2023-pass", name="管理员")
    assert (user.role, user.must_change_password, user.is_staff) == (Role.SYSTEM_ADMIN, False, True)


@pytest.mark.django_db
def test_only_active_people_and_organisations_are_offered():
    user, gone = UserFactory(), UserFactory(is_active=False)
    assert list(User.objects.active()) == [user]
    assert not gone.is_staff
    OrganisationFactory(is_active=False)
    assert not Organisation.objects.active().exists()


def test_roles_decide_who_sees_what(settings):
    settings.ADMIN_SECOND_FACTOR = True
    admins = {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR}
    serving = {Role.DEPARTMENT_HANDLER, Role.ENFORCEMENT_OFFICER, Role.PARTNER_CONTACT, Role.SITE_MANAGER}
    users = {role: User(role=role) for role in Role}
    assert {role for role, user in users.items() if sees_every_area(user)} == admins
    assert {role for role, user in users.items() if serves_an_organisation(user)} == serving
    assert {role for role, user in users.items() if needs_second_factor(user)} == admins - {Role.AUDITOR}
    assert {role for role, user in users.items() if user.is_staff} == admins
