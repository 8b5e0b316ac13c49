"""People and organisations for tests."""

from typing import Any

import factory

from accounts.choices import OrganisationKind, Role
from accounts.models import Organisation, User

PASSWORD = "Weige-2023-demo"


class OrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"单位{n}")
    kind = OrganisationKind.DEPARTMENT.value
    takes_cases = True


class UserFactory(factory.django.DjangoModelFactory):
    """A person who may sign in with `PASSWORD`; posts are added with `posted`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    name = factory.Sequence(lambda n: f"测试{n}")
    role = Role.GRID_WORKER.value
    must_change_password = False

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(password=kwargs.pop("password", PASSWORD), **kwargs)
