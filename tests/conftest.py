"""The fixed cast and the two communities every test may stand on."""

import re

import pytest
from django.db import connection
from django.test import Client
from hypothesis import settings as hypothesis_settings

from accounts.choices import OrganisationKind, Role
from casework.models import Parameter
from grids import office_calendar
from grids.choices import Duty
from tests.emptying import put_back_instead_of_truncating
from tests.factories.accounts import OrganisationFactory, UserFactory
from tests.factories.grids import AssignmentFactory, area_tree
from tests.shifted import shifted

# A busy machine is no error: no example has a time limit.
hypothesis_settings.register_profile("weige", deadline=None)
hypothesis_settings.load_profile("weige")

# Before any module of tests asks what time it is.
shifted().start()

WRITE = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
# What a GET may write: the session's last-seen time and the lock-out's own records.
WRITTEN_BY_ANY_REQUEST = ("django_session", "axes_")


def _refuse_writes(execute, sql, params, many, context):
    found = WRITE.match(sql)
    if found and not found[1].startswith(WRITTEN_BY_ANY_REQUEST):
        pytest.fail(f"a GET wrote: {sql[:200]}")
    return execute(sql, params, many, context)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        put_back_instead_of_truncating(connection)
        # Read once for all tests: no page's number of queries depends on which test came first.
        office_calendar.MEMORY_AGE = float("inf")
        office_calendar.remembered_calendar("")


@pytest.fixture(autouse=True)
def get_never_writes(monkeypatch):
    """Every GET of the test client fails when it changes a row."""
    generic = Client.generic

    def guarded(self, method, *args, **kwargs):
        if method not in ("GET", "HEAD"):
            return generic(self, method, *args, **kwargs)
        with connection.execute_wrapper(_refuse_writes):
            return generic(self, method, *args, **kwargs)

    monkeypatch.setattr(Client, "generic", guarded)


@pytest.fixture
def tree(db):
    """Communities 005 and 006 with their grids and micro-grids. Many tickets of one place raise no topic by
    themselves: who wants that asks for `topics` too.
    """
    Parameter.objects.filter(key="topic_count").update(value=10_000)
    return area_tree()


@pytest.fixture
def topics(tree):
    """Three reports of one place and category in thirty days raise a proactive topic, as delivered."""
    Parameter.objects.filter(key="topic_count").update(value=3)


def _posted(name, role, area, duty, **fields):
    user = UserFactory(
        username=fields.pop("username", name), name=fields.pop("shown", name), role=role, **fields
    )
    AssignmentFactory(user=user, area=area, duty=duty)
    return user


@pytest.fixture
def micro_grid_worker(tree):
    return _posted("micro", Role.MICRO_GRID_WORKER, tree["00500101"], Duty.MICRO_GRID_WORKER, shown="马微")


@pytest.fixture
def grid_worker(tree):
    return _posted("worker", Role.GRID_WORKER, tree["005001"], Duty.GRID_WORKER, shown="王工")


@pytest.fixture
def neighbour(tree):
    """The worker of another grid of the same community."""
    return _posted("neighbour", Role.GRID_WORKER, tree["005002"], Duty.GRID_WORKER, shown="林居")


@pytest.fixture
def grid_leader(tree):
    return _posted("leader", Role.GRID_LEADER, tree["005001"], Duty.GRID_LEADER, shown="李长")


@pytest.fixture
def officer(tree):
    return _posted("officer", Role.COMMUNITY_OFFICER, tree["005"], Duty.COMMUNITY_OFFICER, shown="赵专干")


@pytest.fixture
def secretary(tree):
    return _posted(
        "secretary", Role.COMMUNITY_SECRETARY, tree["005"], Duty.COMMUNITY_SECRETARY, shown="孙书记"
    )


@pytest.fixture
def subdistrict_admin(tree):
    return _posted("street", Role.SUBDISTRICT_ADMIN, tree[""], Duty.SUBDISTRICT_ADMIN, shown="周街道")


@pytest.fixture
def leader_view(tree):
    """Sees figures of the subdistrict, no single case."""
    return _posted("chief", Role.LEADER_VIEW, tree[""], Duty.LEADER_VIEW, shown="曹领导")


@pytest.fixture
def foreign_officer(tree):
    """The officer of the other community."""
    return _posted("foreign", Role.COMMUNITY_OFFICER, tree["006"], Duty.COMMUNITY_OFFICER, shown="吴外")


@pytest.fixture
def department(db):
    return OrganisationFactory(name="城管执法中队")


@pytest.fixture
def department_handler(department):
    return UserFactory(username="dept", name="郑承办", role=Role.DEPARTMENT_HANDLER, organisation=department)


@pytest.fixture
def partner_contact(db):
    partner = OrganisationFactory(name="共建银行", kind=OrganisationKind.PARTNER, takes_cases=False)
    return UserFactory(username="partner", name="冯共建", role=Role.PARTNER_CONTACT, organisation=partner)


@pytest.fixture
def system_admin(db):
    return UserFactory(username="admin", name="陈管理", role=Role.SYSTEM_ADMIN)


@pytest.fixture
def client_for():
    """A signed-in test client of a person."""

    def build(user):
        client = Client()
        client.force_login(user, backend="accounts.backends.RoleBackend")
        return client

    return build
