"""News of a step reach the watchers in whose scope the case lies, at the same price for few and for many."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.models import CasePerson, Reminder
from grids.choices import Duty
from tests.factories.accounts import UserFactory
from tests.factories.grids import AssignmentFactory
from tests.factories.requests import accept, report

pytestmark = pytest.mark.django_db


def watchers(ticket, area, number):
    people = [UserFactory() for _ in range(number)]
    for person in people:
        AssignmentFactory(user=person, area=area, duty=Duty.GRID_WORKER, is_deputy=True)
        CasePerson.objects.create(case=ticket, user=person, kind="watcher")
    return {person.pk for person in people}


def told(ticket):
    return set(Reminder.objects.filter(case=ticket, facts__verb="accept").values_list("recipient", flat=True))


def test_a_step_asks_as_often_for_3_watchers_as_for_30(tree, micro_grid_worker, grid_leader):
    queries = []
    for number in (1, 3, 30):  # the first one also reads what is kept for later
        ticket = report(micro_grid_worker, tree["00500101"])
        here, elsewhere = (watchers(ticket, tree[code], number) for code in ("005001", "006"))
        with CaptureQueriesContext(connection) as seen:
            accept(ticket, grid_leader)
        queries.append(len(seen))
        assert here <= told(ticket)
        assert not elsewhere & told(ticket)
    assert queries[1] == queries[2]


def test_news_of_a_secret_case_reach_the_watchers_who_may_see_it(tree, officer, secretary):
    ticket = report(officer, tree["00500101"], is_secret=True)
    watchers(ticket, tree["005001"], 2)
    CasePerson.objects.create(case=ticket, user=secretary, kind="watcher")
    accept(ticket, officer)
    assert told(ticket) == {secretary.pk}
