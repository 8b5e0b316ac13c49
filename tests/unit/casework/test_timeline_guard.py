"""The database itself keeps the timeline: nobody edits, deletes or empties it."""

import pytest
from django.db import DatabaseError, connection, transaction

from casework.models import CaseEvent
from tests.factories.requests import report

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(micro_grid_worker, tree):
    return report(micro_grid_worker, tree["00500101"]).events.get()


def test_an_event_cannot_be_changed(event):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        CaseEvent.objects.filter(pk=event.pk).update(facts={"result": "forged"})
    assert "result" not in CaseEvent.objects.get(pk=event.pk).facts


def test_an_event_cannot_be_deleted(event):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        CaseEvent.objects.filter(pk=event.pk).delete()
    assert CaseEvent.objects.count() == 1


def test_the_timeline_cannot_be_emptied_at_once(event):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL weige.allow_truncate = 'off'")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute("TRUNCATE casework_caseevent CASCADE")
    assert CaseEvent.objects.count() == 1
